"""What is not to be kept any longer is emptied, never cut out: numbers, times, counts and who of us did what stay.

So the ledger still balances and every history can still be folded, while words, names and addresses are gone; the index
of words follows by its triggers.  Beside store.file this is the only place that touches tickets and their histories.
"""

import re
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Select, delete, exists, func, or_, select, text, update

from maild.message.address import pattern_of
from maild.store.known import IN_HAND, Known
from maild.store.outbox import IS_UNSENT, UNSENT
from maild.store.records import change_from_json
from maild.store.tables import (
    CHUNK,
    CONTACT,
    HAS_BYTES,
    HELD,
    HISTORY,
    INTAKE,
    MESSAGE,
    OUTBOX,
    PARTICIPANT,
    REF,
    SAYS_SOMETHING,
    TICKET,
)
from maild.ticket.model import Direction, Status
from maild.ticket.plan import Fate

NOBODY = "forgotten@invalid"  # RFC 2606: an address that never is anybody's
GONE = "[forgotten]"
ENDED = (Status.SOLVED.value, Status.CLOSED.value)
_ADDRESS = re.compile(r"[^\s<>\"',;:()\[\]]+@[^\s<>\"',;:()\[\]]+")
_WORDS = ("subject", "text", "value", "party_name")  # keys of changes under which people's words stand
_PEOPLE = ("requester", "person")
_KEPT = ("message_id", "last_message_id")  # what later mails are threaded by
_LETTER: dict[str, Any] = {"text": GONE, "html": "", "headers": [["Subject", GONE]], "attachments": []}


def old_mails(connection: Connection, before: datetime, count: int) -> list[int]:
    """Return mails that came before a moment, have their bytes still, and belong to no ticket that is open.

    Which fates they must not have is said, for SQLite would look up all mails of those that they may have.
    """
    ended = or_(INTAKE.c.ticket.is_(None), TICKET.c.status.in_(ENDED))
    where_it_is = TICKET.alias("where_it_is")  # the one in which its own ticket ended, perhaps
    moved = (where_it_is.c.number == MESSAGE.c.ticket, where_it_is.c.status.not_in(ENDED))
    needed = exists().where(MESSAGE.c.intake == INTAKE.c.id, *moved)
    query = (
        select(INTAKE.c.id)
        .outerjoin(TICKET, TICKET.c.number == INTAKE.c.ticket)
        .where(text(f"({HAS_BYTES})"), INTAKE.c.received_at < before, INTAKE.c.fate.not_in(IN_HAND), ended, ~needed)
        .order_by(INTAKE.c.received_at)
        .limit(count)
    )
    return list(connection.execute(query).scalars())


def old_tickets(connection: Connection, before: datetime, count: int) -> list[int]:
    """Return closed tickets that nothing has happened to since a moment, and that say something still.

    One that ended in another goes after that one: its mails are there, and who answers them.
    """
    into = TICKET.alias("into")
    gone = exists().where(into.c.number == TICKET.c.merged_into, into.c.requester_address == NOBODY)
    query = (
        select(TICKET.c.number)
        .where(text(SAYS_SOMETHING), TICKET.c.updated_at < before, or_(TICKET.c.merged_into.is_(None), gone))
        .order_by(TICKET.c.updated_at)
        .limit(count)
    )
    return list(connection.execute(query).scalars())


def drop_bytes(connection: Connection, mails: Collection[int]) -> None:
    """Forget what mails said as they came; that they came, and what became of them, stays."""
    _overwrite_what_is_deleted(connection)
    connection.execute(delete(CHUNK).where(CHUNK.c.intake.in_(mails)))
    connection.execute(update(INTAKE).where(INTAKE.c.id.in_(mails)).values(raw=None, chunks=0))
    connection.execute(update(MESSAGE).where(MESSAGE.c.intake.in_(mails)).values(intake=None))


def empty_tickets(connection: Connection, numbers: Collection[int], now: datetime) -> None:
    """Forget what was said in conversations, and who the customers were."""
    _empty_mails(connection, select(INTAKE.c.id).where(INTAKE.c.ticket.in_(numbers)))
    _empty_outbox(connection, OUTBOX.c.ticket.in_(numbers), now)
    theirs = MESSAGE.c.direction == Direction.IN.value
    of_tickets = MESSAGE.c.ticket.in_(numbers)
    connection.execute(update(MESSAGE).where(of_tickets).values(new_text=GONE, text="", intake=None))
    connection.execute(update(MESSAGE).where(of_tickets, theirs).values(party=NOBODY, party_name=""))
    connection.execute(update(REF).where(REF.c.ticket.in_(numbers)).values(sender=NOBODY, content_hash=""))
    connection.execute(delete(PARTICIPANT).where(PARTICIPANT.c.ticket.in_(numbers)))
    connection.execute(update(HELD).where(HELD.c.ticket.in_(numbers)).values(text=GONE))
    _rewrite_histories(connection, numbers, emptied, lambda said: _ADDRESS.sub(NOBODY, said))
    for row in connection.execute(select(TICKET.c.number, TICKET.c.fields).where(TICKET.c.number.in_(numbers))).all():
        fields = orjson.dumps(_without_facts(orjson.loads(row.fields))).decode() if row.fields else ""
        values = {"subject": GONE, "base_subject": "", "fields": fields, "requester_name": ""}
        of_one = update(TICKET).where(TICKET.c.number == row.number)
        connection.execute(of_one.values(**values, requester_address=NOBODY, thread_index=""))


def empty_of(connection: Connection, address: str, names: Collection[str], numbers: Collection[int]) -> None:
    """Forget what one person said in the conversations of others, and his name and address there.

    Their mails, too, name him as they came; what was read in them stays, without him.
    """
    his = MESSAGE.c.ticket.in_(numbers) & (func.lower(MESSAGE.c.party) == address)
    _empty_mails(connection, select(MESSAGE.c.intake).where(his, MESSAGE.c.intake.is_not(None)))
    said = update(MESSAGE).where(his)
    connection.execute(said.values(new_text=GONE, text="", party=NOBODY, party_name="", intake=None))
    of_tickets = select(INTAKE.c.id).where(INTAKE.c.ticket.in_(numbers))
    drop_bytes(connection, [row.id for row in connection.execute(of_tickets)])
    connection.execute(update(REF).where(REF.c.sender == address).values(sender=NOBODY, content_hash=""))
    connection.execute(delete(PARTICIPANT).where(func.lower(PARTICIPANT.c.address) == address))
    without = masked(address, names)
    for row in connection.execute(select(MESSAGE).where(MESSAGE.c.ticket.in_(numbers))).all():
        values = {"new_text": without(row.new_text), "text": without(row.text)}
        connection.execute(update(MESSAGE).where(MESSAGE.c.id == row.id).values(**values))
    for row in connection.execute(select(TICKET).where(TICKET.c.number.in_(numbers))).all():
        fields = orjson.dumps(_mapped(orjson.loads(row.fields), without)).decode() if row.fields else ""
        named = {"subject": without(row.subject), "base_subject": without(row.base_subject), "fields": fields}
        connection.execute(update(TICKET).where(TICKET.c.number == row.number).values(**named))
    for row in connection.execute(select(OUTBOX).where(OUTBOX.c.ticket.in_(numbers))).all():
        may_leave = row.state in (*UNSENT, "held")
        letter = orjson.loads(row.letter) | ({} if may_leave else {"text": GONE, "html": ""})  # it quotes him
        emptied_letter = orjson.dumps(_mapped(letter, without)).decode()
        connection.execute(update(OUTBOX).where(OUTBOX.c.id == row.id).values(letter=emptied_letter))
    _rewrite_histories(connection, numbers, lambda value: _mapped(value, without), without)


def empty_elsewhere(connection: Connection, found: Known, names: Collection[str], now: datetime) -> None:
    """Forget what stands of a person outside all tickets: mails that became none, what was sent to him, the contact.

    What an agent said of him in a mail that is held is shown to whoever looks at it, if it belongs to no ticket yet.
    """
    address, without = found.address, masked(found.address, names)
    his = or_(func.lower(INTAKE.c.mail_from) == address, INTAKE.c.id.in_(found.unfiled))
    _empty_mails(connection, select(INTAKE.c.id).where(his, INTAKE.c.fate != Fate.WAITING.value))
    drop_bytes(connection, found.naming)
    for row in connection.execute(select(HELD.c.mail, HELD.c.text)).all():
        if (said := without(row.text)) != row.text:
            connection.execute(update(HELD).where(HELD.c.mail == row.mail).values(text=said))
    _empty_outbox(connection, func.lower(OUTBOX.c.recipient) == address, now)
    connection.execute(update(OUTBOX).where(func.lower(OUTBOX.c.recipient) == address).values(recipient=NOBODY))
    connection.execute(delete(CONTACT).where(CONTACT.c.address == address))


def sweep_index(connection: Connection) -> None:
    """Write the index of words anew where it keeps deleted words until it is merged."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("insert into message_words (message_words) values ('optimize')"))


def emptied(value: Any) -> Any:
    """Return a change's fields, or a ticket's, without the words and the addresses of people."""
    if isinstance(value, dict):
        ours = " " in value.get("name", "") and "value" in value  # a field that maild keeps for itself
        return value if ours else {key: _emptied_under(key, one) for key, one in value.items()}
    return _mapped(value, lambda said: _ADDRESS.sub(NOBODY, said))


def _without_facts(fields: dict[str, str]) -> dict[str, str]:
    """Return a ticket's fields without what was kept of mails; names of ours have blanks, and say nothing of people."""
    return {name: value if " " in name else GONE for name, value in fields.items()}


def masked(address: str, names: Collection[str]) -> Callable[[str], str]:
    """Return what takes a person's address and full names out of a text."""
    whole_names = (name for name in names if " " in name)  # "Max" is in "max speed", too
    parts = [pattern_of(address), *(rf"\b{re.escape(name)}\b" for name in whole_names)]
    pattern = re.compile("|".join(parts), re.IGNORECASE)
    return lambda said: pattern.sub(lambda found: NOBODY if "@" in found[0] else GONE, said)


def _emptied_under(key: str, value: Any) -> Any:
    if key in _KEPT:
        return value
    if key in _WORDS and isinstance(value, str):
        return GONE if value else ""
    if key in _PEOPLE:
        person = value if isinstance(value, dict) else dict(zip(("address", "name", "role"), value, strict=True))
        return {**person, "address": NOBODY, "name": ""}
    return emptied(value)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """Apply a change to every text of a JSON value, but for those that mails are threaded by."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(one, change) for one in value]
    if isinstance(value, dict):
        return {key: one if key in _KEPT else _mapped(one, change) for key, one in value.items()}
    return value


def _rewrite_histories(
    connection: Connection, numbers: Collection[int], change: Callable[[Any], Any], said: Callable[[str], str]
) -> None:
    rows = connection.execute(select(HISTORY).where(HISTORY.c.ticket.in_(numbers))).all()
    for row in rows:
        detail = orjson.dumps(change(orjson.loads(row.detail))).decode()
        values = {"detail": detail, "text": str(change_from_json(row.change, detail)), "actor": said(row.actor)}
        if any(getattr(row, name) != value for name, value in values.items()):
            connection.execute(update(HISTORY).where(HISTORY.c.id == row.id).values(**values))


def _empty_mails(connection: Connection, which: Select[Any]) -> None:
    mails = [int(row[0]) for row in connection.execute(which)]
    drop_bytes(connection, mails)
    values = {"mail_from": NOBODY, "rcpt_to": "[]", "client": "", "helo": "", "evidence": None, "traceback": ""}
    for row in connection.execute(select(INTAKE.c.id, INTAKE.c.because).where(INTAKE.c.id.in_(mails))).all():
        because = _ADDRESS.sub(NOBODY, row.because)
        connection.execute(update(INTAKE).where(INTAKE.c.id == row.id).values(**values, because=because))


def _empty_outbox(connection: Connection, which: ColumnElement[bool], now: datetime) -> None:
    """Empty letters; one that has not left will not leave."""
    may_leave = or_(IS_UNSENT, OUTBOX.c.state == "held")
    connection.execute(update(OUTBOX).where(which, may_leave).values(state="withdrawn", done_at=now))
    for row in connection.execute(select(OUTBOX.c.id, OUTBOX.c.letter, OUTBOX.c.audience).where(which)).all():
        letter = {**orjson.loads(row.letter), **_LETTER}
        to_him = row.audience == "customer"
        letter["recipient"] = NOBODY if to_him else letter["recipient"]
        values = {"letter": orjson.dumps(letter).decode(), "replies": ""} | ({"recipient": NOBODY} if to_him else {})
        connection.execute(update(OUTBOX).where(OUTBOX.c.id == row.id).values(**values))


def _overwrite_what_is_deleted(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text("pragma secure_delete = on"))
