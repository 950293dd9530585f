"""Bring a database to the schema that this version knows, and refuse one that is newer.

`serve` migrates a small SQLite file by itself; anything larger, and PostgreSQL, waits for the operator's
`maild migrate`, which makes a copy first.  Nothing is migrated under a daemon that is at work: it is of the
version before.  alembic is imported only when something is to be done.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, inspect, select, text

from maild.store import copy, wakes
from maild.store.copy import Progress, untold
from maild.store.engine import DatabaseError, file_of
from maild.system import lock

MIGRATIONS = Path(__file__).parent / "migrations"
NEWEST = "0006"
SMALL_BYTES = 200_000_000
ONE_AT_A_TIME = 7_249_531  # a number that nobody else locks in the database


def current(engine: Engine) -> str | None:
    """Return the revision of a database, None for an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("select version_num from alembic_version")).scalar()


def make_ready(engine: Engine, url: str, var: Path | None = None) -> None:
    """Create an empty database's tables, or migrate a small SQLite file.

    Args:
        var: the state of the site whose database it is, None for a copy on which nobody else works.

    Raises:
        DatabaseError: the database is newer than this program, or its owner must run `maild migrate`.
        SiteBusy: it is to be migrated, and another process works on the site.
    """
    found = current(engine)
    if found == NEWEST:
        return
    _refuse_newer(found)
    path = file_of(url)
    if found is not None and (path is None or path.stat().st_size > SMALL_BYTES):
        raise DatabaseError(f"the database has schema {found}, this maild needs {NEWEST}: run `maild migrate`")
    try:
        migrate(engine, url, var)
    except lock.SiteBusy as busy:  # by the daemon of the version before, during an upgrade
        raise lock.SiteBusy(f"the database has schema {found}, this maild needs {NEWEST}, and {busy}") from None


def migrate(
    engine: Engine, url: str, var: Path | None = None, progress: Progress = untold
) -> tuple[str | None, Path | None]:
    """Bring a database to the newest schema; return the revision it had, and the copy that was made.

    Args:
        progress: is told of the copy, then of each step between two revisions.

    Raises:
        DatabaseError: the database is newer than this program, or a daemon works on it.
        SiteBusy: another process works on the site.
    """
    found = current(engine)
    _refuse_newer(found)
    if found == NEWEST:
        return found, None
    if found is None:
        upgrade(engine, NEWEST)
        return None, None
    with _alone(engine, var):
        path = file_of(url)
        if path is None:
            upgrade(engine, NEWEST, progress)
            return found, None
        saved = _copy(path, found, copy.part(progress, 0, 2))
        upgrade(engine, NEWEST, copy.part(progress, 1, 2))
    return found, saved


def upgrade(engine: Engine, revision: str, progress: Progress = untold) -> None:
    """Run the migrations up to a revision, in one transaction."""
    from alembic import command

    first, last = int(current(engine) or 0), int(revision)
    with engine.connect() as connection, connection.begin():
        if engine.dialect.name == "postgresql":  # daemons that begin together would all make the tables
            connection.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
        config = _config(connection)
        config.attributes["applied"] = lambda at: progress(int(at) - first, last - first)
        command.upgrade(config, revision)


@contextmanager
def _alone(engine: Engine, var: Path | None) -> Iterator[None]:
    """See that no daemon works on a database, and on SQLite that none begins."""
    if engine.dialect.name == "sqlite" and var is not None:
        with lock.held(var, "migrate"):
            yield
        return
    with engine.connect() as connection:
        wakes.refuse_at_work(connection)
    yield


def _refuse_newer(found: str | None) -> None:
    if found is not None and found > NEWEST:
        raise DatabaseError(
            f"the database has schema {found}, newer than this maild's {NEWEST}: install the maild that made it"
        )


def _copy(path: Path, revision: str, progress: Progress) -> Path:
    target = path.with_name(f"{path.name}.before-{NEWEST}-from-{revision}")
    target.unlink(missing_ok=True)  # of an attempt that failed: VACUUM INTO takes no file that is there
    copy.make(path, target, progress)
    return target


def _config(connection: Connection) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
