"""What an attempt to send a mail came to: written, and filed with what follows for its ticket.

An answer of ours has arrived, or somebody must hear that it has not; an automatic mail that left says nothing.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from sqlalchemy import Connection

from maild import maillog
from maild.deciding.filing import carry_out
from maild.deciding.office import Office
from maild.outbound import retry
from maild.outbound.outcome import Busy, Deferred, Failed, InDoubt, Outcome, Sent, Stop
from maild.setaside import AGAIN
from maild.store import alarms, outbox, tickets
from maild.store.outbox import Due
from maild.store.tables import OutboxState
from maild.ticket import outgoing
from maild.ticket.facts import Outgoing
from maild.ticket.model import Ticket
from maild.ticket.plan import Audience, Plan

TELL_AFTER = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to send a mail, what came of it, and when."""

    due: Due
    outcome: Outcome
    at: datetime

    @property
    def in_doubt(self) -> bool:
        """Whether the next server may have the mail, by this attempt or one before: later trouble takes none back."""
        return isinstance(self.outcome, InDoubt) or self.due.state == "in_doubt"


def settle(connection: Connection, attempt: Attempt, lease: str, office: Callable[[], Office]) -> None:
    """Write what an attempt came to, and what follows for the ticket, in one transaction."""
    due, now = attempt.due, attempt.at
    state, due_at = _state(attempt)
    held = outbox.settle(connection, due.id, state, attempt.outcome.reply, lease, now, due_at)
    if held and due.audience == Audience.AGENT.value:
        _note_whether_it_arrived(connection, attempt, state)
    if not held or due.ticket is None or (state == "sent" and due.automatic):
        return
    ticket = tickets.surviving(connection, due.ticket)
    if ticket is None or (due_at is not None and not _is_to_be_told(connection, due, ticket.number, now)):
        return
    current = office()
    mail = replace(due.outgoing, failed=due.automatic and outbox.is_missed(connection, ticket.number, due.outgoing))
    plan = _what_follows(ticket, mail, attempt, state, current)
    if plan is not None and plan.changes:
        carry_out(connection, plan, ticket, current, now)


def _note_whether_it_arrived(connection: Connection, attempt: Attempt, state: OutboxState) -> None:
    """Keep to which agents mails do not arrive: they cannot be told of that by mail, and others must."""
    address, outcome, now = attempt.due.letter.recipient, attempt.outcome, attempt.at
    if state == "failed" and isinstance(outcome, Failed | Deferred):
        alarms.lost(connection, address, outcome.reply, now, returned=False)
    elif state == "sent":
        alarms.taken(connection, address, now)


def settle_alone(connection: Connection, attempt: Attempt, lease: str) -> None:
    """Write only what an attempt came to, maild having failed at what follows: for that no mail leaves twice."""
    state, due_at = _state(attempt)
    if state == "failed" and not isinstance(attempt.outcome, InDoubt):
        state, due_at = _waiting(attempt), attempt.at + AGAIN  # it has not left, and nobody was told yet
    outbox.settle(connection, attempt.due.id, state, attempt.outcome.reply, lease, attempt.at, due_at)


def _state(attempt: Attempt) -> tuple[OutboxState, datetime | None]:
    """Return the outbox state of an outcome, and when to try again."""
    due, outcome = attempt.due, attempt.outcome
    match outcome:
        case Sent():
            return "sent", None
        case Failed():
            return "failed", None
        case InDoubt() if due.state == "in_doubt":
            return "failed", None  # each try may have been a copy: the second was the last
        case Deferred() | Busy() | InDoubt():
            doubt = isinstance(outcome, InDoubt)
            attempts = max(due.attempts + 1, retry.ATTEMPTS_AFTER_DOUBT) if doubt else due.attempts + 1
            again = retry.next_attempt(due.queued_at, attempts, attempt.at, due.patient, random.random())
            if isinstance(outcome, Busy) and again is not None:
                again = min(again, attempt.at + retry.LONGEST_AWAY)
            return (_waiting(attempt), again) if again is not None else ("failed", None)
        case Stop():
            raise AssertionError("a stop settles nothing")
        case _:
            assert_never(outcome)


def _waiting(attempt: Attempt) -> OutboxState:
    return "in_doubt" if attempt.in_doubt else "deferred"


def _is_to_be_told(connection: Connection, due: Due, ticket: int, now: datetime) -> bool:
    """Whether its author must hear that a mail has not left yet: after some hours, and once, however often it fails."""
    if due.automatic or now - due.created_at < TELL_AFTER:
        return False
    return not outbox.is_missed(connection, ticket, due.outgoing)


def _what_follows(ticket: Ticket, mail: Outgoing, attempt: Attempt, state: OutboxState, office: Office) -> Plan | None:
    """Return what an attempt means for the ticket: an answer has arrived, or somebody must hear that it has not."""
    if state == "sent":
        return None if mail.automatic else outgoing.delivered(ticket, mail)
    failed, refused = state == "failed", isinstance(attempt.outcome, Failed)
    in_doubt = failed and not refused and attempt.in_doubt
    missed = outgoing.Missed(mail, failed, attempt.outcome.reply, refused, in_doubt)
    return outgoing.undelivered(office.desk, ticket, missed, attempt.at, office.language)


def log(attempt: Attempt) -> None:
    """Say in the log what became of a mail."""
    due = attempt.due
    match attempt.outcome:
        case Sent(reply):
            maillog.sent(due.id, due.ticket, due.letter.template, reply)
        case Deferred(reply) | Busy(reply):
            maillog.deferred(due.id, due.ticket, reply, due.attempts + 1)
        case InDoubt(reply) if due.state == "in_doubt":
            maillog.failed(due.id, due.ticket, reply)
        case InDoubt(reply):
            maillog.in_doubt(due.id, due.ticket, reply)
        case Failed(reply):
            maillog.failed(due.id, due.ticket, reply)
        case Stop():
            pass
