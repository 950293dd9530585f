"""Lengths of time as people write them: "8wh", "30wm", "2h", "3d", "1wh 30wm", "5 working days", "75%", "100% + 2wh".

wh and wm are working time, counted by a calendar; h, m, s and d pass on any clock.  A bare number is refused, for
nobody can tell what it means.

"N working days" ends at the last closing of the N-th working day after the date from which one counts.  That date
itself does not count, as in a contract: from any moment of Monday, one working day ends on Tuesday evening.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from maild.hours.calendar import Calendar

UNITS = 'write working time as "8wh" or "30wm", clock time as "2h", "30m", "45s" or "3d", or "5 working days"'
SECONDS = {"wh": 3600, "wm": 60, "d": 86_400, "h": 3600, "m": 60, "s": 1}


class DurationError(ValueError):
    """A length of time that cannot be meant.  The text is shown to the operator as it stands."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time of one kind: working seconds, seconds on any clock, or working days."""

    working: int = 0
    clock: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Offset:
    """A place on a clock's way: percent of the target, and from there working and real seconds on or back."""

    percent: int = 100
    working: int = 0
    clock: int = 0

    def seconds(self, target: int) -> int:
        """Return the working seconds from the clock's start to this place; the real ones come on top.

        The part of a target is rounded up, for a place is the first instant by which as much has passed.
        """
        return -(-target * self.percent // 100) + self.working


def parse(text: str) -> Duration:
    """Read a length of time.

    Raises:
        DurationError: it cannot be meant; show the text to the operator.
    """
    days = _DAYS.fullmatch(text.strip().lower())
    if days:
        return Duration(days=_positive(int(days[1]), text))
    working, clock = _sum(text.strip().lower(), text)
    if working and clock:
        raise DurationError(f'"{text}" mixes working time and clock time; use one of them')
    _positive(working + clock, text)
    return Duration(working, clock)


def parse_offset(text: str) -> Offset:
    """Read a place on a ladder: "75%", "100% + 2wh", "+2h" (after the due time), "-30wm" (before it).

    Raises:
        DurationError: it cannot be meant; show the text to the operator.
    """
    found = _OFFSET.fullmatch(text.strip().lower())
    if not found or not (found["percent"] or found["sign"]):
        raise DurationError(f'"{text}" is not a place on a ladder; write "75%", "100% + 2wh" or "-30wm"')
    percent = int(found["percent"] or 100)
    if percent == 0:
        raise DurationError(f'"{text}" is the start itself; write at least 1%')
    if not found["sign"]:
        return Offset(percent)
    working, clock = _sum(found["rest"], text)
    sign = -1 if found["sign"] in "-−–" else 1
    return Offset(percent, sign * working, sign * clock)


def later(calendar: Calendar | None, at: int, duration: Duration) -> int | None:
    """Return the instant that lies a length of time after another, or None: never.

    Working time needs a calendar; without one it never passes.
    """
    if duration.clock:
        return at + duration.clock
    if calendar is None:
        return None
    return calendar.end_of_working_day(at, duration.days) if duration.days else calendar.add(at, duration.working)


def in_words(text: str, language: str) -> str:
    """Return a length of time of the rule files in words of a language: "5 darba dienas"; "" for never."""
    if not text:
        return ""
    length = parse(text)
    units = (
        ("working days", length.days, 1),
        ("working hours", length.working, SECONDS["h"]),
        ("days", length.clock, 0 if length.clock % SECONDS["d"] else SECONDS["d"]),
        ("hours", length.clock, SECONDS["h"]),
    )
    unit, amount, size = next(one for one in units if one[1] and one[2])
    count = -(-amount // size)
    one = count % 10 == 1 and count % 100 != 11 if language == "lv" else count == 1
    return f"{count} {WORDS.get(language, WORDS['en'])[unit][0 if one else 1]}"


WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {  # one and many; in Latvian as after "ja": for so long
    "en": {
        "working days": ("working day", "working days"),
        "working hours": ("working hour", "working hours"),
        "days": ("day", "days"),
        "hours": ("hour", "hours"),
    },
    "lv": {
        "working days": ("darba dienu", "darba dienas"),
        "working hours": ("darba stundu", "darba stundas"),
        "days": ("dienu", "dienas"),
        "hours": ("stundu", "stundas"),
    },
}
_DAYS = re.compile(r"(\d+) *(?:working days?|wd)")
_PART = re.compile(r" *(\d+) *(wh|wm|d|h|m|s)(?![a-z])")
_OFFSET = re.compile(r"(?:(?P<percent>\d+) *%)?(?: *(?P<sign>[-+−–]) *(?P<rest>.+))?")


def _sum(words: str, text: str) -> tuple[int, int]:
    """Return the working and the clock seconds of one or more numbers with units."""
    working = clock = end = 0
    while part := _PART.match(words, end):
        number, unit = int(part[1]), part[2]
        if unit in ("wh", "wm"):
            working += number * SECONDS[unit]
        else:
            clock += number * SECONDS[unit]
        end = part.end()
    if words.strip().isdigit():
        raise DurationError(f'"{text}" has no unit; {UNITS}')
    if words[end:].strip() or not words:
        raise DurationError(f'"{text}" is not a length of time; {UNITS}')
    return working, clock


def _positive(amount: int, text: str) -> int:
    if amount <= 0:
        raise DurationError(f'"{text}" is no time at all; {UNITS}')
    return amount
