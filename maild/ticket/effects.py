"""What rules decided, as changes of a ticket and as mails.

On a new ticket a queue and a priority are in its first line already; on one that is there they are
changes, and what is promised follows them.
"""

from collections.abc import Sequence
from dataclasses import replace

from maild.hours.promise import Promise
from maild.message.model import JUNK
from maild.ticket import change, notify, recipients, timers
from maild.ticket.change import IMPORTED, Change, Entry
from maild.ticket.desk import Desk, PromisePolicy, Queue
from maild.ticket.evolve import after
from maild.ticket.facts import NO_RULES, Decision, Facts
from maild.ticket.model import Priority, Role, Ticket
from maild.ticket.plan import SendMail

BY_RULE = "note: "  # how a note begins that a rule leaves in the history


def policy(desk: Desk, queue: Queue, decision: Decision) -> PromisePolicy | None:
    """Return what is promised: by the word of a rule, else by the queue's."""
    return desk.promises.get(decision.promise or queue.promise)


def targets(desk: Desk, queue: Queue, priority: Priority, decision: Decision = NO_RULES) -> list[Change]:
    """Return the targets of a ticket's clocks: the queue's, where no rule said another promise."""
    found = policy(desk, queue, decision)
    because = _because(decision) if decision.promise else f"queue {queue.key}"
    return [change.ClockSet(found.of(priority), found.key, because)] if found else []


def retargeted(
    before: Ticket, now: Ticket, desk: Desk, history: Sequence[Entry], decision: Decision = NO_RULES
) -> list[Change]:
    """Return the targets that a ticket's clocks go by once its queue, its priority or its promise is another.

    Args:
        history: the priority alone leaves what was promised last in force; without one, that is the queue's promise.
    """
    queue = desk.queue_called(now.queue)
    if now.queue != before.queue or decision.promise:
        return targets(desk, queue, now.priority, decision) or [change.ClockSet((), "", f"queue {queue.key}")]
    found = timers.policy_of(history, desk, queue) if now.priority is not before.priority else None
    return [change.ClockSet(found.of(now.priority), found.key, f"priority {now.priority}")] if found else []


def left_behind(before: Ticket, now: Ticket, desk: Desk) -> list[Change]:
    """Take a ticket that moves to another team from an agent outside of it: else that team would not hear of it.

    Unless nobody there would hear of it either.
    """
    has_it, queue = desk.agents.get(now.assignee), desk.queue_called(now.queue)
    if now.queue == before.queue or has_it is None or desk.is_of_team(has_it, queue):
        return []
    hears = recipients.watchers(replace(now, assignee=""), desk, queue)
    return [change.Assign("", f"{has_it.key} is not of the team of {queue.key}")] if hears else []


def changes(decision: Decision) -> list[Change]:
    """Return what rules change on any ticket."""
    because = _because(decision)
    made: list[Change] = [change.AddTag(tag, because) for tag in decision.tags]
    made += [change.RemoveTag(tag, because) for tag in decision.untags]
    made += [change.SetField(name, value, because) for name, value in decision.fields.items() if value]
    made += [change.Assign(decision.assign, because)] if decision.assign else []
    made += [change.SetStatus(decision.status, because)] if decision.status else []
    made += [change.Remark(f"{BY_RULE}{note}", because) for note in decision.notes]
    return made


def moves(decision: Decision, facts: Facts, ticket: Ticket, history: Sequence[Entry]) -> list[Change]:
    """Return what rules change of a ticket that is there: its queue, its priority, its promise.

    Args:
        history: what of it says by which targets its clocks go will do.
    """
    because = _because(decision)
    made: list[Change] = []
    if decision.queue and decision.queue != ticket.queue:
        made.append(change.SetQueue(decision.queue, because))
    if decision.priority and decision.priority is not ticket.priority:
        made.append(change.SetPriority(decision.priority, because))
    return made + retargeted(ticket, after(ticket, made, facts.now), facts.desk, history, decision)


def mails(
    facts: Facts, decision: Decision, ticket: Ticket, queue: Queue, promise: Promise | None = None
) -> list[SendMail]:
    """Return the mails that rules ask for: to colleagues, to others whom it concerns, to the writer."""
    writer = facts.message.sender.address.lower()
    tell = decision.tell if facts.by_person else ()
    made = [notify.told_by_rule(facts, ticket, queue, who) for who in tell if who.lower() != writer]
    # What somebody's program makes of a mail that we passed on to him does not go to him again: it would answer again.
    passes_on = decision.forward if facts.by_person or facts.match.known else ()
    made += [notify.forwarded(facts, ticket, queue, one) for one in passes_on if one.lower() != writer]
    if not _why_no_ready_answer(facts, ticket):
        made += [notify.ready_answer(facts, ticket, queue, promise, name) for name in decision.answers]
    return made


def why_no_answer(facts: Facts) -> str:
    """Return what speaks against any automatic answer to a mail, "" for nothing (RFC 3834 section 2)."""
    reasons = (
        (facts.import_only, IMPORTED),
        (facts.envelope.protocol == JUNK, "it lay in the junk folder"),
        (not facts.by_person, f"{facts.classified.kind} mail: {facts.classified.because}"),
        (not facts.classified.acknowledge, facts.classified.because),
        (not facts.message.sender.address, "no sender to answer"),
        (facts.envelope.mail_from == "" and facts.on_behalf is None, "null sender"),
        (facts.agent is not None, "an agent"),
        (facts.to_role_address, "addressed to postmaster or abuse (RFC 2142)"),
        (facts.seen.contact.muted, "the address refused our mail lately"),
    )
    return next((why for holds, why in reasons if holds), "")


def unanswered(facts: Facts, decision: Decision, ticket: Ticket) -> list[Change]:
    """Say why a ready answer that a rule asks for is not sent."""
    why = _why_no_ready_answer(facts, ticket)
    return [change.Remark(f"not answered with {name}", why) for name in decision.answers] if why else []


def _why_no_ready_answer(facts: Facts, ticket: Ticket) -> str:
    writer = ticket.person(facts.message.sender.address)
    if writer is None or writer.role is Role.THIRD_PARTY:
        return "the writer is not known in this ticket"
    return why_no_answer(facts)


def _because(decision: Decision) -> str:
    return ", ".join(decision.because)
