"""The definition of working time, carried out literally and slowly: every step of 15 minutes is looked at.

Shares nothing with maild.hours: openness comes from the mapping and from zoneinfo's wall clock, amounts from counting.
Openings, closings and clock changes lie on whole steps, so a step is open as a whole.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STEP = 900
DAY = 86_400
Spec = Mapping[str, Any]


class Oracle:
    def __init__(self, spec: Spec, horizon_days: int = 30) -> None:
        self.spec, self.zone, self.horizon = spec, ZoneInfo(spec["zone"]), horizon_days * 24 * 3600 // STEP
        self.hours_of = lru_cache(maxsize=None)(self._hours_of)
        self.step = lru_cache(maxsize=None)(self._step)
        self.reach = self.horizon * STEP - DAY

    def is_open(self, t: int) -> bool:
        return self.step(t // STEP)

    def between(self, a: int, b: int) -> int:
        if b < a:
            return -self.between(b, a)
        first, last = a // STEP, b // STEP
        whole = sum(STEP for step in range(first, last) if self.step(step))
        return whole - (a % STEP) * self.step(first) + (b % STEP) * self.step(last)

    def add(self, t: int, seconds: int) -> int | None:
        if seconds == 0:
            return t
        return self._forward(t, seconds) if seconds > 0 else self._back(t, -seconds)

    def next_open(self, t: int) -> int | None:
        return self._first(t, self.is_open)

    def next_close(self, t: int) -> int | None:
        opening = self.next_open(t)
        return None if opening is None else self._first(opening, lambda u: not self.is_open(u))

    def _first(self, t: int, holds: Callable[[int], bool]) -> int | None:
        if holds(t):
            return t
        steps = range(t // STEP + 1, t // STEP + self.horizon)
        return next((step * STEP for step in steps if holds(step * STEP)), None)

    def _forward(self, t: int, seconds: int) -> int | None:
        for step in range(t // STEP, t // STEP + self.horizon):
            here = max(t, step * STEP)
            length = (step + 1) * STEP - here
            if self.step(step):
                if length >= seconds:
                    return here + seconds
                seconds -= length
        return None

    def _back(self, t: int, seconds: int) -> int | None:
        for step in range((t - 1) // STEP, (t - 1) // STEP - self.horizon, -1):
            here = min(t, (step + 1) * STEP)
            length = here - step * STEP
            if self.step(step):
                if length >= seconds:
                    return here - seconds
                seconds -= length
        return None

    def _step(self, step: int) -> bool:
        wall = datetime.fromtimestamp(step * STEP, self.zone)
        now = wall.hour * 60 + wall.minute
        return any(begin <= now < end for begin, end in self.hours_of(wall.date()))

    def _hours_of(self, day: date) -> list[tuple[int, int]]:
        own = self.spec.get("dates", {}).get(str(day), {})
        if "open" in own:
            hours = [interval for pair in own["open"] for interval in _pieces(pair)[0]]
        elif str(day) in self.spec.get("holidays", ()):
            hours = []
        else:
            hours = self._of_the_week(day)
        for pair in own.get("closed", ()):
            begin, end = map(_minutes, pair)
            hours = [(a, min(b, begin)) for a, b in hours] + [(max(a, end), b) for a, b in hours]
        return hours

    def _of_the_week(self, day: date) -> list[tuple[int, int]]:
        weekly = self.spec.get("weekly", {})
        today = [one for pair in weekly.get(NAMES[day.weekday()], ()) for one in _pieces(pair)[0]]
        before = NAMES[(day - timedelta(days=1)).weekday()]
        return today + [one for pair in weekly.get(before, ()) for one in _pieces(pair)[1]]


def _pieces(pair: tuple[str, str]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return what an interval opens on its own date, and on the next."""
    begin, end = map(_minutes, pair)
    return ([(begin, end)], []) if begin < end else ([(begin, 1440)], [(0, end)])


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
