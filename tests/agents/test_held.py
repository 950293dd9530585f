"""What is said of a mail that waits for its agent's word: by him, in time, and so that no machine says it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from maild.agents import held
from maild.message.model import Kind
from maild.ticket.facts import Held
from maild.ticket.plan import Plan, Word
from maild.ticket.token import Token, TokenKind
from tests.rules.making import DESK, MONDAY_NOON, facts

JANIS, ZANE = DESK.agents["janis"], DESK.agents["zane"]
WAITS = Held(
    5, 7, "janis", "token alone", "Yes.", held.digest("Yes."), MONDAY_NOON, MONDAY_NOON + timedelta(1), Word.WAITING
)


def said(
    text: str,
    to: TokenKind = TokenKind.CONFIRM,
    mail: Held | None = WAITS,
    by: str = "janis",
    owner: str = "janis",
    kind: Kind = Kind.HUMAN,
) -> Plan:
    """Return what Janis's mail does to an address of a held mail."""
    answer = facts(text=text, kind=kind)
    token = Token(to, 5, 1, date(2026, 11, 23), "t" * 40)
    asked = replace(answer, agent=DESK.agents[by], token=token, code="1234", seen=replace(answer.seen, held=mail))
    return held.answered(asked, DESK.agents.get(owner))


@pytest.mark.parametrize(
    ("text", "to", "word"),
    [
        ("send 1234", TokenKind.CONFIRM, Word.RELEASED),
        ("#Send 1234.\n\nJānis", TokenKind.CONFIRM, Word.RELEASED),
        ("drop", TokenKind.CONFIRM, Word.DROPPED),
        ("", TokenKind.SEND, Word.RELEASED),
        ("", TokenKind.DROP, Word.DROPPED),
        ("drop", TokenKind.SEND, Word.DROPPED),  # what may be meant so does not leave
        ("send 1234", TokenKind.DROP, Word.DROPPED),
    ],
)
def test_his_word_counts(text: str, to: TokenKind, word: Word) -> None:
    settles = said(text, to).settles
    assert settles is not None
    assert (settles.mail, settles.word, settles.by) == (5, word, "janis")


@pytest.mark.parametrize("text", ["", "send", "send 4321", "1234", "ok 1234", "send 1234 now", "send it\n1234"])
def test_nothing_but_the_word_with_its_code_lets_go_what_nothing_proves(text: str) -> None:
    assert said(text).settles is None


@pytest.mark.parametrize("to", [TokenKind.CONFIRM, TokenKind.SEND, TokenKind.DROP])
def test_nobody_decides_but_who_was_asked_while_it_waits(to: TokenKind) -> None:
    over = [
        None,
        replace(WAITS, agent="zane"),
        replace(WAITS, until=MONDAY_NOON),
        *(replace(WAITS, state=word) for word in Word if word is not Word.WAITING),
    ]
    plans = [said("send 1234", to, mail) for mail in over]
    plans += [said("send 1234", to, by="zane"), said("send 1234", to, owner="nobody")]
    plans += [said("send 1234", to, kind=kind) for kind in Kind if kind is not Kind.HUMAN]
    assert [plan.settles for plan in plans] == [None] * len(plans)


@pytest.mark.parametrize(
    ("agent", "operator", "told"),
    [
        ("janis", "ops@example.com", ["janis@agents.example", "ops@example.com"]),
        ("janis", "", ["janis@agents.example"]),
        ("gone", "ops@example.com", ["ops@example.com"]),
        ("gone", "", []),
    ],
)
def test_whoever_is_there_is_told_that_nobody_decided(agent: str, operator: str, told: list[str]) -> None:
    plan = held.expired(replace(WAITS, agent=agent), DESK, operator, "en")
    assert [mail.to.address for mail in plan.mails] == told
    assert plan.settles is not None
    assert plan.settles.word is Word.EXPIRED
