"""What only some programs open – winmail.dat, S/MIME, PGP – and what agents see of it."""

import base64
import struct
import time
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.message import cms, rtf, tnef
from maild.message.model import WHOLE as WHOLE_MAIL
from maild.message.model import Message
from maild.message.parse import content, contents, parse

HEAD = b"From: Anna <anna@customer.example>\r\nSubject: Invoice\r\nMessage-ID: <w1@customer.example>\r\n"
DATE = b"Date: Mon, 23 Nov 2026 10:00:00 +0200\r\nMIME-Version: 1.0\r\n"


# winmail.dat, written as Outlook writes it


def attribute(level: int, name: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, name, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def binary(name: int, data: bytes, kind: int = 0x102) -> bytes:
    return struct.pack("<HHII", kind, name, 1, len(data)) + data + b"\0" * (-len(data) % 4)


def wide(name: int, text: str) -> bytes:
    return binary(name, f"{text}\0".encode("utf-16-le"), 0x1F)


def properties(*given: bytes) -> bytes:
    return struct.pack("<I", len(given)) + b"".join(given)


def stream(*attributes: bytes) -> bytes:
    return tnef.SIGNATURE + b"\x01\x00" + b"".join(attributes)


def message(*given: bytes) -> bytes:
    return attribute(1, 0x00069003, properties(*given))


def file(name: str, data: bytes, *given: bytes) -> bytes:
    title = attribute(2, 0x00018010, b"SHORT~1.PDF\0")
    told = attribute(2, 0x00069005, properties(wide(0x3707, name), *given))
    return attribute(2, 0x00069002, b"\0" * 14) + title + attribute(2, 0x0006800F, data) + told


NUMBER = struct.pack("<HHI", 3, 0x0E07, 1)
NAMED = (
    struct.pack("<HH16sII", 0x1F, 0x8001, b"g" * 16, 1, 6) + b"a\0b\0\0\0\0\0" + struct.pack("<II", 1, 4) + b"x\0\0\0"
)
MANY = (
    struct.pack("<HHIII", 0x101F, 0x6001, 2, 4, 4)[:8]
    + struct.pack("<I", 4)
    + b"a\0\0\0"
    + struct.pack("<I", 4)
    + b"b\0\0\0"
)


def mail(octets: bytes, text: bytes = b"", content_type: bytes = b"application/ms-tnef") -> bytes:
    parts = b"--b\r\nContent-Type: text/plain\r\n\r\n" + text + b"\r\n" if text else b""
    wrapped_up = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    parts += b'--b\r\nContent-Type: %s; name="winmail.dat"\r\n' % content_type
    parts += b"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n" + wrapped_up
    return HEAD + DATE + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts + b"--b--\r\n"


def files(read: Message) -> list[tuple[str, str]]:
    return [(one.filename, one.content_type) for one in read.attachments]


@pytest.mark.parametrize(
    "content_type", [b"application/ms-tnef", b"application/vnd.ms-tnef", b"application/octet-stream"]
)
def test_files_of_a_winmail_dat_are_attachments_of_the_mail(content_type: bytes) -> None:
    """An agent without Outlook could open nothing of them."""
    octets = stream(message(NUMBER, NAMED, MANY), file("Rēķins 7.pdf", b"%PDF-7"), file("lapa.dat", b"\x01\x02"))
    raw = mail(octets, b"See attached", content_type)
    read = parse(raw)
    assert read.text.strip() == "See attached"
    assert files(read) == [("Rēķins 7.pdf", "application/pdf"), ("lapa.dat", "application/octet-stream")]
    assert [content(raw, index) for index in (0, 1)] == [b"%PDF-7", b"\x01\x02"]
    assert read.size_bytes == len(raw)


def test_text_of_a_winmail_dat_is_the_mails_where_it_has_no_other() -> None:
    read = parse(mail(stream(message(wide(0x1000, "Labdien,\r\n\r\nkur ir mana prece?")))))
    assert read.text.strip() == "Labdien,\n\nkur ir mana prece?"
    assert read.attachments == ()


def test_text_of_a_winmail_dat_is_not_said_twice() -> None:
    read = parse(mail(stream(message(wide(0x1000, "Hello from Outlook")), file("a.txt", b"a")), b"Hello"))
    assert read.text.strip() == "Hello"
    assert files(read) == [("a.txt", "text/plain")]


@pytest.mark.parametrize("key", [b"<another@stranger.example>\0", b""])
@pytest.mark.parametrize("empty", [b"\r\n", b" \r\n\r\n"])
def test_winmail_dat_of_another_mail_is_an_attached_mail(key: bytes, empty: bytes) -> None:
    """Who attaches one that he was sent, and writes nothing, says nothing: an agent's customer would read its words."""
    told = [wide(0x0037, "Offer"), wide(0x1000, "Pay at once")] + ([binary(0x007F, key)] if key else [])
    raw = mail(stream(message(*told), file("lamp.jpg", b"JPG")), empty)
    assert (parse(raw).text.strip(), files(parse(raw))) == ("", [("Offer.eml", "message/rfc822")])
    within = parse(content(raw, 0))
    assert (within.text.strip(), files(within)) == ("Pay at once", [("lamp.jpg", "image/jpeg")])


@pytest.mark.parametrize("field", [b"", b"X-MS-TNEF-Correlator: <before@customer.example>\r\n"])
def test_winmail_dat_that_names_its_mail_is_its_text(field: bytes) -> None:
    """MS-OXTNEF section 2.1.3.1.1; a server between may have given the mail another Message-ID."""
    key = b"<before@customer.example>\0" if field else b"<w1@customer.example>\0"
    octets = stream(message(binary(0x007F, key), wide(0x1000, "From Outlook")))
    assert parse(field + mail(octets, b"\r\n")).text.strip() == "From Outlook"


def test_html_of_a_winmail_dat_is_the_mails() -> None:
    html = "<html><body><p>Cik maksā <b>ātrā</b> piegāde?</p></body></html>".encode("cp1257")
    page = struct.pack("<HHI", 3, 0x3FDE, 1257)
    read = parse(mail(stream(message(page, binary(0x1013, html)))))
    assert "Cik maksā" in read.text
    assert "<b>ātrā</b>" in read.html


def test_picture_of_a_winmail_dat_stands_where_its_html_shows_it() -> None:
    html = b'<html><body>See <img src="cid:one@x"></body></html>'
    picture = file("image001.png", b"\x89PNG", wide(0x3712, "one@x"), wide(0x370E, "image/png"))
    (one,) = parse(mail(stream(message(binary(0x1013, html)), picture))).attachments
    assert (one.filename, one.content_type, one.content_id, one.inline) == ("image001.png", "image/png", "one@x", True)


def test_mail_in_a_winmail_dat_is_an_attached_mail() -> None:
    inner = stream(message(wide(0x0037, "Old order"), wide(0x1000, "Two lamps")), file("lamp.jpg", b"JPG"))
    attached = file("Old order", b"", binary(0x3701, b"i" * 16 + inner, 0x0D))
    raw = mail(stream(attached), b"See below")
    assert files(parse(raw)) == [("Old order.eml", "message/rfc822")]
    within = parse(content(raw, 0))
    assert (within.subject, within.text.strip()) == ("Old order", "Two lamps")
    assert files(within) == [("lamp.jpg", "image/jpeg")]


def test_winmail_dat_may_be_the_whole_mail() -> None:
    octets = stream(message(wide(0x1000, "All in one")), file("a.pdf", b"%PDF"))
    read = parse(HEAD + b"Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: binary\r\n\r\n" + octets)
    assert (read.subject, read.text.strip(), files(read)) == ("Invoice", "All in one", [("a.pdf", "application/pdf")])


def test_winmail_dat_that_cannot_be_read_stays_an_attachment() -> None:
    assert files(parse(mail(stream()[:9], b"text"))) == [("winmail.dat", "application/ms-tnef")]


def test_empty_file_is_told() -> None:
    assert files(parse(mail(stream(file("a.txt", b"")), b"text"))) == [("a.txt", "text/plain")]


def test_type_that_a_winmail_dat_claims_cannot_write_fields() -> None:
    claimed = wide(0x370E, "text/html\r\nX-Evil: 1")
    (one,) = parse(mail(stream(file('a".pdf\r\nX: y', b"x", claimed)), b"text")).attachments
    assert "\n" not in one.filename
    assert one.content_type == "application/octet-stream"


WHOLE = stream(
    message(
        NUMBER,
        NAMED,
        MANY,
        wide(0x1000, "text"),
        binary(0x1009, struct.pack("<II4sI", 40, 40, b"LZFu", 0) + b"\x0c{\\rtf1\x01\x10abc" * 3),
    ),
    file("a.pdf", b"%PDF"),
    file("m", b"", binary(0x3701, b"i" * 16 + stream(file("b", b"b")), 0x0D)),
)


def test_broken_winmail_dat_is_read_as_far_as_it_goes() -> None:
    for cut in range(len(WHOLE)):
        assert not any("not understood" in defect for defect in parse(mail(WHOLE[:cut])).defects)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_winmail_dat_raises(data: st.DataObject) -> None:
    octets = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 20))):
        octets[data.draw(st.integers(6, len(octets) - 1))] = data.draw(
            st.sampled_from([0, 1, 2, 4, 0x0D, 0x7F, 0x80, 0xFF])
        )
    assert not any("not understood" in defect for defect in parse(mail(bytes(octets))).defects)


def test_mails_within_mails_end() -> None:
    octets = stream(file("end", b"x"))
    for _ in range(60):
        octets = stream(file("m", b"", binary(0x3701, b"i" * 16 + octets, 0x0D)))
    assert len(parse(mail(octets, b"deep")).attachments) == 1


# Rich text


def compressed(text: bytes) -> bytes:
    """As it is compressed by who does not bother: letters alone, and one reference that repeats itself."""
    packed = b"".join(b"\0" + text[start : start + 8] for start in range(0, len(text), 8))
    return struct.pack("<II4sI", len(packed) + 12, len(text), b"LZFu", 0) + packed


def test_compressed_text_is_expanded() -> None:
    """The examples of MS-OXRTFCP section 3.2."""
    simple = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert rtf.expand(simple) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    crossing = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert rtf.expand(crossing) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


def test_rich_text_alone_is_the_text() -> None:
    text = (
        rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}{\f1\fswiss\fcharset186 Arial;}}"
        rb"{\colortbl;\red0\green0\blue0;}{\*\generator Riched20;}\f1 R\'e7ta\par \f0 \u8364\'80 5\par"
        rb"\u55357?\u56832? {\b bold}\par}"
    )
    read = parse(mail(stream(message(binary(0x1009, compressed(text))))))
    assert read.text.strip().split("\n") == ["Rēta", "€ 5", "😀 bold"]


def test_html_within_rich_text_is_the_mails_html() -> None:
    text = (
        rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}}"
        rb"{\*\htmltag19 <html>}{\*\htmltag64 <p>}\htmlrtf \par {\htmlrtf0 Caf\'e9 {\*\htmltag84 <b>}"
        rb"\htmlrtf {\b\htmlrtf0 now{\*\htmltag92 </b>}\htmlrtf }\htmlrtf0 \htmlrtf }\htmlrtf0{\*\htmltag72 </p>}"
        rb"{\*\mhtmltag84 <x>}{\*\htmltag27 </html>}}"
    )
    assert rtf.read(text).html == "<html><p>Café <b>now</b></p></html>"
    assert parse(mail(stream(message(binary(0x1009, compressed(text)))))).text.strip() == "Café now"


@pytest.mark.parametrize(
    "text",
    [
        b"{" * 1_000_000,
        b"\\a" * 1_000_000,
        b"\\'41" * 500_000,
        b"\\uc16\\u1 " * 200_000,
        b"\\ansicpg932" + b"\\'81\\'ff\\par " * 200_000,
    ],
    ids=["braces", "words", "codes", "skips", "half letters"],
)
def test_hostile_rich_text_costs_little(text: bytes) -> None:
    start = time.process_time()
    rtf.read(b"{\\rtf1" + text)
    assert time.process_time() - start < 5


def test_signature_that_nests_without_end_is_none() -> None:
    begun = b"\x30\x80\x06\x09" + cms.SIGNED + b"\xa0\x80\x30\x80\x02\x01\x01"
    assert cms.read(begun + b"\x31\x80" * 100_000).holds is cms.Holds.OTHER


def test_signature_that_holds_itself_is_none() -> None:
    """A piece without a length would end before it begins, and all would be read again and again."""
    begun = (
        b"\x30\x80\x06\x09" + cms.SIGNED + b"\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80\x06\x01\x01\xa0\x80\x24\x80"
    )
    filled = begun + ber(0x04, b"x" * (49 - len(begun) - 5))
    assert cms.read(filled + b"\x04\x80" + b"z" * 1000 + b"\x04") == cms.Content(cms.Holds.OTHER)


def test_hostile_signature_costs_little() -> None:
    start = time.process_time()
    begun = b"\x30\x80\x06\x09" + cms.SIGNED + b"\xa0\x80\x30\x80\x02\x01\x01\x31\x80"
    assert cms.read(begun + b"\x05\x00" * 5_000_000).holds is cms.Holds.OTHER
    assert time.process_time() - start < 2


def test_values_without_size_cost_nothing() -> None:
    none_of_many = struct.pack("<HHI", 0x1001, 0x6001, 50_000)
    start = time.process_time()
    assert tnef.read(stream(message(*[none_of_many] * 2000, b"\0" * 200_000)))
    assert time.process_time() - start < 2


def test_mail_in_a_winmail_dat_costs_what_it_weighs() -> None:
    """Layers that are each encoded anew, or copied, would make a multiple of it."""
    octets = stream(message(wide(0x37, "Inner")), file("a.bin", b"z" * 2_000_000))
    for _ in range(tnef.DEEPEST):
        inner = properties(binary(0x3701, b"i" * 16 + octets, 0x0D))
        octets = stream(message(), attribute(2, 0x00069002, b"") + attribute(2, 0x00069005, inner))
    raw = mail(octets)
    tracemalloc.start()
    (one,) = parse(raw).attachments
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert one.size_bytes < 1.1 * len(raw)
    assert peak < 8 * len(raw)


def test_many_files_of_a_winmail_dat_are_opened_at_once() -> None:
    """Each time anew, they kept a daemon busy for minutes while their mail was passed on."""
    raw = mail(stream(message(), *(file(f"{number}.bin", bytes([number]) * 20_000) for number in range(200))))
    start = time.process_time()
    found = contents(raw, (*range(200), WHOLE_MAIL))
    assert time.process_time() - start < 2
    assert found[WHOLE_MAIL] == raw
    assert all(found[number] == bytes([number]) * 20_000 for number in range(200))


def test_parts_that_are_wrapped_are_counted() -> None:
    inner = b"Content-Type: multipart/mixed; boundary=c\r\n\r\n" + b"--c\r\n\r\nx\r\n" * 6000 + b"--c--\r\n"
    read = parse(opaque(_signed(ber(0x04, inner), ber)))
    assert read.defects == ("more than 5000 parts",)


@given(st.binary(max_size=300))
def test_no_octets_raise(octets: bytes) -> None:
    rtf.expand(struct.pack("<II4sI", 0, 5000, b"LZFu", 0) + octets)
    rtf.read(b"{\\rtf1" + octets)
    cms.read(b"\x30\x80\x06\x09" + cms.SIGNED + octets)


# S/MIME and PGP


def ber(tag: int, *inner: bytes) -> bytes:
    whole = b"".join(inner)
    size = len(whole).to_bytes(3, "big")
    return bytes((tag, 0x83)) + size + whole


def streamed(tag: int, *inner: bytes) -> bytes:
    """An element whose length its writer did not know."""
    return bytes((tag, 0x80)) + b"".join(inner) + b"\0\0"


DATA_TYPE = ber(0x06, bytes.fromhex("2a864886f70d010701"))


def _signed(string: bytes, element: Callable[..., bytes]) -> bytes:
    inner = element(0x30, DATA_TYPE, element(0xA0, string))
    content = element(0x30, ber(0x02, b"\x01"), element(0x31), inner, element(0x31))
    return element(0x30, ber(0x06, cms.SIGNED), element(0xA0, content))


ENTITY = (
    b"Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"Pas\xc5\xabt\xc4\xabjums\r\n--i\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF\r\n--i--\r\n"
)


def opaque(octets: bytes, smime_type: bytes = b"signed-data", content_type: bytes = b"application/pkcs7-mime") -> bytes:
    head = HEAD + DATE + b'Content-Type: %s; smime-type=%s; name="smime.p7m"\r\n' % (content_type, smime_type)
    return head + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(octets)


@pytest.mark.parametrize("element", [ber, streamed])
@pytest.mark.parametrize("pieces", [1, 7])
def test_mail_within_a_signature_is_read(element, pieces: int) -> None:  # type: ignore[no-untyped-def]
    """Most mail programs sign beside the text; those that sign around it send nothing else to read."""
    size = -(-len(ENTITY) // pieces)
    parts = [ber(0x04, ENTITY[start : start + size]) for start in range(0, len(ENTITY), size)]
    string = parts[0] if pieces == 1 else element(0x24, *parts)
    raw = opaque(_signed(string, element))
    read = parse(raw)
    assert (read.subject, read.text.strip(), files(read)) == ("Invoice", "Pasūtījums", [("a.pdf", "application/pdf")])
    assert content(raw, 0) == b"%PDF"


@pytest.mark.parametrize("document", [b"%PDF-1.7\r\n", b"<?xml version='1.0'?><invoice/>", b"Total: 12,00\r\n\r\nEUR"])
@pytest.mark.parametrize("content_type", [b"application/pkcs7-mime", b"application/octet-stream"])
def test_document_that_is_signed_stays_a_file(content_type: bytes, document: bytes) -> None:
    """Invoices and contracts are signed in this form, too (CAdES): they are no mails, and no text of a mail."""
    octets = _signed(ber(0x04, document), ber)
    raw = mail(octets, b"See attached", content_type).replace(b"winmail.dat", b"invoice.p7m")
    read = parse(raw)
    assert (read.text.strip(), files(read)) == ("See attached", [("invoice.p7m", content_type.decode())])
    assert content(raw, 0) == octets


@pytest.mark.parametrize(
    "inside",
    [b"Content-Type: text/plain\r\n\r\nWe pay nothing\r\n", b""],
    ids=["signed", "encrypted"],
)
def test_a_signed_or_encrypted_mail_that_is_attached_stays_a_file(inside: bytes) -> None:
    """Who attaches another's has not written what is inside, and has not encrypted his own."""
    octets = _signed(ber(0x04, inside), ber) if inside else ber(0x30, ber(0x06, cms.ENCRYPTED[0]), ber(0xA0, b""))
    read = parse(mail(octets, b"See attached", b"application/pkcs7-mime").replace(b"winmail.dat", b"smime.p7m"))
    assert (read.text.strip(), read.encrypted) == ("See attached", "")
    assert files(read) == [("smime.p7m", "application/pkcs7-mime")]


def test_mail_that_is_encrypted_says_so() -> None:
    """Else an agent sees an empty mail."""
    octets = ber(0x30, ber(0x06, cms.ENCRYPTED[0]), ber(0xA0, b""))
    for raw in (opaque(octets, b"enveloped-data"), opaque(octets, b"x", b"application/x-pkcs7-mime")):
        read = parse(raw)
        assert "encrypted (S/MIME)" in read.text
        assert read.encrypted == "S/MIME"
        assert files(read) == [("smime.p7m", raw.partition(b"Content-Type: ")[2].partition(b";")[0].decode())]


def test_mail_that_is_encrypted_with_pgp_says_so() -> None:
    armour = b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA1\r\n=abcd\r\n-----END PGP MESSAGE-----\r\n"
    raw = (
        HEAD
        + DATE
        + b"Content-Type: multipart/encrypted; boundary=e\r\n\r\n--e\r\nContent-Type: application/pgp-encrypted\r\n\r\n"
    )
    raw += (
        b"Version: 1\r\n--e\r\nContent-Type: application/octet-stream; name=encrypted.asc\r\n\r\n"
        + armour
        + b"--e--\r\n"
    )
    assert "encrypted (PGP)" in parse(raw).text
    inline = parse(HEAD + DATE + b"\r\n" + armour).text
    assert "encrypted (PGP)" in inline
    assert "hQEMA1" in inline, "who has the key may take it from there"


def test_file_that_is_encrypted_is_a_file() -> None:
    """Else an agent who sends one could not answer: many programs give any .gpg the type of PGP/MIME's first part."""
    raw = HEAD + DATE + b"Content-Type: multipart/mixed; boundary=e\r\n\r\n--e\r\n\r\nHere it is.\r\n--e\r\n"
    raw += b"Content-Type: application/pgp-encrypted; name=a.pdf.gpg\r\n\r\n\x85\x01\x0c\x03abc\r\n--e--\r\n"
    read = parse(raw)
    assert (read.encrypted, read.text.strip(), read.attachments[0].filename) == ("", "Here it is.", "a.pdf.gpg")


def test_talk_of_encryption_is_none() -> None:
    assert (
        "can be read only" not in parse(HEAD + DATE + b"\r\nWhat is\r\n> -----BEGIN PGP MESSAGE-----\r\nfor?\r\n").text
    )


@pytest.mark.parametrize(
    ("content_type", "name", "signs"),
    [
        ("application/pgp-signature", "OpenPGP_signature.asc", True),
        ("application/pgp-signature", "", True),
        ("application/pkcs7-signature", "smime.p7s", True),
        ("application/x-pkcs7-signature", "", True),
        ("application/pgp-keys", "OpenPGP_0x1234567890ABCDEF.asc", True),
        ("application/pgp-keys", "publickey - anna@customer.example - 0x12345678.asc", True),
        ("application/pgp-signature", "contract.pdf.asc", False),
        ("application/pkcs7-signature", "contract.p7s", False),
        ("application/pgp-keys", "our-key.asc", False),
    ],
)
def test_signature_of_a_mail_is_no_file_of_its_writer(content_type: str, name: str, signs: bool) -> None:
    """It holds for that mail alone, and that of an agent would tell a customer his name and address."""
    raw = HEAD + DATE + b"Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n\r\nHello\r\n--s\r\n"
    named = f'; name="{name}"' if name else ""
    raw += f"Content-Type: {content_type}{named}\r\n\r\nx\r\n--s--\r\n".encode()
    (one,) = parse(raw).attachments
    assert one.signs is signs
