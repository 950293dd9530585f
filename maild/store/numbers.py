"""The numbers of tickets: the next one to be given, and the handle of each."""

import bisect
import os
import threading
from functools import partial

from sqlalchemy import Connection, select, text

from maild.store.tables import OUTBOX, TICKET
from maild.store.write import Store
from maild.ticket.facts import Fresh


def handles(connection: Connection) -> dict[int, int]:
    """Return every ticket's handle by its number."""
    return {row.number: row.handle for row in connection.execute(select(TICKET.c.number, TICKET.c.handle))}


class Numbers:
    """The numbers of new tickets, from the first on.  One that was taken for a plan that failed is never used again."""

    def __init__(self, store: Store, first: int = 1) -> None:
        self._store = store
        self._first = first
        self._lock = threading.Lock()
        self._last: int | None = None
        self._spare: list[Fresh] = []

    def next(self) -> int:
        return self._next(1)[0]

    def take(self, count: int) -> list[Fresh]:
        """Return numbers and handles of tickets that may be opened."""
        with self._lock:
            spare, self._spare = self._spare[:count], self._spare[count:]
        missing = self._next(count - len(spare)) if len(spare) < count else []
        return spare + [Fresh(number, int.from_bytes(os.urandom(5), "big")) for number in missing]

    def give_back(self, one: Fresh) -> None:
        """Let somebody else have what was not needed."""
        with self._lock:
            bisect.insort(self._spare, one, key=lambda spare: spare.number)

    def anew(self) -> Fresh:
        """Draw one that is beyond all that somebody beside this process has used meanwhile."""
        with self._lock:
            self._spare = []
            if self._last is not None:
                self._last = max(self._last, self._store.read(_largest))
        return self.take(1)[0]

    def _next(self, count: int) -> list[int]:
        if not self._store.sqlite:
            self._begin()
            query = text("select nextval('ticket_number') from generate_series(1, :count)")
            return [int(row[0]) for row in self._store.read(lambda c: c.execute(query, {"count": count}).all())]
        with self._lock:
            if self._last is None:
                self._last = max(self._store.read(_largest), self._first - 1)
            first, self._last = self._last + 1, self._last + count
            return list(range(first, self._last + 1))

    def _begin(self) -> None:
        """Raise PostgreSQL's own numbers, once, to where they are to begin; they never go back.

        As to draw one, it is done beside the writer, who may be what draws, and would wait for himself.
        """
        if self._first > 1:
            self._store.read(partial(_raise_sequence, before=self._first - 1))
            self._first = 1


def _raise_sequence(connection: Connection, before: int) -> None:
    """Two daemons that did it at once could give a number twice, so they wait for each other."""
    connection.execute(text("select pg_advisory_xact_lock(hashtext('ticket_number'))"))
    raising = text("select setval('ticket_number', :before) from ticket_number where last_value <= :before")
    connection.execute(raising, {"before": before})


def _largest(connection: Connection) -> int:
    """Return the largest number of a ticket that is, was erased, or may have been mailed before a restore."""
    ticket = connection.execute(text("select seq from sqlite_sequence where name = 'ticket'")).scalar() or 0
    mailed = connection.execute(select(OUTBOX.c.ticket).order_by(OUTBOX.c.id.desc()).limit(1)).scalar() or 0
    return max(int(ticket), int(mailed))
