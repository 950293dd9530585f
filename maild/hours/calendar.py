"""Working time in closed form: how much of it lies between two instants, and when an amount of it will have passed.

Instants are integer UTC seconds.  `open` means that the clock on the wall shows a posted hour, half-open: the opening
second in, the closing second out.  So an hour that the clocks skip is not open, one that they repeat is open twice,
and is_open and between cannot disagree.

How it works.  B(t), the open seconds before t, is one monotone line.  It is cut where something changes: a clock
change, a date that differs from its weekday (its midnights), a new version of the calendar.  Each stretch repeats one
pattern, of a week or of a day, and knows B at its start.  Then between is B(b) - B(a), add inverts B by two bisections
and a division, and what is not open is the same line drawn for the complement.  Nothing depends on the span.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import NamedTuple

from maild.hours import schedule, zones
from maild.hours.schedule import CalendarError, Hours, Intervals, Problem
from maild.hours.zones import DAY, FAR_PAST

__all__ = ["Calendar", "CalendarError", "Problem"]

WEEK = 7 * DAY
MONDAY = 3 * DAY  # the epoch was a Thursday: its week began 3 days before


class _Pattern(NamedTuple):
    """Open pieces of a period that repeats for ever, in seconds.

    starts and ends have a last pair (period, period) of no length; before[i] is what is open before starts[i].
    """

    period: int
    total: int
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]


class _Piece(NamedTuple):
    """From `start` on, and until the next piece, openness is pattern's at t + shift."""

    start: int
    shift: int
    pattern: _Pattern


class _Line:
    """B(t) for pieces that follow each other; see the module's text."""

    __slots__ = ("_at_start", "_rows", "_starts")

    def __init__(self, pieces: Sequence[_Piece]) -> None:
        self._starts = tuple(piece.start for piece in pieces)
        at_start, rows = [FAR_PAST], [(pieces[0].shift, 0, pieces[0].pattern)]
        for start, shift, pattern in pieces[1:]:
            last_shift, last_constant, last_pattern = rows[-1]
            value = last_constant + _open_before(last_pattern, start + last_shift)
            at_start.append(value)
            rows.append((shift, value - _open_before(pattern, start + shift), pattern))
        self._at_start, self._rows = tuple(at_start), tuple(rows)

    def holds(self, t: int) -> bool:
        shift, _, (period, _, starts, ends, _) = self._rows[bisect_right(self._starts, t) - 1]
        rest = (t + shift) % period
        return starts[bisect_right(ends, rest)] <= rest

    def value(self, t: int) -> int:
        shift, constant, (period, total, starts, ends, before) = self._rows[bisect_right(self._starts, t) - 1]
        periods, rest = divmod(t + shift, period)
        i = bisect_right(ends, rest)
        if rest > starts[i]:
            return constant + periods * total + before[i] + rest - starts[i]
        return constant + periods * total + before[i]

    def earliest(self, value: int) -> int | None:
        """Return the least t at which B(t) >= value, where that is not B's least value."""
        shift, constant, (period, total, _, ends, before) = self._rows[bisect_left(self._at_start, value) - 1]
        if total == 0:
            return None
        periods, rest = divmod(value - constant - 1, total)
        i = bisect_right(before, rest)
        return periods * period + ends[i - 1] - before[i] + rest + 1 - shift

    def latest(self, value: int) -> int | None:
        """Return the greatest t at which B(t) <= value; None when there is none, or no greatest."""
        shift, constant, (period, total, starts, _, before) = self._rows[bisect_right(self._at_start, value) - 1]
        if total == 0:
            return None
        periods, rest = divmod(value - constant, total)
        i = bisect_right(before, rest) - 1
        return periods * period + starts[i] + rest - before[i] - shift


@dataclass(frozen=True)
class Calendar:
    """When a desk works.  A value: it can be compared, hashed and pickled.

    versions holds (from this instant on, these hours), in the order of time; the first holds for all that was before,
    too.
    """

    versions: tuple[tuple[int, Hours], ...]
    warnings: tuple[Problem, ...] = field(default=(), compare=False)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object]) -> "Calendar":
        """Make a calendar of {"zone", "weekly", "holidays", "dates"}, and optionally "known_until".

        Args:
            mapping: times of day are "HH:MM", an end not after its begin means the next day; `open` of a date
                replaces its hours, even on a holiday, and `closed` is subtracted last.

        Raises:
            CalendarError: the mapping cannot be meant; it names every problem with its place.
        """
        hours, warnings = schedule.read(mapping)
        return cls(((FAR_PAST, hours),), warnings)

    @classmethod
    def versioned(cls, entries: Sequence[tuple[int, "Calendar"]]) -> "Calendar":
        """Join versions: each holds from its instant on, and takes over from all that were known before it.

        The order is that in which they became known, so a version that is dated back rules from its date on.
        """
        joined: list[tuple[int, Hours]] = []
        for at, calendar in entries:
            joined = [(start, hours) for start, hours in joined if start < at]
            for start, hours in calendar.versions:
                joined = [kept for kept in joined if kept[0] != max(start, at)]
                joined.append((max(start, at), hours))
        return cls(tuple(joined), entries[-1][1].warnings)

    @property
    def zone(self) -> str:
        """The IANA zone of the newest version."""
        return self.versions[-1][1].zone

    @property
    def week(self) -> tuple[Intervals, ...]:
        """The hours of each weekday from Monday in the newest version, in minutes of the day; nights are cut."""
        return self.versions[-1][1].week

    def is_open(self, t: int) -> bool:
        return self._open.holds(t)

    def between(self, a: int, b: int) -> int:
        """Return the open seconds from a to b; negative when b < a."""
        return self._open.value(b) - self._open.value(a)

    def add(self, t: int, seconds: int) -> int | None:
        """Return the first instant by which that many open seconds have passed since t, or None: never.

        An amount used up exactly at closing gives the closing instant.  Negative seconds go back: the last instant
        from which on as many pass until t.  Zero gives t itself, be it open or not.
        """
        if seconds > 0:
            return self._open.earliest(self._open.value(t) + seconds)
        return self._open.latest(self._open.value(t) + seconds) if seconds else t

    def next_open(self, t: int) -> int | None:
        """Return t if it is open, else the next opening, or None: never."""
        return self._open.latest(self._open.value(t))

    def next_close(self, t: int) -> int | None:
        """Return the first closing after t, or None: never, or it never closes again."""
        opening = self.next_open(t)
        return None if opening is None else self._closed.latest(self._closed.value(opening))

    def stretches(self, a: int, b: int) -> Iterator[tuple[int, int]]:
        """Yield what is open between a and b, one stretch after the other: for people who ask how a time came about."""
        begin = self.next_open(a)
        while begin is not None and begin < b:
            end = self.next_close(begin)
            yield begin, b if end is None else min(end, b)
            begin = None if end is None else self.next_open(end)

    def offset(self, t: int) -> int:
        """Return what the desk's clock shows more than UTC at t, in seconds."""
        return zones.load(self._hours_at(t).zone).offset(t)

    def day(self, t: int) -> date:
        """Return the desk's date at t."""
        return date.fromordinal(zones.EPOCH + (t + self.offset(t)) // DAY)

    def closings(self, a: int, b: int) -> tuple[date, ...]:
        """Return the dates from that of a to that of b that are closed although their weekday is not."""
        first, last = schedule.day_number(self.day(a)), schedule.day_number(self.day(b))
        hours = self._hours_at(b)
        return tuple(
            date.fromordinal(zones.EPOCH + day)
            for day, intervals in hours.days[bisect_left(hours.days, (first, ())) :]
            if day <= last and not intervals and hours.week[(day + 3) % 7]
        )

    def hours_on(self, day: date) -> Intervals:
        """Return a date's hours in the newest version, in minutes of the day."""
        hours, number = self.versions[-1][1], schedule.day_number(day)
        i = bisect_left(hours.days, (number, ()))
        own = hours.days[i : i + 1]
        return own[0][1] if own and own[0][0] == number else hours.week[(number + 3) % 7]

    def is_certain(self, t: int) -> bool:
        """Tell whether holidays are known as far as t; a calendar that does not say is taken at its word."""
        known_until = self.versions[-1][1].known_until
        return known_until is None or schedule.day_number(self.day(t)) <= known_until

    def end_of_day(self, t: int) -> int:
        """Return the next midnight of the desk's clock after t."""
        zone = zones.load(self._hours_at(t).zone)
        return zone.first_at(((t + zone.offset(t)) // DAY + 1) * DAY)

    def end_of_working_day(self, t: int, count: int) -> int | None:
        """Return the last closing of the count-th working day after the date of t, or None: never.

        A working day is a date with any open hours.  In closed form: of each date only the last open minute is kept,
        and count such minutes are added from midnight on.  (In a last minute that the clocks skip, the day is not
        counted; in one that they repeat, it is counted once for each time.)
        """
        return self._last_minutes.add(self.end_of_day(t), count * 60)

    @cached_property
    def _last_minutes(self) -> "Calendar":
        return _only_last_minutes(self)

    @cached_property
    def _open(self) -> _Line:
        return _Line(self._pieces)

    @cached_property
    def _closed(self) -> _Line:
        return _Line([_Piece(start, shift, _complement(pattern)) for start, shift, pattern in self._pieces])

    @cached_property
    def _pieces(self) -> list[_Piece]:
        ends = [start for start, _ in self.versions[1:]] + [-FAR_PAST]
        pieces: list[_Piece] = []
        for (start, hours), end in zip(self.versions, ends, strict=True):
            pieces += _clipped(_pieces_of(hours), start, end) if len(ends) > 1 else _pieces_of(hours)
        return [_Piece(FAR_PAST, *pieces[0][1:]), *pieces[1:]]

    def _hours_at(self, t: int) -> Hours:
        return self.versions[max(0, bisect_right(self.versions, t, key=lambda version: version[0]) - 1)][1]

    def __reduce__(self) -> tuple[type["Calendar"], tuple[object, ...]]:
        return Calendar, (self.versions, self.warnings)


def _pieces_of(hours: Hours) -> list[_Piece]:
    """Lay a week's pattern, and those of the dates that differ, over each stretch of equal offset."""
    zone, week = zones.load(hours.zone), _weekly(hours.week)
    days = [(day * DAY, _daily(intervals)) for day, intervals in hours.days]
    numbers = [start for start, _ in days]
    pieces: list[_Piece] = []
    for start, end, offset in zip(zone.starts, (*zone.starts[1:], -FAR_PAST), zone.offsets, strict=True):
        here, wall_end = start, end + offset
        for midnight, pattern in days[bisect_right(numbers, start + offset - DAY) : bisect_left(numbers, wall_end)]:
            begin = max(start, midnight - offset)
            if here < begin:
                pieces.append(_Piece(here, offset + MONDAY, week))
            pieces.append(_Piece(begin, offset, pattern))
            here = min(end, midnight + DAY - offset)
        if here < end:
            pieces.append(_Piece(here, offset + MONDAY, week))
    return pieces


def _clipped(pieces: Sequence[_Piece], start: int, end: int) -> list[_Piece]:
    first = bisect_right([piece.start for piece in pieces], start) - 1
    inside = [piece for piece in pieces[max(0, first) :] if piece.start < end]
    return [_Piece(max(piece.start, start), piece.shift, piece.pattern) for piece in inside]


@lru_cache(maxsize=512)
def _weekly(week: tuple[Intervals, ...]) -> _Pattern:
    pieces = [(day * DAY + a * 60, day * DAY + b * 60) for day, pieces in enumerate(week) for a, b in pieces]
    return _pattern(WEEK, pieces)


@lru_cache(maxsize=512)
def _daily(intervals: Intervals) -> _Pattern:
    return _pattern(DAY, [(begin * 60, end * 60) for begin, end in intervals])


def _pattern(period: int, pieces: Sequence[tuple[int, int]]) -> _Pattern:
    before = tuple(accumulate((end - start for start, end in pieces), initial=0))
    starts, ends = ((*times, period) for times in zip(*pieces, strict=True)) if pieces else ((period,), (period,))
    return _Pattern(period, before[-1], starts, ends, before)


@lru_cache(maxsize=512)
def _complement(pattern: _Pattern) -> _Pattern:
    gaps = zip((0, *pattern.ends[:-1]), pattern.starts, strict=True)
    return _pattern(pattern.period, [(end, start) for end, start in gaps if end < start])


def _open_before(pattern: _Pattern, x: int) -> int:
    """Return the open seconds of a pattern from 0 to x."""
    periods, rest = divmod(x, pattern.period)
    i = bisect_right(pattern.ends, rest)
    return periods * pattern.total + pattern.before[i] + max(0, rest - pattern.starts[i])


def _only_last_minutes(calendar: Calendar) -> Calendar:
    """Keep of each date its last open minute."""

    def last(intervals: Intervals) -> Intervals:
        return ((intervals[-1][1] - 1, intervals[-1][1]),) if intervals else ()

    return Calendar(
        tuple(
            (start, Hours(hours.zone, tuple(map(last, hours.week)), tuple((day, last(own)) for day, own in hours.days)))
            for start, hours in calendar.versions
        )
    )
