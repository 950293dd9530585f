"""The parts of a mail: where each begins and ends in the raw bytes, what it claims to be, its decoded octets.

RFC 2045, 2046, 2183.  Nothing is copied while the tree is read, so a mail of 30 MB costs its own size; the
bytes of a part, a message/rfc822 too, are the raw ones.  The work grows with size times depth, and depth,
parts and multiparts are limited: beyond that TooMuch is raised and the mail is filed as it is.
"""

import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from maild.message import header, parameters, plain
from maild.message.header import Head
from maild.message.parameters import Parameters

MOST_MULTIPARTS = 200
MOST_PARTS = 5000
DEEPEST = 50
MOST_LIKELY_LINES = 100_000  # that begin like a delimiter and are none
MOST_PIECES = 1_000_000  # of base64, padded each by itself
LONGEST_DELIMITER = 1000  # bytes of a line that may still be one (RFC 2046 allows 70)


class TooMuch(Exception):
    """The mail has more parts than anybody would send; the text says more than what."""


class Span(NamedTuple):
    """Where something is in the raw mail."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME entity.  body is its raw span; between holds what a multipart has outside of its parts."""

    head: Head
    content_type: str
    parameters: Parameters
    disposition: Parameters
    encoding: str  # "base64", "quoted-printable", "uuencode" or "" for bytes that stand as they are
    body: Span
    children: tuple["Part", ...] = ()
    between: tuple[Span, ...] = ()
    defects: tuple[str, ...] = ()

    @property
    def main_type(self) -> str:
        return self.content_type.partition("/")[0]

    @property
    def declared_type(self) -> str:
        """What the head says, also where no part could be found."""
        return _media_type(self.parameters.value, self.content_type)

    @property
    def charset(self) -> str:
        return self.parameters.get("charset")

    @property
    def name(self) -> str:
        """The file name that the sender gave it (RFC 2183 section 2.3, or the older name parameter)."""
        return self.disposition.get("filename") or self.parameters.get("name") or self.parameters.get("filename")

    @property
    def described(self) -> str:
        """What stands for a name where none is given: a location or a description that is one file's."""
        for name in ("content-location", "content-description"):
            value = header.text(self.head.first(name), self.charset).strip("\"' ")
            if _FILE.fullmatch(value):
                return value
        return ""

    @property
    def content_id(self) -> str:
        return header.text(self.head.first("content-id")).strip("<> ")

    def walk(self) -> Iterator["Part"]:
        """Give the part and all parts inside, in their order in the mail."""
        yield self
        for child in self.children:
            yield from child.walk()


_FILE = re.compile(r"[\w .()+-]{1,100}\.[A-Za-z0-9]{2,5}")


@dataclass(slots=True)
class Budget:
    """What may still be read of one mail."""

    parts: int = MOST_PARTS
    multiparts: int = MOST_MULTIPARTS

    def spend_part(self) -> None:
        self.parts -= 1
        if self.parts < 0:
            raise TooMuch(f"more than {MOST_PARTS} parts")

    def spend_multipart(self, depth: int) -> None:
        self.multiparts -= 1
        if self.multiparts < 0:
            raise TooMuch(f"more than {MOST_MULTIPARTS} multiparts")
        if depth > DEEPEST:
            raise TooMuch(f"multiparts more than {DEEPEST} deep")


@dataclass(slots=True)
class _Reader:
    raw: bytes
    budget: Budget = field(default_factory=Budget)

    def entity(self, span: Span, default_type: str, depth: int) -> Part:
        self.budget.spend_part()
        part = _leaf(self.raw, span, default_type)
        return self.multipart(part, depth) if part.main_type == "multipart" else part

    def multipart(self, part: Part, depth: int) -> Part:
        self.budget.spend_multipart(depth)
        boundary = part.parameters.get("boundary").encode("utf-8", "replace")
        lines = _delimiters(self.raw, part.body, boundary)
        if not lines:
            defect = "multipart without its boundary"
            return replace(part, content_type="text/plain", defects=(*part.defects, defect))  # shown as it is
        default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
        inner, between = _inside(self.raw, part.body, lines)
        children = [self.entity(span, default, depth + 1) for span in inner]
        if lost := _headless_first(self.raw, part, between):
            children.insert(0, lost)
        unclosed = () if lines[-1].closes else ("multipart without its closing boundary",)
        defects = (*part.defects, *unclosed)
        # RFC 2045 section 6.4: the encoding of a multipart is none but 7bit, 8bit and binary
        return replace(part, encoding="", children=tuple(children), between=between, defects=defects)


def read(raw: bytes) -> Part:
    """Return the tree of a mail.

    Raises:
        TooMuch: it has more parts than the limits allow; file it as it is.
    """
    return _Reader(raw).entity(Span(0, len(raw)), "text/plain", 0)


def entity(raw: bytes, span: Span, budget: Budget) -> Part:
    """Return the tree of a MIME entity that is within other bytes.

    Raises:
        TooMuch: as read; the budget is that of all such entities of a mail.
    """
    return _Reader(raw, budget).entity(span, "text/plain", 0)


def _leaf(raw: bytes, span: Span, default_type: str) -> Part:
    head = header.read(raw, *span)
    named = parameters.read(head.first("content-type"))
    defects = ("more than one Content-Type",) if head.count("content-type") > 1 else ()
    return Part(
        head=head,
        content_type=_media_type(named.value, default_type),
        parameters=named,
        disposition=parameters.read(head.first("content-disposition")),
        encoding=_encoding(head.first("content-transfer-encoding")),
        body=Span(head.body, max(head.body, span.end)),
        defects=(*head.defects, *defects),
    )


_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")


def _media_type(value: str, default_type: str) -> str:
    """RFC 2045 section 5.2: what cannot be read is plain text; "text" and "multipart" alone are not rare."""
    found = _MEDIA_TYPE.match(value)
    if found:
        return _MISTAKEN.get(found.group(), found.group())
    main_type = value.partition("/")[0]
    return {"multipart": "multipart/mixed", "message": "message/rfc822"}.get(main_type, default_type)


_MISTAKEN = {"plain/text": "text/plain"}  # web forms say so

_ENCODINGS = (("base64", "base64"), ("quoted", "quoted-printable"), ("uu", "uuencode"), ("x-uu", "uuencode"))


def _encoding(raw: bytes) -> str:
    value = header.text(raw).strip("\"'; ").lower()
    return next((encoding for start, encoding in _ENCODINGS if value.startswith(start)), "")


# Multiparts


class _Delimiter(NamedTuple):
    start: int
    end: int  # after its line end
    closes: bool


def _delimiters(raw: bytes, body: Span, boundary: bytes) -> list[_Delimiter]:
    """Find the delimiter lines; strictly, else with other text behind them, else of a boundary of their own."""
    lines = _lines_of(raw, body, boundary, strict=True) if boundary else []
    if not any(not line.closes for line in lines):
        lines = lines or (_lines_of(raw, body, boundary, strict=False) if boundary else [])
    if not lines:
        guessed = _guess(raw, body)
        lines = _lines_of(raw, body, guessed, strict=True) if guessed else []
    return lines


def _lines_of(raw: bytes, body: Span, boundary: bytes, *, strict: bool) -> list[_Delimiter]:
    """RFC 2046 section 5.1.1: the whole line counts, for "--a" must not end a part of boundary "ab"."""
    marker = b"--" + boundary
    lines: list[_Delimiter] = []
    at = body.start if raw.startswith(marker, *body) else _next_line_with(raw, marker, body.start, body.end)
    for _ in range(MOST_LIKELY_LINES):
        if at < 0:
            return lines
        stop = raw.find(b"\n", at, body.end) + 1 or body.end
        rest = raw[at + len(marker) : min(stop, at + LONGEST_DELIMITER)].strip()
        if rest in (b"", b"--") or not strict:
            lines.append(_Delimiter(at, stop, rest.startswith(b"--")))
        if len(lines) > MOST_PARTS:
            raise TooMuch(f"more than {MOST_PARTS} parts")
        at = _next_line_with(raw, marker, stop - 1, body.end)
    raise TooMuch(f"more than {MOST_LIKELY_LINES} lines that look like a boundary")


def _next_line_with(raw: bytes, marker: bytes, start: int, end: int) -> int:
    found = raw.find(b"\n" + marker, start, end)
    return found + 1 if found >= 0 else -1


_LIKELY = re.compile(rb"^--([^\r\n]{1,200}?)[ \t]*\r?\nContent-[A-Za-z-]+:", re.MULTILINE | re.IGNORECASE)


def _guess(raw: bytes, body: Span) -> bytes:
    found = _LIKELY.search(raw, *body)
    return found[1] if found else b""


def _inside(raw: bytes, body: Span, lines: list[_Delimiter]) -> tuple[list[Span], tuple[Span, ...]]:
    """Return the spans of the parts, and of what stands before, between and behind them."""
    parts: list[Span] = []
    between = [Span(body.start, _before(raw, body.start, lines[0].start))]
    ends = [line.start for line in lines[1:]] + [body.end]
    for line, end in zip(lines, ends, strict=True):
        span = Span(line.end, _before(raw, line.end, end) if end < body.end else end)
        (between if line.closes else parts).append(span)
    return [span for span in parts if raw[span.start : span.end].strip()], tuple(between)


def _before(raw: bytes, start: int, end: int) -> int:
    """The line end before a delimiter belongs to the delimiter (RFC 2046 section 5.1.1)."""
    if end > start and raw[end - 1] == 0x0A:
        end -= 1
        if end > start and raw[end - 1] == 0x0D:
            end -= 1
    return end


def _headless_first(raw: bytes, part: Part, between: tuple[Span, ...]) -> Part | None:
    """The first delimiter is missing: the heads of the multipart and of its first part ran together."""
    types = [f.raw for f in part.head.fields if f.name == "content-type"]
    if len(types) < 2 or not raw[between[0].start : between[0].end].strip():
        return None
    named = parameters.read(types[-1])
    return Part(
        head=Head((), between[0].start),
        content_type=_media_type(named.value, "text/plain"),
        parameters=named,
        disposition=Parameters("", {}),
        encoding=part.encoding,
        body=between[0],
        defects=("multipart without its first boundary",),
    )


# Octets


def payload(raw: bytes, part: Part) -> bytes:
    """Return the decoded octets of a part; of a message/rfc822 that is not encoded, exactly the raw ones."""
    octets = memoryview(raw)[part.body.start : part.body.end]
    return _DECODERS.get(part.encoding, bytes)(octets)


def _base64(octets: memoryview) -> bytes:
    if _PADDED_WITHIN.match(octets):
        return _each_padded(bytes(octets))
    try:
        return binascii.a2b_base64(octets)
    except binascii.Error:
        return header.unbase64(bytes(octets))


_PADDED_WITHIN = re.compile(rb"[^=]*+=[=\s]*+[A-Za-z0-9+/]")
_PADDED = re.compile(rb"[=\s]*+([A-Za-z0-9+/\r\n]++)(?:=|\Z)")


def _each_padded(data: bytes) -> bytes:
    """Pieces that were encoded each by itself, up to what is none: a list may have put its footer below."""
    decoded: list[bytes] = []
    at = 0
    for _ in range(MOST_PIECES):
        piece = _PADDED.match(data, at)
        if not piece:
            break
        decoded.append(header.unbase64(piece[1] + b"="))
        at = piece.end()
    return b"".join(decoded) or header.unbase64(data)


_SPACE_BEFORE_END = re.compile(rb"=[ \t]+(?=\r?\n)")


def _quoted_printable(octets: memoryview) -> bytes:
    """RFC 2045 section 6.7; blanks that a relay added behind a soft line break are dropped."""
    data = bytes(octets)
    return binascii.a2b_qp(_SPACE_BEFORE_END.sub(b"=", data) if b"= " in data or b"=\t" in data else data)


def _uuencode(octets: memoryview) -> bytes:
    found = plain.uuencoded(bytes(octets))
    return found.files[0].data if found.files else bytes(octets)


_DECODERS: dict[str, Callable[[memoryview], bytes]] = {
    "base64": _base64,
    "quoted-printable": _quoted_printable,
    "uuencode": _uuencode,
}
