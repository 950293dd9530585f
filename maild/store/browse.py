"""What `list`, `show`, `explain` and `status` ask of the store: reading only."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, or_, select

from maild.store import search
from maild.store.prepared import Prepared, parted
from maild.store.tables import HISTORY, LINK, MESSAGE, OUTBOX, REF, TAG, TICKET
from maild.store.tickets import of_rows
from maild.ticket.model import Status, Ticket

_OUTGOING_AFTER = Prepared(select(OUTBOX).where(OUTBOX.c.id > bindparam("number")).order_by(OUTBOX.c.id))
LONGEST_NUMBER = 18  # digits, that a database can compare
NOT_ENDED = tuple(status.value for status in Status if status not in (Status.SOLVED, Status.CLOSED))


def tickets(
    connection: Connection, words: Sequence[str] = (), everything: bool = False, count: int = 200
) -> list[Ticket]:
    """Return tickets, those touched last first.

    Args:
        words: each is a number, a status, "unassigned", a queue, an assignee, "agent:KEY", a tag, "customer:ADDRESS",
            or is searched for in the mails (see store.search).
        everything: solved and closed ones too; a search finds these anyhow.
    """
    those = TICKET.c.number.in_(matching(connection, words, everything, count))
    query = select(TICKET).where(those).order_by(TICKET.c.updated_at.desc())
    return of_rows(connection, connection.execute(query).all())


def matching(connection: Connection, words: Sequence[str], everything: bool, count: int) -> Select[Any]:
    """Return the query for the numbers of tickets that all words describe, those touched last first.

    What is open is found in an index alone: rows are read of those that are shown.
    """
    query = (
        select(TICKET.c.number).where(TICKET.c.merged_into.is_(None)).order_by(TICKET.c.updated_at.desc()).limit(count)
    )
    described = {word: _described(connection, word) for word in words}
    for condition in described.values():
        query = query.where(condition) if condition is not None else query
    sought = search.terms(word for word, condition in described.items() if condition is None)
    found = search.tickets(connection, sought)
    if found is not None:
        return query.where(TICKET.c.number.in_(found))
    if everything or any(word.lower() in set(Status) for word in words):
        return query
    return query.where(TICKET.c.status.in_(NOT_ENDED))  # by their index; most tickets have ended


def _described(connection: Connection, word: str) -> Any:
    """Return what a word says about a ticket's row, None where it is to be searched for."""
    plain = word.lower().lstrip("#")
    if plain.isdecimal() and len(plain) <= LONGEST_NUMBER:
        number = int(plain)
        if word.startswith("#") or ticket_row(connection, number) is not None:  # else somebody else's number
            return TICKET.c.number == number
    if plain in set(Status):
        return TICKET.c.status == plain
    if plain == "unassigned":
        return TICKET.c.assignee == ""
    if plain.startswith("agent:"):
        return TICKET.c.assignee == word.partition(":")[2]
    if plain.startswith("customer:"):
        return _of_customer(plain.removeprefix("customer:"), word.removeprefix("customer:"))
    for column in (TICKET.c.queue, TICKET.c.assignee):  # few values, by their index
        if connection.execute(select(column).where(column == plain).limit(1)).first():
            return column == plain
    if connection.execute(select(TAG.c.tag).where(TAG.c.tag == plain).limit(1)).first():
        return TICKET.c.number.in_(select(TAG.c.ticket).where(TAG.c.tag == plain))
    return None


def _of_customer(plain: str, as_written: str) -> Any:
    if "@" in plain.strip("@"):
        return func.lower(TICKET.c.requester_address).in_((plain, func.lower(as_written)))  # by their index
    those = (TICKET.c.requester_address, TICKET.c.requester_name)
    return or_(*(func.lower(column).contains(plain, autoescape=True) for column in those))


def ticket_row(connection: Connection, number: int) -> Any:
    """Return the row of a ticket, or None."""
    return connection.execute(select(TICKET).where(TICKET.c.number == number)).first()


def message_counts(connection: Connection, numbers: Sequence[int]) -> dict[int, int]:
    """Return how many messages tickets have; one without any is left out."""
    counts = select(MESSAGE.c.ticket, func.count()).group_by(MESSAGE.c.ticket)
    some = (connection.execute(counts.where(MESSAGE.c.ticket.in_(part))) for part in parted(numbers))
    return {row[0]: row[1] for rows in some for row in rows}


def messages(connection: Connection, number: int) -> list[Any]:
    """Return the messages of a ticket, oldest first."""
    return list(connection.execute(select(MESSAGE).where(MESSAGE.c.ticket == number).order_by(MESSAGE.c.id)))


def outgoing(connection: Connection, number: int) -> list[Any]:
    """Return the mails of a ticket that left or are to leave, oldest first."""
    return list(connection.execute(select(OUTBOX).where(OUTBOX.c.ticket == number).order_by(OUTBOX.c.id)))


def outgoing_after(connection: Connection, number: int) -> list[Any]:
    """Return all mails with higher numbers that were decided, in order; 0 for every one."""
    return _OUTGOING_AFTER(connection, {"number": number}).all()


def ticket_of(connection: Connection, message_id: str) -> int | None:
    """Return the ticket in which a Message-ID was filed."""
    query = select(REF.c.ticket).where(REF.c.message_id == message_id, REF.c.filed).limit(1)
    return connection.execute(query).scalar()


def links(connection: Connection, number: int) -> list[tuple[int, str]]:
    rows = connection.execute(select(LINK.c.other, LINK.c.relation).where(LINK.c.ticket == number))
    return [(row.other, row.relation) for row in rows]


def promises(connection: Connection) -> tuple[int, int]:
    """Return how many promises were kept and how many were broken."""
    rows = connection.execute(select(HISTORY.c.detail).where(HISTORY.c.change == "PromiseJudged")).scalars()
    kept = [json.loads(detail)["kept"] for detail in rows]
    return kept.count(True), kept.count(False)


def ratings(connection: Connection) -> dict[int, int]:
    """Return how many tickets their requesters gave each rating."""
    query = select(TICKET.c.rating, func.count()).where(TICKET.c.rating.is_not(None)).group_by(TICKET.c.rating)
    return {row[0]: row[1] for row in connection.execute(query)}


def recipients(row: Any) -> list[str]:
    """Return the envelope recipients of an intake row."""
    addresses: list[str] = json.loads(row.rcpt_to)
    return addresses
