"""Connections: to one SQLite file, or to PostgreSQL.

SQLite: WAL with synchronous=FULL, for NORMAL may lose the last commits when the power goes, and a 250
was given for them.  Writers begin with BEGIN IMMEDIATE, so that two of them queue instead of failing.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Generator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url

from maild.store import driver

BUSY_TIMEOUT_MS = 10_000
POOL_SIZE = 12
WRITER_CACHE_KB, READER_CACHE_KB = 16_000, 4_000  # of a connection; there are some readers, and the system caches too
CUT_OFF = {  # how soon a database that went without a word is known to be gone
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
LEFT = {  # how soon the server ends, with its locks, what one of us had begun who went without a word
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "20s",  # and those below: it waits for more of a pipeline, and does not call that idle
    "tcp_keepalives_interval": "5s",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30s",
}
READS = {"statement_timeout": "20s"}  # of a reader: then a lock is in the way, and no mail is to blame
SILENT_SECONDS = 20.0  # after which a server that says nothing is asked, over another connection, whether it lives
logging.getLogger("psycopg").setLevel(logging.ERROR)  # it warns of each transaction that lost a race and runs again


class DatabaseError(Exception):
    """The database cannot be used as it is; the text says what to do."""


def open_engine(url: str, writing: bool = True, durable: bool = True) -> Engine:
    """Return an engine for a URL of the settings: `sqlite:///PATH` or `postgresql://…`.

    Args:
        durable: False for a scratch file that nobody misses when the power goes.
    """
    return _open_sqlite(url, writing, durable) if file_of(url) is not None else _open_postgresql(url, writing)


def _open_postgresql(url: str, writing: bool) -> Engine:
    try:
        engine = create_engine(url, pool_size=POOL_SIZE, pool_pre_ping=True, connect_args=CUT_OFF)
    except ModuleNotFoundError as missing:
        raise DatabaseError("PostgreSQL needs psycopg: pip install 'maild[postgres]'") from missing
    driver.let_some_wait(engine)
    event.listen(engine, "do_connect", _connect_doubting)
    event.listen(engine, "connect", partial(_limit, limits=LEFT if writing else LEFT | READS))
    return engine


def _open_sqlite(url: str, writing: bool, durable: bool) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"check_same_thread": False}, pool_size=POOL_SIZE)
    event.listen(engine, "connect", partial(_prepare, cache_kb=WRITER_CACHE_KB if writing else READER_CACHE_KB))
    if not durable:
        event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous=OFF"))
    event.listen(engine, "begin", _begin_to_write if writing else _begin)
    return engine


def of_one_instant(engine: Engine) -> Engine:
    """Return an engine whose transactions see a database as it was when they began: on SQLite all do."""
    return engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="REPEATABLE READ")


def file_of(url: str) -> Path | None:
    """Return the file of an SQLite URL, None for PostgreSQL's."""
    parts = make_url(url)
    return Path(parts.database or "") if parts.drivername.startswith("sqlite") else None


def _connect_doubting(_dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
    """Connect so that a server that is frozen counts as gone.

    The kernel of its machine goes on acknowledging what it is sent, so no timeout of TCP ends the waiting; and one that
    is only slow is to be waited for.
    """
    import psycopg

    class Doubting(psycopg.Connection[Any]):
        def wait(self, gen: Any, *how: Any, **more: Any) -> Any:
            return super().wait(_doubting(gen, self._ask), *how, **more)

        def _ask(self) -> None:
            # Of several in the settings, the one that is silent.
            this = {"host": self.info.host, "port": self.info.port}
            try:
                psycopg.connect(*arguments, **(options | this)).close()
            except psycopg.errors.ConnectionTimeout:
                self.pgconn.finish()  # the answer, if it comes at last, is nobody's
                raise psycopg.OperationalError(f"the server has not answered for {SILENT_SECONDS:.0f} s") from None
            except psycopg.OperationalError:
                pass  # an answer, if only that there are too many connections

    connection = Doubting.connect(*arguments, **options)
    encoding = connection.info.parameter_status("server_encoding")
    if encoding not in (None, "UTF8"):  # a pooler need not tell
        connection.close()
        raise DatabaseError(
            f"the database has the encoding {encoding}, which cannot keep every letter: "
            "make it anew with  createdb -T template0 -E UTF8"
        )
    return connection


def _doubting(waiting: Generator[Any, Any, Any], ask: Callable[[], None]) -> Generator[Any, Any, Any]:
    """Do what psycopg does while it waits for the server, and ask each time that nothing was heard for long."""
    heard = time.monotonic()
    try:
        wanted = next(waiting)
        while True:
            ready = yield wanted
            if ready:
                heard = time.monotonic()
            elif time.monotonic() - heard > SILENT_SECONDS:
                ask()
                heard = time.monotonic()
            wanted = waiting.send(ready)
    except StopIteration as end:
        return end.value


def _limit(connection: Any, _record: Any, limits: Mapping[str, str]) -> None:
    """Let the server end what a daemon that it hears no more of had begun, or what waits for too long."""
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET {what} = '{limit}'" for what, limit in limits.items()))
    connection.commit()


def _prepare(connection: sqlite3.Connection, _record: Any, cache_kb: int) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "wal_autocheckpoint=4000",
        f"cache_size=-{cache_kb}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_to_write(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN")
