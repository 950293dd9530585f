"""Who is to be sent which mail, with which values: the words are the templates'.

A customer's mail carries nothing internal; an agent's mail carries nothing that must not be quoted back
to a customer, for people quote what they answer (R9 of the relay: notes travel in separate mails).
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from maild.hours import duration
from maild.hours.promise import Promise
from maild.message import subject
from maild.message.model import Kind, Part
from maild.ticket import participants, reason, words
from maild.ticket.change import ASKED_ELSEWHERE, Change, SetStatus
from maild.ticket.desk import Agent, Desk, Queue
from maild.ticket.evolve import after
from maild.ticket.facts import Facts, Last, Wanted
from maild.ticket.model import Participant, Role, Status, Ticket
from maild.ticket.particulars import (
    Passed,
    about,
    needed,
    quoted,
    reply_subject,
    shortened,
    shown_name,
    split_attachments,
    tag,
)
from maild.ticket.plan import SendMail
from maild.ticket.recipients import colleague, customer, reached, whoever

MOST_BESIDES = 5  # of a customer's other tickets are named
NOTHING_CAME = {  # what is said of a mail with which a ticket comes
    "kind": "human",
    "banner": "",
    "copied": (),
    "reply_to": "",
    "first": False,
    "besides": (),
    "mentions": (),
    "follows": "",
}
# What an agent is sent whose answer is for no customer: its address says so, where addresses carry anything.
STAY_INSIDE = frozenset("note question away told show history why files list help".split())


def acknowledge(
    facts: Facts,
    ticket: Ticket,
    queue: Queue,
    promise: Promise | None,
    template: str,
    asks_for: tuple[Wanted, ...] = (),
) -> SendMail:
    """The one acknowledgement of a new ticket; an unauthenticated sender gets nothing of his own words back."""
    return SendMail(
        template,
        customer(ticket.requester, ticket.language),
        queue.key,
        values={
            **about(ticket, queue),
            "authenticated": facts.authenticated,
            "received_at": facts.envelope.received_at,
            "sender_date": facts.message.date,
            "promise": promise,
            "asks_for": asks_for,
        },
        subject=reply_subject(facts.message.subject) if facts.authenticated else "",
        answers=facts.message.message_id,
        answers_mail=True,
    )


def solved(ticket: Ticket, queue: Queue) -> SendMail:
    """Ask the customer whether all is well."""
    days = duration.in_words(queue.close_after, ticket.language)
    mail = to_requester("solved", ticket, queue, days=days, ask_rating=queue.ask_rating)
    return replace(mail, subject=reply_subject(ticket.subject))


def to_requester(template: str, ticket: Ticket, queue: Queue, subject: str = "", **values: object) -> SendMail:
    """A mail to the customer that answers the last one of his side; without a subject it has its template's."""
    whom, values = customer(ticket.requester, ticket.language), {**about(ticket, queue), **values}
    return SendMail(template, whom, queue.key, values, subject=subject, answers=ticket.last_message_id)


def is_asked(ticket: Ticket, last: Last | None) -> bool:
    """Tell whether there is a person to be asked unbidden: a requester who is no machine (RFC 3834 section 2).

    Args:
        last: what the customer's side wrote last.
    """
    address = ticket.requester.address
    is_machine = last is not None and last.kind is not Kind.HUMAN and last.address.lower() == address.lower()
    return bool(address) and not is_machine


def if_solved(
    ticket: Ticket, desk: Desk, changes: Iterable[Change], last: Last | None, now: datetime
) -> tuple[SendMail, ...]:
    """Return the question to the customer of a ticket that these changes solve, as its requester and queue are then."""
    changes = tuple(changes)
    then = after(ticket, changes, now)
    if then.status is not Status.SOLVED or ticket.status.ended or not is_asked(then, last):
        return ()
    said = [one.because for one in changes if isinstance(one, SetStatus)]
    if said[-1].startswith(ASKED_ELSEWHERE):  # it was asked when it was solved
        return ()
    return (solved(then, desk.queue_called(then.queue)),)


def agents(facts: Facts, ticket: Ticket, queue: Queue, banner: str = "") -> list[SendMail]:
    """What came in, for each agent who watches the ticket, and hardly ever for its writer."""
    message, sender = facts.message, facts.message.sender.address
    in_his_name = [facts.agent] if facts.agent and _may_be_forged(facts) else []
    watching = dict.fromkeys((*reached(ticket, facts.desk, queue, facts.now), *in_his_name))
    is_first = ticket.version == 0 and facts.ticket is None
    came = {
        "kind": str(facts.classified.kind),
        "banner": banner,
        "copied": participants.offered(facts, ticket, queue.participants),
        "goes_to": participants.answered_beside(ticket, sender) if facts.match.known else (),
        "reply_to": participants.wants_answers(facts, ticket),
        "first": is_first,
        "besides": facts.seen.contact.unsolved[:MOST_BESIDES] if is_first else (),
        "mentions": _mentioned(facts) if is_first else (),
        "follows": _followed(facts, ticket),
    }
    mails = ticket_for(
        ticket,
        queue,
        [agent for agent in watching if agent in in_his_name or not agent.owns(sender)],
        facts.cut.new_text,
        facts.desk_language,
        Participant(sender, facts.name, Role.PARTICIPANT),
        split_attachments(message.attachments, facts.intake_id, queue.attach_up_to_bytes),
    )
    named = _agents_subject(facts, ticket)
    return [replace(one, values={**one.values, **came}, subject=named, answers=message.message_id) for one in mails]


def ticket_for(
    ticket: Ticket,
    queue: Queue,
    to: Iterable[Agent],
    text: str,
    language: str,
    writer: Participant | None = None,
    files: Passed = ((), ()),
) -> list[SendMail]:
    """A ticket for agents, with what the customer's side wrote last.

    Args:
        language: of those who have named none.
        writer: who wrote that; None: the requester.
        files: that go along, and the names of those for which there is no room.
    """
    by, (parts, left_out) = writer or ticket.requester, files
    values: Mapping[str, object] = {
        **about(ticket, queue),
        **NOTHING_CAME,
        **needed(ticket),
        "sender_name": by.name,
        "sender_address": by.address,
        "text": shortened(text),
        "attachments_left_out": left_out,
        "goes_to": participants.answered_beside(ticket, by.address),
    }
    return [
        SendMail(
            "ticket",
            colleague(agent, language),
            queue.key,
            values={**values, "mine": agent.key == ticket.assignee},
            subject=ticket.subject,
            from_name=shown_name(by.name, by.address),
            answers=ticket.last_message_id,
            attachments=parts,
        )
        for agent in to
    ]


def _may_be_forged(facts: Facts) -> bool:
    """Tell whether an agent should hear of a mail in his own name: it opens a ticket, and nothing proves it his.

    Once only, while he has such a ticket: his responder may be what writes, and would write again.
    """
    opens_his_first = facts.ticket is None and facts.seen.contact.unclosed == 0
    return facts.by_person and opens_his_first and not facts.is_believed


def _agents_subject(facts: Facts, ticket: Ticket) -> str:
    """What an agent knows the ticket by, where the customer has not written another subject himself."""
    if facts.keeps_subject:
        return reply_subject(ticket.subject)
    base = subject.base(facts.message.subject)
    if not base.text:
        return ticket.subject
    return reply_subject(base.text) if base.reply else subject.untagged(facts.message.subject)


def _mentioned(facts: Facts) -> tuple[int, ...]:
    """Return the tickets that a subject names, and that its writer has no part in: he may write from elsewhere."""
    ours = {queue.tag.upper() for queue in facts.desk.queues.values()}
    return tuple(number for tag, number in subject.tags(facts.message.subject) if tag in ours)[:MOST_BESIDES]


def _followed(facts: Facts, ticket: Ticket) -> str:
    """Return the tag of the closed ticket from which this one goes on, "" for none."""
    old = facts.ticket
    return tag(facts.desk.queue_called(old.queue), old.number) if old and old.number != ticket.number else ""


def answer(
    ticket: Ticket,
    queue: Queue,
    agent: Agent,
    text: str,
    parts: tuple[Part, ...],
    last: Last | None,
    has_it: Container[str] = (),
) -> list[SendMail]:
    """An agent's words to everybody of the customer's side, a mail each, with nothing of his own mail's.

    Args:
        has_it: addresses that the agent's own mail went to: such a participant gets no second one.
    """
    people = [
        person
        for person in participants.answered(ticket)
        if person.role is Role.REQUESTER or person.address.lower() not in has_it
    ]
    values = _said(ticket, queue, agent, text, last)
    asks = queue.ask_rating and ticket.status is Status.SOLVED
    return [
        SendMail(
            "answer",
            customer(person, ticket.language),
            queue.key,
            values={**values, "ask_rating": asks and person.role is Role.REQUESTER},
            subject=reply_subject(ticket.subject),
            from_name=agent.name,
            answers=ticket.last_message_id,
            attachments=parts,
            automatic=False,
        )
        for person in people
    ]


def _said(ticket: Ticket, queue: Queue, agent: Agent, text: str, last: Last | None) -> dict[str, Any]:
    return {
        **about(ticket, queue),
        "text": text,
        "agent_name": agent.name,
        "signature": queue.signature.strip("\n"),
        **quoted(last),
    }


def undoable(mails: Iterable[SendMail], queue: Queue, now: datetime) -> list[SendMail]:
    """Let mails wait as long as their writer may take them back."""
    return [replace(mail, not_before=now + queue.undo) if queue.undo else mail for mail in mails]


def told(
    ticket: Ticket, queue: Queue, by: Agent | None, to: list[Agent], text: str, language: str, note: bool
) -> list[SendMail]:
    """Tell colleagues what one of them answered or noted.

    Args:
        by: None for the operator, at the terminal.
    """
    return [
        SendMail(
            "note" if note else "colleague",
            colleague(agent, language),
            queue.key,
            values={**about(ticket, queue), "text": text, "agent_name": by.name if by else ""},
            subject="" if note else ticket.subject,  # a note's own words begin it with [note]
            from_name=by.name if by else "",
            note=note,
        )
        for agent in to
        if agent != by
    ]


def refused(facts: Facts, agent: Agent, ticket: Ticket | None, queue: Queue, problem: str) -> SendMail:
    """Give an agent his own words back, with what was wrong and how to mend it."""
    person = colleague(agent, facts.desk_language)
    return SendMail(
        "refused",
        person,
        queue.key,
        values={**about(ticket, queue), "problem": reason.said(problem, person.language), "text": facts.cut.new_text},
        answers=facts.message.message_id,
        answers_mail=True,
    )


def done(facts: Facts, agent: Agent, ticket: Ticket | None, queue: Queue, lines: tuple[str, ...]) -> SendMail:
    """Confirm to an agent, once, all that his mail did."""
    return SendMail(
        "done",
        colleague(agent, facts.desk_language),
        queue.key,
        values={**about(ticket, queue), "lines": lines},
        subject=ticket.subject if ticket else "",
        answers=facts.message.message_id,
        answers_mail=True,
    )


def passed_on(facts: Facts, ticket: Ticket, queue: Queue) -> list[SendMail]:
    """Tell an agent who forwarded a customer's mail which customer it was taken to be from."""
    passed = facts.on_behalf
    agent = passed.agent if passed else None
    if passed is None or agent is None:
        return []
    language = agent.language_or(facts.desk_language)
    line = words.taken(ticket.number, facts.message.sender.address, facts.name, language)
    ordered = words.done(passed.ordered, (), facts.desk, facts.desk.zone_of(queue), language)
    return [done(facts, agent, ticket, queue, (line, *ordered))]


def told_by_rule(facts: Facts, ticket: Ticket, queue: Queue, who: str) -> SendMail:
    """What came in, for somebody whom a rule names: an agent's key or an address; an answer stays inside."""
    agent = facts.desk.agents.get(who)
    person = colleague(agent, facts.desk_language) if agent else whoever(who, facts.desk_language)
    return SendMail(
        "told",
        person,
        queue.key,
        values={
            **about(ticket, queue),
            "text": shortened(facts.cut.new_text),
            "sender_name": facts.name,
            "sender_address": facts.message.sender.address,
        },
        note=True,
    )


def forwarded(facts: Facts, ticket: Ticket, queue: Queue, address: str) -> SendMail:
    """What came in, whole, for an address outside that a rule names; an answer comes to the ticket."""
    parts, left_out = split_attachments(facts.message.attachments, facts.intake_id, queue.attach_up_to_bytes)
    return SendMail(
        "forward",
        whoever(address, facts.desk_language),
        queue.key,
        values={
            **about(ticket, queue),
            "sender_name": facts.name,
            "sender_address": facts.message.sender.address,
            "text": shortened(facts.message.text),
            "attachments_left_out": left_out,
        },
        subject=f"Fwd: {subject.untagged(facts.message.subject)}",
        from_name=shown_name(facts.name, facts.message.sender.address),
        attachments=parts,
    )


def ready_answer(facts: Facts, ticket: Ticket, queue: Queue, promise: Promise | None, template: str) -> SendMail:
    """A ready answer to the writer; it may say the promise again."""
    acknowledged = acknowledge(facts, ticket, queue, promise, template)
    writer = Participant(facts.message.sender.address, facts.name, Role.PARTICIPANT)
    return replace(acknowledged, to=customer(writer, ticket.language))
