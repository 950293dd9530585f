"""A ticket that is not what its history makes it is named, column by column, and made so; on both databases."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from maild import retiming
from maild.opened import open_site
from maild.store import folded, histories, ledger, tickets, timers
from maild.store.folded import COMPARED, Difference
from tests.running import maild
from tests.stories.play import Player, playing

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
STEPS = (
    "do 1 #tag urgent",
    "do 1 #priority high",
    "do 1 #add eve@elsewhere.example",
    "do 1 #field order 17",
    "do 2 #tag late",
    "do 2 #solve",
    "do 3 #merge 1",
)
DAMAGES = {
    "status": ("status = 'closed'", "closed", "new"),
    "queue": ("queue = 'elsewhere'", "elsewhere", "support"),
    "priority": ("priority = 'low'", "low", "high"),
    "assignee": ("assignee = 'janis'", "janis", "nothing"),
    "subject": ("subject = 'Other'", "Other", "Q 1"),
    "requester": ("requester_address = 'x@y.example'", "<x@y.example> (requester)", "<c1@x1.example> (requester)"),
    "language": ("language = 'de'", "de", "en"),
    "handle": ("handle = 17", "17", ""),
    "opened_at": ("opened_at = '2020-01-01 00:00:00.000000'", "2020-01-01T00:00:00Z", "2026-11-23T08:00:00Z"),
    "solved_at": ("solved_at = '2020-01-01 00:00:00.000000'", "2020-01-01T00:00:00Z", "nothing"),
    "closed_at": ("closed_at = '2020-01-01 00:00:00.000000'", "2020-01-01T00:00:00Z", "nothing"),
    "merged_into": ("merged_into = 2", "2", "nothing"),
    "last_message_id": ("last_message_id = '<z@x.example>'", "<z@x.example>", "<1@x.example>"),
    "fields": ("fields = ''", "nothing", "order, 17"),
    "silent": ("silent = 'janis'", "janis", "nothing"),
    "rating": ("rating = 5", "5", "nothing"),
}
BESIDE = {
    "tags": ("update tag set tag = 'odd' where ticket = 1", "odd", "urgent"),
    "others": (
        "delete from participant where ticket = 1 and address = 'eve@elsewhere.example'",
        "<c3@x3.example> (participant)",
        "<c3@x3.example> (participant), <eve@elsewhere.example> (participant)",
    ),
}


@pytest.fixture
def player(tmp_path: Path, database_url: str) -> Iterator[Player]:
    with playing(tmp_path / "site", database_url, MONDAY) as one:
        for number in (1, 2, 3):
            sender = f"c{number}@x{number}.example"
            raw = f"From: {sender}\r\nSubject: Q {number}\r\nMessage-ID: <{number}@x.example>\r\n\r\nHello\r\n"
            one.receive(raw.encode(), sender, ("support@example.com",), f"test:{number}")
        one.work()
        for step in STEPS:
            one._clock_line(step)
        yield one


def differences(player: Player) -> list[Difference]:
    return player.opened.store.read(partial(folded.differences, numbers=(1, 2, 3)))


def damage(player: Player, statement: str) -> None:
    def work(connection: Connection) -> None:
        assert connection.execute(text(statement)).rowcount

    player.opened.store.write(work)


def test_each_thing_of_a_ticket_is_compared(player: Player) -> None:
    assert {*DAMAGES, *BESIDE} == {*COMPARED}
    assert differences(player) == []


@pytest.mark.parametrize("what", [*DAMAGES, *BESIDE])
def test_what_differs_is_told_and_made_what_the_history_says(player: Player, what: str) -> None:
    before = player.opened.store.read(partial(tickets.get, number=1))
    assert before is not None
    statement, kept, told = BESIDE.get(what) or DAMAGES[what]
    damage(player, statement if what in BESIDE else f"update ticket set {statement} where number = 1")
    told = told or str(before.handle)
    assert differences(player) == [Difference(1, what, kept, told)]
    mended = retiming.mend(player.opened.store, player.opened.office, (1, 2, 3), player.now)
    assert [str(one) for one in mended.differences] == [f"ticket #1: {what} is {kept}, by its history {told}"]
    assert differences(player) == []
    after = player.opened.store.read(partial(tickets.get, number=1))
    assert after is not None
    assert after.version == before.version + 1, "a plan that was made from what was wrong is stale"
    assert player.opened.store.read(lambda c: list(ledger.faults(c))) == []


def test_what_is_as_it_must_be_is_not_written(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site has a million tickets, and its daemon is at work."""
    store = player.opened.store
    kept = store.read(timers.rows)
    assert kept
    monkeypatch.setattr(store, "write", None)
    assert retiming.mend(store, player.opened.office, (1, 2, 3), player.now) == retiming.Mended()
    monkeypatch.undo()
    damage(player, "delete from timer")
    assert retiming.mend(store, player.opened.office, (1, 2, 3), player.now).timers == len(kept)
    assert store.read(timers.rows) == kept


def test_a_history_without_its_beginning_is_the_ledgers(player: Player) -> None:
    damage(player, "delete from history where ticket = 2 and sequence = 1")
    assert differences(player) == []
    assert "the history of ticket #2 has a gap" in " ".join(player.opened.store.read(lambda c: list(ledger.faults(c))))
    assert retiming.mend(player.opened.store, player.opened.office, (2,), player.now).differences == ()


@pytest.mark.parametrize("wrong", ["change = 'Unheard'", "detail = '{'", "detail = '{}'"])
def test_a_history_that_nobody_can_read_is_named_and_hinders_no_other(player: Player, wrong: str) -> None:
    damage(player, f"update history set {wrong} where ticket = 2 and sequence = 2")
    damage(player, "update ticket set status = 'waiting' where number = 3")
    assert player.opened.store.read(partial(folded.faults, numbers=(1, 2, 3))) == [
        "ticket #3: status is waiting, by its history closed; `maild check --rebuild` makes it so",
        "the history of ticket #2 cannot be read: it holds what no maild wrote",
    ]
    mended = retiming.mend(player.opened.store, player.opened.office, (1, 2, 3), player.now)
    assert [one.ticket for one in mended.differences] == [3]


def test_the_command_says_what_differs_and_how_it_is_mended(tmp_path: Path) -> None:
    with playing(tmp_path / "site", f"sqlite:///{tmp_path}/maild.db", MONDAY) as player:
        raw = b"From: a@x.example\r\nSubject: Q\r\nMessage-ID: <1@x.example>\r\n\r\nHello\r\n"
        player.receive(raw, "a@x.example", ("support@example.com",), "test:1")
        player.work()
        player.now += timedelta(minutes=1)
        history = len(player.opened.store.read(partial(histories.of, number=1)))
        damage(player, "update ticket set status = 'closed' where number = 1")
    site = ("--site", str(tmp_path / "site"))
    found = maild("check", "--ledger", *site, check=False)
    assert found.returncode == 1
    assert b"ticket #1: status is closed, by its history new; `maild check --rebuild` makes it so" in found.stderr
    assert b"ticket #1: status is closed, by its history new; it is so now" in maild("check", "--rebuild", *site).stdout
    maild("check", "--ledger", *site)
    with closing(open_site(tmp_path / "site")) as opened:
        assert len(opened.store.read(partial(histories.of, number=1))) == history
