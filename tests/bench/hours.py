"""Working time: microseconds an operation on integer seconds, and against workclock on aware datetimes.

    python -m tests.bench.hours

All figures are the best of several rounds.  Against workclock our conversion to seconds and back is included.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from timeit import Timer
from zoneinfo import ZoneInfo

import workclock

from maild.hours.calendar import Calendar
from maild.hours.clocks import CLOCKS, Clock, Event, fold
from tests.bench.table import Row, alone, compared, show

HOUR, DAY = 3600, 86_400
RIGA = ZoneInfo("Europe/Riga")
WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
EXCEPTIONS = [date(2020, 1, 1) + timedelta(days=23 * n) for n in range(300)]
PLAIN = Calendar.from_mapping({"zone": "Europe/Riga", "weekly": WEEK})
BUSY = Calendar.from_mapping({"zone": "Europe/Riga", "weekly": WEEK, "holidays": EXCEPTIONS})
START = datetime(2025, 3, 14, 16, 40, tzinfo=RIGA)
END = START + timedelta(days=365)
T = int(START.timestamp())
LOG = [
    Event(T + n * 25 * HOUR + wait, what, value)
    for n in range(10)
    for wait, what, value in ((0, "in", None), (60, "status", "open"), (2 * HOUR, "out", None))
]


def rows() -> Iterator[Row]:
    spans = [micros(lambda days=days: BUSY.between(T, T + days * DAY)) for days in (7, 365, 10_957)]
    yield alone("working time between two instants, of each span", "≤ 2 µs", spans, " µs", "– (integers)")
    schedule = workclock.Schedule([workclock.WorkDay(time(9), time(18))], time_zone="Europe/Riga")
    assert ours() == schedule.between(START, END)
    theirs = micros(lambda: schedule.between(START, END))
    yield compared("working time of a year, aware datetimes", "workclock", "–", [micros(ours)], [theirs], " µs")
    folds = [micros(lambda clock=clock: folded(clock, LOG)) for clock in CLOCKS]
    yield alone("clocks from 30 events", "–", folds, " µs")
    tickets = [[Event(T - n * 61, "in")] for n in range(100_000)]
    anew = Timer(lambda: [folded("first_reply", one) for one in tickets]).repeat(3, 1)
    yield alone("100,000 due times recomputed", "–", [min(anew)], " s")


def ours() -> timedelta:
    return timedelta(seconds=PLAIN.between(int(START.timestamp()), int(END.timestamp())))


def folded(clock: Clock, log: list[Event]) -> int | None:
    return fold(clock, 8 * HOUR, BUSY, log, T + 20 * DAY).due


def micros(operation: Callable[[], object]) -> float:
    """Return the best of five rounds, each of about 20 ms."""
    timer = Timer(operation)
    once = max(min(timer.repeat(2, 1)), 1e-7)
    rounds = max(1, int(0.02 / once))
    return min(timer.repeat(5, rounds)) / rounds * 1e6


if __name__ == "__main__":
    show(rows())
