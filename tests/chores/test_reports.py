"""What is told once a day, and what never leaves."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from maild.store import held, intake, outbox
from maild.ticket.plan import Order, Verb
from tests.stories.play import HERE, Player, playing

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
SHADOW = HERE / "a-queue-in-shadow"


def mail(number: int, sender: str, to: str, more: str = "") -> bytes:
    return (
        f"From: {sender}\r\nTo: {to}\r\nSubject: Question {number}\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n"
        f"Message-ID: <r{number}@customer.example>\r\n{more}\r\nHello\r\n"
    ).encode()


@pytest.fixture
def player(tmp_path: Path, database_url: str) -> Iterator[Player]:
    with playing(tmp_path / "site", database_url, MONDAY, SHADOW) as one:
        yield one


def outgoing(player: Player) -> list[Path]:
    return list((player.folder / "var" / "outgoing" / "new").glob("*"))


def test_a_queue_in_shadow_sends_nothing_whatever_happens(player: Player) -> None:
    anna = "anna@customer.example"
    player.receive(mail(1, anna, "trial@example.com"), anna, ("trial@example.com",), "test:1")
    player.work()
    rows = player.opened.store.read(lambda c: list(outbox.listed(c)))
    assert {row.state for row in rows} == {"shadow"}
    assert outgoing(player) == []
    assert not player.opened.store.write(partial(outbox.retry, number=rows[0].id, now=MONDAY)), "not even by hand"
    player.now = MONDAY + timedelta(hours=1)
    player.work()
    assert outgoing(player) == []


def test_the_report_comes_once_and_names_what_would_have_left(player: Player) -> None:
    anna = "anna@customer.example"
    player.receive(mail(1, anna, "trial@example.com"), anna, ("trial@example.com",), "test:1")
    player.work()
    due = player.opened.store.read(player.daemon.clock.next_due)
    assert due is not None
    for minutes in (0, 1, 2):
        player.now = datetime(2026, 11, 24, 7, tzinfo=UTC) + timedelta(minutes=minutes)
        player.work()
    letters = [outbox.due(row).letter for row in player.opened.store.read(lambda c: list(outbox.listed(c, ["sent"])))]
    (letter,) = (one for one in letters if one.template == "shadow")
    assert letter.recipient == "liga@agents.example"
    assert "pirmdien, 23. novembrī, plkst. 12.00, acknowledge, kam: anna@customer.example" in letter.text
    assert "šodien" not in letter.text, "it is read the day after"
    assert sorted(one.template for one in letters) == ["shadow", "welcome", "welcome"]
    assert len(outgoing(player)) == len(letters)


@pytest.fixture
def with_spam(player: Player) -> tuple[int, ...]:
    """Two mails that a rule holds, and one in an agent's name that waits for his own word."""
    rules = player.folder / "rules" / "spam.yaml"
    rules.write_text("rules:\n  - {name: spam, when: {spam: true}, then: [{hold: spam}]}\n")
    player.daemon.rulebook.opened = player.daemon.opened.reloaded(player.now)
    anna, support = "anna@customer.example", ("support@example.com",)
    numbers = [
        player.receive(mail(n, anna, *support, "X-Spam-Flag: YES\r\n"), anna, support, f"test:{n}") for n in (1, 2)
    ]
    player.receive(mail(3, "carl@customer.example", *support), "carl@customer.example", support, "test:3")
    player.work()
    own = player.newest("janis@agents.example").header("Reply-To").rpartition("<")[2].rstrip(">")
    zane = "zane@agents.example"
    numbers.append(player.receive(mail(4, zane, own), zane, (own,), "test:4"))
    player.work()
    return tuple(numbers)


def test_only_what_is_held_in_nobodys_name_is_the_leads_to_release(player: Player, with_spam: tuple[int, ...]) -> None:
    first, second, in_a_name = with_spam
    with player.opened.store.reading() as connection:
        assert [row.id for row in held.untold(connection)] == [first, second]
        assert held.senders(connection, with_spam) == dict.fromkeys((first, second), "anna@customer.example")
    order = Order(Verb.RELEASE, in_a_name, "liga")
    assert player.opened.store.write(partial(held.order, one=order)) is None
    row = player.opened.store.read(partial(intake.get, number=in_a_name))
    assert (row.fate, row.released_by) == ("held", "")


def test_what_was_released_is_not_held_again_and_what_was_blocked_not_told_of(
    player: Player, with_spam: tuple[int, ...]
) -> None:
    first, second, _ = with_spam
    for verb, number in ((Verb.RELEASE, first), (Verb.BLOCK, second)):
        player.opened.store.write(partial(held.order, one=Order(verb, number, "liga")))
    player.work()
    rows = [player.opened.store.read(partial(intake.get, number=number)) for number in (first, second)]
    assert [(row.fate, row.released_by) for row in rows] == [("filed", "liga"), ("discarded", "")]
    assert player.opened.store.read(held.untold) == []
    assert player.opened.store.write(partial(held.order, one=Order(Verb.RELEASE, first, "liga"))) is None
