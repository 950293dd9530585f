"""What a server did not give when it was asked, and whether that is a mail's fault or the server's own."""

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

TRIES = 3
ILL_SECONDS = 86_400.0  # nothing at all for so long: then it is the mail


@dataclass(slots=True)
class _Tried:
    since: float
    answers: int  # that the server had given until then
    count: int = 0
    blamed: int = 0  # of these, while the server answered


class FetchTries:
    """How often each mail of a folder was asked for in vain, over all connections.

    A try counts against a mail once the server has answered for another since the first: it may be the only one that
    is new, and the server's storage away for an hour.

    Args:
        now: seconds of a clock that nobody sets.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._tried: dict[int, _Tried] = {}
        self._answers = 0

    def __bool__(self) -> bool:
        return bool(self._tried)

    def count(self, uid: int) -> int:
        return self._tried[uid].count if uid in self._tried else 0

    def begin(self, uids: Iterable[int]) -> None:
        """Count a try for each, until it is given."""
        for uid in uids:
            one = self._tried.setdefault(uid, _Tried(self._now(), self._answers))
            one.count += 1
            one.blamed += self._answers > one.answers

    def take_back(self, uids: Iterable[int]) -> None:
        """Count the last try for none of those that were not given."""
        for uid in self._tried.keys() & set(uids):
            one = self._tried[uid]
            one.count, one.blamed = one.count - 1, max(0, one.blamed - 1)

    def answered(self) -> None:
        """Note that the server gave what it was asked for, or said that there is nothing."""
        self._answers += 1

    def forget(self, uids: Iterable[int]) -> None:
        for uid in uids:
            self._tried.pop(uid, None)

    def forget_others(self, there: Collection[int]) -> None:
        self.forget(self._tried.keys() - set(there))

    def worn_out(self, uid: int) -> bool:
        """Tell whether a mail that is being tried was tried often enough, and is to blame."""
        one = self._tried[uid]
        return one.blamed >= TRIES or (one.count > TRIES and self._now() - one.since > ILL_SECONDS)
