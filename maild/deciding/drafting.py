"""Where mails are drafted: by clerks in separate processes, or by one in a thread of this process."""

import pickle
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from maild.deciding import clerk
from maild.deciding.clerk import Task
from maild.deciding.judge import Judged
from maild.deciding.office import Mail, Office
from maild.deciding.workers import Workers
from maild.store.filing import Filing
from maild.store.write import Store


class Drafting:
    """The clerks of a site.

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
        """Start the clerks' processes now: else they start with the first mail, and it waits for them."""
        if self._workers.apart:
            self._workers.begin(partial(clerk.get_ready, office=self._pack(office), url=self._store.url))

    async def draft(self, tasks: Sequence[Task], office: Office, now: datetime) -> list[Filing | Exception]:
        """Return what is to be filed of each mail, or how we failed at it.

        Where agents are chosen by how much each has, one clerk drafts all: who has fewest is known when all that
        came before is decided.
        """
        return await self._workers.do(self._work(office, now), tasks, whole=bool(office.takers))

    def _work(self, office: Office, now: datetime) -> Callable[[Sequence[Task]], list[Filing | Exception]]:
        """Return how a clerk drafts: in another process with what can be sent there, in this one with what it has."""
        if self._workers.apart:
            return partial(clerk.draft_apart, office=self._pack(office), url=self._store.url, now=now)
        return partial(self._draft_here, office=office, now=now)

    def _pack(self, office: Office) -> bytes:
        if self._packed is None or self._packed[0] is not office:
            self._packed = (office, pickle.dumps(office))
        return self._packed[1]

    def _draft_here(self, tasks: Sequence[Task], office: Office, now: datetime) -> list[Filing | Exception]:
        with self._store.turn:
            return clerk.draft(tasks, office, self._store.reading, now, self._observe)
