"""How SQLite means to find what statements ask for."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event

from maild.store.write import Store


def plans(store: Store, *works: Callable[[Connection], object]) -> list[str]:
    """Return each step of each statement that some reading works make ("explain query plan")."""
    found: list[str] = []

    def explain(_c: Any, cursor: Any, statement: str, values: Any, *_: object) -> None:
        cursor.execute(f"explain query plan {statement}", values)
        found.extend(row[-1] for row in cursor.fetchall())

    with store.reading() as connection:
        event.listen(connection.engine, "before_cursor_execute", explain)
        try:
            for work in works:
                work(connection)
        finally:
            event.remove(connection.engine, "before_cursor_execute", explain)
    return found
