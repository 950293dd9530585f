"""Mails that we sent to ourselves through the outside, and when each came back.

Slots of heartbeats count intervals of time.  A probe, which somebody at the terminal waits for, has a negative one:
it says nothing about how long mail takes, nor of whether any reaches us.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, select, update

from maild.store.outbox import IS_UNSENT
from maild.store.tables import BEAT, OUTBOX

KEPT = timedelta(days=1)
FAR = timedelta(hours=1)  # no clock that is right is ahead by so much
IS_HEARTBEAT = BEAT.c.slot >= 0


class Pulse(NamedTuple):
    """How long the way takes, and since when nothing comes back."""

    took: timedelta | None = None  # from the sending of the last one that came back to its filing
    missing_since: datetime | None = None  # when the first was sent after it that has not come back


def last_sent_at(connection: Connection) -> datetime | None:
    return connection.execute(select(func.max(BEAT.c.sent_at)).where(IS_HEARTBEAT)).scalar()


def is_waiting(connection: Connection) -> bool:
    """Whether the last one could not even leave: another would only wait behind it."""
    beats = select(BEAT.c.message_id).where(IS_HEARTBEAT)
    unsent = select(OUTBOX.c.id).where(IS_UNSENT, OUTBOX.c.message_id.in_(beats))
    return connection.execute(unsent.limit(1)).first() is not None


def sent(connection: Connection, slot: int, recipient: str, now: datetime) -> None:
    """Remember the mail that was just put into the outbox.

    Raises:
        IntegrityError: another daemon sent one for this slot of time.
    """
    _remember(connection, slot, _newest(connection, recipient).message_id, now)


def probed(connection: Connection, recipient: str, now: datetime) -> int:
    """Remember the probe that was just put into the outbox; return its number there."""
    row = _newest(connection, recipient)
    _remember(connection, -row.id, row.message_id, now)
    return int(row.id)


def has_returned(connection: Connection, probe: int) -> datetime | None:
    """Return when a probe came back."""
    return connection.execute(select(BEAT.c.returned_at).where(BEAT.c.slot == -probe)).scalar()


def _newest(connection: Connection, recipient: str) -> Any:
    mails = select(OUTBOX.c.id, OUTBOX.c.message_id).where(OUTBOX.c.recipient == recipient)
    return connection.execute(mails.order_by(OUTBOX.c.id.desc()).limit(1)).one()


def _remember(connection: Connection, slot: int, message_id: str, now: datetime) -> None:
    connection.execute(BEAT.insert(), {"slot": slot, "message_id": message_id, "sent_at": now})
    connection.execute(delete(BEAT).where(BEAT.c.sent_at < now - KEPT))


def recall(connection: Connection, now: datetime) -> int:
    """Forget what a clock that ran ahead has sent: the next would be due only after it; return how many it was."""
    return connection.execute(delete(BEAT).where(BEAT.c.sent_at > now + FAR)).rowcount


def is_one(connection: Connection, message_id: str) -> bool:
    """Whether a mail is one that we sent to ourselves to see it come back."""
    return connection.execute(select(BEAT.c.slot).where(BEAT.c.message_id == message_id)).first() is not None


def came_back(connection: Connection, message_id: str, now: datetime) -> bool:
    """Note that a mail of ours came back, the first time that it does; False where it was none of these."""
    first = update(BEAT).where(BEAT.c.message_id == message_id, BEAT.c.returned_at.is_(None))
    return bool(connection.execute(first.values(returned_at=now)).rowcount)


def pulse(connection: Connection) -> Pulse:
    """Return how long the way takes, and since when nothing comes back."""
    last = connection.execute(
        select(BEAT.c.sent_at, BEAT.c.returned_at)
        .where(IS_HEARTBEAT, BEAT.c.returned_at.is_not(None))
        .order_by(BEAT.c.slot.desc())
    ).first()
    missing = select(func.min(BEAT.c.sent_at)).where(IS_HEARTBEAT, BEAT.c.returned_at.is_(None))
    if last is not None:
        missing = missing.where(BEAT.c.sent_at > last.sent_at)
    return Pulse(last.returned_at - last.sent_at if last else None, connection.execute(missing).scalar())
