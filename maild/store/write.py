"""The one writer.

`submit(work)` gives a function of a connection to the writer; the future's result comes after COMMIT
and not before.  On SQLite one thread runs all works that arrived during the last commit in one
transaction: a sync is shared by all of them.  If a work raises, the batch is rolled back and each work
runs again alone.  So a work may run twice, and must do nothing outside its connection.  On PostgreSQL
each work has a transaction of its own, SERIALIZABLE, run again on 40001 and 40P01.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from maild.store.engine import open_engine

Result = TypeVar("Result")
Work = Callable[[Connection], Result]

LARGEST_BATCH = 128
IDLE_SECONDS = 2.0
TRIES = 40
SHORTEST_WAIT, LONGEST_WAIT = 0.002, 0.25  # seconds between tries, so that those who collided part
RETRIED = ("40001", "40P01")


def is_outage(error: BaseException) -> bool:
    """Whether an error says that the database cannot be reached or worked with now, whatever was asked of it."""
    return isinstance(error, OperationalError | InterfaceError)


class Store:
    """The database of a site: `submit` and `write` to change it, `reading` to look."""

    def __init__(self, url: str, durable: bool = True) -> None:
        self.url = url
        self.sqlite = url.startswith("sqlite")
        self.engine = open_engine(url, durable=durable)
        self._reader = open_engine(url, writing=False) if self.sqlite else self.engine
        self._writer: _Writer = _Grouped(self.engine) if self.sqlite else _Pooled(self.engine)

    def submit(self, work: "Work[Result]") -> "Future[Result]":
        """Give a work to the writer; the future is done when it is durable."""
        return self._writer.submit(work)

    def write(self, work: "Work[Result]") -> Result:
        """Run a work durably and return its result.  Raises what the work raises."""
        return self.submit(work).result()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view, for less than five seconds at a time."""
        with self._reader.connect() as connection, connection.begin():
            yield connection

    def read(self, work: "Work[Result]") -> Result:
        with self.reading() as connection:
            return work(connection)

    def close(self) -> None:
        """Finish what was submitted, then close all connections."""
        self._writer.close()
        self.engine.dispose()
        self._reader.dispose()


class _Writer(Protocol):
    def submit(self, work: "Work[Any]") -> "Future[Any]": ...

    def close(self) -> None: ...


class _Grouped:
    """SQLite's writer: one thread, one connection, one commit for all who wait."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: SimpleQueue[tuple[Work[Any], Future[Any]] | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    def submit(self, work: "Work[Any]") -> "Future[Any]":
        future: Future[Any] = Future()
        if self._closed:
            raise RuntimeError("the store is closed")
        self._waiting.put((work, future))
        return future

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._waiting.put(None)
            self._thread.join()

    def _run(self) -> None:
        with self._engine.connect() as connection:
            while (batch := self._next_batch(connection)) is not None:
                # From here on nobody can cancel them: a result that nobody may set would end this thread.
                _commit_together(connection, [one for one in batch if one[1].set_running_or_notify_cancel()])

    def _next_batch(self, connection: Connection) -> list[tuple["Work[Any]", "Future[Any]"]] | None:
        try:
            first = self._waiting.get(timeout=IDLE_SECONDS)
        except Empty:
            _checkpoint(connection)
            first = self._waiting.get()
        if first is None:
            return None
        batch = [first]
        while len(batch) < LARGEST_BATCH:
            try:
                following = self._waiting.get_nowait()
            except Empty:
                break
            if following is None:
                self._waiting.put(None)
                break
            batch.append(following)
        return batch


def _commit_together(connection: Connection, batch: list[tuple["Work[Any]", "Future[Any]"]]) -> None:
    try:
        results = _transact(connection, [work for work, _ in batch])
    except Exception as failure:
        if len(batch) == 1:
            batch[0][1].set_exception(failure)
            return
        for one in batch:
            _commit_together(connection, [one])
        return
    for (_, future), result in zip(batch, results, strict=True):
        future.set_result(result)


def _transact(connection: Connection, works: list["Work[Any]"]) -> list[Any]:
    with connection.begin():
        return [work(connection) for work in works]


def _checkpoint(connection: Connection) -> None:
    """Move the write-ahead log into the file while nobody waits."""
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.execute("PRAGMA wal_checkpoint(PASSIVE)")


class _Pooled:
    """PostgreSQL's writer: a few threads, a transaction a work."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(isolation_level="SERIALIZABLE")
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="store")

    def submit(self, work: "Work[Any]") -> "Future[Any]":
        return self._threads.submit(self._run, work)

    def close(self) -> None:
        self._threads.shutdown(wait=True)

    def _run(self, work: "Work[Any]") -> Any:
        for attempt in range(TRIES):
            try:
                with self._engine.connect() as connection, connection.begin():
                    return work(connection)
            except DBAPIError as failure:
                if getattr(failure.orig, "sqlstate", None) not in RETRIED or attempt == TRIES - 1:
                    raise
            time.sleep(random.uniform(0, min(SHORTEST_WAIT * 2**attempt, LONGEST_WAIT)))
        raise AssertionError("unreachable")
