"""A ticket in brief: what is told of it wherever it is shown."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from maild.cli.instant import iso, iso_of
from maild.hours.clocks import ClockState
from maild.store import look
from maild.ticket import timers
from maild.ticket.desk import Desk


def clocks_of(connection: Connection, row: Any, desk: Desk, now: datetime) -> dict[str, ClockState]:
    """Fold a ticket's clocks from its history."""
    queue = desk.queue_called(row.queue)
    return timers.states(look.history(connection, row.number), desk, queue, now)


def told(row: Any, tags: list[str], clocks: dict[str, ClockState]) -> dict[str, Any]:
    """Return what is told of a ticket wherever it is shown."""
    first = clocks.get("first_reply")
    return {
        "number": row.number,
        "subject": row.subject,
        "status": row.status,
        "queue": row.queue,
        "priority": row.priority,
        "assignee": row.assignee or None,
        "requester": row.requester_address,
        "language": row.language,
        "tags": tags,
        "fields": json.loads(row.fields or "{}"),
        "rating": row.rating,
        "opened_at": iso(row.opened_at),
        "solved_at": iso(row.solved_at),
        "closed_at": iso(row.closed_at),
        "first_reply_due_at": iso_of(first.due) if first else None,
        "due_at": iso(timers.next_due(clocks)),
        "breached": any(state.late for state in clocks.values()),
    }
