"""How far each mailbox was read, and by which daemon: the ledger of what a server has shown against what we have."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, insert, literal, or_, select, update

from maild.store.prepared import parted
from maild.store.tables import CHECKPOINT, INTAKE


class Folder(NamedTuple):
    """One folder of one account, as the settings call it."""

    account: str
    name: str


class Read(NamedTuple):
    """What a server has shown of a folder; all of it should be kept."""

    account: str
    folder: str
    shown: int
    kept: int


def source(folder: Folder, uidvalidity: int, uid: int) -> str:
    """Return what names a mail of a mailbox for ever."""
    return f"{_under(folder, uidvalidity)}{uid}"


def _of_folder(folder: Folder) -> str:
    return f"imap:{folder.account}:{folder.name}:"


def _under(folder: Folder, uidvalidity: int) -> str:
    return f"{_of_folder(folder)}{uidvalidity}:"


def claim(connection: Connection, folder: Folder, lease: str, now: datetime, until: datetime) -> bool:
    """Take a mailbox for one daemon, or keep it; False while another one has it (on SQLite there is none)."""
    mine = _row(folder)
    alone = connection.dialect.name == "sqlite"
    free = or_(
        literal(alone), CHECKPOINT.c.lease.is_(None), CHECKPOINT.c.lease == lease, CHECKPOINT.c.leased_until < now
    )
    if connection.execute(update(CHECKPOINT).where(mine, free).values(lease=lease, leased_until=until)).rowcount:
        return True
    if connection.execute(select(CHECKPOINT.c.account).where(mine)).first():
        return False
    values = {"account": folder.account, "folder": folder.name, "uidvalidity": 0, "uid": 0, "shown": 0}
    connection.execute(insert(CHECKPOINT), {**values, "lease": lease, "leased_until": until})
    return True


def release(connection: Connection, folder: Folder, lease: str) -> None:
    """Let another daemon take a mailbox at once."""
    mine = _row(folder)
    connection.execute(update(CHECKPOINT).where(mine, CHECKPOINT.c.lease == lease).values(lease=None))


def begin(connection: Connection, folder: Folder, uidvalidity: int) -> None:
    """Begin to count under a UIDVALIDITY; anew, if it is another one than before."""
    mine = _row(folder)
    if connection.execute(select(CHECKPOINT.c.uidvalidity).where(mine)).scalar() != uidvalidity:
        connection.execute(update(CHECKPOINT).where(mine).values(uidvalidity=uidvalidity, uid=0))


def kept(connection: Connection, folder: Folder, uidvalidity: int, uids: Sequence[int]) -> set[int]:
    """Return which of some UIDs are kept; how many more ever came from there makes no difference."""
    found: set[int] = set()
    for some in parted(uids):
        names = [source(folder, uidvalidity, uid) for uid in some]
        rows = connection.execute(select(INTAKE.c.source).where(INTAKE.c.source.in_(names))).scalars()
        found.update(int(one.rpartition(":")[2]) for one in rows)
    return found


def other_hashes(connection: Connection, folder: Folder, uidvalidity: int) -> set[str]:
    """Return the sha256 of what was fetched under other UIDVALIDITYs: the same mails may be shown again."""
    whole, this = _of_folder(folder), _under(folder, uidvalidity)
    found: set[str] = set()
    for first, end in ((whole, this), (_end(this), _end(whole))):
        stand = INTAKE.c.source >= first, INTAKE.c.source < end
        found.update(connection.execute(select(INTAKE.c.sha256).where(*stand)).scalars())
    return found


def is_first(connection: Connection, folder: Folder) -> bool:
    """Tell whether no server has shown anything of a folder yet."""
    return not connection.execute(select(CHECKPOINT.c.shown).where(_row(folder))).scalar()


def shown(connection: Connection, folder: Folder, uids: Sequence[int]) -> None:
    """Count what a server shows for the first time; UIDs only grow (RFC 9051 section 2.3.1.1)."""
    mine = _row(folder)
    highest = connection.execute(select(CHECKPOINT.c.uid).where(mine)).scalar_one()
    new = [uid for uid in uids if uid > highest]
    if new:
        connection.execute(update(CHECKPOINT).where(mine).values(uid=max(new), shown=CHECKPOINT.c.shown + len(new)))


def ledger(connection: Connection) -> list[Read]:
    """Return for each folder what its server has shown, and what we have of it."""
    lines = []
    for row in connection.execute(select(CHECKPOINT).order_by(CHECKPOINT.c.account, CHECKPOINT.c.folder)):
        of_it = _within(_of_folder(Folder(row.account, row.folder)))
        kept = connection.execute(select(func.count()).where(of_it)).scalar_one()
        lines.append(Read(row.account, row.folder, row.shown, kept))
    return lines


def _row(folder: Folder) -> ColumnElement[bool]:
    return and_(CHECKPOINT.c.account == folder.account, CHECKPOINT.c.folder == folder.name)


def _within(prefix: str) -> ColumnElement[bool]:
    """What begins with a prefix that ends in ":"; asked when a mailbox is opened, not for each mail.

    It is found by the index of sources where it is said between which two they stand.
    """
    return and_(INTAKE.c.source >= prefix, INTAKE.c.source < _end(prefix))


def _end(prefix: str) -> str:
    """Return what follows all that begins with a prefix that ends in ":"."""
    return f"{prefix[:-1]};"  # ";" follows ":"
