"""The hours of a usual week in one sentence, for customers: "Our business hours: Monday–Friday 09:00–18:00 …".

What differs on single dates is said where it matters: `wording` tells of holidays between now and the answer.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby

from maild.hours import grammars, wording
from maild.hours.calendar import Calendar
from maild.hours.grammars import Grammar
from maild.hours.schedule import MIDNIGHT, Interval, Intervals

ALL_DAY: Intervals = ((0, MIDNIGHT),)


def said(
    calendar: Calendar | None,
    now: datetime,
    zone: str,
    language: str,
    sender_date: datetime | None = None,
    beside: str = "",
) -> str:
    """Return when a desk is there; "" where there is no calendar, or none of its weekdays is open.

    Args:
        calendar: of the queue.
        now: when the mail is made, for the zone's offset; aware.
        zone: the desk's IANA zone.
        language: as in `wording.phrases`.
        sender_date: the customer's own Date header: the zone is not named to somebody who lives in it.
        beside: what stands in the same mail: a zone that it names is not named again.
    """
    if calendar is None or not any(calendar.week):
        return ""
    grammar = grammars.of(language)
    if set(calendar.week) == {ALL_DAY}:
        return grammar.day_and_night
    week = _in_words(language, calendar.week)
    return grammar.our_hours.format(week=wording.in_zone(week, now, zone, language, sender_date, beside))


def _with_nights(week: Sequence[Intervals]) -> tuple[Intervals, ...]:
    """Join what calendars cut at midnight: a night shift belongs to the day on which it begins."""
    joined = [list(day) for day in week]
    for day, intervals in enumerate(week):
        after = week[(day + 1) % len(week)]
        if intervals and after and _is_a_night(intervals[-1], after[0]):
            joined[day][-1] = (intervals[-1][0], after[0][1])
            joined[(day + 1) % len(week)].remove(after[0])
    return tuple(map(tuple, joined))


def _is_a_night(evening: Interval, morning: Interval) -> bool:
    return evening[1] == MIDNIGHT and morning[0] == 0 and morning[1] < evening[0]


@lru_cache(maxsize=64)  # of few calendars and languages, in every acknowledgement
def _in_words(language: str, cut_week: tuple[Intervals, ...]) -> str:
    """Return the days of a week with their hours, those that have the same together."""
    grammar, week = grammars.of(language), _with_nights(cut_week)
    stretches: dict[Intervals, list[str]] = {}
    for hours, days in groupby(range(len(week)), key=lambda day: week[day]):
        stretches.setdefault(hours, []).append(_named(grammar, list(days)))
    return "; ".join(
        f"{', '.join(days)} {', '.join(_span(grammar, one) for one in hours)}"
        for hours, days in stretches.items()
        if hours
    )


def _named(grammar: Grammar, days: Sequence[int]) -> str:
    first, last = grammar.weekday_name[days[0]], grammar.weekday_name[days[-1]]
    if len(days) == len(grammar.weekday_name):
        return grammar.every_day
    return first if len(days) == 1 else f"{first}–{last}"


def _span(grammar: Grammar, interval: Interval) -> str:
    return "–".join(_clock(grammar, minute) for minute in interval)


def _clock(grammar: Grammar, minute: int) -> str:
    hour, rest = divmod(minute, 60)
    if minute == MIDNIGHT:  # no clock shows it, but opening hours do
        return grammar.clock(datetime(2000, 1, 1, 23, tzinfo=UTC)).replace("23", "24")
    return grammar.clock(datetime(2000, 1, 1, hour, rest, tzinfo=UTC))
