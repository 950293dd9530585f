"""A look into the store for one mail: what is known under its keys, and what bears on an agent's answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from maild.deciding.office import Mail
from maild.deciding.question import Question
from maild.message.model import Message
from maild.store import agent_views, held, queued, snapshot, tickets, unseen
from maild.store.snapshot import Keys
from maild.ticket import thread
from maild.ticket.facts import Seen
from maild.ticket.thread import Past

MOST_TICKETS = 3


def look(connection: Connection, now: datetime, question: Question) -> Seen:
    """Take a snapshot, with the texts that an answer may quote."""
    mail, keys = question.mail, question.keys
    seen = snapshot.take(connection, keys, now)
    if keys.held is not None:
        seen = replace(seen, held=held.get(connection, keys.held))
    numbers = likeliest_first(mail.message, keys, seen.past)[:MOST_TICKETS]
    if mail.import_only:
        seen = replace(seen, touched_at=tickets.touched_at(connection, list(seen.past.tickets)))
    if keys.wants:
        seen = replace(seen, asked=agent_views.answer(connection, keys.wants, numbers, keys.agent))
    if not numbers or not (keys.candidates or keys.handle):
        return seen
    if keys.agent:
        seen = _for_agent(connection, mail, now, keys, seen, numbers[0])
    texts = "\n".join(snapshot.parent_text(connection, number) for number in numbers)
    subject, text = ("", "") if keys.agent or not keys.own else snapshot.sent(connection, tuple(keys.own))
    last = snapshot.last_from_customer(connection, numbers[0])
    return replace(seen, parent_text=texts, sent=text, sent_subject=subject, last=last)


def likeliest_first(message: Message, keys: Keys, past: Past) -> list[int]:
    """Return the tickets that a mail may belong to as thread.match prefers them: by its address, then by its ids."""
    named = [number for handle, number in past.handles.items() if handle == keys.handle]
    for one in keys.candidates:
        filed = thread.likeliest_first(past.refs.get(one, ()), message, past)
        named += [keys.own[one]] if one in keys.own else [ref.ticket for ref in filed]
    surviving = (past.survivors.get(number, number) for number in (*named, *past.tickets))
    return [number for number in dict.fromkeys(surviving) if number in past.tickets]


def _for_agent(connection: Connection, mail: Mail, now: datetime, keys: Keys, seen: Seen, number: int) -> Seen:
    """Add what bears on an agent's answer: notes, his mail that is still leaving, what he may not have seen."""
    tickets = (number, *(one for one, survivor in seen.past.survivors.items() if survivor == number))
    leaving = queued.answer_of(connection, tickets, keys.agent, now)
    inside = keys.handle is None and unseen.stays_inside(connection, tickets, keys.candidates)
    notes = (*unseen.notes(connection, number), *unseen.inside(connection, seen.past.tickets[number]))
    noted_by = unseen.noted_by(connection, number, keys.agent)
    seen = replace(seen, notes=notes, noted_by=noted_by, leaving=leaving, inside=inside)
    since = _knows_until(connection, mail, keys, seen, tickets)
    if since is None:  # it cannot be told what he has seen
        return seen
    newer = unseen.newer(connection, number, keys.agent, since)
    return replace(seen, newer=newer, absorbed=unseen.absorbed(connection, number, since))


def _knows_until(connection: Connection, mail: Mail, keys: Keys, seen: Seen, tickets: Sequence[int]) -> datetime | None:
    """Return until when an agent knows a ticket: he was asked then, or our mail was written then that he answers."""
    if seen.held and mail.released_by:
        return seen.held.asked_at
    return unseen.copy_made_at(connection, tickets, keys.candidates)
