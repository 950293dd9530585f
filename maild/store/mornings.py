"""When each agent was told of his tickets last, and whether he was welcomed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from maild.store import upsert
from maild.store.prepared import Prepared
from maild.store.tables import AGENT

_KNOWN = Prepared(select(AGENT.c.key, AGENT.c.told_at, AGENT.c.welcomed).where(AGENT.c.told_at.is_not(None)))
FAR = timedelta(hours=1)  # no clock that is right is ahead by so much


@dataclass(frozen=True, slots=True)
class Morning:
    """What is kept of an agent's mornings."""

    told_at: datetime  # or when he was seen first
    welcomed: bool


def known(connection: Connection) -> dict[str, Morning]:
    """Return the agents who were seen at work already."""
    return {row.key: Morning(row.told_at, row.welcomed) for row in _KNOWN(connection, {})}


def meet(connection: Connection, key: str, now: datetime, welcomed: bool) -> bool:
    """Remember an agent; False where somebody else did."""
    upsert.ignore(connection, AGENT, {"key": key})
    first = update(AGENT).where(AGENT.c.key == key, AGENT.c.told_at.is_(None))
    return bool(connection.execute(first.values(told_at=now, welcomed=welcomed)).rowcount)


def tell(connection: Connection, key: str, told_at: datetime, now: datetime, welcomed: bool) -> bool:
    """Mark that an agent is told now who was told last then; False where somebody else did."""
    same = update(AGENT).where(AGENT.c.key == key, AGENT.c.told_at == told_at)
    return bool(connection.execute(same.values(told_at=now, welcomed=welcomed)).rowcount)


def recall(connection: Connection, now: datetime) -> int:
    """Count those as told now whom a clock that ran ahead told of a morning or a week; return how many marks."""
    return sum(
        connection.execute(update(AGENT).where(mark > now + FAR).values({mark: now})).rowcount
        for mark in (AGENT.c.told_at, AGENT.c.week_told_at)
    )
