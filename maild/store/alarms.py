"""Which troubles the operator was told of: kept, so that a restart or a second daemon does not tell them again.

Beside them stands, under names of its own, to which agents mails did not arrive: each mail may be the last for days, so
that nothing else would show it.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from maild.store import upsert
from maild.store.prepared import Prepared
from maild.store.tables import ALARM

_LOST = "lost "  # and the address; what: how the last mail to it was lost, and why
_REFUSED, _RETURNED = "refused", "returned"
_BY_NAME = Prepared(select(ALARM.c.what, ALARM.c.seen_at).where(ALARM.c.trouble == bindparam("name")))
FAR = timedelta(minutes=2)  # no clock that is right is ahead of another by so much
QUIET = timedelta(days=1)  # a mail that left may come back; when none has for so long, they arrive


class Alarm(NamedTuple):
    """A trouble that was told, and is not over yet."""

    trouble: str
    what: str
    since: datetime
    seen_at: datetime


class Loss(NamedTuple):
    """Mails to an agent do not arrive: why the last one did not, and when that was."""

    why: str
    at: datetime
    returned: bool  # it was taken first

    def is_over(self, now: datetime) -> bool:
        """Whether a mail that is taken now shows that they arrive again."""
        return not self.returned or abs(now - self.at) >= QUIET  # before it: by a clock that ran ahead


def known(connection: Connection) -> dict[str, Alarm]:
    query = select(ALARM.c.trouble, ALARM.c.what, ALARM.c.since, ALARM.c.seen_at)
    rows = connection.execute(query.where(~ALARM.c.trouble.startswith(_LOST)))
    return {row.trouble: Alarm(*row) for row in rows}


def losses(connection: Connection) -> dict[str, Loss]:
    """Return, by address, to which agents mails do not arrive."""
    query = select(ALARM.c.trouble, ALARM.c.what, ALARM.c.seen_at).where(ALARM.c.trouble.startswith(_LOST))
    return {row.trouble.removeprefix(_LOST): _loss(row) for row in connection.execute(query)}


def _loss(row: Any) -> Loss:
    return Loss(row.what.partition(" ")[2], row.seen_at, row.what.startswith(_RETURNED))


def lost(connection: Connection, address: str, why: str, now: datetime, returned: bool) -> None:
    """Note that a mail to an agent did not arrive."""
    what = f"{_RETURNED if returned else _REFUSED} {why}"
    values = {"trouble": f"{_LOST}{address.lower()}", "what": what, "since": now, "seen_at": now}
    upsert.replace(connection, ALARM, values, ("what", "seen_at"))


def taken(connection: Connection, address: str, now: datetime) -> None:
    """Note that a mail to an agent left: perhaps they arrive again."""
    name = f"{_LOST}{address.lower()}"
    row = _BY_NAME(connection, {"name": name}).first()
    if row is not None and _loss(row).is_over(now):
        end(connection, name)


def begin(connection: Connection, trouble: str, what: str, since: datetime, now: datetime) -> None:
    connection.execute(insert(ALARM), {"trouble": trouble, "what": what, "since": since, "seen_at": now})


def seen(connection: Connection, troubles: Collection[str], now: datetime) -> None:
    """Note that these last; what a clock that ran ahead wrote of them is not taken for newer."""
    older = or_(ALARM.c.seen_at < now, ALARM.c.seen_at > now + FAR)
    connection.execute(update(ALARM).where(ALARM.c.trouble.in_(troubles), older).values(seen_at=now))


def end(connection: Connection, trouble: str) -> None:
    connection.execute(delete(ALARM).where(ALARM.c.trouble == trouble))
