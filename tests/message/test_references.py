"""Which mails a mail names."""

import pytest

from maild.message.model import NOBODY, Message
from maild.message.references import MOST, candidates, ids


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<a@x> <b@x>", ("<a@x>", "<b@x>")),
        ("<a@x><b@x>", ("<a@x>", "<b@x>")),
        ("<a@x>,\r\n <b@x>", ("<a@x>", "<b@x>")),
        ("<a@\r\n x>", ("<a@x>",)),
        ("<a@x> <a@x>", ("<a@x>",)),
        ('Your message of "Mon, 23 Nov 2026" <a@x>', ("<a@x>",)),
        ("anna@customer.example's message <a@x>", ("<a@x>",)),
        ("a@x b@x", ("<a@x>", "<b@x>")),
        ("<no-at-sign>", ("<no-at-sign>",)),
        ("<>", ()),
        ("nothing here", ()),
        ("<a@x\x00>", ("<a@x>",)),
    ],
)
def test_ids_are_read(value: str, expected: tuple[str, ...]) -> None:
    assert ids(value) == expected


def test_too_many_ids_keep_the_root_and_the_last() -> None:
    """The first one of ours names the ticket, the last ones its newest mails."""
    found = ids(" ".join(f"<{number}@x>" for number in range(1000)))
    assert (len(found), found[0], found[-1]) == (MOST, "<0@x>", "<999@x>")


def test_nearest_mail_is_the_first_candidate() -> None:
    message = Message("<m@x>", NOBODY, "", "", "", in_reply_to=("<c@x>",), references=("<a@x>", "<b@x>", "<c@x>"))
    assert candidates(message) == ("<c@x>", "<b@x>", "<a@x>")


def test_candidates_are_capped_and_keep_the_root() -> None:
    references = tuple(f"<{number}@x>" for number in range(2 * MOST))
    found = candidates(Message("<m@x>", NOBODY, "", "", "", references=references))
    assert (len(found), found[0], found[-1]) == (MOST, references[-1], references[0])
