"""Statements of the hot path, each compiled once for a dialect and then handed to the driver as text.

SQLAlchemy caches what it compiles, but looks it up, and every parameter with it, at each execution: on the
way of a mail that was a third of the store's time.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, Insert, Select, Table, insert
from sqlalchemy.sql.dml import UpdateBase

Values = Mapping[str, Any]


class Prepared:
    """A statement with named values; what a selection returns is as the driver has it, so no instants.

    Args:
        defaults: the columns that an insertion fills, each with what stands there if the caller gives nothing.
    """

    def __init__(self, statement: UpdateBase | Select[Any], defaults: Values | None = None) -> None:
        self._statement = statement
        self._defaults = defaults
        self._compiled: dict[str, tuple[str, Callable[[Values], Any]]] = {}  # by the dialect's name

    @classmethod
    def insert(cls, table: Table, statement: Insert | None = None) -> "Prepared":
        """Return the insertion of a row; a key of the name `id` is given by the database."""
        columns = [column for column in table.columns if column.name != "id"]
        return cls(
            insert(table) if statement is None else statement,
            {column.name: getattr(column.default, "arg", None) for column in columns},
        )

    def __call__(self, connection: Connection, *rows: Values) -> CursorResult[Any]:
        dialect = connection.dialect
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = self._compile(dialect)
        text, bind = self._compiled[dialect.name]
        bound = [bind(row) for row in rows]
        return connection.exec_driver_sql(text, bound if len(bound) > 1 else bound[0])

    def _compile(self, dialect: Dialect) -> tuple[str, Callable[[Values], Any]]:
        """Return the text, and what makes the driver's parameters of a row."""
        compiled: Any = self._statement.compile(
            dialect=dialect, column_keys=list(self._defaults) if self._defaults else None
        )
        usual = {**compiled.params, **(self._defaults or {})}
        names: list[str] = compiled.positiontup if dialect.positional else list(usual)
        places = [(name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names]

        def bind(row: Values) -> Any:
            values = {**usual, **row}
            converted = [convert(values[name]) if convert else values[name] for name, convert in places]
            return tuple(converted) if dialect.positional else dict(zip(names, converted, strict=True))

        return compiled.string, bind
