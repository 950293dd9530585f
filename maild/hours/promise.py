"""Until when a person answers: what a customer may be told.  What experience says about it: estimate.py.

A promise is a UTC instant that is stored and never moved.  It is never before the due time and never in the past:
also for a mail that was fetched late, at least half an hour of work lies ahead.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from maild.hours.calendar import Calendar
from maild.hours.estimate import Estimate, Manner

QUARTER = 900
AT_LEAST = 30 * 60  # working seconds between telling and what is told

Names = Mapping[str, str]  # language, name


@dataclass(frozen=True, slots=True)
class Closing:
    """A date on which the desk is closed although its weekday is not; names by language, if it has any."""

    day: date
    names: tuple[tuple[str, str], ...] = ()

    def name(self, language: str) -> str:
        """Return the name in a language, else in English, else ""."""
        known = dict(self.names)
        return known.get(language) or known.get("en", "")


@dataclass(frozen=True, slots=True)
class Promise:
    """What a customer may be told of the time of an answer.

    Attributes:
        until: the latest moment at which a person answers; UTC seconds, on a quarter of an hour or a closing.
        because: where it comes from, for history and log.
        due: when the answer is due by the target; never after until.
        closed_now: whether the desk is closed at the time of telling.
        opens_at: when it opens, if it is closed.
        closings: days between now and then on which it is closed out of its week's order.
        uncertain: the holidays are not known that far; then no time is told.
        manner: how surely it may be said.
        usually: working seconds in which four in five are answered, where that is much sooner.
    """

    until: int
    because: str
    due: int
    closed_now: bool = False
    opens_at: int | None = None
    closings: tuple[Closing, ...] = ()
    uncertain: bool = False
    manner: Manner = "latest"
    usually: int | None = None

    @property
    def until_at(self) -> datetime:
        return datetime.fromtimestamp(self.until, UTC)


def make(
    calendar: Calendar | None,
    received: int,
    now: int,
    seconds: int,
    holidays: Mapping[str, Names] | None = None,
    because: str = "",
    manner: Manner = "latest",
) -> Promise | None:
    """Return what may be promised to a mail, or None: there is no calendar, or it never opens long enough.

    Args:
        calendar: of the queue.
        received: when our server took the mail, never what its Date says; later than now is taken as now.
        now: when it is told.
        seconds: working seconds to the answer: the target, or what experience says (see estimate).
        holidays: names by ISO date and language.
        because: where `seconds` comes from; else its length is named.
        manner: how surely it may be said (see Estimate).
    """
    if calendar is None:
        return None
    due, soonest = calendar.add(min(received, now), seconds), calendar.add(now, AT_LEAST)
    if due is None or soonest is None:
        return None
    until = _rounded(calendar, max(due, soonest))
    return Promise(
        until,
        because or in_hours(seconds),
        due,
        not calendar.is_open(now),
        None if calendar.is_open(now) else calendar.next_open(now),
        tuple(_closing(day, holidays or {}) for day in calendar.closings(now, until)),
        not calendar.is_certain(until),
        manner,
    )


def expected(
    calendar: Calendar | None,
    received: int,
    now: int,
    estimate: Estimate,
    holidays: Mapping[str, Names] | None = None,
) -> Promise | None:
    """Return what may be promised to a mail by experience."""
    hours = in_hours(estimate.seconds)
    because = f"{hours}, by experience" if estimate.manner in ("measured", "longer") else hours
    made = make(calendar, received, now, estimate.seconds, holidays, because, estimate.manner)
    return replace(made, usually=estimate.usually) if made else None


def in_hours(seconds: int) -> str:
    return f"{seconds / 3600:g} working hour{'' if seconds == 3600 else 's'}"


def _rounded(calendar: Calendar, t: int) -> int:
    """Round up to a quarter of an hour on the desk's clock, but not over the closing."""
    offset = calendar.offset(t)
    rounded = -(-(t + offset) // QUARTER) * QUARTER - offset
    closing = calendar.next_close(t - 1)  # the second before t is open, or t would not be the first to fulfil it
    return rounded if closing is None else min(rounded, closing)


def _closing(day: date, holidays: Mapping[str, Names]) -> Closing:
    return Closing(day, tuple(sorted(holidays.get(str(day), {}).items())))
