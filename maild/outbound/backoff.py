"""How long the next server is left in peace when it takes nothing from us: it need not be asked once for each mail."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class Backoff:
    """Nothing is tried until the wait is over; then one mail, and each time that it is in vain the wait doubles."""

    first: timedelta
    longest: timedelta
    why: str = ""  # what the server said last; "" while all is well
    since: datetime | None = None  # when it began; None while all is well
    heard_at: datetime | None = None  # when it was found so last
    _until: datetime | None = None
    _wait: timedelta = timedelta(0)

    def begin(self, why: str, now: datetime) -> timedelta | None:
        """Wait from now on, and return how long; None where we wait already, for attempts fail together."""
        self.heard_at = now
        if self.holds(now):
            return None
        self._wait = min(2 * self._wait, self.longest) if self.why else self.first
        self.since = min(self.since or now, now)  # the clock may have been set back
        self.why, self._until = why or "no reason given", now + self._wait
        return self._wait

    def end(self, now: datetime) -> None:
        """All is well again; what was said before the wait began, and is heard in it, says nothing about that."""
        if not self.holds(now):
            self.why, self.since, self._until = "", None, None

    def holds(self, now: datetime) -> bool:
        """Tell whether the wait goes on."""
        if self._until is None:
            return False
        return self._until - self._wait <= now < self._until  # before it began: the machine's clock was set back
