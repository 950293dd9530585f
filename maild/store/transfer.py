"""Every row of a site: out of one database, page by page, and into an empty one, of the same kind or the other.

Tables come in the order in which they refer to each other; the index of words is not among them, for the triggers
of the target make it anew.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Table, bindparam, delete, func, insert, select, text, tuple_, update
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from maild.store import ledger, restored, schema, wakes
from maild.store.copy import Progress, untold
from maild.store.engine import DatabaseError, of_one_instant, open_engine
from maild.store.tables import CHUNK, INTAKE, TICKET

TABLES: tuple[Table, ...] = tuple(SQLModel.metadata.sorted_tables)
NUMBERED = tuple(table for table in TABLES if table is TICKET or table.autoincrement_column is not None)
PAGE = 1_000
PAGE_WITH_MAILS = 32  # rows of up to a megabyte
Row = dict[str, Any]


def counts(connection: Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    return {one.name: connection.execute(select(func.count()).select_from(one)).scalar_one() for one in TABLES}


def pages(connection: Connection, table: Table) -> Iterator[list[Row]]:
    """Return a table's rows in the order of its key, a page at a time."""
    key = tuple(table.primary_key.columns)
    size = PAGE_WITH_MAILS if table in (INTAKE, CHUNK) else PAGE
    query = select(table).order_by(*key).limit(size)
    rows = connection.execute(query).mappings().all()
    while rows:
        yield [dict(row) for row in rows]
        last = tuple(rows[-1][column.name] for column in key)
        rows = connection.execute(query.where(tuple_(*key) > last)).mappings().all()


def put(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Write rows; a ticket that ended in a later one is told so by `join`."""
    if rows:
        values = [{**row, "merged_into": None} for row in rows] if table is TICKET else list(rows)
        connection.execute(insert(table), values)


def join(connection: Connection, rows: Sequence[Row]) -> None:
    """Tell tickets in which others they ended, once all are there."""
    merged = [{"one": row["number"], "into": row["merged_into"]} for row in rows if row["merged_into"] is not None]
    if merged:
        query = update(TICKET).where(TICKET.c.number == bindparam("one")).values(merged_into=bindparam("into"))
        connection.execute(query, merged)


def to_json(row: Row) -> bytes:
    """Return a row as one line; instants as `2026-11-23T08:00:00+00:00`."""
    return orjson.dumps(row, option=orjson.OPT_NON_STR_KEYS)  # a column named "key" is not quite a string


def from_json(table: Table, line: bytes) -> Row:
    """Return the row of a line.

    Raises:
        ValueError: it is none.
    """
    row: Row = orjson.loads(line)
    for column in table.columns:
        if isinstance(column.type, UTCDateTime) and row[column.name] is not None:
            row[column.name] = datetime.fromisoformat(row[column.name])
    return row


def highest(connection: Connection) -> dict[str, int]:
    """Return the highest number that each numbered table ever gave away."""
    if connection.dialect.name == "sqlite":
        kept = {row.name: row.seq for row in connection.execute(text("select name, seq from sqlite_sequence"))}
    else:
        kept = {one.name: _last(connection, _sequence(connection, one)) for one in NUMBERED}
    largest = {
        one.name: connection.execute(select(func.coalesce(func.max(next(iter(one.primary_key))), 0))).scalar_one()
        for one in NUMBERED
    }
    return {name: max(int(kept.get(name, 0)), largest[name]) for name in largest}


def number_above(connection: Connection, numbers: Mapping[str, int]) -> None:
    """Let what is new be numbered above what was ever given away."""
    for table in NUMBERED:
        number = numbers.get(table.name, 0)
        if connection.dialect.name == "sqlite":
            if table.dialect_options["sqlite"]["autoincrement"]:
                restored.raise_to(connection, table.name, number)
        elif number:
            connection.execute(select(func.setval(_sequence(connection, table), number)))


def move(source: Connection, target: Connection, progress: Callable[[int], None]) -> None:
    """Copy every row into an empty database that has the schema."""
    for table in TABLES:
        for rows in pages(source, table):
            put(target, table, rows)
            progress(len(rows))
    for rows in pages(source, TICKET):
        join(target, rows)
    number_above(target, highest(source))


def between(source: str, target: str, progress: Progress = untold) -> dict[str, int]:
    """Move a site's rows to an empty database, whole or not at all; return how many each table has.

    Args:
        source: a URL as the settings have it; nobody may write there meanwhile.

    Raises:
        DatabaseError: the target is not empty, the source has another schema or a daemon works on it, or what arrived
            is not what left.
    """
    there = open_engine(target)
    here = open_engine(source, writing=False)
    try:
        if schema.current(here) != schema.NEWEST:
            raise DatabaseError("the database has an older schema: run `maild migrate` first, then again with --to")
        schema.make_ready(there, target)
        with snapshot(here) as old, there.connect() as new, new.begin():
            unhurried(new)
            wakes.refuse_at_work(old)
            make_room(new)
            wanted = counts(old)
            move(old, new, counting(progress, sum(wanted.values())))
            _compare(old, new, wanted)
            return wanted
    finally:
        here.dispose()
        there.dispose()


def counting(progress: Progress, whole: int) -> Callable[[int], None]:
    """Return what is told of some rows more, and tells how many there are by now."""
    done = 0

    def tell(rows: int) -> None:
        nonlocal done
        done += rows
        progress(done, whole)

    return tell


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Give a view of one instant, however long it is looked at."""
    with of_one_instant(engine).connect() as connection, connection.begin():
        unhurried(connection)
        yield connection


def unhurried(connection: Connection) -> None:
    """Let this transaction take as long as a large site needs: to count its rows, or to wait for the other database."""
    if connection.dialect.name == "postgresql":
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(text(f"set local {limit} = 0"))


def make_room(connection: Connection) -> None:
    """See that nothing would be mixed up; what a site without any mail may hold already (rule sets, agents) goes.

    Raises:
        DatabaseError: there is mail.
    """
    found = {name: count for name, count in counts(connection).items() if count}
    mail = [f"{found[name]} of {name}" for name in ("intake", "ticket", "outbox") if name in found]
    if mail:
        raise DatabaseError(f"what is to be filled is not empty ({', '.join(mail)}): give a new one")
    for table in reversed(TABLES):
        if table.name in found:
            connection.execute(delete(table))


def _compare(old: Connection, new: Connection, wanted: Mapping[str, int]) -> None:
    arrived = counts(new)
    wrong = [f"{name}: {arrived[name]} of {count} rows" for name, count in wanted.items() if arrived[name] != count]
    wrong += ["the ledger"] * (ledger.counts(old) != ledger.counts(new))
    if wrong:
        raise DatabaseError(f"not everything arrived, and nothing was kept: {'; '.join(wrong)}")


def _sequence(connection: Connection, table: Table) -> str:
    if table is TICKET:
        return "ticket_number"
    return str(connection.execute(select(func.pg_get_serial_sequence(table.name, "id"))).scalar_one())


def _last(connection: Connection, sequence: str) -> int:
    row = connection.execute(text(f"select last_value, is_called from {sequence}")).one()
    return int(row.last_value) if row.is_called else 0
