"""Rules that wait: `every: "3 working days waiting"` is asked when a ticket has been so long in a status.

It sees the ticket and what the customer wrote last; there is no mail.  Each turn is a stage in the
ticket's history, and so comes once only, whatever dies; a turn whose condition fails is written down too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeGuard

from maild.hours import duration
from maild.hours.duration import Duration
from maild.message.model import Address, Classified, Cut, Envelope, Kind, Message
from maild.rules import actions
from maild.rules.conditions import ALWAYS
from maild.rules.evaluate import Evaluated, Rule, evaluate_alone
from maild.ticket import change, effects, escalate, handover, notify
from maild.ticket.change import IMPORTED, Change, Entry
from maild.ticket.desk import Desk
from maild.ticket.escalate import Moment
from maild.ticket.evolve import after
from maild.ticket.facts import Facts, Fresh, Seen
from maild.ticket.model import Status, Ticket, Visibility
from maild.ticket.plan import Plan
from maild.ticket.proof import NO_EVIDENCE, NOT_AN_AGENT
from maild.ticket.thread import How, Match
from maild.ticket.timers import Timer

CLOCK = "rule"
EPOCH = datetime.fromtimestamp(0, UTC)


def timers(rules: Sequence[Rule], ticket: Ticket, history: Sequence[Entry], desk: Desk) -> Iterator[Timer]:
    """Return the next turn of each time rule that waits for a ticket."""
    waiting = [rule for rule in rules if rule.every and rule.every.status is ticket.status]
    if not waiting or ticket.merged_into is not None:
        return
    since, is_old = _since(history)
    if is_old:
        return  # else its customer is reminded of years ago, once for each turn that passed since
    calendar = desk.calendar_of(desk.queue_called(ticket.queue))
    for rule in waiting:
        assert rule.every is not None
        turn = _turns(history, rule.name, since)
        at = duration.later(calendar, since, _times(rule.every.span, turn + 1)) if turn < rule.every.at_most else None
        if at is not None:
            yield Timer(CLOCK, since, rule.name, turn, datetime.fromtimestamp(at, UTC))


def plan(rules: Sequence[Rule], moment: Moment, seen: Seen) -> Plan | None:
    """Return what the time rule does whose turn came first, None where none is due.

    Args:
        seen: what is known of the requester, and how much the agents have.
    """
    ticket = moment.ticket
    planned = timers(rules, ticket, moment.history, moment.desk)
    due = [timer for timer in planned if timer.fire_at <= moment.now]
    if not due:
        return None
    timer = min(due, key=lambda one: one.fire_at)
    rule = next(rule for rule in rules if rule.name == timer.stage)
    about = _facts(moment, seen)
    said = evaluate_alone(rule, about)
    changes: list[Change] = [change.StageReached(*timer.name, said.trace[0])]
    if said.asked[0].failed is not None:
        return Plan(ticket.number, tuple(changes), because=f"rule {rule.name}")
    return _done(moment, about, said, changes)


def with_steps(told: Plan, moment: Moment, seen: Seen) -> Plan:
    """Add to a plan what the ladder's steps, whose stages it has reached, do besides telling.

    The first word on a matter stands, so of several steps that are due at once the highest goes first.
    """
    reached = (one.stage for one in reversed(told.changes) if _acts(one))
    steps = [escalate.step_of(moment.history, moment.desk, moment.queue, stage) for stage in reached]
    then = tuple(action for step in steps if step for action in actions.compile(step.then, []))
    if not then:
        return told
    about = _facts(moment, seen)
    said = evaluate_alone(Rule("ladder", ALWAYS, then), about)
    done = _done(moment, about, said, list(told.changes))
    return replace(done, mails=(*told.mails, *done.mails), because=told.because)


def _acts(one: Change) -> TypeGuard[change.StageReached]:
    return isinstance(one, change.StageReached) and one.because != escalate.OVER


def _done(moment: Moment, about: Facts, said: Evaluated, changes: list[Change]) -> Plan:
    ticket, desk, decision = moment.ticket, moment.desk, said.decision
    changes += _moves(moment, about, said)
    changes += effects.changes(decision)
    if not decision.assign:
        changes += effects.left_behind(ticket, after(ticket, changes, about.now), desk)
    now = after(ticket, changes, about.now)
    changes += effects.unanswered(about, decision, now)
    mails = handover.mails(ticket, now, desk, moment.last, moment.language)
    mails += effects.mails(about, decision, now, desk.queues.get(now.queue, about.queue))
    solves = decision.status is Status.SOLVED and ticket.status is not Status.SOLVED
    if solves and notify.is_asked(ticket, moment.last):
        mails.append(notify.solved(now, desk.queue_called(now.queue)))
    return Plan(ticket.number, tuple(changes), tuple(mails), because=", ".join(decision.because))


def _moves(moment: Moment, about: Facts, said: Evaluated) -> list[Change]:
    """Return what is changed of queue, priority and promise.

    A priority alone leaves the targets: by a shorter one a ticket that has waited would be late in the same moment.
    """
    moved = effects.moves(said.decision, about, moment.ticket, moment.history)
    promised_anew = said.decision.promise or any(isinstance(one, change.SetQueue) for one in moved)
    return [one for one in moved if promised_anew or not isinstance(one, change.ClockSet)]


def _facts(moment: Moment, seen: Seen) -> Facts:
    """Return a ticket's facts as rules ask for them, where no mail is the cause."""
    ticket, desk, now = moment.ticket, moment.desk, moment.now
    text, person = moment.last.text if moment.last else "", ticket.requester
    asked = notify.is_asked(ticket, moment.last)
    return Facts(
        message=Message(ticket.last_message_id or "<>", Address(person.name, person.address), ticket.subject, text, ""),
        envelope=Envelope(person.address, (), now),
        classified=Classified(Kind.HUMAN, "a time rule" if asked else "no person asked", acknowledge=asked),
        match=Match(ticket.number, How.NONE, "a time rule"),
        proof=NOT_AN_AGENT,
        cut=Cut(text, "", "no mail", 1.0),
        queue=moment.queue,
        seen=seen,
        evidence=NO_EVIDENCE,
        desk=desk,
        fresh=Fresh(0, 0),
        now=now,
        language=ticket.language,
        desk_language=moment.language,
        ticket=ticket,
        agent=desk.agent_at(person.address),
        authenticated=seen.contact.authenticated_before,
    )


def _since(history: Sequence[Entry]) -> tuple[int, bool]:
    """Return the second since which a ticket has its status, and whether it was old mail that gave it that one.

    Whoever is waited for is silent from the last word on, be it his, thanks perhaps, or another of ours.
    """
    status, mail, at, old = Status.NEW, 0, EPOCH, _old_mails(history)
    for number, past in _by_mail(history):
        match past.change:
            case change.OpenTicket():
                status, mail, at = Status.NEW, number, past.at
            case change.SetStatus(status=other) if other is not status:
                status, mail, at = other, number, past.at
            case change.AddMessage(visibility=Visibility.PUBLIC, kind=Kind.HUMAN):
                if status is Status.WAITING and (number, past.at) not in old:
                    mail, at = number, past.at
    return int(at.timestamp()), (mail, at) in old


def _old_mails(history: Sequence[Entry]) -> set[tuple[int, datetime]]:
    """Return which mails of a ticket are imported ones, and when each was filed."""
    return {(number, past.at) for number, past in _by_mail(history) if past.change == change.NothingOwed(IMPORTED)}


def _by_mail(history: Sequence[Entry]) -> Iterator[tuple[int, Entry]]:
    """Return each entry with the number of the mail to which it belongs; what opens a ticket comes before its mail."""
    number = 0
    for past in history:
        if isinstance(past.change, change.AddMessage):
            number += 1
        yield (number + 1 if isinstance(past.change, change.OpenTicket) else number), past


def _turns(history: Sequence[Entry], name: str, since: int) -> int:
    reached = (past.change for past in history if isinstance(past.change, change.StageReached))
    return sum(1 for one in reached if (one.clock, one.stage, one.instance) == (CLOCK, name, since))


def _times(span: Duration, count: int) -> Duration:
    return Duration(span.working * count, span.clock * count, span.days * count)
