"""What must not leave with an agent's words, and what may."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.agents import guard
from maild.agents.guard import Passage
from maild.message.model import Cut
from tests.rules.making import DESK, facts, ticket

TICKET = ticket()
SECRET = "A note\nHe never pays.\nThe director is a friend of our competitor."


def why(text: str, *notes: str) -> list[str]:
    return [one.why for one in guard.passages(text, TICKET, DESK, notes)]


@pytest.mark.parametrize("before", ["", "Write to: ", "-", "...", "_", "+", "'", "<"])
def test_no_agents_address_leaves_whatever_stands_before_it(before: str) -> None:
    """Not his own either, where a sign before it kept it from being masked."""
    assert why(f"{before}janis@agents.example") == ["an agent's address"]
    assert why(f"k{before}a.janis@agents.example") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4111 1111 1111 1111", True),
        ("4111-1111-1111-1111", True),
        ("378282246310005", True),
        ("4111 1111 1111 1112", False),  # no number of a card ends so
        ("0000 0000 0000 0000", False),
        ("+371 20 000 000", False),
        ("12.4111111111111111", False),
    ],
)
def test_a_number_is_a_cards_where_its_last_digit_says_so(text: str, found: bool) -> None:
    assert why(f"Order {text}.") == ["a card number"] * found


@pytest.mark.parametrize(
    ("prefix", "rest"),
    [
        ("-----BEGIN ", "PRIVATE KEY-----"),
        ("-----BEGIN EC ", "PRIVATE KEY-----"),
        ("AKIA", "A" * 16),
        *((f"gh{kind}_", "a" * 36) for kind in "pousr"),
        *((f"xox{kind}-", "1" * 10) for kind in "abp"),
        ("sk_live_", "a" * 16),
        ("glpat-", "a" * 20),
    ],
)
def test_a_secret_key_of_any_maker_is_one(prefix: str, rest: str) -> None:
    assert why(f"Use {prefix}{rest} for it.") == ["a secret key"]
    assert why(f"Use {prefix} for it.") == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("> he never  pays", True),  # a whole line, however short and however it is written
        ("He never pays, they say.", False),  # words that anybody may use
        ("The director is a friend", True),  # a part that two lines do not share by chance
        ("You know that the director is a friend of our competitor.", True),
        ("is a friend of", False),
        ("a note", False),
        ("...", False),
    ],
)
def test_a_line_of_a_note_is_known_again_whole_or_by_a_long_part(line: str, found: bool) -> None:
    assert why(f"Good day!\n{line}", SECRET) == ["a line of a note or of a field"] * found


@pytest.mark.parametrize(
    ("cut", "html", "found"),
    [
        (Cut("Yes.", "", "nothing quoted", 1.0), "", False),
        (Cut("Yes.", "", "a guess", 0.4), "", True),
        (Cut("Yes.", "", "a guess", guard.SURE), "", False),
        (Cut("Yes.", "> Well?", "a guess", 0.4), "", False),  # what was quoted is cut off
        (Cut("Yes.", "", "nothing quoted", 1.0), "<p>Yes.</p>", False),
        (Cut("Yes.", "", "nothing quoted", 1.0), f"<p>Yes. {'word ' * 39}</p>", False),
        (Cut("Yes.", "", "nothing quoted", 1.0), f"<p>Yes. {'word ' * 42}</p>", True),
    ],
)
def test_what_may_not_be_new_words_alone_is_asked_about(cut: Cut, html: str, found: bool) -> None:
    message = replace(facts(text="Yes.").message, html=html)
    assert bool(guard.uncut(message, cut, "Yes.")) is found


@given(st.text("ab >", max_size=20), st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=5))
def test_marks_take_nothing_out_of_a_text_whatever_overlaps(text: str, spans: list[tuple[int, int]]) -> None:
    found = sorted(Passage(min(one), max(one), "a test says so") for one in spans if max(one) <= len(text))
    marked = guard.marked(text.replace(">", "x"), found)
    assert marked.replace(">>>", "").replace("<<<", "") == text.replace(">", "x")
