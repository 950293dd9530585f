"""Until when a person answers: what we may say, and how we learn what is true.

A promise is a UTC instant that is stored and never moved.  It is never before the due time and never in the past:
also for a mail that was fetched late, at least half an hour of work lies ahead.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Literal

from maild.hours.calendar import Calendar

QUARTER = 900
AT_LEAST = 30 * 60  # working seconds between telling and what is told

Names = Mapping[str, str]  # language, name
Manner = Literal["aim", "latest", "measured", "longer"]


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
    estimate: "Estimate",
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


# What experience says

ENOUGH = 30  # answered tickets; with fewer there is no experience
SETTLED = 14 * 86_400
USUALLY, AT_LATEST, CONFIDENCE = 0.8, 0.9, 0.9
MUCH_LONGER = 3
WORTH_TELLING = 0.15
WORKDAY = 8 * 3600  # to which much longer times are rounded


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long a first answer takes in a queue, in working seconds.

    seconds is what to promise, and manner how to say it: "aim" (no experience: we aim to), "latest" (the target, and
    it is kept), "measured" (longer than the target), "longer" (much longer than usual).  usually is given where four
    in five are answered in half the target.  alarm says what to tell the lead, or "".
    """

    seconds: int
    manner: Manner
    usually: int | None = None
    answered: int = 0
    unanswered: int = 0
    alarm: str = ""


def estimate(
    answered: Sequence[int],
    unanswered: Sequence[int],
    target: int,
    settled_for: int = SETTLED,
    previous: int | None = None,
) -> Estimate:
    """Return what may honestly be promised, from the recent past.

    Who counts only what is answered is wrong: the slow ones are not answered yet.  So those that wait stay in, as
    censored at their present age (Kaplan and Meier, J. Am. Stat. Assoc. 53, 1958), and the 90 % quantile is taken at
    its upper 90 % confidence bound by order statistics.

    Args:
        answered: working seconds from the first mail to the first answer, of the last 100 tickets, of 60 days.
        unanswered: ages in working seconds of those that still wait, or were closed without an answer.
        target: of the promise, in working seconds.
        settled_for: seconds since the desk's settings last changed; experience of other times is none.
        previous: what was promised so far; a change of less than 15 % is not worth telling.
    """
    oldest = max(unanswered, default=0)
    usually = quantile(answered, unanswered, USUALLY)
    latest = upper_quantile(answered, unanswered, AT_LATEST, CONFIDENCE)
    counts = (len(answered), len(unanswered))
    if len(answered) < ENOUGH or latest is None or settled_for < SETTLED:
        return Estimate(max(target, oldest), "aim", None, *counts, _alarm(oldest, target))
    if max(latest, oldest) <= target:
        quick = usually if usually is not None and usually <= target / 2 else None
        return Estimate(target, "latest", quick, *counts)
    seconds = max(latest, oldest)
    if latest > MUCH_LONGER * target:
        seconds = -(-seconds // WORKDAY) * WORKDAY
    if previous and previous >= oldest and abs(seconds - previous) <= WORTH_TELLING * previous:
        seconds = max(previous, target)
    return Estimate(
        seconds, "longer" if latest > MUCH_LONGER * target else "measured", None, *counts, _alarm(seconds, target)
    )


def quantile(answered: Sequence[int], unanswered: Sequence[int], level: float) -> int | None:
    """Return the least time by which that part is answered (Kaplan-Meier), or None: not reached."""
    times = sorted([(t, 0) for t in answered] + [(t, 1) for t in unanswered])  # at equal times answers come first
    left = 1.0
    for at_risk, (t, censored) in zip(range(len(times), 0, -1), times, strict=True):
        left *= 1.0 if censored else 1 - 1 / at_risk
        if left <= 1 - level + 1e-12:
            return t
    return None


def upper_quantile(answered: Sequence[int], unanswered: Sequence[int], level: float, confidence: float) -> int | None:
    """Return the upper confidence bound of a quantile; None with too few to say (22 for 90 % at 90 %).

    The bound is the k-th of n: k is the least with P(Bin(n, level) <= k - 1) >= confidence.
    """
    n, below = len(answered) + len(unanswered), 0.0
    for k in range(1, n + 1):
        ways = math.lgamma(n + 1) - math.lgamma(k) - math.lgamma(n - k + 2)  # of logarithms, for n may be thousands
        below += math.exp(ways + (k - 1) * math.log(level) + (n - k + 1) * math.log(1 - level))
        if below >= confidence:
            return quantile(answered, unanswered, (k - 0.5) / n)
    return None


def widened(seconds: int, kept_rates: Sequence[float]) -> int:
    """Return a longer promise when less than 85 % were kept on each of the last three days."""
    bad = len(kept_rates) >= 3 and all(rate < 0.85 for rate in kept_rates[-3:])
    return round(seconds * 1.25) if bad else seconds


def _alarm(seconds: int, target: int) -> str:
    return "promise_exceeds_sla" if seconds > target else ""
