"""Work at which maild itself fails is set aside and tried again later; the rest goes on, and the operator is told."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from maild import maillog
from maild.store.write import is_outage

Item = TypeVar("Item")

AGAIN = timedelta(minutes=15)  # until it is tried again


class SetAside:
    """Works, by their names, and tickets, by their numbers, at which we failed."""

    def __init__(self) -> None:
        self._failed: dict[str | int, tuple[datetime, str]] = {}  # when to try again, and why

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why each was set aside."""
        return {_named(what): why for what, (_, why) in self._failed.items()}

    def attempt(self, what: str | int, work: Callable[[datetime], int], now: datetime) -> int:
        """Do a work unless it is set aside, and return what it returns; 0 if we fail, which sets it aside.

        Raises:
            Exception: an outage is no failure of ours.
        """
        if self.has(what, now):
            return 0
        try:
            done = work(now)
        except Exception as error:
            if is_outage(error):
                raise
            self._failed[what] = (now + AGAIN, f"{type(error).__name__}: {error}")
            maillog.failed_at(_named(what), error)
            return 0
        self._failed.pop(what, None)
        return done

    def has(self, what: str | int, now: datetime) -> bool:
        again, _ = self._failed.get(what, (now, ""))
        return again - AGAIN <= now < again  # before that, the clock was set back

    def tickets(self, now: datetime) -> list[int]:
        return [what for what in self._failed if isinstance(what, int) and self.has(what, now)]

    def forget_tickets_but(self, due: Collection[int]) -> None:
        """Fail no more at tickets of which nothing is due any more: a mail or a word moved their timers meanwhile."""
        for what in [what for what in self._failed if isinstance(what, int) and what not in due]:
            del self._failed[what]


def each(work: Callable[[Item], int], items: Iterable[Item]) -> int:
    """Do a work with one item after the other, and return the sum; one at which we fail hinders none behind it.

    Raises:
        Exception: what we failed at first, once the others are done; an outage at once.
    """
    done = 0
    failures: list[Exception] = []
    for item in items:
        try:
            done += work(item)
        except Exception as error:
            if is_outage(error):
                raise
            failures.append(error)
    if failures:
        raise failures[0]
    return done


def _named(what: str | int) -> str:
    return what if isinstance(what, str) else f"ticket {what}"
