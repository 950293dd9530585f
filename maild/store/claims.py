"""Which waiting mails are dealt with next, and whose they are meanwhile: of each sender the oldest."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Integer, bindparam, exists, func, literal_column, or_, select, update

from maild.store import intake
from maild.store.intake import Received
from maild.store.prepared import Among, Prepared
from maild.store.tables import INTAKE

LOOKED_AT = 512  # of those that wait, before it is asked who else has any: one sender may have sent them all

_OLDER, _OF_LANE = INTAKE.alias("older"), INTAKE.alias("of_lane")
_FREE = (
    select(INTAKE.c.id)
    .where(
        INTAKE.c.fate == intake.WAITING,
        or_(INTAKE.c.retry_at.is_(None), INTAKE.c.retry_at <= bindparam("now")),
        or_(
            INTAKE.c.leased_until.is_(None),
            INTAKE.c.leased_until < bindparam("there"),
            INTAKE.c.lease == bindparam("mine"),
        ),
        ~exists().where(_OLDER.c.fate == intake.WAITING, _OLDER.c.lane == INTAKE.c.lane, _OLDER.c.id < INTAKE.c.id),
    )
    .order_by(INTAKE.c.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)  # SQLite has no such words, and no need of them
)
_OLDEST = select(_OF_LANE.c.id).where(_OF_LANE.c.fate == intake.WAITING).order_by(_OF_LANE.c.id).limit(LOOKED_AT)
_FREE_OF_OLDEST = Prepared(_FREE.where(INTAKE.c.id.in_(_OLDEST)))


def _of_lanes(waits: ColumnElement[bool]) -> Prepared:
    """Return what finds the free ones among the first of each lane, going from lane to lane by the index of those that
    wait: it takes long where they are of many, and not where they are many."""
    lanes = select(literal_column("-1").label("lane")).cte("lanes", recursive=True)
    following = select(_OF_LANE.c.lane).where(waits, _OF_LANE.c.lane > lanes.c.lane).order_by(_OF_LANE.c.lane).limit(1)
    lanes = lanes.union_all(select(following.scalar_subquery()).where(lanes.c.lane.is_not(None)))
    first = select(func.min(_OF_LANE.c.id)).where(_OF_LANE.c.fate == intake.WAITING, _OF_LANE.c.lane == lanes.c.lane)
    return Prepared(_FREE.where(INTAKE.c.id.in_(select(first.scalar_subquery()).select_from(lanes))))


_WAITS = _OF_LANE.c.fate == intake.WAITING
_FREE_OF_LANES = {
    "sqlite": _of_lanes(func.likelihood(_WAITS, literal_column("1.0"))),  # else it takes the index of fates
    "postgresql": _of_lanes(_WAITS),
}
_BY_IDS = Among(select(INTAKE).order_by(INTAKE.c.id), INTAKE.c.id)


def take(
    connection: Connection,
    lease: str,
    now: datetime,
    until: datetime,
    count: int,
    busy: Iterable[int] = (),
    there: datetime | None = None,
) -> list[Received]:
    """Lease waiting mails, the oldest of each lane only: mails of one sender are filed in order.

    Args:
        there: now by the database's clock, by which leases of all daemons are, and `until`; None: it is ours.
        busy: ids that this process works on; whatever else is leased to it was given up (an outage).
            On SQLite leases live in memory, in here.
    """
    taken, ids = set(busy), list[int]()
    for free in (_FREE_OF_OLDEST, _FREE_OF_LANES[connection.dialect.name]):
        if len(ids) < count:
            found = free(connection, {"now": now, "there": there or now, "mine": lease, "most": count + len(taken)})
            ids = [row.id for row in found if row.id not in taken][:count]
    if connection.dialect.name != "sqlite":
        connection.execute(update(INTAKE).where(INTAKE.c.id.in_(ids)).values(lease=lease, leased_until=until))
    return [intake.received(row) for row in _BY_IDS(connection, ids)]


def renew(connection: Connection, ids: Collection[int], lease: str, until: datetime) -> None:
    """Keep the leases of mails that are still in hand."""
    connection.execute(update(INTAKE).where(INTAKE.c.id.in_(ids), INTAKE.c.lease == lease).values(leased_until=until))
