"""How we stand with the next server: whether it takes mails from us now, by what it has answered.

A refusal of us stops the sending, trouble that passes lets us wait; then one mail shows whether it takes any again.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import assert_never

from maild.outbound.backoff import Backoff
from maild.outbound.outcome import Busy, Deferred, Failed, InDoubt, Outcome, Sent, Stop
from maild.outbound.retry import LONGEST_AWAY

REFUSED = (timedelta(minutes=1), timedelta(minutes=15))  # the pauses, the first and the longest
BUSY = (timedelta(seconds=5), timedelta(minutes=5))


class Standing:
    """What is known of the next server; mails are told apart by their numbers."""

    def __init__(self) -> None:
        self._refused, self._busy = Backoff(*REFUSED), Backoff(*BUSY)
        self._stopped_at: dict[int, int] = {}  # mails at which we were refused, and how many had left by then
        self._left = 0

    @property
    def stopped(self) -> str:
        """What the next server said when it would not have us; "" as soon as a mail has left."""
        return self._refused.why

    def away(self, now: datetime) -> tuple[datetime, str] | None:
        """Since when it takes nothing, and what was heard of it last; None as soon as it answers.

        Where nothing waits for it any more, as another daemon has sent it, nobody asks how it is.
        """
        busy = self._busy
        if busy.since is None or busy.heard_at is None or now - busy.heard_at > 2 * LONGEST_AWAY:
            return None
        return busy.since, busy.why

    def pauses(self, now: datetime) -> bool:
        """Whether it is left in peace for now."""
        return self._refused.holds(now) or self._busy.holds(now)

    @property
    def asks_again(self) -> bool:
        """Whether one mail is to show if it takes any again; what hangs since before shows nothing."""
        return bool(self._refused.why or self._busy.why)

    @property
    def suspects(self) -> Collection[int]:
        """The mails at which we were refused, while we are: perhaps it is these alone, and another shows it."""
        return self._stopped_at if self._refused.why else ()

    def is_of_mail(self, number: int, refusal: Stop) -> bool:
        """Whether a refusal is this mail's own trouble: others were taken since we were refused at it."""
        return refusal.of_mail and self._left > self._stopped_at.get(number, self._left)

    def heard(self, number: int, outcome: Outcome, now: datetime) -> timedelta | None:
        """Note what an answer says of the server, whatever it says of the mail; return how long we wait from now on.

        None where nothing changes by it.
        """
        match outcome:
            case Stop(reply):
                self._stopped_at[number] = self._left
                return self._refused.begin(reply, now)
            case Busy(reply):
                return self._busy.begin(reply, now)
            case Sent():
                self._left += 1
                self._stopped_at.pop(number, None)
                self._refused.end(now)
                self._busy.end(now)
            case Failed():
                self._stopped_at.pop(number, None)
                self._busy.end(now)
            case Deferred():
                self._busy.end(now)  # it answers
            case InDoubt():
                pass
            case _:
                assert_never(outcome)
        return None
