"""What customers are told of the time of an answer: the target as an aim, then what experience says."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from maild.opened import open_site
from maild.store import estimates, outbox
from maild.ticket.model import Priority
from tests.stories.play import Player, playing

MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)  # nine in Riga: the desk opens
HOUR = timedelta(hours=1)
SUPPORT = ("support@example.com",)
ENOUGH = 32
LIMITS = '[limits]\ncustomer = ["1000 per 1h"]\ndomain = ["1000 per 1h"]\n'


@pytest.fixture
def player(tmp_path: Path, database_url: str) -> Iterator[Player]:
    with playing(tmp_path / "site", database_url, MONDAY, more=LIMITS) as one:
        yield one


def mail(sender: str, number: str, to: str, text: str = "Hello") -> bytes:
    return (
        f"From: {sender}\r\nTo: {to}\r\nSubject: Question {number}\r\nDate: Mon, 23 Nov 2026 09:00:00 +0200\r\n"
        f"Message-ID: <{number}@x.example>\r\n\r\n{text}\r\n"
    ).encode()


def ask(player: Player, number: int) -> str:
    """Let a customer write; return what the acknowledgement says."""
    ask_at_once(player, [number])
    return player.newest(customer(number), "acknowledge").text


def ask_at_once(player: Player, numbers: Iterable[int]) -> None:
    """Let customers write, each for himself."""
    for number in numbers:
        sender = customer(number)
        player.receive(mail(sender, f"q{number}", *SUPPORT), sender, SUPPORT, f"test:q{number}")
    player.work()


def customer(number: int) -> str:
    return f"anna{number}@customer.example"


def answer(player: Player, numbers: range) -> None:
    """Answer each ticket from the mail that told of it."""
    with player.opened.store.reading() as connection:
        letters = [outbox.due(row).letter for row in outbox.listed(connection, count=10_000)]
    of_janis = [one for one in letters if one.template == "ticket" and one.recipient == "janis@agents.example"]
    for one in of_janis:
        number = one.header("Subject").split()[1]
        own = one.header("Reply-To").rpartition("<")[2].rstrip(">")
        if int(number.removeprefix("q")) in numbers:
            janis = "janis@agents.example"
            player.receive(mail(janis, f"a{number}", own, "Here you are."), janis, (own,), f"test:a{number}")
    player.work()


def a_day(player: Player, first: datetime, takes: timedelta, numbers: range) -> None:
    """Customers ask at once, and all are answered so much later."""
    player.now = first
    ask_at_once(player, numbers)
    player.now = first + takes
    answer(player, numbers)


def test_without_experience_the_target_is_an_aim(player: Player) -> None:
    assert "We aim to answer today, Monday 23 November, by 17:00" in ask(player, 0)


def test_a_desk_that_is_quick_says_so_and_means_it(player: Player) -> None:
    a_day(player, MONDAY, 2 * HOUR, range(ENOUGH))
    player.now = MONDAY + timedelta(days=1)
    said = ask(player, 100)
    assert "We aim to answer" in said, "what was reckoned in the morning is told until the next"
    player.now = MONDAY + timedelta(days=1, hours=2)
    said = ask(player, 101)
    assert "We will answer today, Tuesday 24 November, by 17:00" not in said, "the target counts from the mail"
    assert "We will answer" in said
    assert "Most people get an answer within 2 working hours." in said


def test_a_desk_that_is_slow_promises_what_it_can_keep_and_the_lead_hears_of_it_once(player: Player) -> None:
    a_day(player, MONDAY, timedelta(days=1, hours=4), range(ENOUGH))  # 13 working hours
    for days in (2, 3):
        player.now = MONDAY + timedelta(days=days, hours=days)
        player.work()
    said = ask(player, 100)
    assert "We will answer tomorrow, Friday 27 November, by 16:00" in said
    with player.opened.store.reading() as connection:
        known = estimates.known(connection)["support", Priority.NORMAL]
        letters = [outbox.due(row).letter for row in outbox.listed(connection, count=10_000)]
    assert (known.manner, known.seconds, known.answered) == ("measured", 13 * 3600, ENOUGH)
    (alarm,) = [one for one in letters if one.template == "alarm"]
    assert alarm.recipient == "liga@agents.example"
    assert "prasa 13.0 darba stundas, mērķis ir 8.0" in alarm.text


def test_many_that_still_wait_make_the_promise_longer_and_a_forgotten_one_does_not(player: Player) -> None:
    a_day(player, MONDAY, 2 * HOUR, range(ENOUGH))
    ask(player, 100)  # nobody answers this
    player.now = MONDAY + timedelta(days=2, hours=3)
    player.work()
    known = player.opened.store.read(estimates.known)["support", Priority.NORMAL]
    assert (known.manner, known.seconds, known.usually) == ("latest", 8 * 3600, 2 * 3600)
    player.now = MONDAY + timedelta(days=2, hours=5)
    ask_at_once(player, range(101, 107))  # nor these
    player.now = MONDAY + timedelta(days=4, hours=6)
    player.work()
    known = player.opened.store.read(estimates.known)["support", Priority.NORMAL]
    assert known.unanswered == 7
    assert known.seconds >= 35 * 3600, "as old as the oldest that waits"
    assert known.manner == "aim", "when nine in ten are answered cannot be told"


def test_experience_of_other_times_is_none(player: Player) -> None:
    a_day(player, MONDAY, 2 * HOUR, range(ENOUGH))
    desk = player.folder / "rules" / "desk.yaml"
    desk.write_text(desk.read_text().replace("normal: 8wh", "normal: 4wh"))
    player.daemon.rulebook.opened = player.daemon.opened.reloaded(player.now)
    player.now = MONDAY + timedelta(days=1, hours=2)
    player.work()
    assert "We aim to answer" in ask(player, 100)
    desk.write_text(desk.read_text() + "# a remark changes nothing\n")
    player.now = MONDAY + timedelta(days=18)
    player.daemon.rulebook.opened = player.daemon.opened.reloaded(player.now)
    player.work()
    assert "We will answer" in ask(player, 101)


def test_two_daemons_reckon_once_and_a_restart_knows_it(player: Player) -> None:
    a_day(player, MONDAY, 2 * HOUR, range(ENOUGH))
    player.now = MONDAY + timedelta(days=1, hours=2)
    before = player.opened.store.read(estimates.reckoned_at)
    player.work()
    known = player.opened.store.read(estimates.known)
    late = partial(estimates.replace, found={}, before=before, now=player.now)
    assert not player.opened.store.write(late), "another daemon was faster"
    assert player.opened.store.read(estimates.known) == known
    again = open_site(player.folder, player.now)
    assert again.office.expected == known
    again.close()


def test_what_is_seen_late_is_said_to_be_and_the_promise_still_lies_ahead(player: Player) -> None:
    anna = "anna@customer.example"
    player.receive(mail(anna, "q1", *SUPPORT), anna, SUPPORT, "test:q1")
    player.now = MONDAY + timedelta(days=2, hours=3)  # nobody was there to fetch it
    player.work()
    said = player.newest(anna, "acknowledge").text
    assert "Your email arrived on Monday 23 November at 09:00; we are sorry that we are only seeing it now." in said
    assert "We aim to answer today, Wednesday 25 November, by 12:30" in said
