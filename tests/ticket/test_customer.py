"""The words with which customers may order something."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from maild.hours import wording
from maild.message.model import Address, Attachment, Kind
from maild.ticket import customer
from maild.ticket.change import (
    TO_ANOTHER,
    AddMessage,
    Change,
    Delivered,
    Entry,
    NoCopies,
    NothingOwed,
    Promised,
    RemovePerson,
    SetStatus,
    Undelivered,
)
from maild.ticket.customer import Word, word
from maild.ticket.facts import Asked
from maild.ticket.model import Direction, Participant, Role, Status, Ticket, Visibility
from maild.ticket.plan import Plan
from tests.rules.making import DESK, MONDAY_NOON, facts, ticket


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("status", Word.STATUS),
        ("  Status?\n", Word.STATUS),
        ("Statuss.", Word.STATUS),
        ("«Статус»", Word.STATUS),
        ("SOLVED!", Word.SOLVED),
        ("close", Word.SOLVED),
        ("Atrisināts", Word.SOLVED),
        ("Please close this ticket.", Word.SOLVED),
        ("Lūdzu, slēgt!", None),
        ("Lūdzu slēgt!", Word.SOLVED),
        ("please close\nthis ticket", Word.SOLVED),
        ("Решено", Word.SOLVED),
        ("stop  copies", Word.NO_COPIES),
        ("Nesūtīt kopijas", Word.NO_COPIES),
        ("не присылать копии", Word.NO_COPIES),
        ("", None),
        ("solved?\nNot at all.", None),
        ("It is not solved", None),
        ("please close the door", None),
        ("status " * 20, None),
    ],
)
def test_a_word_counts_alone(text: str, means: Word | None) -> None:
    assert word(text) is means


ANNA, BOSS, EVE = "anna@klients.example", "boss@klients.example", "eve@evil.example"
PHOTO = Attachment(1, "lamp.jpg", "image/jpeg", 10)
MINE = ticket(
    requester=Participant(ANNA, "Anna", Role.REQUESTER),
    others=(Participant(BOSS, "Boss", Role.PARTICIPANT), Participant(EVE, "Eve", Role.THIRD_PARTY)),
)


def ordered(text: str = "solved", sender: str = ANNA, own_token: bool = True, **values: Any) -> Plan | None:
    written = facts(text=text, **{"of": MINE, "sender": Address("", sender), **values})
    return customer.plan(replace(written, own_token=own_token))


def kinds(plan: Plan | None) -> list[type]:
    assert plan is not None
    return [type(change) for change in plan.changes]


@pytest.mark.parametrize(
    "values",
    [
        {"text": "Hello"},
        {"own_token": False},
        {"kind": Kind.AUTOMATIC},
        {"attachments": (PHOTO,)},  # somebody must look at it
        {"of": replace(MINE, merged_into=9)},
        {"of": None},
        {"sender": "stranger@klients.example"},  # of her firm, and nobody gave him the word
        {"sender": BOSS},
        {"sender": EVE},
        {"sender": EVE, "text": "stop copies"},
    ],
)
def test_nobody_orders_but_the_requester_from_her_own_address(values: dict[str, Any]) -> None:
    assert ordered(**values) is None


def test_an_old_mail_orders_nothing() -> None:
    assert customer.plan(replace(facts(text="solved", of=MINE), own_token=True, import_only=True)) is None


@pytest.mark.parametrize(
    "file", [replace(PHOTO, inline=True), Attachment(1, "smime.p7s", "application/pkcs7-signature", 9)]
)
def test_neither_the_logo_nor_the_signature_of_a_mail_is_a_file(file: Attachment) -> None:
    assert kinds(ordered(attachments=(file,))) == [AddMessage, NothingOwed, SetStatus]


def test_what_is_solved_already_is_not_solved_again_and_nobody_of_ours_hears_of_it() -> None:
    plan = ordered(of=replace(MINE, status=Status.CLOSED))
    assert kinds(plan) == [AddMessage, NothingOwed]
    assert [mail.template for mail in plan.mails] == ["status"]


def test_who_wants_no_copies_leaves_and_the_requester_stays() -> None:
    assert kinds(ordered("stop copies", BOSS)) == [NoCopies, RemovePerson]
    assert kinds(ordered("stop copies")) == [NoCopies]


def asked(*history: tuple[float, Change], of: Ticket = MINE) -> Mapping[str, object]:
    """Return what she is told who asks how it stands; each change with the hours before now."""
    asks = replace(facts(text="status", of=of, sender=Address("", ANNA)), own_token=True)
    histories = {of.number: tuple(Entry(MONDAY_NOON - timedelta(hours=at), change) for at, change in history)}
    plan = customer.plan(replace(asks, seen=replace(asks.seen, asked=Asked(histories=histories))))
    assert plan is not None
    return plan.mails[0].values


def promised(hours: float, because: str = "reckoned") -> Promised:
    return Promised(MONDAY_NOON + timedelta(hours=hours), because)


ANSWER = AddMessage(Direction.OUT, Visibility.PUBLIC, Kind.HUMAN, "<a@agents.example>", "janis", "", "Yes.", "Yes.")
ARRIVED = Delivered("<a@agents.example>", ANNA)


@pytest.mark.parametrize(
    ("history", "told"),
    [
        ([(2, promised(2))], True),
        ([(2, promised(0))], False),  # it is broken, and a word of when would be a lie
        ([(2, promised(2, TO_ANOTHER))], False),
        ([(3, promised(2)), (2, promised(0))], False),  # the newest counts
        ([(3, promised(0)), (2, promised(2))], True),
        ([(2, promised(2)), (1, ANSWER)], False),
        ([(2, ANSWER), (1, promised(2))], True),
    ],
)
def test_she_is_told_of_the_promise_that_is_hers_and_can_be_kept(history: list[Any], told: bool) -> None:
    assert bool(asked(*history)["until"]) is told
    assert asked(*history, of=replace(MINE, status=Status.SOLVED))["until"] == ""


@pytest.mark.parametrize(
    ("history", "hours"),
    [
        ([], None),
        ([(3, ARRIVED)], 3),
        ([(3, ARRIVED), (1, Delivered("<b@agents.example>", ANNA))], 1),
        ([(3, ARRIVED), (2, Undelivered(ARRIVED.message_id, ANNA, False, "try again"))], 3),
        ([(3, ARRIVED), (2, Undelivered(ARRIVED.message_id, ANNA, True, "no such mailbox"))], None),
        ([(3, ARRIVED), (2, Undelivered(ARRIVED.message_id, BOSS, True, "no such mailbox"))], 3),
    ],
)
def test_she_is_told_when_our_last_answer_left_of_those_that_did_not_come_back(
    history: list[Any], hours: float | None
) -> None:
    said = wording.moment(MONDAY_NOON - timedelta(hours=hours), MONDAY_NOON, "Europe/Riga", "lv") if hours else ""
    assert asked(*history)["answered"] == said


@pytest.mark.parametrize(
    ("rates", "text", "asks"), [(True, "solved", True), (True, "status", False), (False, "solved", False)]
)
def test_who_says_that_it_is_solved_is_asked_how_it_was_where_the_queue_asks(
    rates: bool, text: str, asks: bool
) -> None:
    queues = {key: replace(one, ask_rating=rates) for key, one in DESK.queues.items()}
    plan = ordered(text, desk=replace(DESK, queues=queues))
    assert plan is not None
    assert plan.mails[0].values["ask_rating"] is asks
    assert [mail.template for mail in plan.mails[1:]] == ["ticket"] * 3 * (text == "solved"), (
        "nobody need go on with it"
    )
