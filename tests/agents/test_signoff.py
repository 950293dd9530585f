"""An agent's signature that nothing marks: cut when it recurs, and never more than that."""

from hypothesis import given
from hypothesis import strategies as st

from maild.agents import signoff

SIGNATURE = "Best regards,\nAnna Ozola\nExample Ltd., Brivibas 1\n+371 20000000"
NAME = "Anna Ozola"


def ends(*texts: str) -> list[tuple[str, ...]]:
    return [signoff.of(text) for text in texts]


THREE = ends(*(f"Text {n}.\n\n{SIGNATURE}" for n in range(3)))


def test_what_ended_three_of_the_last_five_mails_is_cut() -> None:
    parted = signoff.part(f"It is on its way.\n\n{SIGNATURE}\n", NAME, [*THREE, *ends("Yes.", "No.")])
    assert parted.text == "It is on its way."
    assert parted.ending == SIGNATURE
    assert parted.seen == 3


def test_twice_is_chance() -> None:
    text = f"It is on its way.\n\n{SIGNATURE}"
    assert signoff.part(text, NAME, [*THREE[:2], *ends("Yes.", "No.")]).text == text


def test_what_was_said_long_ago_counts_no_more() -> None:
    text = f"It is on its way.\n\n{SIGNATURE}"
    assert signoff.part(text, NAME, [*THREE, *ends("Yes.", "No.", "Well.")]).text == text


def test_a_signature_that_begins_with_his_name() -> None:
    signature = "Anna Ozola | Example Ltd.\nwww.example.com\n\nThis mail is confidential. Delete it if it is not yours."
    parted = signoff.part(f"Yes.\n\n{signature}", NAME, ends(*(f"Text {n}.\n{signature}" for n in range(3))))
    assert parted.text == "Yes."
    assert "confidential" in parted.ending


def test_one_answer_sent_to_many_customers_loses_its_signature_alone() -> None:
    """Only the greeting differs: the body recurs as the signature does, and is what he has to say."""
    canned = f"your parcel left today.\nIt takes two days.\n\n{SIGNATURE}"
    parted = signoff.part(f"Dear Ms Zile,\n{canned}", NAME, ends(*(f"Dear Mr {n},\n{canned}" for n in range(5))))
    assert parted.text == "Dear Ms Zile,\nyour parcel left today.\nIt takes two days."


def test_one_answer_without_a_signature_is_left_alone() -> None:
    canned = "your parcel left today.\nIt takes two days."
    text = f"Dear Ms Zile,\n{canned}"
    assert signoff.part(text, NAME, ends(*(f"Dear Mr {n},\n{canned}" for n in range(5)))).text == text


def test_a_mail_that_is_only_a_signature_is_left_alone() -> None:
    assert signoff.part(SIGNATURE, NAME, THREE).text == SIGNATURE


def test_a_sentence_that_begins_with_his_first_name_is_no_signature() -> None:
    text = "Yes.\nAnna comes tomorrow."
    assert signoff.part(text, NAME, ends(*(f"Text {n}.\nAnna comes tomorrow." for n in range(5)))).text == text


def test_a_new_line_below_the_signature_is_kept_with_all_above_it() -> None:
    text = f"Yes.\n\n{SIGNATURE}\nPS: It is blue."
    assert signoff.part(text, NAME, THREE).text == text


_LINES = st.lists(st.sampled_from(["Yes.", "Best regards,", NAME, "+371 20000000", "--", "", "Anna", "x"]), max_size=8)


@given(_LINES, st.lists(_LINES, max_size=6))
def test_what_is_cut_has_been_seen_before_identically_and_something_is_left(
    lines: list[str], earlier: list[list[str]]
) -> None:
    text = "\n".join(lines)
    parted = signoff.part(text, NAME, ends(*("\n".join(one) for one in earlier)))
    if not parted.ending:
        assert parted.text == text
        return
    cut = [line for line in parted.ending.splitlines() if line.strip()]
    ended = [[line for line in one if line.strip()][-len(cut) :] for one in earlier[-signoff.KEPT :]]
    assert ended.count(cut) == parted.seen >= signoff.RECURS
    assert parted.text.strip()
    assert f"{parted.text}\n{parted.ending}".split() == text.split()
