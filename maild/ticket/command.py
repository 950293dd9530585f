"""The words with which an agent steers a ticket: `#solve`, `#assign anna` …

One literal table: mails, `maild do`, the help and the manual are made from it.  Commands stand in the
first lines of an agent's new text and end at the first other line; an unknown or impossible one changes
nothing and sends nothing.
"""

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass

from maild.message.model import Kind
from maild.ticket.change import AddMessage, AddTag, Assign, Change, RemoveTag, SetPriority, SetQueue, SetStatus
from maild.ticket.desk import Agent, Desk
from maild.ticket.model import Direction, Priority, Status, Ticket, Visibility

_LINE = re.compile(r"#([A-Za-zĀ-ž]{2,20})[.:,!]?(?:\s+(.*))?$")
_ANY_CASE_WORD = re.compile(r"[^a-z0-9]")


class CommandError(Exception):
    """A command that cannot be carried out; the text tells the agent what to write instead."""


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
    """What a command is applied to, and by whom."""

    ticket: Ticket
    desk: Desk
    agent: Agent | None  # None: the operator at the terminal


Make = Callable[[Where, str], list[Change]]


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table.  note says that the mail's text stays inside."""

    word: str
    takes: str
    does: str
    make: Make
    note: bool = False


def split(text: str) -> Split:
    """Part a text into its leading commands and the rest."""
    given: list[Given] = []
    lines = text.strip("\n").split("\n")
    at = 0
    for at, line in enumerate(lines):  # noqa: B007
        found = _LINE.match(line.strip())
        if found:
            given.append(Given(found.group(1).lower(), (found.group(2) or "").strip()))
        elif line.strip() or not given:
            break
    else:
        at = len(lines)
    return Split(tuple(given), "\n".join(lines[at:]).strip("\n"))


def plan(given: tuple[Given, ...], where: Where) -> tuple[list[Change], bool]:
    """Return what the commands change, and whether the text beside them is a note.

    Raises:
        CommandError: one of them is unknown or impossible; nothing may be done then.
    """
    changes: list[Change] = []
    inside = False
    for one in given:
        command = find(one.word)
        changes += command.make(where, one.rest)
        inside = inside or command.note
    return changes, inside


def find(word: str) -> Command:
    """Return the command of a word.

    Raises:
        CommandError: there is none; the nearest is named.
    """
    plain = _ANY_CASE_WORD.sub("", word.lower())
    if plain in _BY_WORD:
        return _BY_WORD[plain]
    near = difflib.get_close_matches(plain, _BY_WORD, n=1)
    hint = f"; did you mean #{near[0]}?" if near else ""
    raise CommandError(f"#{word} is no command{hint} There are: {' '.join('#' + c.word for c in COMMANDS)}")


def _solve(where: Where, rest: str) -> list[Change]:
    _no_more("solve", rest)
    return [SetStatus(Status.SOLVED, _by(where))]


def _close(where: Where, rest: str) -> list[Change]:
    _no_more("close", rest)
    return [SetStatus(Status.CLOSED, _by(where))]


def _open(where: Where, rest: str) -> list[Change]:
    _no_more("open", rest)
    return [SetStatus(Status.OPEN, _by(where))]


def _wait(where: Where, rest: str) -> list[Change]:
    _no_more("wait", rest)
    return [SetStatus(Status.WAITING, _by(where))]


def _hold(where: Where, rest: str) -> list[Change]:
    _no_more("hold", rest)
    return [SetStatus(Status.ON_HOLD, _by(where))]


def _queue(where: Where, rest: str) -> list[Change]:
    if rest not in where.desk.queues:
        near = difflib.get_close_matches(rest, list(where.desk.queues), n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(where.desk.queues)}"
        raise CommandError(f"there is no queue {rest!r}{hint}")
    return [SetQueue(rest, _by(where))]


def _assign(where: Where, rest: str) -> list[Change]:
    if rest.lower() in ("", "nobody", "none", "-"):
        return [Assign("", _by(where))]
    return [Assign(_agent(where.desk, rest).key, _by(where))]


def _take(where: Where, rest: str) -> list[Change]:
    _no_more("take", rest)
    if where.agent is None:
        raise CommandError("#take needs an agent: use #assign NAME at the terminal")
    return [Assign(where.agent.key, _by(where))]


def _priority(where: Where, rest: str) -> list[Change]:
    if rest.lower() not in set(Priority):
        raise CommandError(f"#priority takes one of {', '.join(Priority)}; found {rest!r}")
    return [SetPriority(Priority(rest.lower()), _by(where))]


def _tag(where: Where, rest: str) -> list[Change]:
    words = rest.replace(",", " ").split()
    if not words:
        raise CommandError("#tag takes one or more words; -word takes one off")
    return [
        RemoveTag(word[1:].lower(), _by(where))
        if word.startswith("-")
        else AddTag(word.lstrip("+").lower(), _by(where))
        for word in words
    ]


def _note(where: Where, rest: str) -> list[Change]:
    if not rest:
        return []
    who = where.agent
    return [
        AddMessage(
            Direction.OUT,
            Visibility.NOTE,
            Kind.HUMAN,
            "",
            who.key if who else "operator",
            who.name if who else "",
            rest,
            rest,
        )
    ]


def _agent(desk: Desk, name: str) -> Agent:
    wanted = name.lower().lstrip("@")
    for agent in desk.agents.values():
        if wanted in (agent.key.lower(), agent.name.lower()) or agent.owns(wanted):
            return agent
    near = difflib.get_close_matches(wanted, [key.lower() for key in desk.agents], n=1)
    hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(desk.agents)}"
    raise CommandError(f"nobody is called {name!r} here{hint}")


def _no_more(word: str, rest: str) -> None:
    if rest:
        raise CommandError(f"#{word} takes nothing more; found {rest!r} (write your text on the next line)")


def _by(where: Where) -> str:
    return where.agent.key if where.agent else "the operator"


COMMANDS = (
    Command("solve", "", "the ticket is solved; an answer of the customer opens it again", _solve),
    Command("close", "", "the ticket is closed", _close),
    Command("open", "", "the ticket is open again", _open),
    Command("wait", "", "we wait for the customer", _wait),
    Command("hold", "", "we wait for somebody else", _hold),
    Command("queue", "NAME", "move the ticket to another queue", _queue),
    Command("assign", "NAME | nobody", "give the ticket to an agent, or to nobody", _assign),
    Command("take", "", "the ticket is mine", _take),
    Command("priority", "urgent | high | normal | low", "how much haste it has", _priority),
    Command("tag", "WORD… | -WORD", "put tags on, take tags off", _tag),
    Command("note", "[TEXT]", "what is written here stays inside", _note, note=True),
)
_BY_WORD = {command.word: command for command in COMMANDS}
