"""An answer may be taken back until it may be on its way, and not longer."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from maild.message.model import Kind, Letter
from maild.store import outbox, queued, tickets
from maild.store.file import file
from maild.store.filing import Addressed, Filing
from maild.store.write import Store
from maild.ticket.change import AddMessage
from maild.ticket.facts import Leaving
from maild.ticket.model import Direction, Visibility
from maild.ticket.plan import Plan
from tests.conftest import NOON
from tests.store.test_contract import opened

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


MINUTE = timedelta(minutes=1)


def answered(store: Store, agent: str, minutes: int, letters: int = 1, visible: Visibility = Visibility.PUBLIC) -> None:
    """Let an agent answer ticket 1, so many minutes after noon; his mails wait for an hour."""
    ticket = store.read(partial(tickets.get, number=1))
    assert ticket is not None
    at, own_id = NOON + minutes * MINUTE, f"<{agent}{minutes}@agents.example>"
    said = AddMessage(Direction.OUT, visible, Kind.HUMAN, own_id, agent, "", f"Answer {minutes}", "")
    his = [Addressed(LETTER, "customer", agent, NOON + 60 * MINUTE)] * letters
    told = Addressed(replace(LETTER, automatic=True), "agent", "", NOON + 60 * MINUTE)
    plan = Plan(1, (said,))
    store.write(partial(file, filing=Filing(plan, at, 1, ticket, letters=(*his, told) if letters else (told,))))


def leaving(store: Store, agent: str) -> Leaving | None:
    return store.read(partial(queued.answer_of, tickets=(1,), agent=agent, now=NOON + 10 * MINUTE))


def test_an_agent_takes_back_his_own_newest_answer_with_all_that_tells_of_it(store: Store) -> None:
    opened(store)
    answered(store, "janis", 1, letters=2)
    answered(store, "zane", 2)
    answered(store, "zane", 3)
    of_janis, of_zane = leaving(store, "janis"), leaving(store, "zane")
    assert of_janis == Leaving((1, 2, 3), "<janis1@agents.example>", "Answer 1", for_him=True)
    assert of_zane == Leaving((6, 7), "<zane3@agents.example>", "Answer 3", for_him=True)
    assert leaving(store, "") == of_zane, "the operator takes back the newest of anybody"
    assert leaving(store, "liga") is None


def test_what_only_tells_colleagues_is_no_answer_that_could_be_taken_back(store: Store) -> None:
    opened(store)
    answered(store, "janis", 1, letters=0, visible=Visibility.NOTE)
    assert leaving(store, "janis") is None
    answered(store, "janis", 2, visible=Visibility.NOTE)
    assert leaving(store, "janis") is None, "his words are no customer's"
    assert leaving(store, "") is None
