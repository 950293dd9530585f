"""Read winmail.dat: the attributes and properties in which Outlook and Exchange wrap what they take for their own.

Standards: MS-OXTNEF (the stream), MS-OXCMSG and MS-OXPROPS (what the properties mean).  How it fails: None for what is
no such stream; of a stream that is broken, what stands before the break.  Never raises.  Nothing is copied but what is
returned: each layer of mails within mails would cost its size again.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from maild.message import charset

SIGNATURE = b"\x78\x9f\x3e\x22"
MOST_FILES = 500
MOST_PROPERTIES = 5000  # of one object
DEEPEST = 5  # mails within mails

# Attributes (MS-OXTNEF section 2.1.3.2), without their types.
_CODE_PAGE, _SUBJECT, _BODY, _MESSAGE = 0x9007, 0x8004, 0x800C, 0x9003
_NEW_FILE, _TITLE, _DATA, _ATTACHMENT = 0x9002, 0x8010, 0x800F, 0x9005
# Properties (MS-OXPROPS), without their types.
_PR_KEY, _PR_SUBJECT, _PR_TEXT, _PR_RTF, _PR_HTML = 0x007F, 0x0037, 0x1000, 0x1009, 0x1013
_PR_DATA, _PR_MIME_TYPE, _PR_CONTENT_ID, _PR_CODE_PAGE = 0x3701, 0x370E, 0x3712, 0x3FDE
_PR_NAMES = (0x3707, 0x3704, 0x3001)  # long, short, as it is shown
# Types (MS-OXCDATA section 2.11.1): the sizes of those that are fixed, padded to four bytes.
_FIXED = {1: 0, 2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
_VARIABLE = frozenset({0x0D, 0x1E, 0x1F, 0x102})
_NULL, _OBJECT, _NARROW, _WIDE, _MANY = 0x01, 0x0D, 0x1E, 0x1F, 0x1000
_NAMED = 0x8000  # ids from here on are followed by what they stand for
_INTERFACE = 16  # bytes before the octets of an object: which interface reads them


@dataclass(slots=True)
class File:
    """One attachment, or a mail that was attached."""

    name: str = ""
    content_type: str = ""
    content_id: str = ""
    data: bytes = b""
    message: "Wrapped | None" = None


@dataclass(slots=True)
class Wrapped:
    """What a stream holds: its texts as they are there (rtf is still compressed), and its attachments."""

    of: bytes = b""  # the Message-ID of the mail that it wraps (MS-OXPROPS, PidTagTnefCorrelationKey)
    subject: str = ""
    text: str = ""
    html: bytes = b""
    html_charset: str = ""
    rtf: bytes = b""
    files: list[File] = field(default_factory=list)


def read(octets: bytes) -> Wrapped | None:
    """Return what the stream holds, None where it is none."""
    return _read(memoryview(octets), 0)


def _read(octets: memoryview, depth: int) -> Wrapped | None:
    if octets[:4] != SIGNATURE or depth > DEEPEST:
        return None
    found, page = Wrapped(), "cp1252"
    for attribute, data in _attributes(octets):
        if attribute == _CODE_PAGE and len(data) >= 4:
            page = _named(struct.unpack_from("<I", data)[0]) or page
        elif attribute == _NEW_FILE:
            if len(found.files) == MOST_FILES:
                break
            found.files.append(File())
        elif attribute in _OF_MESSAGE:
            _tell_message(found, attribute, data, page)
        elif attribute in _OF_FILE and found.files:
            _tell_file(found.files[-1], attribute, data, page, depth)
    return found


_OF_MESSAGE = frozenset({_SUBJECT, _BODY, _MESSAGE})
_OF_FILE = frozenset({_TITLE, _DATA, _ATTACHMENT})


def _attributes(octets: memoryview) -> Iterator[tuple[int, memoryview]]:
    """MS-OXTNEF section 2.1.3: level, id, type, length, data, checksum, up to where the stream ends or breaks."""
    at = 6
    while at + 11 <= len(octets):
        attribute, _kind, length = struct.unpack_from("<HHI", octets, at + 1)
        if octets[at] not in (1, 2) or at + 9 + length > len(octets):
            return
        yield attribute, octets[at + 9 : at + 9 + length]
        at += 9 + length + 2


def _tell_message(found: Wrapped, attribute: int, data: memoryview, page: str) -> None:
    if attribute == _SUBJECT:
        found.subject = found.subject or _narrow(data, page)
    elif attribute == _BODY:
        found.text = found.text or _narrow(data, page)
    else:
        told = _properties(data)
        found.subject = _string(told, _PR_SUBJECT, page) or found.subject
        found.text = _string(told, _PR_TEXT, page) or found.text
        found.of = bytes(told.get(_PR_KEY, _NOTHING).octets).rstrip(b"\0")
        found.rtf = bytes(told.get(_PR_RTF, _NOTHING).octets)
        found.html, found.html_charset = _html(told, page)


def _html(told: dict[int, "_Value"], page: str) -> tuple[bytes, str]:
    value = told.get(_PR_HTML, _NOTHING)
    if value.kind == _WIDE:
        return _text(value, page).encode("utf-8", "replace"), "utf-8"
    written_in = told.get(_PR_CODE_PAGE, _NOTHING).octets
    return bytes(value.octets), _named(int.from_bytes(written_in[:4], "little")) if written_in else ""


def _tell_file(file: File, attribute: int, data: memoryview, page: str, depth: int) -> None:
    if attribute == _TITLE:
        file.name = file.name or _narrow(data, page)
    elif attribute == _DATA:
        file.data = bytes(data)
    else:
        told = _properties(data)
        names = (_string(told, name, page) for name in _PR_NAMES)
        file.name = next((name for name in names if name), file.name)
        file.content_type = _string(told, _PR_MIME_TYPE, page)
        file.content_id = _string(told, _PR_CONTENT_ID, page).strip("<> ")
        value = told.get(_PR_DATA, _NOTHING)
        if value.kind == _OBJECT:
            inner = value.octets[_INTERFACE:]
            file.message = _read(inner, depth + 1)
            file.data = b"" if file.message else file.data or bytes(inner)
        elif value.octets:
            file.data = bytes(value.octets)


# Properties


class _Value(NamedTuple):
    kind: int
    octets: memoryview


_NOTHING = _Value(0, memoryview(b""))


def _properties(data: memoryview) -> dict[int, _Value]:
    """MS-OXTNEF section 2.1.3.4, up to where the list ends or breaks; of many values in one, the first."""
    found: dict[int, _Value] = {}
    try:
        (count,) = struct.unpack_from("<I", data)
        at = 4
        for _ in range(min(count, MOST_PROPERTIES)):
            kind, name = struct.unpack_from("<HH", data, at)
            at = _after_name(data, at + 4) if name >= _NAMED else at + 4
            value, at = _value(data, at, kind)
            found.setdefault(name, value)
    except (struct.error, ValueError):
        pass
    return found


def _after_name(data: memoryview, at: int) -> int:
    """A set, and a number or a padded word within it."""
    is_word, length = struct.unpack_from("<II", data, at + 16)
    return at + 24 + _padded(length) if is_word else at + 24


def _value(data: memoryview, at: int, kind: int) -> tuple[_Value, int]:
    """Return a value and where the next property begins.

    Raises:
        ValueError: no such type, or the value goes on behind the end.
    """
    bare = kind & ~_MANY
    count = 1
    if bare in _VARIABLE or kind & _MANY:
        (count,) = struct.unpack_from("<I", data, at)
        at += 4
    if not (bare in _VARIABLE or bare in _FIXED) or (bare == _NULL and count != 1):
        raise ValueError(f"no property of type {kind:#x}")
    first = data[:0]
    for number in range(count):
        if bare in _VARIABLE:
            (size,) = struct.unpack_from("<I", data, at)
            at += 4
        else:
            size = _FIXED[bare]
        if at + size > len(data):
            raise ValueError("the value is longer than the stream")
        first = first if number else data[at : at + size]
        at += _padded(size)
    return _Value(bare, first), at


def _padded(size: int) -> int:
    return (size + 3) & ~3


# Texts


def _string(told: dict[int, _Value], name: int, page: str) -> str:
    return _text(told.get(name, _NOTHING), page)


def _text(value: _Value, page: str) -> str:
    if value.kind == _WIDE:
        return str(value.octets, "utf-16-le", "replace").partition("\0")[0]
    return _narrow(value.octets, page) if value.kind == _NARROW else ""


def _narrow(octets: memoryview, page: str) -> str:
    return charset.decode(bytes(octets).partition(b"\0")[0], page).text


def _named(page: int) -> str:
    """Return the charset of a code page of Windows; "" for one that names none."""
    return _PAGES.get(page) or (f"cp{page}" if 0 < page < 65000 else "")


_PAGES = {
    1200: "utf-16-le",
    20127: "us-ascii",
    20866: "koi8-r",
    21866: "koi8-u",
    50220: "iso-2022-jp",
    51932: "euc-jp",
    51949: "euc-kr",
    54936: "gb18030",
    65001: "utf-8",
    **{28590 + number: f"iso-8859-{number}" for number in range(1, 16)},
}
