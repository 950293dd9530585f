"""docs/cookbook.md: each of its rules does what it says, on the small desk of docs/how-to.md."""

import re
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from maild.cli import maild
from maild.opened import inspected
from maild.site import settings
from tests.site.test_howto import blocks
from tests.stories.play import Player
from tests.verbs import run

PAGE = (Path(__file__).parents[2] / "docs" / "cookbook.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`rules/([\w-]+\.yaml)`.*?^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
URGENT = b"From: a@customer.example\nTo: support@example.com\nSubject: Urgent\nMessage-ID: <1@x.example>\n\nHelp\n"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    assert CliRunner().invoke(maild, ["init", str(site)]).exit_code == 0
    (site / "rules" / "20-rules.yaml").unlink()
    (site / "rules" / "10-desk.yaml").write_text(blocks("yaml")[0], encoding="utf-8")
    english = site / "templates" / "en"
    english.mkdir()
    (english / "hours.txt.j2").write_text(blocks("jinja")[0], encoding="utf-8")
    (reminder,) = re.findall(r"^```jinja\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (english / "reminder.txt.j2").write_text(reminder, encoding="utf-8")
    return site


def write(site: Path, *names: str) -> Path:
    for name in names:
        (site / "rules" / name).write_text(FILES[name], encoding="utf-8")
    return site


def test_there_are_twenty_and_each_mail_rule_is_tested(desk: Path) -> None:
    assert re.findall(r"# (\d+)\. ", "".join(FILES.values())) == [str(number) for number in range(1, 21)]
    site = write(desk, *FILES)
    rules = inspected(site, settings.load(site)).ruleset.rules
    assert [rule.name for rule in rules if not (rule.tests or rule.every)] == []


def test_all_together_are_as_they_must_be_and_warn_of_nothing(desk: Path) -> None:
    assert "warning" not in run(write(desk, *FILES), "check")


@pytest.mark.parametrize("name", FILES)
def test_each_file_works_without_the_others(desk: Path, name: str) -> None:
    run(write(desk, name), "check")


@pytest.fixture
def player(desk: Path) -> Player:
    write(desk, "40-first.yaml", "80-time.yaml")
    (desk / "maild.toml").write_text((desk / "maild.toml").read_text() + "\n[workers]\nprocesses = 0\n")
    return Player.at(desk, MONDAY)


def told(player: Player, *lines: str) -> list[str]:
    """Return which mails rules write from here on, and the statuses that they give."""
    player._tell()
    known = len(player.lines)
    for line in lines:
        player._clock_line(line)
    return [line for line in player.lines[known:] if re.match(r"mail (?:told|reminder) |#1 status=solved", line)]


def test_time_rules_come_when_they_say(player: Player) -> None:
    """The office is open from 9 to 12.30 and from 13 to 18 in Riga, which is two hours ahead of UTC."""
    with closing(player):
        player.receive(URGENT, "a@customer.example", ("support@example.com",), "mail:1")
        player.work()
        assert told(player, "at 2026-11-23T09:59:00Z") == []
        assert "mail told to zane@example.com: [piezīme] Urgent [#EX-1]" in told(player, "at 2026-11-23T10:01:00Z")
        waits = told(player, "do 1 #wait customer", "at 2026-11-26T15:59:00Z")
        assert not [line for line in waits if "reminder" in line]
        (reminded,) = told(player, "at 2026-11-26T16:01:00Z")
        assert reminded == "mail reminder to a@customer.example: Do you still need our help? [#EX-1]"
        (ended,) = told(player, "at 2026-12-03T16:01:00Z")
        assert "because rule and still does not" in ended


def test_what_rests_is_told_of_every_week(player: Player) -> None:
    with closing(player):
        player.receive(URGENT, "a@customer.example", ("support@example.com",), "mail:1")
        player.work()
        player._clock_line("do 1 #hold")
        assert len(told(player, "at 2026-12-01T16:00:00Z")) == 1
        assert len(told(player, "at 2026-12-08T16:00:00Z")) == 1


def test_the_desk_of_thirty_has_thirty_in_six_queues() -> None:
    text = "".join(path.read_text() for path in (Path(__file__).parents[2] / "docs/examples/provider/rules").iterdir())
    assert len(re.findall(r"^  \w+: \{address: ", text, re.MULTILINE)) == 30
    assert len(re.findall(r"^    addresses: ", text, re.MULTILINE)) == 6


def test_the_rules_that_come_with_a_site_do_what_they_say_once_they_are_uncommented(tmp_path: Path) -> None:
    """A new admin's first rules: spam, complaints, invoices, orders and wishes, in both languages."""
    site = tmp_path / "site"
    assert CliRunner().invoke(maild, ["init", str(site)]).exit_code == 0
    path = site / "rules" / "20-rules.yaml"
    shipped = path.read_text(encoding="utf-8").removesuffix("rules: []\n")
    tests = [
        "- name: tests",
        "  stop: true",
        "  tests:",
        *(
            f"  - {{mail: {mail}, then: [{{tag: {tag}}}]}}"
            for mail, tag in (
                ("{subject: Sūdzība par montieri}", "complaint"),
                ("{subject: A complaint}", "complaint"),
                ("{subject: Rēķins Nr. 17}", "invoice"),
                ("{subject: Mans pasūtījums}", "order"),
                ("{text: 'Būtu labi, ja lampa būtu zaļa.'}", "wish"),
            )
        ),
    ]
    path.write_text(re.sub(r"^# (rules:|- |  )", r"\1", shipped, flags=re.MULTILINE) + "\n".join(tests) + "\n", "utf-8")
    assert "6 rules, 5 tests of rules passed" in run(site, "check")
