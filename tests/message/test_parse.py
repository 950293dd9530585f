"""Reading mail: our own corpus, the promises that hold for any bytes, and the limits."""

import json
import time
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from maild.message import mime
from maild.message.model import Message
from maild.message.parse import content, parse

CORPUS = Path(__file__).parent.parent / "corpus"
EXPECTED = sorted(CORPUS.glob("*.json"))


def reading(message: Message) -> dict[str, Any]:
    """A message in the words of the corpus."""
    return {
        "sender": list(message.sender),
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "message_id": message.message_id,
        "date": message.date and message.date.isoformat(),
        "in_reply_to": list(message.in_reply_to),
        "references": list(message.references),
        "content_type": message.content_type,
        "attachments": [[a.filename, a.content_type, a.size_bytes, a.inline] for a in message.attachments],
        "enclosed": [enclosed.content_type for enclosed in message.enclosed],
    }


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: path.stem)
def test_corpus_is_read_as_expected(expected: Path) -> None:
    want = json.loads(expected.read_text(encoding="utf-8"))
    raw = expected.with_suffix(".eml").read_bytes()
    message = parse(raw)
    got = reading(message)
    assert {key: got[key] for key in want if key in got} == {key: want[key] for key in want if key in got}
    assert set(want.get("defects", ())) <= set(message.defects)
    if want.get("defects") == []:
        assert message.defects == ()
    for index, octets in want.get("content", {}).items():
        assert content(raw, int(index)) == octets.encode()


def test_same_bytes_make_the_same_message() -> None:
    """Else a mail without Message-ID, delivered twice, would be two mails."""
    raw = b"Subject: no id\r\n\r\nx"
    assert parse(raw) == parse(raw)
    assert parse(raw).message_id != parse(raw + b"y").message_id


def test_head_over_its_limit_keeps_its_first_fields_and_the_text() -> None:
    raw = b"From: anna@customer.example\r\nSubject: s\r\n" + b"X-Pad: y\r\n" * 40_000 + b"\r\nbody\r\n"
    message = parse(raw)
    assert (message.sender.address, message.subject, message.text) == ("anna@customer.example", "s", "body\n")
    assert "head longer than 256 KiB" in message.defects


def nested(depth: int) -> bytes:
    heads = (b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (i, i) for i in range(depth))
    return b"From: anna@customer.example\r\nSubject: deep\r\n" + b"".join(heads) + b"\r\nx\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        nested(mime.DEEPEST + 2),
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * (mime.MOST_PARTS + 1),
    ],
    ids=["too deep", "too many"],
)
def test_mail_over_a_limit_is_filed_as_it_is(raw: bytes) -> None:
    """RFC 7103 section 1.3: never refused, never lost; the whole mail is its own attachment."""
    message = parse(raw)
    assert [a.content_type for a in message.attachments] == ["message/rfc822"]
    assert content(raw, 0) == raw
    assert message.text
    assert "multiparts more than" in message.defects[0] or "more than 5000 parts" in message.defects[0]


def test_deep_but_allowed_mail_is_read() -> None:
    assert parse(nested(mime.DEEPEST)).text == "x\n"


PIECES = st.sampled_from([
    b"\r\n", b"\n", b"\r", b" ", b"\t", b"--b", b"--", b"\r\n\r\n", b"From: ", b"Subject: ", b"To: a@b.example\r\n",
    b"Content-Type: multipart/mixed; boundary=b\r\n", b"Content-Type: text/html\r\n", b"Content-Type: ", b"; name=",
    b"Content-Type: message/rfc822\r\n", b"Content-Transfer-Encoding: base64\r\n", b"=?utf-8?Q?", b"=?x?B?", b"?=",
    b"Content-Disposition: attachment; filename*0*=", b"Content-Transfer-Encoding: quoted-printable\r\n", b"=0D=0A",
    b"\x1b$B", b"\xff\xfe", b"\xe2\x80\xae", b"\x00", b"charset=utf-16\r\n", b"charset=idna\r\n", b"begin 644 x\n",
    b"<div", b"<a href=http://x>", b"</p>", b"Date: ", b"Mon, 31 Feb 20260 99:99 +9999", b"Message-ID: ", b"..", b"/",
    b"\\", b'"', b"<", b">", b"end\n",
])  # fmt: skip
MAILS = st.one_of(
    st.binary(max_size=400), st.lists(st.one_of(PIECES, st.binary(max_size=8)), max_size=40).map(b"".join)
)


@given(MAILS)
@example(b"\r\r\n")
@settings(max_examples=400, deadline=None)
def test_any_bytes_are_a_message(raw: bytes) -> None:
    """Invariant 4: parsing never fails, nor does a surprise hide behind the last resort."""
    message = parse(raw)
    assert not any(defect.startswith("not understood") for defect in message.defects)
    assert message.message_id.startswith("<")
    assert message.message_id.endswith(">")
    assert message.size_bytes == len(raw)
    if raw.strip():
        assert message.text or message.html or message.attachments or message.subject or message.headers
    for attachment in message.attachments:
        assert len(content(raw, attachment.index)) == attachment.size_bytes


def one_line(value: str) -> bool:
    return not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in value)


@given(MAILS)
@settings(max_examples=300, deadline=None)
def test_nothing_that_goes_into_a_header_or_a_path_has_control_characters(raw: bytes) -> None:
    message = parse(raw)
    for address in (message.sender, *message.to, *message.cc, *message.reply_to):
        assert one_line(address.name)
        assert one_line(address.address)
    assert one_line(message.subject)
    assert all(one_line(value) for _, value in message.headers)
    assert all(one_line(value) for value in (message.message_id, *message.in_reply_to, *message.references))
    assert "\x00" not in message.text + message.html
    message.text.encode("utf-8")
    for attachment in message.attachments:
        name = attachment.filename
        assert name
        assert one_line(name)
        assert not name.startswith(".")
        assert "/" not in name
        assert "\\" not in name
        assert len(name.encode()) <= 240
    assert len({a.filename.casefold() for a in message.attachments}) == len(message.attachments)


@pytest.mark.parametrize(
    "raw",
    [
        b"From " + b"x" * 60_000,  # an mbox's separator that never ends
        b"From 10:0" * 10_000,
        b"\t" * 60_000,
        b"Subject: " + b"=?utf-8?q?" * 10_000,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b " * 20_000,
    ],
    ids=["separator", "times", "blanks", "words", "boundaries"],
)
def test_hostile_heads_take_linear_time(raw: bytes) -> None:
    start = time.process_time()
    parse(raw)
    assert time.process_time() - start < 2


@pytest.mark.parametrize("body", [b"QQ" + b"= " * 500_000 + b"-", b"A=" * 500_000, b"QQ==A" + b"\n" * 1_000_000 + b"-"])
def test_hostile_base64_takes_linear_time(body: bytes) -> None:
    start = time.process_time()
    parse(b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" + body)
    assert time.process_time() - start < 2


def test_the_separator_of_an_mbox_is_no_part_of_the_mail() -> None:
    mail = b"From: Anna <anna@customer.example>\nSubject: Hello\n\nText\n"
    for separator in (b"From anna Mon Nov 23 10:00:00 2026\n", b">From anna\n", b"\n\nFrom anna at 10:00\n"):
        assert parse(separator + mail).subject == "Hello"


def test_boundary_keeps_its_apostrophes() -> None:
    raw = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary='b'\r\n\r\n--'b'\r\n\r\nHello\r\n--'b'--\r\n"
    assert (parse(raw).text, parse(raw).defects[2:]) == ("Hello", ())
