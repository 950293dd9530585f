"""What is not to be kept any longer is emptied, never cut out: numbers, times, counts and who of us did what stay.

So the ledger still balances and every history can still be folded, while words, names and addresses are gone; the index
of words follows by its triggers.  Beside store.file this is the only place that touches tickets and their histories.
"""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Select, and_, delete, exists, func, or_, select, text, update

from maild.message.address import pattern_of
from maild.store import intake
from maild.store.outbox import IS_UNSENT, UNSENT
from maild.store.person import IN_HAND, Known, Looked, his_rows
from maild.store.prepared import parted
from maild.store.records import change_from_json
from maild.store.tables import (
    CHUNK,
    CONTACT,
    HAS_BYTES,
    HELD,
    HISTORY,
    INTAKE,
    MESSAGE,
    NAMES_ITS_SENDER,
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
MERGED_PAGES = 200  # of the index of words, in one transaction
_NEXT = {"version": TICKET.c.version + 1}  # a plan that was made before would write people again
_MERGE = text("insert into message_words (message_words, rank) values ('merge', :pages)")
_CHANGES = text("select total_changes()")
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


def old_discarded(connection: Connection, before: datetime, count: int) -> list[int]:
    """Return mails that came before a moment, became no ticket's, and name their senders still."""
    query = select(INTAKE.c.id).where(text(NAMES_ITS_SENDER), INTAKE.c.received_at < before)
    return list(connection.execute(query.order_by(INTAKE.c.received_at).limit(count)).scalars())


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


def drop_bytes(connection: Connection, mails: Sequence[int]) -> None:
    """Forget what mails said as they came; that they came, and what became of them, stays."""
    _overwrite_what_is_deleted(connection)
    for some in parted(mails):
        connection.execute(delete(CHUNK).where(CHUNK.c.intake.in_(some)))
        connection.execute(update(INTAKE).where(INTAKE.c.id.in_(some)).values(raw=None, chunks=0))
        connection.execute(update(MESSAGE).where(MESSAGE.c.intake.in_(some)).values(intake=None))


def empty_tickets(connection: Connection, numbers: Collection[int], now: datetime) -> None:
    """Forget what was said in conversations, and who the customers were."""
    of_tickets = INTAKE.c.ticket.in_(numbers) & (INTAKE.c.fate != Fate.WAITING.value)
    _empty_mails(connection, select(INTAKE.c.id).where(of_tickets))
    _empty_outbox(connection, OUTBOX.c.ticket.in_(numbers), now)
    theirs = MESSAGE.c.direction == Direction.IN.value
    said = MESSAGE.c.ticket.in_(numbers)
    connection.execute(update(MESSAGE).where(said).values(new_text=GONE, text="", intake=None))
    connection.execute(update(MESSAGE).where(said, theirs).values(party=NOBODY, party_name=""))
    connection.execute(update(REF).where(REF.c.ticket.in_(numbers)).values(sender=NOBODY, content_hash=""))
    connection.execute(delete(PARTICIPANT).where(PARTICIPANT.c.ticket.in_(numbers)))
    connection.execute(update(HELD).where(HELD.c.ticket.in_(numbers)).values(text=GONE))
    _rewrite_histories(connection, numbers, emptied, lambda said: _ADDRESS.sub(NOBODY, said))
    for row in connection.execute(select(TICKET.c.number, TICKET.c.fields).where(TICKET.c.number.in_(numbers))).all():
        fields = orjson.dumps(_without_facts(orjson.loads(row.fields))).decode() if row.fields else ""
        values = {"subject": GONE, "base_subject": "", "fields": fields, "requester_name": "", **_NEXT}
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
    of_tickets = select(INTAKE.c.id).where(INTAKE.c.ticket.in_(numbers), INTAKE.c.fate.not_in(IN_HAND))
    drop_bytes(connection, [row.id for row in connection.execute(of_tickets)])
    without = masked(address, names)
    for row in connection.execute(select(PARTICIPANT).where(PARTICIPANT.c.ticket.in_(numbers))).all():
        if (name := without(row.name)) != row.name:  # another's who is called so, too
            his_row = PARTICIPANT.c.ticket == row.ticket, PARTICIPANT.c.address == row.address
            connection.execute(update(PARTICIPANT).where(*his_row).values(name=name))
    for row in connection.execute(select(MESSAGE).where(MESSAGE.c.ticket.in_(numbers))).all():
        values = {"new_text": without(row.new_text), "text": without(row.text)}
        connection.execute(update(MESSAGE).where(MESSAGE.c.id == row.id).values(**values))
    for row in connection.execute(select(TICKET).where(TICKET.c.number.in_(numbers))).all():
        fields = orjson.dumps(_mapped(orjson.loads(row.fields), without)).decode() if row.fields else ""
        named = {"subject": without(row.subject), "base_subject": without(row.base_subject), "fields": fields}
        named["requester_name"] = without(row.requester_name)
        connection.execute(update(TICKET).where(TICKET.c.number == row.number).values(**named, **_NEXT))
    for row in connection.execute(select(OUTBOX).where(OUTBOX.c.ticket.in_(numbers))).all():
        may_leave = row.state in (*UNSENT, "held")
        letter = orjson.loads(row.letter) | ({} if may_leave else {"text": GONE, "html": ""})  # it quotes him
        emptied_letter = orjson.dumps(_mapped(letter, without)).decode()
        connection.execute(update(OUTBOX).where(OUTBOX.c.id == row.id).values(letter=emptied_letter))
    _rewrite_histories(connection, numbers, lambda value: _mapped(value, without), without)


def empty_elsewhere(
    connection: Connection, found: Known, names: Collection[str], now: datetime, looked: Looked
) -> None:
    """Forget what stands of a person whatever the ticket: mails that became none, what was sent to him, the contact.

    What an agent said about him in a mail that is held is shown to whoever looks at it, if it belongs to no ticket yet.
    """
    address, without = found.address, masked(found.address, names)
    refs, sent, written = (his_rows(connection, table, address, looked) for table in (REF, INTAKE, OUTBOX))
    for some in parted(refs):
        connection.execute(update(REF).where(REF.c.id.in_(some)).values(sender=NOBODY, content_hash=""))
    connection.execute(delete(PARTICIPANT).where(func.lower(PARTICIPANT.c.address) == address))
    not_waiting = INTAKE.c.fate != Fate.WAITING.value
    for some in parted((*sent, *found.unfiled)):
        _empty_mails(connection, select(INTAKE.c.id).where(INTAKE.c.id.in_(some), not_waiting))
    drop_bytes(connection, found.naming)
    for row in connection.execute(select(HELD.c.mail, HELD.c.text)).all():
        if (said := without(row.text)) != row.text:
            connection.execute(update(HELD).where(HELD.c.mail == row.mail).values(text=said))
    for some in parted(written):
        _empty_outbox(connection, OUTBOX.c.id.in_(some), now)
        connection.execute(update(OUTBOX).where(OUTBOX.c.id.in_(some)).values(recipient=NOBODY))
    connection.execute(delete(CONTACT).where(CONTACT.c.address == address))


def old_contacts(connection: Connection, before: datetime, now: datetime, count: int) -> list[str]:
    """Return the people whom we knew before a moment and who have no ticket left.

    All who are known are looked at: read, and do not write, meanwhile.
    """
    rows = connection.execute(select(CONTACT.c.address).where(*_is_old_contact(before, now)).limit(count))
    return list(rows.scalars())


def drop_contacts(connection: Connection, addresses: Collection[str], before: datetime, now: datetime) -> int:
    """Forget people, unless one has a ticket by now; of those who must stay known, only the address is kept."""
    those = (CONTACT.c.address.in_(addresses), *_is_old_contact(before, now))
    named = connection.execute(update(CONTACT).where(*those, _is_needed(now)).values(name="", language=""))
    return named.rowcount + connection.execute(delete(CONTACT).where(*those, ~_is_needed(now))).rowcount


def _is_old_contact(before: datetime, now: datetime) -> tuple[ColumnElement[bool], ...]:
    own = exists().where(func.lower(TICKET.c.requester_address) == CONTACT.c.address)
    takes_part = exists().where(func.lower(PARTICIPANT.c.address) == CONTACT.c.address)
    says_something = or_(~_is_needed(now), CONTACT.c.name != "", CONTACT.c.language != "")
    return CONTACT.c.first_seen_at < before, says_something, ~own, ~takes_part


def _is_needed(now: datetime) -> ColumnElement[bool]:
    """Whether something was said about an address that holds for what it may still send."""
    muted = and_(CONTACT.c.muted_until.is_not(None), CONTACT.c.muted_until > now)
    return or_(CONTACT.c.blocked, CONTACT.c.no_copies, muted)


def begin_sweep_of_index(connection: Connection) -> bool:
    """Let the index of words be written anew where it keeps deleted words until it is merged; False if it need not."""
    return _merge_words(connection, -MERGED_PAGES)


def sweep_index(connection: Connection) -> bool:
    """Go on with that, as far as nobody waits for long; False when it is done."""
    return _merge_words(connection, MERGED_PAGES)


def _merge_words(connection: Connection, pages: int) -> bool:
    """Merge some of FTS5's trees (its manual, 6.8: it is done when a merge changes less than two rows)."""
    if connection.dialect.name != "sqlite":
        return False
    _overwrite_what_is_deleted(connection)
    before = connection.execute(_CHANGES).scalar_one()
    connection.execute(_MERGE, {"pages": pages})
    return bool(connection.execute(_CHANGES).scalar_one() - before >= 2)


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
    empty_mails(connection, [int(row[0]) for row in connection.execute(which)])


def empty_mails(connection: Connection, mails: Sequence[int]) -> None:
    """Forget mails and who sent them; one that is held is discarded, for nothing is left that could go on."""
    drop_bytes(connection, mails)
    values = {"mail_from": NOBODY, "rcpt_to": "[]", "client": "", "helo": "", "evidence": None, "traceback": ""}
    columns = (INTAKE.c.id, INTAKE.c.because, INTAKE.c.fate)
    rows = [connection.execute(select(*columns).where(INTAKE.c.id.in_(some))).all() for some in parted(mails)]
    for row in chain.from_iterable(rows):
        because = _ADDRESS.sub(NOBODY, row.because)
        connection.execute(update(INTAKE).where(INTAKE.c.id == row.id).values(**values, because=because))
        if row.fate == Fate.HELD.value:
            intake.drop(connection, row.id, f"forgotten while it was held: {because}")


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
