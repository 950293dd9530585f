"""A ticket in brief: what is told of it wherever it is shown."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from maild.cli.instant import iso, iso_of
from maild.hours.clocks import ClockState
from maild.store import histories
from maild.ticket import timers
from maild.ticket.desk import Desk
from maild.ticket.model import Ticket


def clocks_of(connection: Connection, ticket: Ticket, desk: Desk, now: datetime) -> dict[str, ClockState]:
    """Fold a ticket's clocks from its history."""
    return timers.states(histories.of(connection, ticket.number), desk, desk.queue_called(ticket.queue), now)


def told(ticket: Ticket, clocks: dict[str, ClockState]) -> dict[str, Any]:
    """Return what is told of a ticket wherever it is shown."""
    first = clocks.get("first_reply")
    return {
        "number": ticket.number,
        "subject": ticket.subject,
        "status": str(ticket.status),
        "queue": ticket.queue,
        "priority": str(ticket.priority),
        "assignee": ticket.assignee or None,
        "requester": ticket.requester.address,
        "language": ticket.language,
        "tags": list(ticket.tags),
        "fields": dict(ticket.fields),
        "rating": ticket.rating,
        "opened_at": iso(ticket.opened_at),
        "solved_at": iso(ticket.solved_at),
        "closed_at": iso(ticket.closed_at),
        "first_reply_due_at": iso_of(first.due) if first else None,
        "due_at": iso(timers.next_due(clocks)),
        "breached": any(state.late for state in clocks.values()),
    }
