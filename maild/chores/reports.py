"""Daily reports: looks for what nobody was told yet, and tells it in one transaction with the mark that it was."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection

from maild import setaside
from maild.agents import daily, quarantine
from maild.agents.daily import Quarantined
from maild.deciding.filing import post
from maild.deciding.office import Office
from maild.message import subject
from maild.store import browse, held, shadow
from maild.store.write import Store
from maild.ticket.desk import Queue


def send_due(store: Store, office: Office, now: datetime) -> int:
    """Send the reports that are due; return how many."""
    with store.reading() as connection:
        hidden, held_back = shadow.since(connection), _untold(connection, office)
    shadows = [key for key, first in hidden.items() if _due(key, first, office) <= now]
    mails = [rows for key, rows in held_back.items() if _due(key, rows[0].received_at, office) <= now]
    works: list[Callable[[Connection], int]] = [
        *(partial(_tell_of_shadow, key=key, office=office, now=now) for key in shadows),
        *(partial(_tell_of_held, rows=rows, office=office, now=now) for rows in mails),
    ]
    return setaside.each(store.write, works)


def next_due(connection: Connection, office: Office) -> datetime | None:
    """Return when the next report is due, None for never."""
    first = [*shadow.since(connection).items()]
    first += [(key, rows[0].received_at) for key, rows in _untold(connection, office).items()]
    return min((_due(key, at, office) for key, at in first), default=None)


def _tell_of_shadow(connection: Connection, key: str, office: Office, now: datetime) -> int:
    unsent = shadow.untold(connection, key)
    if unsent:  # else another daemon was faster
        desk = office.desk
        queue, count = _queue(key, office), len(unsent)
        told = daily.report("shadow", queue, desk, unsent, count, office.operator, office.language, now)
        post(connection, told, office, now)
        shadow.told(connection, [one.id for one in unsent], now)
    return 1


def _tell_of_held(connection: Connection, rows: Sequence[Any], office: Office, now: datetime) -> int:
    untold = held.told(connection, [row.id for row in rows], now)
    if rows := [row for row in rows if row.id in untold]:  # else another daemon was faster
        shown = [_quarantined(connection, row) for row in rows[: daily.MOST_SHOWN]]
        desk, queue = office.desk, _queue_of(rows[0], office)
        told = quarantine.told(queue, desk, shown, len(rows), office.operator, office.language, now)
        post(connection, told, office, now)
    return 1


def _untold(connection: Connection, office: Office) -> dict[str, list[Any]]:
    """Return held mails by the queue that they were sent to."""
    found: dict[str, list[Any]] = {}
    for row in held.untold(connection):
        found.setdefault(_queue_of(row, office).key, []).append(row)
    return found


def _queue_of(row: Any, office: Office) -> Queue:
    desk = office.desk
    return next(filter(None, map(desk.queue_at, browse.recipients(row))), desk.default_queue)


def _quarantined(connection: Connection, row: Any) -> Quarantined:
    read = held.head(connection, row)
    sender = read.sender.address or row.mail_from or "<>"
    return Quarantined(row.id, row.received_at, sender, subject.shortened(read.subject), row.because)


def _due(key: str, first: datetime, office: Office) -> datetime:
    return daily.due_at(first, office.desk, _queue(key, office))


def _queue(key: str, office: Office) -> Queue:
    return office.desk.queue_called(key)
