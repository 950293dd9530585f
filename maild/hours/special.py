"""What a person said of one date: its hours in whole.  They stand over those of the rule files until he says otherwise.

Pure values.  A day that is closed until 15:00 is kept as what is left of its hours, so the last word on a date is all
that must be known of it: closing and opening again leaves no trace in the calendar.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date

from maild.hours.schedule import Interval, Intervals, clock

FILE = "(said)"  # among the texts of a rule set; no file of a folder is called so


@dataclass(frozen=True, slots=True)
class SpecialHours:
    """The hours of one date of a calendar, such as "09:00-12:00, 15:00-18:00"; "" is closed all day."""

    calendar: str
    day: date
    hours: str
    because: str


def read(text: str) -> tuple[SpecialHours, ...]:
    """Understand what `write` wrote; "" is nothing."""
    found = (SpecialHours(**one) for one in json.loads(text or "[]"))
    return tuple(replace(one, day=date.fromisoformat(str(one.day))) for one in found)


def write(said: Iterable[SpecialHours]) -> str:
    return json.dumps([{**asdict(one), "day": str(one.day)} for one in said], ensure_ascii=False)


def joined(before: Iterable[SpecialHours], new: Iterable[SpecialHours]) -> tuple[SpecialHours, ...]:
    """Return all that was said, a later word instead of an earlier one of the same date."""
    last = {(one.calendar, one.day): one for one in (*before, *new)}
    return tuple(last[key] for key in sorted(last))


def dates_of(said: Iterable[SpecialHours], calendar: str) -> Mapping[date, dict[str, str]]:
    """Return the dates of a calendar as its rule files would give them."""
    return {one.day: {"open": one.hours} for one in said if one.calendar == calendar}


def closed(hours: Intervals, span: Interval) -> Intervals:
    """Return a day's hours without a span."""
    parts = ((begin, min(end, span[0])) for begin, end in hours), ((max(begin, span[1]), end) for begin, end in hours)
    return tuple(sorted((begin, end) for each in parts for begin, end in each if begin < end))


def opened(hours: Intervals, span: Interval) -> Intervals:
    """Return a day's hours and a span, as one where they touch."""
    apart = [one for one in hours if one[1] < span[0] or span[1] < one[0]]
    touching = [*(one for one in hours if one not in apart), span]
    return tuple(sorted([*apart, (min(one[0] for one in touching), max(one[1] for one in touching))]))


def in_words(hours: Intervals) -> str:
    return ", ".join(f"{clock(begin)}-{clock(end)}" for begin, end in hours)
