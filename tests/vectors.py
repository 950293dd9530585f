"""Run one row of the time vectors against maild.hours, and give the result in the rows' own words.

A calendar row has zone, schedule {weekly, dates}, holidays, op and in; a clock row has clock, target, zone, schedule,
holidays, log, now and stages.  Instants are ISO 8601 text; those of results are in the row's zone, with its offset.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from maild.hours.calendar import Calendar


def run_calendar_vector(row: Mapping[str, Any]) -> object:
    """Return what the row's `out` should be."""
    given, iso = row["in"], partial(_iso, zone=row["zone"])
    calendar = calendar_of(row)
    operations: dict[str, Callable[[], object]] = {
        "is_open": lambda: calendar.is_open(_instant(given["t"])),
        "next_open": lambda: iso(calendar.next_open(_instant(given["t"]))),
        "next_close": lambda: iso(calendar.next_close(_instant(given["t"]))),
        "between": lambda: calendar.between(_instant(given["a"]), _instant(given["b"])),
        "add": lambda: iso(calendar.add(_instant(given["t"]), given["seconds"])),
    }
    return operations[row["op"]]()


def calendar_of(row: Mapping[str, Any]) -> Calendar:
    schedule = row["schedule"]
    return Calendar.from_mapping(
        {
            "zone": row["zone"],
            "weekly": schedule.get("weekly", {}),
            "holidays": row.get("holidays", []),
            "dates": schedule.get("dates", {}),
        }
    )


def _instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() // 1)


def _iso(t: int | None, zone: str) -> str | None:
    return None if t is None else datetime.fromtimestamp(t, ZoneInfo(zone)).isoformat()
