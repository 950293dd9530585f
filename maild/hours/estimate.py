"""How long first answers take, and what of that may be told, from the answers of late and from those who still wait."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Manner = Literal["aim", "latest", "measured", "longer"]

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

    To count only what is answered would be wrong: the slow ones are not answered yet.  So those that wait stay in, as
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
    seconds, much_longer = max(latest, oldest), latest > MUCH_LONGER * target
    if seconds <= target:
        quick = usually if usually is not None and usually <= target / 2 else None
        return Estimate(target, "latest", quick, *counts)
    if much_longer:
        seconds = -(-seconds // WORKDAY) * WORKDAY
    if previous and previous >= oldest and abs(seconds - previous) <= WORTH_TELLING * previous:
        seconds = max(previous, target)
    return Estimate(seconds, "longer" if much_longer else "measured", None, *counts, _alarm(seconds, target))


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
