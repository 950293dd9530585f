"""Received mail, from its durable commit to its fate."""

import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, literal_column, or_, select, text, update

from maild.message.model import Envelope
from maild.store import pieces, upsert, wakes
from maild.store.prepared import Prepared
from maild.store.records import evidence_from_json, evidence_to_json
from maild.store.tables import HAS_BYTES, HELD, INTAKE
from maild.ticket.plan import Fate, Word
from maild.ticket.proof import Evidence

TRIES = 3
RETRY_AFTER = timedelta(seconds=30)
FAR = timedelta(hours=1)  # no mail waits, and no lease lasts, for so long
HEAD_BYTES = 65_536

_ANEW = {"fate": Fate.WAITING.value, "attempts": 0, "because": "", "traceback": "", "retry_at": None}
WAITING: ColumnElement[str] = literal_column("'waiting'")  # as in the partial index, else SQLite cannot use it
_KNOWN = Prepared(select(INTAKE.c.id).where(INTAKE.c.source == bindparam("wanted")))
_NEXT_RETRY = Prepared(select(func.min(INTAKE.c.retry_at)).where(INTAKE.c.fate == Fate.WAITING.value))
_WITHOUT_RAW = Prepared(
    select(*(column for column in INTAKE.c if column.name != "raw")).where(INTAKE.c.id == bindparam("number"))
)
_SETTLE = Prepared(
    update(INTAKE)
    .where(INTAKE.c.id == bindparam("mail"), INTAKE.c.fate == Fate.WAITING.value)
    .values(
        fate=bindparam("new_fate"),
        because=bindparam("why"),
        ticket=bindparam("filed_under"),
        lease=None,
        leased_until=None,
        traceback="",
    )
)


@dataclass(frozen=True, slots=True)
class Received:
    """One waiting mail.  raw is b"" while the mail is in chunks: `pieces.raw_of` reads it whole."""

    id: int
    envelope: Envelope
    raw: bytes
    size_bytes: int
    evidence: Evidence | None
    import_only: bool
    released_by: str = ""


def put(
    connection: Connection,
    envelope: Envelope,
    raw: bytes,
    transfer: str = "",
    size_bytes: int = 0,
    sha256: str = "",
    import_only: bool = False,
    lane: int | None = None,
) -> int:
    """Keep an accepted mail and return its id; one that came from this source before keeps its first id.

    When the commit returns, the sender may forget it (RFC 5321 section 6.1).

    Args:
        raw: the whole mail, or its beginning where the pieces are in the chunk table.
        lane: in which order it is filed; None: in that of its sender's mails.
        transfer: under which name the pieces were written; "" for a mail that is whole in raw.

    Raises:
        Incomplete: pieces are gone; the caller must not say that we have the mail.
    """
    wakes.tell(connection, "pipeline")
    values = {
        "source": envelope.source,
        "sha256": sha256 or hashlib.sha256(raw).hexdigest(),
        "mail_from": envelope.mail_from,
        "rcpt_to": json.dumps(envelope.rcpt_to),
        "received_at": envelope.received_at,
        "client": envelope.client,
        "helo": envelope.helo,
        "protocol": envelope.protocol,
        "auth_user": envelope.auth_user,
        "import_only": import_only,
        "lane": lane_of(raw, envelope.mail_from) if lane is None else lane,
        "size_bytes": size_bytes or len(raw),
    }
    is_small = not transfer and len(raw) <= pieces.INLINE_BYTES
    number = upsert.numbered(connection, INTAKE, {**values, "raw": raw if is_small else None, "chunks": 0})
    if number is None:
        return int(_KNOWN(connection, {"wanted": envelope.source}).scalar())
    if transfer:
        pieces.join(connection, transfer, number, size_bytes)
    elif not is_small:
        pieces.put_all(connection, number, envelope.source, raw, envelope.received_at)
    return number


def put_old(connection: Connection, mails: Sequence[tuple[Envelope, bytes]], is_ours: Callable[[str], bool]) -> int:
    """Keep old mails of which nobody is told; return how many were not known by their source.

    What we wrote to a customer is filed in the order of his mails: what answers it finds it there.
    """
    fresh = 0
    for envelope, raw in mails:
        if _KNOWN(connection, {"wanted": envelope.source}).scalar() is None:
            to = _address_in(_TO, raw)
            lane = _lane(to) if to and is_ours(_address_in(_FROM, raw).decode("utf-8", "replace")) else None
            put(connection, envelope, raw, import_only=True, lane=lane)
            fresh += 1
    return fresh


def received(row: Any) -> Received:
    """Return a row that was read whole as what is drafted from."""
    envelope = Envelope(
        row.mail_from,
        tuple(json.loads(row.rcpt_to)),
        row.received_at,
        row.source,
        row.client,
        row.helo,
        row.protocol,
        row.auth_user,
    )
    evidence = evidence_from_json(row.evidence) if row.evidence else None
    return Received(
        row.id, envelope, row.raw or b"", row.size_bytes, evidence, row.import_only, released_by=row.released_by
    )


def get(connection: Connection, number: int) -> Any:
    """Return a row, without what it weighs, or None."""
    return _WITHOUT_RAW(connection, {"number": number}).first()


def whole(connection: Connection, number: int) -> Any:
    """Return a row as it is, for `received`."""
    return connection.execute(select(INTAKE).where(INTAKE.c.id == number)).one()


def since(connection: Connection, moment: datetime) -> list[tuple[int, int | None]]:
    """Return the mails that were received since a moment, in order, each with the ticket under which it was filed."""
    query = select(INTAKE.c.id, INTAKE.c.ticket).where(INTAKE.c.received_at >= moment).order_by(INTAKE.c.id)
    return [(row.id, row.ticket) for row in connection.execute(query)]


def last_received_at(connection: Connection) -> datetime | None:
    """Return when the mail that came last was received, None where none ever came."""
    return connection.execute(select(INTAKE.c.received_at).order_by(INTAKE.c.id.desc()).limit(1)).scalar()


def newest(connection: Connection, count: int) -> Iterator[Received]:
    """Return the newest mails that were dealt with, large ones apart."""
    query = select(INTAKE).where(INTAKE.c.fate != WAITING, INTAKE.c.raw.is_not(None), INTAKE.c.import_only.is_(False))
    for row in connection.execute(query.order_by(INTAKE.c.id.desc()).limit(count)):
        yield received(row)


def came_to(connection: Connection, address: str, count: int) -> bool:
    """Tell whether one of the newest mails was sent to an address."""
    newest = select(INTAKE.c.rcpt_to).order_by(INTAKE.c.id.desc()).limit(count)
    sent_to = (json.loads(one) for one in connection.execute(newest).scalars())
    return any(address.lower() == one.lower() for some in sent_to for one in some)


def keep_evidence(connection: Connection, number: int, evidence: Evidence) -> None:
    connection.execute(update(INTAKE).where(INTAKE.c.id == number).values(evidence=evidence_to_json(evidence)))


def settle(connection: Connection, number: int, fate: Fate, because: str, ticket: int | None) -> bool:
    """Write the fate of a waiting mail; False if somebody settled it before."""
    values = {"mail": number, "new_fate": fate.value, "why": because[:1000], "filed_under": ticket}
    return bool(_SETTLE(connection, values).rowcount)


def failed(connection: Connection, number: int, traceback: str, now: datetime) -> Fate:
    """Count a failure of ours; the third holds the mail, with its traceback, for a person to see."""
    attempts = connection.execute(select(INTAKE.c.attempts).where(INTAKE.c.id == number)).scalar_one() + 1
    fate = Fate.HELD if attempts >= TRIES else Fate.WAITING
    connection.execute(
        update(INTAKE)
        .where(INTAKE.c.id == number, INTAKE.c.fate == Fate.WAITING.value)
        .values(
            attempts=attempts,
            fate=fate.value,
            because=f"failed {attempts} times" if fate is Fate.HELD else "",
            traceback=traceback[-20_000:],
            retry_at=now + RETRY_AFTER * attempts,
            lease=None,
            leased_until=None,
        )
    )
    return fate


def put_off(connection: Connection, number: int, until: datetime) -> None:
    """Let a mail wait for what is no failure of ours."""
    waiting = (INTAKE.c.id == number, INTAKE.c.fate == Fate.WAITING.value)
    connection.execute(update(INTAKE).where(*waiting).values(retry_at=until, lease=None, leased_until=None))


def recall(connection: Connection, now: datetime) -> int:
    """Let what a clock that ran ahead has put off, or leased, wait for nothing; return how many mails it was."""
    far = now + FAR
    waits = (INTAKE.c.fate == WAITING, or_(INTAKE.c.retry_at > far, INTAKE.c.leased_until > far))
    free = update(INTAKE).values(retry_at=None, lease=None, leased_until=None)
    return connection.execute(free.where(*waits)).rowcount


def retry(connection: Connection, number: int) -> bool:
    """Let a held or discarded mail wait again, as if it had just come; not one of which nothing is kept."""
    is_kept = or_(text(f"({HAS_BYTES})"), INTAKE.c.size_bytes == 0)
    done = connection.execute(
        update(INTAKE)
        .where(INTAKE.c.id == number, INTAKE.c.fate.in_((Fate.HELD.value, Fate.DISCARDED.value)), is_kept)
        .values(**_ANEW, told_at=None)
    )
    if done.rowcount:
        _ask_nobody(connection, number)
    return bool(done.rowcount)


def release(connection: Connection, number: int, by: str) -> bool:
    """Let a held mail go on by a person's word."""
    held = (INTAKE.c.id == number, INTAKE.c.fate == Fate.HELD.value)
    done = connection.execute(update(INTAKE).where(*held).values(**_ANEW, released_by=by))
    wakes.tell(connection, "pipeline")
    return bool(done.rowcount)


def drop(connection: Connection, number: int, because: str) -> bool:
    """Discard a held mail by a person's word; its bytes stay until retention removes them."""
    _ask_nobody(connection, number)
    done = connection.execute(
        update(INTAKE)
        .where(INTAKE.c.id == number, INTAKE.c.fate.in_((Fate.HELD.value, Fate.WAITING.value)))
        .values(fate=Fate.DISCARDED.value, because=because)
    )
    return bool(done.rowcount)


def _ask_nobody(connection: Connection, number: int) -> None:
    """End the waiting for an agent's word: what he said later could not be done, nor would his time run out."""
    connection.execute(delete(HELD).where(HELD.c.mail == number, HELD.c.state == Word.WAITING.value))


def listed(connection: Connection, fates: Sequence[Fate] = (), count: int = 100, sender: str = "") -> Iterator[Any]:
    """Return rows, newest first, without what they weigh.

    Args:
        sender: the address in the From field, or what the envelope sender holds; "" for anybody.
    """
    columns = [column for column in INTAKE.c if column.name not in ("raw", "traceback")]
    query = select(*columns).order_by(INTAKE.c.id.desc()).limit(count)
    if fates:
        query = query.where(INTAKE.c.fate.in_([fate.value for fate in fates]))
    if sender:
        by_envelope = func.lower(INTAKE.c.mail_from).contains(sender.lower(), autoescape=True)
        query = query.where(by_envelope | (INTAKE.c.lane == lane_of(b"", sender)))
    yield from connection.execute(query)


def waiting(connection: Connection) -> int:
    """Return how many mails are not dealt with yet."""
    return connection.execute(select(func.count()).where(INTAKE.c.fate == Fate.WAITING.value)).scalar_one()


def held_of_old(connection: Connection) -> int:
    """Return how many imported mails are held."""
    held = select(func.count()).where(INTAKE.c.fate == Fate.HELD.value, INTAKE.c.import_only)
    return connection.execute(held).scalar_one()


def waits_since(connection: Connection, moment: datetime) -> bool:
    """Tell whether a mail that came before a moment is not dealt with yet."""
    waits = INTAKE.c.fate == WAITING, INTAKE.c.received_at < moment
    return connection.execute(select(INTAKE.c.id).where(*waits).limit(1)).first() is not None


def next_retry(connection: Connection) -> datetime | None:
    """Return when the next mail that failed is to be tried again."""
    moment: datetime | None = _NEXT_RETRY(connection, {}).scalar()
    return moment


_FROM, _TO = (
    re.compile(rb"^%s[ \t]*:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*" % name, re.IGNORECASE | re.MULTILINE)
    for name in (b"from", b"to")
)
_WORD = re.compile(rb"[^\s<>,;:\"()]+")


def lane_of(raw: bytes, mail_from: str | None) -> int:
    """Return a number that mails of one sender share: by the From field, else by the envelope."""
    return _lane(_address_in(_FROM, raw) or (mail_from or "").encode())


def _lane(address: bytes) -> int:
    return zlib.crc32(address.lower()) & 0x7FFFFFFF


def _address_in(name: re.Pattern[bytes], raw: bytes) -> bytes:
    """Return the last address in a field of a mail, b"" for none."""
    field = name.search(raw[:HEAD_BYTES])
    return next((word for word in reversed(_WORD.findall(field.group(0))) if b"@" in word[1:-1]), b"") if field else b""
