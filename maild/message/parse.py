"""Read any bytes as a mail: bytes in, a Message out, what is wrong in its defects.

mime.py walks the tree of parts on the raw bytes, and layout.py says what of it is shown and what attached; fields.py
reads the head, shown.py the text, attached.py the files.  parse never raises (invariant 4): what cannot be read is
filed as it is, the whole mail attached to itself.

Standards: RFC 5322 and 6532 (fields), RFC 2045 to 2049 (MIME), RFC 2183 (attached or shown), RFC 7103 (malformed mail).
"""

import hashlib
import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from maild.message import attached, charset, fields, header, mime, references, shown, wrapped
from maild.message.header import Head
from maild.message.layout import laid_out
from maild.message.mime import Part
from maild.message.model import WHOLE, Attachment, Message

MOST_DEFECTS = 50


def parse(raw: bytes) -> Message:
    """Return what the bytes say; whatever is wrong is in defects.  Never raises."""
    sha256 = hashlib.sha256(raw).hexdigest()
    lined = _with_line_feeds(raw)
    try:
        return _message(*wrapped.unwrapped(lined, mime.read(lined)), sha256=sha256, size_bytes=len(raw))
    except mime.TooMuch as limit:
        return _as_it_is(lined, sha256, len(raw), str(limit))
    except Exception as surprise:  # invariant 4: no mail is lost to a bug of ours
        return _as_it_is(lined, sha256, len(raw), f"not understood: {type(surprise).__name__}: {surprise}")


def arrived(raw: bytes) -> datetime | None:
    """Return when a mail says that it arrived, else when it was sent, from its head alone; None if neither is told."""
    lined = _with_line_feeds(raw)
    head = header.read(lined, 0, len(lined))
    return fields.arrived(head) or fields.date(head)[0]


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
        files = attached.files(lined, laid_out(tree))
    except Exception:  # as in parse: then the whole mail is its own attachment
        return {index: raw if index == WHOLE else (raw,)[index] for index in indexes}
    return {index: raw if index == WHOLE else files[index].octets(lined) for index in indexes}


_CR_ALONE = re.compile(rb"[^\r\n]*\r(?!\n)")
_EMPTY_LINE = re.compile(rb"\n(\r*+\n)")


def _with_line_feeds(raw: bytes) -> bytes:
    """Lines that end in CR alone (an old Macintosh's) end in LF instead, those that end in CR CR LF in CR LF.

    Which they do, the line below the head tells: servers on the way put their own lines on top.
    """
    empty = _EMPTY_LINE.search(raw, 0, header.LIMIT_BYTES)
    if empty and empty[1] == b"\r\r\n":
        return raw.replace(b"\r\r\n", b"\r\n")
    first_line = _CR_ALONE.match(raw, 0, header.LIMIT_BYTES)
    return raw.replace(b"\r", b"\n") if first_line and raw.find(b"\n", 0, header.LIMIT_BYTES) < 0 else raw


def _message(raw: bytes, tree: Part, *, sha256: str, size_bytes: int) -> Message:
    layout = laid_out(tree)
    text = shown.read(raw, tree, layout)
    files = attached.files(raw, layout)
    known = _of_head(tree.head, _charset_of(tree), sha256, size_bytes)
    date, date_defects = fields.date(tree.head)
    return replace(
        known,
        text=text.text,
        html=text.html,
        encrypted=text.encrypted,
        date=date,
        content_type=tree.declared_type,
        attachments=attached.attachments(raw, files, text.html),
        enclosed=attached.enclosed(raw, files),
        defects=_defects(tree, (*known.defects, *date_defects, *text.defects)),
    )


def _as_it_is(raw: bytes, sha256: str, size_bytes: int, defect: str) -> Message:
    """File a mail that cannot be read: its head, the beginning of its text, and the whole of it attached."""
    head = header.read(raw, 0, len(raw))
    return replace(
        _of_head(head, "", sha256, size_bytes),
        text=charset.clean(charset.decode(raw[head.body : head.body + attached.LONGEST_ENCLOSED_BYTES]).text),
        attachments=(Attachment(0, "message.eml", "message/rfc822", size_bytes),),
        defects=(defect,),
    )


def _of_head(head: Head, guess: str, sha256: str, size_bytes: int) -> Message:
    """Return what the head alone tells, with an empty text."""
    sender, sender_defects = fields.sender(head, guess)
    message_id, id_defects = fields.message_id(head, sha256)
    return Message(
        message_id=message_id,
        sender=sender,
        subject=header.text(head.first("subject"), guess),
        text="",
        html="",
        headers=tuple((name, header.text(value, guess)) for name, value in head.fields),
        reply_to=fields.mailboxes(head, "reply-to", guess),
        to=fields.mailboxes(head, "to", guess),
        cc=fields.mailboxes(head, "cc", guess),
        arrived=fields.arrived(head),
        in_reply_to=references.ids(header.unfold(head.first("in-reply-to"), guess)),
        references=references.ids(header.unfold(head.first("references"), guess)),
        defects=(*sender_defects, *id_defects),
        size_bytes=size_bytes,
        sha256=sha256,
    )


def _defects(tree: Part, others: tuple[str, ...]) -> tuple[str, ...]:
    of_parts = (defect for part in tree.walk() for defect in part.defects)
    return tuple(dict.fromkeys((*others, *of_parts)))[:MOST_DEFECTS]


def _charset_of(tree: Part) -> str:
    """What raw 8-bit text in the head is likely to be in: the charset of the first part that names one."""
    return next((part.charset for part in tree.walk() if part.charset), "")
