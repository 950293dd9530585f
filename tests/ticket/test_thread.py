"""By which keys a mail finds its ticket, and who is known there."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from maild.message.model import Address, Kind
from maild.ticket import thread
from maild.ticket.model import Participant, Role, Status, Ticket
from maild.ticket.thread import How, Match, Past, Recent, Ref
from maild.ticket.token import Token, TokenKind
from tests.rules.making import ANNA, MONDAY_NOON, facts, headed, ticket

MINE = ticket()
INDEX = "AdxcQ2lkZXJpYmFzZTY0aGVyZQ=="
TOKEN = Token(TokenKind.CUSTOMER, 70, 1, MONDAY_NOON.date(), "t" * 40)
EVE = "eve@evil.example"


def joined(
    past: Past,
    subject: str = "Re: Lampa nedeg",
    kind: Kind = Kind.HUMAN,
    token: Token | None = None,
    returned: int | None = None,
    is_agent: bool = False,
    own: Mapping[str, int] | None = None,
    **mail: Any,
) -> Match:
    """Return where a mail of Anna's goes."""
    message = facts(subject, **mail).message
    return thread.match(message, kind, token, own or {}, past, is_agent, MONDAY_NOON, returned)


def recent(*several: Ticket, subject: str = "lampa nedeg", index: str = "", days: int = 1) -> Past:
    touched_at = MONDAY_NOON - timedelta(days)
    those = tuple(Recent(one.number, subject, index, touched_at) for one in several)
    return Past({one.number: one for one in several}, recent=those)


@pytest.mark.parametrize(
    ("past", "mail", "how"),
    [
        (recent(MINE), {"subject": "Re: Lampa nedeg"}, How.SUBJECT),
        (recent(MINE), {"subject": "Fwd: LAMPA nedeg"}, How.SUBJECT),
        (recent(MINE, days=7), {"subject": "Re: Lampa nedeg"}, How.SUBJECT),
        (recent(MINE, days=8), {"subject": "Re: Lampa nedeg"}, How.NONE),
        (recent(MINE), {"subject": "Lampa nedeg"}, How.NONE),  # no answer
        (recent(MINE, subject=""), {"subject": "Re:"}, How.NONE),  # what says nothing fits nothing
        (recent(replace(MINE, status=Status.CLOSED)), {"subject": "Re: Lampa nedeg"}, How.NONE),
        (recent(MINE, replace(MINE, number=8)), {"subject": "Re: Lampa nedeg"}, How.NONE),  # which of them?
        (recent(MINE), {"subject": "Re: Lampa nedeg", "kind": Kind.AUTOMATIC}, How.NONE),
        (recent(MINE), {"subject": "Par [#EX-7]"}, How.TAG),
        (recent(MINE, days=90), {"subject": "Par [#EX-7]"}, How.TAG),
        (recent(MINE), {"subject": "Par [#EX-8]"}, How.NONE),
        (recent(replace(MINE, status=Status.CLOSED)), {"subject": "Par [#EX-7]"}, How.NONE),
        (recent(MINE, subject="cits"), {"subject": "Re: Lampa nedeg"}, How.NONE),
        (recent(MINE, index=INDEX), {"subject": "x", "headers": headed(Thread_Index=INDEX)}, How.THREAD_INDEX),
        (recent(MINE, index=INDEX), {"subject": "x", "headers": headed(Thread_Index=f"{INDEX}AAA")}, How.THREAD_INDEX),
        (recent(MINE, index=INDEX[:27]), {"subject": "x", "headers": headed(Thread_Index=INDEX[:27])}, How.NONE),
        (recent(MINE, index=INDEX), {"subject": "x", "headers": headed(Thread_Index="B" * 28)}, How.NONE),
        (recent(MINE), {"subject": "x"}, How.NONE),  # none has an index
    ],
)
def test_a_hint_counts_where_it_means_one_open_ticket(past: Past, mail: dict[str, Any], how: How) -> None:
    assert joined(past, **mail).how is how
    message = facts(mail["subject"], headers=mail.get("headers", ())).message
    assert thread.may_hint(message) or how is How.NONE, "else nothing would have been looked up"


@pytest.mark.parametrize(
    ("ref", "how"),
    [
        (Ref(7, True, EVE), How.FILED_ID),
        (Ref(7, False, ANNA.lower()), How.ORPHAN),
        (Ref(7, False, EVE), How.NONE),  # she mentioned an id, and brings no mail of his into her ticket
    ],
)
def test_an_id_that_nobody_filed_joins_mails_of_one_sender_alone(ref: Ref, how: How) -> None:
    past = Past({7: MINE}, refs={"<q@x.example>": (ref,)})
    assert joined(past, in_reply_to=("<q@x.example>",)).how is how


def test_a_parent_that_comes_late_joins_the_ticket_that_mentions_it_and_an_id_used_again_joins_nothing() -> None:
    own_id = facts().message.message_id
    assert joined(Past({7: MINE}, refs={own_id: (Ref(7, False, ANNA.lower()),)})).how is How.ORPHAN
    assert joined(Past({7: MINE}, refs={own_id: (Ref(7, True, ANNA.lower()),)})).how is How.NONE


def test_nobody_joins_nobody_by_an_id_that_nobody_filed() -> None:
    past = Past({7: MINE}, refs={"<q@x.example>": (Ref(7, False, ""),)})
    assert joined(past, in_reply_to=("<q@x.example>",), sender=Address("", "")).ticket is None


def test_of_two_tickets_that_know_an_id_it_is_the_one_where_he_is_known() -> None:
    stranger = replace(MINE, number=3, requester=Participant(EVE, "Eve", Role.REQUESTER))
    refs = {"<q@x.example>": (Ref(2, True, EVE), Ref(3, True, EVE), Ref(6, True, ANNA))}
    past = Past({3: stranger, 7: MINE}, refs=refs, survivors={6: 7})  # #2 is gone, #6 ended in #7
    found = joined(past, in_reply_to=("<q@x.example>",))
    assert (found.ticket, found.known) == (7, True)


def test_the_strongest_key_that_leads_to_a_ticket_decides() -> None:
    past = replace(recent(MINE), handles={70: 7, 99: 9}, refs={"<q@x.example>": (Ref(7, True, ANNA),)})
    answers = {"in_reply_to": ("<q@x.example>",)}
    assert joined(replace(past, copies=(7,)), token=TOKEN).duplicate
    assert joined(past, token=TOKEN, **answers).how is How.TOKEN
    assert joined(past, token=replace(TOKEN, handle=71), **answers).how is How.FILED_ID
    assert joined(past, token=replace(TOKEN, handle=99), **answers).how is How.FILED_ID, "its ticket is gone"
    assert joined(past, own={"<q@x.example>": 7}, **answers).how is How.OWN_ID
    assert joined(past, returned=7).how is How.RETURNED
    assert joined(past, returned=8).how is How.SUBJECT


THIRD = Participant(EVE, "Eve", Role.THIRD_PARTY)
BOSS = Participant("boss@firm.example", "Boss", Role.PARTICIPANT)


@pytest.mark.parametrize(
    ("address", "known"),
    [
        (ANNA, True),
        (ANNA.upper(), True),
        ("ieva@klients.example", True),  # of her firm
        ("ieva@KLIENTS.example", True),
        ("boss@firm.example", True),
        ("clerk@firm.example", True),
        (EVE, False),
        ("mallory@evil.example", False),  # a third party brings nobody in
        ("other@gmail.com", False),  # everybody lives there
        ("some@gmail.com", True),
        ("", False),
        ("root", False),
    ],
)
def test_who_is_known_in_a_ticket(address: str, known: bool) -> None:
    gmail = Participant("some@gmail.com", "Some", Role.PARTICIPANT)
    nobody = Participant("nobody", "", Role.PARTICIPANT)
    assert thread.is_known(replace(MINE, others=(THIRD, BOSS, gmail, nobody)), address) is known


def test_an_agent_and_whoever_has_the_address_of_the_ticket_are_at_home_there() -> None:
    past = Past({7: replace(MINE, requester=replace(MINE.requester, address=EVE))}, {70: 7})
    assert joined(past, returned=7).known is False
    assert joined(past, returned=7, is_agent=True).known
    assert joined(past, token=TOKEN).known
