"""What queues in shadow would have sent: it stays in the outbox, and their leads are told."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, text, update

from maild.agents.daily import Unsent
from maild.message.subject import shortened
from maild.store.prepared import Prepared
from maild.store.records import letter_from_json
from maild.store.tables import OUTBOX, TICKET, UNREPORTED

_UNTOLD = text(f"outbox.{UNREPORTED}")
_ITS_QUEUE = select(TICKET.c.queue).where(TICKET.c.number == OUTBOX.c.ticket).scalar_subquery()  # few mails: no join
_SINCE = Prepared(select(_ITS_QUEUE.label("queue"), OUTBOX.c.created_at).where(_UNTOLD).order_by(OUTBOX.c.id))


def since(connection: Connection) -> dict[str, datetime]:
    """Return, by queue in shadow, when the first mail was decided that nobody was told of."""
    found: dict[str, datetime] = {}
    for row in _SINCE(connection, {}):
        found.setdefault(row.queue, row.created_at)
    return found


def untold(connection: Connection, queue: str) -> list[Unsent]:
    """Return what a queue in shadow would have sent and nobody was told of."""
    query = select(OUTBOX).join(TICKET, TICKET.c.number == OUTBOX.c.ticket).where(TICKET.c.queue == queue)
    found: list[Unsent] = []
    for row in connection.execute(query.where(_UNTOLD).order_by(OUTBOX.c.id)):
        letter = letter_from_json(row.letter)
        found.append(
            Unsent(row.id, row.created_at, letter.template, row.recipient, shortened(letter.header("Subject")))
        )
    return found


def told(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """Mark mails of queues in shadow as told of."""
    connection.execute(update(OUTBOX).where(OUTBOX.c.id.in_(ids)).values(done_at=now))
