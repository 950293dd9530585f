"""What happens when a moment has come: a stage of a ladder, a promise, the end of a solved ticket.

Each stage fires once: its row in the history is unique.  Of several stages that are due at once (after a
night, or an outage) the highest alone is told; the others are recorded as passed over.
"""

from collections.abc import Sequence
from datetime import datetime

from maild.hours import promise as promises
from maild.hours import wording
from maild.ticket import notify, timers
from maild.ticket.change import (
    AddMessage,
    Audience,
    Change,
    Delivered,
    Person,
    Plan,
    Promised,
    PromiseJudged,
    SendMail,
    SetStatus,
    StageReached,
)
from maild.ticket.desk import Agent, Desk, Queue, Step
from maild.ticket.facts import Last
from maild.ticket.model import Direction, Status, Ticket, Visibility
from maild.ticket.timers import CLOSE, PROMISE, WARN, Past, Timer

CLOCK_NAMES = {
    "en": {
        "first_reply": "the first answer",
        "next_reply": "the next answer",
        "update": "the next word to the customer",
        "resolution": "the solution",
    },
    "lv": {
        "first_reply": "pirmā atbilde",
        "next_reply": "nākamā atbilde",
        "update": "nākamā ziņa klientam",
        "resolution": "atrisinājums",
    },
}


def plan(
    ticket: Ticket, history: Sequence[Past], desk: Desk, language: str, last: Last | None, now: datetime
) -> Plan | None:
    """Return what is due for a ticket now, None for nothing.

    Args:
        language: of agents who have named none.
        last: what the customer wrote last.
    """
    due = [timer for timer in timers.of_ticket(ticket, history, desk, now) if timer.fire_at <= now]
    if not due:
        return None
    queue = desk.queues.get(ticket.queue, desk.default_queue)
    changes: list[Change] = []
    mails: list[SendMail] = []
    for timer in (one for one in due if one.clock == PROMISE):
        _judge(timer, ticket, history, desk, queue, now, changes, mails)
    for timer in (one for one in due if one.clock == CLOSE):
        _end(timer, ticket, queue, desk, changes, mails)
    by_clock: dict[tuple[str, int], list[Timer]] = {}
    for timer in due:
        if timer.clock not in (PROMISE, CLOSE):
            by_clock.setdefault((timer.clock, timer.instance), []).append(timer)
    for stages in by_clock.values():
        _climb(stages, ticket, history, desk, queue, language, last, now, changes, mails)
    return Plan(ticket.number, tuple(changes), tuple(mails), because="the clock", version=ticket.version)


def _climb(
    stages: list[Timer],
    ticket: Ticket,
    history: Sequence[Past],
    desk: Desk,
    queue: Queue,
    language: str,
    last: Last | None,
    now: datetime,
    changes: list[Change],
    mails: list[SendMail],
) -> None:
    """Tell of the highest stage of one clock that is due."""
    *lower, highest = sorted(stages, key=lambda timer: timer.fire_at)
    changes += [StageReached(*timer.name, f"passed over for {highest.stage}") for timer in lower]
    step = step_of(history, desk, queue, highest.stage)
    whom = _whom(step, ticket, desk, queue, now) if step else []
    changes.append(StageReached(*highest.name, f"told {', '.join(p.party for p in whom) or 'nobody'}"))
    state = timers.states(history, desk, queue, now).get(highest.clock)
    due = (
        wording.moment(datetime.fromtimestamp(state.due, now.tzinfo), now, desk.zone_of(queue), language)
        if (state and state.due)
        else ""
    )
    for person in whom:
        names = CLOCK_NAMES.get(person.language, CLOCK_NAMES["en"])
        mails.append(
            SendMail(
                "escalation",
                person,
                queue.key,
                values={
                    **notify.about(ticket, queue),
                    "clock_name": names.get(highest.clock, highest.clock),
                    "due": due,
                    "late": state is not None and state.due is not None and state.due <= now.timestamp(),
                    "stage": highest.stage,
                    "sender_name": last.name if last else ticket.requester.name,
                    "text": notify.shortened(last.text) if last else "",
                },
                subject="",
                not_before=_when_open(step, person, desk, queue, now),
            )
        )


def step_of(history: Sequence[Past], desk: Desk, queue: Queue, stage: str) -> Step | None:
    """Return the step of a ticket's ladder that a stage is named after."""
    policy = timers.policy_of(history, desk, queue)
    ladder = desk.ladders.get(policy.ladder) if policy else None
    return next((step for step in ladder.steps if step.at == stage), None) if ladder else None


def _whom(step: Step, ticket: Ticket, desk: Desk, queue: Queue, now: datetime) -> list[Person]:
    """Return who is told: each once; where nobody has the ticket or he is away, his team."""
    team = desk.teams.get(queue.team)
    found: dict[str, Agent | str] = {}
    for who in step.tell:
        if who in ("assignee", "team"):
            agent = desk.agents.get(ticket.assignee)
            here = agent is not None and now.date() not in agent.away
            members = [agent] if who == "assignee" and agent is not None and here else desk.team_of(queue)
            found |= {one.key: one for one in members}
        elif who in ("lead", "manager"):
            agent = desk.agents.get(getattr(team, who)) if team else None
            found |= {agent.key: agent} if agent else {}
        elif who in desk.agents:
            found[who] = desk.agents[who]
        elif who != "customer":
            found[who] = who
    return [
        notify.colleague(one, ticket.language)
        if isinstance(one, Agent)
        else Person(one, "", ticket.language, Audience.OPERATOR, one)
        for one in found.values()
    ]


def _when_open(step: Step | None, person: Person, desk: Desk, queue: Queue, now: datetime) -> datetime | None:
    """Return when the mail may leave: at the receiver's next opening, unless he is on call."""
    agent = desk.agents.get(person.party)
    calendar = desk.calendars.get(agent.hours) if agent and agent.hours else desk.calendar_of(queue)
    if calendar is None or step is None or step.notify == "always":
        return None
    opens = calendar.next_open(int(now.timestamp()))
    return datetime.fromtimestamp(opens, now.tzinfo) if opens is not None else None


def _judge(
    timer: Timer,
    ticket: Ticket,
    history: Sequence[Past],
    desk: Desk,
    queue: Queue,
    now: datetime,
    changes: list[Change],
    mails: list[SendMail],
) -> None:
    """Say whether a promise was kept; where it was not, the customer gets one honest mail with a new time."""
    made = [past for past in history if isinstance(past.change, Promised)]
    promised = made[timer.instance - 1]
    answered = [past.at for past in history if isinstance(past.change, Delivered) and past.at >= promised.at]
    kept = bool(answered) and answered[0] <= timer.fire_at
    changes.append(PromiseJudged(kept, f"answered {answered[0]:%Y-%m-%dT%H:%M:%SZ}" if answered else "not answered"))
    changes.append(StageReached(*timer.name, "kept" if kept else "broken"))
    if kept or answered or not queue.late_mail or not _waits(ticket, history):
        return
    anew = _new_promise(ticket, history, desk, queue, now)
    if anew is not None and timer.instance == 1:
        changes.append(Promised(anew.until_at, "the first was not kept"))
    if timer.instance == 1:
        mails.append(
            SendMail(
                "late",
                notify.customer(ticket.requester, ticket.language),
                queue.key,
                values={**notify.about(ticket, queue), "promise": anew, "sender_date": None},
                answers=ticket.last_message_id,
            )
        )


def _waits(ticket: Ticket, history: Sequence[Past]) -> bool:
    return not ticket.status.ended and any(
        isinstance(past.change, AddMessage)
        and past.change.direction is Direction.IN
        and past.change.visibility is Visibility.PUBLIC
        for past in history
    )


def _new_promise(
    ticket: Ticket, history: Sequence[Past], desk: Desk, queue: Queue, now: datetime
) -> promises.Promise | None:
    policy = timers.policy_of(history, desk, queue)
    target = policy.targets.get(("first_reply", ticket.priority)) if policy else None
    at = int(now.timestamp())
    return promises.make(desk.calendar_of(queue), at, at, target, desk.holidays.get(queue.calendar)) if target else None


def _end(timer: Timer, ticket: Ticket, queue: Queue, desk: Desk, changes: list[Change], mails: list[SendMail]) -> None:
    """Warn that a solved ticket will close, or close it."""
    changes.append(StageReached(*timer.name, f"silence since it was solved, {queue.close_after}"))
    if timer.stage == CLOSE:
        changes.append(SetStatus(Status.CLOSED, f"nothing was heard for {queue.close_after}"))
    elif timer.stage == WARN:
        mails.append(
            SendMail(
                "closing",
                notify.customer(ticket.requester, ticket.language),
                queue.key,
                values={**notify.about(ticket, queue), "days": notify.span(queue.close_after, ticket.language)},
                answers=ticket.last_message_id,
            )
        )
