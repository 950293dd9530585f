"""Statements handed to the database's driver, past SQLAlchemy; what it raises is raised as SQLAlchemy raises it.

On PostgreSQL each statement is a journey to the server and back, and on the way of a mail that was most of the
store's time.  Statements that answer nothing therefore wait for the next one that does, or for the commit, and go
together (libpq's pipeline mode).
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError

MOST_WAITING = 200  # statements
_WAITING = "maild_waiting"  # in what SQLAlchemy lets us keep about a driver's connection


def run(connection: Connection, text: str, rows: Sequence[Any]) -> Any:
    """Execute a statement with the values of one row or of several; return the driver's cursor, to be closed."""
    cursor = connection.connection.cursor()
    try:
        if len(rows) == 1:
            cursor.execute(text, rows[0])
        else:
            cursor.executemany(text, rows)
    except connection.dialect.loaded_dbapi.Error as error:
        cursor.close()
        raise _as_sqlalchemy_raises(connection, cursor, text, error) from error
    return cursor


def run_later(connection: Connection, text: str, rows: Sequence[Any]) -> None:
    """Execute a statement that answers nothing: on PostgreSQL with the next that does; what it raises comes then."""
    if connection.dialect.name != "postgresql":
        run(connection, text, rows).close()
        return
    waiting = connection.info.setdefault(_WAITING, [])
    waiting.append((text, rows))
    if len(waiting) >= MOST_WAITING:
        run_waiting(connection)


def run_waiting(connection: Connection) -> None:
    """Execute now what waits."""
    waiting = connection.info.pop(_WAITING, ()) if connection.dialect.name == "postgresql" else ()
    if not waiting:
        return
    text = waiting[0][0]
    cursor = connection.connection.cursor()
    try:
        with connection.connection.driver_connection.pipeline():  # type: ignore[union-attr]
            for text, rows in waiting:
                cursor.executemany(text, rows)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy_raises(connection, cursor, text, error) from error
    finally:
        cursor.close()


def let_some_wait(engine: Engine) -> None:
    """Let what waits of an engine's transactions go before any other statement, and before the commit."""
    event.listen(engine, "before_cursor_execute", lambda connection, *_statement: run_waiting(connection))
    event.listen(engine, "commit", run_waiting)
    event.listen(engine, "rollback", _forget_waiting)


def _forget_waiting(connection: Connection) -> None:
    """Drop what waits in a transaction that came to nothing; with a connection that is gone it is gone."""
    if not connection.invalidated:
        connection.info.pop(_WAITING, None)


def _as_sqlalchemy_raises(connection: Connection, cursor: Any, text: str, error: Any) -> BaseException:
    """Wrap what the driver raised; a connection that is gone is not given to anybody again."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(error, connection.connection.dbapi_connection, cursor)
    if gone:
        connection.invalidate(error)
    wrapped: BaseException = DBAPIError.instance(
        text, None, error, dialect.loaded_dbapi.Error, connection_invalidated=gone, dialect=dialect
    )
    return wrapped
