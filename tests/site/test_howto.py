"""docs/how-to.md: whatever it shows works as it stands there, on a site as `maild init` writes it."""

import re
import shutil
import subprocess
import textwrap
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner

from maild.cli import maild
from tests.conftest import missing

PAGE = (Path(__file__).parents[2] / "docs" / "how-to.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the examples of a language, in order."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```$", PAGE, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(text) for _, text in found]


def run(*arguments: str) -> str:
    done = CliRunner().invoke(maild, arguments)
    assert done.exit_code == 0, done.output
    return done.output


def site_of(folder: Path) -> Path:
    run("init", str(folder))
    desk, rules, needs, old = blocks("yaml")
    words, html = blocks("jinja")
    for name, text in (("10-desk", desk), ("20-rules", rules), ("30-needs", needs), ("90-old", old)):
        (folder / "rules" / f"{name}.yaml").write_text(text, encoding="utf-8")
    (folder / "templates" / "en").mkdir()
    (folder / "templates" / "en" / "hours.txt.j2").write_text(words, encoding="utf-8")
    (folder / "templates" / "en" / "hours.html.j2").write_text(html, encoding="utf-8")
    return folder


def test_the_desk_is_as_it_must_be_and_nothing_is_warned_of(tmp_path: Path) -> None:
    said = run("check", "--site", str(site_of(tmp_path / "site")))
    assert "2 queues, 3 agents, 9 rules, 3 tests of rules passed" in said
    assert "warning" not in said


def test_what_is_asked_of_an_export_is_answered(tmp_path: Path) -> None:
    """Two tickets a month apart, that a rule solved when they came, and nobody answered."""
    if shutil.which("jq") is None:
        missing("jq is not installed: apt-get install jq")
    site, box = site_of(tmp_path / "site"), tmp_path / "box"
    box.write_text("".join(map(old_mail, (10, 11))))
    run("import", str(box), "--site", str(site))
    run("export", str(tmp_path / "numbers"), "--site", str(site))
    (asked,) = (text for text in blocks("sh") if "maild export" in text)
    done = subprocess.run(
        ["sh", "-c", asked.partition("cd numbers\n")[2]], cwd=tmp_path / "numbers", capture_output=True, text=True
    )
    assert not done.stderr
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["1", "2025-10", "support"],
        ["1", "2025-11", "support"],
        ["0"],
    ]


def old_mail(month: int) -> str:
    date = f"{datetime(2025, month, 1, 10, tzinfo=UTC):%d %b %Y %H:%M:%S} +0000"
    return (
        f"From x Sat Nov  1 10:00:00 2025\nFrom: a@customer.example\nTo: support@example.com\nSubject: {month}\n"
        f"Date: {date}\nMessage-ID: <{month}@customer.example>\n\nHello\n\n"
    )
