"""Wake-ups between the daemons of one PostgreSQL: NOTIFY within a transaction, LISTEN in a thread.

On SQLite one daemon works alone, and nobody is to be told.
"""

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from maild.store import driver
from maild.store.engine import DatabaseError
from maild.store.write import Store

EVERYTHING = ""  # heard after the connection was lost: anything may have been said meanwhile
RULES = "rules"  # told when a set of rule files was accepted
LISTEN = "LISTEN maild"  # the last that a daemon's ears have said, for as long as it works
LISTENS_SECONDS = 2.0  # how soon a thread that is to end looks up
AGAIN_SECONDS = 2.0


def tell(connection: Connection, loop: str) -> None:
    """Let every daemon look at a loop's work, as soon as this transaction is durable."""
    if connection.dialect.name == "postgresql":
        driver.run_later(connection, "select pg_notify('maild', %s)", [(loop,)])


def refuse_at_work(connection: Connection) -> None:
    """See that no daemon is at work on a PostgreSQL database; on SQLite a file tells (see `lock`).

    Raises:
        DatabaseError: one is.
    """
    if connection.dialect.name != "postgresql":
        return
    query = "select exists (select from pg_stat_activity where datname = current_database() and query = %s)"
    if connection.exec_driver_sql(query, (LISTEN,)).scalar():
        raise DatabaseError("a daemon works on it (it listens there): stop it first, on whichever machine")


class Ears:
    """Calls `heard` with the name of each loop that somebody woke, from a thread of its own."""

    def __init__(self, store: Store, heard: Callable[[str], None]) -> None:
        self._store = store
        self._heard = heard
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ears", daemon=True)
        if not store.sqlite:
            self._thread.start()

    def close(self) -> None:
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                self._listen()
            except Exception:  # the server went away, as SQLAlchemy or the driver says it: the loops poll meanwhile
                self._closed.wait(AGAIN_SECONDS)

    def _listen(self) -> None:
        with self._store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.detach()  # it goes on listening: nobody else should be given it
            connection.exec_driver_sql(LISTEN)
            self._heard(EVERYTHING)
            driver: Any = connection.connection.dbapi_connection  # its driver_connection is none, once detached
            while not self._closed.is_set():
                for notice in driver.notifies(timeout=LISTENS_SECONDS):
                    self._heard(notice.payload)
