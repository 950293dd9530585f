"""What was decided from what is so no more is filed by nobody: the second of two who did the same finds the first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from maild.message.model import Letter
from maild.store import held, intake, outbox, queued, tickets
from maild.store.file import file
from maild.store.filing import Addressed, Filing, Stale
from maild.store.tables import CONTACT, HISTORY, MESSAGE
from maild.store.write import Store
from maild.ticket.change import AddMessage, Change, Remark, SplitFrom, Undelivered, Withdrawn
from maild.ticket.facts import Outgoing, Versions
from maild.ticket.model import Direction, Visibility
from maild.ticket.plan import Fate, Hold, Order, Plan, Settle, Verb, Word
from tests.conftest import NOON
from tests.store.test_contract import ANNA, envelope, kept, opened, opening

OUR_ANSWER = AddMessage(
    *(Direction.OUT, Visibility.PUBLIC, opening(1).changes[1].kind, "<a@agents.example>"),  # type: ignore[union-attr]
    *("janis", "", "Yes.", "Yes."),
)
LETTER = Letter(ANNA.address, (("Message-ID", "<a@example.com>"),), "Yes.", automatic=False)


def plan(store: Store, *changes: Change, number: int = 1, **values: object) -> Filing:
    """Return a plan on a ticket as it is now."""
    ticket = store.read(partial(tickets.get, number=number))
    assert ticket is not None
    return Filing(replace(Plan(number, changes), **values), NOON, 1, ticket)  # type: ignore[arg-type]


def is_stale(store: Store, filing: Filing) -> bool:
    """Tell whether a plan is too late; if so, nothing of it is there."""
    before = store.read(lambda c: c.execute(select(HISTORY.c.text)).all())
    try:
        store.write(partial(file, filing=filing))
    except Stale:
        assert store.read(lambda c: c.execute(select(HISTORY.c.text)).all()) == before
        return True
    return False


def test_a_word_on_a_mail_that_was_decided_on_comes_too_late(store: Store) -> None:
    opened(store)
    mail = kept(store, "smtp:9")
    store.write(partial(intake.settle, number=mail, fate=Fate.HELD, because="token alone", ticket=None))
    hold = Hold("janis", "Yes.", "digest", NOON + timedelta(hours=1))
    store.write(partial(held.put, mail=mail, ticket=1, hold=hold, because="token alone", now=NOON))
    words = [plan(store, Remark(word), settles=Settle(mail, word, "janis")) for word in (Word.DROPPED, Word.RELEASED)]
    assert [is_stale(store, one) for one in words] == [False, True]
    assert store.read(partial(intake.get, number=mail)).fate == "discarded"


def test_an_address_that_works_once_works_once_for_two_who_read_that_it_was_unused(store: Store) -> None:
    opened(store)
    opened(store, 2)
    presses = [plan(store, Remark("taken"), number=number, spends="t" * 40) for number in (1, 2)]
    assert [is_stale(store, one) for one in presses] == [False, True]
    assert not is_stale(store, plan(store, Remark("taken"), spends="u" * 40))


def test_a_plan_is_stale_when_its_sender_did_something_else_meanwhile(store: Store) -> None:
    """What he wrote may have begun the ticket that this mail belongs to."""
    known = Versions(contact=ANNA.address)
    first, second = kept(store, "smtp:1"), kept(store, "smtp:2")
    filings = [
        Filing(opening(number, mail, f"<q{mail}@x.example>"), NOON, 1, versions=known, intake_id=mail)
        for number, mail in ((1, first), (2, second))
    ]
    assert [is_stale(store, one) for one in filings] == [False, True]
    assert store.read(partial(intake.get, number=second)).fate == "waiting"


@pytest.mark.parametrize("late", [False, True])
def test_an_answer_that_has_left_is_taken_back_by_nobody(store: Store, late: bool) -> None:
    opened(store)
    store.write(partial(file, filing=plan(store, OUR_ANSWER)))
    one = Addressed(LETTER, "customer", "janis", NOON + timedelta(seconds=30))
    store.write(partial(outbox.put, ticket=1, letters=[one, one], now=NOON))
    if late:  # one of the two
        store.write(partial(queued.withdraw, ids=(2,), now=NOON))
    stale = is_stale(store, plan(store, Withdrawn((1, 2), OUR_ANSWER.message_id, "Yes.", "janis")))
    assert stale is late
    shown = store.read(
        lambda c: c.execute(select(MESSAGE.c.visibility).where(MESSAGE.c.party == "janis")).scalars().all()
    )
    assert shown == ["public" if late else "note"], "what the customer was sent is no note"
    states = store.read(lambda c: [row.state for row in outbox.listed(c)])
    assert states == (["withdrawn", "queued"] if late else ["withdrawn", "withdrawn"])


def test_a_mail_that_was_split_off_is_split_off_once(store: Store) -> None:
    opened(store)
    row = store.read(lambda c: c.execute(select(MESSAGE.c.id)).scalar_one())
    one = SplitFrom(1, "<q1@customer.example>", row, NOON, "janis")
    splits = [Filing(replace(opening(number), changes=(opening(number).changes[0], one)), NOON, 1) for number in (2, 3)]
    assert [is_stale(store, split) for split in splits] == [False, True]
    assert store.read(lambda c: c.execute(select(MESSAGE.c.ticket)).scalar_one()) == 2


@pytest.mark.parametrize(
    ("orders", "blocked"),
    [
        ([Order(Verb.BLOCK, 1, "liga")], ["anna@customer.example"]),
        ([Order(Verb.RELEASE, 1, "liga")], []),
        ([Order(Verb.BLOCK, 2, "liga")], []),  # nobody sent it
        ([Order(Verb.BLOCK, 3, "liga")], []),  # there is no such mail
    ],
)
def test_who_is_blocked_sent_the_mail_that_is_held(store: Store, orders: Sequence[Order], blocked: list[str]) -> None:
    nobodys = partial(intake.put, envelope=replace(envelope("smtp:2"), mail_from=""), raw=b"Subject: x\r\n\r\nBuy\r\n")
    for mail in (kept(store, "smtp:1"), store.write(nobodys)):
        store.write(partial(intake.settle, number=mail, fate=Fate.HELD, because="spam", ticket=None))
    store.write(partial(file, filing=Filing(Plan(None, orders=tuple(orders)), NOON, 1)))
    found = store.read(lambda c: c.execute(select(CONTACT.c.address).where(CONTACT.c.blocked)).scalars().all())
    assert found == blocked


@pytest.mark.parametrize(
    ("message_id", "recipient", "told"),
    [
        ("<a@example.com>", ANNA.address, True),
        ("<a@example.com>", "boss@customer.example", False),
        ("<b@example.com>", ANNA.address, False),
    ],
)
def test_that_a_mail_is_late_is_told_once_for_each_mail(
    store: Store, message_id: str, recipient: str, told: bool
) -> None:
    opened(store)
    opened(store, 2)
    late = Undelivered("<a@example.com>", ANNA.address, False, "nobody is there")
    store.write(partial(file, filing=plan(store, late)))
    mail = Outgoing(1, 1, recipient, message_id, automatic=False, author="janis")
    assert store.read(partial(outbox.is_missed, ticket=1, mail=mail)) is told
    assert not store.read(partial(outbox.is_missed, ticket=2, mail=mail))
