"""How commands are written: which lines of a text are some, and what each may be given."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from maild.nearest import nearest
from maild.ticket.reason import Reason

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff"))  # that editors of HTML leave where somebody types
_LINE = re.compile(r"#([A-Za-zĀ-ž]{2,20})[.:,!]?(?:\s+(.*))?$")


class CommandError(Exception):
    """A command that cannot be carried out; the reason tells the agent what to write instead."""

    def __init__(self, words: str, *values: object) -> None:
        self.reason = Reason(words, *values)
        super().__init__(self.reason)


@dataclass(frozen=True, slots=True)
class Given:
    """A command as it was written: its word, in lower case, and the rest of its line."""

    word: str
    rest: str = ""

    def __str__(self) -> str:
        return f"#{self.word} {self.rest}".strip()


@dataclass(frozen=True, slots=True)
class Split:
    """The commands at the top of a text, and the text below them."""

    given: tuple[Given, ...]
    text: str


def split(text: str) -> Split:
    """Part a text into its leading commands and the rest."""
    given: list[Given] = []
    lines, at = text.strip("\n").split("\n"), 0
    while at < len(lines):
        found = _command(lines[at])
        if found:
            given.append(_as_given(found))
        elif lines[at].strip() or not given:
            break
        at += 1
    return Split(tuple(given), "\n".join(lines[at:]).strip("\n"))


def notes_as_text(parted: Split) -> Split:
    """Take what follows #note as a part of the text: it goes to the same people, with the same files."""
    notes = [one.rest for one in parted.given if one.word == "note" and one.rest]
    if not notes:
        return parted
    bare = tuple(replace(one, rest="") if one.word == "note" else one for one in parted.given)
    return Split(bare, "\n\n".join((*notes, *filter(None, [parted.text]))))


def is_stop(text: str) -> bool:
    """Tell whether a mail says nothing but "stop": that is never meant for a customer."""
    return text.strip().strip("#.! ").lower() == "stop"


def anywhere(text: str) -> Iterable[Given]:
    """Return whatever looks like a command in a text: more than will be carried out, for looking things up."""
    for line in text.split("\n"):
        found = _command(line)
        if found:
            yield _as_given(found)


def _command(line: str) -> re.Match[str] | None:
    return _LINE.match(line.translate(_INVISIBLE).strip())


def _as_given(found: re.Match[str]) -> Given:
    return Given(found.group(1).lower(), (found.group(2) or "").strip())


def hint(word: str, known: Iterable[str]) -> str:
    """Return "; did you mean …?", or else what there is."""
    known = tuple(known)
    near = nearest(word, known)
    if near:
        return Reason("; did you mean {}?", near)
    return Reason("; there are {}", ", ".join(known)) if known else ""


def no_more(word: str, rest: str) -> None:
    """See that nothing follows a command that takes nothing.

    Raises:
        CommandError: something does.
    """
    if rest:
        raise CommandError("#{} takes nothing more; found {!r} (write your text on the next line)", word, rest)


def number(rest: str, what: str) -> int:
    """Return the ticket's number that a command was given: "7", "#7", "EX-7", "[#EX-7]".

    Raises:
        CommandError: there is none.
    """
    found = ticket_named(rest)
    if not found:
        raise CommandError("#{} takes the number of a ticket; found {!r}", what, rest)
    return int(found)


def ticket_named(rest: str) -> str:
    """Return the digits of such a number, "" where anything else stands."""
    found = _NUMBER.fullmatch(rest.strip())
    return found.group(1) if found else ""


def addresses(rest: str, what: str) -> list[tuple[str, bool]]:
    """Return the addresses that a command was given, and for each whether it is to be taken away ("-x@y").

    Raises:
        CommandError: one of the words is no address, or there is none.
    """
    words = re.sub(r"[<>,;\"]", " ", re.sub(r"<mailto:[^>]*>", " ", rest)).split()
    found = [(word.lstrip("+-"), word.startswith("-")) for word in words if "@" in word]
    if not found or any(not _ADDRESS.fullmatch(address) for address, _ in found):
        raise CommandError("#{} takes an address, such as anna@customer.example; found {!r}", what, rest)
    return found


def address(rest: str, what: str) -> str:
    """Return the one address that a command was given.

    Raises:
        CommandError: there is none, or more than one: which of them is meant would be a guess.
    """
    found = addresses(rest, what)
    if len(found) > 1 or found[0][1]:
        raise CommandError("#{} takes one address; found {!r}", what, rest)
    return found[0][0]


_NUMBER = re.compile(r"\[?#?(?:[A-Za-z][A-Za-z0-9]{0,9}-)?([0-9]{1,12})\]?\.?")
_ADDRESS = re.compile(r"[^@\s\"(),:;<>\[\]\\]{1,64}@[^@\s\"(),:;<>\[\]\\]+\.[^@\s\"(),:;<>\[\]\\.]{2,63}")
