"""Look into S/MIME: what an opaque signature wraps, and whether a mail is encrypted.

Standards: RFC 5652 (CMS), RFC 8551 (S/MIME 4.0), X.690 (BER).  Only the frame is read, and no signature is checked.
Never raises; what is no CMS is OTHER.
"""

from enum import StrEnum
from typing import NamedTuple

SIGNED = bytes.fromhex("2a864886f70d010702")  # 1.2.840.113549.1.7.2
ENCRYPTED = (
    bytes.fromhex("2a864886f70d010703"),  # enveloped
    bytes.fromhex("2a864886f70d010706"),  # encrypted
    bytes.fromhex("2a864886f70d0109100117"),  # authenticated and enveloped
)
_SEQUENCE, _SET, _OID, _OCTETS, _OCTETS_IN_PIECES, _EXPLICIT = 0x30, 0x31, 0x06, 0x04, 0x24, 0xA0
_INTEGER, _END = 0x02, 0x00
MOST_PIECES = 100_000  # of one string, or elements that are passed over
_CONSTRUCTED = 0x20  # of a tag: elements are within (X.690 section 8.1.2.5)


class Holds(StrEnum):
    """What a CMS structure is."""

    SIGNED = "signed"
    ENCRYPTED = "encrypted"
    OTHER = "other"


class Content(NamedTuple):
    """What it is, and the MIME entity that was signed; empty where the signature is detached."""

    holds: Holds
    entity: bytes = b""


class _Broken(Exception):
    """Not what BER or CMS say."""


def read(octets: bytes) -> Content:
    """Return what a CMS structure is, and what it wraps."""
    try:
        at, _ = _enter(octets, 0, _SEQUENCE)
        start, end = _enter(octets, at, _OID)
        what = octets[start:end]
        if what in ENCRYPTED:
            return Content(Holds.ENCRYPTED)
        return Content(Holds.SIGNED, _signed(octets, end)) if what == SIGNED else Content(Holds.OTHER)
    except (_Broken, IndexError):
        return Content(Holds.OTHER)


def _signed(octets: bytes, at: int) -> bytes:
    """RFC 5652 section 5.1: version, digest algorithms, and what was signed: its type and, explicit, its octets."""
    at, _ = _enter(octets, at, _EXPLICIT)
    at, _ = _enter(octets, at, _SEQUENCE)
    _, at = _enter(octets, at, _INTEGER)
    at = _behind(octets, at, _SET)
    at, end = _enter(octets, at, _SEQUENCE)
    _, at = _enter(octets, at, _OID)
    if (0 <= end <= at) or octets[at] != _EXPLICIT:
        return b""
    at, _ = _enter(octets, at, _EXPLICIT)
    return b"".join(_pieces(octets, at))


def _pieces(octets: bytes, at: int) -> list[bytes]:
    """A string, whole or in pieces (X.690 section 8.7.3), as programs write that do not know its length beforehand."""
    if octets[at] == _OCTETS:
        start, end = _enter(octets, at, _OCTETS)
        return [octets[start:end]]
    at, stop = _enter(octets, at, _OCTETS_IN_PIECES)
    found: list[bytes] = []
    while (at < stop if stop >= 0 else octets[at] != _END) and len(found) < MOST_PIECES:
        start, at = _enter(octets, at, _OCTETS)
        found.append(octets[start:at])
    return found


def _enter(octets: bytes, at: int, tag: int) -> tuple[int, int]:
    """Return where the content of an element begins and ends; -1 for an end that only its mark tells.

    Raises:
        _Broken: another element is there, or none that may be.
        IndexError: the structure ends before.
    """
    if octets[at] != tag:
        raise _Broken
    length, at = octets[at + 1], at + 2
    if length == 0x80:
        if not tag & _CONSTRUCTED:
            raise _Broken  # X.690 section 8.1.3.2: its end would be in what it holds
        return at, -1
    if length > 0x80:
        wide = length & 0x7F
        length, at = int.from_bytes(octets[at : at + wide], "big"), at + wide
    return at, min(at + length, len(octets))


def _behind(octets: bytes, at: int, tag: int) -> int:
    """Skip an element; one whose end only a mark tells ends where all within it have ended."""
    start, end = _enter(octets, at, tag)
    if end >= 0:
        return end
    at, unended = start, 1
    for _ in range(MOST_PIECES):
        if octets[at] == _END:
            at, unended = at + 2, unended - 1
            if not unended:
                return at
            continue
        start, end = _enter(octets, at, octets[at])
        at, unended = (end, unended) if end >= 0 else (start, unended + 1)
    raise _Broken
