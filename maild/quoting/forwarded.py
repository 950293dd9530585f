"""Find the mail inside a forward: what a colleague passes on, as if its writer had sent it.

First a mail enclosed whole (message/rfc822), then the head that mail programs write above a forwarded text, in the
languages of the cutting tables.

Standards: RFC 2046 section 5.2.1 (message/rfc822).
"""

import re
from dataclasses import dataclass, replace

from maild.message import address, parse, subject
from maild.message.model import NOBODY, Address, Message
from maild.quoting import added, attribution, banner, heads, quotes, signature


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The mail inside a forward, and what the forwarder wrote above it."""

    message: Message
    above: str


def read(message: Message) -> Forwarded | None:
    """Return the mail inside a forward, None where there is none or its writer cannot be told."""
    return _enclosed(message) or _quoted(message)


def _enclosed(message: Message) -> Forwarded | None:
    whole = next((part.text for part in message.enclosed if part.content_type == "message/rfc822"), "")
    if not whole:
        return None
    inner = parse.parse(whole.encode("utf-8", "replace"))
    if inner.sender is NOBODY or not inner.sender.address:
        return None
    return _told(message, inner.sender, inner.subject, inner.text, message.text, inner)


def _quoted(message: Message) -> Forwarded | None:
    """A head counts only where something else says that this is a forward: its subject, or a line above the head."""
    lines = heads.parted(message.text.split("\n"))
    is_forward, is_parted = subject.base(message.subject).forward, False
    for start in quotes.candidates(lines):
        is_parted = is_parted or quotes.separator(lines[start]) == "forward"
        is_forward = is_forward or is_parted
        end = heads.head(lines, start) if is_forward else 0
        if end:
            named = _named(lines[start:end])
            if "from" not in named:
                above = max(start - 1, 0)
                named["from"] = next(filter(None, map(_unlabelled, lines[above:end])), "")
                start = above if _unlabelled(lines[above]) else start
            return _parted(message, lines, start, end, mailbox(named.get("from", "")), named.get("subject", ""))
        above = max(start - attribution.JOINED + 1, 0)
        begins = attribution.find(lines, start, above)[0] if is_forward else -1
        if begins >= 0:  # Yandex, Nextcloud, Outlook for Mac: no head
            writer = _attributed(" ".join(lines[begins : start + 1]))
            return _parted(message, lines, begins, start + 1, writer, "")
    return None


def mailbox(written: str) -> Address | None:
    """The mailbox of a field as programs show it to a reader."""
    linked = _BRACKETS.sub(r"<\1>", _LINK.sub(r"\1", _BEHALF.sub("", written)))
    found = address.parse_list(_UNBRACKETED.sub(r"\1<\2>", linked))
    return next((one for one in found if "@" in one.address), None)


def _unlabelled(line: str) -> str:
    """A mailbox behind a label that no table knows: of Gmail's, the writer's alone is in the forwarder's language."""
    label, colon, value = quotes.unquoted(line).partition(":")
    known = not colon or len(label) > _LONGEST_LABEL or heads.label(line)[0]
    return value if not known and quotes.MAILBOX.search(value) else ""


_LONGEST_LABEL = 30  # characters


_LINK = re.compile(r"(@[^\s<>]{1,255}>?) ?[\[<]mailto:[^\[\]<>]*[\]>]")  # "anna@x.example<mailto:anna@x.example>"
# "Anna<mailto:anna@x.example>": Windows Mail
_BRACKETS = re.compile(r"[\[<](?:mailto:)?([^\[\]<>\s@]{1,64}@[^\[\]<>\s@]{1,255})[\]>]")
_UNBRACKETED = re.compile(r"^([^<>@\"]{1,200} )\(?([^\s<>()@]{1,64}@[^\s<>()@,;]{1,255})\)?$")  # abv.bg
_BEHALF = re.compile(  # "Post <post@x.example> On Behalf Of Anna <anna@x.example>": who wrote stands last
    r"^.{1,400}\s(?:on behalf of|im auftrag von|de la part de|en nombre de|em nome de|per conto di|namens|w imieniu|"
    r"от имени)\s(?=[^@]{0,200}[^\s@]@)",
    re.IGNORECASE,
)


def _named(head: list[str]) -> dict[str, str]:
    """The values of a head's fields by their kind; a mailbox torn before its bracket is one."""
    named: dict[str, str] = {}
    last = ""
    for line in head:
        kind, value = heads.label(line)
        if kind:
            last = kind
            named[kind] = value
        elif last == "from" and "@" not in named[last]:
            named[last] += " " + quotes.unquoted(quotes.plain(line[: quotes.LONGEST])).strip(" *_\t")
    return named


# A mailbox; an address in round brackets (Outlook for Mac in Hungarian; Slovak has it in both); or in none (Nextcloud)
_SPEC = r"([^()<>@\s]{1,64}@[^()<>@\s]{1,255})"
_WRITER = re.compile(
    rf"""(?:["«„“]\s?([^"«»„“”]{{1,100}}?)\s?["»”“]\s?)?(?:\(?<([^<>\s]{{1,320}})>|\({_SPEC}\)|(?<=" ){_SPEC} )"""
)


def _attributed(line: str) -> Address | None:
    """The writer whom an attribution names: 'On 05.05.2025, 10:14, "Anna" <anna@customer.example> wrote:'."""
    bare = quotes.unquoted(quotes.plain(line[: quotes.LONGEST]))
    named = _WRITER.search(bare)
    if not named or not (spec := address.normal(named[2] or named[3] or named[4])):
        return None
    return Address(named[1] or _name(bare[: named.start()].rpartition(", ")[2]), spec)


def _name(words: str) -> str:
    """The name that ends what stands before a mailbox: below a date, what follows a word that names nobody."""
    if not any(map(str.isdigit, words)):
        return words.strip()
    for word in _BEFORE_NAMES:
        _, found, name = words.rpartition(f" {word} ")
        if found and not any(map(str.isdigit, name)):
            return name.strip(" (")
    return ""


_BEFORE_NAMES = ("heeft", "používateľ", "uživatel", "időpontban", "schrieb", "skrev", "пользователь", "користувач")


def _parted(
    message: Message, lines: list[str], start: int, end: int, writer: Address | None, about: str
) -> Forwarded | None:
    if writer is None:
        return None
    above = [line for line in map(str.rstrip, lines[: _shown_from(lines, start)]) if not _drawn(quotes.unquoted(line))]
    while above and _frames(above[-1]):  # a title in any language, and marks around it
        above.pop()
    first, last = end, len(lines)
    while first < last and _frames(lines[first]):
        first += 1
    while first < last and _frames(lines[last - 1]):
        last -= 1
    below = lines[first:last]
    if all(quotes.quoted(line) or not line.strip() for line in below):  # as Apple forwards
        below = [line.lstrip()[1:].removeprefix(" ") for line in below]
    return _told(message, writer, about, "\n".join(below).strip("\n"), "\n".join(above), None)


# A field of a mail as it came, or where one goes on
_FIELD = re.compile(r"(?:> ?)*+(?:[A-Z][A-Za-z0-9-]{1,40}:\s|[\t ]+\S)")


def _shown_from(lines: list[str], start: int) -> int:
    """Where a head begins above which fields stand that nobody reads: mutt may show all (Return-Path, Received)."""
    first = start
    while first and _FIELD.match(lines[first - 1][: quotes.LONGEST]):
        first -= 1
    title = next((line for line in reversed(lines[:first]) if line.strip("> ")), "")
    return first if quotes.separator(title) == "forward" else start


def _frames(line: str) -> bool:
    return not line.strip("> ") or quotes.frame(quotes.unquoted(line))


def _drawn(line: str) -> bool:
    return bool(quotes.separator(line)) or quotes.rule(line)


def _told(message: Message, writer: Address, about: str, text: str, above: str, inner: Message | None) -> Forwarded:
    """Return the forward as its first writer's: his name, subject and words; the rest is the forward's own."""
    ids = (*inner.references, inner.message_id) if inner and inner.header("message-id") else ()
    told = replace(
        message,
        sender=writer,
        subject=about or subject.base(message.subject).text,
        text=text or message.text,
        html="",
        reply_to=(),
        in_reply_to=(),
        references=ids,
    )
    lines = banner.below(above).split("\n")
    said = lines[: added.begins(lines)]
    return Forwarded(told, "" if signature.nothing_else(said) and not signature.says(said) else "\n".join(said).strip())
