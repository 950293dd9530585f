"""What was written on a ticket that an agent, when he answers, may not have seen."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from maild.message.model import Kind
from maild.store.records import letter_from_json
from maild.store.tables import HISTORY, MESSAGE, OUTBOX
from maild.ticket.change import Absorbed, Remark
from maild.ticket.effects import BY_RULE
from maild.ticket.facts import Last
from maild.ticket.model import Direction, Ticket, Visibility
from maild.ticket.notify import STAY_INSIDE
from maild.ticket.plan import Audience

NEWER = 5
NOTES = 50
SHORTEST = 3  # words of what a field keeps or a rule noted; the number of an order is said to everybody


def notes(connection: Connection, number: int) -> tuple[str, ...]:
    """Return the texts of a ticket's newest notes."""
    return _newest(connection, number, Visibility.NOTE)


def noted_by(connection: Connection, number: int, agent: str) -> str:
    """Return who wrote a ticket's newest note that is not this agent's, "" for nobody: a colleague's key."""
    query = select(MESSAGE.c.party).where(
        MESSAGE.c.ticket == number,
        MESSAGE.c.visibility == Visibility.NOTE.value,
        MESSAGE.c.direction == Direction.OUT.value,
        MESSAGE.c.party != agent,
    )
    return str(connection.execute(query.order_by(MESSAGE.c.id.desc()).limit(1)).scalar() or "")


def inside(connection: Connection, ticket: Ticket) -> tuple[str, ...]:
    """Return what rules noted of a ticket and its fields keep, and nobody has told its customer, nor he us."""
    values = (*_by_rules(connection, ticket.number), *ticket.kept.values())
    values = tuple(one for one in values if len(one.split()) >= SHORTEST)
    if not values:
        return ()
    told = " ".join(" ".join(_newest(connection, ticket.number, Visibility.PUBLIC)).casefold().split())
    return tuple(one for one in values if " ".join(one.casefold().split()) not in told)


def _newest(connection: Connection, number: int, visibility: Visibility) -> tuple[str, ...]:
    """Return the newest texts of a ticket that everybody, or agents alone, may see."""
    query = select(MESSAGE.c.new_text).where(MESSAGE.c.ticket == number, MESSAGE.c.visibility == visibility.value)
    return tuple(connection.execute(query.order_by(MESSAGE.c.id.desc()).limit(NOTES)).scalars())


def _by_rules(connection: Connection, number: int) -> list[str]:
    """Return the newest notes that rules left."""
    query = select(HISTORY.c.detail).where(
        HISTORY.c.ticket == number,
        HISTORY.c.change == Remark.__name__,
        HISTORY.c.detail.startswith(f'{{"what":"{BY_RULE}', autoescape=True),
    )
    found = connection.execute(query.order_by(HISTORY.c.sequence.desc()).limit(NOTES)).scalars()
    return [json.loads(detail)["what"].removeprefix(BY_RULE) for detail in found]


def copy_made_at(connection: Connection, tickets: Sequence[int], ids: Sequence[str]) -> datetime | None:
    """Return when we wrote the newest mail to an agent that one of his refers to; None where it refers to none."""
    return connection.execute(select(func.max(OUTBOX.c.created_at)).where(*_to_agent(tickets, ids))).scalar()


def stays_inside(connection: Connection, tickets: Sequence[int], ids: Sequence[str]) -> bool:
    """Tell whether the mail of ours that an agent answers is one whose answers go to no customer.

    Args:
        ids: that his mail names, the likeliest first.
    """
    rows = connection.execute(select(OUTBOX.c.message_id, OUTBOX.c.letter).where(*_to_agent(tickets, ids)))
    letters = {row.message_id: row.letter for row in rows}
    answered = next((letters[one] for one in ids if letters.get(one)), "")
    return bool(answered) and letter_from_json(answered).template in STAY_INSIDE


def _to_agent(tickets: Sequence[int], ids: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    """What holds for a mail of ours to an agent of which one of his names the Message-ID."""
    return OUTBOX.c.message_id.in_(ids), OUTBOX.c.ticket.in_(tickets), OUTBOX.c.audience == Audience.AGENT.value


def newer(connection: Connection, number: int, agent: str, since: datetime) -> tuple[Last, ...]:
    """Return what people other than an agent said to everybody since, in order: the newest of it."""
    rows = connection.execute(
        select(MESSAGE.c.party_name, MESSAGE.c.party, MESSAGE.c.new_text, MESSAGE.c.at)
        .where(
            MESSAGE.c.ticket == number,
            MESSAGE.c.at > since,
            MESSAGE.c.visibility == Visibility.PUBLIC.value,
            MESSAGE.c.kind == Kind.HUMAN.value,
            MESSAGE.c.party != agent,
        )
        .order_by(MESSAGE.c.id.desc())
        .limit(NEWER)
    )
    return tuple(Last(row.party_name or row.party, row.new_text, row.at) for row in reversed(rows.all()))


def absorbed(connection: Connection, number: int, since: datetime) -> tuple[int, ...]:
    """Return the tickets that ended in this one since, and brought their people with them."""
    query = select(HISTORY.c.detail).where(
        HISTORY.c.ticket == number, HISTORY.c.change == Absorbed.__name__, HISTORY.c.at > since
    )
    return tuple(json.loads(detail)["other"] for detail in connection.execute(query).scalars())
