"""Held mails: those in agents' names, which wait for a person's word, and those that a rule or a failure holds."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, func, literal_column, or_, select, text, union, update

from maild.message import parse
from maild.message.model import Message
from maild.store import intake, pieces, upsert
from maild.store.prepared import Prepared
from maild.store.tables import HELD, INTAKE, UNTOLD
from maild.ticket.facts import Held
from maild.ticket.plan import Fate, Hold, Order, Settle, Verb, Word

_IN_A_NAME = exists().where(HELD.c.mail == INTAKE.c.id)  # an agent is asked about it
_NOBODYS = (INTAKE.c.fate == Fate.HELD.value, ~_IN_A_NAME)
_WAITS = HELD.c.state == literal_column("'waiting'")  # spelled out as in the partial index, else SQLite cannot use it
_HELD_NOW = INTAKE.c.fate == Fate.HELD.value
_HELD_ONCE = or_(_HELD_NOW, HELD.c.mail.is_not(None))
_WITH_HOLD = select(
    *(INTAKE.c.id, INTAKE.c.received_at, INTAKE.c.mail_from, INTAKE.c.fate, INTAKE.c.because, INTAKE.c.ticket),
    *(HELD.c.agent, HELD.c.until, HELD.c.state, HELD.c.settled_by, HELD.c.text),
).select_from(INTAKE.outerjoin(HELD, HELD.c.mail == INTAKE.c.id))
_OUTSIDE = (INTAKE.c.id, INTAKE.c.received_at, INTAKE.c.mail_from, INTAKE.c.rcpt_to, INTAKE.c.because)
_ALL_UNTOLD = Prepared(select(*_OUTSIDE).where(text(f"intake.{UNTOLD}"), ~_IN_A_NAME).order_by(INTAKE.c.id))
_NEXT_DUE = Prepared(select(func.min(HELD.c.until)).where(_WAITS))


def put(connection: Connection, mail: int, ticket: int | None, hold: Hold, because: str, now: datetime) -> None:
    """Keep a hold; one that was released and is held again waits again."""
    values = {
        "mail": mail,
        "ticket": ticket,
        "agent": hold.agent,
        "because": because,
        "text": hold.text,
        "digest": hold.digest,
        "asked_at": now,
        "until": hold.until,
        "state": Word.WAITING.value,
        "settled_by": "",
        "settled_at": None,
    }
    upsert.replace(connection, HELD, values, tuple(name for name in values if name != "mail"))


def settle(connection: Connection, word: Settle, now: datetime) -> bool:
    """Write a person's word on a held mail, and let it go on or end; False if it does not wait."""
    done = connection.execute(
        update(HELD)
        .where(HELD.c.mail == word.mail, HELD.c.state.in_((Word.WAITING.value, *_reversible(word))))
        .values(state=word.word.value, settled_by=word.by, settled_at=now)
    )
    if not done.rowcount:
        return False
    if word.word is Word.RELEASED:
        return intake.release(connection, word.mail, word.by)
    if word.word is Word.DROPPED:
        return intake.drop(connection, word.mail, f"dropped by {word.by}")
    return True


def order(connection: Connection, one: Order) -> str | None:
    """Carry out an order on a mail held in no agent's name; return who sent it, None if it is not held."""
    sender = senders(connection, (one.mail,)).get(one.mail)
    if sender is None:
        return None
    if one.verb is Verb.RELEASE:
        intake.release(connection, one.mail, one.by)
    else:
        intake.drop(connection, one.mail, f"{sender or 'its sender'} was blocked by {one.by}")
    return sender


def senders(connection: Connection, mails: Collection[int]) -> dict[int, str]:
    """Return who sent those of some mails that are held in no agent's name; "" for nobody."""
    rows = connection.execute(select(*_OUTSIDE).where(INTAKE.c.id.in_(mails), *_NOBODYS)).all() if mails else []
    return {row.id: head(connection, row).sender.address.lower() or row.mail_from or "" for row in rows}


def untold(connection: Connection) -> list[Any]:
    """Return the mails held in no agent's name of which nobody was told, without what they weigh."""
    return _ALL_UNTOLD(connection, {}).all()


def head(connection: Connection, row: Any) -> Message:
    """Return what the beginning of a mail says."""
    return parse.parse(pieces.raw_of(connection, row.id)[: intake.HEAD_BYTES])


def told(connection: Connection, mails: Collection[int], now: datetime) -> frozenset[int]:
    """Mark mails as told of; return those of which another daemon has not told meanwhile."""
    marked = update(INTAKE).where(INTAKE.c.id.in_(mails), INTAKE.c.told_at.is_(None)).values(told_at=now)
    return frozenset(connection.execute(marked.returning(INTAKE.c.id)).scalars())


def _reversible(word: Settle) -> tuple[str, ...]:
    """What expired may still be released or dropped at the terminal."""
    return (Word.EXPIRED.value,) if word.by == "operator" else ()


def get(connection: Connection, mail: int) -> Held | None:
    """Return a mail that waits for a word, or waited; None if it never did."""
    row = connection.execute(select(HELD).where(HELD.c.mail == mail)).first()
    return as_held(row) if row else None


def due(connection: Connection, now: datetime, count: int = 100) -> list[Held]:
    """Return held mails on which nobody said a word in time."""
    query = select(HELD).where(_WAITS, HELD.c.until <= now).order_by(HELD.c.until)
    return [as_held(row) for row in connection.execute(query.limit(count))]


def next_due(connection: Connection) -> datetime | None:
    """Return when the next held mail has waited long enough; None for none."""
    moment: datetime | None = _NEXT_DUE(connection, {}).scalar()
    return moment


def as_held(row: Any) -> Held:
    """Return a row as deciding knows it."""
    return Held(
        mail=row.mail,
        ticket=row.ticket,
        agent=row.agent,
        because=row.because,
        text=row.text,
        digest=row.digest,
        asked_at=row.asked_at,
        until=row.until,
        state=Word(row.state),
    )


def listed(connection: Connection, everything: bool = False, count: int = 100) -> list[Any]:
    """Return received mails that are held, whatever for, with what is known of the hold; the newest first.

    Args:
        everything: also those that were held once.
    """
    held_now = select(INTAKE.c.id).where(_HELD_NOW)
    those = union(held_now, select(HELD.c.mail)) if everything else held_now
    query = _WITH_HOLD.where(INTAKE.c.id.in_(those.subquery().select()))  # few of all mails, each found by its number
    return list(connection.execute(query.order_by(INTAKE.c.id.desc()).limit(count)))


def shown(connection: Connection, mail: int) -> Any:
    """Return a mail that is held, or was, likewise; None for any other."""
    return connection.execute(_WITH_HOLD.where(_HELD_ONCE, INTAKE.c.id == mail)).first()
