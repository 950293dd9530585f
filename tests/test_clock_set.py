"""The machine's clock is set, forth and back: nothing is lost, nothing is done twice, nothing waits for a year."""

import urllib.request
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from maild.store import estimates, outbox
from maild.store.tables import OUTBOX
from tests.running import SETTINGS, Daemon, free_port, mail, maild, make_site, rows, send, wait_for
from tests.stories.play import HERE, Player, playing
from tests.test_next_server import world

YEAR = timedelta(days=400)


def test_a_daemon_goes_on_through_a_wrong_year(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is old enough by the wrong clock is not forgotten, and each stage of the ladder fires once."""
    port, watched, off = free_port(), free_port(), tmp_path / "off"
    settings = SETTINGS.replace('listen = ""', f'listen = "127.0.0.1:{watched}"') + '[keep]\nraw = "300d"\n'
    site = make_site(tmp_path / "site", port, more=settings)
    monkeypatch.setenv("MAILD_TEST_CLOCK", str(off))
    daemon = Daemon(site, port, program=("tests.jumpy",), afresh=True)

    def receives(number: int) -> None:
        assert send(port, mail(number), f"customer{number}@customer.example")
        wait_for(lambda: len(rows(site, "select 1 from ticket")) == number, f"ticket {number}")

    try:
        assert daemon.wait_until_ready(), daemon.log_text()[-3000:]
        receives(1)
        receives(2)
        maild("do", "2", "#close", "--site", str(site))
        for number, seconds in ((3, YEAR.total_seconds()), (4, 0), (5, -YEAR.total_seconds()), (6, 0)):
            seen = daemon.log_text().count("clock was set")
            off.write_text(str(seconds))
            wait_for(lambda seen=seen: daemon.log_text().count("clock was set") > seen, "word of it")  # type: ignore[misc]
            receives(number)
        wait_for(lambda: not rows(site, "select 1 from outbox where state = 'queued'"), "everything sent")
        with urllib.request.urlopen(f"http://127.0.0.1:{watched}/healthz", timeout=10) as answer:
            assert answer.read().strip() == b"well"
        assert daemon.stop() == 0
    finally:
        daemon.process.kill()
    assert rows(site, "select 1 from intake where raw is null") == []
    stages = rows(site, "select ticket, text, count(*) from history where text like 'stage%' group by 1, 2")
    assert stages, "by the wrong clock the first ticket was overdue"
    assert {count for _, _, count in stages} == {1}
    assert maild("check", "--ledger", "--site", str(site)).returncode == 0


def test_a_daemon_that_starts_in_a_wrong_year_forgets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a pause as after a wrong start it waits a day: what is forgotten too late can still be forgotten."""
    port, off = free_port(), tmp_path / "off"
    site = make_site(tmp_path / "site", port, more=SETTINGS + '[keep]\nraw = "300d"\n')
    monkeypatch.setenv("MAILD_TEST_CLOCK", str(off))

    def begun() -> Daemon:
        daemon = Daemon(site, port, program=("tests.jumpy",), afresh=True)
        assert daemon.wait_until_ready(), daemon.log_text()[-3000:]
        return daemon

    first = begun()
    for number in (1, 2):
        assert send(port, mail(number), f"customer{number}@customer.example")
    wait_for(lambda: len(rows(site, "select 1 from ticket")) == 2, "two tickets")
    maild("do", "2", "#close", "--site", str(site))
    assert first.stop() == 0
    off.write_text(str(YEAR.total_seconds()))
    second = begun()
    wait_for(lambda: rows(site, "select 1 from history where text like 'stage%'"), "the ladder, after the sweep")
    assert second.stop() == 0
    assert rows(site, "select 1 from intake where raw is null") == []


async def test_what_a_fast_clock_put_off_leaves_when_it_is_right_again(tmp_path: Path, database_url: str) -> None:
    async with world(tmp_path, database_url) as one:
        one.player.now += YEAR
        one.server.busy = True
        one.receive(1)
        await one.work()
        assert one.states().keys() <= {"queued", "deferred"}
        one.server.busy = False
        one.player.now -= YEAR
        for _ in range(3):
            await one.work(timedelta(minutes=1))
        assert one.states() == {"sent": 2}


def test_what_is_sent_at_its_hours_goes_on_after_a_clock_that_ran_ahead(tmp_path: Path, database_url: str) -> None:
    """It was sent in the year to come, as the store says: until then there was no morning, no week and no heartbeat."""
    thursday = datetime(2026, 11, 12, 8, tzinfo=UTC)
    pulse = '\n[heartbeat]\nto = "echo@outside.example"\n'
    raw = b"From: anna@customer.example\r\nSubject: Q\r\nMessage-ID: <q@customer.example>\r\n\r\nHello\r\n"
    with playing(tmp_path / "site", database_url, thursday, HERE / "how-the-week-went", pulse) as player:
        for moment in (thursday, thursday + YEAR, thursday + timedelta(minutes=1)):
            player.now = moment
            player.work()
        before = written(player)
        player.receive(raw, "anna@customer.example", ("sales@example.com",), "t:1")
        for hours in range(0, 5 * 24, 6):
            player.now = thursday + timedelta(hours=hours, minutes=20)
            player.work()
        more = written(player) - before
        assert more["heartbeat"] >= 18
        assert more["weekly"] == 1
        assert more["digest"] == 2
        assert player.opened.store.read(estimates.reckoned_at) < player.now


def written(player: Player) -> Counter[str]:
    """Return how many mails of each template were decided."""
    rows = player.opened.store.read(lambda connection: connection.execute(select(OUTBOX)).all())
    return Counter(outbox.due(row).letter.template for row in rows)
