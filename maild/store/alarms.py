"""Which troubles the operator was told of: kept, so that a restart or a second daemon does not tell them again."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from maild.store.tables import ALARM


class Alarm(NamedTuple):
    """A trouble that was told, and is not over yet."""

    trouble: str
    what: str
    since: datetime
    seen_at: datetime


def known(connection: Connection) -> dict[str, Alarm]:
    rows = connection.execute(select(ALARM.c.trouble, ALARM.c.what, ALARM.c.since, ALARM.c.seen_at))
    return {row.trouble: Alarm(*row) for row in rows}


def begin(connection: Connection, trouble: str, what: str, since: datetime, now: datetime) -> None:
    connection.execute(insert(ALARM), {"trouble": trouble, "what": what, "since": since, "seen_at": now})


def seen(connection: Connection, troubles: Collection[str], now: datetime) -> None:
    """Note that these last."""
    connection.execute(update(ALARM).where(ALARM.c.trouble.in_(troubles), ALARM.c.seen_at < now).values(seen_at=now))


def end(connection: Connection, trouble: str) -> None:
    connection.execute(delete(ALARM).where(ALARM.c.trouble == trouble))
