"""How long first answers took of late, as it was reckoned each night, and from what it is reckoned."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from maild.hours.estimate import Estimate
from maild.store.tables import ESTIMATE, TICKET
from maild.ticket.model import Priority

NEWEST = 3_000  # tickets that are looked at, so that a night costs the same with a million of them

Key = tuple[str, Priority]  # queue, priority


class Candidate(NamedTuple):
    number: int
    queue: str
    priority: Priority


def known(connection: Connection) -> dict[Key, Estimate]:
    """Return what was reckoned last."""
    return {(row.queue, Priority(row.priority)): _as_estimate(row) for row in connection.execute(select(ESTIMATE))}


def _as_estimate(row: Any) -> Estimate:
    return Estimate(row.seconds, row.manner, row.usually, row.answered, row.unanswered, row.alarm)


def reckoned_at(connection: Connection) -> datetime | None:
    """Return when it was reckoned last, None for never."""
    return connection.execute(select(func.max(ESTIMATE.c.at))).scalar()


def replace(connection: Connection, found: Mapping[Key, Estimate], before: datetime | None, now: datetime) -> bool:
    """Keep what was reckoned; False if another daemon did since."""
    if reckoned_at(connection) != before:
        return False
    connection.execute(delete(ESTIMATE))
    rows = [
        {"queue": queue, "priority": priority.value, "at": now, **asdict(one)}
        for (queue, priority), one in found.items()
    ]
    if rows:
        connection.execute(insert(ESTIMATE), rows)
    return True


def candidates(connection: Connection, since: datetime) -> Iterator[Candidate]:
    """Return the newest tickets that customers opened since a moment, newest first."""
    newest = connection.execute(select(func.max(TICKET.c.number))).scalar() or 0
    query = (
        select(TICKET.c.number, TICKET.c.queue, TICKET.c.priority)
        .where(TICKET.c.number > newest - NEWEST, TICKET.c.opened_at >= since, TICKET.c.merged_into.is_(None))
        .order_by(TICKET.c.number.desc())
    )
    for row in connection.execute(query):
        yield Candidate(row.number, row.queue, Priority(row.priority))
