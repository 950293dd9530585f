"""The operator is told once when something breaks, and once when it is well again, whatever is restarted meanwhile."""

import asyncio
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maild import maillog
from maild.opened import Opened, open_for_work
from maild.outbound import command
from maild.store.vitals import Vitals
from maild.ticket.budget import Limit, Limits, Spent
from maild.ticket.plan import Audience
from maild.watch import http
from maild.watch.alarms import CALM, Alarms
from maild.watch.health import BRIEFLY, State, Trouble, reasons, troubles
from tests.running import SETTINGS, free_port, maild, make_site, rows, running, wait_for
from tests.stories.play import Player
from tests.stories.play import make_site as make_story_site

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
DISK = Trouble("disk", "the disk has 1 MB left: below 100 MB new mail is refused")
MAILBOX = Trouble("mailbox support", "the mailbox support is not fetched: refused", BRIEFLY)
GONE = next(iter(troubles(State(NOON, None))))
WRITES = """
import os, sys
with open(sys.argv[1], "a") as told:
    print(os.environ["MAILD_ALARM"], os.environ["MAILD_TROUBLE"], "|", sys.stdin.readline().strip(), file=told)
"""


class Desk:
    """A site whose alarm command writes a line into a file."""

    def __init__(self, folder: Path, opened: Opened) -> None:
        self.folder, self.opened = folder, opened
        self.told = folder / "told"
        self.alarms = self.daemon()

    def daemon(self) -> Alarms:
        program = (sys.executable, "-c", WRITES, str(self.told))
        return Alarms(self.opened.store, lambda: self.opened.office, program, self.folder)

    def lines(self) -> list[str]:
        return [line.split(" | ")[0] for line in self.told.read_text().splitlines()] if self.told.exists() else []

    def mails(self) -> list[str]:
        player = Player.at(self.folder, NOON + timedelta(hours=1))
        try:
            player.work()
        finally:
            player.close()
        found = (path.read_text() for path in (self.folder / "var" / "outgoing" / "new").glob("*"))
        return sorted(next(line for line in mail.splitlines() if line.startswith("Subject:")) for mail in found)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    make_story_site(tmp_path / "site", database_url)
    settings = tmp_path / "site" / "maild.toml"
    settings.write_text(settings.read_text().replace('language = "lv"', 'language = "en"'))
    opened = open_for_work(tmp_path / "site", NOON)
    yield Desk(tmp_path / "site", opened)
    opened.close()


def test_what_is_caught_up_with_is_no_alarm(desk: Desk) -> None:
    """A mailbox that held mail of a weekend raised one at each first fetch: its mails were days old when they came."""
    (backlog,) = troubles(State(NOON, Vitals(waiting=300, waiting_since=NOON - timedelta(days=2))))
    for minutes in range(5):
        assert desk.alarms.look([backlog], NOON + minutes * MINUTE) == 0
    assert desk.alarms.look([backlog], NOON + 5 * MINUTE) == 1


def test_a_trouble_is_told_once_and_its_end_once(desk: Desk) -> None:
    for seconds in (0, 10, 20):
        desk.alarms.look([DISK], NOON + seconds * SECOND)
    assert desk.lines() == ["broken disk"]
    last = NOON + 20 * SECOND
    desk.alarms.look([], last + CALM - SECOND)
    assert desk.lines() == ["broken disk"], "it may come and go"
    desk.alarms.look([], last + CALM)
    desk.alarms.look([], last + 2 * CALM)
    assert desk.lines() == ["broken disk", "recovered disk"]
    assert len(desk.mails()) == 2
    assert ["Alarm" in subject for subject in desk.mails()] == [True, False]


def test_what_comes_and_goes_is_told_once(desk: Desk) -> None:
    for seconds in range(0, 600, 60):
        desk.alarms.look([DISK] if seconds % 120 == 0 else [], NOON + seconds * SECOND)
    assert desk.lines() == ["broken disk"]


def test_a_connection_that_broke_for_a_moment_is_no_alarm(desk: Desk) -> None:
    desk.alarms.look([MAILBOX], NOON)
    desk.alarms.look([], NOON + 10 * SECOND)
    desk.alarms.look([MAILBOX], NOON + 70 * SECOND)
    desk.alarms.look([MAILBOX], NOON + 120 * SECOND)
    assert desk.lines() == []
    desk.alarms.look([MAILBOX], NOON + 130 * SECOND)
    assert desk.lines() == ["broken mailbox support"]


def test_a_restart_tells_nothing_again_and_takes_its_time_to_look(desk: Desk) -> None:
    desk.alarms.look([DISK], NOON)
    again, later = desk.daemon(), NOON + timedelta(hours=1)
    again.look([], later)
    again.look([DISK], later + 30 * SECOND)
    assert desk.lines() == ["broken disk"]


def test_a_daemon_that_does_not_see_a_trouble_does_not_end_it_for_one_that_does(desk: Desk) -> None:
    other = desk.daemon()
    for seconds in range(0, 300, 10):
        desk.alarms.look([DISK], NOON + seconds * SECOND)
        other.look([], NOON + (seconds + 5) * SECOND)
    assert desk.lines() == ["broken disk"]


def test_daemons_that_look_at_the_same_time_tell_once(desk: Desk) -> None:
    daemons = [desk.daemon() for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        counts = list(threads.map(lambda one: one.look([DISK], NOON), daemons))
    assert sum(counts) == 1
    assert desk.lines() == ["broken disk"]


def test_a_database_that_is_gone_is_told_by_the_command(desk: Desk) -> None:
    for seconds in (0, 30, 60, 90):
        desk.alarms.look([GONE, DISK], NOON + seconds * SECOND)
    assert desk.lines() == ["broken database"]
    desk.alarms.look([], NOON + 100 * SECOND)
    assert desk.lines() == ["broken database", "recovered database"]
    (subject,) = desk.mails()
    assert "Well again" in subject


def test_that_nothing_leaves_is_not_told_by_a_mail_but_its_end_is(desk: Desk) -> None:
    stopped = list(troubles(State(NOON, Vitals(), sending_stopped="535 5.7.8 wrong password")))
    desk.alarms.look(stopped, NOON)
    assert desk.mails() == []
    assert "535 5.7.8 wrong password" in desk.told.read_text()
    desk.alarms.look([], NOON + CALM)
    desk.alarms.look([], NOON + 2 * CALM)
    assert desk.lines() == ["broken sending", "recovered sending"]
    assert len(desk.mails()) == 1


def test_a_clock_that_ran_ahead_keeps_no_trouble_from_being_told_or_from_ending(desk: Desk) -> None:
    """Until the year was the right one, a trouble of the wrong one was taken to last, and told no second time."""
    ahead = NOON + timedelta(days=400)
    other = desk.daemon()
    desk.alarms.look([DISK], ahead)
    desk.alarms.look([DISK, MAILBOX], NOON)
    other.look([], NOON + 5 * SECOND)
    desk.alarms.look([DISK, MAILBOX], NOON + 70 * SECOND)
    other.look([], NOON + 5 * SECOND + CALM)
    assert desk.lines() == ["broken disk", "broken mailbox support"], "one daemon sees both still"
    desk.alarms.look([], NOON + 70 * SECOND + CALM)
    assert sorted(desk.lines()[2:]) == ["recovered disk", "recovered mailbox support"]
    desk.alarms.look([DISK], NOON + timedelta(hours=1))
    assert desk.lines()[4:] == ["broken disk"]


@pytest.mark.parametrize("letter", ["\0", "\ud800", "\x1b"])
def test_a_trouble_is_told_whatever_letters_are_in_it(desk: Desk, letter: str) -> None:
    """No database takes half a letter, or PostgreSQL a NUL: the daemon died of telling, again and again."""
    found = State(NOON, Vitals(), failing={"ticket 7": f"KeyError: '{letter}'"})
    desk.alarms.look(list(troubles(found)), NOON)
    assert desk.lines() == ["broken failing ticket 7"]
    assert "KeyError: '?'" in desk.told.read_text()
    assert len(desk.mails()) == 1


def test_a_trouble_that_only_a_clock_ahead_saw_ends(desk: Desk) -> None:
    desk.alarms.look([DISK], NOON + timedelta(days=400))
    desk.alarms.look([], NOON)
    desk.alarms.look([], NOON + CALM)
    assert desk.lines() == ["broken disk", "recovered disk"]


def test_a_command_that_fails_is_logged_and_hinders_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(maillog, "alarm_not_told", lambda program, why: said.append(f"{program}: {why}"))
    alarms = Alarms(desk.opened.store, lambda: desk.opened.office, ("/nonexistent/pager",), desk.folder)
    alarms.look([DISK], NOON)
    assert len(desk.mails()) == 1
    assert said == ["/nonexistent/pager: it cannot be run: No such file or directory"]


def test_a_command_says_why_it_failed(tmp_path: Path) -> None:
    program = (sys.executable, "-c", "import sys; sys.exit('no signal')")
    assert command.run(program, tmp_path, "text", {}) == "it ended with 1: no signal"


def test_a_command_needs_no_room_for_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full is what it is to tell of: the daemon died of it instead, and again after each start."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nothing can be written here"))
    program = (sys.executable, "-c", "import sys; sys.exit(sys.stdin.read())")
    assert command.run(program, tmp_path, "the disk is full", {}) == "it ended with 1: the disk is full"


def test_a_command_for_which_no_file_is_left_is_none_that_could_be_run(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        why = command.run(("true",), tmp_path, "", {})
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert why == "it cannot be run: Too many open files"


def test_a_command_has_a_time_limit_and_so_has_what_it_began(tmp_path: Path) -> None:
    begins = (
        "import pathlib, subprocess; child = subprocess.Popen(['sleep', '60']);"
        "pathlib.Path('pid').write_text(str(child.pid)); child.wait()"
    )
    began = time.monotonic()
    assert command.run((sys.executable, "-c", begins), tmp_path, "", {}, seconds=2) == "it was killed after 2 seconds"
    assert time.monotonic() - began < 20
    child = int((tmp_path / "pid").read_text())
    wait_for(lambda: not is_running(child), "its child is killed too")


def is_running(process: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def test_check_warns_of_a_command_that_cannot_be_run(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", 2525)
    assert b"alarm_command" not in maild("check", "--site", str(site)).stderr
    settings = site / "maild.toml"
    settings.write_text(settings.read_text().replace("[outgoing]\n", '[outgoing]\nalarm_command = ["./pager"]\n'))
    assert b"alarm_command: ./pager: no such program" in maild("check", "--site", str(site)).stderr
    (site / "pager").write_text("#!/bin/sh\n")
    (site / "pager").chmod(0o700)
    assert b"alarm_command" not in maild("check", "--site", str(site)).stderr


def test_a_command_does_not_see_our_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/maild.service")
    program = (sys.executable, "-c", "import os; assert 'CREDENTIALS_DIRECTORY' not in os.environ")
    assert command.run(program, tmp_path, "", {}) == ""


def test_the_limit_of_all_automatic_mail_is_said() -> None:
    spent = Spent(Limits(breaker=(Limit(2, timedelta(minutes=10)),)))
    spent.count("a@customer.example", 1, Audience.CUSTOMER, NOON)
    assert spent.tripped(NOON) == ""
    spent.count("b@customer.example", 2, Audience.CUSTOMER, NOON)
    assert spent.tripped(NOON + SECOND) == "2 automatic mails in 10 min"
    assert spent.tripped(NOON + timedelta(minutes=10)) == ""
    (reason,) = reasons(State(NOON, Vitals(), over_budget=spent.tripped(NOON)))
    assert "2 automatic mails in 10 min" in reason


def test_who_watches_us_cannot_hold_all_our_connections() -> None:
    """The oldest makes room, and only the oldest."""

    async def examine() -> State:
        return State(NOON, Vitals())

    async def ask() -> None:
        served, port = http.Http(examine), free_port()
        await served.open(f"127.0.0.1:{port}")
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(http.MOST_CONNECTIONS)]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert (await reader.read()).endswith(b"well\n")
        oldest = idle.pop(0)
        with suppress(ConnectionResetError):
            assert await oldest[0].read() == b""
        for other, request in idle:
            request.write(b"GET /healthz HTTP/1.0\r\n\r\n")
            assert (await other.read()).endswith(b"well\n")
        for _, one in (*idle, oldest, (reader, writer)):
            one.close()
        await served.close()

    asyncio.run(asyncio.wait_for(ask(), 20))


def test_a_daemon_alarms_once_and_not_again_after_a_restart(tmp_path: Path) -> None:
    port, told = free_port(), tmp_path / "told"
    site = make_site(tmp_path / "site", port, more=SETTINGS)
    script = tmp_path / "alarm"
    script.write_text(f"#!{sys.executable}\n{WRITES}")
    script.chmod(0o700)
    settings = site / "maild.toml"
    settings.write_text(
        settings.read_text().replace("[outgoing]\n", f'[outgoing]\nalarm_command = ["{script}", "{told}"]\n')
    )
    with running(site, port) as daemon:
        (site / "rules" / "90-bad.yaml").write_text("queues: {support: {tagg: X}}\n")
        os.kill(daemon.process.pid, signal.SIGHUP)
        wait_for(lambda: told.exists() and told.read_text().endswith("\n"), "the alarm")
        assert told.read_text().startswith("broken rules | ")
        assert "90-bad.yaml" in told.read_text()
        assert daemon.stop() == 0
    seen = seen_at(site)
    with running(site, port) as daemon:
        wait_for(lambda: seen_at(site) > seen, "it is seen again")
        assert daemon.stop() == 0
    assert len(told.read_text().splitlines()) == 1


def seen_at(site: Path) -> str:
    """When a daemon saw the trouble last."""
    return str(rows(site, "select seen_at from alarm")[0][0])
