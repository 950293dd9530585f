"""What is attached to a mail: its files, under names fit for a disk, and what of them a program reads.

Standards: RFC 2183 (names), RFC 2392 (a picture that the HTML shows), RFC 2046 section 5.2.1 (an enclosed mail).
"""

import re
from typing import NamedTuple

from maild.message import armored, charset, filename, header, html, mime, plain, tnef
from maild.message.layout import Layout
from maild.message.mime import Part
from maild.message.model import Attachment, Enclosed

LONGEST_ENCLOSED_BYTES = 64 * 1024
KEYS_AND_SIGNATURES = (
    *("application/pgp-keys", "application/pgp-signature", "application/pkcs7-signature"),
    "application/x-pkcs7-signature",
)
ENCLOSED_TYPES = frozenset({
    *KEYS_AND_SIGNATURES,
    "message/delivery-status",
    "message/global-delivery-status",
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/global-headers",
    "message/disposition-notification",
    "message/global-disposition-notification",
    "message/feedback-report",
    "text/calendar",
    "text/vcard",
    "text/x-vcard",
    "text/directory",
})  # fmt: skip
ENCLOSED_NAMES = (".eml", ".ics", ".vcf")  # whatever type a program gives them


class File(NamedTuple):
    """An attachment: a part, or a file that is uuencoded in a part's text."""

    part: Part
    written: plain.File | None = None

    def octets(self, raw: bytes) -> bytes:
        """Return the decoded bytes of the file; raw is the mail that it is in."""
        return self.written.data if self.written else mime.payload(raw, self.part)


def files(raw: bytes, layout: Layout) -> list[File]:
    """Return the files of a mail; the place of each is its attachment's index."""
    found = [File(part) for part in layout.attached]
    for block in layout.blocks:
        for part in block.plain:
            found.extend(File(part, written) for written in uuencoded(raw, part).files)
    return found


def uuencoded(raw: bytes, part: Part) -> plain.Uuencoded:
    """Return the files that are uuencoded in a text, and the rest of it; no rest where there are none."""
    if part.encoding or raw.find(b"begin ", *part.body) < 0:
        return plain.Uuencoded(b"", ())
    return plain.uuencoded(mime.payload(raw, part))


def attachments(raw: bytes, files: list[File], shown_html: str) -> tuple[Attachment, ...]:
    """Say what each file is, under a name that no other has; inline is a picture that the HTML shows."""
    names, used = filename.Names(), html.content_ids(shown_html)
    return tuple(_attachment(raw, index, file, names, used) for index, file in enumerate(files))


def _attachment(raw: bytes, index: int, file: File, names: filename.Names, used: frozenset[str]) -> Attachment:
    octets = file.octets(raw)
    if file.written:
        given = charset.decode(file.written.name).text
        return Attachment(index, names.unique(filename.safe(given, "")), "application/octet-stream", len(octets))
    content_type = "application/ms-tnef" if octets.startswith(tnef.SIGNATURE) else file.part.content_type
    content_id = file.part.content_id
    given = file.part.name or file.part.described or _subject(file, octets)
    return Attachment(
        index=index,
        filename=names.unique(filename.safe(given, content_type)),
        content_type=content_type,
        size_bytes=len(octets),
        inline=bool(content_id) and content_id in used,
        content_id=content_id,
    )


def _subject(file: File, octets: bytes) -> str:
    """An enclosed mail without a name is called as mail programs save it: by its subject."""
    if file.part.content_type not in ("message/rfc822", "message/global"):
        return ""
    about = header.text(header.read(octets, 0, min(len(octets), header.LIMIT_BYTES)).first("subject"))
    return f"{filename.without_path(about)}.eml" if about else ""


def enclosed(raw: bytes, files: list[File]) -> tuple[Enclosed, ...]:
    """Return the beginnings of the files that a program reads."""
    return tuple(
        Enclosed(kind, _beginning(file.octets(raw), file.part), index)
        for index, file in enumerate(files)
        if (kind := _kind(raw, file)) in ENCLOSED_TYPES or file.part.name.lower().endswith(ENCLOSED_NAMES)
    )


_ANY_FILE = ("text/plain", "application/octet-stream")
_REPORTS_WITHIN = 2000  # octets
_REPORTS = re.compile(rb"^reporting-mta[ \t]{0,9}:", re.IGNORECASE | re.MULTILINE)


def _kind(raw: bytes, file: File) -> str:
    """The type of a file; some gateways make a file like any other of a report's fields (RFC 3464 section 2.2)."""
    given, body = file.part.content_type, file.part.body
    if given not in _ANY_FILE or file.written or body.end - body.start > LONGEST_ENCLOSED_BYTES:
        return given
    return "message/delivery-status" if _REPORTS.search(file.octets(raw), 0, _REPORTS_WITHIN) else given


def _beginning(octets: bytes, part: Part) -> str:
    octets = octets[:LONGEST_ENCLOSED_BYTES]
    if part.content_type in KEYS_AND_SIGNATURES:
        return charset.clean(armored.text(octets))
    return charset.clean(charset.decode(octets, part.charset).text)
