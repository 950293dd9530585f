"""Read any bytes as a mail: bytes in, a Message out, what is wrong in its defects.

Standards: RFC 5322 and 6532 (fields), RFC 2045 to 2049 (MIME), RFC 2183 (attached or shown), RFC 7103
(malformed mail).  parse never raises (invariant 4): what cannot be read is filed as it is, the whole mail
attached to itself.  mail-parser reads addresses and dates (dates.py), given the head alone; the tree of parts is
walked in mime.py, on the raw bytes, and layout.py says what of it is shown and what attached.
"""

import hashlib
import re
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from mailparser.utils import get_addresses

from maild.message import (
    address,
    armored,
    charset,
    dates,
    enriched,
    filename,
    header,
    html,
    mime,
    plain,
    references,
    sealed,
    tnef,
    wrapped,
)
from maild.message.header import Head
from maild.message.layout import ENRICHED, Block, Layout, is_html, laid_out
from maild.message.mime import Part
from maild.message.model import NOBODY, WHOLE, Address, Attachment, Enclosed, Message

LONGEST_TEXT = 5 * 1024 * 1024  # characters that are shown; the rest stays in the raw mail
LONGEST_ENCLOSED_BYTES = 64 * 1024
MOST_DEFECTS = 50

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


def parse(raw: bytes) -> Message:
    """Return what the bytes say; whatever is wrong stands in defects.  Never raises."""
    sha256 = hashlib.sha256(raw).hexdigest()
    lined = _with_line_feeds(raw)
    try:
        return _message(*wrapped.unwrapped(lined, mime.read(lined)), sha256=sha256, size_bytes=len(lined))
    except mime.TooMuch as limit:
        return _as_it_is(lined, sha256, str(limit))
    except Exception as surprise:  # invariant 4: no mail is lost to a bug of ours
        return _as_it_is(lined, sha256, f"not understood: {type(surprise).__name__}: {surprise}")


def arrived(raw: bytes) -> datetime | None:
    """Return when a mail says that it arrived, else when it was sent, from its head alone; None if neither is told."""
    lined = _with_line_feeds(raw)
    head = header.read(lined, 0, len(lined))
    return _arrived(head) or _date(head)[0]


def content(raw: bytes, index: int) -> bytes:
    """Return the decoded bytes of one attachment; a message/rfc822 byte for byte; for WHOLE the mail as it came.

    Raises:
        IndexError: the mail has no such attachment.
    """
    return contents(raw, (index,))[index]


def contents(raw: bytes, indexes: Collection[int]) -> dict[int, bytes]:
    """Return the same of several attachments; the mail is read once, for what wraps them may cost a second.

    Raises:
        IndexError: the mail has no such attachment.
    """
    if set(indexes) == {WHOLE}:
        return {WHOLE: raw}
    lined = _with_line_feeds(raw)
    try:
        lined, tree = wrapped.unwrapped(lined, mime.read(lined))
        files = _files(lined, laid_out(tree))
    except Exception:  # as in parse: then the whole mail is its own attachment
        return {index: raw if index == WHOLE else (raw,)[index] for index in indexes}
    return {index: raw if index == WHOLE else files[index].octets(lined) for index in indexes}


_CR_ALONE = re.compile(rb"[^\r\n]*\r(?!\n)")


def _with_line_feeds(raw: bytes) -> bytes:
    """Lines that end in CR alone (an old Macintosh's) end in LF instead: every place stays where it is."""
    first_line = _CR_ALONE.match(raw, 0, header.LIMIT_BYTES)
    return raw.replace(b"\r", b"\n") if first_line and raw.find(b"\n", 0, header.LIMIT_BYTES) < 0 else raw


# The whole


def _message(raw: bytes, tree: Part, *, sha256: str, size_bytes: int) -> Message:
    head, guess = tree.head, _charset_of(tree)
    layout = laid_out(tree)
    shown = _shown(raw, tree, layout)
    files = _files(raw, layout)
    sender, sender_defects = _sender(head, guess)
    message_id, id_defects = _message_id(head, sha256)
    date, date_defects = _date(head)
    return Message(
        message_id=message_id,
        sender=sender,
        subject=header.text(head.first("subject"), guess),
        text=shown.text,
        html=shown.html,
        encrypted=shown.encrypted,
        headers=tuple((name, header.text(value, guess)) for name, value in head.fields),
        reply_to=_mailboxes(head, "reply-to", guess),
        to=_mailboxes(head, "to", guess),
        cc=_mailboxes(head, "cc", guess),
        date=date,
        arrived=_arrived(head),
        in_reply_to=references.ids(header.unfold(head.first("in-reply-to"), guess)),
        references=references.ids(header.unfold(head.first("references"), guess)),
        content_type=tree.declared_type,
        attachments=_attachments(raw, files, shown.html),
        enclosed=_enclosed(raw, files),
        defects=_defects(tree, (*sender_defects, *id_defects, *date_defects, *shown.defects)),
        size_bytes=size_bytes,
        sha256=sha256,
    )


def _as_it_is(raw: bytes, sha256: str, defect: str) -> Message:
    """File a mail that cannot be read: its head, the beginning of its text, and the whole of it attached."""
    head = header.read(raw, 0, len(raw))
    sender, _ = _sender(head, "")
    return Message(
        message_id=_message_id(head, sha256)[0],
        sender=sender,
        subject=header.text(head.first("subject")),
        text=_clean_text(charset.decode(raw[head.body : head.body + LONGEST_ENCLOSED_BYTES]).text),
        html="",
        headers=tuple((name, header.text(value)) for name, value in head.fields),
        reply_to=_mailboxes(head, "reply-to", ""),
        to=_mailboxes(head, "to", ""),
        cc=_mailboxes(head, "cc", ""),
        arrived=_arrived(head),
        in_reply_to=references.ids(header.unfold(head.first("in-reply-to"))),
        references=references.ids(header.unfold(head.first("references"))),
        attachments=(Attachment(0, "message.eml", "message/rfc822", len(raw)),),
        defects=(defect,),
        size_bytes=len(raw),
        sha256=sha256,
    )


def _defects(tree: Part, others: tuple[str, ...]) -> tuple[str, ...]:
    of_parts = (defect for part in tree.walk() for defect in part.defects)
    return tuple(dict.fromkeys((*others, *of_parts)))[:MOST_DEFECTS]


# The head


def _charset_of(tree: Part) -> str:
    """What raw 8-bit text in the head is likely to be in: the charset of the first part that names one."""
    return next((part.charset for part in tree.walk() if part.charset), "")


def _sender(head: Head, guess: str) -> tuple[Address, tuple[str, ...]]:
    """RFC 5322 section 3.6: exactly one From; RFC 7103 section 7.5: else nobody can be held to have written it."""
    given = {one.raw.strip() for one in head.fields if one.name == "from"}  # twice the same is no doubt
    if len(given) != 1:
        return NOBODY, ("more than one From" if given else "no From",)
    found = _mailboxes(head, "from", guess)
    if len({one.address.casefold() for one in found}) != 1:
        return NOBODY, ("From names nobody" if not found else "From names more than one mailbox",)
    return found[0], ()


def _mailboxes(head: Head, name: str, guess: str) -> tuple[Address, ...]:
    """Two scanners read who is meant, ours and mail-parser's.

    For the fields that say who somebody is, both are asked, and where they differ nobody is meant.
    """
    raw = head.first(name)
    if not raw.strip():
        return ()
    value = header.unfold(raw, guess).replace("<<", "<").replace(">>", ">")
    if "@" not in value and "=?" in value:
        value = header.clean(
            header.words(value)
        )  # name and address within one encoded word (RFC 2047 section 5 forbids it)
    if value.count("<") == 1 and ">" not in value:
        value = f"{value.rstrip()}>"  # forgotten, or cut off (RFC 7103 section 7.1)
    if "&" in value:
        value = _ESCAPED.sub(lambda found: "&" if "a" in found[0] else "'", value)  # as web forms write names
    if plain := address.plain(value):
        return (plain,)
    ours = address.parse_list(value)
    if ours and name not in _WHO:
        return ours
    theirs = [normal for _, spec in get_addresses(value) if (normal := address.normal(spec))]
    if not ours:
        return tuple(Address("", spec) for spec in theirs)
    agreed = not theirs or [spec.casefold() for spec in theirs] == [one.address.casefold() for one in ours]
    return ours if agreed else ()


_WHO = frozenset({"from", "reply-to"})
_ESCAPED = re.compile(r"&(?:amp|#0?39);")


_NOT_IN_ID = re.compile(rf"[\s<>]+|{header.UNSAFE.pattern}")


def _message_id(head: Head, sha256: str) -> tuple[str, tuple[str, ...]]:
    """Return the Message-ID, or one made of the bytes: the same bytes, the same id (RFC 7103 section 7.5.2)."""
    value = header.unfold(head.first("message-id"))
    found = references.ids(value)
    bare = _NOT_IN_ID.sub("", value)
    if found:
        return found[0], ()
    if bare and len(bare) <= references.LONGEST:
        return f"<{bare}>", ("Message-ID without brackets",)
    return f"<{sha256[:40]}@message-id.invalid>", ("no Message-ID",)


def _date(head: Head) -> tuple[datetime | None, tuple[str, ...]]:
    value = header.unfold(head.first("date"))
    if not value.strip():
        return None, ("no Date",)
    date = dates.instant(value)
    return date, () if date else ("Date cannot be read",)


def _arrived(head: Head) -> datetime | None:
    """The date stands behind the last semicolon of a Received field (RFC 5321 section 4.4)."""
    received = header.unfold(head.first("received"))
    return dates.instant(received.rpartition(";")[2]) if received else None


# What is attached


class _File(NamedTuple):
    """An attachment: a part, or a file that is uuencoded in a part's text."""

    part: Part
    written: plain.File | None = None

    def octets(self, raw: bytes) -> bytes:
        return self.written.data if self.written else mime.payload(raw, self.part)


def _files(raw: bytes, layout: Layout) -> list[_File]:
    files = [_File(part) for part in layout.attached]
    for block in layout.blocks:
        for part in block.plain:
            files.extend(_File(part, written) for written in _uuencoded(raw, part).files)
    return files


def _uuencoded(raw: bytes, part: Part) -> plain.Uuencoded:
    if part.encoding or raw.find(b"begin ", *part.body) < 0:
        return plain.Uuencoded(b"", ())
    return plain.uuencoded(mime.payload(raw, part))


def _attachments(raw: bytes, files: list[_File], shown_html: str) -> tuple[Attachment, ...]:
    names, used = filename.Names(), html.content_ids(shown_html)
    return tuple(_attachment(raw, index, file, names, used) for index, file in enumerate(files))


def _attachment(raw: bytes, index: int, file: _File, names: filename.Names, used: frozenset[str]) -> Attachment:
    octets = file.octets(raw)
    if file.written:
        given = charset.decode(file.written.name).text
        return Attachment(index, names.unique(filename.safe(given, "")), "application/octet-stream", len(octets))
    content_type = "application/ms-tnef" if octets.startswith(tnef.SIGNATURE) else file.part.content_type
    content_id = file.part.content_id
    return Attachment(
        index=index,
        filename=names.unique(
            filename.safe(file.part.name or file.part.described or _subject(file, octets), content_type)
        ),
        content_type=content_type,
        size_bytes=len(octets),
        inline=bool(content_id) and content_id in used,
        content_id=content_id,
    )


def _subject(file: _File, octets: bytes) -> str:
    """An enclosed mail without a name is called as mail programs save it: by its subject."""
    if file.part.content_type not in ("message/rfc822", "message/global"):
        return ""
    about = header.text(header.read(octets, 0, min(len(octets), header.LIMIT_BYTES)).first("subject"))
    return f"{filename.without_path(about)}.eml" if about else ""


def _enclosed(raw: bytes, files: list[_File]) -> tuple[Enclosed, ...]:
    return tuple(
        Enclosed(kind, _clean_text(_enclosed_text(file.octets(raw)[:LONGEST_ENCLOSED_BYTES], file.part)), index)
        for index, file in enumerate(files)
        if (kind := file.part.content_type) in ENCLOSED_TYPES or file.part.name.lower().endswith(ENCLOSED_NAMES)
    )


def _enclosed_text(octets: bytes, part: Part) -> str:
    return armored.text(octets) if part.content_type in KEYS_AND_SIGNATURES else _decoded(octets, part).text


# The text


class _Shown(NamedTuple):
    text: str
    html: str
    encrypted: str
    defects: tuple[str, ...]


_STUB = re.compile(r"\bhtml\b|e-?mail (?:client|program|reader)|браузер|pārlūk", re.IGNORECASE)
_SHOWN_BYTES = 1000  # of a mail that is not even text
_LONGEST_STUB = 300  # characters


def _shown(raw: bytes, tree: Part, layout: Layout) -> _Shown:
    defects: list[str] = []
    texts = [_text_of(raw, block, defects) for block in layout.blocks]
    text = _joined(texts)
    if not text.strip():
        text = _left_over(raw, tree, layout, defects)
    encrypted = sealed.how(raw, tree, text)
    text = sealed.told(encrypted, text)
    if len(text) > LONGEST_TEXT:
        defects.append(_TOO_LONG)
    htmls = [_html(raw, part, defects) for block in layout.blocks for part in block.rich if is_html(part)]
    return _Shown(text[:LONGEST_TEXT], "\n".join(htmls), encrypted, tuple(defects))


def _joined(texts: list[str]) -> str:
    """Several bodies in a row are one text, each beginning on a line of its own."""
    *before, last = [text for text in texts if text] or [""]
    return "".join(text if text.endswith("\n") else text + "\n" for text in before) + last


def _text_of(raw: bytes, block: Block, defects: list[str]) -> str:
    """The plain text; the HTML's where that is empty, and both where it only says that there is HTML."""
    text = _joined([_plain(raw, part, defects) for part in block.plain])
    if not block.rich or (text.strip() and not _may_be_stub(text)):
        return text
    rich = _joined([(_html_as_text if is_html(part) else _plain)(raw, part, defects) for part in block.rich])
    if not text.strip():
        return rich
    return _joined([text, rich]) if len(rich) > 2 * len(text) else text


def _html_as_text(raw: bytes, part: Part, defects: list[str]) -> str:
    source = _html(raw, part, defects)
    if len(source) > html.LONGEST:
        defects.append("HTML longer than 2 MB: its end is not shown as text")
    return html.to_text(source)


def _may_be_stub(text: str) -> bool:
    return len(text) < _LONGEST_STUB and bool(_STUB.search(text))


def _left_over(raw: bytes, tree: Part, layout: Layout, defects: list[str]) -> str:
    """No part is shown: show what stands outside of the parts, for somebody may have written it."""
    outside = [raw[span.start : span.end] for part in tree.walk() for span in part.between]
    text = _joined([_clean_text(charset.decode(octets).text).strip() for octets in outside])
    if text and not _BOILERPLATE.search(text):
        defects.append("text outside of the parts")
        return text
    if tree.head.fields or layout.attached or not raw.strip():
        return ""
    return raw[:_SHOWN_BYTES].decode("latin-1").encode("unicode_escape").decode("ascii")


_BOILERPLATE = re.compile(r"\bMIME\b|multi-?part message|mehrteilige Nachricht", re.IGNORECASE)


def _plain(raw: bytes, part: Part, defects: list[str]) -> str:
    octets = mime.payload(raw, part)
    if part.encoding == "base64" and _is_no_base64(raw, part):
        octets = raw[part.body.start : part.body.end]
        defects.append("text is not base64 as it claims")
    found = _uuencoded(raw, part)
    text = _label_checked(_decoded(found.rest if found.files else octets, part), defects)
    if _PAGE.match(text) and "</" in text[-_PAGE_ENDS:]:
        defects.append("HTML that is labelled as plain text")
        return html.to_text(text)
    if part.content_type in ENRICHED:
        return enriched.to_text(text, is_rich=part.content_type == "text/richtext")
    if part.parameters.get("format").lower() == "flowed":
        text = plain.unflow(text, delete_space=part.parameters.get("delsp").lower() == "yes")
    return text


_PAGE = re.compile(r"\s{0,100}(?:<!doctype html\b[^>]{0,200}>\s{0,100})?<html\b", re.IGNORECASE)
_PAGE_ENDS = 200  # characters in which a whole page closes its elements


def _is_no_base64(raw: bytes, part: Part) -> bool:
    """Words with blanks between them: base64 has none inside of its lines."""
    return len(_WORDS.findall(raw, part.body.start, min(part.body.end, part.body.start + 4096))) > 3


_WORDS = re.compile(rb"\w[ ]\w")


def _html(raw: bytes, part: Part, defects: list[str]) -> str:
    octets = mime.payload(raw, part)
    label = part.charset or _meta_charset(octets)
    return _label_checked(charset.decode(octets, label), defects)


_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)


def _meta_charset(octets: bytes) -> str:
    found = _META.search(octets, 0, 2048)
    return found[1].decode("ascii") if found else ""


def _decoded(octets: bytes, part: Part) -> charset.Decoded:
    return charset.decode(octets, part.charset)


def _label_checked(decoded: charset.Decoded, defects: list[str]) -> str:
    if not decoded.as_declared:
        defects.append(f"charset is not as declared: read as {decoded.charset}")
    if len(decoded.text) > LONGEST_TEXT:
        defects.append(_TOO_LONG)
    return _clean_text(decoded.text[:LONGEST_TEXT])


_TOO_LONG = "text longer than 5 MB: its end is not shown"


_LINE_END = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]+")
_ASCII_CONTROLS = bytes(byte for byte in (*range(32), 127) if byte not in b"\t\n\x0b\x0c\x1c\x1d\x1e")
_ASCII_LINE_ENDS = bytes.maketrans(b"\x0b\x0c\x1c\x1d\x1e", b"\n" * 5)


def _clean_text(text: str) -> str:
    """Line ends as "\\n", and nothing that a database or a terminal would not take."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():  # most mail: ten times as fast
        return text.encode("ascii").translate(_ASCII_LINE_ENDS, _ASCII_CONTROLS).decode("ascii")
    return _CONTROL.sub("", _LINE_END.sub("\n", text))
