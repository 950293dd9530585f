"""INSERT … ON CONFLICT, which both databases speak and SQLAlchemy's common language does not."""

import importlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table

from maild.store.prepared import Prepared


def ignore(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Insert a row unless it is there."""
    _statement(connection.dialect.name, table, ())(connection, values)


def numbered(connection: Connection, table: Table, values: Mapping[str, Any]) -> int | None:
    """Insert a row unless it is there; return the id that it was given, None for one that was there."""
    found: int | None = _numbered(connection.dialect.name, table)(connection, values).scalar()
    return found


def replace(connection: Connection, table: Table, values: Mapping[str, Any], changed: tuple[str, ...]) -> None:
    """Insert a row, or write the `changed` columns of the one with the same primary key."""
    _statement(connection.dialect.name, table, changed)(connection, values)


@lru_cache(maxsize=128)
def _statement(dialect: str, table: Table, changed: tuple[str, ...]) -> Prepared:
    insert = _insert(dialect, table)
    if not changed:
        return Prepared.insert(table, insert.on_conflict_do_nothing())
    key = list(table.primary_key.columns)
    update = insert.on_conflict_do_update(index_elements=key, set_={name: insert.excluded[name] for name in changed})
    return Prepared.insert(table, update)


@lru_cache(maxsize=16)
def _numbered(dialect: str, table: Table) -> Prepared:
    return Prepared.insert(table, _insert(dialect, table).on_conflict_do_nothing().returning(table.c.id))


def _insert(dialect: str, table: Table) -> Any:
    return importlib.import_module(f"sqlalchemy.dialects.{dialect}").insert(table)  # that of one database alone
