"""What is kept of a person: looking only."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, LargeBinary, Text, cast, func, or_, select

from maild.message import parse
from maild.message.address import pattern_of
from maild.store import intake
from maild.store.prepared import parted
from maild.store.tables import CHUNK, CONTACT, INTAKE, MESSAGE, OUTBOX, PARTICIPANT, TICKET
from maild.ticket.model import Visibility
from maild.ticket.plan import Fate

IN_HAND = (Fate.WAITING.value, Fate.HELD.value)
PAGE = 1_000  # mails of which the heads are read in one look
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


class Looked(NamedTuple):
    """Which mails, of those up to a number, name somebody in their heads."""

    last: int = 0
    mails: tuple[int, ...] = ()


NOWHERE = Looked()


def of(connection: Connection, address: str, looked: Looked = NOWHERE) -> Known:
    """Return what is kept of a person; address in lower case.

    Args:
        looked: in which mails was looked for him before; to do that in all takes long, and is done beside others' work.
    """
    his = select(TICKET.c.number).where(func.lower(TICKET.c.requester_address) == address)
    own = tuple(connection.execute(his.order_by(TICKET.c.number)).scalars())
    wrote = select(MESSAGE.c.ticket).where(func.lower(MESSAGE.c.party) == address)
    takes_part = select(PARTICIPANT.c.ticket).where(func.lower(PARTICIPANT.c.address) == address)
    numbers = {*connection.execute(wrote).scalars(), *connection.execute(takes_part).scalars()}
    naming = list(_naming(connection, address, looked))
    numbers = (numbers | {one.ticket for one in naming if one.ticket is not None}) - {*own}
    mails, apart = _mails_of(connection, address, naming), [one for one in naming if one.ticket is None]
    waits = select(func.count()).where(func.lower(INTAKE.c.mail_from) == address, INTAKE.c.fate == Fate.WAITING.value)
    sent = select(func.count()).where(func.lower(OUTBOX.c.recipient) == address)
    return Known(
        address,
        name=next(iter(names(connection, address)), ""),
        own=own,
        others=tuple(sorted(numbers)),
        mails=len(mails),
        written=connection.execute(sent).scalar_one(),
        waiting=connection.execute(waits).scalar_one(),
        unfiled=tuple(one.mail for one in apart if one.his),
        naming=tuple(one.mail for one in apart if not one.his and not one.is_in_hand),
    )


def last_mail(connection: Connection) -> int:
    return connection.execute(select(func.max(INTAKE.c.id))).scalar() or 0


def naming(connection: Connection, address: str, after: int) -> list[int]:
    """Return which of the mails that follow a number, `PAGE` of them at most, name an address in their heads."""
    page = _named_in(connection, address, lambda mail: mail.between(after + 1, after + PAGE))
    return [one.mail for one in page]


def _naming(connection: Connection, address: str, looked: Looked) -> Iterator[_Naming]:
    """Return the mails that name an address in their header: who was in Cc may stand nowhere else."""
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
    return _mails_of(connection, address, _naming(connection, address, looked))


def _mails_of(connection: Connection, address: str, naming: Iterable[_Naming]) -> list[int]:
    filed = select(MESSAGE.c.intake).where(func.lower(MESSAGE.c.party) == address, MESSAGE.c.intake.is_not(None))
    unfiled = INTAKE.c.ticket.is_(None) & (func.lower(INTAKE.c.mail_from) == address)
    found = connection.execute(select(INTAKE.c.id).where(or_(INTAKE.c.id.in_(filed), unfiled))).scalars()
    return sorted({*found, *(one.mail for one in naming if one.his and one.ticket is None)})


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


def names(connection: Connection, address: str) -> tuple[str, ...]:
    """Return the names under which an address wrote, the last one first."""
    query = select(MESSAGE.c.party_name).where(func.lower(MESSAGE.c.party) == address, MESSAGE.c.party_name != "")
    return tuple(dict.fromkeys(connection.execute(query.order_by(MESSAGE.c.id.desc())).scalars()))


def received_at(connection: Connection, number: int) -> datetime:
    """Return when a mail came."""
    at: datetime = connection.execute(select(INTAKE.c.received_at).where(INTAKE.c.id == number)).scalar_one()
    return at
