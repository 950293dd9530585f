"""The parameters of Content-Type and Content-Disposition (RFC 2045 section 5.1, RFC 2231), however they are written.

File names hold semicolons, are encoded by a wrong standard, or lack the star that would tell; nothing raises.
"""

import re
from typing import NamedTuple
from urllib.parse import unquote, unquote_to_bytes

from maild.message.charset import decode
from maild.message.header import clean, unfold, words

LONGEST = 32768  # characters of a field that are looked at
_VALUE = re.compile(r"\s*([^\s;]*)")
_PARAMETER = re.compile(
    r"""([^\s;=*"]{1,80})(\*\d{0,9})?(\*?)\s*=\s*"""
    r"""("(?:[^"\\]|\\.)*"(?=\s*(?:;|$|[^\s;=]+=))|=\?[^;]*?\?=(?=\s*(?:;|$))|[^;]*)""",
    re.DOTALL,
)
_ESCAPED = re.compile(r'\\(["\\])')


class Parameters(NamedTuple):
    """A structured field: its value in lower case, and its parameters, names in lower case, decoded."""

    value: str
    named: dict[str, str]

    def get(self, name: str) -> str:
        return self.named.get(name, "")


class _Section(NamedTuple):
    """name=value is section -1, name*=value section 0 alone, name*3*=value section 3."""

    number: int
    extended: bool
    value: str


def read(raw: bytes, charset: str = "") -> Parameters:
    """Read a structured field."""
    if not raw:
        return Parameters("", {})
    line = unfold(raw, charset)[:LONGEST]
    value = _VALUE.match(line)
    sections: dict[str, list[_Section]] = {}
    for name, number, star, given in _PARAMETER.findall(line, value.end() if value else 0):
        section = _Section(int(number[1:] or 0) if number else -1, bool(star) or number == "*", _unquoted(given))
        sections.setdefault(name.lower(), []).append(section)
    named = {name: clean(words(_whole(found))) for name, found in sections.items()}
    return Parameters(value[1].lower() if value else "", named)


def _unquoted(given: str) -> str:
    given = given.strip()
    if len(given) > 1 and given[0] == '"' == given[-1]:
        return _ESCAPED.sub(r"\1", given[1:-1])
    return given.strip('"')


def _whole(sections: list[_Section]) -> str:
    """Join the numbered sections (RFC 2231 section 3) and decode them (section 4); else the plain value."""
    numbered = sorted((section for section in sections if section.number >= 0), key=lambda section: section.number)
    if not numbered:
        return _starless(sections[0].value)
    if not any(section.extended for section in numbered):
        return "".join(section.value for section in numbered)
    charset, first = _initial(numbered[0])
    octets = b"".join(
        unquote_to_bytes(value) if section.extended else value.encode("utf-8", "replace")
        for section, value in zip(numbered, (first, *(s.value for s in numbered[1:])), strict=True)
    )
    return decode(octets, charset).text


_STARLESS = re.compile(r"(utf-8|iso-8859-\d{1,2}|windows-125\d)'[a-z-]{0,10}'(.*%.*)", re.IGNORECASE | re.DOTALL)
_PERCENTS = re.compile(r"(?:%[89A-F][0-9A-F]){2}", re.IGNORECASE)  # letters in UTF-8, as some webmails write them


def _starless(value: str) -> str:
    """Some programs encode as RFC 2231 says, and leave out the star that would tell."""
    found = _STARLESS.fullmatch(value)
    if found:
        return decode(unquote_to_bytes(found[2]), found[1]).text
    return unquote(value) if _PERCENTS.search(value) and "\ufffd" not in unquote(value) else value


def _initial(section: _Section) -> tuple[str, str]:
    """Return the charset and the text of charset'language'text; some leave the apostrophes out."""
    charset, mark, rest = section.value.partition("'")
    _, second, value = rest.partition("'")
    return (charset, value) if section.extended and mark and second else ("", section.value)
