"""Whether tickets are as their histories make them: a row, its people and its tags say nothing that these do not.

Somebody who opens the database beside maild may change one without the other, and so may a fault of ours.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from maild.store import histories, tickets
from maild.store.forget import NOBODY
from maild.ticket import evolve
from maild.ticket.change import Entry, instant
from maild.ticket.model import Participant, Role, Ticket

AT_ONCE = 200  # tickets, so that no look takes long
COMPARED = tuple(one.name for one in dataclasses.fields(Ticket) if one.name not in ("number", "version"))


class Difference(NamedTuple):
    """What a ticket has otherwise than its history makes it."""

    ticket: int
    what: str
    kept: str
    told: str

    def __str__(self) -> str:
        return f"ticket #{self.ticket}: {self.what} is {self.kept}, by its history {self.told}"


@dataclasses.dataclass(frozen=True, slots=True)
class Compared:
    """A ticket as it is kept, and as its history makes it."""

    kept: Ticket
    folded: Ticket
    history: Sequence[Entry]

    def differences(self) -> Iterator[Difference]:
        for name in COMPARED:
            kept, told = getattr(self.kept, name), getattr(self.folded, name)
            if kept != told:
                yield Difference(self.kept.number, name, _said(kept), _said(told))


def compared(connection: Connection, numbers: Sequence[int]) -> Iterator[Compared]:
    """Return some tickets, each with what its history makes of it.

    One whose history does not begin with its opening is taken as it is: `ledger` names it.  One whose history holds
    what no maild wrote is left out.
    """
    try:
        yield from _compared(connection, numbers)
    except (AssertionError, KeyError, TypeError, ValueError):
        if len(numbers) > 1:
            for number in numbers:
                yield from compared(connection, (number,))


def _compared(connection: Connection, numbers: Sequence[int]) -> list[Compared]:
    found = []
    told = histories.of_several(connection, numbers)
    for ticket in tickets.of_numbers(connection, numbers):
        history = told.get(ticket.number, [])
        kept = _with_people_in_order(ticket)
        folded = evolve.folded(ticket.number, history)
        found.append(Compared(kept, _with_people_in_order(folded) if folded else kept, history))
    return found


def differences(connection: Connection, numbers: Sequence[int]) -> list[Difference]:
    """Return what is otherwise in some tickets than their histories make it."""
    return [difference for one in compared(connection, numbers) for difference in one.differences()]


def faults(connection: Connection, numbers: Sequence[int]) -> list[str]:
    """Name what does not add up, with the remedy."""
    found = list(compared(connection, numbers))
    unreadable = sorted({*numbers} - {one.kept.number for one in found})
    return [
        *(f"{each}; `maild check --rebuild` makes it so" for one in found for each in one.differences()),
        *(f"the history of ticket #{number} cannot be read: it holds what no maild wrote" for number in unreadable),
    ]


def _with_people_in_order(ticket: Ticket) -> Ticket:
    """Return a ticket with the people that have rows; one who was forgotten is in the history alone, as nobody."""
    kept = (one for one in ticket.others if one.address != NOBODY and one.role is not Role.REQUESTER)
    return dataclasses.replace(ticket, others=tuple(sorted(kept, key=lambda one: one.address)))


def _said(value: object) -> str:
    match value:
        case None | "" | ():
            return "nothing"
        case datetime():
            return instant(value)
        case Participant():
            return f"{value.name} <{value.address}> ({value.role})".lstrip()
        case tuple():
            return ", ".join(map(_said, value))
        case _:
            return str(value)
