"""What of the store tells whether a site is well: all of it found by an index, whatever the store's size."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, func, select

from maild.store import alarms, beats
from maild.store.alarms import Loss
from maild.store.beats import Pulse
from maild.store.outbox import IS_UNSENT
from maild.store.tables import INTAKE, OUTBOX, TIMER
from maild.ticket.plan import Fate
from maild.ticket.timers import CLOSE

_LIVE = case((INTAKE.c.import_only, None), else_=INTAKE.c.received_at)  # old mail is not late
_WAITING = select(func.count(), func.min(_LIVE)).where(INTAKE.c.fate == Fate.WAITING.value)
_HELD = select(func.count(), func.count(func.nullif(INTAKE.c.traceback, ""))).where(INTAKE.c.fate == Fate.HELD.value)
_UNSENT = select(func.count(), func.min(OUTBOX.c.due_at)).where(IS_UNSENT)
_ITS_TIME = select(func.clock_timestamp())
_TIMER = select(func.min(TIMER.c.fire_at)).where(TIMER.c.clock != CLOSE)  # old mail that was over is to be closed


Ahead = Callable[[Connection, datetime], timedelta]  # by how much a clock is ahead of that by which leases are


@dataclass(frozen=True, slots=True)
class Vitals:
    """How much waits, and since when; None where nothing does."""

    waiting: int = 0
    waiting_since: datetime | None = None
    held: int = 0
    held_by_failure: int = 0  # of ours: a traceback is kept with each
    unsent: int = 0
    due_since: datetime | None = None  # when the first of the unsent should have left
    timer_since: datetime | None = None  # when the first timer should have fired
    pulse: Pulse = Pulse()  # of mails to ourselves
    losses: Mapping[str, Loss] = field(default_factory=dict)  # by the address of an agent whom our mails do not reach


def ahead(connection: Connection, now: datetime) -> timedelta:
    """Return by how much a clock is ahead of the database's, which all daemons share; on SQLite there is one."""
    return timedelta(0) if connection.dialect.name == "sqlite" else now - connection.execute(_ITS_TIME).scalar_one()


def not_ahead(_connection: Connection, _now: datetime) -> timedelta:
    """Say that there is no other clock: the time that is told is not the machine's."""
    return timedelta(0)


def take(connection: Connection) -> Vitals:
    """Count what waits, and since when."""
    waiting, waiting_since = connection.execute(_WAITING).one()
    held, held_by_failure = connection.execute(_HELD).one()
    unsent, due_since = connection.execute(_UNSENT).one()
    timer_since = connection.execute(_TIMER).scalar()
    pulse, losses = beats.pulse(connection), alarms.losses(connection)
    return Vitals(waiting, waiting_since, held, held_by_failure, unsent, due_since, timer_since, pulse, losses)
