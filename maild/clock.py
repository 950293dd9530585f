"""Loop 3: what is due by the clock."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from maild.judge import Office
from maild.store import intake
from maild.store.write import Store
from maild.ticket.budget import Spent

SWEEP_EVERY = timedelta(hours=1)


class Clock:
    """Does what no mail causes."""

    def __init__(self, store: Store, office: Callable[[], Office], spent: Spent) -> None:
        self._store = store
        self._office = office
        self._spent = spent
        self._swept_at: datetime | None = None

    async def round(self, now: Callable[[], datetime]) -> int:
        """Do what is due; return how many works there were."""
        at = now()
        if self._swept_at is None or at - self._swept_at >= SWEEP_EVERY:
            self._swept_at = at
            await asyncio.to_thread(self._store.write, partial(intake.sweep, now=at))
        return 0

    def next_due(self) -> datetime | None:
        """Return the next instant at which something is due, None for never."""
        return None
