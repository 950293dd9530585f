"""Statements of the hot path, each compiled once for a dialect and then handed to the driver as text.

SQLAlchemy compiles each statement once too, but looks it up at each execution, and builds around it what
describes any result of any statement: on the way of a mail that was half of the store's time.  The transaction
is the connection's own.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Dialect, Insert, Select, Table, bindparam, insert
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeEngine
from sqlmodel.sql.sqltypes import UTCDateTime

from maild.store import driver

Values = Mapping[str, Any]
Convert = Callable[[Any], Any]
Item = TypeVar("Item")

AT_ONCE = 10_000  # values that one statement may name; PostgreSQL takes 65,535, some builds of SQLite half of that


def parted(many: Sequence[Item], size: int = AT_ONCE) -> Iterator[Sequence[Item]]:
    """Return many things, such as numbers, in parts that are small enough for one statement."""
    return (many[start : start + size] for start in range(0, len(many), size))


class Answer:
    """What a statement found or did: its rows, by the names of their columns, and how many it touched."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: list[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> list[Any]:
        return self._rows

    def first(self) -> Any:
        return self._rows[0] if self._rows else None

    def scalar(self) -> Any:
        return self._rows[0][0] if self._rows else None


NOTHING = Answer([], -1)


class Prepared:
    """A statement with named values.

    Args:
        defaults: the columns that an insertion fills, each with what is there if the caller gives nothing.
        is_silent: nobody asks for its rows, or how many there were: it may wait for the next that is asked.
    """

    def __init__(
        self, statement: UpdateBase | Select[Any], defaults: Values | None = None, is_silent: bool = False
    ) -> None:
        self._statement = statement
        self._defaults = defaults
        self._is_silent = is_silent
        self._compiled: dict[str, _Compiled] = {}  # by the dialect's name

    @classmethod
    def insert(cls, table: Table, statement: Insert | None = None) -> "Prepared":
        """Return the insertion of a row; a key of the name `id` is given by the database."""
        columns = [column for column in table.columns if column.name != "id"]
        return cls(
            (insert(table) if statement is None else statement).inline(),  # PostgreSQL's is not asked for the key
            {column.name: getattr(column.default, "arg", None) for column in columns},
            is_silent=statement is None or not statement.exported_columns,
        )

    def __call__(self, connection: Connection, *rows: Values) -> Answer:
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._statement, self._defaults, dialect)
        bound = [compiled.bind(row) for row in rows]
        if self._is_silent:
            driver.run_later(connection, compiled.text, bound)
            return NOTHING
        driver.run_waiting(connection)
        with closing(driver.run(connection, compiled.text, bound)) as cursor:
            return Answer(compiled.rows(cursor) if cursor.description else [], cursor.rowcount)


class Among:
    """A selection of rows by a column that is one of some values; statements of a few sizes serve any number."""

    def __init__(self, selection: Select[Any], column: Column[Any]) -> None:
        self._selection = selection
        self._column = column
        self._by_places: dict[int, Prepared] = {}

    def __call__(self, connection: Connection, wanted: Sequence[Any]) -> Answer:
        if not wanted:
            return Answer([], 0)
        places = 1 << (len(wanted) - 1).bit_length()
        if places not in self._by_places:
            bound = [bindparam(f"one_of_{n}", type_=self._column.type) for n in range(places)]
            self._by_places[places] = Prepared(self._selection.where(self._column.in_(bound)))
        values = {f"one_of_{n}": wanted[min(n, len(wanted) - 1)] for n in range(places)}
        return self._by_places[places](connection, values)


class _Compiled:
    """A statement in the words of one database."""

    def __init__(self, statement: UpdateBase | Select[Any], defaults: Values | None, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(defaults) if defaults else None)
        self.text: str = compiled.string
        self._usual = {**compiled.params, **(defaults or {})}
        self._names: list[str] = compiled.positiontup if dialect.positional else list(self._usual)
        self._positional = dialect.positional
        self._pick = _picker(self._names)
        self._outward = _converts(_to_driver(compiled.binds[name].type, dialect) for name in self._names)
        returned = statement.selected_columns if isinstance(statement, Select) else statement.exported_columns
        self._inward = _converts(_from_driver(column.type, dialect) for column in returned)
        self._row: Any = namedtuple("Row", [column.name for column in returned], rename=True)  # type: ignore[misc]

    def bind(self, row: Values) -> Any:
        """Return the driver's parameters of a row."""
        try:
            picked = list(self._pick(row))
        except KeyError:
            picked = list(self._pick({**self._usual, **row}))
        for place, convert in self._outward:
            picked[place] = convert(picked[place])
        return picked if self._positional else dict(zip(self._names, picked, strict=True))

    def rows(self, cursor: Any) -> list[Any]:
        if not self._inward:
            return [self._row._make(row) for row in cursor.fetchall()]
        return [self._row._make(self._converted(list(row))) for row in cursor.fetchall()]

    def _converted(self, row: list[Any]) -> list[Any]:
        for place, convert in self._inward:
            row[place] = convert(row[place])
        return row


def _picker(names: Sequence[str]) -> Callable[[Values], Sequence[Any]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: [values[name] for name in names]


def _converts(converts: Iterable[Convert | None]) -> Sequence[tuple[int, Convert]]:
    return [(place, convert) for place, convert in enumerate(converts) if convert]


def _to_driver(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    if isinstance(kind, UTCDateTime) and dialect.name == "sqlite":
        return _instant_to_sqlite
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _from_driver(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    if isinstance(kind, UTCDateTime) and dialect.name == "sqlite":
        return _instant_from_sqlite
    return kind.dialect_impl(dialect).result_processor(dialect, None)


@lru_cache(maxsize=256)  # a plan's rows all hold the same few instants
def _instant_to_sqlite(instant: datetime | None) -> str | None:
    """Write an instant as SQLAlchemy does, in a tenth of its time."""
    if instant is None:
        return None
    return instant.astimezone(UTC).isoformat(" ", "microseconds")[:26]


def _instant_from_sqlite(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)
