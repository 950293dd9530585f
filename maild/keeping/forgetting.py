"""What is kept of a person: shown, handed over, forgotten; and what is old enough to be forgotten by itself."""

import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table

from maild import maillog
from maild.agents.syntax import CommandError
from maild.deciding.filing import carry_out
from maild.keeping.export import quoted
from maild.opened import Opened
from maild.store import browse, forget, person, pieces, tickets
from maild.store.copy import Progress
from maild.store.person import NOWHERE, Known, Looked, Rows
from maild.store.prepared import parted
from maild.store.tables import INTAKE
from maild.store.write import Store
from maild.system import durable
from maild.ticket.change import Change, Remark, SetStatus
from maild.ticket.model import Status
from maild.ticket.plan import Plan

BATCH = 200  # mails, tickets or people of one sweep
ON_REQUEST = "the requester asked to be forgotten"


@dataclass(frozen=True, slots=True)
class Keep:
    """How long: None is for ever."""

    raw: timedelta | None = None
    tickets: timedelta | None = None


FOR_EVER = Keep()


def sweep(store: Store, keep: Keep, now: datetime) -> int:
    """Forget a batch of what is old enough; return of how many tickets, mails and people it was."""
    tickets = mails = people = 0
    if keep.tickets is not None:
        empty_tickets = partial(forget.empty_tickets, now=now)
        tickets = _sweep(store, now - keep.tickets, forget.old_tickets, empty_tickets)
        mails = _sweep(store, now - keep.tickets, forget.old_discarded, forget.empty_mails)
    if keep.raw is not None:
        mails += _sweep(store, now - keep.raw, forget.old_mails, forget.drop_bytes)
    if keep.tickets is not None and not tickets:  # else more of them may soon have none left
        people = _sweep_people(store, now - keep.tickets, now)
    if tickets or mails or people:
        maillog.forgotten(tickets, mails, people)
    return tickets + mails + people


def _sweep(
    store: Store,
    before: datetime,
    find: Callable[[Connection, datetime, int], list[int]],
    empty: Callable[[Connection, list[int]], None],
) -> int:
    """Empty a batch of what is older than a moment, in one transaction; return of how many rows."""

    def work(connection: Connection) -> int:
        numbers = find(connection, before, BATCH)
        if numbers:
            empty(connection, numbers)
        return len(numbers)

    return store.write(work)


def _sweep_people(store: Store, before: datetime, now: datetime) -> int:
    old = store.read(partial(forget.old_contacts, before=before, now=now, count=BATCH))
    return store.write(partial(forget.drop_contacts, addresses=old, before=before, now=now)) if old else 0


def look_for(store: Store, address: str, progress: Progress) -> Looked:
    """Look for a person's rows, and into the heads of all mails, a few at a time: the daemon files others meanwhile."""
    last, mails = store.read(partial(person.last, table=INTAKE)), list[int]()
    rows = tuple(_rows_of(store, table, address.lower()) for table in person.HIS)
    for after in range(0, last, person.PAGE):
        mails += store.read(partial(person.naming, address=address.lower(), after=after))
        progress(min(after + person.PAGE, last), last)
    return Looked(last, tuple(mails), rows)


def _rows_of(store: Store, table: Table, address: str) -> Rows:
    last, found = store.read(partial(person.last, table=table)), list[int]()
    for after in range(0, last, person.ROWS_A_PAGE):
        found += store.read(partial(person.his_next, table=table, address=address, after=after))
    return Rows(last, tuple(found))


def forget_person(opened: Opened, address: str, now: datetime, looked: Looked = NOWHERE) -> Known:
    """Empty all that is kept of a person, in one transaction; return what there was.

    His own conversations are closed and emptied whole, for what others say there is about him; in those of others, what
    he wrote goes, and his name and address.

    Args:
        looked: where he was looked for already; what came since is looked into while all else waits.

    Raises:
        CommandError: he is an agent, or it is a queue, or a mail of his is being filed now.
    """
    desk = opened.office.desk
    if desk.agent_at(address) is not None:
        raise CommandError(f"{address} is an agent's: take the agent out of the rule files first")
    if (queue := desk.queue_at(address)) is not None:
        raise CommandError(f"{address} is the queue {queue.key}'s, and every mail to it names it: it is nobody's")
    work = partial(_forget, opened=opened, address=address.lower(), now=now, looked=looked)
    found = opened.store.write(work)
    _sweep_index(opened.store)
    maillog.forgotten(tickets=len(found.own), mails=found.mails, people=1)
    return found


def _sweep_index(store: Store) -> None:
    """Let the index of words have no trace of what was deleted, a little at a time."""
    goes_on = store.write(forget.begin_sweep_of_index)
    while goes_on:
        goes_on = store.write(forget.sweep_index)


def _forget(connection: Connection, opened: Opened, address: str, now: datetime, looked: Looked) -> Known:
    found = person.of(connection, address, looked)
    if found.waiting:
        raise CommandError(f"{found.waiting} mails of {address} are not filed yet: try again in a moment")
    names = person.names(connection, address, looked)
    for number in found.own:
        ticket = tickets.get(connection, number)
        assert ticket is not None
        closing: tuple[Change, ...] = () if ticket.status is Status.CLOSED else (SetStatus(Status.CLOSED, ON_REQUEST),)
        changes = (*closing, Remark("words and people forgotten", ON_REQUEST))
        carry_out(connection, Plan(number, changes, actor="operator"), ticket, opened.office, now)
    for some in parted(found.own, BATCH):
        forget.empty_tickets(connection, some, now)
    for some in parted(found.others, BATCH):
        forget.empty_of(connection, address, names, some)
    forget.empty_elsewhere(connection, found, names, now, looked)
    return found


def hand_over(connection: Connection, address: str, file: Path, looked: Looked = NOWHERE) -> Known:
    """Write what is kept of a person to a new zip: his mails as they came, and all that he was written or wrote.

    Notes among agents are not in it, nor what others wrote in other people's conversations.

    Raises:
        FileExistsError: the file is there.
    """
    found = person.of(connection, address.lower(), looked)
    with durable.new(file) as target, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as whole:
        with whole.open("mails.mbox", "w") as mbox:
            for number in person.mails_of(connection, address.lower(), looked):
                if raw := pieces.raw_of(connection, number):
                    mbox.write(quoted(raw, person.received_at(connection, number))[1])
        told = _told(connection, address.lower(), found)
        whole.writestr("person.json", json.dumps(told, ensure_ascii=False, indent=2, default=_iso))
    return found


def _told(connection: Connection, address: str, found: Known) -> dict[str, Any]:
    return {
        "address": address,
        "name": found.name,
        "contact": person.contact(connection, address),
        "conversations": [_conversation(connection, number, "") for number in found.own],
        "took_part_in": [_conversation(connection, number, address) for number in found.others],
        "sent_to": list(person.written_to(connection, address)),
    }


def _conversation(connection: Connection, number: int, only: str) -> dict[str, Any]:
    row = browse.ticket_row(connection, number)
    said: Sequence[Any] = person.said_in(connection, number, only)
    return {
        "number": number,
        "subject": row.subject,
        "opened_at": row.opened_at,
        "status": row.status,
        "messages": [
            {"at": one.at, "direction": one.direction, "from": one.party_name or one.party, "text": one.new_text}
            for one in said
        ],
    }


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
