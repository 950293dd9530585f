"""Mails that were decided and are to leave.  Nothing is sent but from here."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, Integer, and_, bindparam, func, literal_column, null, or_, select, text, update

from maild.message.model import Letter
from maild.store import alarms, wakes
from maild.store.filing import Addressed
from maild.store.prepared import Among, Prepared
from maild.store.records import letter_from_json, letter_to_json
from maild.store.tables import HISTORY, OUTBOX, OutboxState
from maild.ticket.change import Undelivered, instant
from maild.ticket.facts import Outgoing
from maild.ticket.plan import Audience

_INSERT = Prepared.insert(OUTBOX)
# Spelled out as in the partial indexes: a bound value would not let SQLite use them, and all mails ever sent be read.
UNSENT: tuple[OutboxState, ...] = ("queued", "deferred", "in_doubt")
IS_UNSENT = OUTBOX.c.state.in_([literal_column(f"'{state}'") for state in UNSENT])
FAR = timedelta(hours=5)  # no mail is put off, and no lease lasts, for so long
EMPTIED = '"text":"[forgotten]"'  # as `forget` leaves a letter
ENDED: tuple[OutboxState, ...] = ("failed", "held")
BY_HAND = "begun anew by hand"
_IS_AUTOMATIC = text("outbox.automatic")
_DECIDED = select(
    OUTBOX.c.id,
    OUTBOX.c.recipient,
    OUTBOX.c.ticket,
    OUTBOX.c.audience,
    OUTBOX.c.created_at,
    OUTBOX.c.automatic,
    OUTBOX.c.state,
)
_DECIDED_AFTER = Prepared(_DECIDED.where(OUTBOX.c.id > bindparam("number")).order_by(OUTBOX.c.id))
_SETTLED = (
    update(OUTBOX)
    .where(OUTBOX.c.id == bindparam("mail"), IS_UNSENT)
    .values(
        state=bindparam("new_state"),
        attempts=OUTBOX.c.attempts + literal_column("1"),
        replies=OUTBOX.c.replies + bindparam("said", type_=OUTBOX.c.replies.type),
        due_at=func.coalesce(bindparam("again_at", type_=OUTBOX.c.due_at.type), OUTBOX.c.due_at),
        done_at=bindparam("ended_at"),
        lease=null(),
        leased_until=null(),
    )
)
_DUE = Prepared(
    select(OUTBOX.c.id)
    .where(
        IS_UNSENT,
        OUTBOX.c.due_at <= bindparam("now"),
        or_(
            OUTBOX.c.leased_until.is_(None),
            OUTBOX.c.leased_until < bindparam("there"),
            OUTBOX.c.lease == bindparam("mine"),
        ),
    )
    .order_by(OUTBOX.c.due_at, OUTBOX.c.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)  # SQLite has no such words, and no need of them
)
_BY_IDS = Among(select(OUTBOX).order_by(OUTBOX.c.due_at, OUTBOX.c.id), OUTBOX.c.id)
_NEXT_DUE = Prepared(select(func.min(OUTBOX.c.due_at)).where(IS_UNSENT))
_SETTLE = Prepared(_SETTLED)
_SETTLE_MINE = Prepared(_SETTLED.where(OUTBOX.c.lease == bindparam("mine")))


@dataclass(frozen=True, slots=True)
class Due:
    """A mail whose time has come."""

    id: int
    ticket: int | None
    letter: Letter
    attempts: int
    created_at: datetime
    state: OutboxState
    automatic: bool
    author: str
    audience: str
    begun_anew_at: datetime | None = None  # when somebody let it be tried again that had failed, or was held

    @property
    def queued_at(self) -> datetime:
        """Since when it is tried to send it."""
        return self.begun_anew_at or self.created_at

    @property
    def patient(self) -> bool:
        """Whether it is worth something for days: what a person wrote, and what tells ours of it."""
        return not self.automatic or self.audience != Audience.CUSTOMER.value

    @property
    def outgoing(self) -> Outgoing:
        """What a plan on its fate must know of it."""
        return Outgoing(
            self.id, self.ticket, self.letter.recipient, self.letter.header("Message-ID"), self.automatic, self.author
        )


def put(connection: Connection, ticket: int | None, letters: Sequence[Addressed], now: datetime) -> None:
    """Write letters down to leave at once or when they may; those of a queue in shadow never leave."""
    if not letters:
        return
    wakes.tell(connection, "delivery")
    _INSERT(
        connection,
        *(
            {
                "ticket": ticket,
                "recipient": one.letter.recipient,
                "audience": one.audience,
                "author": one.author,
                "message_id": one.letter.header("Message-ID"),
                "automatic": one.letter.automatic,
                "letter": letter_to_json(one.letter),
                "created_at": now,
                "due_at": max(now, one.not_before or now),
                "state": "shadow" if one.shadow else "queued",
            }
            for one in letters
        ),
    )


def claim(
    connection: Connection,
    lease: str,
    now: datetime,
    until: datetime,
    count: int,
    busy: Sequence[int] = (),
    there: datetime | None = None,
) -> list[Due]:
    """Lease mails that are due; on SQLite the lease lives in memory, as `busy`.

    Args:
        there: now by the database's clock, by which leases of all daemons are, and `until`; None: it is ours.
    """
    taken = set(busy)
    found = _DUE(connection, {"now": now, "there": there or now, "mine": lease, "most": count + len(taken)})
    ids = [row.id for row in found if row.id not in taken][:count]
    if connection.dialect.name != "sqlite":
        connection.execute(update(OUTBOX).where(OUTBOX.c.id.in_(ids)).values(lease=lease, leased_until=until))
    return [due(row) for row in _BY_IDS(connection, ids)]


def renew(connection: Connection, ids: Collection[int], lease: str, until: datetime) -> int:
    """Keep the leases of mails that are being sent; return how many nobody else has taken meanwhile."""
    ours = (OUTBOX.c.id.in_(ids), OUTBOX.c.lease == lease)
    return connection.execute(update(OUTBOX).where(*ours).values(leased_until=until)).rowcount


def due(row: Any) -> Due:
    """Return an outbox row as what is to be sent."""
    return Due(
        row.id,
        row.ticket,
        letter_from_json(row.letter),
        row.attempts,
        row.created_at,
        row.state,
        row.automatic,
        row.author,
        row.audience,
        _begun_anew_at(row.replies),
    )


def _begun_anew_at(replies: str) -> datetime | None:
    begun = [line for line in replies.splitlines() if line.endswith(BY_HAND)]
    return datetime.fromisoformat(begun[-1].split()[0]) if begun else None


def settle(
    connection: Connection,
    number: int,
    state: OutboxState,
    reply: str,
    lease: str,
    now: datetime,
    due_at: datetime | None = None,
) -> bool:
    """Write what an attempt came to; False if the lease was lost to somebody else meanwhile."""
    statement = _SETTLE if connection.dialect.name == "sqlite" else _SETTLE_MINE  # there the lease lives in memory
    values = {
        "mail": number,
        "mine": lease,
        "new_state": state,
        "said": f"{instant(now)} {reply}\n",
        "again_at": due_at,
        "ended_at": None if due_at else now,
    }
    return bool(statement(connection, values).rowcount)


def is_missed(connection: Connection, ticket: int | None, mail: Outgoing) -> bool:
    """Tell whether a ticket's history says that a mail has not arrived: an automatic one, or any to its recipient."""
    query = select(HISTORY.c.detail).where(HISTORY.c.ticket == ticket, HISTORY.c.change == Undelivered.__name__)
    known = map(orjson.loads, connection.execute(query).scalars())
    missed = [one["message_id"] for one in known if one["recipient"] == mail.recipient]
    return bool(missed) if mail.automatic else mail.message_id in missed


def bounced(connection: Connection, number: int, why: str, now: datetime) -> None:
    """A mail that the next server took came back later."""
    row = connection.execute(
        update(OUTBOX)
        .where(OUTBOX.c.id == number, OUTBOX.c.state != "failed")
        .values(state="failed", done_at=now, replies=OUTBOX.c.replies + f"{instant(now)} returned: {why}\n")
        .returning(OUTBOX.c.recipient, OUTBOX.c.audience)
    ).first()
    if row is not None and row.audience == Audience.AGENT.value:
        alarms.lost(connection, row.recipient, why, now, returned=True)


def answers_wait(connection: Connection) -> bool:
    """Tell whether an agent's answer was not tried to be sent yet; it waits a moment to be taken back, perhaps."""
    query = select(OUTBOX.c.id).where(IS_UNSENT, OUTBOX.c.state == "queued", ~OUTBOX.c.automatic).limit(1)
    return connection.execute(query).first() is not None


def next_due(connection: Connection) -> datetime | None:
    """Return when the next mail that has not left is due; None for none."""
    moment: datetime | None = _NEXT_DUE(connection, {}).scalar()
    return moment


def recall(connection: Connection, now: datetime) -> int:
    """Let what a clock that ran ahead has put off, or leased, be due now; return how many mails it was."""
    far = now + FAR
    late = and_(OUTBOX.c.state != "queued", OUTBOX.c.due_at > far)
    early = and_(OUTBOX.c.state == "queued", OUTBOX.c.created_at > far, OUTBOX.c.due_at > now)
    done = connection.execute(update(OUTBOX).where(IS_UNSENT, or_(late, early)).values(due_at=now))
    leased = (IS_UNSENT, OUTBOX.c.leased_until > far)
    connection.execute(update(OUTBOX).where(*leased).values(lease=None, leased_until=None))
    return done.rowcount


def retry(connection: Connection, number: int, now: datetime) -> bool:
    """Send again at once what waits, failed or is in doubt, with the same Message-ID; not what was forgotten.

    What had an end already, or was held, begins anew: else it would be given up again where the next server, as many do
    with what they have not seen of late, takes it at the second attempt.
    """
    tried = (
        update(OUTBOX)
        .where(OUTBOX.c.id == number, OUTBOX.c.state.not_in(("sent", "shadow", "withdrawn")))
        .where(~OUTBOX.c.letter.contains(EMPTIED, autoescape=True))
        .values(state="queued", due_at=now, done_at=None)
    )
    said = {"attempts": 0, "replies": OUTBOX.c.replies + f"{instant(now)} {BY_HAND}\n"}
    anew = connection.execute(tried.where(OUTBOX.c.state.in_(ENDED)).values(**said))
    return bool(anew.rowcount or connection.execute(tried).rowcount)


def drop(connection: Connection, number: int, now: datetime) -> bool:
    """Give up a mail that has not left; False if there is none of that number."""
    done = connection.execute(
        update(OUTBOX)
        .where(OUTBOX.c.id == number, or_(IS_UNSENT, OUTBOX.c.state == "held"))
        .values(state="failed", done_at=now, replies=OUTBOX.c.replies + f"{instant(now)} dropped by hand\n")
    )
    return bool(done.rowcount)


def get(connection: Connection, number: int) -> Any:
    """Return a row, or None."""
    return connection.execute(select(OUTBOX).where(OUTBOX.c.id == number)).first()


def listed(
    connection: Connection, states: Sequence[OutboxState] = (), count: int = 100, recipient: str = ""
) -> Iterator[Any]:
    """Return rows, newest first.

    Args:
        recipient: what the recipient's address holds; "" for anybody's.
    """
    query = select(OUTBOX).order_by(OUTBOX.c.id.desc()).limit(count)
    if states:
        query = query.where(OUTBOX.c.state.in_(states))
    if recipient:
        query = query.where(func.lower(OUTBOX.c.recipient).contains(recipient.lower(), autoescape=True))
    yield from connection.execute(query)


def automatic_since(connection: Connection, since: datetime) -> Iterator[Any]:
    """Return the automatic mails since an instant, oldest first: the budgets' memory."""
    query = _DECIDED.where(_IS_AUTOMATIC, OUTBOX.c.created_at >= since).order_by(OUTBOX.c.created_at, OUTBOX.c.id)
    yield from connection.execute(query)


def decided_after(connection: Connection, number: int) -> list[Any]:
    """Return what the budgets must know of all mails with higher numbers."""
    return _DECIDED_AFTER(connection, {"number": number}).all()


def last_number(connection: Connection) -> int:
    """Return the highest number of a mail, 0 before the first."""
    return connection.execute(select(func.max(OUTBOX.c.id))).scalar() or 0
