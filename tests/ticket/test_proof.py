"""What shows that a mail is an agent's: every row of the table is complete, and each piece of evidence counts."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from maild.message import parse
from maild.message.model import Message
from maild.ticket.desk import Agent
from maild.ticket.proof import LEVELS, NO_EVIDENCE, Claim, Evidence, Level, Shown, prove
from maild.ticket.token import Token, TokenKind
from tests.conftest import NOON

ANNA = Agent("anna", "anna@agents.example", "Anna", addresses=("a.ozola@agents.example",))
BOB = Agent("bob", "bob@agents.example", "Bob")
TOKEN = Token(TokenKind.AGENT, 7, 1, date(2026, 11, 20), "t" * 40)
LOGIN = Evidence(auth_user="anna")
SIGNED = Evidence(dkim=("agents.example",))


def mail(sender: str = "anna@agents.example", to: str = f"support+{'t' * 40}@example.com", at: str = "23") -> Message:
    return parse.parse(
        f"From: {sender}\r\nTo: {to}\r\nDate: Mon, {at} Nov 2026 09:00:00 +0000\r\n"
        "Message-ID: <a@agents.example>\r\n\r\nHello\r\n".encode()
    )


def level(message: Message, evidence: Evidence, token: Token | None = TOKEN, mode: str = "strict") -> Level:
    named = next((a for a in (ANNA, BOB) if a.owns(message.sender.address)), None)
    return prove(evidence, message, named, token, ANNA if token else None, mode, NOON, {"example.com"}).level


def test_the_table_has_every_row() -> None:
    assert set(LEVELS) == set(product(Claim, Shown))


@pytest.mark.parametrize(
    ("evidence", "mode", "expected"),
    [
        (NO_EVIDENCE, "strict", Level.CONFIRM),
        (NO_EVIDENCE, "token", Level.PROVED),
        (LOGIN, "strict", Level.PROVED),
        (Evidence(auth_user="a.ozola@agents.example"), "strict", Level.PROVED),
        (Evidence(auth_user="bob"), "strict", Level.CONFIRM),
        (SIGNED, "strict", Level.PROVED),
        (Evidence(dkim=("evil.example",)), "strict", Level.CONFIRM),
        (Evidence(spf="agents.example", dmarc="agents.example"), "strict", Level.CONFIRM),
    ],
)
def test_what_a_token_needs_beside_it(evidence: Evidence, mode: str, expected: Level) -> None:
    assert level(mail(), evidence, mode=mode) is expected


def test_another_agents_token_is_refused_whatever_shows_who_wrote() -> None:
    bob = mail("bob@agents.example")
    assert level(bob, Evidence(auth_user="bob", dkim=("agents.example",))) is Level.REFUSED
    assert level(mail("eve@evil.example"), SIGNED) is Level.REFUSED


def test_a_signed_mail_to_somebody_else_proves_nothing_here() -> None:
    assert level(mail(to="anybody@shop.example"), SIGNED) is Level.CONFIRM
    assert level(mail(to=f"support+{'t' * 40}@shop.example"), SIGNED) is Level.CONFIRM
    assert level(mail(to=f"support+{'T' * 40}@Example.com"), SIGNED) is Level.PROVED


def test_a_signed_mail_of_last_week_is_not_new() -> None:
    assert level(mail(at="12"), SIGNED) is Level.CONFIRM


def test_an_old_reply_address_needs_a_log_in() -> None:
    old = replace(TOKEN, issued=NOON.date() - timedelta(days=31))
    assert level(mail(), LOGIN, old) is Level.PROVED
    assert level(mail(), SIGNED, old) is Level.CONFIRM
    assert level(mail(), NO_EVIDENCE, old, "token") is Level.CONFIRM


def test_without_a_token_a_log_in_alone_is_enough() -> None:
    assert level(mail(), LOGIN, None) is Level.PROVED
    assert level(mail(), SIGNED, None) is Level.CONFIRM
    assert level(mail(), NO_EVIDENCE, None, "token") is Level.CONFIRM
    assert level(mail("eve@evil.example"), NO_EVIDENCE, None) is Level.NONE
