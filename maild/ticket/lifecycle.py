"""What a mail from outside does to a ticket: open it, or continue it.

Agents' mails are planned in `agent`, delivery reports in `outgoing`.  Every function is pure: facts in, a Plan out.
"""

from maild.hours.promise import Promise
from maild.machines import classify, report
from maild.message import subject
from maild.message.model import Kind, domain_of
from maild.ticket import change, effects, notify, onbehalf, outgoing, participants, ratings, reopening
from maild.ticket.change import IMPORTED, Change
from maild.ticket.desk import Queue
from maild.ticket.evolve import after, begin
from maild.ticket.facts import Decision, Facts
from maild.ticket.model import Direction, Participant, Priority, Relation, Role, Status, Ticket, Visibility
from maild.ticket.plan import Fate, Plan, SendMail
from maild.ticket.proof import Level
from maild.ticket.token import TokenKind


def plan(facts: Facts, decision: Decision, promise: Promise | None = None) -> Plan:
    """Say what a mail from outside does.  promise is what a new ticket's requester may be told."""
    if facts.match.duplicate:
        return _fate(facts, Fate.FILED, f"a copy of a mail of #{facts.match.ticket}")
    if facts.ours and facts.seen.beat:
        return _fate(facts, Fate.DISCARDED, "a heartbeat: our own mail came back, as it should")
    if facts.ours:
        return _fate(facts, Fate.HELD, facts.ours)
    if facts.classified.kind is Kind.BOUNCE and not _may_be_a_letter(facts):
        return outgoing.reported(facts)
    if facts.answers_no_ticket:
        return _fate(facts, Fate.DISCARDED, f"{facts.classified.because}, in answer to a mail of ours about no ticket")
    if facts.seen.contact.blocked and not facts.released_by:
        return _fate(facts, Fate.DISCARDED, f"{facts.message.sender.address} is blocked")
    if decision.discard:
        return _fate(facts, Fate.DISCARDED, decision.discard)
    if decision.hold:
        return _fate(facts, Fate.HELD, decision.hold)
    ticket = facts.ticket
    if ticket is None:
        return _open(facts, decision, promise)
    if reopening.begins_anew(facts, ticket):
        return _open(facts, decision, promise, follows=ticket)
    return _continue(facts, decision, ticket)


def _may_be_a_letter(facts: Facts) -> bool:
    """A report about no mail of ours, which only its words make one: somebody may tell of his trouble with us.

    So does a failure that came to where a customer answers, as some filters send theirs, and names no mail.  Of what
    we tell an agent a report is none, whatever it looks like: telling him of it would bring the next.
    """
    if facts.seen.reported is not None:
        return False
    if facts.token is not None and facts.token.kind is TokenKind.CUSTOMER and facts.ticket is not None:
        return facts.report is not None and facts.report.action == "failed"
    if not report.only_by_words(facts.message, facts.envelope):
        return False
    named = facts.report.recipients if facts.report else ()
    theirs = {domain_of(agent.address) for agent in facts.desk.agents.values()}
    about_them = any(facts.desk.agent_at(address) for address in named)
    return not about_them and facts.message.sender.domain not in theirs


def _is_told(facts: Facts) -> bool:
    """Tell whether agents hear of a mail in a ticket: of a program's only where somebody may have written it."""
    kind = facts.classified.kind
    return kind in (Kind.HUMAN, Kind.BOUNCE) or classify.carries_words(facts.message)


def _subject(facts: Facts, follows: Ticket | None) -> str:
    if follows is not None and facts.keeps_subject:
        return follows.subject
    files = (file.filename for file in facts.message.attachments if not file.signs)
    return subject.of(facts.message.subject, facts.cut.unsigned.strip() or next(files, facts.cut.new_text))


def _open(facts: Facts, decision: Decision, promise: Promise | None, follows: Ticket | None = None) -> Plan:
    queue = facts.desk.queues.get(decision.queue, facts.queue)
    opened = change.OpenTicket(
        facts.fresh.handle,
        queue.key,
        _subject(facts, follows),
        Participant(facts.message.sender.address, facts.name, Role.REQUESTER),
        facts.language,
        decision.priority or Priority.NORMAL,
    )
    empty = begin(facts.fresh.number, opened, facts.now)
    why_not = _why_not(facts, decision, queue)
    changes: list[Change] = [opened, *_brought(facts, decision, queue, empty)]
    if follows is not None:
        changes.append(change.Link(follows.number, Relation.FOLLOWS, f"#{follows.number} was closed"))
    if not why_not and promise is not None and queue.mode == "live":  # in shadow nobody is told of it
        changes.append(change.Promised(promise.until_at, promise.because))
    elif why_not and facts.by_person:
        changes.append(change.Remark("not acknowledged", why_not))
    ticket = after(empty, changes, facts.now)
    changes += effects.unanswered(facts, decision, ticket)
    template = decision.acknowledge or "acknowledge"
    mails = [] if why_not else [notify.acknowledge(facts, ticket, queue, promise, template, decision.asks_for)]
    mails += notify.agents(facts, ticket, queue, _banner(facts))
    mails += notify.passed_on(facts, ticket, queue)
    mails += effects.mails(facts, decision, ticket, queue, promise)
    return Plan(
        facts.fresh.number,
        tuple(changes),
        _unless_import(facts, mails),
        Fate.FILED,
        facts.match.because,
        actor=facts.message.sender.address,
    )


def _brought(facts: Facts, decision: Decision, queue: Queue, ticket: Ticket) -> list[Change]:
    """Return what a first mail brings along, and what the queue and the rules make of it."""
    changes: list[Change] = [added(facts, Visibility.PUBLIC), *onbehalf.beside(facts.on_behalf)]
    changes += participants.added(facts, ticket, queue.participants)
    changes += effects.targets(facts.desk, queue, ticket.priority, decision)
    changes += [change.NothingOwed(IMPORTED)] if facts.import_only else []
    return changes + effects.changes(decision)


def _continue(facts: Facts, decision: Decision, ticket: Ticket) -> Plan:
    """File a reply; a person's reply makes a waiting or solved ticket open again."""
    changes = _replied(facts, ticket)
    changes += effects.moves(decision, facts, ticket, facts.seen.asked.promised.get(ticket.number, ()))
    changes += effects.changes(decision)
    changes += effects.unanswered(facts, decision, after(ticket, changes, facts.now))
    now = after(ticket, changes, facts.now)
    queue = facts.desk.queues.get(now.queue, facts.queue)
    given = (now.assignee, now.queue) != (ticket.assignee, ticket.queue)
    mails = notify.agents(facts, now, queue, _banner(facts)) if given or _is_told(facts) else []
    mails += notify.passed_on(facts, now, queue)
    mails += effects.mails(facts, decision, now, queue)
    mails += ratings.told(facts, now, queue, mails)
    return Plan(
        ticket.number,
        tuple(changes),
        _unless_import(facts, mails),
        Fate.FILED,
        f"{facts.match.how} {facts.match.because}",
        actor=facts.message.sender.address,
    )


def _replied(facts: Facts, ticket: Ticket) -> list[Change]:
    """Return what a reply does by itself, whatever the rules say about it."""
    changes: list[Change] = []
    ours = facts.agent is not None or facts.desk.is_ours(facts.message.sender.address)
    among_us = facts.import_only and ours  # nothing tells whom an old mail of ours was for
    if facts.by_person and not facts.match.known and not among_us:
        changes.append(_third_party(facts))
    public = facts.match.known and not among_us
    changes.append(added(facts, Visibility.PUBLIC if public else Visibility.NOTE))
    changes += onbehalf.beside(facts.on_behalf)
    changes += participants.added(facts, ticket, facts.queue.participants) if facts.by_person else []
    if facts.import_only:
        changes.append(change.NothingOwed(IMPORTED))
    elif (figure := ratings.of(facts)) is not None:
        changes.append(change.Rated(figure))
        asked = change.SetStatus(Status.OPEN, f"{facts.message.sender.address} asked beside the rating")
        changes.append(asked if ratings.asks(facts) else change.NothingOwed("a rating"))
    elif facts.by_person and reopening.only_thanks(facts, ticket):
        changes.append(change.NothingOwed("only thanks"))
    elif facts.by_person and ticket.status in (Status.WAITING, Status.ON_HOLD, Status.SOLVED, Status.CLOSED):
        changes.append(change.SetStatus(Status.OPEN, f"{facts.message.sender.address} replied"))
    return changes


def _why_not(facts: Facts, decision: Decision, queue: Queue) -> str:
    """Return what speaks against an acknowledgement, "" for nothing (RFC 3834 section 2)."""
    why = effects.why_no_answer(facts)
    reasons = (
        (why != "", why),
        (decision.acknowledge == "", "a rule says so"),
        (queue.acknowledge == "never", "the queue says never"),
        (queue.acknowledge == "authenticated" and not facts.authenticated, "an unauthenticated sender"),
    )
    return next((why for holds, why in reasons if holds), "")


def added(facts: Facts, visibility: Visibility) -> change.AddMessage:
    """Return a mail from outside as a message of its ticket."""
    message = facts.message
    return change.AddMessage(
        Direction.IN,
        visibility,
        facts.classified.kind,
        message.message_id,
        message.sender.address,
        facts.name,
        facts.cut.new_text,
        message.text,
        facts.intake_id,
        because="" if facts.by_person else facts.classified.because,
        received_at=None if facts.import_only else facts.envelope.received_at,  # of old mail no clock is late
    )


def _third_party(facts: Facts) -> change.AddPerson:
    return change.AddPerson(
        Participant(facts.message.sender.address, facts.name, Role.THIRD_PARTY), "not known in this ticket"
    )


def _banner(facts: Facts) -> str:
    if not facts.match.known:
        return "third_party"
    shown = facts.authenticated or facts.proof.level is Level.PROVED  # an agent who logged in may be a customer too
    return "" if shown else "unauthenticated"


def _unless_import(facts: Facts, mails: list[SendMail]) -> tuple[SendMail, ...]:
    return () if facts.import_only else tuple(mails)


def _fate(facts: Facts, fate: Fate, because: str) -> Plan:
    return Plan(None, fate=fate, because=because, actor=facts.message.sender.address)
