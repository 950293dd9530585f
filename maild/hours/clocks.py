"""What a ticket's clocks show: a pure fold over its history.  When a ladder's stages fall due by them: ladders.py.

No counter is ever stored.  The four clocks are functions of the history, the targets in force and the calendar; due
times and timers are caches that can be thrown away and made again, the same to the second.

    clock         starts                                 stops                       runs while            again
    first_reply   first mail of a customer who           first answer                not solved or closed  goes on
                  opened the ticket
    next_reply    a customer's mail after an answer,     answer                      not solved or closed  new instance
                  if none is running
    update        an answer while not solved             next answer; solved         not waiting either    new instance
                                                         cancels it
    resolution    the ticket begins                      solved or closed            not waiting either    goes on

Waiting and on_hold do not pause the reply clocks: the customer is still unanswered.  Acknowledgements, out-of-office
mails of either side and notes neither start nor stop anything.

The fold goes by the order of the history, not by time: a mail received at 9:55 but fetched after the answer of 10:00
has not been seen by the agent who answered, and starts a clock at 9:55.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, cast

from maild.hours.calendar import Calendar

Clock = Literal["first_reply", "next_reply", "update", "resolution"]
State = Literal["none", "running", "paused", "stopped", "cancelled", "merged", "no_calendar"]

CLOCKS: tuple[Clock, ...] = ("first_reply", "next_reply", "update", "resolution")
DONE = frozenset({"solved", "closed"})
DONE_OR_WAITING = DONE | {"waiting"}
PAUSED_IN: Mapping[str, frozenset[str]] = {
    "first_reply": DONE,
    "next_reply": DONE,
    "update": DONE_OR_WAITING,
    "resolution": DONE_OR_WAITING,
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something in a ticket's history that a clock may care for; other words are passed over.

    what            value
    in              -                           a person on the customer's side wrote; at = received
    in_auto         -                           a machine wrote
    out             the Message-ID, or -        a person's answer was taken over by the next server
    out_bounced     the Message-ID, or -        that answer (the last one, if not named) came back for good
    note            -                           an internal note, and an answer that is not yet delivered
    status          the new status
    no_reply_needed -                           thanks, spam: nothing is owed
    policy          ((clock, seconds), …)       the targets of all clocks
    merged          since: seconds              another ticket, unanswered since then, became part of this one
    merged          -                           this ticket became part of another one
    split           since: seconds              this ticket began as a mail, received then, of another one
    adjust          due: seconds                a person set the due time, until the clock starts again
    """

    at: int
    what: str
    value: object = None


@dataclass(frozen=True, slots=True)
class ClockState:
    """What a clock shows.  Instants are UTC seconds, elapsed and target working seconds.

    due is None when there is nothing to be due: none, or paused or ended before the target was reached; or when the
    calendar never opens long enough (no_calendar).  late compares instants, not amounts: an answer in the evening to
    what was due at closing is late.

    stretches are the times in which the clock ran, the last open (None) if it runs; ended is when it was stopped,
    cancelled or merged; nothing falls due before floor, for nobody is late for a target that did not exist; adjusted
    is a due time that a person set.
    """

    instance: int = 0
    state: State = "none"
    elapsed: int = 0
    due: int | None = None
    stopped: int | None = None
    late: bool = False
    target: int | None = None
    stretches: tuple[tuple[int, int | None], ...] = ()
    ended: int | None = None
    floor: int | None = None
    adjusted: int | None = None
    uncertain: bool = False


def fold(
    clock: Clock, target_seconds: int | None, calendar: Calendar | None, log: Sequence[Event], now: int
) -> ClockState:
    """Return what a clock shows.

    Args:
        clock: which one.
        target_seconds: the target at the log's beginning, in working seconds; None if there was none yet.
        calendar: None if the queue has none.
        log: the ticket's history in its own order; what is dated later than now is taken as happening now.
        now: the present.
    """
    run = _Run(clock, target_seconds)
    for event in _valid(log):
        action = ACTIONS.get(event.what)
        if action is not None:
            action(run, replace(event, at=now) if event.at > now else event)
    return _shown(run, calendar, now) if run.instance and run.target is not None else ClockState()


def aimed(log: Sequence[Event]) -> list[Clock]:
    """Return the clocks for which a policy ever had a target, so that something may fall due by them."""
    policies = (cast("Iterable[tuple[str, int]]", event.value) for event in log if event.what == "policy")
    named = {clock for targets in policies for clock, _ in targets}
    return [clock for clock in CLOCKS if clock in named]


@dataclass(slots=True)
class _Run:
    """The fold's working state: one clock on its way through the history."""

    clock: Clock
    in_force: int | None  # the target by the policy; an ended instance keeps the one it ended under
    status: str = "new"
    answered: bool = False
    instance: int = 0
    state: State = "none"
    target: int | None = None
    stretches: list[tuple[int, int | None]] = field(default_factory=list)
    ended: int | None = None
    floor: int | None = None
    adjusted: int | None = None
    left: bool = False  # the ticket became part of another one: what follows is not its own

    @property
    def alive(self) -> bool:
        return self.state in ("running", "paused")

    def start(self, at: int, floor: int | None = None) -> None:
        self.instance += 1
        self.target, self.floor, self.adjusted, self.ended = self.in_force, floor, None, None
        self.stretches, self.state = [], "paused"
        self.resume(at)

    def resume(self, at: int) -> None:
        if self.state == "paused" and self.status not in PAUSED_IN[self.clock]:
            self.state = "running"
            self.stretches.append((at, None))

    def pause(self, at: int) -> None:
        if self.state == "running":
            self.state = "paused"
            begin = self.stretches[-1][0]
            self.stretches[-1] = (begin, max(begin, at))

    def end(self, at: int, state: State) -> None:
        if self.alive:
            self.pause(at)
            self.state, self.ended = state, at

    def reopen(self, at: int) -> None:
        """Go on from what had elapsed when it was stopped, never from zero; it counts to the target of today."""
        self.state, self.ended = "paused", None
        self.retarget(self.in_force, at)
        self.resume(at)

    def force(self, seconds: int | None, at: int) -> None:
        """Take a target for what runs now and for what starts from now on."""
        self.in_force = seconds
        if self.alive:
            self.retarget(seconds, at)

    def retarget(self, seconds: int | None, at: int) -> None:
        """Keep what has elapsed; nobody is late for a target that did not exist."""
        if seconds is not None and (self.target is None or seconds < self.target):
            self.floor = max(at, self.floor or at)
        self.target = seconds

    def adopt(self, since: int, at: int) -> None:
        """Let the instance begin earlier, at a mail that came from elsewhere."""
        if not self.stretches:
            return
        begin, end = self.stretches[0]
        if since < begin:
            self.stretches[0] = (since, end)
            self.floor = max(at, self.floor or at)


STARTS_WITH_A_MAIL: Mapping[str, Callable[[_Run], bool]] = {
    "first_reply": lambda run: run.instance == 0 and not run.answered,
    "next_reply": lambda run: run.answered and not run.alive,
    "update": lambda _: False,
    "resolution": lambda run: run.instance == 0,
}


def _incoming(run: _Run, event: Event) -> None:
    if not run.left and STARTS_WITH_A_MAIL[run.clock](run):
        run.start(event.at)


def _answer(run: _Run, event: Event) -> None:
    if run.left:
        return
    run.answered = True
    if run.clock == "resolution":
        _begun(run, event)
        return
    run.end(event.at, "stopped")
    if run.clock == "update" and run.status not in DONE:
        run.start(event.at)


def _begun(run: _Run, event: Event) -> None:
    """A ticket begins with whatever is first in its history; only the resolution clock cares."""
    if run.clock == "resolution" and run.instance == 0 and not run.left:
        run.start(event.at)


def _status(run: _Run, event: Event) -> None:
    if run.left:
        return
    run.status = str(event.value)
    _begun(run, event)
    if run.status in DONE and run.clock in ("update", "resolution"):
        run.end(event.at, "cancelled" if run.clock == "update" else "stopped")
    elif run.clock == "resolution" and run.state == "stopped":
        run.reopen(event.at)
    elif run.status in PAUSED_IN[run.clock]:
        run.pause(event.at)
    else:
        run.resume(event.at)


def _nothing_owed(run: _Run, event: Event) -> None:
    """What the customer asked is dealt with, so what he asks next is a next reply."""
    if run.clock in ("first_reply", "next_reply") and not run.left:
        run.end(event.at, "cancelled")
        run.answered = True


def _policy(run: _Run, event: Event) -> None:
    targets = cast("Iterable[tuple[str, int]]", event.value)
    run.force(next((seconds for clock, seconds in targets if clock == run.clock), None), event.at)


def _merged(run: _Run, event: Event) -> None:
    if not isinstance(event.value, int):
        run.end(event.at, "merged")
        run.left = True
    elif run.alive:
        if run.clock != "update":
            run.adopt(event.value, event.at)
    elif run.clock == "next_reply" and run.answered:
        run.start(event.value, floor=event.at)


def _split(run: _Run, event: Event) -> None:
    """The mail came to another ticket; this one's clocks count from its arrival, but are not late before the split."""
    if run.clock in ("first_reply", "resolution") and run.instance == 0:
        run.start(cast("int", event.value), floor=event.at)


def _adjust(run: _Run, event: Event) -> None:
    if run.alive:
        run.adjusted = cast("int", event.value)


ACTIONS: Mapping[str, Callable[[_Run, Event], None]] = {
    "in": _incoming,
    "in_auto": _begun,
    "out": _answer,
    "note": _begun,
    "status": _status,
    "no_reply_needed": _nothing_owed,
    "policy": _policy,
    "merged": _merged,
    "split": _split,
    "adjust": _adjust,
}


def _valid(log: Sequence[Event]) -> Iterable[Event]:
    """Leave out the answers that came back: they never were one."""
    gone: set[int | None] = set()
    for index, event in enumerate(log):
        if event.what == "out_bounced":
            gone.add(_came_back(log, index, gone))
    return (event for index, event in enumerate(log) if index not in gone) if gone else log


def _came_back(log: Sequence[Event], bounce: int, gone: Collection[int | None]) -> int | None:
    """Return where the answer is that a bounce means: the one it names, or else the last."""
    named = log[bounce].value
    answers = (at for at in reversed(range(bounce)) if log[at].what == "out" and at not in gone)
    return next((at for at in answers if named in (None, log[at].value)), None)


def _shown(run: _Run, calendar: Calendar | None, now: int) -> ClockState:
    due, elapsed = run.adjusted, 0
    if calendar is not None:
        elapsed = sum(calendar.between(begin, now if end is None else end) for begin, end in run.stretches)
        if due is None and run.target is not None:
            due = reached(run.stretches, run.floor, calendar, run.target, _ran_to_its_end(run))
    if run.state in ("cancelled", "merged") and due is not None and run.ended is not None and run.ended < due:
        due = None  # an adjusted one, that was not reached
    until = now if run.ended is None else run.ended
    return ClockState(
        instance=run.instance,
        state="no_calendar" if due is None and run.state == "running" else run.state,
        elapsed=elapsed,
        due=due,
        stopped=run.ended if run.state == "stopped" else None,
        late=due is not None and until > due,
        target=run.target,
        stretches=tuple(run.stretches),
        ended=run.ended,
        floor=run.floor,
        adjusted=run.adjusted,
        uncertain=due is not None and calendar is not None and not calendar.is_certain(due),
    )


def _ran_to_its_end(run: _Run) -> bool:
    """Tell whether the last stretch ended by an answer or a solution, so that its due time is still of interest."""
    if run.state != "stopped":
        return run.state == "running"
    return bool(run.stretches) and run.stretches[-1][1] == run.ended


def reached(
    stretches: Sequence[tuple[int, int | None]], floor: int | None, calendar: Calendar, seconds: int, ahead: bool
) -> int | None:
    """Return the first instant by which a clock that ran in those stretches shows that much; None: it never does.

    Args:
        stretches: as ClockState has them.
        floor: nothing is reached before it.
        seconds: of working time.
        ahead: reckon as if the last stretch went on for ever.
    """
    before, last = 0, len(stretches) - 1
    for index, (begin, end) in enumerate(stretches):
        length = None if end is None or (ahead and index == last) else calendar.between(begin, end)
        if length is None or before + length >= seconds:
            at = calendar.add(begin, seconds - before)
            return at if at is None or floor is None else max(at, floor)
        before += length
    return None
