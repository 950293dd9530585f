"""INSERT … ON CONFLICT, which both databases speak and SQLAlchemy's common language does not."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def ignore(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Insert a row unless it is there."""
    connection.execute(_statement(connection.dialect.name, table, ()), values)


def replace(connection: Connection, table: Table, values: Mapping[str, Any], changed: tuple[str, ...]) -> None:
    """Insert a row, or write the `changed` columns of the one with the same primary key."""
    connection.execute(_statement(connection.dialect.name, table, changed), values)


@lru_cache(maxsize=128)
def _statement(dialect: str, table: Table, changed: tuple[str, ...]) -> Any:
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    if not changed:
        return insert.on_conflict_do_nothing()
    key = list(table.primary_key.columns)
    return insert.on_conflict_do_update(index_elements=key, set_={name: insert.excluded[name] for name in changed})
