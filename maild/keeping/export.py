"""All that a site holds, as files that any program can read, and an empty site made of them again.

    maild-export.json   which format, when, how many rows of what, and the highest numbers that were given away;
                        until all is written, that it is not
    mail.mbox           every received mail as it came, in order (mboxrd: ">" before lines that look like "From ")
    TABLE.jsonl         a row a line; instants in UTC; in intake.jsonl, `mbox` says where the mail's bytes are: from
                        which byte, how many, and the SHA-256 of the mail without the quoting

Whoever leaves maild reads mail.mbox with any mail program, and ticket.jsonl, message.jsonl with any script.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

from sqlalchemy import Connection, Table

from maild.keeping import ISO
from maild.store import pieces, schema, transfer
from maild.store.copy import Progress, untold
from maild.store.engine import DatabaseError, open_engine
from maild.store.tables import CHUNK, INTAKE, TICKET
from maild.store.transfer import Row
from maild.store.write import Store
from maild.system import durable

FORMAT = 1
HALF = "holds an export that was not finished"
NO_BYTES = {"raw": None, "chunks": 0}
UNFINISHED = "unfinished"
MARK, MBOX = "maild-export.json", "mail.mbox"
TABLES = tuple(table for table in transfer.TABLES if table is not CHUNK)  # pieces are in the mbox, whole
_QUOTED = re.compile(rb"^(>*From )", re.MULTILINE)
_UNQUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


class ExportError(Exception):
    """There is nothing to read, or nowhere to write; the text says what to do."""


class Slice(NamedTuple):
    """Where a mail is in the mbox."""

    start: int
    length: int
    sha256: str


def write(url: str, folder: Path, now: datetime, progress: Progress = untold) -> dict[str, int]:
    """Write a site's rows and mails, as they were at one instant; return how many rows of what.

    Raises:
        ExportError: the folder is not empty.
        DatabaseError: the database has another schema.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        raise ExportError(f"{folder} {'is not empty' if not _is_half(folder) else HALF}: give a new folder")
    engine = open_engine(url, writing=False)
    try:
        if schema.current(engine) != schema.NEWEST:
            raise DatabaseError("the database has an older schema: run `maild migrate` first")
        _say(folder, {UNFINISHED: True})
        with transfer.snapshot(engine) as connection:
            found = transfer.counts(connection)
            counted = {one.name: found[one.name] for one in TABLES}
            _write_rows(connection, folder, transfer.counting(progress, sum(counted.values())))
            highest = transfer.highest(connection)
    finally:
        engine.dispose()
    taken = {"format": FORMAT, "schema": schema.NEWEST, "taken_at": now.strftime(ISO)}
    _say(folder, {**taken, "rows": counted, "highest": highest})
    return counted


def _say(folder: Path, mark: Mapping[str, Any]) -> None:
    durable.write(folder / MARK, json.dumps(mark, indent=2) + "\n")


def _write_rows(connection: Connection, folder: Path, tell: Callable[[int], None]) -> None:
    """Write a file a table, and the mails' bytes to the mbox."""
    with durable.new(folder / MBOX) as mbox:
        for table in TABLES:
            with durable.new(folder / f"{table.name}.jsonl") as lines:
                for rows in transfer.pages(connection, table):
                    kept = [_without_bytes(connection, row, mbox) for row in rows] if table is INTAKE else rows
                    lines.writelines(transfer.to_json(row) + b"\n" for row in kept)
                    tell(len(rows))


def is_export(folder: Path) -> bool:
    """Tell whether a folder is one of ours, if only half of one."""
    return (folder / MARK).is_file()


def read(store: Store, folder: Path, progress: Progress = untold) -> dict[str, int]:
    """Make an empty site of an export, whole or not at all; return how many rows of what.

    Raises:
        ExportError: it is damaged, not whole, or another maild's.
        DatabaseError: the site is not empty.
    """
    mark = _mark(folder)
    store.write(partial(_read_rows, folder=folder, mark=mark, progress=progress))
    wanted: dict[str, int] = mark["rows"]
    return wanted


def _read_rows(connection: Connection, folder: Path, mark: dict[str, Any], progress: Progress) -> None:
    transfer.make_room(connection)
    tell = transfer.counting(progress, sum(mark["rows"].values()))
    with (folder / MBOX).open("rb") as mbox:
        put_mails = partial(_put_mails, mbox=mbox)
        for table in TABLES:
            put = put_mails if table is INTAKE else partial(transfer.put, table=table)
            count = 0
            for rows in _pages(folder / f"{table.name}.jsonl", table):
                put(connection, rows=rows)
                count += len(rows)
                tell(len(rows))
            if count != mark["rows"][table.name]:
                raise ExportError(f"{table.name}.jsonl has {count} lines, {mark['rows'][table.name]} were written")
    for rows in _pages(folder / f"{TICKET.name}.jsonl", TICKET):
        transfer.join(connection, rows)
    transfer.number_above(connection, mark["highest"])


def _put_mails(connection: Connection, rows: list[Row], mbox: IO[bytes]) -> None:
    """Write rows of received mails, and to each its bytes from the mbox."""
    slices = {row["id"]: row.pop("mbox") for row in rows}
    transfer.put(connection, INTAKE, [{**row, **NO_BYTES} for row in rows])
    for number, where in slices.items():
        if where is not None:
            pieces.keep_raw(connection, number, _mail(mbox, Slice(*where)))


def _without_bytes(connection: Connection, row: Row, mbox: IO[bytes]) -> Row:
    """Put a mail's bytes into the mbox, and where they stand into its row."""
    raw = pieces.raw_of(connection, row["id"])
    kept = {name: value for name, value in row.items() if name not in ("raw", "chunks")}
    if not raw:
        return {**kept, "mbox": None}
    length, entry = quoted(raw, row["received_at"])
    start = mbox.tell() + entry.index(b"\n") + 1
    mbox.write(entry)
    return {**kept, "mbox": [start, length, hashlib.sha256(raw).hexdigest()]}


def quoted(raw: bytes, at: datetime) -> tuple[int, bytes]:
    """Return how long a mail is in an mbox, quoted, and its whole entry there."""
    body = _QUOTED.sub(rb">\1", raw)
    first = f"From maild {at.astimezone(UTC):%a %b %d %H:%M:%S %Y}\n".encode()
    return len(body), first + body + (b"\n" if raw.endswith(b"\n") else b"\n\n")


def _mail(mbox: IO[bytes], where: Slice) -> bytes:
    mbox.seek(where.start)
    raw = _UNQUOTED.sub(rb"\1", mbox.read(where.length))
    if hashlib.sha256(raw).hexdigest() != where.sha256:
        raise ExportError(f"{MBOX} is damaged: the mail at byte {where.start} is not what was written")
    return raw


def _is_half(folder: Path) -> bool:
    return is_export(folder) and UNFINISHED.encode() in (folder / MARK).read_bytes()


def _mark(folder: Path) -> dict[str, Any]:
    try:
        mark: dict[str, Any] = json.loads((folder / MARK).read_bytes())
        if UNFINISHED in mark:
            raise ExportError(f"{folder} {HALF}: export again, to a new folder")
        known = (mark["format"], mark["schema"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ExportError(f"{folder / MARK} cannot be read: {error}") from None
    if known != (FORMAT, schema.NEWEST):
        raise ExportError(
            f"{folder} was written with format {known[0]} and schema {known[1]}, this maild reads {FORMAT} and "
            f"{schema.NEWEST}: read it with the maild that wrote it, then `maild migrate`"
        )
    return mark


def _pages(path: Path, table: Table) -> Iterator[list[Row]]:
    size = transfer.PAGE_WITH_MAILS if table is INTAKE else transfer.PAGE
    rows: list[Row] = []
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                rows.append(transfer.from_json(table, line))
            except (ValueError, TypeError, AttributeError) as error:
                raise ExportError(f"{path}:{number}: {error}") from None
            if len(rows) == size:
                yield rows
                rows = []
    if rows:
        yield rows
