"""Many escalations to one agent leave as one mail, whatever dies."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from maild import commands
from maild.chores import gathering
from maild.store import histories, outbox, queued
from maild.store.filing import Stale
from tests.stories.play import Player, playing

MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)  # nine in Riga: the desk opens
SIX_HOURS = timedelta(hours=6)  # three quarters of the promise: the first stage, to the team
SUPPORT = ("support@example.com",)
LIMITS = '[limits]\ncustomer = ["1000 per 1h"]\ndomain = ["1000 per 1h"]\nagent = ["30 per 10m"]\n'


@pytest.fixture
def player(tmp_path: Path, database_url: str) -> Iterator[Player]:
    with playing(tmp_path / "site", database_url, MONDAY, more=LIMITS) as one:
        yield one


def ask(player: Player, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        sender = f"anna{number}@customer.example"
        head = f"From: {sender}\r\nTo: support@example.com\r\nSubject: Question {number}\r\n"
        raw = f"{head}Date: Mon, 23 Nov 2026 09:00:00 +0200\r\nMessage-ID: <{number}@x.example>\r\n\r\nHello\r\n"
        player.receive(raw.encode(), sender, SUPPORT, f"test:{number}")
    player.work()


def run_on(player: Player, seconds: int) -> None:
    """Let the clock run on, as a daemon does, a look every ten seconds."""
    for _ in range(seconds // 10):
        player.now += timedelta(seconds=10)
        player.work()


def told(player: Player, agent: str = "janis@agents.example") -> Counter[str]:
    with player.opened.store.reading() as connection:
        rows = outbox.listed(connection, ["sent"], count=10_000)
        return Counter(outbox.due(row).letter.template for row in rows if row.recipient == agent)


def test_a_handful_is_told_one_by_one(player: Player) -> None:
    ask(player, 5)
    player.now = MONDAY + SIX_HOURS
    run_on(player, 60)
    assert told(player)["escalation"] == 5
    assert told(player)["stages"] == 0


def test_many_are_told_in_one_mail_with_all_of_them_and_no_budget_takes_one_out(player: Player) -> None:
    ask(player, 25)
    player.now = MONDAY + SIX_HOURS
    ask(player, 1, first=25)  # it is not due yet
    run_on(player, 60)
    assert told(player)["escalation"] == 0
    assert told(player)["stages"] == 1
    letter = player.newest("janis@agents.example", "stages")
    assert letter.header("Subject") == "Beidzas termiņš pieteikumiem (25)"
    for number in range(1, 26):
        assert f"[#EX-{number}] Question" in letter.text
    assert "[#EX-26]" not in letter.text


def test_what_falls_due_in_the_night_is_told_at_the_opening_in_one_mail(player: Player) -> None:
    evening = MONDAY + timedelta(hours=9)  # eighteen in Riga: closed
    ask(player, 8)
    player.now = evening
    run_on(player, 60)
    assert told(player)["stages"] == 0
    assert told(player)["escalation"] == 0
    player.now = MONDAY + timedelta(days=1, seconds=-40)
    run_on(player, 60)
    assert told(player)["stages"] == 1
    assert told(player)["escalation"] == 0


def test_nobody_is_told_in_the_morning_of_what_was_answered_in_the_evening(player: Player) -> None:
    """The mails wait for the opening; whoever saw to the ticket meanwhile would look at it for nothing."""
    ask(player, 2)
    player.now = MONDAY + timedelta(hours=9)
    run_on(player, 60)
    office, draw = player.opened.office, player.opened.numbers.anew
    close = partial(commands.do, number=1, words="#close", key="janis", office=office, draw=draw)
    player.opened.store.write(partial(close, now=player.now))
    player.now = MONDAY + timedelta(days=1, seconds=-40)
    run_on(player, 60)
    assert told(player)["escalation"] == 1
    with player.opened.store.reading() as connection:
        past = [str(one.change) for one in histories.of(connection, 1)]
    assert "not sent: escalation to janis@agents.example because nothing is due any more" in past


def test_of_two_daemons_one_gathers(player: Player) -> None:
    ask(player, 8)
    player.now = MONDAY + SIX_HOURS
    player.work()
    player.now += timedelta(seconds=20)
    store, office = player.opened.store, player.daemon.opened.office
    window = player.now + gathering.AHEAD
    rows = store.read(partial(queued.of_template, template="escalation", now=player.now, until=window))
    of_janis = [row for row in rows if row.recipient == "janis@agents.example"]
    assert gathering.gather(store, office, player.now) == len(rows)
    assert gathering.gather(store, office, player.now) == 0
    late = partial(gathering._replace, rows=of_janis, agent=office.desk.agents["janis"], office=office)
    with pytest.raises(Stale):
        store.write(partial(late, now=player.now))
    run_on(player, 30)
    assert told(player)["stages"] == 1
    assert told(player)["escalation"] == 0
