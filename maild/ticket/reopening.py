"""Whether a mail opens an ended ticket again: not if it only thanks; if it comes too late, it begins a new one."""

from datetime import datetime

from maild.message import gratitude
from maild.ticket import ratings, timers
from maild.ticket.desk import Queue
from maild.ticket.facts import Facts
from maild.ticket.model import Status, Ticket


def begins_anew(facts: Facts, ticket: Ticket) -> bool:
    """Tell whether a mail comes too late for the ticket that it belongs to; no machine's does, no rating, no thanks."""
    late = facts.by_person and is_too_late(ticket, facts.queue, facts.now)
    return late and ratings.of(facts) is None and not only_thanks(facts, ticket)


def is_too_late(ticket: Ticket, queue: Queue, now: datetime) -> bool:
    """Tell whether an answer to an ended ticket begins a new one."""
    ended = ticket.closed_at or ticket.solved_at
    return ended is not None and now - ended > queue.reopen_within


def only_thanks(facts: Facts, ticket: Ticket) -> bool:
    """A word of thanks after an answer asks for nothing: it is kept, and opens nothing again."""
    sender = facts.message.sender
    writer = f"{sender.name} {sender.address.rpartition('@')[0]}"  # a domain is no name: "No, thanks" from one in .no
    if facts.has_files or not gratitude.is_thanks_of(facts.cut, writer):
        return False
    return ticket.status in (Status.WAITING, Status.SOLVED, Status.CLOSED) or _is_answered(facts, ticket)


def _is_answered(facts: Facts, ticket: Ticket) -> bool:
    """Tell whether we owe the customer no answer, though we still work or wait for somebody else."""
    history = facts.seen.asked.histories.get(ticket.number)
    return history is not None and timers.unanswered_since(history, facts.now) is None
