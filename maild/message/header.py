"""The head of a mail or of a part: fields and encoded words.

RFC 5322 section 2.2, RFC 2047, and what is really sent: lines in the middle of a head that are no field, encoded words
inside quotation marks or broken in two, raw 8-bit text.  Everything is linear in the size of the head, and nothing
raises.
"""

import binascii
import re
from typing import NamedTuple

from maild.message.charset import decode

LIMIT_BYTES = 256 * 1024
MOST_JOINED = 100  # lines of a head that are read as folds though they are none


class Field(NamedTuple):
    """One field: its name in lower case, its bytes as they came (folded, without the last line end)."""

    name: str
    raw: bytes


class Head(NamedTuple):
    """The fields of a head, where the body begins, and what was wrong."""

    fields: tuple[Field, ...]
    body: int
    defects: tuple[str, ...] = ()

    def first(self, name: str) -> bytes:
        for field in self.fields:
            if field.name == name:
                return field.raw
        return b""

    def count(self, name: str) -> int:
        return sum(field.name == name for field in self.fields)


_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:[ \t]*([^\n]*(?:\n[ \t]+[^ \t\r\n][^\n]*)*)\n?")
_LINE = re.compile(rb"[^\n]*\n?")
_EMPTY = re.compile(rb"\r?\n|\r?\Z")
_BLANK = re.compile(rb"[ \t]+\r?\n")
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_EMPTY_ABOVE = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*+\r?\n)*+[ \t]*+")
_SEPARATOR = (b"From ", b">From ")  # of an mbox
_TIME = re.compile(rb"\d\d:\d\d")
_TAIL = re.compile(rb"[^\s<>]{1,320}>")
_TORN = frozenset({"to", "cc", "references", "in-reply-to"})  # and none that says who somebody is
_WITH_PARAMETERS = frozenset({"content-type", "content-disposition"})
_PARAMETER_ALONE = re.compile(rb"[\w*-]{1,40}=")
_EXTENSION = re.compile(rb"X-[\w -]{1,60}:", re.IGNORECASE)  # "X-Shop Order: 7" is no field, though no sentence either
_KNOWN = re.compile(
    rb"^(?:from|to|cc|subject|date|sender|reply-to|message-id|in-reply-to|references|received|return-path"
    rb"|mime-version|content-[a-z-]+|x-[a-z0-9-]+|delivered-to|list-[a-z]+|dkim-signature"
    rb"|auto-submitted|precedence|authentication-results|arc-[a-z-]+|user-agent|thread-[a-z]+|errors-to)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)


def read(raw: bytes, start: int, end: int) -> Head:
    """Return the head that begins at `start`; a body that begins without one has no fields.

    An empty line at the beginning ends the head of a part, for its head may be empty; before a whole mail
    it is dirt (start 0).
    """
    limit = min(end, start + LIMIT_BYTES)
    fields: list[Field] = []
    defects: list[str] = []
    at = start or _skip_envelope(raw, limit)
    last_known = ended = -1
    joined = 0
    while at < limit:
        found = _FIELD.match(raw, at, limit)
        if found and (found.end() < limit or limit == end):
            fields.append(Field(found[1].decode("ascii").lower(), found[2].rstrip(b"\r")))
            at = ended = found.end()
            continue
        if empty := _EMPTY.match(raw, at, limit):
            return Head(tuple(fields), empty.end(), tuple(defects))
        after = _end_of_line(raw, at, limit)
        if limit < end and (found or after == limit):
            return Head(tuple(fields), *_beyond(raw, at, end, defects))
        if last_known < 0:
            last_known = _last_known(raw, at, limit)
        if at == ended and joined < MOST_JOINED and _goes_on(fields[-1], raw[at:after], inside=last_known >= after):
            fields[-1] = Field(fields[-1].name, fields[-1].raw + b"\n" + raw[at:after].rstrip(b"\r\n"))
            at = ended = after
            joined += 1
            continue
        if last_known < after and not (fields and _EXTENSION.match(raw, at, after)):
            blank = _BLANK.match(raw, at, limit)
            defects.append("no empty line between head and body" if fields else "no head")
            return Head(tuple(fields), blank.end() if blank else at, tuple(defects))
        defects.append("a line of the head is no field")
        at = after
    return Head(tuple(fields), end, tuple(defects))


def _skip_envelope(raw: bytes, end: int) -> int:
    """Empty lines on top and mbox's "From " line are no part of the mail."""
    above = _EMPTY_ABOVE.match(raw, 0, end)
    at = above.end() if above else 0
    after = raw.find(b"\n", at, end) + 1
    if after and raw.startswith(_SEPARATOR, at, end) and (b":" not in raw[at:after] or _TIME.search(raw, at, after)):
        at = after
    return at if _FIELD.match(raw, at, end) else 0


def _goes_on(field: Field, line: bytes, *, inside: bool) -> bool:
    """A line that belongs to the field above it.

    Folds may hold blank lines (RFC 5322 section 4.2), but only the fields below tell one from the end of the head;
    and some break an address, an id or parameters without the blank that the next line begins with.
    """
    if line[:1] in b" \t":
        return inside
    if field.name in _WITH_PARAMETERS:
        return field.raw.rstrip().endswith(b";") and bool(_PARAMETER_ALONE.match(line))
    return field.name in _TORN and field.raw.rfind(b"<") > field.raw.rfind(b">") and bool(_TAIL.match(line))


def _last_known(raw: bytes, at: int, limit: int) -> int:
    """Where the last field of a well-known name begins before the next empty line."""
    empty = _EMPTY_LINE.search(raw, at, limit)
    names = _KNOWN.finditer(raw, at, empty.start() if empty else limit)
    return max((name.start() for name in names), default=0)


def _end_of_line(raw: bytes, at: int, limit: int) -> int:
    line = _LINE.match(raw, at, limit)
    return line.end() if line else limit


def _beyond(raw: bytes, at: int, end: int, defects: list[str]) -> tuple[int, tuple[str, ...]]:
    """The head has reached its limit: the body begins behind the next empty line."""
    empty = _EMPTY_LINE.search(raw, at, end)
    return (empty.end() if empty else end), (*defects, "head longer than 256 KiB")


# Text of a field

_FOLD = re.compile(r"\r?\n(?=[ \t])|[\r\n]+")
# Controls, line separators, bidirectional overrides (they reverse file names), lone surrogates, U+FFFE/F.
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]+")


def text(raw: bytes, charset: str = "") -> str:
    """Return a field's value as one line of text: unfolded, decoded, without control characters.

    charset is what raw 8-bit text is likely to be in: that of the body.
    """
    return clean(words(unfold(raw, charset)))


def unfold(raw: bytes, charset: str = "") -> str:
    """Return a field's value without its folds (RFC 5322 section 2.2.3), encoded words untouched."""
    value = raw.decode("ascii") if raw.isascii() and b"\x1b" not in raw else decode(raw, charset).text
    return _FOLD.sub("", value) if "\n" in value or "\r" in value else value


def clean(value: str) -> str:
    """Return text without what must not get into a header, a name or a log line."""
    return (value if value.isprintable() else UNSAFE.sub(" ", value)).strip()


_WORD = re.compile(r"=\?([^?\s]{1,60})\? ?([bBqQ])\?")


class _Word(NamedTuple):
    charset: str
    data: bytes


def words(value: str) -> str:
    """Return text with its encoded words decoded (RFC 2047), wherever they stand.

    The octets of neighbours in the same charset are joined first: many programs split in mid-character.
    """
    if "=?" not in value:
        return value
    pieces: list[str | _Word] = []
    at = 0
    while (start := value.find("=?", at)) >= 0:
        opening = _WORD.match(value, start)
        if not opening:
            pieces.append(value[at : start + 2])
            at = start + 2
            continue
        closing = value.find("?=", opening.end())
        if closing < 0:
            break  # and no later one is closed
        _add(pieces, value[at:start])
        _join(pieces, _Word(opening[1].partition("*")[0].lower(), _octets(opening[2], value[opening.end() : closing])))
        at = closing + 2
    pieces.append(value[at:])
    return "".join(piece if isinstance(piece, str) else decode(piece.data, piece.charset).text for piece in pieces)


def _add(pieces: list[str | _Word], between: str) -> None:
    """Whitespace between two encoded words is no text (RFC 2047 section 6.2)."""
    if between and not (between.isspace() and pieces and isinstance(pieces[-1], _Word)):
        pieces.append(between)


def _join(pieces: list[str | _Word], word: _Word) -> None:
    last = pieces[-1] if pieces else ""
    if isinstance(last, _Word) and last.charset == word.charset:
        pieces[-1] = _Word(word.charset, last.data + word.data)
    else:
        pieces.append(word)


def _octets(encoding: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "replace")
    if encoding in "bB":
        return unbase64(data)
    return binascii.a2b_qp(data.replace(b" ", b"_"), header=True)


_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


def unbase64(data: bytes) -> bytes:
    """Decode base64 (RFC 2045 section 6.8) with wrong padding, foreign characters or a cut end."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        letters = _NOT_BASE64.sub(b"", data)
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
