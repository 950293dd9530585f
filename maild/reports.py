"""Daily reports: looks for what nobody was told yet, and tells it in one transaction with the mark that it was."""

from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from maild.filing import post
from maild.office import Office
from maild.store import outbox
from maild.store.write import Store
from maild.ticket import daily
from maild.ticket.desk import Queue


def send_due(store: Store, office: Office, now: datetime) -> int:
    """Send the reports that are due; return how many."""
    due = [key for key, first in store.read(outbox.shadowed_since).items() if _due(key, first, office) <= now]
    for key in due:
        store.write(partial(_tell_of_shadow, key=key, office=office, now=now))
    return len(due)


def next_due(store: Store, office: Office) -> datetime | None:
    """Return when the next report is due, None for never."""
    first = store.read(outbox.shadowed_since)
    return min((_due(key, at, office) for key, at in first.items()), default=None)


def _tell_of_shadow(connection: Connection, key: str, office: Office, now: datetime) -> None:
    unsent = outbox.shadowed(connection, key)
    if unsent:  # else another daemon was faster
        desk = office.house.desk
        post(connection, daily.shadow(_queue(key, office), desk, unsent, office.operator, office.language), office, now)
        outbox.reported(connection, [one.id for one in unsent], now)


def _due(key: str, first: datetime, office: Office) -> datetime:
    return daily.due_at(first, office.house.desk, _queue(key, office))


def _queue(key: str, office: Office) -> Queue:
    desk = office.house.desk
    return desk.queues.get(key, desk.default_queue)
