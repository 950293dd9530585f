"""Header fields as bytes: cleaned, encoded, folded.

Text comes in decoded and may be hostile (a subject with line breaks in it); what goes out is ASCII in
lines of at most 78 octets where a space allows it, and never more than 998 (RFC 5322 section 2.1.1).
Written by hand: the library's policy encodes long Message-IDs by RFC 2047, which breaks threading in
the next client, and takes a tenth of a millisecond a field.
"""

import binascii
import re
from collections.abc import Iterable

from maild.outbound.domain import ascii_domain

LINE = 78
ENCODED_WORD = 64  # 75 is allowed, but a line with one only 76, and the first one is behind the name
LONGEST_LINE = 998
MOST_REFERENCES = 21  # the first and the last 20; RFC 5322 section 3.6.4 leaves it to us

ADDRESSES = frozenset({"from", "to", "cc", "reply-to", "sender"})
# Made of tokens that RFC 2047 section 5 forbids to encode, and that a fold inside would cut
TOKENS = frozenset(
    "message-id in-reply-to references date auto-submitted precedence list-id list-unsubscribe list-unsubscribe-post"
    " list-post list-help x-auto-response-suppress feedback-id original-message-id".split()
)

_SPACES = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")  # line breaks of any kind, NUL, tabs
_INVISIBLE = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_NAME = re.compile(r"[!-9;-~]+")
_MAILBOX = re.compile(r'\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^<>,"]*))\s*<(?P<address>[^<>]*)>\s*(?:,|$)')
_Q_SAFE = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!*+-/")  # RFC 2047 section 5 (3)

_EXTENDED_SAFE = (_Q_SAFE | frozenset(b"._~")) - frozenset(b"*/")  # RFC 2231 section 7


def field(name: str, value: str) -> bytes:
    """Return one header field with its line end.

    Raises:
        ValueError: the name is no field name, which no mail can cause.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no field name")
    kind = name.lower()
    text = clean(value)
    if kind in ADDRESSES:
        words = _addresses(text)
    elif kind in TOKENS:
        words = _tokens(text, kind)
    else:
        words = _unstructured(text)
    return _folded(name, words)


def clean(text: str) -> str:
    """Return text on one line: no control character, nothing that turns the direction of writing."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip()


def parameter(name: str, value: str) -> str:
    """Return "; name=value", by RFC 2231 where quotation marks do not suffice; long values are continued."""
    plain = clean(value)
    if plain.isascii() and not {'"', "\\"} & set(plain) and len(plain) + len(name) < LINE - 6:
        return f';\r\n {name}="{plain}"'
    octets = [chr(o) if o in _EXTENDED_SAFE else f"%{o:02X}" for o in plain.encode()]
    pieces = list(_lines_of(octets, LINE - len(name) - 18))
    if len(pieces) == 1:
        return f";\r\n {name}*=utf-8''{pieces[0]}"
    return "".join(
        f";\r\n {name}*{number}*={'' if number else chr(39).join(('utf-8', '', ''))}{piece}"
        for number, piece in enumerate(pieces)
    )


def _lines_of(octets: Iterable[str], width: int) -> Iterable[str]:
    line = ""
    for octet in octets:
        if len(line) + len(octet) > width:
            yield line
            line = ""
        line += octet
    yield line


def _folded(name: str, words: list[str]) -> bytes:
    """Join words by spaces, and break lines before them."""
    lines, line = [], f"{name}:"
    for word in words:
        if len(line) + 1 + len(word) > LINE and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line, ""]).encode()


def _tokens(text: str, kind: str) -> list[str]:
    words = [word for word in text.split(" ") if word.isascii() and len(word) < LONGEST_LINE - 32]
    if kind == "references" and len(words) > MOST_REFERENCES:
        return [words[0], *words[1 - MOST_REFERENCES :]]
    return words


def _unstructured(text: str) -> list[str]:
    words = text.split(" ")
    # "=?" is encoded too: what was written as an encoded word must not be read as one
    if text.isascii() and "=?" not in text and max(map(len, words)) < LONGEST_LINE - 80:
        return words
    return encoded_words(text)


def encoded_words(text: str) -> list[str]:
    """Return text as short encoded words, whole characters in each (RFC 2047 sections 2 and 5)."""
    raw = text.encode()
    return _in_q(text) if 3 * sum(o not in _Q_SAFE and o != 0x20 for o in raw) < len(raw) else _in_b(text)


def _in_q(text: str) -> list[str]:
    characters = ("".join(_q(octet) for octet in character.encode()) for character in text)
    return [f"=?utf-8?q?{line}?=" for line in _lines_of(characters, ENCODED_WORD - 12)]


def _q(octet: int) -> str:
    if octet == 0x20:
        return "_"
    return chr(octet) if octet in _Q_SAFE else f"={octet:02X}"


def _in_b(text: str) -> list[str]:
    words, taken = [], b""
    for character in text:
        octets = character.encode()
        if len(taken) + len(octets) > (ENCODED_WORD - 12) // 4 * 3:
            words.append(taken)
            taken = b""
        taken += octets
    return [f"=?utf-8?b?{binascii.b2a_base64(word, newline=False).decode()}?=" for word in [*words, taken]]


def _addresses(text: str) -> list[str]:
    """Return the words of an address list in the form that compose writes: "name" <address>, …"""
    found = list(_MAILBOX.finditer(text))
    if not found or "".join(match[0] for match in found) != text:
        return [ascii_domain(text)]  # a bare address
    words: list[str] = []
    for match in found:
        if words:
            words[-1] += ","
        words += [*_phrase(match["quoted"] if match["quoted"] is not None else match["plain"].strip())]
        words.append(f"<{ascii_domain(match['address'])}>")
    return words


def _phrase(name: str) -> list[str]:
    name = re.sub(r"\\(.)", r"\1", name).strip()
    if not name:
        return []
    if not name.isascii() or "=?" in name or len(name) > LONGEST_LINE - 80:
        return encoded_words(name)
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'.split(" ")
