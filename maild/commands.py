"""Commands from the terminal: the same table as by mail, with the store at hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from maild.agents import command, syntax, terminal
from maild.agents.model import Where
from maild.agents.syntax import CommandError, Split
from maild.deciding.filing import carry_out
from maild.deciding.office import Office
from maild.store import agent_views, queued, snapshot, tickets
from maild.ticket.desk import Desk
from maild.ticket.facts import Fresh
from maild.ticket.model import Ticket
from maild.ticket.plan import Audience


@dataclass(frozen=True, slots=True)
class Done:
    """What commands came to: what was done, a line a step, and what was asked to be seen."""

    ticket: int
    done: tuple[str, ...]
    shown: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join((*self.done, *self.shown))


def do(
    connection: Connection, number: int, words: str, key: str, office: Office, draw: Callable[[], Fresh], now: datetime
) -> Done:
    """Carry out commands on a ticket and file what follows.

    Args:
        key: of the agent in whose name, "" for the operator.
        draw: gives a new ticket's number and handle, and is called only where one is opened.

    Raises:
        CommandError: one of the words cannot be carried out; nothing was done.
    """
    desk = office.desk
    ticket = _ticket(connection, number)
    written = _commands(words, key, desk)
    queue = desk.queue_called(ticket.queue)
    who = desk.agents.get(key)
    where = Where(
        ticket,
        desk,
        who,
        now,
        agent_views.answer(connection, command.wants(words, desk), [ticket.number], key),
        draw() if command.opens(written.given) else None,
        partial(office.ready_answer, ticket, queue, now),
        language=who.language_or(office.language) if who else office.language,
        usual=office.language,
        leaving=queued.answer_of(connection, {number, ticket.number}, key, now),
    )
    plan, views = terminal.plan(written, where, snapshot.last_from_customer(connection, ticket.number))
    if plan.changes or plan.mails or plan.absences:
        carry_out(connection, plan, ticket, office, now)
    shown = [office.words(one.template, where.language, queue, Audience.AGENT, one.values, now) for one in views]
    return Done(ticket.number, plan.lines() if plan.changes or plan.absences else (), tuple(shown))


def _ticket(connection: Connection, number: int) -> Ticket:
    ticket = tickets.surviving(connection, number)
    if ticket is None:
        raise CommandError(f"there is no ticket #{number}")
    return ticket


def _commands(words: str, key: str, desk: Desk) -> Split:
    if key and key not in desk.agents:
        raise CommandError(f"no agent is called {key!r}; there are {', '.join(desk.agents)}")
    written = syntax.split(words)
    if not written.given:
        raise CommandError("write commands, such as '#solve'")
    return written
