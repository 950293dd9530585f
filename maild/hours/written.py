"""The hours of calendars as a text that the store keeps, and back: as they were meant then, whatever is understood now.

Pure values.  JSON: {calendar: {"zone", "week", "days", "known_until"}}, the fields of `schedule.Hours`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from maild.hours.calendar import Calendar
from maild.hours.schedule import Hours, Intervals
from maild.hours.zones import FAR_PAST


def write(calendars: Mapping[str, Calendar]) -> str:
    """Return the newest hours of each calendar; equal hours are equal texts."""
    newest = {key: asdict(calendar.versions[-1][1]) for key, calendar in calendars.items()}
    return json.dumps(newest, separators=(",", ":"), sort_keys=True)


def read(text: str) -> dict[str, Calendar]:
    """Understand what `write` wrote; each calendar has one version, which holds for ever."""
    return {key: Calendar(((FAR_PAST, _hours(**one)),)) for key, one in json.loads(text).items()}


def _hours(zone: str, week: list[Any], days: list[Any], known_until: int | None) -> Hours:
    own = tuple((day, _intervals(listed)) for day, listed in days)
    return Hours(zone, tuple(map(_intervals, week)), own, known_until)


def _intervals(listed: Iterable[tuple[int, int]]) -> Intervals:
    return tuple((begin, end) for begin, end in listed)
