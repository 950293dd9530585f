"""Read a calendar's mapping: what is wrong with it, and what remains once nights are cut at midnight.

The mapping is {"zone", "weekly", "holidays", "dates"}, as plain values; "known_until" may be added.  Which date is a
holiday of which country is no question of this module: see holidays.py.  All errors of a mapping are found at once;
each names its place as a tuple such as ("weekly", "mon", 0), from which the rule files' reader finds line and column.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from maild.hours import zones
from maild.nearest import did_you_mean

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KEYS = ("zone", "weekly", "holidays", "dates", "known_until")
FIRST_DATE, LAST_DATE = date(1971, 1, 1), date(2100, 12, 31)
MIDNIGHT = 1440  # minutes: 24:00

Path = tuple[str | int, ...]
Interval = tuple[int, int]  # minutes of a local day, the second not included
Intervals = tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong, or odd, in a mapping: where, what, and what to write instead."""

    path: Path
    what: str
    remedy: str

    def __str__(self) -> str:
        place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.path).lstrip(".")
        return f"{place}: {self.what}; {self.remedy}" if place else f"{self.what}; {self.remedy}"


class CalendarError(ValueError):
    """A calendar that cannot be meant.  The text is shown to the operator as it stands.

    path, what and remedy are those of the first problem; problems has all of them.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)
        self.path, self.what, self.remedy = problems[0].path, problems[0].what, problems[0].remedy

    def __reduce__(self) -> tuple[type["CalendarError"], tuple[tuple[Problem, ...]]]:
        return CalendarError, (self.problems,)


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours by wall clock: seven weekdays from Monday, and the dates that differ.

    days holds (days since 1970-01-01, the date's own hours), sorted; it has holidays as dates without any hours.
    known_until is the last date, as such a day number, for which holidays are known.
    """

    zone: str
    week: tuple[Intervals, ...]
    days: tuple[tuple[int, Intervals], ...] = ()
    known_until: int | None = None


@dataclass(slots=True)
class _Notes:
    """What the reader found on its way."""

    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def error(self, path: Path, what: str, remedy: str) -> None:
        self.errors.append(Problem(path, what, remedy))

    def warn(self, path: Path, what: str, remedy: str) -> None:
        self.warnings.append(Problem(path, what, remedy))


def read(mapping: Mapping[str, object]) -> tuple[Hours, tuple[Problem, ...]]:
    """Return the hours that a mapping means, and warnings.

    Raises:
        CalendarError: the mapping cannot be meant; it names every problem.
    """
    notes = _Notes()
    for key in mapping:
        if key not in KEYS:
            notes.error((key,), f'unknown key "{key}"', did_you_mean(key, KEYS))
    zone = _zone(mapping.get("zone"), notes)
    week = _week(mapping.get("weekly", {}), notes)
    closed = _holidays(mapping.get("holidays", ()), notes)
    days = _days(mapping.get("dates", {}), week, closed, notes)
    until = mapping.get("known_until")
    known_until = None if until is None else _date(until, ("known_until",), notes)
    if notes.errors:
        raise CalendarError(notes.errors)
    if not any(week) and not any(intervals for _, intervals in days):
        notes.warn(("weekly",), "the calendar never opens", "no time can be promised; write its hours")
    return Hours(zone, week, days, known_until), tuple(notes.warnings)


def subtract(intervals: Iterable[Interval], closed: Iterable[Interval]) -> Intervals:
    """Return sorted, disjoint intervals without what is closed."""
    left = list(intervals)
    for begin, end in closed:
        left = [piece for a, b in left for piece in ((a, min(b, begin)), (max(a, end), b)) if piece[0] < piece[1]]
    return tuple(left)


def day_number(day: date) -> int:
    """Return the days since 1970-01-01."""
    return day.toordinal() - zones.EPOCH


def _zone(name: object, notes: _Notes) -> str:
    if not isinstance(name, str):
        notes.error(("zone",), "a calendar needs a time zone", "write an IANA name such as Europe/Riga")
        return "UTC"
    try:
        return zones.load(name).name
    except zones.UnknownZone as unknown:
        what, _, remedy = str(unknown).partition("; ")
        notes.error(("zone",), what, remedy)
        return "UTC"


def _week(weekly: object, notes: _Notes) -> tuple[Intervals, ...]:
    """Cut nights at midnight and give the tail to the next weekday."""
    pieces: list[list[tuple[Interval, Path]]] = [[] for _ in WEEKDAYS]
    for name, listed in _items(weekly, ("weekly",), notes):
        if name not in WEEKDAYS:
            notes.error(("weekly", name), f'unknown weekday "{name}"', did_you_mean(name, WEEKDAYS))
            continue
        day = WEEKDAYS.index(name)
        for (begin, end), path in _intervals(listed, ("weekly", name), notes):
            if begin < end:
                pieces[day].append(((begin, end), path))
                continue
            pieces[day].append(((begin, MIDNIGHT), path))
            if end:
                pieces[(day + 1) % 7].append(((0, end), path))
    return tuple(_merged(day, notes) for day in pieces)


def _holidays(listed: object, notes: _Notes) -> set[int]:
    if isinstance(listed, str) or not isinstance(listed, Iterable):
        notes.error(("holidays",), f"{listed!r} is not a list of dates", 'write ["2026-11-18", …]')
        return set()
    days = (_date(one, ("holidays", index), notes) for index, one in enumerate(listed))
    return {day for day in days if day is not None}


def _days(
    dates: object, week: Sequence[Intervals], closed: set[int], notes: _Notes
) -> tuple[tuple[int, Intervals], ...]:
    days: dict[int, Intervals] = dict.fromkeys(closed, ())
    for name, changes in _items(dates, ("dates",), notes):
        day = _date(name, ("dates", name), notes)
        if day is not None:
            days[day] = _date_hours(day, changes, week, days, ("dates", name), notes)
    return tuple(sorted((day, hours) for day, hours in days.items() if hours != week[(day + 3) % 7]))


def _date_hours(
    day: int, changes: object, week: Sequence[Intervals], days: Mapping[int, Intervals], path: Path, notes: _Notes
) -> Intervals:
    """Return one date's hours: `open` replaces the whole date, even a holiday; `closed` is subtracted last."""
    given: dict[str, Intervals] = {}
    for key, listed in _items(changes, path, notes):
        if key not in ("open", "closed"):
            notes.error((*path, key), f'unknown key "{key}"', did_you_mean(key, ("open", "closed")))
            continue
        pieces = _within_a_day(listed, (*path, key), notes)
        given[key] = _merged(pieces, notes if key == "open" else _Notes())  # closed twice is closed
    usual = week[(day + 3) % 7]
    if "open" in given:
        _mind_the_tail(day, given["open"], week, (*path, "open"), notes)
    return subtract(given.get("open", days.get(day, usual)), given.get("closed", ()))


def _within_a_day(listed: object, path: Path, notes: _Notes) -> list[tuple[Interval, Path]]:
    pieces = []
    for (begin, end), place in _intervals(listed, path, notes):
        if begin < end:
            pieces.append(((begin, end), place))
        else:
            notes.error(
                place, "hours of a single date cannot cross midnight", "end at 24:00 and give the rest to the next date"
            )
    return pieces


def _mind_the_tail(day: int, hours: Intervals, week: Sequence[Intervals], path: Path, notes: _Notes) -> None:
    """Warn when hours of a date's own drop the morning of the shift that began the evening before."""
    before, usual = week[(day + 2) % 7], week[(day + 3) % 7]
    if not (before and before[-1][1] == MIDNIGHT and usual and usual[0][0] == 0):
        return
    if subtract(usual[:1], hours):
        notes.warn(
            path,
            f"the night shift that began the day before ends at 00:00, not at {clock(usual[0][1])}",
            f"add 00:00-{clock(usual[0][1])} to keep it",
        )


def _merged(pieces: list[tuple[Interval, Path]], notes: _Notes) -> Intervals:
    merged: list[Interval] = []
    for (begin, end), path in sorted(pieces, key=lambda piece: piece[0]):
        if not merged or begin > merged[-1][1]:
            merged.append((begin, end))
            continue
        first, last = merged[-1]
        night = "" if first else " (what ends before it begins ends the next day)"
        what = f"{clock(begin)}-{clock(end)} overlaps or touches {clock(first)}-{clock(last)}"
        notes.warn(path, what, f"they count once; write one interval{night}")
        merged[-1] = (first, max(end, last))
    return tuple(merged)


def _intervals(listed: object, path: Path, notes: _Notes) -> Iterator[tuple[Interval, Path]]:
    """Yield (begin, end) in minutes with its place; end <= begin means the next day."""
    if isinstance(listed, str) or not isinstance(listed, Sequence):
        notes.error(path, f"{listed!r} is not a list of intervals", 'write [["09:00", "18:00"]]')
        return
    for index, pair in enumerate(listed):
        place = (*path, index)
        if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2:
            notes.error(place, f"{pair!r} is not an interval", 'write ["09:00", "18:00"]')
            continue
        begin, end = (_minutes(text, place, notes) for text in pair)
        if begin is None or end is None:
            continue
        if begin in (end, MIDNIGHT):
            notes.error(place, f"{pair[0]}-{pair[1]} is empty", "write 00:00-24:00 for the whole day, or leave it out")
        else:
            yield (begin, end), place


_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|(24):(00)")


def _minutes(text: object, path: Path, notes: _Notes) -> int | None:
    found = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        notes.error(path, f"{text!r} is not a time of day", 'write hours and minutes as "09:00", "00:00" to "24:00"')
        return None
    hours, minutes = (part for part in found.groups() if part is not None)
    return int(hours) * 60 + int(minutes)


def clock(minutes: int) -> str:
    """Return minutes of a local day as a wall clock shows them; the end of the day is "24:00"."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _date(value: object, path: Path, notes: _Notes) -> int | None:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        notes.error(path, f'"{value}" is not a date', "write it as 2026-11-18")
        return None
    if not FIRST_DATE <= day <= LAST_DATE:
        notes.error(path, f"{day} is out of reach", f"dates lie between {FIRST_DATE} and {LAST_DATE}")
        return None
    return day_number(day)


def _items(value: object, path: Path, notes: _Notes) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        yield from ((str(key), item) for key, item in value.items())
    else:
        notes.error(path, f"{value!r} is not a mapping", "write keys with values")
