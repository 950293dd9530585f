"""`rehearse --archive`: the site's own mails by old and by new rules; the site itself stays as it is."""

import hashlib
import json
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from maild.cli import archive as archive_module
from maild.cli import maild
from tests.stories.play import Player, make_site

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
RULES = """
queues:
  billing: {addresses: [billing@example.com], team: support, calendar: office, promise: standard}
rules:
  - name: invoices
    when: {subject: {contains: invoice}}
    then: [{queue: billing}, {tag: invoice}, {acknowledge: none}]
  - name: haste
    when: {subject: {contains: lamp}}
    then: [{priority: urgent}]
"""


def mail(sender: str, subject: str, number: int, more: str = "", text: str = "Hello") -> bytes:
    return (
        f"From: {sender}\r\nTo: support@example.com\r\nSubject: {subject}\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n"
        f"Message-ID: <a{number}@customer.example>\r\n{more}\r\n{text}\r\n"
    ).encode()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site that has had a morning: three customers, an answer, and an answer to that."""
    folder = tmp_path / "site"
    make_site(folder, f"sqlite:///{folder}/var/maild.db")
    player = Player.at(folder, MONDAY)
    try:
        for number, (who, subject) in enumerate((("anna", "The invoice"), ("carl", "A lamp"), ("dace", "A vase")), 1):
            player.now = MONDAY + timedelta(minutes=number)
            sender = f"{who}@customer{number}.example"
            player.receive(mail(sender, subject, number), sender, ("support@example.com",), f"test:{number}")
            player.work()
        asked = player.newest("janis@agents.example")
        token = asked.header("reply-to").rpartition("<")[2].rstrip(">")
        player.now = MONDAY + timedelta(minutes=10)
        answer = mail("janis@agents.example", "Re: A vase", 4, text="Which vase?")
        player.receive(answer, "janis@agents.example", (token,), "test:4")
        player.work()
        answered = player.newest("dace@customer3.example")
        again = mail(
            "dace@customer3.example",
            "Re: A vase",
            5,
            f"In-Reply-To: {answered.header('message-id')}\r\n",
            "The blue one",
        )
        player.now = MONDAY + timedelta(minutes=20)
        player.receive(again, "dace@customer3.example", ("support@example.com",), "test:5")
        player.work()
    finally:
        player.close()
    monkeypatch.setattr(archive_module, "now_utc", lambda: MONDAY + timedelta(days=1))
    return folder


@pytest.fixture
def new_rules(site: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "new-rules"
    shutil.copytree(site / "rules", folder)
    (folder / "rules.yaml").write_text(RULES)
    return folder


def run(site: Path, *arguments: str) -> str:
    done = CliRunner().invoke(maild, ["rehearse", "--archive", "30d", *arguments, "--site", str(site)])
    assert done.exit_code == 0, done.output
    return done.stdout


def state(site: Path) -> tuple[list[str], dict[str, str]]:
    """Return every row of the database, and what every other file of the site is."""
    with sqlite3.connect(site / "var" / "maild.db") as connection:
        rows = list(connection.iterdump())
    files = {
        str(path.relative_to(site)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(site.rglob("*"))
        if path.is_file() and not path.name.startswith("maild.db")
    }
    return rows, files


def test_the_same_rules_change_nothing(site: Path) -> None:
    assert run(site) == "0 of 5 mails would be dealt with differently\n"


def test_what_would_change_is_told_as_a_diff_and_as_a_table(site: Path, new_rules: Path) -> None:
    told = run(site, "--rules", str(new_rules))
    assert "mail 1  The invoice" in told
    assert "    - open queue=support requester=anna@customer1.example language=en" in told
    assert "    + open queue=billing requester=anna@customer1.example language=en" in told
    assert "    + tag +invoice because rule invoices" in told
    assert "2 of 5 mails would be dealt with differently" in told
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert "mails that move from support to billing 0 -> 1 of 5 mails" in lines
    assert "acknowledge mails sent 3 -> 2 1 fewer" in lines
    assert any(line.startswith("escalations and late mails that come earlier 0 -> ") for line in lines)
    assert not any(line.startswith("mail 4") for line in told.splitlines()), "the answer finds its ticket in both"


def test_edited_files_are_compared_with_those_that_were_accepted(site: Path, new_rules: Path) -> None:
    shutil.copy(new_rules / "rules.yaml", site / "rules" / "rules.yaml")
    assert "2 of 5 mails would be dealt with differently" in run(site)


def test_nothing_of_the_site_is_touched(site: Path, new_rules: Path) -> None:
    before = state(site)
    run(site, "--rules", str(new_rules))
    assert state(site) == before


def test_the_same_as_json(site: Path, new_rules: Path) -> None:
    events = [json.loads(line) for line in run(site, "--rules", str(new_rules), "--json").splitlines()]
    assert events[-1] == {"event": "compared", "mails": 5, "changed": 2}
    assert [one["mail"] for one in events if one["event"] == "changed"] == ["mail 1", "mail 2"]


@pytest.mark.parametrize("arguments", [[], ["--archive", "30d", "x.eml"], ["--archive", "8wh"], ["--archive", "30"]])
def test_wrong_usage_is_told(arguments: list[str], site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (site / "x.eml").write_bytes(b"From: a@b.example\r\n\r\nx\r\n")
    monkeypatch.chdir(site)
    assert CliRunner().invoke(maild, ["rehearse", *arguments, "--site", str(site)]).exit_code == 2
