"""A consistent copy of an SQLite database while others write to it, and what a copy must be before it is used.

VACUUM INTO reads one snapshot: writers go on, and the copy is as it was at one instant.
"""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from maild.store.engine import DatabaseError

LOOK_EVERY_SECONDS = 0.2
Progress = Callable[[int, int], None]  # bytes or rows done, and all there are


def untold(_done: int, _whole: int) -> None:
    """The progress of a work at which nobody looks."""


def part(progress: Progress, before: int, parts: int) -> Progress:
    """Return what is told of one part of a work in several, so many of which were done before it."""
    return lambda done, whole: progress(before * whole + done, parts * whole)


class Mark(NamedTuple):
    """What a copy says about itself: by it, a restored site knows which ticket numbers may have been mailed since."""

    schema: str
    largest_number: int
    busiest_day: int  # tickets opened on one day of the last month


def make(source: Path, target: Path, progress: Progress = untold) -> None:
    """Copy a database to a new file and check the copy.

    Raises:
        DatabaseError: the copy is not sound, and was removed; what it was made from is to be looked at.
    """
    with closing(sqlite3.connect(source, isolation_level=None, check_same_thread=False)) as connection:
        whole = _one(connection, "pragma page_count") * _one(connection, "pragma page_size")
        _watched(lambda: connection.execute("vacuum into ?", (str(target),)), target, whole, progress)
    try:
        check(target)
    except DatabaseError:
        target.unlink()
        raise


def check(path: Path) -> None:
    """See that a copy is whole.

    Raises:
        DatabaseError: it is not.
    """
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            found = [row[0] for row in connection.execute("pragma integrity_check(5)")]
            found = found if found != ["ok"] else []
            found += [
                f"{row[0]}: a row refers to a missing {row[2]}"
                for row in connection.execute("pragma foreign_key_check")
            ]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    if found:
        raise DatabaseError(f"{path} is not sound: {'; '.join(found[:5])}")


def mark(path: Path, now: datetime) -> Mark:
    """Say what a copy holds."""
    month_ago = f"{now - timedelta(days=30):%Y-%m-%d}"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        busiest = (
            "select coalesce(max(count), 0) from "
            "(select count(*) as count from ticket where opened_at >= ? group by substr(opened_at, 1, 10))"
        )
        return Mark(
            str(_one(connection, "select version_num from alembic_version")),
            _largest(connection),
            _one(connection, busiest, month_ago),
        )


def largest_number(path: Path) -> int:
    """Return the largest ticket number that a site gave away, 0 if its database cannot be read."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            return _largest(connection)
    except sqlite3.DatabaseError:  # it may be why there is a restore
        return 0


def holds_anything(path: Path) -> bool:
    """Whether a site has received or written a mail yet; a database that cannot be read is not empty."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            made = {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")}
            tables = sorted(made & {"intake", "ticket", "outbox"})
            return any(_one(connection, f"select exists (select 1 from {one})") for one in tables)
    except sqlite3.DatabaseError:
        return True


def _largest(connection: sqlite3.Connection) -> int:
    kept = "select coalesce((select seq from sqlite_sequence where name = 'ticket'), 0)"
    mailed = "select coalesce(max(ticket), 0) from outbox"
    return max(int(_one(connection, kept)), int(_one(connection, mailed)))


def _one(connection: sqlite3.Connection, query: str, *values: object) -> int:
    value: int = connection.execute(query, values).fetchone()[0]
    return value


def _watched(work: Callable[[], object], target: Path, whole: int, progress: Progress) -> None:
    """Run a work in a thread and tell how large its file has become."""
    with ThreadPoolExecutor(1, "copy") as threads:
        copied = threads.submit(work)
        while not copied.done():
            wait([copied], LOOK_EVERY_SECONDS)
            made = target.stat().st_size if target.exists() else 0
            progress(min(made, whole), whole)  # what is in the write-ahead log was not counted
    copied.result()
    progress(whole, whole)
