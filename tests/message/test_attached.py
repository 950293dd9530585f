"""The files of a mail, and what they are called."""

import pytest

from maild.message.parse import content, parse

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
    "named",
    [b"filename='r\xc4\x93\xc4\xb7.pdf'", b"filename=r%C4%93%C4%B7.pdf", b'filename="r%c4%93%c4%b7.pdf"'],
)
def test_name_of_a_file_is_read_as_careless_programs_mean_it(named: bytes) -> None:
    raw = b"From: a@b.example\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; " + named
    assert [one.filename for one in parse(raw + b"\r\n\r\n%PDF").attachments] == ["rēķ.pdf"]


def test_what_only_a_macintosh_understands_is_no_file() -> None:
    inner = b"--c\r\nContent-Type: application/applefile; name=a.pdf\r\n\r\n\0\5\r\n"
    inner += b"--c\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF\r\n--c--\r\n"
    raw = b"From: a@b.example\r\nContent-Type: multipart/appledouble; boundary=c\r\n\r\n" + inner
    assert [(one.filename, one.content_type) for one in parse(raw).attachments] == [("a.pdf", "application/pdf")]


def test_content_of_an_attachment_that_is_not_there_says_so() -> None:
    with pytest.raises(IndexError):
        content(b"Subject: x\r\n\r\ny", 0)
