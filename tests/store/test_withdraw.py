"""An answer may be taken back until it may be on its way, and not longer."""

from datetime import timedelta
from functools import partial

from maild.message.model import Letter
from maild.store import outbox, queued
from maild.store.draft import Addressed
from maild.store.write import Store
from tests.conftest import NOON

LETTER = Letter("anna@customer.example", (("Message-ID", "<a@example.com>"),), "Hello", automatic=False)


def put(store: Store, due_in: timedelta) -> int:
    one = Addressed(LETTER, "customer", "janis", NOON + due_in)
    store.write(partial(outbox.put, ticket=None, letters=[one], now=NOON))
    return int(store.read(lambda connection: max(row.id for row in outbox.listed(connection))))


def test_what_waits_is_withdrawn_and_neither_sent_nor_sent_again(store: Store) -> None:
    number = put(store, timedelta(seconds=30))
    assert store.write(partial(queued.withdraw, ids=(number,), now=NOON))
    later, until = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
    assert store.write(partial(outbox.claim, lease="x", now=later, until=until, count=9)) == []
    assert not store.write(partial(outbox.retry, number=number, now=later))
    assert store.read(outbox.next_due) is None


def test_what_may_be_on_its_way_is_not_withdrawn(store: Store) -> None:
    number = put(store, timedelta(seconds=30))
    assert not store.write(partial(queued.withdraw, ids=(number,), now=NOON + timedelta(seconds=28)))
    assert not store.write(partial(queued.withdraw, ids=(number,), now=NOON + timedelta(seconds=31)))
    assert store.read(outbox.next_due) == NOON + timedelta(seconds=30)


def test_what_another_daemon_has_in_hand_is_not_withdrawn(store: Store) -> None:
    """Its clock may be some seconds ahead of ours: it would leave, and we should say that it did not."""
    number = put(store, timedelta(seconds=30))
    due, until = NOON + timedelta(seconds=30), NOON + timedelta(seconds=90)
    (claimed,) = store.write(partial(outbox.claim, lease="other", now=due, until=until, count=9))
    assert claimed.id == number
    early = NOON + timedelta(seconds=20)
    assert store.write(partial(queued.withdraw, ids=(number,), now=early)) == store.sqlite  # where there is no other
