"""From a ticket's history to its clocks, and from its clocks to the moments at which something is due.

Nothing here is kept: due times are a fold over history (`hours.clocks`), and the timers that the store
holds are a cache of `of_ticket`, which makes the same rows from the same history every time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, assert_never

from maild.hours import clocks, duration, ladders
from maild.hours.calendar import Calendar
from maild.hours.clocks import ClockState, Event
from maild.message.model import Kind
from maild.ticket import answers, change
from maild.ticket.change import Entry
from maild.ticket.desk import Desk, PromisePolicy, Queue
from maild.ticket.model import Direction, Status, Ticket

CLOSE, WARN, PROMISE, WAKE = "close", "warn", "promise", "wake"  # timers besides those of ladders
SOON = "soon"  # the stage of a promise at which who gave it is reminded
REMINDED_BEFORE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Timer:
    """When a stage falls due: (clock, instance, stage, repeat) names it for ever."""

    clock: str
    instance: int
    stage: str
    repeat: int
    fire_at: datetime

    @property
    def name(self) -> tuple[str, int, str, int]:
        return (self.clock, self.instance, self.stage, self.repeat)


def of_ticket(ticket: Ticket, history: Sequence[Entry], desk: Desk, now: datetime) -> tuple[Timer, ...]:
    """Return every timer of a ticket that has not fired: those that are due and the next of each."""
    if ticket.merged_into is not None:
        return ()
    queue = desk.queue_called(ticket.queue)
    fired = {
        (c.clock, c.instance, c.stage, c.repeat)
        for c in (past.change for past in history)
        if isinstance(c, change.StageReached)
    }
    found = (
        *_of_ladder(history, desk, queue, now),
        *_of_promises(history),
        *_of_rest(history),
        *_of_closing(ticket, desk, queue),
    )
    return tuple(timer for timer in found if timer.name not in fired)


def states(history: Sequence[Entry], desk: Desk, queue: Queue, now: datetime) -> dict[str, ClockState]:
    """Return what each clock of a ticket shows, by name; clocks without a target are left out."""
    return _states(tuple(events(history)), desk.calendar_of(queue), _seconds(now))


def _states(log: tuple[Event, ...], calendar: Calendar | None, now: int) -> dict[str, ClockState]:
    shown = {clock: clocks.fold(clock, None, calendar, log, now) for clock in clocks.aimed(log)}
    return {clock: state for clock, state in shown.items() if state.target is not None}


def policy_of(history: Sequence[Entry], desk: Desk, queue: Queue) -> PromisePolicy | None:
    """Return what was promised for a ticket last: by a rule, or by its queue."""
    said = (past.change for past in reversed(history) if isinstance(past.change, change.ClockSet))
    known = (one.promise for one in said if one.due is None and (one.promise in desk.promises or not one.targets))
    return desk.promises.get(next(known, queue.promise))


def events(history: Iterable[Entry]) -> Iterable[Event]:
    """Return what a ticket's clocks care for, in the order of the history.

    What a customer writes while an answer is on its way is not answered by it: that mail is told again behind the first
    copy that leaves, and copies that leave later say nothing.  Nor does an answer that was written in a ticket that has
    ended here since: it answers nothing of this one.
    """
    unseen: Event | None = None  # the first such mail
    written, left = False, False  # an answer, and a copy of it
    elsewhere: list[str] = []  # how our ids begin in tickets that ended here
    for past in history:
        if isinstance(past.change, change.Absorbed):
            elsewhere.append(f"<tk{past.change.other}.")
        if answers.is_one(past.change):
            unseen, written, left = None, True, False
        event = _event(past)
        if event is None or (event.what == "out" and left and unseen):
            continue
        if event.what == "out" and str(event.value).startswith(tuple(elsewhere)):
            continue
        yield event
        if event.what == "out":
            left = True
            yield from (unseen,) if unseen else ()
        elif event.what == "in" and written:
            unseen = unseen or event
        elif event.what == "no_reply_needed":
            unseen = None


def _event(past: Entry) -> Event | None:
    """Return what a change is to the clocks.  Those that they do not care for are named, so that none is forgotten."""
    at = _seconds(past.at)
    match past.change:
        case change.AddMessage(direction=Direction.IN, kind=Kind.HUMAN, received_at=received):
            return Event(_seconds(received) if received else at, "in")
        case change.AddMessage(direction=Direction.IN):
            return Event(at, "in_auto")
        case change.AddMessage():
            return Event(at, "note")  # an answer counts when the next server has it
        case change.Delivered(message_id=one):
            return Event(at, "out", one)
        case change.Undelivered(permanent=True, message_id=one):
            return Event(at, "out_bounced", one)
        case change.SetStatus(status=status):
            return Event(at, "status", str(status))
        case change.NothingOwed():
            return Event(at, "no_reply_needed")
        case change.ClockSet(due=due) if due is not None:
            return Event(at, "adjust", _seconds(due))
        case change.ClockSet(targets=targets):
            return Event(at, "policy", targets)
        case change.Merged():
            return Event(at, "merged")
        case change.Absorbed(since=since) if since is not None:
            return Event(at, "merged", _seconds(since))
        case change.SplitFrom(since=since):
            return Event(at, "split", _seconds(since))
        case (
            change.OpenTicket()
            | change.Assign()
            | change.SetPriority()
            | change.SetQueue()
            | change.AddTag()
            | change.RemoveTag()
            | change.SetField()
            | change.AddPerson()
            | change.RemovePerson()
            | change.SetRequester()
            | change.Link()
            | change.Absorbed()
            | change.SplitOff()
            | change.Silenced()
            | change.Blocked()
            | change.Withdrawn()
            | change.NoCopies()
            | change.Promised()
            | change.WakeAt()
            | change.PromiseJudged()
            | change.Undelivered()
            | change.Muted()
            | change.StageReached()
            | change.Rated()
            | change.Remark()
        ):
            return None
        case _:
            assert_never(past.change)


def _of_ladder(history: Sequence[Entry], desk: Desk, queue: Queue, now: datetime) -> Iterable[Timer]:
    policy = policy_of(history, desk, queue)
    ladder = desk.ladders.get(policy.ladder) if policy else None
    calendar = desk.calendar_of(queue)
    if ladder is None or calendar is None:
        return ()
    steps = tuple((step.at, step.repeat, step.at_most) for step in ladder.steps)
    return _stages(tuple(events(history)), calendar, steps, _seconds(now))


@lru_cache(maxsize=16)  # in a rush many tickets begin in one second, and all their clocks alike
def _stages(
    log: tuple[Event, ...], calendar: Calendar, steps: tuple[tuple[str, str, int], ...], now: int
) -> tuple[Timer, ...]:
    ladder = [_clock_step(*step) for step in steps]
    return tuple(
        Timer(clock, state.instance, steps[stage.step][0], stage.repeat, _instant(stage.at))
        for clock, state in _states(log, calendar, now).items()
        for stage in ladders.stages(state, calendar, ladder, now)
    )


@lru_cache(maxsize=512)
def _clock_step(at: str, repeat: str, at_most: int) -> ladders.Step:
    return ladders.Step(duration.parse_offset(at), duration.parse(repeat) if repeat else None, at_most)


def _of_promises(history: Sequence[Entry]) -> Iterable[Timer]:
    """A promise is judged when its time has come, once; an agent is reminded of his own before."""
    for number, at, promise in promises(history):
        yield Timer(PROMISE, number, "until", 0, promise.until)
        if promise.by and promise.until - at > REMINDED_BEFORE:
            yield Timer(PROMISE, number, SOON, 0, promise.until - REMINDED_BEFORE)


class Given(NamedTuple):
    """A promise that a customer was given: which of them it is, and when that was."""

    number: int
    at: datetime
    promise: change.Promised


def promises(history: Sequence[Entry]) -> list[Given]:
    """Return what the customer was promised, in order; without what never left."""
    never_left = {past.at for past in answers.taken_back(history)}
    made = ((past.at, past.change) for past in history if isinstance(past.change, change.Promised))
    given = (Given(number, at, promise) for number, (at, promise) in enumerate(made, 1))
    return [one for one in given if not (one.promise.by and one.at in never_left)]


def _of_rest(history: Sequence[Entry]) -> Iterable[Timer]:
    """A ticket that rests wakes once."""
    until = rests_until(history)
    if until is not None:
        yield Timer(WAKE, sum(isinstance(past.change, change.WakeAt) for past in history), "until", 0, until)


def rests_until(history: Sequence[Entry]) -> datetime | None:
    """Return until when a ticket rests, None if it does not; whatever changes its status wakes it before."""
    for past in reversed(history):
        if isinstance(past.change, change.WakeAt):
            return past.change.until
        if isinstance(past.change, change.SetStatus):
            return None
    return None


def _of_closing(ticket: Ticket, desk: Desk, queue: Queue) -> Iterable[Timer]:
    if ticket.status is not Status.SOLVED or ticket.solved_at is None:
        return
    solved, calendar = _seconds(ticket.solved_at), desk.calendar_of(queue)
    for stage, span in ((WARN, queue.warn_before_close), (CLOSE, queue.close_after)):
        at = duration.later(calendar, solved, duration.parse(span)) if span else None
        if at is not None:
            yield Timer(CLOSE, solved, stage, 0, _instant(at))  # each time that it is solved is an instance


def next_due(shown: Mapping[str, ClockState]) -> datetime | None:
    """Return the next due time of the clocks that run."""
    due = [state.due for state in shown.values() if state.state == "running" and state.due is not None]
    return _instant(min(due)) if due else None


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def unanswered_since(history: Iterable[Entry], now: datetime) -> datetime | None:
    """Return when the customer wrote what nobody has answered yet, None if nothing is owed."""
    log = [event for event in events(history) if event.what != "policy"]
    for clock in ("first_reply", "next_reply"):
        state = clocks.fold(clock, 1, None, log, int(now.timestamp()))
        if state.state in ("running", "paused", "no_calendar") and state.stretches:
            return datetime.fromtimestamp(state.stretches[0][0], now.tzinfo)
    return None
