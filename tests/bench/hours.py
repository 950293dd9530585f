"""Measure working-time arithmetic: microseconds an operation, and how much longer workclock and businesstimedelta take.

Run it as `python -m tests.bench.hours`.  All figures are of one run on one machine, the best of several rounds.
Comparisons are like for like: aware datetimes in and out, the conversion to our seconds included.
"""

import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from timeit import Timer
from typing import Any
from zoneinfo import ZoneInfo

from maild.hours import zones
from maild.hours.calendar import Calendar
from maild.hours.clocks import CLOCKS, Event, fold
from tests.bench.table import Row, alone

try:
    import workclock
except ImportError:
    workclock = None
try:
    import businesstimedelta
except ImportError:
    businesstimedelta = None

HOUR, DAY = 3600, 86_400
RIGA = ZoneInfo("Europe/Riga")
WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
EXCEPTIONS = [date(2020, 1, 1) + timedelta(days=23 * n) for n in range(300)]
START = datetime(2025, 3, 14, 16, 40, tzinfo=RIGA)
T = int(START.timestamp())
SPANS = (("add 8 h", 8), ("add 2000 h", 2000), ("add 100 000 h", 100_000))
STRETCHES = (("between a week", 7), ("between a year", 365), ("between 30 years", 10_957))

Operation = Callable[[], object]


def main() -> None:
    plain = Calendar.from_mapping({"zone": "Europe/Riga", "weekly": WEEK})
    busy = Calendar.from_mapping({"zone": "Europe/Riga", "weekly": WEEK, "holidays": EXCEPTIONS})
    print(f"Python {sys.version.split()[0]}\n")
    on_integers(plain, busy)
    against_others(plain)
    building()
    clocks(busy)


def rows() -> Iterator[Row]:
    """Return the row of `make bench`; the rest of what is measured here is printed alone."""
    busy = Calendar.from_mapping({"zone": "Europe/Riga", "weekly": WEEK, "holidays": EXCEPTIONS})
    spans = [of(lambda one, n=days: one.between(T, T + n * DAY), busy) for _, days in STRETCHES]  # type: ignore[misc]
    yield alone("working time between two instants, of each span", "≤ 2 µs", spans, " µs", "– (integers)")


def on_integers(plain: Calendar, busy: Calendar) -> None:
    print(f"{'on integer seconds, µs':30} {'no holidays':>12} {'300 holidays':>13}")
    operations: list[tuple[str, Callable[[Calendar], object]]] = [
        ("is_open", lambda one: one.is_open(T)),
        ("next_open", lambda one: one.next_open(T + 2 * HOUR)),
        ("next_close", lambda one: one.next_close(T)),
        *((name, lambda one, n=hours: one.add(T, n * HOUR)) for name, hours in SPANS),  # type: ignore[misc]
        *((name, lambda one, n=days: one.between(T, T + n * DAY)) for name, days in STRETCHES),  # type: ignore[misc]
    ]
    for name, operation in operations:
        print(f"{name:30} {of(operation, plain):12.2f} {of(operation, busy):13.2f}")
    print()


def of(operation: Callable[[Calendar], object], calendar: Calendar) -> float:
    return micros(lambda: operation(calendar))


def against_others(calendar: Calendar) -> None:
    """One schedule, no holidays; the others' answers are checked before they are timed."""
    for name, library in (("workclock", workclock), ("businesstimedelta", businesstimedelta)):
        if library is None:
            print(f"{name} is not installed: its column is left out (pip install {name})")
    print(f"{'on aware datetimes, µs':30} {'maild':>12} {'workclock':>22} {'businesstimedelta':>22}")
    for name, hours in SPANS:
        ours = datetime_add(calendar, hours)
        row(name, ours, workclock_add(hours), business_add(hours) if hours <= 2000 else None)
    for name, days in STRETCHES:
        ours = datetime_between(calendar, days)
        row(name, ours, workclock_between(days), business_between(days) if days <= 365 else None)
    print()


def row(name: str, ours: Operation, *others: Operation | None) -> None:
    own = micros(ours)
    cells = []
    for other in others:
        if other is None:
            cells.append(f"{'-':>22}")
            continue
        assert other() == ours(), (name, other(), ours())
        took = micros(other)
        cells.append(f"{took:11.2f} ({took / own:6.1f} x)")
    print(f"{name:30} {own:12.2f} {' '.join(cells)}")


def datetime_add(calendar: Calendar, hours: int) -> Operation:
    def add() -> datetime:
        due = calendar.add(int(START.timestamp()), hours * HOUR)
        assert due is not None
        return datetime.fromtimestamp(due, RIGA)

    return add


def datetime_between(calendar: Calendar, days: int) -> Operation:
    end = START + timedelta(days=days)
    return lambda: timedelta(seconds=calendar.between(int(START.timestamp()), int(end.timestamp())))


def workclock_add(hours: int) -> Operation | None:
    if workclock is None:
        return None
    schedule = workclock.Schedule([workclock.WorkDay(time(9), time(18))], time_zone="Europe/Riga")
    return lambda: schedule.add(START, hours=hours)


def workclock_between(days: int) -> Operation | None:
    if workclock is None:
        return None
    schedule = workclock.Schedule([workclock.WorkDay(time(9), time(18))], time_zone="Europe/Riga")
    end = START + timedelta(days=days)
    return lambda: schedule.between(START, end)


def business_rules() -> Any:
    import pytz

    zone = pytz.timezone("Europe/Riga")
    return businesstimedelta.Rules(
        [businesstimedelta.WorkDayRule(time(9), time(18), working_days=[0, 1, 2, 3, 4], tz=zone)]
    )


def business_add(hours: int) -> Operation | None:
    if businesstimedelta is None:
        return None
    delta = businesstimedelta.BusinessTimeDelta(business_rules(), hours=hours)
    return lambda: START + delta


def business_between(days: int) -> Operation | None:
    if businesstimedelta is None:
        return None
    rules, end = business_rules(), START + timedelta(days=days)
    return lambda: rules.difference(START, end).timedelta


def building() -> None:
    mapping = {"zone": "Europe/Riga", "weekly": WEEK, "holidays": EXCEPTIONS}

    def calendar() -> object:
        return Calendar.from_mapping(mapping).is_open(T)

    def zone() -> object:
        zones.load.cache_clear()
        return zones.load("Europe/Riga")

    print(f"{'calendar with 300 holidays, ms':30} {micros(calendar) / 1000:12.2f}")
    print(f"{'zone table, ms':30} {micros(zone) / 1000:12.2f}\n")


def clocks(calendar: Calendar) -> None:
    log = [
        Event(T + n * 25 * HOUR + wait, what, value)
        for n in range(10)
        for wait, what, value in ((0, "in", None), (60, "status", "open"), (2 * HOUR, "out", None))
    ]
    for clock in CLOCKS:
        took = micros(lambda clock=clock: fold(clock, 8 * HOUR, calendar, log, T + 20 * DAY))
        print(f"{f'fold of 30 events, {clock}, µs':40} {took:8.1f}")
    tickets = [[Event(T - n * 61, "in")] for n in range(100_000)]

    def recompute() -> int:
        return sum(fold("first_reply", 8 * HOUR, calendar, one, T).due is not None for one in tickets)

    assert recompute() == len(tickets)
    print(f"{'100 000 due times anew, s':40} {min(Timer(recompute).repeat(3, 1)):8.2f}")


def micros(operation: Operation) -> float:
    """Return the best of five rounds, each of about 20 ms."""
    timer = Timer(operation)
    operation()
    once = max(timer.timeit(1), 1e-7)
    rounds = max(1, int(0.02 / once))
    return min(timer.repeat(5, rounds)) / rounds * 1e6


if __name__ == "__main__":
    main()
