"""What happened to tickets, as it was written down: reading only; `file` alone writes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select

from maild.store.prepared import Among, Prepared
from maild.store.records import change_from_json
from maild.store.tables import HISTORY
from maild.ticket.change import ClockSet, Entry

_OF_TICKET = select(HISTORY).where(HISTORY.c.ticket == bindparam("of_ticket")).order_by(HISTORY.c.sequence)
_HISTORY = Prepared(_OF_TICKET)
_AFTER = Prepared(select(HISTORY).where(HISTORY.c.id > bindparam("number")).order_by(HISTORY.c.id))
_HISTORIES = Among(select(HISTORY).order_by(HISTORY.c.ticket, HISTORY.c.sequence), HISTORY.c.ticket)
_TARGETS = Prepared(_OF_TICKET.where(HISTORY.c.change == ClockSet.__name__))


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Entry):
    """One line of a ticket's history as it was written down, in the words and under the rules of then."""

    sequence: int
    text: str
    ruleset: int


def after(connection: Connection, number: int) -> list[Any]:
    """Return the rows of all histories with higher numbers, in order; 0 for every one."""
    return _AFTER(connection, {"number": number}).all()


def of(connection: Connection, number: int) -> list[Written]:
    """Return a ticket's history in order."""
    return [_written(row) for row in _HISTORY(connection, {"of_ticket": number})]


def of_several(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Written]]:
    """Return the histories of some tickets, each in order; one without any is left out."""
    found: dict[int, list[Written]] = {}
    for row in _HISTORIES(connection, numbers):
        found.setdefault(row.ticket, []).append(_written(row))
    return found


def targets(connection: Connection, number: int) -> list[Written]:
    """Return what of a ticket's history says by which targets its clocks go."""
    return [_written(row) for row in _TARGETS(connection, {"of_ticket": number})]


def _written(row: Any) -> Written:
    change = change_from_json(row.change, row.detail)
    return Written(row.at, change, row.actor, sequence=row.sequence, text=row.text, ruleset=row.ruleset)
