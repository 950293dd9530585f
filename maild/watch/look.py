"""What of the store and the disk tells whether a site is well."""

import asyncio
import contextlib
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from maild.opened import now_utc
from maild.spending import Spending
from maild.store import vitals
from maild.store.vitals import Vitals
from maild.store.write import Store

SECONDS = 3.0  # after which a database is taken not to answer


class Look:
    """Looks when somebody asks; all who ask meanwhile share it, for it holds a thread."""

    def __init__(self, store: Store, spending: Spending, now: Callable[[], datetime]) -> None:
        self._store = store
        self._spending = spending
        self._now = now
        self._looking: asyncio.Future[Vitals | None] | None = None
        self.ahead = timedelta(0)  # the machine's clock of the database's, when last looked at

    async def vitals(self) -> Vitals | None:
        """Return what of the store shows whether a site is well; None if it does not answer in time."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(asyncio.to_thread(self._look))
        await asyncio.wait([self._looking], timeout=SECONDS)
        return self._looking.result() if self._looking.done() else None

    def _look(self) -> Vitals | None:
        if self._store.trouble:
            with contextlib.suppress(Exception):  # it stays the trouble
                self._store.write(lambda _: None)
        try:
            with self._store.reading() as connection:
                self._spending.read_on(connection, self._now())
                self.ahead = vitals.ahead(connection, self._now()) if self._now is now_utc else timedelta(0)
                return vitals.take(connection)
        except Exception:
            return None


def free_bytes(folder: Path) -> int | None:
    """Return what the disk of a folder has left; None if it does not say."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
