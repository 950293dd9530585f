"""What must not leave with an agent's words: what is inside, somebody else's, or a secret.

Looks at the text that would go to a customer and at nothing else.  It is better to ask once too often:
whoever really means it sends it anyway.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from maild.agents import command, syntax
from maild.message import html, shown, subject
from maild.message.model import Cut, Enclosed, Message
from maild.quoting import marker
from maild.ticket.desk import Agent, Desk
from maild.ticket.model import Ticket
from maild.ticket.reason import Reason

WORDS = 3  # a line of fewer is anybody's
LONG = 20  # characters that two lines do not share by chance
SURE = 0.5  # of a cut; below it nothing told the new from the quoted
MORE_WORDS, TIMES_MORE = 40, 1.5  # in the HTML part than in the plain one: it says something else

_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,20}")
_TOKEN = re.compile(r"[+.=-][a-z2-7]{40}@", re.IGNORECASE)
_CARD = re.compile(r"(?<![\d.,-])(?:\d[ -]?){12,18}\d(?![\d-])")
_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bxox[abp]-[\w-]{10,}"
    r"|\bsk_live_\w{16,}|\bglpat-[\w-]{20,}"
)
_BLANK_BEHIND = re.compile(r"^\s{0,20}#\s{1,5}")  # telephones and HTML make other blanks of one
_FOLD = re.compile(r"=\r?\n|\r?\n[ \t]")  # RFC 5545 section 3.1, RFC 6350 section 3.2; RFC 2045 section 6.7
_WORD = re.compile(r"\w+")


class Passage(NamedTuple):
    """A part of a text that must not leave as it is, and why."""

    start: int
    end: int
    why: str


def passages(text: str, ticket: Ticket, desk: Desk, notes: Iterable[str]) -> tuple[Passage, ...]:
    """Return what in a text must not leave, in the order of the text.

    Args:
        notes: the texts of the ticket's notes, and what its fields keep for us.
    """
    found = [
        *_all(_KEY, text, "a secret key"),
        *_all(_TOKEN, text, "a signed reply address"),
        *(one for one in _all(_CARD, text, "a card number") if _luhn(text[one.start : one.end])),
        *_tags(text, ticket),
        *(one for one, _ in _agents(text, desk)),
        *_commands(text),
        *_noted(text, notes),
    ]
    return tuple(sorted(found))


def names(files: Iterable[str], ticket: Ticket, desk: Desk, notes: Collection[str]) -> tuple[str, ...]:
    """Return what in the names of attachments must not leave, each with the name."""
    return tuple(
        Reason("the name of the file {} holds {}", file, one.why)
        for file in files
        for one in passages(file, ticket, desk, notes)
    )


def enclosed(
    message: Message, leaving: Collection[int], ticket: Ticket, desk: Desk, notes: Collection[str]
) -> tuple[str, ...]:
    """Return what in attached mails, invitations and cards must not leave: whoever attached them did not write them.

    Args:
        leaving: which of the attachments.
    """
    parts = [part for part in message.enclosed if part.index in leaving]
    texts = [text for part in parts for text in _read(part)]
    found = (
        *(_all(_TOKEN, text, "a signed reply address") for text in texts),
        *([Passage(0, 0, "an agent's address")] for part in parts if named(part, desk)),
        *(_tags(text, ticket) for text in texts),
        *(_noted(text, notes) for text in texts),
    )
    why = dict.fromkeys(passage.why for passages in found for passage in passages)
    return tuple(Reason("a mail, an invitation, a card or a key that is attached holds {}", one) for one in why)


def named(part: Enclosed, desk: Desk) -> set[Agent]:
    """Return the agents whose addresses are in an attached part; in a key or certificate anything may follow one."""
    if part.content_type.startswith("application/"):
        found = {
            one
            for one in desk.agents.values()
            for address in (one.address, *one.addresses)
            if re.search(rf"(?<![\w.+-]){re.escape(address)}", part.text, re.IGNORECASE)
        }
        if found:
            return found
    return {agent for text in _read(part) for _, agent in _agents(text, desk)}


def _read(part: Enclosed) -> tuple[str, str]:
    """Return a part's text, and the same with its folded lines in one."""
    return part.text, _FOLD.sub("", part.text)


def uncut(message: Message, cut: Cut, text: str) -> tuple[str, ...]:
    """Return why it is not sure that only new words are left of a mail (fail closed)."""
    why = []
    if cut.sureness < SURE and cut.quoted == "":
        why.append("it could not be told what you wrote and what you quoted")
    if marker.stands_in(text):
        why.append("our own mail is quoted in it")
    if message.html and _count(html.to_text(message.html)) > TIMES_MORE * _count(message.text) + MORE_WORDS:
        why.append("its HTML says more than its text, and only the text is sent")
    if shown.TWO_TEXTS in message.defects:
        why.append(shown.TWO_TEXTS)
    return tuple(why)


def marked(text: str, found: Iterable[Passage]) -> str:
    """Return a text with what must not leave between >>> and <<<."""
    done, at = "", 0
    for start, end, _ in found:
        if start >= at:
            done += f"{text[at:start]}>>>{text[start:end]}<<<"
            at = end
    return done + text[at:]


def _all(pattern: re.Pattern[str], text: str, why: str) -> Iterator[Passage]:
    return (Passage(found.start(), found.end(), why) for found in pattern.finditer(text))


def _luhn(written: str) -> bool:
    digits = [int(c) for c in written if c.isdigit()]
    doubled = [sum(divmod(2 * d, 10)) if i % 2 else d for i, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0 and len(set(digits)) > 1


def _tags(text: str, ticket: Ticket) -> Iterator[Passage]:
    for found in subject.TAG.finditer(text):
        if int(found[2]) != ticket.number:
            yield Passage(found.start(), found.end(), "the number of another ticket")


def _agents(text: str, desk: Desk) -> Iterator[tuple[Passage, Agent]]:
    """A colleague's address may be meant, and is not the writer's to give; what was not masked of his own is none."""
    for found in _ADDRESS.finditer(text):
        agent = desk.agent_at(found.group()) or desk.agent_at(found.group().strip("_.+'-"))
        if agent is not None:
            yield Passage(found.start(), found.end(), "an agent's address"), agent


def _commands(text: str) -> Iterator[Passage]:
    """A command counts in the first lines alone; further down it is forgotten there, and a `#note` is not for him."""
    first = text.strip().partition("\n")[0].strip()
    if first.isalpha() and command.is_one(first):
        start = text.index(first)
        yield Passage(start, start + len(first), "a command without its #")
    for line in re.finditer(r"[^\n]+", text):
        if any(command.is_one(one.word) for one in syntax.anywhere(line.group())):
            yield Passage(line.start(), line.end(), "a command below the first lines")
        elif any(command.is_one(one.word) for one in syntax.anywhere(_BLANK_BEHIND.sub("#", line.group()))):
            yield Passage(line.start(), line.end(), "a command with a blank behind its #")


def _noted(text: str, notes: Iterable[str]) -> Iterator[Passage]:
    inside = {plain for note in notes for line in note.splitlines() if (plain := _plain(line))}
    for found in re.finditer(r"[^\n]+", text):
        if _is_inside(_plain(found.group()), inside):
            yield Passage(found.start(), found.end(), "a line of a note or of a field")


def _is_inside(line: str, inside: Collection[str]) -> bool:
    return bool(line) and any(line == note or _holds(line, note) or _holds(note, line) for note in inside)


def _holds(whole: str, part: str) -> bool:
    return len(part) > LONG and part in whole


def _plain(line: str) -> str:
    """Return a line's words alone, "" for a line of too few."""
    words = _WORD.findall(line.casefold())
    return " ".join(words) if len(words) >= WORDS else ""


def _count(text: str) -> int:
    return len(_WORD.findall(text))
