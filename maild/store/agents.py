"""What is kept of agents beside the rule files: reply addresses and passwords, and when each is away."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, select

from maild.hours import spans
from maild.hours.spans import Spell
from maild.store import upsert
from maild.store.prepared import Prepared
from maild.store.tables import AGENT
from maild.ticket.plan import Absence

_KNOWN = Prepared(select(AGENT.c.key, AGENT.c.epoch, AGENT.c.away))
REMEMBERED = timedelta(days=31)  # what was said about days, for an agent who comes back from them


class Known(NamedTuple):
    """What bears on an agent's work beside the rule files."""

    epoch: int
    said: tuple[Spell, ...]  # of the days on which he is away


def known(connection: Connection) -> dict[str, Known]:
    """Return what is known of every agent of whom anything is."""
    return {row.key: Known(row.epoch, spans.read(row.away)) for row in _KNOWN(connection, {})}


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


def with_password(connection: Connection) -> frozenset[str]:
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
