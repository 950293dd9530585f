"""Tickets as they are now, whole: with their people and their tags.

What happened to them is in `histories`; only `file` and `changes` change them.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, select

from maild.store.prepared import Among, Prepared, parted
from maild.store.tables import PARTICIPANT, TAG, TICKET
from maild.ticket.model import Participant, Priority, Role, Status, Ticket

MERGES = 1_000  # one into the next; what goes on beyond it is a ring

# Statements of the hot path are made once: to build one costs as much as to run it.
_BY_NUMBER = Among(select(TICKET), TICKET.c.number)
_BY_HANDLE = Prepared(select(TICKET).where(TICKET.c.handle == bindparam("wanted_handle")))
_PEOPLE = Among(select(PARTICIPANT), PARTICIPANT.c.ticket)
_TAGS = Among(select(TAG.c.ticket, TAG.c.tag), TAG.c.ticket)


def get(connection: Connection, number: int) -> Ticket | None:
    """Return one ticket as it is, merged or not."""
    return next(iter(of_rows(connection, _BY_NUMBER(connection, [number]).all())), None)


def of_numbers(connection: Connection, numbers: Sequence[int]) -> list[Ticket]:
    """Return tickets as they are, merged or not; a number without one is left out."""
    return of_rows(connection, [row for some in parted(numbers) for row in _BY_NUMBER(connection, some)])


def numbers(connection: Connection) -> list[int]:
    """Return the numbers of all tickets, in order."""
    return list(connection.execute(select(TICKET.c.number).order_by(TICKET.c.number)).scalars())


def surviving(connection: Connection, number: int) -> Ticket | None:
    """Return one ticket, or the one in which it ended."""
    found = get(connection, number)
    for _ in range(MERGES):
        if found is None or found.merged_into is None:
            break
        found = get(connection, found.merged_into)
    return found


class Found(NamedTuple):
    """What some numbers lead to."""

    surviving: Sequence[Ticket]
    merged: Sequence[Ticket]
    survivors: dict[int, int]  # in which ticket each merged one ended


def found(connection: Connection, numbers: Sequence[int], handle: int | None = None) -> Found:
    """Return the tickets of some numbers and a handle, and those in which they ended."""
    alive: dict[int, Ticket] = {}
    merged: dict[int, Ticket] = {}
    wanted = set(numbers)
    for _ in range(MERGES):
        rows = _BY_NUMBER(connection, list(wanted)).all()
        if handle is not None:
            rows += _BY_HANDLE(connection, {"wanted_handle": handle})
        if not rows:
            break
        tickets = of_rows(connection, rows)
        alive |= {t.number: t for t in tickets if t.merged_into is None}
        merged |= {t.number: t for t in tickets if t.merged_into is not None}
        wanted = {t.merged_into for t in tickets if t.merged_into is not None} - set(alive) - set(merged)
        handle = None
    survivors = {number: _survivor(number, merged) for number in merged}
    return Found(tuple(alive.values()), tuple(merged.values()), survivors)


def _survivor(number: int, merged: dict[int, Ticket]) -> int:
    for _ in range(MERGES):
        into = merged[number].merged_into if number in merged else None
        if into is None:
            break
        number = into
    return number


def of_rows(connection: Connection, rows: Sequence[Any]) -> list[Ticket]:
    """Return the tickets of some rows of their table."""
    return [ticket for some in parted(rows) for ticket in _of_few(connection, some)]


def _of_few(connection: Connection, rows: Sequence[Any]) -> list[Ticket]:
    numbers = [row.number for row in rows]
    people: dict[int, list[Participant]] = defaultdict(list)
    for p in _PEOPLE(connection, numbers):
        people[p.ticket].append(Participant(p.address, p.name, Role(p.role)))
    tags: dict[int, list[str]] = defaultdict(list)
    for t in _TAGS(connection, numbers):
        tags[t.ticket].append(t.tag)
    return [_of_row(row, tuple(people[row.number]), tuple(sorted(tags[row.number]))) for row in rows]


def _of_row(row: Any, others: tuple[Participant, ...], tags: tuple[str, ...]) -> Ticket:
    return Ticket(
        number=row.number,
        handle=row.handle,
        version=row.version,
        queue=row.queue,
        status=Status(row.status),
        priority=Priority(row.priority),
        assignee=row.assignee,
        subject=row.subject,
        requester=Participant(row.requester_address, row.requester_name, Role.REQUESTER),
        language=row.language,
        opened_at=row.opened_at,
        solved_at=row.solved_at,
        closed_at=row.closed_at,
        merged_into=row.merged_into,
        others=others,
        tags=tags,
        last_message_id=row.last_message_id,
        fields=tuple(json.loads(row.fields).items()) if row.fields else (),
        silent=tuple(row.silent.split()),
        rating=row.rating,
    )


def touched_at(connection: Connection, numbers: Collection[int]) -> datetime | None:
    """Return when the newest change of these tickets was; None if there are none."""
    return connection.execute(select(func.max(TICKET.c.updated_at)).where(TICKET.c.number.in_(numbers))).scalar()
