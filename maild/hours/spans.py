"""Days as people write them: "tomorrow", "until fri", "21.12. - 3.1.", "2026-12-21..2027-01-03", "3d".

The first day and the last are both meant: an agent who is away until Friday is away on Friday.  A spell is what
somebody said about days, that he is away or here; the last word on a day counts.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from maild.hours import instants
from maild.hours.instants import MomentError

MOST_DAYS = 366
HOW = 'write it as "tomorrow", "until fri", "2026-12-21..2027-01-03" or "3d"'
_DAY = timedelta(days=1)
_FROM = re.compile(r"(?:from|on|no|с|со) ")
_UNTIL = re.compile(r"\s*\.\.\.?\s*|\s*…\s*|\s*–\s*|\s+-\s+|(?<=\.)-|(?:^|\s+)(?:until|till|through|to|līdz|до|по)\s+")


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """A first day, a last one, and all between."""

    first: date
    last: date

    def __iter__(self) -> Iterator[date]:
        return (self.first + n * _DAY for n in range((self.last - self.first).days + 1))

    def __str__(self) -> str:
        return f"{self.first}..{self.last}" if self.first != self.last else f"{self.first}"


def parse(text: str, today: date, written_on: date | None = None) -> Days:
    """Return the days that are meant; "" is today.

    Args:
        written_on: as of which day the words are meant, None for today.

    Raises:
        MomentError: they cannot be meant, have passed, or lie more than a year ahead.
    """
    found = _meant(" ".join(text.lower().strip(" .,;!").split()), written_on or today)
    if found is None:
        raise MomentError("{!r} is no day; {}", text, HOW)
    first, last = found.first, found.last
    if last < today:
        raise MomentError("{!r} has passed", text or str(last))
    if (last - today).days > MOST_DAYS:
        raise MomentError("{!r} is more than a year ahead", text)
    if last < first:
        raise MomentError("{!r} ends before it begins", text)
    return Days(max(first, today), last)


def _meant(words: str, today: date) -> Days | None:
    count = instants.days_of(words.removeprefix("for "))
    if count is not None:
        return Days(today, today + (count - 1) * _DAY) if count else None
    words = _FROM.sub("", words, count=1) if _FROM.match(words) else words
    begins, *rest = _UNTIL.split(words, maxsplit=1)
    first = instants.date_of(begins, today) if begins else today
    last = instants.date_of(rest[0], first or today) if rest else first
    if first is None or last is None:
        return None
    if rest and not begins and instants.is_weekday(rest[0]) and last == today:
        last += timedelta(days=7)  # nobody says on a Friday "until Friday" of that day
    return Days(first, last)


@dataclass(frozen=True, slots=True)
class Spell:
    """Somebody is away on some days, or is here after all."""

    days: Days
    away: bool

    def __str__(self) -> str:
        return f"{'away' if self.away else 'here'} {self.days.first}..{self.days.last}"


def read(text: str) -> tuple[Spell, ...]:
    """Understand what `write` wrote; "" is nothing."""
    return tuple(_spell(*line.split(" ")) for line in text.splitlines())


def _spell(word: str, span: str) -> Spell:
    first, _, last = span.partition("..")
    return Spell(Days(date.fromisoformat(first), date.fromisoformat(last)), word == "away")


def write(spells: Iterable[Spell]) -> str:
    return "\n".join(map(str, spells))


def joined(before: Iterable[Spell], new: Spell, today: date) -> tuple[Spell, ...]:
    """Return all that was said about days to come, the last word on each; what has passed is forgotten."""
    said = {day: one.away for one in (*before, new) for day in one.days if day >= today}
    return tuple(
        sorted(
            (Spell(days, away) for away in (True, False) for days in stretches(d for d in said if said[d] is away)),
            key=lambda one: one.days,
        )
    )


def stretches(days: Iterable[date]) -> tuple[Days, ...]:
    """Return days that follow each other as one stretch each."""
    found: list[Days] = []
    for day in sorted(set(days)):
        if found and day - found[-1].last == _DAY:
            found[-1] = Days(found[-1].first, day)
        else:
            found.append(Days(day, day))
    return tuple(found)
