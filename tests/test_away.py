"""An agent who said that he is away is away for every daemon, over restarts and reloads, and until it ends."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from maild import scratch
from maild.cli import maild
from maild.deciding.filing import carry_out
from maild.hours.spans import Days, Spell
from maild.opened import open_for_work, open_site
from maild.ticket import recipients
from maild.ticket.change import Assign, OpenTicket
from maild.ticket.evolve import after, begin
from maild.ticket.model import Participant, Role, Ticket
from maild.ticket.plan import Absence, Plan
from tests.running import Daemon, free_port, wait_for
from tests.running import make_site as make_running_site
from tests.stories.play import Player, playing
from tests.verbs import run

MONDAY = datetime.fromisoformat("2026-11-23T08:00:00+00:00")
DAY = timedelta(days=1)


@pytest.fixture
def player(tmp_path: Path, database_url: str) -> Iterator[Player]:
    with playing(tmp_path / "site", database_url, MONDAY) as one:
        yield one


def say(player: Player, away: bool, first: str, last: str, now: datetime = MONDAY) -> None:
    spell = Spell(Days(date.fromisoformat(first), date.fromisoformat(last)), away)
    plan = Plan(None, absences=(Absence("janis", spell, "janis"),))
    player.opened.store.write(partial(carry_out, plan=plan, ticket=None, office=player.opened.office, now=now))


def is_away(player: Player, day: str) -> bool:
    return player.opened.with_known().office.desk.agents["janis"].is_away_on(date.fromisoformat(day))


def test_his_word_stands_over_the_rule_files_and_outlives_a_reload_and_a_restart(player: Player) -> None:
    assert is_away(player, "2026-12-16"), "as the rule files say"
    say(player, True, "2026-11-24", "2026-11-27")
    say(player, False, "2026-12-16", "2026-12-18")
    assert [is_away(player, day) for day in ("2026-11-24", "2026-12-15", "2026-12-16")] == [True, True, False]
    again = player.opened.reloaded(MONDAY + timedelta(minutes=1)).office.desk.agents["janis"]
    with open_for_work(player.folder, MONDAY + DAY) as started:
        for agent in (again, started.office.desk.agents["janis"]):
            assert list(map(str, agent.absences(MONDAY.date()))) == ["2026-11-24..2026-11-27", "2026-12-14..2026-12-15"]


def test_it_may_stand_beside_a_conversation_that_begins(player: Player) -> None:
    """He is told that he is away, so he must be."""
    head = (
        "From: janis@agents.example\r\nTo: support@example.com\r\nSubject: Lamps\r\nMessage-ID: <a@agents.example>\r\n"
    )
    raw = f"{head}\r\n#away 2026-11-24\r\n#to maija@shop.example\r\n\r\nDo you have lamps?\r\n".encode()
    player.receive(raw, "janis@agents.example", ("support@example.com",), "test:1", "janis")
    player.work()
    assert player.newest("maija@shop.example", "answer")
    assert player.newest("janis@agents.example", "away")
    assert is_away(player, "2026-11-24")


def write(player: Player, order: str) -> None:
    head = "From: janis@agents.example\r\nTo: support@example.com\r\nSubject: Out"
    raw = f"{head}\r\nMessage-ID: <{player.now:%d%H}@agents.example>\r\n\r\n{order}\r\n".encode()
    player.receive(raw, "janis@agents.example", ("support@example.com",), f"test:{player.now}", "janis")


@pytest.mark.parametrize(
    ("order", "days"), [("#away tomorrow", "2026-11-24..2026-11-24"), ("#away 3d", "2026-11-24..2026-11-25")]
)
def test_his_words_are_meant_as_of_when_he_wrote_them(player: Player, order: str, days: str) -> None:
    """However long his mail was held, or waited."""
    write(player, order)
    player.now += DAY
    player.work()
    (said,) = player.opened.with_known().office.desk.agents["janis"].said
    assert f"{said.days.first}..{said.days.last}" == days


def test_a_day_that_is_over_by_then_is_refused(player: Player) -> None:
    write(player, "#away")
    player.now += DAY
    player.work()
    assert "2026-11-23" in player.newest("janis@agents.example", "refused").text
    assert not is_away(player, "2026-11-24")


def test_who_is_back_is_back_though_his_mail_waited(player: Player) -> None:
    write(player, "#away 5d")
    player.work()
    player.now += DAY
    write(player, "#back")
    player.now += DAY
    player.work()
    assert [is_away(player, f"2026-11-{day}") for day in (24, 25, 26)] == [True, False, False]


def test_another_daemon_of_the_site_knows_it_without_a_reload(player: Player) -> None:
    with open_site(player.folder, MONDAY) as other:
        say(player, True, "2026-11-24", "2026-11-27")
        known = other.with_known()
        assert known.office.desk.agents["janis"].is_away_on(date(2026, 11, 24))
        assert known.with_known() is known, "and makes nothing anew where nothing was said"


def test_a_rehearsal_knows_it(player: Player, tmp_path: Path) -> None:
    say(player, True, "2026-11-24", "2026-11-27")
    with scratch.copy_of(player.folder, None, tmp_path) as copy:
        assert copy.office.desk.agents["janis"].is_away_on(date(2026, 11, 24))


def test_who_is_away_hears_nothing_in_the_morning_and_his_team_hears_for_him(player: Player) -> None:
    say(player, True, "2026-11-24", "2026-11-27")
    desk = player.opened.with_known().office.desk
    queue = desk.default_queue
    ticket = with_janis()
    assert [a.key for a in recipients.reached(ticket, desk, queue, MONDAY)] == ["janis"]
    assert [a.key for a in recipients.reached(ticket, desk, queue, MONDAY + DAY)] == ["janis", "zane"]
    assert [a.key for a in recipients.reached(ticket, desk, queue, MONDAY + 5 * DAY)] == ["janis"], "it ends by itself"


def with_janis() -> Ticket:
    anna = Participant("anna@customer.example", "Anna", Role.REQUESTER)
    return after(begin(1, OpenTicket(7, "support", "Q", anna, "en"), MONDAY), [Assign("janis", "")], MONDAY)


def test_at_the_terminal_it_is_said_shown_and_taken_back(tmp_path: Path) -> None:
    port = free_port()
    site = make_running_site(tmp_path / "site", port)
    daemon = Daemon(site, port)
    try:
        assert daemon.wait_until_ready()
        key = json.loads(run(site, "agent", "list", "--json").splitlines()[0])["key"]
        today = datetime.now(UTC).date()
        said = json.loads(run(site, "agent", "away", key, "3d", "--json"))
        assert date.fromisoformat(said["last"]) - date.fromisoformat(said["first"]) == 2 * DAY
        (listed,) = (one for one in map(json.loads, run(site, "agent", "list", "--json").splitlines()) if one["away"])
        assert listed["key"] == key
        assert "back" in run(site, "agent", "back", key, "tomorrow")
        wait_for(lambda: "template=away" in (site / "var" / "log").read_text(), "the mail that tells him")
        refused = CliRunner().invoke(maild, ["agent", "back", key, str(today + 9 * DAY), "--site", str(site)])
        assert refused.exit_code != 0
        assert "is not away on" in refused.output
    finally:
        daemon.kill()
