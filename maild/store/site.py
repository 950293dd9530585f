"""What the store keeps of the site itself: rule sets, what agents say about themselves, the next ticket's number."""

import bisect
import hashlib
import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection, case, func, insert, or_, select, text

from maild.hours import said, spans
from maild.hours.said import Said
from maild.hours.spans import Spell
from maild.store import upsert, wakes
from maild.store.prepared import Prepared
from maild.store.tables import AGENT, OUTBOX, RULESET, TICKET
from maild.store.write import Store
from maild.ticket.facts import Fresh
from maild.ticket.plan import Absence

REMEMBERED = timedelta(days=31)  # what was said about days, for an agent who comes back from them
_NEWEST_VERSION = Prepared(select(func.max(RULESET.c.version)))
_AGENTS = Prepared(select(AGENT.c.key, AGENT.c.epoch, AGENT.c.away))
_SAYS_HOURS = select(
    RULESET.c.at, RULESET.c.hours, case((RULESET.c.hours.is_(None), RULESET.c.files)).label("files")
).where(or_(RULESET.c.hours.is_(None), RULESET.c.hours != ""))
HoursOf = Callable[[Mapping[str, str]], str]  # what rule files say about hours, as hours/written.py writes it


class Accepted(NamedTuple):
    version: int
    is_new: bool
    files: Mapping[str, str]  # the rule files, and what was said about hours


def accept_ruleset(connection: Connection, files: Mapping[str, str], hours_of: HoursOf, now: datetime) -> Accepted:
    """Keep a set of rule files, unless it is the newest one already; what was said about hours stays said."""
    newest = newest_ruleset(connection)
    kept = _with_said(files, (newest or {}).get(said.FILE, ""))
    if newest == kept:
        return Accepted(newest_version(connection), False, kept)
    return Accepted(_keep(connection, kept, hours_of(kept), now), True, kept)


def say_hours(connection: Connection, new: Sequence[Said], hours_of: HoursOf, now: datetime) -> Mapping[str, str]:
    """Keep what a person says about some dates as a new version of the rules in force; return its texts."""
    base = newest_ruleset(connection) or {}
    kept = _with_said(base, said.write(said.joined(said.read(base.get(said.FILE, "")), new)))
    _keep(connection, kept, hours_of(kept), now)
    return kept


def _keep(connection: Connection, files: Mapping[str, str], hours: str, now: datetime) -> int:
    version = newest_version(connection) + 1
    before = connection.execute(_SAYS_HOURS.order_by(RULESET.c.version.desc()).limit(1)).first()
    new = "" if before is not None and before.hours == hours else hours
    row = {"version": version, "at": now, "sha256": _sha256(files), "files": _kept(files), "hours": new}
    connection.execute(insert(RULESET), row)
    wakes.tell(connection, wakes.RULES)
    return version


def _with_said(files: Mapping[str, str], text: str) -> dict[str, str]:
    plain = {name: file for name, file in files.items() if name != said.FILE}
    return {**plain, said.FILE: text} if text else plain


def said_of_hours(connection: Connection) -> str:
    """Return what was said about hours, as it is kept among the texts of a rule set."""
    return (newest_ruleset(connection) or {}).get(said.FILE, "")


def _sha256(files: Mapping[str, str]) -> str:
    """Return what tells sets of rule files apart, whatever was said about hours."""
    return hashlib.sha256(_kept(_with_said(files, "")).encode()).hexdigest()


def superseded(connection: Connection, files: Mapping[str, str]) -> bool:
    """Whether a set of rule files was accepted once, and another one after it."""
    version = connection.execute(select(func.max(RULESET.c.version)).where(RULESET.c.sha256 == _sha256(files))).scalar()
    return version is not None and version < newest_version(connection)


def _kept(files: Mapping[str, str]) -> str:
    return json.dumps(dict(sorted(files.items())), ensure_ascii=False)


def rulesets(connection: Connection, since: datetime) -> list[tuple[datetime, dict[str, str]]]:
    """Return the sets of rule files that were in force at some time since then, and when each was accepted."""
    first = select(func.coalesce(func.max(RULESET.c.version), 0)).where(RULESET.c.at <= since).scalar_subquery()
    query = select(RULESET.c.at, RULESET.c.files).where(RULESET.c.version >= first).order_by(RULESET.c.version)
    return [(row.at, json.loads(row.files)) for row in connection.execute(query)]


class Hours(NamedTuple):
    """The hours that held from a moment on."""

    at: datetime
    hours: str | None  # for hours/written.py; None where an older maild kept the rule files alone
    files: Mapping[str, str]  # these, then


def hours(connection: Connection) -> list[Hours]:
    """Return the hours of all calendars by each accepted set of rule files that changed them, oldest first."""
    rows = connection.execute(_SAYS_HOURS.order_by(RULESET.c.version))
    return [Hours(row.at, row.hours, json.loads(row.files or "{}")) for row in rows]


def newest_version(connection: Connection) -> int:
    return _NEWEST_VERSION(connection, {}).scalar() or 0


def newest_ruleset(connection: Connection) -> dict[str, str] | None:
    """Return the set of rule files that was accepted last."""
    row = connection.execute(select(RULESET.c.files).order_by(RULESET.c.version.desc()).limit(1)).first()
    return dict(json.loads(row.files)) if row else None


class Known(NamedTuple):
    """What bears on an agent's work beside the rule files."""

    epoch: int
    said: tuple[Spell, ...]  # of the days on which he is away


def agents(connection: Connection) -> dict[str, Known]:
    """Return what is known of every agent of whom anything is."""
    return {row.key: Known(row.epoch, spans.read(row.away)) for row in _AGENTS(connection, {})}


def say_absence(connection: Connection, one: Absence, today: date) -> None:
    """Keep that an agent is away, or back; the last word on a day counts."""
    before = connection.execute(select(AGENT.c.away).where(AGENT.c.key == one.agent)).scalar() or ""
    keep_absences(connection, {one.agent: spans.joined(spans.read(before), one.spell, today - REMEMBERED)})


def keep_absences(connection: Connection, said: Mapping[str, Sequence[Spell]]) -> None:
    for key, spells in said.items():
        upsert.replace(connection, AGENT, {"key": key, "away": spans.write(spells)}, ("away",))


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
    epoch = (connection.execute(select(AGENT.c.epoch).where(AGENT.c.key == key)).scalar() or 0) + 1
    values = {"key": key, "epoch": epoch, "password_hash": ""}
    upsert.replace(connection, AGENT, values, ("epoch", "password_hash"))
    return epoch


def handles(connection: Connection) -> dict[int, int]:
    """Return every ticket's handle by its number."""
    return {row.number: row.handle for row in connection.execute(select(TICKET.c.number, TICKET.c.handle))}


class Numbers:
    """The numbers of new tickets, from the first on.  One that was taken for a plan that failed is never used again."""

    def __init__(self, store: Store, first: int = 1) -> None:
        self._store = store
        self._first = first
        self._lock = threading.Lock()
        self._last: int | None = None
        self._spare: list[Fresh] = []

    def next(self) -> int:
        return self._next(1)[0]

    def take(self, count: int) -> list[Fresh]:
        """Return numbers and handles of tickets that may be opened."""
        with self._lock:
            spare, self._spare = self._spare[:count], self._spare[count:]
        missing = self._next(count - len(spare)) if len(spare) < count else []
        return spare + [Fresh(number, int.from_bytes(os.urandom(5), "big")) for number in missing]

    def give_back(self, one: Fresh) -> None:
        """Let somebody else have what was not needed."""
        with self._lock:
            bisect.insort(self._spare, one, key=lambda spare: spare.number)

    def anew(self) -> Fresh:
        """Draw one that is beyond all that somebody beside this process has used meanwhile."""
        with self._lock:
            self._spare = []
            if self._last is not None:
                self._last = max(self._last, self._store.read(_largest))
        return self.take(1)[0]

    def _next(self, count: int) -> list[int]:
        if not self._store.sqlite:
            self._begin()
            query = text("select nextval('ticket_number') from generate_series(1, :count)")
            return [int(row[0]) for row in self._store.read(lambda c: c.execute(query, {"count": count}).all())]
        with self._lock:
            if self._last is None:
                self._last = max(self._store.read(_largest), self._first - 1)
            first, self._last = self._last + 1, self._last + count
            return list(range(first, self._last + 1))

    def _begin(self) -> None:
        """Raise PostgreSQL's own numbers, once, to where they are to begin; they never go back.

        As to draw one, it is done beside the writer, who may be what draws, and would wait for himself.
        """
        if self._first > 1:
            self._store.read(partial(_raise_sequence, before=self._first - 1))
            self._first = 1


def _raise_sequence(connection: Connection, before: int) -> None:
    """Two daemons that did it at once could give a number twice, so they wait for each other."""
    connection.execute(text("select pg_advisory_xact_lock(hashtext('ticket_number'))"))
    raising = text("select setval('ticket_number', :before) from ticket_number where last_value <= :before")
    connection.execute(raising, {"before": before})


def _largest(connection: Connection) -> int:
    """Return the largest number of a ticket that is, was erased, or may have been mailed before a restore."""
    ticket = connection.execute(text("select seq from sqlite_sequence where name = 'ticket'")).scalar() or 0
    mailed = connection.execute(select(OUTBOX.c.ticket).order_by(OUTBOX.c.id.desc()).limit(1)).scalar() or 0
    return max(int(ticket), int(mailed))
