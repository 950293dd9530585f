"""Mails whose time to leave has not come: they may still be taken back."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select, update

from maild.store.outbox import IS_UNSENT
from maild.store.records import letter_from_json
from maild.store.tables import MESSAGE, OUTBOX
from maild.ticket.facts import Leaving
from maild.ticket.model import Direction, Visibility

MOST_GATHERED = 2_000
IN_HAND = timedelta(seconds=3)  # what is due so soon may be on its way by the time that a plan is filed


def withdraw(connection: Connection, ids: Sequence[int], now: datetime) -> bool:
    """Keep mails from leaving whose time has not come; False if one of them may have left."""
    waiting = (OUTBOX.c.id.in_(ids), *_not_in_hand(now))
    done = connection.execute(update(OUTBOX).where(*waiting).values(state="withdrawn", done_at=now))
    return done.rowcount == len(ids)


def _not_in_hand(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What may still be taken back: a daemon whose clock is ahead of ours may send a mail before we take it for due."""
    free = or_(OUTBOX.c.leased_until.is_(None), OUTBOX.c.leased_until < now)
    return OUTBOX.c.state == "queued", OUTBOX.c.due_at > now + IN_HAND, free


def of_template(connection: Connection, template: str, now: datetime, until: datetime) -> list[Any]:
    """Return queued mails of one template whose time comes until then, and which may still be taken back."""
    coming = (IS_UNSENT, *_not_in_hand(now), OUTBOX.c.due_at <= until)
    columns = (OUTBOX.c.id, OUTBOX.c.ticket, OUTBOX.c.recipient, OUTBOX.c.letter, OUTBOX.c.created_at)
    rows = connection.execute(
        select(*columns).where(*coming, OUTBOX.c.automatic).order_by(OUTBOX.c.id).limit(MOST_GATHERED)
    )
    return [row for row in rows if row.ticket is not None and letter_from_json(row.letter).template == template]


def answer_of(connection: Connection, tickets: Collection[int], agent: str, now: datetime) -> Leaving | None:
    """Return an agent's answer that may still be taken back; of anybody's where agent is "".

    Args:
        tickets: the one that is answered, and those that ended in it: what was to leave of them does so under their own
            numbers.
    """
    waiting = (OUTBOX.c.ticket.in_(tickets), IS_UNSENT, *_not_in_hand(now))
    rows = connection.execute(select(OUTBOX).where(*waiting).order_by(OUTBOX.c.id)).all()
    words = [row for row in rows if not row.automatic and row.author and agent in ("", row.author)]
    if not words:
        return None
    at, author = words[-1].created_at, words[-1].author
    said = connection.execute(
        select(MESSAGE.c.message_id, MESSAGE.c.new_text)
        .where(MESSAGE.c.ticket.in_(tickets), MESSAGE.c.party == author, MESSAGE.c.at == at)
        .where(MESSAGE.c.direction == Direction.OUT.value, MESSAGE.c.visibility == Visibility.PUBLIC.value)
        .order_by(MESSAGE.c.id.desc())
    ).first()
    if said is None:
        return None
    his = [row for row in rows if row.created_at == at]
    for_him = all(row.due_at > row.created_at for row in his)
    return Leaving(tuple(row.id for row in his), said.message_id, said.new_text, for_him)
