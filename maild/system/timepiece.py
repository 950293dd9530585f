"""The machine's clock: whether it was set, and whether it may be wrong."""

from collections.abc import Callable
from datetime import datetime, timedelta

from maild import maillog

WAS_SET = timedelta(minutes=1)  # a clock that runs otherwise than time itself by so much was set
DOUBTED_SECONDS = 86_400.0  # a clock that was set forward is not believed for so long: what if it is wrong?
QUIET = timedelta(days=7)  # a daemon that begins so long after the last mail cannot tell a pause from a wrong clock


class Timepiece:
    """Compares the machine's clock with one that nobody sets.

    Args:
        steady: seconds of that one; None where the time that is told is not the machine's.
    """

    def __init__(self, steady: Callable[[], float] | None = None) -> None:
        self._steady = steady
        self._noticed: tuple[datetime, float] | None = None  # what both said last
        self._doubted_until = 0.0  # by the steady one

    def begin(self, now: datetime, last_mail_at: datetime | None) -> None:
        """Look before a daemon's first round whether the clock may be wrong."""
        if self._steady and last_mail_at is not None and now - last_mail_at > QUIET:
            self._doubted_until = self._steady() + DOUBTED_SECONDS

    def set_by(self, now: datetime) -> timedelta:
        """Return by how much the clock was set since this was asked last, zero where it was not."""
        if self._steady is None:
            return timedelta(0)
        steady, noticed = self._steady(), self._noticed
        self._noticed = now, steady
        was, then = noticed or (now, steady)
        moved = now - was - timedelta(seconds=steady - then)
        if abs(moved) < WAS_SET:
            return timedelta(0)
        maillog.clock_was_set(now - moved, now)
        self._doubted_until = steady + DOUBTED_SECONDS if moved > timedelta(0) else 0.0
        return moved

    @property
    def is_doubted(self) -> bool:
        """Whether what cannot be taken back should wait."""
        return self._steady is not None and self._steady() < self._doubted_until
