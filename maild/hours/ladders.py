"""When the stages of a ladder fall due: places on a clock's way, before its target or after it, some more than once."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from maild.hours.calendar import Calendar
from maild.hours.clocks import ClockState, reached
from maild.hours.duration import Duration, Offset


class Stage(NamedTuple):
    """When a stage of a ladder was or will be due: identified by its place in the ladder and its repeat, from 0."""

    step: int
    repeat: int
    at: int


class Step(NamedTuple):
    """A stage of a ladder: where, and after which time it comes again, at most how many times in all."""

    at: Offset
    repeat: Duration | None = None
    at_most: int = 1


def stages(state: ClockState, calendar: Calendar | None, ladder: Sequence[Step], now: int) -> tuple[Stage, ...]:
    """Return when each stage of a ladder was due by now, and the next time of each that is still to come.

    A stage moves with its clock: it pauses, and a lowered target or a merge lets nothing fall due before that moment.
    What is beyond the clock's end never comes.  Repeats count from the stage itself.
    """
    found: list[Stage] = []
    if state.target is None or calendar is None:
        return ()
    for index, step in enumerate(ladder):
        for repeat in range(step.at_most if step.repeat else 1):
            at = _days_later(_stage_at(state, calendar, _repeated(step, repeat)), step, repeat, calendar)
            if at is None or (state.ended is not None and at > state.ended):
                break
            found.append(Stage(index, repeat, at))
            if at > now:
                break
    return tuple(found)


def _repeated(step: Step, repeat: int) -> Offset:
    if step.repeat is None:
        return step.at
    return replace(
        step.at,
        working=step.at.working + repeat * step.repeat.working,
        clock=step.at.clock + repeat * step.repeat.clock,
    )


def _days_later(at: int | None, step: Step, repeat: int, calendar: Calendar) -> int | None:
    """Return when a stage comes again that repeats by working days: at the last closing of such a day."""
    days = repeat * step.repeat.days if step.repeat else 0
    return calendar.end_of_working_day(at, days) if at is not None and days else at


def _stage_at(state: ClockState, calendar: Calendar, offset: Offset) -> int | None:
    """Return when a place on the clock's way is reached, or None: not as things stand."""
    assert state.target is not None
    if state.adjusted is not None and offset.percent == 100:
        at = calendar.add(state.adjusted, offset.working)
        return None if at is None else at + offset.clock
    if offset.seconds(state.target) <= 0:
        return None
    ahead = state.state == "running"
    at = reached(state.stretches, state.floor, calendar, offset.seconds(state.target), ahead)
    return None if at is None else max(at + offset.clock, state.floor or at + offset.clock)
