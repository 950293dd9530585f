"""What is looked up for a mail is of the ticket that it belongs to, whatever else leads elsewhere."""

from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.deciding import lookup
from maild.message import references
from maild.message.model import Address, Kind
from maild.store import browse, intake
from maild.store.snapshot import Keys
from maild.ticket import thread
from maild.ticket.model import Participant, Role
from maild.ticket.thread import How, Past, Ref
from maild.ticket.token import Token, TokenKind
from tests.rules.making import MONDAY_NOON, facts, ticket
from tests.stories.play import Player

ANNA, ZANE, JANIS = "anna@customer.example", "zane@other.example", "janis@agents.example"
ANNA_LIEPA = "anna.liepa@customer.example"
SUPPORT = ("support@example.com",)


def write(player: Player, number: int, sender: str, text: str, more: str = "", to: str = SUPPORT[0]) -> tuple[str, int]:
    """Let somebody write; return the mail's fate and its ticket."""
    head = f"From: {sender}\r\nTo: {to}\r\n{more}Message-ID: <{number}@x.example>\r\n"
    mail = player.receive(f"{head}\r\n{text}\r\n".encode(), sender, (to,), f"test:{number}")
    player.work()
    row = player.opened.store.read(partial(intake.get, number=mail))
    return row.fate, row.ticket


def answer(player: Player, number: int, more: str) -> str:
    """Let Jānis answer the newest mail that he was sent; return what its customer was sent."""
    asked = player.newest(JANIS, "ticket")
    to = asked.header("Reply-To").rpartition("<")[2].rstrip(">")
    head = f"Subject: Re: Printer\r\nIn-Reply-To: {asked.header('Message-ID')}\r\n{more}"
    assert write(player, number, JANIS, "Try again.", head, to) == ("filed", 2)
    return player.newest(ZANE, "answer").text


@pytest.mark.parametrize("more", ["References: <1@x.example>\r\n", ""])
def test_a_customer_is_quoted_his_own_words_and_nobody_elses(player: Player, more: str) -> None:
    """An agent's mail may name other tickets, or he may have asked something himself."""
    assert write(player, 1, ANNA if more else JANIS, "My lavender secret", "Subject: Printer\r\n") == ("filed", 1)
    assert write(player, 2, ZANE, "It jams.", "Subject: Printer\r\n") == ("filed", 2)
    said = answer(player, 3, more)
    assert "> It jams." in said
    assert "lavender" not in said


@pytest.mark.parametrize(
    ("first", "then"), [("Anna.Liepa@Customer.example", ANNA_LIEPA), (ANNA_LIEPA, ANNA_LIEPA.upper())]
)
def test_an_address_is_one_however_it_is_written(player: Player, first: str, then: str) -> None:
    """A telephone writes it otherwise than a mail program, and keeps of our mail its subject alone."""
    assert write(player, 1, first, "Lamp 1 is dark", "Subject: Lamp\r\n") == ("filed", 1)
    assert write(player, 2, then, "Still so", "Subject: Re: Lamp [#EX-1]\r\n") == ("filed", 1)
    found = player.opened.store.read(partial(browse.tickets, words=(f"customer:{then}",)))
    assert [row.number for row in found] == [1]


def test_who_has_very_many_tickets_answers_in_the_one_that_he_means(player: Player) -> None:
    for number in range(1, 27):
        assert write(player, number, ANNA, f"Lamp {number} is dark", f"Subject: Lamp {number}\r\n") == ("filed", number)
    assert write(player, 30, ANNA, "Still so", "Subject: Re: Lamp\r\nIn-Reply-To: <1@x.example>\r\n") == ("filed", 1)
    assert write(player, 32, ANNA, "And here", "Subject: Re: Lamp 20\r\n") == ("filed", 20)


_NUMBER, _SENDER = st.integers(1, 3), st.sampled_from([ANNA, ZANE])
_IDS = st.sampled_from(["<a@x.example>", "<b@x.example>"])
_REFS = st.lists(st.builds(Ref, _NUMBER, st.booleans(), _SENDER), min_size=1, max_size=4).map(tuple)


@given(
    st.dictionaries(_NUMBER, _SENDER, min_size=2),
    st.dictionaries(_IDS, _REFS, min_size=1),
    st.dictionaries(_IDS, _NUMBER, max_size=1),
    st.dictionaries(_NUMBER, _NUMBER, max_size=2),
    st.none() | _NUMBER,
    _SENDER,
)
@settings(max_examples=300, deadline=None)
def test_what_is_looked_up_first_is_of_the_ticket_that_the_mail_is_found_to_belong_to(
    requesters: dict[int, str],
    refs: dict[str, tuple[Ref, ...]],
    own: dict[str, int],
    survivors: dict[int, int],
    handle: int | None,
    sender: str,
) -> None:
    """Else an answer would be guarded by the notes of another ticket."""
    known = {
        number: replace(ticket(number=number), requester=Participant(address, "", Role.REQUESTER))
        for number, address in requesters.items()
    }
    past = Past(known, {70 + number: number for number in range(1, 3)}, refs, survivors)
    message = facts(in_reply_to=("<a@x.example>", "<b@x.example>"), sender=Address("", sender)).message
    token = Token(TokenKind.AGENT, 70 + handle, 1, MONDAY_NOON.date(), "t" * 40) if handle else None
    keys = Keys(message.message_id, references.candidates(message), "", sender, 70 + handle if handle else None, own)
    found = thread.match(message, Kind.HUMAN, token, own, past, True, MONDAY_NOON)
    if found.how in (How.TOKEN, How.OWN_ID, How.FILED_ID):
        assert lookup.likeliest_first(message, keys, past)[0] == found.ticket
