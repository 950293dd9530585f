"""A mail to ourselves through the outside, every so many minutes or when asked: whether customers' mail reaches us.

It leaves like any other and comes back by whatever way customers' mail comes.  It is known by its Message-ID, which
nobody else knows before; it becomes no ticket, for mail of ours never does.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from maild.deciding.filing import post
from maild.deciding.office import Office
from maild.store import beats
from maild.store.write import Store
from maild.ticket import notices, token
from maild.ticket.desk import Queue
from maild.ticket.token import TokenKind


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Where it goes, "" for nowhere, and how often."""

    to: str = ""
    every: timedelta = timedelta(minutes=15)


NONE = Heartbeat()


def send_due(store: Store, office: Office, heartbeat: Heartbeat, now: datetime) -> int:
    """Send one if it is time; return how many."""
    with store.reading() as connection:
        due = next_due(connection, heartbeat)
        if due is None or due > now or beats.is_waiting(connection):
            return 0
    try:
        store.write(partial(_send, office=office, heartbeat=heartbeat, now=now))
    except IntegrityError:  # another daemon was faster
        return 0
    return 1


def next_due(connection: Connection, heartbeat: Heartbeat) -> datetime | None:
    """Return when the next is due, None for never."""
    if not heartbeat.to:
        return None
    last = beats.last_sent_at(connection)
    return last + heartbeat.every if last is not None else datetime.min.replace(tzinfo=UTC)


def _send(connection: Connection, office: Office, heartbeat: Heartbeat, now: datetime) -> None:
    _post(connection, office, heartbeat.to, office.desk.default_queue, now)
    beats.sent(connection, int(now.timestamp() // heartbeat.every.total_seconds()), heartbeat.to, now)


def probe(connection: Connection, office: Office, queue: Queue, now: datetime) -> int:
    """Send one to where a queue's answers go, and return its number in the outbox."""
    signed = token.mint(office.house.keys, TokenKind.CUSTOMER, 0, 0, now.date())  # of nobody, to no ticket
    to = queue.reply_address.replace("{token}", signed)
    _post(connection, office, to, queue, now)
    return beats.probed(connection, to, now)


def _post(connection: Connection, office: Office, to: str, queue: Queue, now: datetime) -> None:
    post(connection, [notices.heartbeat(to, queue.key, office.desk, now, office.language)], office, now)
