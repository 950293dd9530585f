"""Who is let into a conversation, by whose word, and who is not."""

from dataclasses import replace
from typing import Any

import pytest

from maild.message.model import Address, Kind
from maild.ticket import participants
from maild.ticket.facts import Facts
from maild.ticket.model import Participant, Role
from maild.ticket.proof import Evidence
from tests.rules.making import facts, ticket

ANNA = "Anna@klients.example"
BOSS, LAWYER, EVE = Address("Boss", "Boss@firm.example"), Address("", "lawyer@law.example"), "eve@evil.example"
SUPPORT, JANIS = Address("", "support@example.com"), Address("", "janis@agents.example")
PARTNER = Participant("lawyer@law.example", "", Role.PARTICIPANT)
THIRD = Participant(EVE, "Eve", Role.THIRD_PARTY)
MINE = ticket(requester=Participant(ANNA, "Anna", Role.REQUESTER), others=(THIRD,))


def mail(sender: str = ANNA, **fields: Any) -> Facts:
    """Return the facts of a mail to us with the boss in copy."""
    return facts(sender=Address("", sender), of=MINE, **{"cc": (BOSS,), **fields})


def names(found: tuple[Participant, ...]) -> list[str]:
    return [one.address for one in found]


@pytest.mark.parametrize(
    ("cc", "named"),
    [
        ((BOSS, LAWYER), ["Boss@firm.example", "lawyer@law.example"]),
        ((BOSS, BOSS), ["Boss@firm.example"]),
        ((SUPPORT, JANIS, BOSS), ["Boss@firm.example"]),  # none of ours
        ((Address("", ANNA.lower()), Address("", EVE), BOSS), ["Boss@firm.example"]),  # who is in it already
        ((Address("Friends", "undisclosed"), BOSS), ["Boss@firm.example"]),
    ],
)
def test_whoever_is_named_and_new_is_named(cc: tuple[Address, ...], named: list[str]) -> None:
    assert names(participants.named(mail(cc=cc), MINE)) == named


def test_neither_a_writer_who_copies_himself_nor_who_asked_to_be_left_alone_is_named() -> None:
    himself = mail("ieva@klients.example", cc=(Address("", "Ieva@klients.example"), BOSS))
    assert names(participants.named(himself, MINE)) == ["Boss@firm.example"]
    left_alone = replace(himself.seen, no_copies=frozenset({"boss@firm.example"}))
    assert participants.named(replace(himself, seen=left_alone), MINE) == ()


@pytest.mark.parametrize(("others", "named"), [(participants.MOST - 1, True), (participants.MOST, False)])
def test_whoever_writes_to_a_crowd_brings_nobody_in(others: int, named: bool) -> None:
    """Our own address is one of those to whom the mail went."""
    cc = tuple(Address("", f"p{n}@firm.example") for n in range(others))
    assert bool(participants.named(mail(cc=cc), MINE)) is named


SIGNED = {"anna": Evidence(dkim=("klients.example",)), "eve": Evidence(dkim=("evil.example",)), "none": Evidence()}


@pytest.mark.parametrize(
    ("sender", "evidence", "own_token", "vouched"),
    [
        (ANNA, "none", True, True),
        (ANNA, "anna", False, True),
        ("ieva@klients.example", "anna", False, True),  # of her firm
        (ANNA, "none", False, False),  # anybody can write a From field
        (ANNA, "eve", False, False),
        (EVE, "eve", False, False),  # signed by herself, and she takes no part
        ("mallory@evil.example", "eve", False, False),
    ],
)
def test_only_who_certainly_takes_part_brings_somebody_in(
    sender: str, evidence: str, own_token: bool, vouched: bool
) -> None:
    written = replace(mail(sender), evidence=SIGNED[evidence], own_token=own_token)
    assert [one.person.address for one in participants.added(written, MINE, "cc")] == ["Boss@firm.example"] * vouched
    assert participants.offered(written, MINE, "cc") == ("Boss@firm.example",) * (not vouched)
    for mode in ("ask", "none"):
        assert participants.added(written, MINE, mode) == []
    assert participants.offered(written, MINE, "ask") == ("Boss@firm.example",)
    assert participants.offered(written, MINE, "none") == ()


@pytest.mark.parametrize("known", [True, False])
def test_a_mail_that_begins_a_ticket_brings_people_in_unless_its_sender_is_a_stranger(known: bool) -> None:
    first = replace(mail(), ticket=None)
    first = replace(first, match=replace(first.match, known=known))
    assert bool(participants.added(first, MINE, "cc")) is known


def test_answers_go_to_those_who_take_part_and_agents_are_told_where_the_writer_is_none_of_them() -> None:
    several = replace(MINE, others=(THIRD, PARTNER, Participant("", "Nobody", Role.PARTICIPANT)))
    assert names(participants.answered(several)) == [ANNA, "lawyer@law.example"]
    assert participants.answered_beside(several, EVE) == (ANNA, "lawyer@law.example")
    assert participants.answered_beside(several, "Lawyer@law.example") == ()


@pytest.mark.parametrize(
    ("reply_to", "kind", "where"),
    [
        ((Address("", "Visitor@home.example"),), Kind.HUMAN, "Visitor@home.example"),
        ((Address("", "Visitor@home.example"),), Kind.AUTOMATIC, "Visitor@home.example"),
        ((Address("", "list@lists.example"),), Kind.BULK, ""),
        ((Address("", "a@home.example"), Address("", "b@home.example")), Kind.HUMAN, ""),
        ((Address("", "visitor"),), Kind.HUMAN, ""),
        ((Address("", ANNA.lower()),), Kind.HUMAN, ""),
        ((Address("", EVE),), Kind.HUMAN, ""),
        ((SUPPORT,), Kind.HUMAN, ""),
        ((JANIS,), Kind.HUMAN, ""),
        ((), Kind.HUMAN, ""),
    ],
)
def test_where_a_writer_asks_for_answers_is_said_where_they_go_elsewhere(
    reply_to: tuple[Address, ...], kind: Kind, where: str
) -> None:
    assert participants.wants_answers(mail(reply_to=reply_to, kind=kind), MINE) == where


def test_a_writer_who_wants_answers_where_he_wrote_from_wants_nothing() -> None:
    own = mail("form@shop.example", reply_to=(Address("", "Form@shop.example"),))
    assert participants.wants_answers(own, MINE) == ""
