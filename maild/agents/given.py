"""Commands as they are given, and what they are given for: the values that `command` and its rows share."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from maild.message.model import Part
from maild.ticket.change import Change
from maild.ticket.desk import Agent, Desk, Queue
from maild.ticket.facts import NOTHING_ASKED, Asked, Fresh, Leaving
from maild.ticket.model import Ticket
from maild.ticket.plan import Absence, Beside
from maild.ticket.reason import Reason

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff"))  # that editors of HTML leave where somebody types
_LINE = re.compile(r"#([A-Za-zĀ-ž]{2,20})[.:,!]?(?:\s+(.*))?$")


UNPROVED = (
    "nothing but the reply address shows that it is you: send it through our submission server, or from a mailbox "
    "whose mails are signed"
)


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


@dataclass(frozen=True, slots=True)
class Where:
    """What a command is applied to, by whom, and with what at hand."""

    ticket: Ticket
    desk: Desk
    agent: Agent | None  # None: the operator at the terminal
    now: datetime
    asked: Asked = NOTHING_ASKED
    fresh: Fresh | None = None  # for a ticket that a command opens
    ready: Callable[[str], str] | None = None  # a ready answer's words, by its name
    proved: bool = True  # that it is he, by more than a reply address
    language: str = "en"
    usual: str = "en"  # the language of colleagues who have named none
    leaving: Leaving | None = None  # an answer of his that has not left yet
    written_at: datetime | None = None  # as of when words such as "tomorrow" are meant, None for now

    @property
    def by(self) -> str:
        return self.agent.key if self.agent else "the operator"

    @property
    def queue(self) -> Queue:
        return self.desk.queue_called(self.ticket.queue)

    def agent_for(self, word: str) -> Agent:
        """Return the agent who gives a command that is for agents alone.

        Raises:
            CommandError: it is the operator.
        """
        if self.agent is None:
            raise CommandError("#{} needs an agent: use --as NAME at the terminal", word)
        return self.agent


@dataclass(frozen=True, slots=True)
class View:
    """Something to be shown to the one who asked: a template, its values, and its files.

    of is the ticket that it shows, where the mail belongs to another one, or to none.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)
    attachments: tuple[Part, ...] = ()
    of: Ticket | None = None


@dataclass(frozen=True, slots=True)
class Insert:
    """Words that go into the answer, below the agent's own."""

    text: str


@dataclass(frozen=True, slots=True)
class Begin:
    """The text beside the command begins a conversation with somebody."""

    address: str


@dataclass(frozen=True, slots=True)
class Aside:
    """A colleague is asked something, and the text beside the command with it; the customer is not."""

    agent: str
    question: str


Deed = Change | Aside | Beside | View | Insert | Begin | Absence
Make = Callable[[Where, str], Sequence[Deed]]

ROLES = ("agent", "lead", "manager", "admin")  # each may do what those before it may


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table.

    Args:
        takes: what stands after the word, as the manual shows it.
        does: what it does, in English; `lv` the same in Latvian.
        note: the mail's text stays inside.
        wants: what must be asked of the store before it can be carried out.
        proved: the writer must be proved, by more than a reply address.
        role: the least that may give it.
        alone: it changes nothing of a ticket, so it may come without one.
        others: it takes the number of a ticket, and given one it may come without a ticket, too.
        opens: it may open a ticket.
        only: neither another command nor a text may be beside it.
    """

    word: str
    takes: str
    does: str
    make: Make
    note: bool = False
    lv: str = ""
    wants: str = ""
    proved: bool = False
    role: str = "agent"
    alone: bool = False
    others: bool = False
    opens: bool = False
    only: bool = False


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
    """Take what is beside #note for a part of the text: it is said to the same people, with the same files."""
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


def nearest(word: str, known: Iterable[str], others: str = "") -> str:
    """Return "; did you mean …?", or else what there is."""
    known = list(known)
    near = difflib.get_close_matches(word.lower(), [one.lower() for one in known], n=1)
    if near:
        return Reason("; did you mean {}?", next(one for one in known if one.lower() == near[0]))
    return Reason("; there are {}", ", ".join(known)) if others == "" and known else others


def no_more(word: str, rest: str) -> None:
    """See that nothing is behind a command that takes nothing.

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
