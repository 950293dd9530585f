"""The one writer: a thread that runs all changes of the database, many in one transaction.

`submit(work)` gives a function of a connection to the writer; the future's result comes after COMMIT
and not before.  One thread runs all works that arrived during the last commit in one transaction: a sync
is shared by all of them, and works of one daemon never get into each other's way.  If a work raises, the
batch is rolled back and each work runs again alone.  So a work may run twice, and must do nothing outside
its connection.  On PostgreSQL, where other daemons write too, transactions are SERIALIZABLE, and run again
on 40001 and 40P01.
"""

import contextlib
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import lru_cache
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree

from maild.store.engine import of_one_instant, open_engine

Result = TypeVar("Result")
Work = Callable[[Connection], Result]
_Waiting = tuple[Work[Any], Future[Any]]

LARGEST_BATCH = 128
LARGEST_SHARED_BATCH = 32  # where others write too: what is large collides more
IDLE_SECONDS = 2.0
TRIES = 40
TURN_SECONDS = 0.5  # whoever keeps it for longer is worked beside
SHORTEST_WAIT, LONGEST_WAIT = 0.002, 0.25  # seconds between tries, so that those who collided part
RETRIED = ("40001", "40P01")
OUTAGES = (OperationalError, InterfaceError, sqlite3.OperationalError, NoneFree)
# A server takes no writes; a standby knows no such isolation; nothing was heard of us within a transaction; it is not
# ours to use; a pooler gives us another server than the one that knows our statements.
NOT_NOW = ("25006", "0A000", "25P03", "42501", "26000", "42P05")
TOO_MUCH = "54"  # program_limit_exceeded and its like
REMEDIES = {  # what the database says, and what may be done
    "readonly database": "nothing can be written to it: see who owns it, and whether the disk is mounted read-only",
    "unable to open database file": "see who owns its folder, and whether the disk is mounted read-only",
    "disk is full": "make room",
    "is locked": "another program holds it",
    "read-only transaction": "this server takes no writes: a standby, or default_transaction_read_only",
    "during recovery": "this server takes no writes: it is a standby",
    "hot standby": "this server takes no writes: it is a standby",
    "permission denied": "see that our user owns the database and its tables",
    "prepared statement": "a pooler such as PgBouncer must have pool_mode = session",
}


def is_outage(error: BaseException) -> bool:
    """Whether an error says that the database cannot be reached or worked with now, whatever was asked of it."""
    return (isinstance(error, OUTAGES) and not _is_about_the_work(error)) or _sqlstate(error) in NOT_NOW


def _is_about_the_work(error: BaseException) -> bool:
    """Whether a database answers, but what it was asked for is too much for it, and will be each time."""
    code = getattr(getattr(error, "orig", None) or error, "sqlite_errorcode", None)
    return code in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_TOOBIG) or (_sqlstate(error) or "").startswith(TOO_MUCH)


def said(error: BaseException) -> str:
    """Return what a database said about an outage, in one line, and what may be done where that is known."""
    words = " ".join(str(getattr(error, "orig", None) or error).split())[:300]
    return "; ".join([words, *(remedy for told, remedy in REMEDIES.items() if told in words)])


def _is_unreachable(error: BaseException) -> bool:
    """Whether PostgreSQL said nothing at all: to learn that may have taken half a minute, and once is enough."""
    return isinstance(error, OperationalError) and hasattr(error.orig, "sqlstate") and _sqlstate(error) is None


def _sqlstate(error: BaseException) -> str | None:
    state: str | None = getattr(getattr(error, "orig", None), "sqlstate", None)
    return state


class Store:
    """The database of a site: `submit` and `write` to change it, `reading` to look."""

    def __init__(self, url: str, durable: bool = True) -> None:
        self.url = url
        self.sqlite = url.startswith("sqlite")
        self.engine = open_engine(url, durable=durable)
        self._reader = open_engine(url, writing=False) if self.sqlite else of_one_instant(self.engine)
        self.turn = threading.Lock()  # held by a thread that works through many mails: two that hand Python's own
        # lock to and fro at each statement take longer together than one after the other
        self._writer = _Writer(self.engine, self.sqlite, self.turn)

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

    @property
    def trouble(self) -> str:
        """What the database said when it took nothing; "" since it takes something again."""
        return self._writer.trouble

    def close(self) -> None:
        """Finish what was submitted, then close all connections."""
        self._writer.close()
        self.engine.dispose()
        self._reader.dispose()


@contextmanager
def reading_at(url: str) -> Iterator[Connection]:
    """A consistent view for a process that never writes; its connections stay open."""
    with _reader_at(url).connect() as connection, connection.begin():
        yield connection


@lru_cache(maxsize=1)
def _reader_at(url: str) -> Engine:
    return of_one_instant(open_engine(url, writing=False))


class _Writer:
    """One thread, and one commit for all who wait."""

    def __init__(self, engine: Engine, alone: bool, turn: threading.Lock) -> None:
        self.trouble = ""
        self._turn = turn
        self._alone = alone  # nobody else writes at the same time
        self._engine = engine if alone else engine.execution_options(isolation_level="SERIALIZABLE")
        self._largest_batch = LARGEST_BATCH if alone else LARGEST_SHARED_BATCH
        self._waiting: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    def submit(self, work: "Work[Any]") -> "Future[Any]":
        future: Future[Any] = Future()
        if self._closed or not self._thread.is_alive():  # else one would wait for ever for a dead thread
            raise RuntimeError("the store is closed")
        self._waiting.put((work, future))
        return future

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._waiting.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (batch := self._next_batch()) is not None:
            # From here on nobody can cancel them: a result that nobody may set would end this thread.
            self._commit([one for one in batch if one[1].set_running_or_notify_cancel()])

    def _next_batch(self) -> "list[_Waiting] | None":
        try:
            first = self._waiting.get(timeout=IDLE_SECONDS)
        except Empty:
            self._checkpoint()
            first = self._waiting.get()
        if first is None:
            return None
        batch = [first]
        while len(batch) < self._largest_batch:
            try:
                following = self._waiting.get_nowait()
            except Empty:
                break
            if following is None:
                self._waiting.put(None)
                break
            batch.append(following)
        return batch

    def _commit(self, batch: "list[_Waiting]") -> None:
        """Commit works together; if that fails, each alone."""
        try:
            results = self._transact([work for work, _ in batch])
        except Exception as failure:
            if len(batch) == 1 or _is_unreachable(failure):
                if is_outage(failure):
                    self.trouble = said(failure)
                for _, future in batch:
                    future.set_exception(failure)
                return
            for one in batch:
                self._commit([one])
            return
        if self.trouble and self._takes_writes():  # what wrote nothing succeeds on a full disk or a standby, too
            self.trouble = ""
        for (_, future), result in zip(batch, results, strict=True):
            future.set_result(result)

    def _transact(self, works: "list[Work[Any]]") -> list[Any]:
        tries = TRIES if len(works) == 1 else 1
        for attempt in range(tries):
            try:
                with self._engine.connect() as connection, contextlib.ExitStack() as ours:
                    if self._turn.acquire(timeout=TURN_SECONDS):
                        ours.callback(self._turn.release)
                    with connection.begin():
                        results = [work(connection) for work in works]
                        ours.close()  # nobody need wait while the disk syncs
                    return results
            except DBAPIError as failure:
                if _sqlstate(failure) not in RETRIED or attempt == tries - 1:
                    raise
            time.sleep(random.uniform(0, min(SHORTEST_WAIT * 2**attempt, LONGEST_WAIT)))
        raise AssertionError("unreachable")

    def _takes_writes(self) -> bool:
        """Try it with a row that is gone again at once; SQLite would not write one that is only as it was."""
        with contextlib.suppress(DBAPIError), self._engine.begin() as connection:
            connection.exec_driver_sql("insert into alembic_version (version_num) values ('tried')")
            connection.exec_driver_sql("delete from alembic_version where version_num = 'tried'")
            return True
        return False

    def _checkpoint(self) -> None:
        """Move SQLite's write-ahead log into the file while nobody waits."""
        if self._alone:
            with contextlib.suppress(Exception), self._engine.connect() as connection:  # or after the next pause
                raw = connection.connection.dbapi_connection
                assert raw is not None
                raw.execute("PRAGMA wal_checkpoint(PASSIVE)")
