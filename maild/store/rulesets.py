"""The sets of rule files that were accepted, each whole, with what was said about hours over them."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, case, func, insert, or_, select

from maild.hours import special
from maild.hours.special import SpecialHours
from maild.store import wakes
from maild.store.prepared import Prepared
from maild.store.tables import RULESET

_NEWEST_VERSION = Prepared(select(func.max(RULESET.c.version)))
_SAYS_HOURS = select(
    RULESET.c.at, RULESET.c.hours, case((RULESET.c.hours.is_(None), RULESET.c.files)).label("files")
).where(or_(RULESET.c.hours.is_(None), RULESET.c.hours != ""))
HoursOf = Callable[[Mapping[str, str]], str]  # what rule files say about hours, as hours/written.py writes it


class Accepted(NamedTuple):
    version: int
    is_new: bool
    files: Mapping[str, str]  # the rule files, and what was said about hours


def accept(connection: Connection, files: Mapping[str, str], hours_of: HoursOf, now: datetime) -> Accepted:
    """Keep a set of rule files, unless it is the newest one already; what was said about hours stays said."""
    before = newest(connection)
    kept = _with_said(files, (before or {}).get(special.FILE, ""))
    if before == kept:
        return Accepted(newest_version(connection), False, kept)
    return Accepted(_keep(connection, kept, hours_of(kept), now), True, kept)


def say_hours(
    connection: Connection, new: Sequence[SpecialHours], hours_of: HoursOf, now: datetime
) -> Mapping[str, str]:
    """Keep what a person says about some dates as a new version of the rules in force; return its texts."""
    base = newest(connection) or {}
    kept = _with_said(base, special.write(special.joined(special.read(base.get(special.FILE, "")), new)))
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
    plain = {name: file for name, file in files.items() if name != special.FILE}
    return {**plain, special.FILE: text} if text else plain


def said_of_hours(connection: Connection) -> str:
    """Return what was said about hours, as it is kept among the texts of a rule set."""
    return (newest(connection) or {}).get(special.FILE, "")


def _sha256(files: Mapping[str, str]) -> str:
    """Return what tells sets of rule files apart, whatever was said about hours."""
    return hashlib.sha256(_kept(_with_said(files, "")).encode()).hexdigest()


def superseded(connection: Connection, files: Mapping[str, str]) -> bool:
    """Whether a set of rule files was accepted once, and another one after it."""
    version = connection.execute(select(func.max(RULESET.c.version)).where(RULESET.c.sha256 == _sha256(files))).scalar()
    return version is not None and version < newest_version(connection)


def _kept(files: Mapping[str, str]) -> str:
    return json.dumps(dict(sorted(files.items())), ensure_ascii=False)


def since(connection: Connection, moment: datetime) -> list[tuple[datetime, dict[str, str]]]:
    """Return the sets of rule files that were in force at some time since then, and when each was accepted."""
    first = select(func.coalesce(func.max(RULESET.c.version), 0)).where(RULESET.c.at <= moment).scalar_subquery()
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


def newest(connection: Connection) -> dict[str, str] | None:
    """Return the set of rule files that was accepted last."""
    row = connection.execute(select(RULESET.c.files).order_by(RULESET.c.version.desc()).limit(1)).first()
    return dict(json.loads(row.files)) if row else None
