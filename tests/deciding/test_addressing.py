"""What a mail is known again by."""

import pytest

from maild.deciding.addressing import content_hash
from maild.message import parse

MAIL = (
    b"From: anna@customer.example\r\nSubject: Lamp\r\nMessage-ID: <q1@customer.example>\r\n\r\n"
    b"It is dark.\r\n\r\nAnna\r\n"
)


@pytest.mark.parametrize(
    "copy",
    [
        b"Received: from mx.example by mail.example; Mon, 23 Nov 2026 10:00:00 +0000\r\n" + MAIL,
        MAIL + b"\r\n",
        MAIL.replace(b"\r\n", b"\n") + b"\n\n",
        MAIL.removesuffix(b"\r\n"),
    ],
    ids=["by another way", "an empty line more", "from an mbox", "without its last line end"],
)
def test_a_copy_that_came_by_another_way_is_the_same_mail(copy: bytes) -> None:
    assert content_hash(parse.parse(copy)) == content_hash(parse.parse(MAIL))


@pytest.mark.parametrize("other", [MAIL.replace(b"dark", b"bright"), MAIL.replace(b"Lamp", b"Bulb")])
def test_a_program_that_uses_its_message_id_again_sends_another_mail(other: bytes) -> None:
    assert content_hash(parse.parse(other)) != content_hash(parse.parse(MAIL))
