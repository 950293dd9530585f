"""What each change writes beside the ticket's own row: its mails, people, tags and links."""

from collections.abc import Sequence
from typing import assert_never

from sqlalchemy import Connection, delete, insert, select, update

from maild.store import queued, upsert
from maild.store.filing import Filing, Stale
from maild.store.prepared import Prepared
from maild.store.tables import CONTACT, INTAKE, LINK, MESSAGE, PARTICIPANT, REF, TAG
from maild.ticket import change
from maild.ticket.change import Change
from maild.ticket.model import Direction, Role, Ticket, Visibility

_INSERT_MESSAGE = Prepared.insert(MESSAGE)
_INSERT_REF = Prepared.insert(REF)


def write(connection: Connection, ticket: Ticket, one: Change, filing: Filing) -> None:
    """Write the rows that a change has apart from the ticket's own."""
    number = ticket.number
    match one:
        case change.AddMessage():
            _add_message(connection, number, one, filing)
        case change.AddTag(tag=tag):
            upsert.ignore(connection, TAG, {"ticket": number, "tag": tag})
        case change.RemoveTag(tag=tag):
            connection.execute(delete(TAG).where(TAG.c.ticket == number, TAG.c.tag == tag))
        case change.AddPerson() | change.RemovePerson() | change.SetRequester():
            _write_people(connection, ticket)
        case change.Link(other=other, relation=relation):
            upsert.ignore(connection, LINK, {"ticket": number, "other": other, "relation": relation.value})
        case change.Muted(address=address, until=until):
            mark_contact(connection, address, filing, "muted_until", until)
        case change.Blocked(address=address, blocked=blocked):
            mark_contact(connection, address, filing, "blocked", blocked)
        case change.Withdrawn():
            _withdraw(connection, number, one, filing)
        case change.NoCopies(address=address):
            mark_contact(connection, address, filing, "no_copies", True)
        case change.Absorbed(other=other):
            connection.execute(update(MESSAGE).where(MESSAGE.c.ticket == other).values(ticket=number))
        case change.SplitFrom():
            _move_mail(connection, number, one)
        case (
            change.OpenTicket()
            | change.SetStatus()
            | change.Assign()
            | change.SetPriority()
            | change.SetQueue()
            | change.SetField()
            | change.Merged()
            | change.SplitOff()
            | change.Silenced()
            | change.Promised()
            | change.WakeAt()
            | change.PromiseJudged()
            | change.Delivered()
            | change.Undelivered()
            | change.StageReached()
            | change.ClockSet()
            | change.NothingOwed()
            | change.Rated()
            | change.Remark()
        ):
            pass  # the ticket's own columns and the history say it all
        case _:
            assert_never(one)


def write_anew(connection: Connection, ticket: Ticket) -> None:
    """Write the people and the tags of a ticket."""
    _write_people(connection, ticket)
    connection.execute(delete(TAG).where(TAG.c.ticket == ticket.number))
    for tag in ticket.tags:
        upsert.ignore(connection, TAG, {"ticket": ticket.number, "tag": tag})


def mark_contact(connection: Connection, address: str, filing: Filing, column: str, value: object) -> None:
    values = {"address": address.lower(), "first_seen_at": filing.now, "version": 1, column: value}
    upsert.replace(connection, CONTACT, values, (column,))


def _withdraw(connection: Connection, number: int, one: change.Withdrawn, filing: Filing) -> None:
    """The mails do not leave, and what the customer was never sent is a note."""
    if not queued.withdraw(connection, one.mails, filing.now):
        raise Stale("the answer has left meanwhile")
    said = (MESSAGE.c.ticket == number, MESSAGE.c.message_id == one.message_id)
    ours = (MESSAGE.c.direction == Direction.OUT.value, MESSAGE.c.visibility == Visibility.PUBLIC.value)
    connection.execute(update(MESSAGE).where(*said, *ours).values(visibility=Visibility.NOTE.value))


def _move_mail(connection: Connection, number: int, one: change.SplitFrom) -> None:
    """The mail and what leads to it are the new ticket's from now on, and no note there if it was a stranger's."""
    there = {"ticket": number, "visibility": Visibility.PUBLIC.value}
    moved = update(MESSAGE).where(MESSAGE.c.id == one.row, MESSAGE.c.ticket == one.other).values(there)
    if not connection.execute(moved).rowcount:
        raise Stale(f"{one.message_id} is not in #{one.other} any more")
    its_bytes = select(MESSAGE.c.intake).where(MESSAGE.c.id == one.row).scalar_subquery()
    connection.execute(update(INTAKE).where(INTAKE.c.id == its_bytes).values(ticket=number))
    led_there = (REF.c.ticket == one.other, REF.c.message_id == one.message_id, REF.c.filed)
    connection.execute(update(REF).where(*led_there).values(ticket=number))


def _add_message(connection: Connection, number: int, one: change.AddMessage, filing: Filing) -> None:
    _INSERT_MESSAGE(
        connection,
        {
            "ticket": number,
            "direction": one.direction.value,
            "visibility": one.visibility.value,
            "kind": one.kind.value,
            "message_id": one.message_id,
            "party": one.party,
            "party_name": one.party_name,
            "at": filing.now,
            "new_text": one.new_text,
            "text": "" if one.text.rstrip() == one.new_text.rstrip() else one.text,  # most quote nothing
            "intake": one.intake_id,
        },
    )
    if one.message_id:
        refer(connection, number, one.party.lower(), filing, one.message_id, filing.references)


def refer(
    connection: Connection, number: int, sender: str, filing: Filing, message_id: str, mentioned: Sequence[str] = ()
) -> None:
    """Let a mail's own id lead to a ticket from now on, and those that it mentions."""
    row = {"ticket": number, "sender": sender, "filed": False, "content_hash": ""}
    own = {**row, "message_id": message_id, "filed": True, "content_hash": filing.content_hash}
    _INSERT_REF(connection, own, *({**row, "message_id": one} for one in mentioned if one != message_id))


def _write_people(connection: Connection, ticket: Ticket) -> None:
    connection.execute(delete(PARTICIPANT).where(PARTICIPANT.c.ticket == ticket.number))
    rows = [
        {"ticket": ticket.number, "address": person.address, "name": person.name, "role": person.role.value}
        for person in ticket.others
        if person.role is not Role.REQUESTER
    ]
    if rows:
        connection.execute(insert(PARTICIPANT), rows)
