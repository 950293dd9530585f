"""Whether all that was received is accounted for: how many mails have which fate, and what does not add up."""

import json
from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Connection, exists, func, literal, select, union_all
from sqlmodel import SQLModel

from maild.store.tables import CHUNK, HELD, HISTORY, INTAKE, MESSAGE, TICKET
from maild.ticket.change import Absorbed, AddMessage, SplitFrom
from maild.ticket.plan import Fate, Word

MOVES = (Absorbed.__name__, SplitFrom.__name__)  # messages from one ticket to another


def counts(connection: Connection) -> dict[str, dict[str, int]]:
    """Return, by way in, how many mails were received and how many have which fate."""
    found: dict[str, dict[str, int]] = {}
    rows = connection.execute(
        select(INTAKE.c.protocol, INTAKE.c.fate, func.count()).group_by(INTAKE.c.protocol, INTAKE.c.fate)
    )
    for protocol, fate, count in rows:
        line = found.setdefault(protocol or "file", {"received": 0} | {fate.value: 0 for fate in Fate})
        line[fate] += count
        line["received"] += count
    return found


def faults(connection: Connection) -> Iterator[str]:
    """Name every mail and ticket whose story does not add up.

    What is missing is asked for row by row: of a list of all that there is, PostgreSQL would look through the whole for
    each, where it is too long for its memory.
    """
    yield from _of_mails(connection)
    yield from _of_histories(connection)
    yield from _of_messages(connection)
    yield from _orphans(connection)


def _of_mails(connection: Connection) -> Iterator[str]:
    of_ticket = exists().where(TICKET.c.number == INTAKE.c.ticket)
    query = select(INTAKE.c.id).where(INTAKE.c.fate == Fate.FILED.value, INTAKE.c.ticket.is_not(None), ~of_ticket)
    for number in connection.execute(query).scalars():
        yield f"mail {number} is filed under a ticket that does not exist"
    for number, chunks in connection.execute(select(INTAKE.c.id, INTAKE.c.chunks).where(INTAKE.c.chunks > 0)):
        kept = connection.execute(select(func.count()).where(CHUNK.c.intake == number)).scalar_one()
        if kept != chunks:
            yield f"mail {number} has {kept} of its {chunks} pieces"
    in_hand = INTAKE.c.fate.in_((Fate.WAITING.value, Fate.HELD.value))
    empty = (INTAKE.c.raw.is_(None), INTAKE.c.chunks == 0, INTAKE.c.size_bytes > 0)
    for row in connection.execute(select(INTAKE.c.id, INTAKE.c.fate).where(in_hand, *empty)):
        yield f"mail {row.id} is {row.fate}, and nothing of it is kept"
    asked = select(INTAKE.c.id, INTAKE.c.fate).join(HELD, HELD.c.mail == INTAKE.c.id)
    for row in connection.execute(asked.where(HELD.c.state == Word.WAITING.value, INTAKE.c.fate != Fate.HELD.value)):
        yield f"mail {row.id} is {row.fate}, and its agent's word on it is waited for"


def _of_histories(connection: Connection) -> Iterator[str]:
    highest, count = func.max(HISTORY.c.sequence), func.count()
    steps = select(HISTORY.c.ticket, highest, count).group_by(HISTORY.c.ticket).having(highest != count)
    for number, last, kept in connection.execute(steps):
        yield f"the history of ticket #{number} has a gap: {kept} of {last} steps"
    of_it = exists().where(HISTORY.c.ticket == TICKET.c.number)
    for number in connection.execute(select(TICKET.c.number).where(~of_it)).scalars():
        yield f"ticket #{number} has no history"


def _of_messages(connection: Connection) -> Iterator[str]:
    """Compare how many messages histories tell of with how many there are, of tickets that exchanged some together."""
    told = select(HISTORY.c.ticket, literal(-1)).where(HISTORY.c.change == AddMessage.__name__)
    both = union_all(select(MESSAGE.c.ticket, literal(1).label("count")), told).subquery()
    more = func.sum(both.c.count)
    query = select(both.c.ticket, more).group_by(both.c.ticket).having(more != 0)
    differ = {number: int(count) for number, count in connection.execute(query)}
    for group in _exchanged(connection):
        together = sum(differ.pop(number, 0) for number in group)
        differ |= {min(group): together} if together else {}
    for number, count in sorted(differ.items()):
        yield f"messages of ticket #{number}: {abs(count)} {'more' if count > 0 else 'less'} than its history tells of"


def _exchanged(connection: Connection) -> list[set[int]]:
    """Return the tickets between which messages were moved, those that belong together in one set."""
    group_of: dict[int, set[int]] = defaultdict(set)
    for number, detail in connection.execute(
        select(HISTORY.c.ticket, HISTORY.c.detail).where(HISTORY.c.change.in_(MOVES))
    ):
        other = json.loads(detail)["other"]
        joined = group_of[number] | group_of[other] | {number, other}
        group_of.update(dict.fromkeys(joined, joined))
    return list({id(group): group for group in group_of.values()}.values())


def _orphans(connection: Connection) -> Iterator[str]:
    """Name rows that belong to one which is not there: anybody who opens an SQLite file can delete that one."""
    for table in SQLModel.metadata.sorted_tables:
        for key in table.foreign_keys:
            its = key.parent
            there = key.column.table.alias("there")
            found = exists().where(there.c[key.column.name] == its)
            for wanted in connection.execute(select(its).where(its.is_not(None), ~found).distinct()).scalars():
                yield f"what is kept of {key.column.table.name} {wanted} in {table.name} belongs to nothing: it is gone"
