"""Where mails are drafted: in separate processes, each with a connection of its own, or in a thread of this one."""

import copyreg
import os
import pickle
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import datetime
from functools import lru_cache, partial
from operator import attrgetter
from typing import get_args

from maild.deciding import clerk
from maild.deciding.clerk import Task
from maild.deciding.judge import Judged
from maild.deciding.office import Mail, Office
from maild.deciding.workers import Workers
from maild.identity.evidence import Trust
from maild.message.model import Envelope, Letter
from maild.store.filing import Addressed, Filing
from maild.store.intake import Received
from maild.store.write import Store, reading_at
from maild.ticket.change import Change
from maild.ticket.facts import Versions
from maild.ticket.plan import Person, Plan, SendMail


class Drafting:
    """Drafts a site's mails.

    Args:
        observe: is shown each mail that is drafted in this process, with what was judged of it.
    """

    def __init__(
        self, store: Store, workers: Workers, observe: Callable[[Mail, Judged], None] = lambda _mail, _judged: None
    ) -> None:
        self._store = store
        self._workers = workers
        self._observe = observe
        self._packed: tuple[Office, bytes] | None = None

    def begin(self, office: Office) -> None:
        """Start the processes now: else they start with the first mail, and it waits for them."""
        if self._workers.apart:
            self._workers.begin(partial(get_ready, office=self._pack(office), url=self._store.url))

    async def draft(self, tasks: Sequence[Task], office: Office, now: datetime) -> list[Filing | Exception]:
        """Return what is to be filed of each mail, or how we failed at it.

        Where agents are chosen by how much each has, one process drafts all: who has fewest is known when all that
        came before is decided.
        """
        return await self._workers.do(self._work(office, now), tasks, whole=bool(office.takers))

    def _work(self, office: Office, now: datetime) -> Callable[[Sequence[Task]], list[Filing | Exception]]:
        """Return how it is drafted: in another process with what can be sent there, in this one with what there is."""
        if self._workers.apart:
            return partial(draft_apart, office=self._pack(office), url=self._store.url, now=now)
        return partial(self._draft_here, office=office, now=now)

    def _pack(self, office: Office) -> bytes:
        if self._packed is None or self._packed[0] is not office:
            self._packed = (office, pickle.dumps(office))
        return self._packed[1]

    def _draft_here(self, tasks: Sequence[Task], office: Office, now: datetime) -> list[Filing | Exception]:
        with self._store.turn:
            return clerk.draft(tasks, office, self._store.reading, now, self._observe)


# In another process


def draft_apart(tasks: Sequence[Task], office: bytes, url: str, now: datetime) -> list[Filing | Exception]:
    """Draft with an office that was pickled, and with a connection of this process's own."""
    return clerk.draft(tasks, _unpickled(office), partial(reading_at, url), now)


def get_ready(office: bytes, url: str) -> int:
    """Load what drafting needs before there is anything to draft; return the process."""
    _unpickled(office)
    with reading_at(url):
        return os.getpid()


@lru_cache(maxsize=2)
def _unpickled(office: bytes) -> Office:
    made: Office = pickle.loads(office)
    return made


def _sent_quickly(kind: type) -> None:
    """Let values of a frozen class be pickled as what they are made of: its own way takes three times as long."""
    names = [field.name for field in fields(kind)]
    values = attrgetter(*names) if len(names) > 1 else lambda one: (getattr(one, names[0]),)
    copyreg.pickle(kind, lambda one: (kind, values(one)))


_KINDS = (Task, Trust, Received, Envelope, Filing, Addressed, Letter, Versions, Plan, SendMail, Person)
for _kind in (*_KINDS, *get_args(Change)):
    _sent_quickly(_kind)
