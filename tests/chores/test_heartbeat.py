"""Mails to ourselves: sent in time, known when they come back, missed when they do not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from maild.chores import heartbeat
from maild.chores.heartbeat import Heartbeat
from maild.message.model import Letter
from maild.outbound.assemble import assemble
from maild.store import beats, vitals
from maild.store.tables import INTAKE
from maild.watch.health import State, troubles
from maild.watch.http import metrics
from tests.stories.play import Player, playing

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
TO = "echo@outside.example"
BEATS = Heartbeat(TO, timedelta(minutes=15))


@pytest.fixture
def player(tmp_path: Path, database_url: str) -> Iterator[Player]:
    with playing(tmp_path / "site", database_url, MONDAY, more=f'\n[heartbeat]\nto = "{TO}"\n') as one:
        one.work()
        yield one


def letter(player: Player) -> Letter:
    return player.newest(TO, "heartbeat")


def comes_back(player: Player, source: str, raw: bytes | None = None) -> None:
    raw = raw or assemble(letter(player), {})
    forwarded = b"Received: from outside.example by mx.example.com; Mon, 23 Nov 2026 08:00:40 +0000\r\n" + raw
    player.receive(forwarded, "bounces@outside.example", ("support@example.com",), source)
    player.work()


def state(player: Player) -> State:
    return State(player.now, player.opened.store.read(vitals.take))


def test_it_comes_back_and_tells_how_long_it_took(player: Player) -> None:
    player.now += timedelta(seconds=40)
    comes_back(player, "test:1")
    pulse = player.opened.store.read(beats.pulse)
    assert pulse == (timedelta(seconds=40), None)
    assert "maild_heartbeat_seconds 40.0" in metrics(state(player))
    assert list(troubles(state(player))) == []
    fates = player.opened.store.read(lambda c: [row.fate for row in c.execute(INTAKE.select())])
    assert fates == ["discarded"]


def test_one_that_does_not_come_back_is_an_alarm_until_a_later_one_does(player: Player) -> None:
    comes_back(player, "test:1")
    for _ in range(3):
        player.now += timedelta(minutes=15, seconds=1)
        player.work()
    (trouble,) = troubles(state(player))
    assert trouble.key == "heartbeat"
    assert "30 minutes ago has not come back" in trouble.words
    comes_back(player, "test:2")
    assert list(troubles(state(player))) == []


def test_nobody_else_knows_what_it_is_known_by(player: Player) -> None:
    """With another Message-ID it is our own mail still, and no heartbeat; one that comes twice counts once."""
    raw = assemble(letter(player), {})
    forged = raw.replace(letter(player).header("Message-ID").encode(), b"<tk0.0000000000000000.00000000@example.com>")
    comes_back(player, "test:1", forged)
    assert player.opened.store.read(beats.pulse).took is None
    comes_back(player, "test:2")
    first = player.opened.store.read(beats.pulse)
    assert first.took is not None
    player.now += timedelta(minutes=1)
    comes_back(player, "test:3")
    assert player.opened.store.read(beats.pulse) == first


def test_one_is_sent_in_each_interval_by_one_of_several_daemons(player: Player) -> None:
    store, office = player.opened.store, player.opened.office
    later = MONDAY + timedelta(minutes=15)
    assert store.read(partial(heartbeat.next_due, heartbeat=BEATS)) == later
    assert heartbeat.send_due(store, office, BEATS, MONDAY + timedelta(minutes=14)) == 0
    assert heartbeat.send_due(store, office, BEATS, later) == 1
    assert heartbeat.send_due(store, office, BEATS, later + timedelta(minutes=16)) == 0, "the last has not left yet"
    player.work()
    assert heartbeat.send_due(store, office, BEATS, later + timedelta(seconds=5)) == 0
    assert store.read(partial(heartbeat.next_due, heartbeat=heartbeat.NONE)) is None


def test_a_probe_that_is_lost_is_no_alarm(player: Player) -> None:
    """Who waits for it at the terminal is told; the next heartbeat is neither put off nor counted as lost."""
    comes_back(player, "test:1")
    queue, now = player.opened.office.desk.default_queue, player.now
    number = player.opened.store.write(lambda c: heartbeat.probe(c, player.opened.office, queue, now))
    player.now += timedelta(minutes=14)
    player.work()
    assert player.opened.store.read(lambda c: beats.has_returned(c, number)) is None
    assert player.opened.store.read(partial(heartbeat.next_due, heartbeat=BEATS)) == MONDAY + BEATS.every
    player.now += timedelta(minutes=10)
    assert [one.key for one in troubles(state(player))] == []
    player.work()
    assert player.opened.store.read(partial(heartbeat.next_due, heartbeat=BEATS)) == player.now + BEATS.every
