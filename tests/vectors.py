"""Run one row of the time vectors against maild.hours, and give the result in the rows' own words.

A calendar row has zone, schedule {weekly, dates}, holidays, op and in; a clock row has clock, target, zone, schedule,
holidays, log, now and stages.  Instants are ISO 8601 text; those of results are in the row's zone, with its offset.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from maild.hours import clocks, ladders
from maild.hours.calendar import Calendar
from maild.hours.clocks import Event
from maild.hours.duration import Offset
from maild.hours.ladders import Step


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


def run_clock_vector(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the row's `out` should be; of a stage, the instant if it has come."""
    calendar, now = calendar_of(row), _instant(row["now"])
    iso = partial(_iso, zone=row["zone"])
    state = clocks.fold(
        row["clock"], row["target"], calendar, [_event(row["clock"], *entry) for entry in row["log"]], now
    )
    return {
        "instance": state.instance,
        "state": state.state,
        "elapsed": state.elapsed,
        "due": iso(state.due),
        "stopped": iso(state.stopped),
        "late": state.late,
        "stages": {
            stage: iso(next((at for *_, at in ladders.stages(state, calendar, [_step(stage)], now) if at <= now), None))
            for stage in row.get("stages", ())
        },
    }


INSTANTS = ("merged", "split", "adjust")


def _event(clock: str, at: str, what: str, value: Any = None) -> Event:
    if what in INSTANTS and isinstance(value, str):
        value = _instant(value) if value[:1].isdigit() else None
    if what == "target":
        return Event(_instant(at), "policy", ((clock, value),))
    return Event(_instant(at), what, value)


def _step(text: str) -> Step:
    """The rows write seconds after the sign, of working time."""
    found = re.fullmatch(r"(?:(\d+)%)?([+-]\d+)?", text.replace(" ", ""))
    assert found, text
    return Step(Offset(int(found[1] or 100), int(found[2] or 0)))


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
