"""When a zone's clock changes, as sorted UTC seconds: read once from the TZif file, then only looked up.

zoneinfo answers "which offset at t" but does not tell its table, and probing it for one takes 15 ms a zone; so the
file is read here.  The same places are searched in the same order as zoneinfo does: its TZPATH, then the tzdata
package.  From the last change in the file on, its POSIX rule is followed up to 2101.

Standards: RFC 9636 (TZif), POSIX.1-2024 section 8.3 (TZ), as extended by RFC 9636 section 3.3.1.
"""

import re
import struct
import zoneinfo
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from maild.nearest import did_you_mean

DAY = 86_400
FAR_PAST = -(10**18)
FIRST = 365 * DAY  # 1971-01-01: what was before is not looked at
LAST_YEAR = 2101
EPOCH = date(1970, 1, 1).toordinal()


class UnknownZone(ValueError):
    """No zone of that name is installed; the text names the nearest spelling."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone's offsets from UTC: offsets[k] seconds hold from starts[k], inclusive, to starts[k + 1], exclusive."""

    name: str
    starts: tuple[int, ...]
    offsets: tuple[int, ...]

    def offset(self, t: int) -> int:
        """Return what the zone's clock shows more than UTC at t, in seconds."""
        return self.offsets[bisect_right(self.starts, t) - 1]

    def first_at(self, wall: int) -> int:
        """Return the first instant at which the zone's clock shows `wall` seconds since 1970, or has just passed it."""
        k = bisect_right(self.starts, wall - max(self.offsets)) - 1
        while k + 1 < len(self.starts) and self.starts[k + 1] + self.offsets[k] <= wall:
            k += 1
        return max(wall - self.offsets[k], self.starts[k])


@lru_cache(maxsize=256)
def load(name: str) -> Zone:
    """Return the table of an IANA zone.

    Raises:
        UnknownZone: no such zone is installed; show the text to the operator.
    """
    if name == "UTC":
        return Zone("UTC", (FAR_PAST,), (0,))
    try:
        return _table(name, _bytes_of(name))
    except (LookupError, ValueError, OSError, struct.error):
        raise UnknownZone(_unknown(name)) from None


def _unknown(name: str) -> str:
    remedy = did_you_mean(name, zoneinfo.available_timezones(), "write a name of the IANA list, such as Europe/Riga")
    return f'unknown zone "{name}"; {remedy}'


def _bytes_of(name: str) -> bytes:
    """Find a zone's file as zoneinfo does: on its path, then in the tzdata package."""
    parts = name.split("/")
    if not name or any(part in ("", ".", "..") for part in parts):
        raise LookupError(name)
    for folder in zoneinfo.TZPATH:
        path = Path(folder, *parts)
        if path.is_file():
            return path.read_bytes()
    package = ".".join(("tzdata.zoneinfo", *parts[:-1]))
    return resources.files(package).joinpath(parts[-1]).read_bytes()


def _table(name: str, data: bytes) -> Zone:
    times, offsets, first, rule = _read(data)
    starts, values = [FAR_PAST], [first]
    changes = list(zip(times, offsets, strict=True))
    after = times[-1] if times else FAR_PAST
    for at, offset in (*changes, *_changes_by_rule(rule, after)):
        if at < FIRST:
            values[0] = offset
        elif offset != values[-1]:
            starts.append(at)
            values.append(offset)
    return Zone(name, tuple(starts), tuple(values))


class _Block(NamedTuple):
    """The counts in a TZif header (RFC 9636 section 3.1)."""

    utc: int
    standard: int
    leaps: int
    times: int
    types: int
    letters: int

    def size(self, width: int) -> int:
        """Return the bytes of the data block behind the header, for times of `width` bytes."""
        return (
            self.times * (width + 1)
            + self.types * 6
            + self.letters
            + self.leaps * (width + 4)
            + self.standard
            + self.utc
        )


def _read(data: bytes) -> tuple[tuple[int, ...], list[int], int, str]:
    """Return the instants of change, the offset from each on, the offset before all, and the rule after all."""
    if data[:4] != b"TZif":
        raise ValueError("not a TZif file")
    block = _Block(*struct.unpack_from(">6l", data, 20))
    start, width, rule = 44, 4, ""
    if data[4:5] >= b"2":
        header = 44 + block.size(4)
        block = _Block(*struct.unpack_from(">6l", data, header + 20))
        start, width = header + 44, 8
        rule = data[start + block.size(8) :].strip(b"\n").decode("ascii")
    times = struct.unpack_from(f">{block.times}{'q' if width == 8 else 'l'}", data, start)
    kinds = data[start + block.times * width :][: block.times]
    types = start + block.times * (width + 1)
    utc_offsets = [struct.unpack_from(">l", data, types + 6 * i)[0] for i in range(block.types)]
    return times, [utc_offsets[kind] for kind in kinds], utc_offsets[0], rule


_NAME = r"(?:<[^>]+>|[A-Za-z]+)"
_TIME = r"[+-]?\d+(?::\d+){0,2}"
_RULE = re.compile(rf"{_NAME}({_TIME})(?:{_NAME}({_TIME})?(?:,([^,/]+)(?:/({_TIME}))?,([^,/]+)(?:/({_TIME}))?)?)?")


def _changes_by_rule(rule: str, after: int) -> list[tuple[int, int]]:
    """Return (instant, new offset) of every change that a POSIX rule makes after an instant, up to 2101."""
    found = _RULE.fullmatch(rule)
    if not found:
        return []
    standard = -_seconds(found[1])
    if not found[3]:
        return []
    summer = -_seconds(found[2]) if found[2] else standard + 3600
    begins, ends = _seconds(found[4] or "2"), _seconds(found[6] or "2")
    first = 1970 if after < 0 else date.fromordinal(EPOCH + after // DAY).year
    changes = []
    for year in range(first, LAST_YEAR + 1):
        changes.append((_day_of(found[3], year) * DAY + begins - standard, summer))
        changes.append((_day_of(found[5], year) * DAY + ends - summer, standard))
    return sorted(change for change in changes if change[0] > after)


def _seconds(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    hours, minutes, seconds, *_ = (*(int(part) for part in text.lstrip("+-").split(":")), 0, 0)
    return sign * (hours * 3600 + minutes * 60 + seconds)


def _day_of(rule: str, year: int) -> int:
    """Return the day number since 1970 that a rule such as "M3.5.0", "J60" or "59" means in a year."""
    if rule.startswith("M"):
        month, week, weekday = (int(part) for part in rule[1:].split("."))
        return _nth_weekday(year, month, week, weekday)
    first = date(year, 1, 1).toordinal() - EPOCH
    if not rule.startswith("J"):
        return first + int(rule)
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return first + int(rule[1:]) - 1 + (leap and int(rule[1:]) >= 60)


def _nth_weekday(year: int, month: int, week: int, weekday: int) -> int:
    """weekday 0 is Sunday; week 5 is the last one."""
    first = date(year, month, 1).toordinal() - EPOCH
    following = date(year + month // 12, month % 12 + 1, 1).toordinal() - EPOCH
    day = first + (weekday - (first + 4)) % 7 + 7 * (week - 1)  # 1970-01-01 was a Thursday
    return day if day < following else day - 7
