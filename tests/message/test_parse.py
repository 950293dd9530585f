"""Reading mail: our own corpus, the promises that hold for any bytes, and the limits."""

import json
import time
import unicodedata
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.message import dates, mime
from maild.message.model import NOBODY, Message
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


def test_date_keeps_its_offset_and_arrival_is_the_topmost_received() -> None:
    raw = (
        b"Received: from a by b; Mon, 23 Nov 2026 11:00:00 +0200\r\n"
        b"Received: from c by d; Mon, 23 Nov 2026 09:00:00 +0000\r\n"
        b"Date: Mon, 23 Nov 2026 10:00:00 +0200\r\n\r\n"
    )
    message = parse(raw)
    assert message.date is not None
    assert message.date.isoformat() == "2026-11-23T10:00:00+02:00"
    assert message.arrived is not None
    assert message.arrived.isoformat() == "2026-11-23T11:00:00+02:00"


def test_content_of_an_attachment_that_is_not_there_says_so() -> None:
    with pytest.raises(IndexError):
        content(b"Subject: x\r\n\r\ny", 0)


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


def test_nobody_is_the_sender_of_an_empty_mail() -> None:
    message = parse(b"")
    assert (message.sender, message.text) == (NOBODY, "")


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


def test_the_separator_of_an_mbox_is_no_part_of_the_mail() -> None:
    mail = b"From: Anna <anna@customer.example>\nSubject: Hello\n\nText\n"
    for separator in (b"From anna Mon Nov 23 10:00:00 2026\n", b">From anna\n", b"\n\nFrom anna at 10:00\n"):
        assert parse(separator + mail).subject == "Hello"


@given(st.datetimes(datetime(1970, 1, 3), datetime(9990, 1, 1)), st.integers(-14 * 4, 14 * 4), st.booleans())  # noqa: DTZ001
def test_a_date_as_the_standard_writes_it_is_the_same_instant_by_the_short_way(
    local: datetime, quarters: int, named: bool
) -> None:
    zone = timezone(timedelta(minutes=15 * quarters))
    moment = local.replace(microsecond=0, tzinfo=zone)
    written = format_datetime(moment) + (" (EET)" if named else "")
    found = dates.plain(written)
    assert found == moment == dates.lenient(written)
    assert found.utcoffset() == zone.utcoffset(None)


HEAD = b"From: Anna <anna@x.example>\r\nMIME-Version: 1.0\r\n"


def attached(*fields: bytes) -> str:
    head = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b\r\n"
    (only,) = parse(HEAD + head + b"\r\n".join(fields) + b"\r\n\r\nabc\r\n--b--\r\n").attachments
    return only.filename


def test_enclosed_mail_without_a_name_is_called_by_its_subject() -> None:
    def enclosed(inner: bytes) -> str:
        head = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        return parse(HEAD + head + inner + b"\r\n--b--\r\n").attachments[0].filename

    assert enclosed(b"Subject: =?utf-8?q?R=C4=93=C4=B7ins?= 3/4: now!\r\n\r\nhi") == "Rēķins 3-4_ now!.eml"
    assert enclosed(b"From: a@x.example\r\n\r\nhi") == "message.eml"


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        (b"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "attachment.docx"),
        (b"application/vnd.ms-excel", "attachment.xls"),
        (b"application/vnd.etsi.asic-e+zip", "attachment.asice"),
        (b"image/heic", "image.heic"),
        (b"image/jpg", "image.jpg"),
        (b"audio/amr", "audio.amr"),
        (b"video/quicktime", "video.mov"),
        (b"application/octet-stream", "attachment.bin"),
    ],
)
def test_file_without_a_name_has_the_suffix_of_its_type(content_type: bytes, name: str) -> None:
    assert attached(b"Content-Type: " + content_type, b"Content-Disposition: attachment") == name


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (b"Content-Location: invoice 17.pdf", "invoice 17.pdf"),
        (b"Content-Description: invoice.pdf", "invoice.pdf"),
        (b"Content-Description: An invoice, please pay", "attachment.pdf"),
        (b"Content-Location: https://x.example/invoice.pdf", "attachment.pdf"),
        (b"Content-Disposition: attachment; filename=\"UTF-8''r%C4%93%C4%B7ins.pdf\"", "rēķins.pdf"),
        (b'Content-Disposition: attachment; filename="100% sure.pdf"', "100% sure.pdf"),
    ],
)
def test_a_name_is_found_where_some_programs_write_it(field: bytes, name: str) -> None:
    assert attached(b"Content-Type: application/pdf", field) == name


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("iso-8859-1", "cp1251", "Здравствуйте, принтер сломан и не печатает"),
        ("iso-8859-1", "gb18030", "您好，我们的打印机坏了，请你来看一下，谢谢"),
        ("iso-8859-1", "cp1251", "Здравствуйте"),
        ("utf-16", "utf-8", "Sveiki, drukātava nedarbojas."),
        ("utf-16", "utf-16", "Sveiki, drukātava"),
        ("utf-16-be", "utf-16-be", "子个为为有大电收来"),
        ("utf-16-le", "utf-16-le", "けこけつしたはひ"),
        ("iso-8859-1", "cp932", "プリンターが動きません。"),
        ("us-ascii", "cp932", "ピーター・ジョーンズ (Riga)"),
        ("iso-8859-1", "cp1252", "ÄÖÜ: Größe, façade, crème brûlée, ÅÄÖ"),
        ("iso-8859-1", "cp1252", "ÄäÖöÜü" * 5),
        ("utf-8", "cp1252", "crème brûlée, déjà vu"),
        ("utf-8", "cp1250", "žluťoučký kůň pěl ďábelské ódy"),
    ],
)
def test_text_with_a_wrong_label_is_read(label: str, codec: str, text: str) -> None:
    head = f"Content-Type: text/plain; charset={label}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    assert parse(HEAD + head.encode() + text.encode(codec)).text.strip() == text


def test_page_that_claims_to_be_plain_text_is_read_and_a_question_about_html_is_kept() -> None:
    page = b"<!DOCTYPE html>\r\n<html><head><title>x</title></head><body><p>It works.</p></body></html>\r\n"
    assert parse(HEAD + b"Content-Type: text/plain\r\n\r\n" + page).text == "It works.\n"
    question = b"<html> is what I see. Why?\r\n"
    assert parse(HEAD + b"Content-Type: text/plain\r\n\r\n" + question).text == "<html> is what I see. Why?\n"


def test_bracket_that_was_forgotten_is_closed() -> None:
    assert parse(b"From: Anna Ozola <anna@x.example\r\n\r\nhi").sender == ("Anna Ozola", "anna@x.example")
    assert parse(b"From: Anna <anna@x.example <bob@y.example\r\n\r\nhi").sender == NOBODY


@pytest.mark.parametrize(
    ("head", "sender"),
    [
        (b"From: =?utf-8?Q?J=C4=81nis_<j=40customer.example>?=\r\n", ("Jānis", "j@customer.example")),
        (b"From: Anna <<anna@customer.example>>\r\n", ("Anna", "anna@customer.example")),
        (b"From: Anna <anna@customer.example>\r\n" * 2, ("Anna", "anna@customer.example")),
        (b"From: Anna <anna@customer.example>\r\nFrom: Eve <eve@x.example>\r\n", NOBODY),
        (b"From: Anna <anna@x.example>, Ozola <Anna@x.example>\r\n", ("Anna", "anna@x.example")),
        (b"From: Anna O&#039;Hara &amp; Co <anna@x.example>\r\n", ("Anna O'Hara & Co", "anna@x.example")),
    ],
    ids=["all in one encoded word", "brackets twice", "the same twice", "two", "the same in one field", "a web form"],
)
def test_writer_is_found_where_there_is_no_doubt_who_is_meant(head: bytes, sender: tuple[str, str]) -> None:
    assert parse(head + b"Subject: s\r\n\r\nx").sender == sender


@pytest.mark.parametrize(
    "named",
    [b"filename='r\xc4\x93\xc4\xb7.pdf'", b"filename=r%C4%93%C4%B7.pdf", b'filename="r%c4%93%c4%b7.pdf"'],
)
def test_name_of_a_file_is_read_as_careless_programs_mean_it(named: bytes) -> None:
    raw = b"From: a@b.example\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; " + named
    assert [one.filename for one in parse(raw + b"\r\n\r\n%PDF").attachments] == ["rēķ.pdf"]


def test_boundary_keeps_its_apostrophes() -> None:
    raw = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary='b'\r\n\r\n--'b'\r\n\r\nHello\r\n--'b'--\r\n"
    assert (parse(raw).text, parse(raw).defects[2:]) == ("Hello", ())


def test_what_only_a_macintosh_understands_is_no_file() -> None:
    inner = b"--c\r\nContent-Type: application/applefile; name=a.pdf\r\n\r\n\0\5\r\n"
    inner += b"--c\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF\r\n--c--\r\n"
    raw = b"From: a@b.example\r\nContent-Type: multipart/appledouble; boundary=c\r\n\r\n" + inner
    assert [(one.filename, one.content_type) for one in parse(raw).attachments] == [("a.pdf", "application/pdf")]


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00+00:00"),
        ("2026-11-23 10:00:00+02:00", "2026-11-23T10:00:00+02:00"),
        ("2026-11-23 10:00", "2026-11-23T10:00:00+00:00"),
        ("2026-11-99 10:00", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_date_may_be_written_as_scripts_do(value: str, date: str | None) -> None:
    found = parse(f"From: a@b.example\r\nDate: {value}\r\n\r\nx".encode()).date
    assert (found and found.isoformat()) == date
