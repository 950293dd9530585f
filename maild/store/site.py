"""What the store keeps of the site itself: rule sets, agents' epochs, the next ticket's number."""

import hashlib
import json
import os
import threading
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, text

from maild.store import upsert, wakes
from maild.store.tables import AGENT, OUTBOX, RULESET, TICKET
from maild.store.write import Store
from maild.ticket.facts import Fresh


def accept_ruleset(connection: Connection, files: Mapping[str, str], now: datetime) -> tuple[int, bool]:
    """Keep a set of rule files, unless it is the newest one already; return its version, and whether it is new."""
    kept = _kept(files)
    sha256 = hashlib.sha256(kept.encode()).hexdigest()
    newest = connection.execute(
        select(RULESET.c.version, RULESET.c.sha256).order_by(RULESET.c.version.desc()).limit(1)
    ).first()
    if newest is not None and newest.sha256 == sha256:
        return int(newest.version), False
    version = newest.version + 1 if newest else 1
    connection.execute(insert(RULESET), {"version": version, "at": now, "sha256": sha256, "files": kept})
    wakes.tell(connection, wakes.RULES)
    return int(version), True


def superseded(connection: Connection, files: Mapping[str, str]) -> bool:
    """Whether a set of rule files was accepted once, and another one after it."""
    sha256 = hashlib.sha256(_kept(files).encode()).hexdigest()
    version = connection.execute(select(func.max(RULESET.c.version)).where(RULESET.c.sha256 == sha256)).scalar()
    return version is not None and version < newest_version(connection)


def _kept(files: Mapping[str, str]) -> str:
    return json.dumps(dict(sorted(files.items())), ensure_ascii=False)


def rulesets(connection: Connection) -> list[tuple[int, datetime, dict[str, str]]]:
    """Return every accepted set of rule files, oldest first."""
    rows = connection.execute(select(RULESET).order_by(RULESET.c.version))
    return [(row.version, row.at, json.loads(row.files)) for row in rows]


def newest_version(connection: Connection) -> int:
    return connection.execute(select(func.max(RULESET.c.version))).scalar() or 0


def newest_ruleset(connection: Connection) -> dict[str, str] | None:
    """Return the set of rule files that was accepted last."""
    row = connection.execute(select(RULESET.c.files).order_by(RULESET.c.version.desc()).limit(1)).first()
    return dict(json.loads(row.files)) if row else None


def epochs(connection: Connection) -> dict[str, int]:
    """Return the epoch of every agent who has one."""
    return {row.key: row.epoch for row in connection.execute(select(AGENT.c.key, AGENT.c.epoch))}


def password_hash(connection: Connection, key: str) -> str:
    """Return the hash of an agent's password, "" where he has none."""
    return connection.execute(select(AGENT.c.password_hash).where(AGENT.c.key == key)).scalar() or ""


def agents_with_password(connection: Connection) -> frozenset[str]:
    return frozenset(connection.execute(select(AGENT.c.key).where(AGENT.c.password_hash != "")).scalars())


def set_password(connection: Connection, key: str, password_hash: str) -> None:
    values = {"key": key, "epoch": 0, "password_hash": password_hash}
    upsert.replace(connection, AGENT, values, ("password_hash",))


def revoke(connection: Connection, key: str) -> int:
    """Make every reply address of an agent void, and his password too; return his new epoch."""
    epoch = epochs(connection).get(key, 0) + 1
    values = {"key": key, "epoch": epoch, "password_hash": ""}
    upsert.replace(connection, AGENT, values, ("epoch", "password_hash"))
    return epoch


def handles(connection: Connection) -> dict[int, int]:
    """Return every ticket's handle by its number."""
    return {row.number: row.handle for row in connection.execute(select(TICKET.c.number, TICKET.c.handle))}


class Numbers:
    """The numbers of new tickets.  One that was taken for a plan that failed is never used again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._last: int | None = None

    def next(self) -> int:
        if not self._store.sqlite:
            return int(self._store.read(lambda c: c.execute(text("select nextval('ticket_number')")).scalar_one()))
        with self._lock:
            if self._last is None:
                self._last = self._store.read(_largest)
            self._last += 1
            return self._last

    def fresh(self) -> Fresh:
        """Return the number and the handle of a ticket that may be opened."""
        return Fresh(self.next(), int.from_bytes(os.urandom(5), "big"))


def _largest(connection: Connection) -> int:
    """Return the largest number of a ticket that is, was erased, or may have been mailed before a restore."""
    ticket = connection.execute(text("select seq from sqlite_sequence where name = 'ticket'")).scalar() or 0
    mailed = connection.execute(select(OUTBOX.c.ticket).order_by(OUTBOX.c.id.desc()).limit(1)).scalar() or 0
    return max(int(ticket), int(mailed))
