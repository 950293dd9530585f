"""Mailboxes out of address fields: RFC 5322 section 3.4, strictly enough to say who somebody is.

What can be read in two ways gives no address (CVE-2023-27043: "alice@x]<bob@y>"), and nothing is ever
searched for in a display name or a comment.  email.utils is not used: it answers alice.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from maild.message import header
from maild.message.model import Address

MOST = 10_000  # mailboxes of one field
LONGEST_ADDRESS = 320  # RFC 5321 section 4.5.3.1: 64 + 1 + 255

_ATOM = (
    r"[^\s\x00-\x20\x7f-\xa0()<>\[\]:;@\\,.\"\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
_LOCAL = re.compile(rf'(?:{_ATOM}|\.)+|"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"')
_DOMAIN = re.compile(rf"{_ATOM}+(?:\.{_ATOM}+)*\.?|\[[^\[\]\\\x00-\x20\x7f]+\]")


_AROUND_DOT = re.compile(r"\s*\.\s*")  # RFC 5322 section 4.4


class _Item(NamedTuple):
    """One member of the list: the text before the angle bracket, in it, behind it, and its comments."""

    phrase: str
    angle: str | None
    behind: str
    comment: str
    whole: bool  # every quotation mark, bracket and comment is closed


def parse_list(value: str) -> tuple[Address, ...]:
    """Return the mailboxes of a field; members that cannot be read without doubt are left out."""
    found = []
    for item in _items(value):
        mailbox = _mailbox(item)
        if mailbox:
            found.append(mailbox)
        if len(found) >= MOST:
            break
    return tuple(found)


_PLAIN = re.compile(
    r"(?:([a-z][\w.'-]{0,60}(?: [\w.'-]{1,60}){0,8}) {1,4}<)?"
    r"([\w.+-]{1,64})@([\w-]{1,63}(?:\.[\w-]{1,63}){0,8})(?(1)>)",
    re.ASCII | re.IGNORECASE,
)


def plain(value: str) -> Address | None:
    """Return the one mailbox of a field that is written so plainly that no two scanners can differ, else None."""
    found = _PLAIN.fullmatch(value.strip(" \t"))
    if not found:
        return None
    name, local, domain = found.groups()
    return Address(name or "", f"{local}@{domain.lower()}")


def same(a: str, b: str) -> bool:
    """Say whether two addr-specs name one mailbox: the domain in any case, and, as everywhere, the local part."""
    mailbox = normal(a).casefold()
    return bool(mailbox) and mailbox == normal(b).casefold()


def normal(addr_spec: str) -> str:
    """Return an addr-spec with its domain in lower case, without the root's dot; "" where it is none."""
    spec = addr_spec.strip()
    if len(spec) > LONGEST_ADDRESS:
        return ""
    local, at, domain = spec.rpartition("@")
    local, domain = (_AROUND_DOT.sub(".", side.strip()) if '"' not in side else side for side in (local, domain))
    if not at or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain) or "=?" in local + domain:
        return ""
    return f"{local}@{domain.lower().rstrip('.')}"


def _mailbox(item: _Item) -> Address | None:
    if not item.whole or item.behind.strip():
        return None
    if item.angle is None:
        address = normal(item.phrase)
        return Address(display(item.comment), address) if address else None
    address = normal(_without_route(item.angle))
    if not address or _doubtful(item.phrase):
        return None
    return Address(display(item.phrase) or display(item.comment), address)


def _without_route(angle: str) -> str:
    """RFC 5322 section 4.4: <@relay.example:anna@customer.example>."""
    return angle.rpartition(":")[2] if angle.startswith("@") else angle.removeprefix("mailto:")


_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_HARMLESS = re.compile(r"\[[^\[\]<>@]*\]")  # "[Shop] Anna <anna@customer.example>"
_PAIR = re.compile(r"\\(.)", re.DOTALL)
_BLANKS = re.compile(r"\s+")


def _doubtful(phrase: str) -> bool:
    """Brackets outside of quotation marks: what is here may be another mailbox."""
    bare = _HARMLESS.sub("", _QUOTED.sub("", phrase))
    return any(char in "[]<>" for char in bare)


def display(phrase: str) -> str:
    """Return a display name decoded, without its quotation marks, on one line."""
    name = _BLANKS.sub(" ", phrase).strip()
    if '"' in name or "\\" in name:
        name = _PAIR.sub(r"\1", _QUOTED.sub(lambda quoted: quoted.group()[1:-1], name))
    name = header.clean(header.words(name))
    return name[1:-1].strip() if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"" else name


# The scanner

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\\.|[()<>,;:"]|[^"\\()<>,;:]+|\\', re.DOTALL)
_IN_COMMENT = re.compile(r"\\.|[()]", re.DOTALL)


@dataclass(slots=True)
class _Reading:
    """One member of the list while it is read."""

    phrase: list[str] = field(default_factory=list)
    angle: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    comment: list[str] = field(default_factory=list)
    angles: int = 0
    in_angle: bool = False
    whole: bool = True

    def text(self, token: str) -> None:
        (self.angle if self.in_angle else self.behind if self.angles else self.phrase).append(token)

    def open(self) -> None:
        self.angles, self.in_angle = self.angles + 1, True

    def close(self) -> None:
        self.whole = self.whole and self.in_angle
        self.in_angle = False

    def item(self) -> _Item:
        return _Item(
            phrase="".join(self.phrase).strip(),
            angle="".join(self.angle) if self.angles else None,
            behind="".join(self.behind),
            comment=" ".join(self.comment).strip(),
            whole=self.whole and not self.in_angle and self.angles < 2,
        )


def _items(value: str) -> Iterator[_Item]:
    """Part a field at its commas and semicolons; each character is looked at once.

    "Doe, Anna <anna@customer.example>" lacks quotation marks: the part without an address belongs to the name.
    """
    family = ""
    for item in _members(value):
        if item.angle is None and item.whole and item.phrase and "@" not in item.phrase:
            family += f"{item.phrase}, "
            continue
        yield item._replace(phrase=family + item.phrase) if item.angle is not None and item.phrase else item
        family = ""


def _members(value: str) -> Iterator[_Item]:
    reading, at = _Reading(), 0
    while token := _TOKEN.match(value, at):
        at, word = token.end(), token.group()
        if word == "(":
            end = _end_of_comment(value, at)
            reading.comment.append(value[at : end - 1])
            reading.whole = reading.whole and end <= len(value)
            reading.text(" ")
            at = end
        elif word in ",;" and not reading.in_angle:
            yield reading.item()
            reading = _Reading()
        elif word == ":" and not reading.angles:
            reading = _Reading()  # the name of a group, RFC 5322 section 3.4
        elif word == "<":
            reading.open()
        elif word == ">":
            reading.close()
        else:
            reading.whole = reading.whole and word != '"'
            reading.text(word)
    yield reading.item()


def _end_of_comment(value: str, start: int) -> int:
    """Return the place behind the closing bracket of a comment; behind the end of the text where there is none."""
    depth = 1
    for mark in _IN_COMMENT.finditer(value, start):
        depth += {"(": 1, ")": -1}.get(mark.group(), 0)
        if depth == 0:
            return mark.end()
    return len(value) + 1


def pattern_of(address: str) -> str:
    """Return an expression that finds an address in a text, and not within a longer one: joanna@x is not anna@x."""
    return rf"(?<![\w.!#$%&'*+/=?^`{{|}}~-]){re.escape(address)}(?![\w-]|\.\w)"
