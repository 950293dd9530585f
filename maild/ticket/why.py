"""How the due times of a ticket came about, in words: `#why`, `maild why`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from maild.ticket import timers
from maild.ticket.change import Entry
from maild.ticket.desk import Desk, Queue

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class _Words:
    """A language's words; {} and the like are filled in below."""

    clocks: Mapping[str, str]
    states: Mapping[str, str]  # of a clock
    counted: str  # so much of so much
    due: str
    late: str
    days: Sequence[str]  # from Monday


_WORDS = {
    "en": _Words(
        {
            "first_reply": "the first answer",
            "next_reply": "the next answer",
            "update": "the next word to the customer",
            "resolution": "the solution",
        },
        {
            "running": "time runs",
            "paused": "time stands still",
            "stopped": "over",
            "no_calendar": "no working time lies ahead",
            "merged": "goes on in another ticket",
        },
        "{} of {} working hours counted",
        "due",
        "late",
        ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    ),
    "lv": _Words(
        {
            "first_reply": "pirmā atbilde",
            "next_reply": "nākamā atbilde",
            "update": "nākamā ziņa klientam",
            "resolution": "atrisinājums",
        },
        {
            "running": "laiks iet",
            "paused": "laiks apturēts",
            "stopped": "laiks vairs neiet",
            "cancelled": "atcelts",
            "no_calendar": "darba laika vairs nav",
            "merged": "turpinās citā pieteikumā",
        },
        "izlietots {} no {} darba laika",
        "termiņš",
        "nokavēts",
        ("pirmd.", "otrd.", "trešd.", "ceturtd.", "piektd.", "sestd.", "svētd."),
    ),
}


def clock_name(clock: str, language: str) -> str:
    """Return what people call a clock."""
    return _words(language).clocks.get(clock, clock)


def lines(history: Sequence[Entry], desk: Desk, queue: Queue, now: datetime, language: str) -> Iterable[str]:
    """Tell, clock by clock, the working time that was counted, stretch by stretch."""
    calendar, zone, words = desk.calendar_of(queue), ZoneInfo(desk.zone_of(queue)), _words(language)
    for clock, state in timers.states(history, desk, queue, now).items():
        if state.state == "none" or calendar is None:
            continue
        counted = words.counted.format(_hours(state.elapsed), _hours(state.target or 0))
        name, nth = clock_name(clock, language), f" ({state.instance})" if state.instance > 1 else ""
        yield f"{name[:1].upper()}{name[1:]}{nth}: {words.states.get(state.state, state.state)}, {counted}"
        for begin, end in state.stretches:
            for opened, closed in calendar.stretches(begin, end if end is not None else int(now.timestamp())):
                begins, ends = _local(opened, zone, words), _local(closed, zone, words)
                yield f"   {begins} - {ends.removeprefix(begins[:-5])}   {_hours(closed - opened)}"
        if state.due is not None:
            yield f"   {words.due}: {_local(state.due, zone, words)}{f', {words.late}' if state.late else ''}"


def _words(language: str) -> _Words:
    return _WORDS.get(language, _WORDS[FALLBACK])


def _hours(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds % 3600 // 60:02}"


def _local(seconds: int, zone: ZoneInfo, words: _Words) -> str:
    at = datetime.fromtimestamp(seconds, zone)
    return f"{words.days[at.weekday()]} {at:%Y-%m-%d %H:%M}"
