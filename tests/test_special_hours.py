"""Hours that were said at the terminal hold at once, for every daemon, over restarts and reloads."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from maild import special_hours
from maild.cli import maild
from maild.hours import special
from maild.hours.schedule import Interval, Intervals
from maild.hours.special import SpecialHours
from maild.opened import open_for_work
from maild.special_hours import say
from maild.store import histories, timers, write
from maild.ticket.change import Promised
from tests.running import Daemon, free_port, wait_for
from tests.running import make_site as make_running_site
from tests.stories.play import Player, playing

FRIDAY = datetime.fromisoformat("2026-11-13T14:40:00+00:00")  # 16:40 in Riga; the desk closes at 18:00
MONDAY = SpecialHours("office", date(2026, 11, 16), "15:00-18:00", "power cut")
QUESTION = b"From: anna@customer.example\r\nSubject: Q\r\nMessage-ID: <q@customer.example>\r\n\r\nHello\r\n"


@pytest.fixture
def player(tmp_path: Path, database_url: str) -> Iterator[Player]:
    with playing(tmp_path / "site", database_url, FRIDAY) as one:
        one.receive(QUESTION, "anna@customer.example", ("support@example.com",), "t:1")
        one.work()
        yield one


def due(player: Player) -> datetime:
    rows = player.opened.store.read(timers.rows)
    return next(row[5] for row in rows if row[3] == "100%")  # type: ignore[return-value]


def test_a_closed_morning_moves_due_times_at_once_and_the_history_tells_it(player: Player) -> None:
    before, store = due(player), player.opened.store
    promised = [e.change for e in store.read(partial(histories.of, number=1)) if isinstance(e.change, Promised)]
    (moved,) = say(player.opened, [MONDAY], FRIDAY + timedelta(hours=1))
    # 1:20 were counted on Friday; of the 6:40 that are left, 3:00 now fit on Monday and 3:40 on Tuesday
    assert before == datetime.fromisoformat("2026-11-16T13:40:00+00:00")
    assert due(player) == datetime.fromisoformat("2026-11-17T10:40:00+00:00")
    assert (moved.ticket, moved.clock, moved.was_due, moved.due) == (
        1,
        "first_reply",
        int(before.timestamp()),
        int(due(player).timestamp()),
    )
    history = store.read(partial(histories.of, number=1))
    assert "office is 15:00-18:00 on 2026-11-16: power cut" in history[-1].text
    assert history[-1].actor == "operator"
    assert [e.change for e in history if isinstance(e.change, Promised)] == promised


def test_tickets_share_commits_and_how_far_it_is_is_told(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each took one of its own, a sync of the disk: with thousands of open tickets, minutes without a word."""
    monkeypatch.setattr(special_hours, "TICKETS_AT_ONCE", 20)
    for number in range(2, 42):
        question = QUESTION.replace(b"q@", b"q%d@" % number).replace(b"anna", b"anna%d" % number)
        player.receive(question, f"anna{number}@customer.example", ("support@example.com",), f"t:{number}")
    player.work()
    transact, commits, told = write._Writer._transact, list[int](), list[tuple[int, int]]()

    def counted(self: Any, works: list[Any]) -> list[Any]:
        commits.append(len(works))
        return transact(self, works)

    monkeypatch.setattr(write._Writer, "_transact", counted)
    moved = say(player.opened, [MONDAY], FRIDAY, lambda done, whole: told.append((done, whole)))
    assert {one.ticket for one in moved} == {*range(1, 42)}
    assert told == [(20, 41), (40, 41), (41, 41)]
    assert len(commits) < 20


def test_what_was_said_outlives_a_reload_and_a_restart(player: Player) -> None:
    say(player.opened, [MONDAY], FRIDAY)
    moved = due(player)
    desk = player.folder / "rules" / "desk.yaml"
    desk.write_text(desk.read_text() + "\n# another version\n")
    again = player.opened.reloaded(FRIDAY + timedelta(minutes=1))
    assert special.in_words(again.office.desk.calendars["office"].hours_on(MONDAY.day)) == "15:00-18:00"
    started = open_for_work(player.folder, FRIDAY + timedelta(minutes=2))
    try:
        assert special.in_words(started.office.desk.calendars["office"].hours_on(MONDAY.day)) == "15:00-18:00"
        assert started.files.ruleset.special_hours == (MONDAY,)
    finally:
        started.close()
    assert due(player) == moved


def test_the_last_word_on_a_date_holds_and_what_has_passed_does_not_change(player: Player) -> None:
    before = due(player)
    say(player.opened, [MONDAY], FRIDAY)
    say(player.opened, [SpecialHours("office", MONDAY.day, "09:00-18:00", "it is back")], FRIDAY + timedelta(minutes=1))
    assert due(player) == before
    after_noon = datetime.fromisoformat("2026-11-16T10:00:00+00:00")  # 12:00 in Riga: three hours were worked
    site = player.opened.saying([SpecialHours("office", MONDAY.day, "", "fire drill")], after_noon)
    calendar = site.office.desk.calendars["office"]
    opening = int(datetime.fromisoformat("2026-11-16T07:00:00+00:00").timestamp())
    assert calendar.between(opening, opening + 9 * 3600) == 3 * 3600


@pytest.mark.parametrize(
    ("hours", "change", "span", "words"),
    [
        (((540, 1080),), special.closed, (0, 900), "15:00-18:00"),
        (((540, 720), (780, 1080)), special.closed, (660, 840), "09:00-11:00, 14:00-18:00"),
        (((540, 1080),), special.closed, (0, 1440), ""),
        ((), special.opened, (600, 840), "10:00-14:00"),
        (((540, 720), (780, 1080)), special.opened, (700, 780), "09:00-18:00"),
        (((540, 720),), special.opened, (1200, 1440), "09:00-12:00, 20:00-24:00"),
    ],
)
def test_a_span_is_taken_from_a_days_hours_or_joined_to_them(
    hours: Intervals, change: Callable[[Intervals, Interval], Intervals], span: Interval, words: str
) -> None:
    assert special.in_words(change(hours, span)) == words


def test_a_daemon_that_runs_notices(tmp_path: Path) -> None:
    port = free_port()
    site = make_running_site(tmp_path / "site", port)
    daemon = Daemon(site, port)
    try:
        assert daemon.wait_until_ready()
        day = datetime.now(UTC).date() + timedelta(days=400)
        done = run(site, "hours", "open", str(day), "--from", "03:00", "--until", "04:00", "--because", "x", "--json")
        assert json.loads(done.splitlines()[0])["date"] == str(day)
        wait_for(lambda: "hours said" in (site / "var" / "log").read_text(), "what was said in the daemon's log")
    finally:
        daemon.kill()


@pytest.mark.parametrize("day", ["friday", "Fri", "piektdien"])
def test_a_day_is_called_as_in_commands_by_mail(tmp_path: Path, day: str) -> None:
    site = make_running_site(tmp_path / "site", 2525)
    done = run(site, "hours", "open", day, "--from", "03:00", "--until", "24:00", "--because", "x", "--json")
    assert date.fromisoformat(json.loads(done.splitlines()[0])["date"]).weekday() == 4


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("close", "yesterday"), "write today, tomorrow, friday"),
        (("close", "2020-01-07"), "has passed"),
        (("close", "offfice", "tomorrow"), "there is no calendar 'offfice'"),
        (("open", "tomorrow", "--from", "18:00", "--until", "09:00"), "--from must be before --until"),
        (("close", "tomorrow", "--until", "24:30"), "is not a time; write 15:00"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_remedy(tmp_path: Path, arguments: tuple[str, ...], what: str) -> None:
    site = make_running_site(tmp_path / "site", 2525)
    done = CliRunner().invoke(maild, ["hours", *arguments, "--because", "x", "--site", str(site)])
    assert done.exit_code != 0
    assert what in done.output


def run(site: Path, *arguments: str) -> str:
    done = CliRunner().invoke(maild, [*arguments, "--site", str(site)])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize(
    ("hours", "falls_due"), [([], "2026-11-16T13:40:00+00:00"), ([MONDAY], "2026-11-17T10:40:00+00:00")]
)
def test_a_rehearsal_keeps_to_the_hours_that_were_said(
    player: Player, tmp_path: Path, hours: list[SpecialHours], falls_due: str
) -> None:
    say(player.opened, hours, FRIDAY)
    mail = tmp_path / "q.eml"
    mail.write_bytes(
        b"Received: from x by y; Fri, 13 Nov 2026 16:40:00 +0200\r\nDate: Fri, 13 Nov 2026 16:40:00 +0200\r\n"
        + QUESTION
    )
    done = CliRunner().invoke(maild, ["rehearse", str(mail), "--json", "--site", str(tmp_path / "site")])
    assert done.exit_code == 0, done.output
    assert falls_due[:16] in done.stdout, done.stdout[:3000]
