"""What happens when a moment has come: a stage of a ladder, a promise, the end of a solved ticket.

Each stage fires once: its row in the history is unique.  Of several stages that are due at once (after a
night, or an outage) the highest alone is told; the others are recorded as passed over.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from maild.hours import promise as promises
from maild.hours import wording
from maild.message.model import Kind
from maild.ticket import answers, notify, particulars, recipients, timers, why
from maild.ticket.change import (
    CUSTOMER_SAID_SO,
    TO_ANOTHER,
    AddMessage,
    Change,
    Entry,
    Muted,
    Promised,
    PromiseJudged,
    SetStatus,
    StageReached,
    instant,
)
from maild.ticket.desk import PLACES, Agent, Desk, Queue, Step
from maild.ticket.evolve import after
from maild.ticket.facts import Contact, Last
from maild.ticket.model import Direction, Status, Ticket, Visibility
from maild.ticket.plan import Person, Plan, SendMail
from maild.ticket.timers import CLOSE, PROMISE, SOON, WAKE, WARN, Timer

GATHERED_WITHIN = timedelta(seconds=30)  # what falls due together is told together
AGAIN = "the first was not kept"
BROKEN = "broken"
OVER = "passed over, for the time was stopped meanwhile"


@dataclass(frozen=True, slots=True)
class Moment:
    """One ticket when something is due, and what is known of it."""

    ticket: Ticket
    history: Sequence[Entry]
    desk: Desk
    language: str  # of agents who have named none
    last: Last | None  # what the customer wrote last
    now: datetime
    requester: Contact = Contact("")

    @property
    def queue(self) -> Queue:
        return self.desk.queue_called(self.ticket.queue)

    @property
    def zone(self) -> str:
        return self.desk.zone_of(self.queue)

    def said(self, at: datetime, language: str) -> str:
        return wording.moment(at, self.now, self.zone, language)

    def by(self, at: datetime, language: str) -> str:
        return wording.until(at, self.now, self.zone, language)

    def is_here(self, agent: Agent) -> bool:
        return not self.desk.is_away(agent.key, self.queue, self.now)


Done = tuple[list[Change], list[SendMail]]


def plan(moment: Moment) -> Plan | None:
    """Return what is due for a ticket now, None for nothing."""
    ticket, now = moment.ticket, moment.now
    due = [timer for timer in timers.of_ticket(ticket, moment.history, moment.desk, now) if timer.fire_at <= now]
    if not due:
        return None
    done: list[Done] = []
    by_clock: dict[tuple[str, int], list[Timer]] = {}
    for timer in due:
        if (timer.clock, timer.stage) in DOES:  # what comes after another knows what that one did
            past = (*moment.history, *(Entry(now, change) for some, _ in done for change in some))
            done.append(DOES[timer.clock, timer.stage](timer, replace(moment, history=past)))
        else:
            by_clock.setdefault((timer.clock, timer.instance), []).append(timer)
    done += [_climb(stages, moment) for stages in by_clock.values()]
    changes = tuple(change for some, _ in done for change in some)
    mails = tuple(mail for _, some in done for mail in some)
    return Plan(ticket.number, changes, mails, because="the clock")


def _climb(stages: list[Timer], moment: Moment) -> Done:
    """Tell of the highest stage of one clock that is due, unless that clock has stopped since."""
    desk, queue, now = moment.desk, moment.queue, moment.now
    *lower, highest = sorted(stages, key=lambda timer: timer.fire_at)
    state = timers.states(moment.history, desk, queue, now).get(highest.clock)
    if state is not None and state.ended is not None:  # after an outage: the answer came while nobody was at work
        return [StageReached(*timer.name, OVER) for timer in stages], []
    step = step_of(moment.history, desk, queue, highest.stage)
    whom, missed = _whom(step, moment) if step else ([], [])
    changes: list[Change] = [StageReached(*timer.name, f"passed over for {highest.stage}") for timer in lower]
    changes.append(StageReached(*highest.name, _told(whom, missed)))
    due = datetime.fromtimestamp(state.due, now.tzinfo) if state and state.due else None
    mails = [
        SendMail(
            "escalation",
            person,
            queue.key,
            values={
                **_about(moment),
                "clock_name": why.clock_name(highest.clock, person.language),
                "due": moment.said(due, person.language) if due else "",
                "late": due is not None and due <= now,
                "stage": highest.stage,
            },
            not_before=_when_open(step, person, moment),
        )
        for person in whom
    ]
    return changes, mails


def _about(moment: Moment) -> dict[str, object]:
    """Return what mails to agents tell of a ticket."""
    last = moment.last
    return {
        **particulars.about(moment.ticket, moment.queue),
        "sender_name": (last.name if last else moment.ticket.requester.name) or moment.ticket.requester.address,
        "sender_address": (last.address if last else "") or moment.ticket.requester.address,
        "text": particulars.shortened(last.text) if last else "",
    }


def step_of(history: Sequence[Entry], desk: Desk, queue: Queue, stage: str) -> Step | None:
    """Return the step of a ticket's ladder that a stage is named after."""
    policy = timers.policy_of(history, desk, queue)
    ladder = desk.ladders.get(policy.ladder) if policy else None
    return next((step for step in ladder.steps if step.at == stage), None) if ladder else None


def _whom(step: Step, moment: Moment) -> tuple[list[Person], list[Agent]]:
    """Return those who are told, each once, and those who are away: for them the next in line is told."""
    found: dict[str, Agent | str] = {}
    missed: dict[str, Agent] = {}
    for who in step.tell:
        if who not in PLACES:
            found |= {who: moment.desk.agents.get(who, who)} if who != "customer" else {}
            continue
        for agents in recipients.in_line(who, moment.ticket, moment.desk, moment.queue):
            here = [agent for agent in agents if moment.is_here(agent)]
            found |= {agent.key: agent for agent in here}
            if here:
                break
            missed |= {agent.key: agent for agent in agents}
    if not found:
        found |= missed  # somebody must be told
    people = [
        recipients.colleague(one, moment.language)
        if isinstance(one, Agent)
        else recipients.whoever(one, moment.language)
        for one in found.values()
    ]
    return people, [agent for agent in missed.values() if agent.key not in found]


def _told(whom: Sequence[Person], missed: Sequence[Agent] = ()) -> str:
    away = f"; away: {', '.join(agent.key for agent in missed)}" if missed else ""
    return f"told {', '.join(person.party for person in whom) or 'nobody'}{away}"


def _when_open(step: Step | None, person: Person, moment: Moment) -> datetime:
    """Return when the mail may leave: with others, and at the receiver's next opening unless he is on call."""
    desk, now = moment.desk, moment.now
    soon = now + GATHERED_WITHIN
    agent = desk.agents.get(person.party)
    calendar = desk.calendars.get(agent.hours) if agent and agent.hours else desk.calendar_of(moment.queue)
    if calendar is None or step is None or step.notify == "always":
        return soon
    opens = calendar.next_open(int(now.timestamp()))
    return soon if opens is None else max(soon, datetime.fromtimestamp(opens, now.tzinfo))


def _judge(timer: Timer, moment: Moment) -> Done:
    """Say whether a promise was kept; where it was not, the customer gets one honest mail with a new time."""
    ticket, history, queue = moment.ticket, moment.history, moment.queue
    _, at, promise = _promise_of(timer, history)
    answered = answers.arrived_after(history, at)
    if answered is None and _is_let_off(moment, at, promise):
        return [StageReached(*timer.name, "nothing is owed")], []
    kept = answered is not None and answered <= timer.fire_at
    changes: list[Change] = [
        PromiseJudged(kept, f"answered {instant(answered)}" if answered else "not answered"),
        StageReached(*timer.name, "kept" if kept else BROKEN),
    ]
    tells = queue.late_mail and promise.because not in (AGAIN, TO_ANOTHER) and _is_written_to(moment)
    if answers.written_after(history, at) or not tells or not _waits(ticket, history) or _knows(history, at):
        return changes, []
    anew = _new_promise(moment)
    if anew is not None:
        changes.append(Promised(anew.until_at, AGAIN))
    # Perhaps nobody of ours has read it yet: words that anybody may have put into his name are not sent to him.
    subject = particulars.reply_subject(ticket.subject) if moment.requester.authenticated_before else ""
    return changes, [notify.to_requester("late", ticket, queue, subject, promise=anew, sender_date=None)]


def _knows(history: Sequence[Entry], at: datetime) -> bool:
    """Tell whether the customer heard since then that another promise was not kept: two tickets of his may be one."""
    given = {number: promise.because for number, _, promise in timers.promises(history)}
    ended = (past.change for past in history if past.at > at and isinstance(past.change, StageReached))
    broken = (one.instance for one in ended if one.clock == PROMISE and one.because == BROKEN)
    return any(given.get(number) not in (AGAIN, TO_ANOTHER, None) for number in broken)


def _is_let_off(moment: Moment, at: datetime, promise: Promised) -> bool:
    """Tell whether nobody waits for the promised answer: it is spam, or the customer himself has solved it."""
    if promise.by:
        return moment.ticket.is_spam or _solved_by_customer(moment.history, at)
    return timers.unanswered_since(moment.history, moment.now) is None


def _solved_by_customer(history: Sequence[Entry], since: datetime) -> bool:
    """Tell whether the customer said after a moment that his ticket is solved, and nobody opened it again since."""
    said = [past.change for past in history if past.at > since and isinstance(past.change, SetStatus)]
    last = next((one for one in reversed(said) if one.status is not Status.CLOSED), None)  # which silence does
    return last is not None and last.because == CUSTOMER_SAID_SO


def _promise_of(timer: Timer, history: Sequence[Entry]) -> timers.Given:
    return next(one for one in timers.promises(history) if one.number == timer.instance)


def _waits(ticket: Ticket, history: Sequence[Entry]) -> bool:
    return not ticket.status.ended and any(
        isinstance(past.change, AddMessage)
        and past.change.direction is Direction.IN
        and past.change.visibility is Visibility.PUBLIC
        for past in history
    )


def _new_promise(moment: Moment) -> promises.Promise | None:
    desk, queue, at = moment.desk, moment.queue, int(moment.now.timestamp())
    policy = timers.policy_of(moment.history, desk, queue)
    target = policy.targets.get(("first_reply", moment.ticket.priority)) if policy else None
    return promises.make(desk.calendar_of(queue), at, at, target, desk.holidays.get(queue.calendar)) if target else None


def _remind(timer: Timer, moment: Moment) -> Done:
    """Remind the agent who gave his word that it must be kept soon, unless it was."""
    _, at, promise = _promise_of(timer, moment.history)
    over = moment.ticket.status.ended or promise.until <= moment.now
    if over or answers.written_after(moment.history, at):
        return [StageReached(*timer.name, "nothing to remind of")], []
    giver = moment.desk.agents.get(promise.by)
    here = giver is not None and moment.is_here(giver)
    return _reminded(timer, moment, [giver] if giver is not None and here else _watchers(moment), promise.until)


def _wake(timer: Timer, moment: Moment) -> Done:
    """A ticket that rested is open again, and whoever has it hears of it."""
    opened = SetStatus(Status.OPEN, "it rested until now")
    moment = replace(moment, ticket=after(moment.ticket, (opened,), moment.now))
    changes, mails = _reminded(timer, moment, _watchers(moment))
    return [*changes, opened], mails


def _watchers(moment: Moment) -> list[Agent]:
    return recipients.reached(moment.ticket, moment.desk, moment.queue, moment.now)


def _reminded(timer: Timer, moment: Moment, whom: list[Agent], until: datetime | None = None) -> Done:
    """Bring a ticket back to mind.

    Args:
        until: when a promise must be kept; None where the ticket rested.
    """
    people = [recipients.colleague(agent, moment.language) for agent in whom]
    mails = [
        SendMail(
            "remind",
            person,
            moment.queue.key,
            values={**_about(moment), "promised": moment.by(until, person.language) if until else ""},
        )
        for person in people
    ]
    return [StageReached(*timer.name, _told(people))], mails


def _end(timer: Timer, moment: Moment) -> Done:
    """Close a solved ticket."""
    span = moment.queue.close_after
    return [
        StageReached(*timer.name, f"silence since it was solved, {span}"),
        SetStatus(Status.CLOSED, f"nothing was heard for {span}"),
    ], []


def _warn(timer: Timer, moment: Moment) -> Done:
    """Warn that a solved ticket will close, if it will."""
    ticket, queue = moment.ticket, moment.queue
    reached: list[Change] = [StageReached(*timer.name, f"silence since it was solved, {queue.warn_before_close}")]
    planned = timers.of_ticket(ticket, moment.history, moment.desk, moment.now)
    closes = next((one.fire_at for one in planned if (one.clock, one.stage) == (CLOSE, CLOSE)), moment.now)
    if closes <= moment.now or not _is_written_to(moment) or _was_heard(moment.history):
        return reached, []
    subject = particulars.reply_subject(ticket.subject)
    when = moment.said(closes, ticket.language)
    return reached, [notify.to_requester("closing", ticket, queue, subject, when=when)]


def _is_written_to(moment: Moment) -> bool:
    """Tell whether there is a person to whom we may write unasked, and whose mailbox has not refused us lately."""
    theirs = moment.ticket.requester.address.lower()
    muted = (past.change for past in moment.history if isinstance(past.change, Muted))
    refuses = any(one.address.lower() == theirs and one.until > moment.now for one in muted)
    return not refuses and notify.is_asked(moment.ticket, moment.last)


def _was_heard(history: Sequence[Entry]) -> bool:
    """Tell whether the customer said that his ticket is solved, or wrote since: thanks, or a figure."""
    for past in reversed(history):
        match past.change:
            case AddMessage(direction=Direction.IN, visibility=Visibility.PUBLIC, kind=Kind.HUMAN):
                return True
            case SetStatus(status=Status.SOLVED, because=because):
                return because == CUSTOMER_SAID_SO
    return False


# What happens at which stage of which timer; every other is a step of a ladder.
DOES: Mapping[tuple[str, str], Callable[[Timer, Moment], Done]] = {
    (PROMISE, "until"): _judge,
    (PROMISE, SOON): _remind,
    (WAKE, "until"): _wake,
    (CLOSE, CLOSE): _end,
    (CLOSE, WARN): _warn,
}
