"""What left of itself is counted from the outbox, whoever put it there."""

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, insert

from maild.spending import LATE, Spending
from maild.store.tables import OUTBOX
from maild.store.write import Store
from maild.ticket.budget import Limit, Limits
from tests.conftest import NOON

TEN_MINUTES = timedelta(minutes=10)
THREE = Limits(breaker=(Limit(3, TEN_MINUTES),))
SECOND = timedelta(seconds=1)


def decide(connection: Connection, at: datetime, automatic: bool = True, state: str = "queued") -> None:
    connection.execute(
        insert(OUTBOX).values(
            recipient="a@customer.example",
            audience="customer",
            message_id=f"<{at.timestamp()}@example.com>",
            automatic=automatic,
            letter="{}",
            created_at=at,
            due_at=at,
            state=state,
        )
    )


def reached(spending: Spending, store: Store, now: datetime) -> bool:
    with store.reading() as connection:
        return bool(spending.read_on(connection, now).tripped(now))


def test_each_mail_is_counted_once_whoever_decided_on_it(store: Store) -> None:
    store.write(lambda connection: decide(connection, NOON))
    spending = Spending(store, THREE, NOON)
    store.write(lambda connection: decide(connection, NOON + SECOND))
    for seconds in range(10):
        assert not reached(spending, store, NOON + seconds * SECOND)
    store.write(lambda connection: decide(connection, NOON + 10 * SECOND))
    assert reached(spending, store, NOON + 10 * SECOND)
    assert reached(Spending(store, THREE, NOON + 10 * SECOND), store, NOON + 10 * SECOND), "so it is after a restart"
    assert not reached(spending, store, NOON + TEN_MINUTES)


def test_what_a_person_wrote_and_what_only_shows_is_not_counted(store: Store) -> None:
    """The first look at an account that was there before, and a later one, agree."""
    spending = Spending(store, THREE, NOON)
    for _ in range(3):
        store.write(lambda connection: decide(connection, NOON, automatic=False))
        store.write(lambda connection: decide(connection, NOON, state="shadow"))
    assert not reached(spending, store, NOON)
    assert not reached(Spending(store, THREE, NOON), store, NOON)


def test_a_mail_that_appears_after_younger_ones_is_counted(store: Store) -> None:
    """Numbers are given when a row is written, and it is seen when that is committed."""
    if store.sqlite:
        return  # one writer: who has the lower number has committed first
    spending = Spending(store, THREE, NOON)
    with store.engine.connect() as slow, slow.begin():
        decide(slow, NOON)
        store.write(lambda connection: decide(connection, NOON + SECOND))
        store.write(lambda connection: decide(connection, NOON + SECOND))
        assert not reached(spending, store, NOON + SECOND)
    assert reached(spending, store, NOON + SECOND + LATE / 2)


def test_what_a_clock_that_ran_ahead_wrote_keeps_nobody_waiting(store: Store) -> None:
    """Else nobody would be acknowledged until the year to come; and all mail since would be read each time."""
    later = NOON + timedelta(days=400)
    spending = Spending(store, THREE, later)
    for _ in range(3):
        store.write(partial(decide, at=later))
    assert reached(spending, store, later)
    assert not reached(spending, store, NOON)
    assert not reached(Spending(store, THREE, NOON), store, NOON)
    for seconds in range(20):
        store.write(partial(decide, at=NOON + seconds * SECOND))
        assert reached(spending, store, NOON + seconds * SECOND) == (seconds >= 2)
    assert len(spending._seen) <= LATE / SECOND
    assert reached(Spending(store, THREE, NOON + 20 * SECOND), store, NOON + 20 * SECOND)


def test_no_more_is_read_than_what_is_new(store: Store) -> None:
    spending = Spending(store, THREE, NOON)
    for seconds in range(20):
        at, automatic = NOON + seconds * SECOND, seconds % 2 == 0
        store.write(partial(decide, at=at, automatic=automatic))
        reached(spending, store, at)
    assert len(spending._seen) <= LATE / SECOND
    assert len(spending._since) == len(spending._seen)
