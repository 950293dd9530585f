"""What the weekly mail is counted from: the tickets that a week touched, and their histories; by index, piece by piece.

Whatever happened to a ticket since a moment, it was updated since then: so few rows are read, and of their histories
only the lines that are counted.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import orjson
from sqlalchemy import Connection, func, select, update

from maild.agents import weekly
from maild.agents.weekly import Happened
from maild.store import agent_views, browse, upsert
from maild.store.prepared import Prepared
from maild.store.tables import AGENT, HISTORY, TICKET
from maild.ticket.facts import Asked
from maild.ticket.model import Status

_QUEUE = TICKET.c.queue.concat("")  # not by its own index: most of what a queue ever had has ended
_KNOWN = Prepared(select(AGENT.c.key, AGENT.c.week_told_at).where(AGENT.c.week_told_at.is_not(None)))
MOST_WAITING = 200  # tickets that are looked at for those that wait longest


@dataclass(frozen=True, slots=True)
class Touched:
    """What happened of late to a ticket."""

    number: int
    queue: str
    assignee: str


def touched(connection: Connection, queues: Sequence[str], since: datetime) -> list[Touched]:
    """Return the tickets of some queues that were updated since a moment; those that ended in others are left out."""
    query = select(TICKET.c.number, TICKET.c.queue, TICKET.c.assignee).where(
        TICKET.c.status.in_([status.value for status in Status]),  # all of them: so the index is used
        TICKET.c.updated_at >= since,
        TICKET.c.merged_into.is_(None),
        _QUEUE.in_(queues),
    )
    return [Touched(row.number, row.queue, row.assignee) for row in connection.execute(query)]


def resting(connection: Connection, queues: Sequence[str], since: datetime) -> dict[tuple[str, str], int]:
    """Return how many open tickets to which nothing happened since a moment each agent has of each queue."""
    query = (
        select(_QUEUE, TICKET.c.assignee, func.count())
        .where(
            TICKET.c.status.in_(browse.NOT_ENDED),
            TICKET.c.updated_at < since,
            TICKET.c.merged_into.is_(None),
            _QUEUE.in_(queues),
        )
        .group_by(_QUEUE, TICKET.c.assignee)
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def happened(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Happened]]:
    """Return what is counted of what happened to some tickets, in order."""
    query = (
        select(HISTORY.c.ticket, HISTORY.c.at, HISTORY.c.change, HISTORY.c.detail)
        .where(HISTORY.c.ticket.in_(numbers), HISTORY.c.change.in_(_COUNTED))
        .order_by(HISTORY.c.ticket, HISTORY.c.sequence)
    )
    rows = groupby(connection.execute(query), lambda row: row.ticket)
    return {number: [Happened(one.at, _COUNTED[one.change](one.detail)) for one in some] for number, some in rows}


def _judged(detail: str) -> str:
    return "kept" if orjson.loads(detail)["kept"] else "broken"


# Which lines of histories are counted, and what each says in a word: there are many, and to revive them takes long.
_COUNTED: Mapping[str, Callable[[str], str]] = {
    "OpenTicket": lambda _: weekly.OPENED,
    "SetStatus": lambda detail: str(orjson.loads(detail)["status"]),
    "PromiseJudged": _judged,
    "Rated": lambda detail: str(orjson.loads(detail)["rating"]),
    "AddTag": lambda detail: weekly.SPAM if orjson.loads(detail)["tag"] == weekly.SPAM else "",
    "RemoveTag": lambda detail: weekly.NO_SPAM if orjson.loads(detail)["tag"] == weekly.SPAM else "",
}


def waiting(connection: Connection, queues: Sequence[str]) -> Asked:
    """Return the tickets of some queues that wait for us, the oldest ones, with their histories."""
    query = (
        select(TICKET.c.number)
        .where(
            TICKET.c.status.in_((Status.NEW.value, Status.OPEN.value)),
            TICKET.c.merged_into.is_(None),
            _QUEUE.in_(queues),
        )
        .order_by(TICKET.c.number)
        .limit(MOST_WAITING)
    )
    return agent_views.listed(connection, connection.execute(query).scalars().all())


def known(connection: Connection) -> dict[str, datetime]:
    """Return when each lead was told of a week last, or was first seen as one who is told."""
    return {row.key: row.week_told_at for row in _KNOWN(connection, {})}


def meet(connection: Connection, keys: Iterable[str], now: datetime) -> None:
    """Remember leads who are told from now on."""
    for key in keys:
        upsert.ignore(connection, AGENT, {"key": key})
        first = update(AGENT).where(AGENT.c.key == key, AGENT.c.week_told_at.is_(None))
        connection.execute(first.values(week_told_at=now))


def tell(connection: Connection, key: str, told_at: datetime, now: datetime) -> bool:
    """Mark that a lead is told now who was told last then; False where somebody else did."""
    same = update(AGENT).where(AGENT.c.key == key, AGENT.c.week_told_at == told_at)
    return bool(connection.execute(same.values(week_told_at=now)).rowcount)
