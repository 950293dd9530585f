"""What is kept of a person: looking only."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Column, ColumnElement, Connection, LargeBinary, Table, Text, cast, func, select

from maild.message import parse
from maild.message.address import pattern_of
from maild.store import intake
from maild.store.prepared import parted
from maild.store.tables import CHUNK, CONTACT, INTAKE, MESSAGE, OUTBOX, PARTICIPANT, REF, TICKET
from maild.ticket.model import Visibility
from maild.ticket.plan import Fate

IN_HAND = (Fate.WAITING.value, Fate.HELD.value)
PAGE = 1_000  # mails of which the heads are read in one look
ROWS_A_PAGE = 20_000  # of which one column is
HEADER_END = re.compile(rb"\r?\n\r?\n")


class Known(NamedTuple):
    """What is kept of a person."""

    address: str
    name: str
    own: tuple[int, ...]  # tickets of his
    others: tuple[int, ...]  # in which he takes part or wrote, or with mails that were to him, too
    mails: int  # that came from him
    written: int  # mails that went to him
    waiting: int  # of his mails, not filed yet
    unfiled: tuple[int, ...] = ()  # his mails that became no ticket's
    naming: tuple[int, ...] = ()  # others' mails of that kind, with him in their heads


class _Naming(NamedTuple):
    """A mail that names somebody in its head, and whether he wrote it."""

    mail: int
    ticket: int | None
    is_in_hand: bool
    his: bool


class Rows(NamedTuple):
    """Which rows of a table, of those up to a number, are somebody's."""

    last: int = 0
    ids: tuple[int, ...] = ()


class Looked(NamedTuple):
    """Which mails, of those up to a number, name somebody in their heads; and his rows of each table of `HIS`."""

    last: int = 0
    mails: tuple[int, ...] = ()
    rows: tuple[Rows, ...] = ()


NOWHERE = Looked()
HIS = {MESSAGE: MESSAGE.c.party, INTAKE: INTAKE.c.mail_from, OUTBOX: OUTBOX.c.recipient, REF: REF.c.sender}  # no index


def of(connection: Connection, address: str, looked: Looked = NOWHERE) -> Known:
    """Return what is kept of a person; address in lower case.

    Args:
        looked: in which mails was looked for him before; to do that in all takes long, and is done beside others' work.
    """
    his = select(TICKET.c.number).where(func.lower(TICKET.c.requester_address) == address)
    own = tuple(connection.execute(his.order_by(TICKET.c.number)).scalars())
    wrote = _values(connection, MESSAGE.c.ticket, his_rows(connection, MESSAGE, address, looked))
    takes_part = select(PARTICIPANT.c.ticket).where(func.lower(PARTICIPANT.c.address) == address)
    numbers = {*wrote, *connection.execute(takes_part).scalars()}
    naming = list(_naming(connection, address, looked))
    numbers = (numbers | {one.ticket for one in naming if one.ticket is not None}) - {*own}
    mails, apart = _mails_of(connection, address, looked, naming), [one for one in naming if one.ticket is None]
    fates = _values(connection, INTAKE.c.fate, his_rows(connection, INTAKE, address, looked))
    return Known(
        address,
        name=next(iter(names(connection, address, looked)), ""),
        own=own,
        others=tuple(sorted(numbers)),
        mails=len(mails),
        written=len(his_rows(connection, OUTBOX, address, looked)),
        waiting=fates.count(Fate.WAITING.value),
        unfiled=tuple(one.mail for one in apart if one.his),
        naming=tuple(one.mail for one in apart if not one.his and not one.is_in_hand),
    )


def his_rows(connection: Connection, table: Table, address: str, looked: Looked = NOWHERE) -> list[int]:
    """Return the numbers of a person's rows of a table, in order; but for where he was looked for, all are read."""
    before = dict(zip(HIS, looked.rows, strict=False)).get(table, Rows())
    return [*before.ids, *_his_among(connection, table, address, table.c.id > before.last)]


def his_next(connection: Connection, table: Table, address: str, after: int) -> list[int]:
    """Return those of the rows that follow a number, `ROWS_A_PAGE` of them at most."""
    return _his_among(connection, table, address, table.c.id.between(after + 1, after + ROWS_A_PAGE))


def _his_among(connection: Connection, table: Table, address: str, which: ColumnElement[bool]) -> list[int]:
    query = select(table.c.id).where(which, func.lower(HIS[table]) == address)
    return list(connection.execute(query.order_by(table.c.id)).scalars())


def _values(connection: Connection, column: Column[Any], ids: Sequence[int]) -> list[Any]:
    """Return what is in a column of some rows, in their order."""
    key = column.table.c.id
    pages = (connection.execute(select(column).where(key.in_(some)).order_by(key)) for some in parted(ids))
    return [value for page in pages for value in page.scalars()]


def last(connection: Connection, table: Table) -> int:
    """Return the highest number of a row."""
    return connection.execute(select(func.max(table.c.id))).scalar() or 0


def naming(connection: Connection, address: str, after: int) -> list[int]:
    """Return which of the mails that follow a number, `PAGE` of them at most, name an address in their heads."""
    page = _named_in(connection, address, lambda mail: mail.between(after + 1, after + PAGE))
    return [one.mail for one in page]


def _naming(connection: Connection, address: str, looked: Looked) -> Iterator[_Naming]:
    """Return the mails that name an address in their header: somebody in Cc may be named nowhere else."""
    yield from _named_in(connection, address, lambda mail: mail > looked.last)
    for some in parted(looked.mails):
        yield from _named_in(connection, address, partial(_among, some))


def _among(numbers: Sequence[int], mail: ColumnElement[int]) -> ColumnElement[bool]:
    return mail.in_(numbers)


def _named_in(
    connection: Connection, address: str, which: Callable[[ColumnElement[int]], ColumnElement[bool]]
) -> Iterator[_Naming]:
    """Read those of some mails that are kept as they came: nobody asks this often.

    Args:
        which: says it of the number of a mail.
    """
    his = re.compile(pattern_of(address), re.IGNORECASE)
    first = INTAKE.c.id == CHUNK.c.intake, CHUNK.c.sequence == 0
    for column, number, where in ((INTAKE.c.raw, INTAKE.c.id, ()), (CHUNK.c.data, CHUNK.c.intake, first)):
        head = func.substr(column, 1, intake.HEAD_BYTES, type_=LargeBinary)
        query = select(INTAKE.c.id, INTAKE.c.ticket, INTAKE.c.fate, head.label("head"))
        for row in connection.execute(query.where(which(number), _says(connection, head, address), *where)):
            top = HEADER_END.split(row.head, maxsplit=1)[0]
            if his.search(top.decode("latin-1")):
                wrote = parse.parse(bytes(top)).sender.address.lower() == address
                yield _Naming(row.id, row.ticket, row.fate in IN_HAND, wrote)


def _says(connection: Connection, head: ColumnElement[bytes], words: str) -> ColumnElement[bool]:
    """Tell, in SQL, whether octets hold some ASCII words in any case."""
    if connection.dialect.name == "sqlite":
        return func.instr(func.lower(cast(head, Text)), words) > 0
    return func.strpos(func.lower(func.encode(head, "escape")), words) > 0


def mails_of(connection: Connection, address: str, looked: Looked = NOWHERE) -> list[int]:
    """Return the received mails that are his: filed as such, or filed nowhere and sent by his address or in it."""
    return _mails_of(connection, address, looked, _naming(connection, address, looked))


def _mails_of(connection: Connection, address: str, looked: Looked, naming: Iterable[_Naming]) -> list[int]:
    filed = _values(connection, MESSAGE.c.intake, his_rows(connection, MESSAGE, address, looked))
    sent = his_rows(connection, INTAKE, address, looked)
    tickets = _values(connection, INTAKE.c.ticket, sent)
    unfiled = (mail for mail, ticket in zip(sent, tickets, strict=True) if ticket is None)
    by_head = (one.mail for one in naming if one.his and one.ticket is None)
    return sorted({*unfiled, *by_head, *(mail for mail in filed if mail is not None)})


def contact(connection: Connection, address: str) -> dict[str, Any] | None:
    """Return what is remembered of an address beyond tickets."""
    row = connection.execute(select(CONTACT).where(CONTACT.c.address == address)).mappings().first()
    return dict(row) if row is not None else None


def said_in(connection: Connection, number: int, only: str) -> list[Any]:
    """Return what was said in a ticket, in order, and is no note; or all that one address wrote there."""
    said = func.lower(MESSAGE.c.party) == only if only else MESSAGE.c.visibility == Visibility.PUBLIC.value
    query = select(MESSAGE).where(MESSAGE.c.ticket == number, said)
    return list(connection.execute(query.order_by(MESSAGE.c.at, MESSAGE.c.id)))


def written_to(connection: Connection, address: str) -> Iterator[dict[str, Any]]:
    """Return the mails that were written to an address."""
    query = select(OUTBOX.c.created_at, OUTBOX.c.state, OUTBOX.c.letter)
    for row in connection.execute(query.where(func.lower(OUTBOX.c.recipient) == address).order_by(OUTBOX.c.id)):
        letter = orjson.loads(row.letter)
        subject = next((value for name, value in letter["headers"] if name == "Subject"), "")
        yield {"at": row.created_at, "state": row.state, "subject": subject, "text": letter["text"]}


def names(connection: Connection, address: str, looked: Looked = NOWHERE) -> tuple[str, ...]:
    """Return the names under which an address wrote, the last one first."""
    found = _values(connection, MESSAGE.c.party_name, his_rows(connection, MESSAGE, address, looked))
    return tuple(dict.fromkeys(name for name in reversed(found) if name))


def received_at(connection: Connection, number: int) -> datetime:
    """Return when a mail came."""
    at: datetime = connection.execute(select(INTAKE.c.received_at).where(INTAKE.c.id == number)).scalar_one()
    return at
