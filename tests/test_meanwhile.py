"""What came while no daemon was at work is dealt with before anybody is told that time has run out."""

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maild import loops, pipeline
from maild.loops import Meanwhile
from maild.store import browse, intake, outbox
from tests.running import free_port, maild, make_site, rows, running, wait_for
from tests.stories.play import Player, playing

ASKED, ANSWERED = datetime(2026, 11, 23, 10, tzinfo=UTC), datetime(2026, 11, 23, 12, tzinfo=UTC)
COUNT = 8


def question(number: int) -> bytes:
    head = f"From: a{number}@x{number}.example\nTo: support@example.com\nSubject: Q\nMessage-ID: <q{number}@x.example>"
    return f"{head}\n\nWhat shall I do?\n".encode()


def reply(number: int, to: str) -> bytes:
    head = f"From: you@example.com\nTo: {to}\nSubject: Re: Q\nMessage-ID: <r{number}@example.com>"
    return f"{head}\n\nSwitch it on, number {number}.\n".encode()


def receive(site: Path, raw: bytes, sender: str, to: str, at: datetime) -> None:
    maild("receive", "--from", sender, "--to", to, "--at", at.isoformat(), "-", "--site", str(site), stdin=raw)


def test_answers_that_lie_here_after_an_outage_are_sent_and_nobody_is_told_that_they_are_late(tmp_path: Path) -> None:
    """Customers were told in one second that we are sorry for being late, and the answer itself; so was the lead."""
    port = free_port()
    site = make_site(tmp_path / "site", port)
    for number in range(COUNT):
        receive(site, question(number), f"a{number}@x{number}.example", "support@example.com", ASKED)
    maild("once", "--now", (ASKED + timedelta(minutes=1)).isoformat(), "--site", str(site))
    mails = rows(site, "select ticket, letter from outbox where recipient = 'you@example.com' and ticket is not null")
    for ticket, letter in mails:
        to = next(iter(re.findall(r"support\+[a-z2-7]{40}@example.com", letter)))
        receive(site, reply(ticket, to), "you@example.com", to, ANSWERED)
    with running(site, port):
        left = "select count(*) from outbox where not automatic and state = 'sent'"
        wait_for(lambda: rows(site, left) == [(COUNT,)], "the answers")
        due = "select count(*) from history where change = 'PromiseJudged'"
        wait_for(lambda: rows(site, due) == [(COUNT,)], "the clock")
    told = [json.loads(letter)["template"] for (letter,) in rows(site, "select letter from outbox")]
    assert not {"late", "escalation", "stages"} & {*told}


def test_the_clock_waits_for_what_came_and_no_longer_than_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    waits, told = [True, True, False], []

    async def work(_: object) -> int:
        told.append(len(waits))
        return 1

    do = Meanwhile(lambda: waits.pop(0)).then(work)
    assert [asyncio.run(do(lambda: ASKED)) for _ in range(5)] == [0, 0, 1, 1, 1]
    assert told == [0, 0, 0], "once it is over nobody asks again"
    monkeypatch.setattr(loops, "MEANWHILE_SECONDS", -1.0)
    assert asyncio.run(Meanwhile(lambda: True).then(work)(lambda: ASKED)) == 1, (
        "a mail that cannot be filed stops no clock"
    )


@pytest.fixture
def player(tmp_path: Path, database_url: str) -> Iterator[Player]:
    with playing(tmp_path / "site", database_url, ASKED) as one:
        yield one


def test_what_waits_is_known(player: Player) -> None:
    read = player.opened.store.read
    assert not read(lambda c: intake.waits_since(c, ASKED + timedelta(days=1)))
    player.receive(question(1), "a1@x1.example", ("support@example.com",), "t:1")
    assert read(lambda c: intake.waits_since(c, ASKED + timedelta(days=1)))
    assert not read(lambda c: intake.waits_since(c, ASKED - timedelta(days=1)))
    player.work()
    assert not read(lambda c: intake.waits_since(c, ASKED + timedelta(days=1)))
    assert not read(outbox.answers_wait)


def test_all_that_lies_here_is_filed_before_once_says_what_is_late(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It filed as much as goes together, and told the others' customers that we are late."""
    for number in (1, 2, 3):
        player.receive(question(number), f"a{number}@x{number}.example", ("support@example.com",), f"t:{number}")
    player.work()
    with player.opened.store.reading() as connection:
        told = [(row.recipient, outbox.due(row).letter) for row in browse.outgoing_after(connection, number=0)]
    asked = {letter.header("Subject"): (agent, letter) for agent, letter in told if letter.template == "ticket"}
    monkeypatch.setattr(pipeline, "BATCH", 1)
    player.now = ASKED + timedelta(days=7)
    for number, (agent, letter) in enumerate(asked.values(), 1):
        to = letter.header("Reply-To")
        player.receive(reply(number, to).replace(b"you@example.com", agent.encode()), agent, (to,), f"t:r{number}")
    player.work()
    with player.opened.store.reading() as connection:
        after = [outbox.due(row).letter.template for row in browse.outgoing_after(connection, number=0)]
    assert after.count("answer") == len(asked) == 3
    assert "late" not in after
