"""A cache of when something is due on each ticket, indexed by that time."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select

from maild.store.prepared import Prepared
from maild.store.tables import TICKET, TIMER
from maild.ticket.timers import Timer

_INSERT = Prepared.insert(TIMER)
_NEXT_DUE = Prepared(select(func.min(TIMER.c.fire_at)))
_DELETE = Prepared(delete(TIMER).where(TIMER.c.ticket == bindparam("its_number")), is_silent=True)


def due_tickets(connection: Connection, now: datetime, count: int, but: Collection[int] = ()) -> list[int]:
    """Return the tickets whose timers have come, the earliest first; but not some of them."""
    come = select(TIMER.c.ticket).where(TIMER.c.fire_at <= now).order_by(TIMER.c.fire_at).limit(count)
    rows = connection.execute(come.where(TIMER.c.ticket.not_in(but)) if but else come)
    return list(dict.fromkeys(rows.scalars()))


def claim(connection: Connection, number: int, now: datetime) -> bool:
    """Whether a timer of a ticket has come; no to all but one of several daemons that ask at the same time."""
    come = select(TIMER.c.ticket).where(TIMER.c.ticket == number, TIMER.c.fire_at <= now)
    return connection.execute(come.with_for_update(skip_locked=True)).first() is not None


def next_due(connection: Connection) -> datetime | None:
    """Return when the next timer of any ticket comes, None for never."""
    moment: datetime | None = _NEXT_DUE(connection, {}).scalar()
    return moment


def replace(connection: Connection, number: int, timers: Sequence[Timer]) -> None:
    """Write the timers of one ticket anew."""
    _DELETE(connection, {"its_number": number})
    put(connection, number, timers)


def put(connection: Connection, number: int, timers: Sequence[Timer]) -> None:
    """Write the timers of a ticket that has none."""
    if timers:
        _INSERT(connection, *(row(number, timer) for timer in timers))


def row(number: int, timer: Timer) -> dict[str, object]:
    """Return a timer of a ticket as its row."""
    return {
        "ticket": number,
        "clock": timer.clock,
        "instance": timer.instance,
        "stage": timer.stage,
        "repeat": timer.repeat,
        "fire_at": timer.fire_at,
    }


def rows(connection: Connection, numbers: Sequence[int] | None = None) -> set[tuple[object, ...]]:
    """Return every timer, or those of some tickets, to compare with what histories make."""
    columns = (TIMER.c.ticket, TIMER.c.clock, TIMER.c.instance, TIMER.c.stage, TIMER.c.repeat, TIMER.c.fire_at)
    query = select(*columns) if numbers is None else select(*columns).where(TIMER.c.ticket.in_(numbers))
    return {tuple(one) for one in connection.execute(query)}


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(TIMER)).scalar_one()


def timed(connection: Connection, statuses: Collection[str]) -> list[int]:
    """Return the tickets that have timers, or are in one of the statuses in which they may have them."""
    having = connection.execute(select(TIMER.c.ticket).distinct()).scalars()
    others = connection.execute(select(TICKET.c.number).where(TICKET.c.status.in_(statuses))).scalars()
    return list(dict.fromkeys((*others, *having)))
