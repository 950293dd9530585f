"""docs/examples: whole sites, checked and rehearsed; what they would do with their mails stands in expected.txt.

MAILD_WRITE_STORIES=1 writes it, for a person to read.
"""

import os
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from maild.cli import maild
from maild.opened import inspected
from maild.site import keyfile, proofread, settings
from maild.site.errors import ConfigErrors
from maild.site.templates import Templates

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())

OVERDUE = re.compile(r" (?:escalation|late) to ")  # told at length in the stories
MORNING = re.compile(r" (?:welcome|digest) to ")  # and so is this


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    shutil.copytree(EXAMPLES / request.getfixturevalue("name"), folder)
    (folder / "var").mkdir()
    keyfile.create(folder / "var" / "site.key")
    monkeypatch.chdir(folder)
    return folder


def test_there_are_four() -> None:
    assert NAMES == ["municipality", "provider", "software", "webshop"]


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_as_it_must_be_and_warns_of_nothing(name: str, site: Path) -> None:
    found = settings.load(site)
    ruleset = inspected(site, found).ruleset
    assert ruleset.warnings == ()
    assert proofread.warnings(Templates(site)) == []
    assert sum(len(rule.tests) for rule in ruleset.rules) >= 5


def test_an_example_is_tried_as_the_manual_says(tmp_path: Path) -> None:
    """Copied alone it has no key, and `maild check` spoke of a backup."""
    lines = ("maild init desk", "cp -r docs/examples/webshop/. desk/", "maild check --site desk")
    assert "\n".join(lines) in (EXAMPLES.parent / "admin.md").read_text()
    desk = tmp_path / "desk"
    assert CliRunner().invoke(maild, ["init", str(desk)]).exit_code == 0
    shutil.copytree(EXAMPLES / "webshop", desk, dirs_exist_ok=True)
    done = CliRunner().invoke(maild, ["check", "--site", str(desk)])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Lampas: settings, rules and templates are as they must be")
    (desk / "var" / "site.key").unlink()
    with pytest.raises(ConfigErrors, match="a site that has sent no mail yet may have that of a new one"):
        CliRunner().invoke(maild, ["check", "--site", str(desk)], catch_exceptions=False)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_does_with_its_mails_what_is_written(name: str, site: Path) -> None:
    done = CliRunner().invoke(maild, ["rehearse", "mails", "--until", "2026-12-05T00:00:00Z", "--site", str(site)])
    assert done.exit_code == 0, done.output
    expected = EXAMPLES / name / "expected.txt"
    told = "".join(
        line for line in done.stdout.splitlines(keepends=True) if not (OVERDUE.search(line) or MORNING.search(line))
    )
    if os.environ.get("MAILD_WRITE_STORIES") == "1":
        expected.write_text(told)
    assert told == expected.read_text()
    assert OVERDUE.search(done.stdout), "nobody answers here, and somebody hears of it"
