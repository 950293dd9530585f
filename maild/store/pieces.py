"""The bytes of a received mail: in its row where they are few, else in pieces beside it.

A large mail is written while it still arrives, under the name of its transfer; its row makes the mail exist, and only
then are the pieces its own.  What never became a mail is swept.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select, update

from maild.store.tables import CHUNK, INTAKE

INLINE_BYTES = 1_048_576
SWEEP_AFTER = timedelta(hours=6)


class Incomplete(Exception):
    """A mail cannot be kept, for pieces of it are gone: it is to be sent, or fetched, again."""


def put(connection: Connection, transfer: str, sequence: int, data: bytes, now: datetime) -> None:
    """Keep a piece of a mail that is still arriving; nobody was told yet that we have it."""
    connection.execute(
        insert(CHUNK), {"transfer": transfer, "sequence": sequence, "data": data, "written_at": now, "intake": None}
    )


def put_all(connection: Connection, number: int, source: str, raw: bytes, now: datetime) -> None:
    """Keep a large mail that is there whole as the pieces of its row."""
    transfer = f"put:{source}"
    for sequence, start in enumerate(range(0, len(raw), INLINE_BYTES)):
        put(connection, transfer, sequence, raw[start : start + INLINE_BYTES], now)
    join(connection, transfer, number, len(raw))


def join(connection: Connection, transfer: str, number: int, size_bytes: int) -> None:
    """Make the pieces of a transfer those of a row.

    Raises:
        Incomplete: they are not all there, as where a clock that is wrong has swept them; whoever sent the mail has it.
    """
    of_it = CHUNK.c.transfer == transfer
    there = connection.execute(select(func.coalesce(func.sum(func.length(CHUNK.c.data)), 0)).where(of_it)).scalar_one()
    if there != size_bytes:
        raise Incomplete(f"of the {size_bytes} bytes of a mail {there} are there")
    chunks = connection.execute(update(CHUNK).where(of_it).values(intake=number)).rowcount
    connection.execute(update(INTAKE).where(INTAKE.c.id == number).values(chunks=chunks))


def keep_raw(connection: Connection, number: int, raw: bytes) -> None:
    """Give a row without bytes its mail's."""
    if len(raw) <= INLINE_BYTES:
        connection.execute(update(INTAKE).where(INTAKE.c.id == number).values(raw=raw))
    else:
        row = connection.execute(select(INTAKE.c.source, INTAKE.c.received_at).where(INTAKE.c.id == number)).one()
        put_all(connection, number, row.source, raw, row.received_at)


def raw_of(connection: Connection, number: int) -> bytes:
    """Return the bytes of a mail as they came."""
    row = connection.execute(select(INTAKE.c.raw, INTAKE.c.chunks).where(INTAKE.c.id == number)).one()
    if not row.chunks:
        return bytes(row.raw or b"")
    pieces = connection.execute(select(CHUNK.c.data).where(CHUNK.c.intake == number).order_by(CHUNK.c.sequence))
    return b"".join(bytes(piece) for piece in pieces.scalars())


def sweep(connection: Connection, now: datetime) -> int:
    """Delete pieces of mails that never arrived whole; return how many."""
    gone = connection.execute(CHUNK.delete().where(CHUNK.c.intake.is_(None), CHUNK.c.written_at < now - SWEEP_AFTER))
    return gone.rowcount
