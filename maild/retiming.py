"""Due times by the rules in force: made anew for each ticket, from its history, when these are others than before.

`maild check` makes them and the tickets themselves anew, where they are not what their histories make them.
"""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from maild.deciding.filing import retime
from maild.deciding.office import Office
from maild.store import file, folded, histories, tickets, timers
from maild.store.folded import Compared, Difference
from maild.store.write import Store, is_outage
from maild.system import durable
from maild.ticket.model import Status

_Row = tuple[object, ...]
MARK = "timed"  # in the folder of a site's state
TOGETHER = 64  # tickets that share a commit


class Retiming:
    """Knows which tickets are still to be timed; whoever begins after us goes on where we ended.

    Args:
        mark: a file that says by which rule set all due times were made; None where nobody goes on after us.
    """

    def __init__(self, store: Store, office: Callable[[], Office], mark: Path | None = None) -> None:
        self._store = store
        self._office = office
        self._mark = mark
        self._marked = _read(mark)
        self._timed_by = None if office().rules_changed else self._marked or office().ruleset
        self._untimed: list[int] = []

    def work(self, now: datetime) -> int:
        """Make due times anew; a ticket on which maild fails is left for later, and hinders no other.

        Raises:
            RuntimeError: maild failed on some.
        """
        office = self._office()
        if self._timed_by != office.ruleset:
            found = self._store.read(partial(timers.timed, statuses=timed_in(office)))
            self._untimed, self._timed_by = found, office.ruleset
        failures = self._try_all(office, now)
        if failures:
            self._untimed, (number, first) = list(failures), next(iter(failures.items()))
            raise RuntimeError(f"ticket {number}: {type(first).__name__}: {first}") from first
        if self._mark and self._marked != self._timed_by:  # killed before, we begin anew at the next start
            durable.write(self._mark, str(self._timed_by))
            self._marked = self._timed_by
        return 0

    def _try_all(self, office: Office, now: datetime) -> dict[int, Exception]:
        """Return on which tickets maild failed; after an outage these and those that are left are still untimed."""
        failures: dict[int, Exception] = {}
        while self._untimed:
            some = self._untimed[-TOGETHER:]
            try:
                failures |= rebuild(self._store, office, some, now)
            except Exception:
                self._untimed += failures
                raise
            del self._untimed[-len(some) :]
        return failures


def timed_in(office: Office) -> set[str]:
    """Return the statuses in which a ticket that has no timer may get one: a step was added to its ladder, perhaps."""
    live = {str(status) for status in Status if status is not Status.CLOSED}
    return live | {str(rule.every.status) for rule in office.rules if rule.every}


def _read(mark: Path | None) -> int | None:
    """Return by which rule set all due times were made, None where nothing says so."""
    with contextlib.suppress(OSError, ValueError):
        return int(mark.read_text()) if mark else None
    return None


def rebuild(store: Store, office: Office, numbers: Iterable[int], now: datetime) -> dict[int, Exception]:
    """Make the timers of some tickets anew from their histories; return at which maild failed.

    Raises:
        OperationalError: the database is gone (see `is_outage`).
    """
    works = {one: store.submit(partial(_rebuild_one, number=one, office=office, now=now)) for one in numbers}
    failures: dict[int, Exception] = {}
    for number, work in works.items():
        try:
            work.result()
        except Exception as error:
            if is_outage(error):
                raise
            failures[number] = error
    return failures


@dataclass(frozen=True, slots=True)
class Mended:
    """What was otherwise than histories make it: in tickets, and how many timers."""

    differences: tuple[Difference, ...] = ()
    timers: int = 0

    def __add__(self, other: "Mended") -> "Mended":
        return Mended(self.differences + other.differences, self.timers + other.timers)


def mend(store: Store, office: Office, numbers: Sequence[int], now: datetime) -> Mended:
    """Make tickets and their timers what their histories make them; what is so already is only looked at."""
    wrong = store.read(partial(_wrong, numbers=numbers, office=office, now=now))
    mended = (store.write(partial(_mend_one, number=number, office=office, now=now)) for number in wrong)
    return sum(mended, Mended())


def _wrong(connection: Connection, numbers: Sequence[int], office: Office, now: datetime) -> list[int]:
    found = {one.kept.number: one for one in folded.compared(connection, numbers)}
    kept = timers.rows(connection, tuple(found))
    made = {row for one in found.values() for row in _rows(one, office, now)}
    mistimed = {row[0] for row in kept ^ made}
    return [number for number, one in found.items() if number in mistimed or any(one.differences())]


def _mend_one(connection: Connection, number: int, office: Office, now: datetime) -> Mended:
    (one,) = folded.compared(connection, (number,))
    differences = tuple(one.differences())
    if differences:
        file.rewrite(connection, one.kept, one.folded)
    kept, made = timers.rows(connection, (number,)), _rows(one, office, now)
    if kept != made:
        timers.replace(connection, number, retime(office)(one.folded, one.history, now))
    return Mended(differences, len(kept ^ made))


def _rows(one: Compared, office: Office, now: datetime) -> set[_Row]:
    """Return the rows of the timers that a ticket's history makes."""
    made = retime(office)(one.folded, one.history, now)
    return {tuple(timers.row(one.kept.number, timer).values()) for timer in made}


def _rebuild_one(connection: Connection, number: int, office: Office, now: datetime) -> None:
    ticket = tickets.get(connection, number)
    assert ticket is not None
    timers.replace(connection, number, retime(office)(ticket, histories.of(connection, number), now))
