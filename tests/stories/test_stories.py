"""Conversations, each a folder: what maild does with every step stands in expected.txt."""

import os
import shutil
from pathlib import Path

import pytest

from maild.site import new
from tests.stories.play import Player, first_instant, steps

HERE = Path(__file__).parent
STORIES = sorted(p.name for p in HERE.iterdir() if (p / "expected.txt").exists() or list(p.glob("01*")))


def make_site(folder: Path, url: str, story: Path | None = None) -> None:
    """Write the site that stories play on: one queue, two agents, Riga time; a story may bring rules and templates."""
    new.write_site(folder, "lv", "example.com", agent_proof="token")
    (folder / "rules" / "site.yaml").unlink(missing_ok=True)
    for old in (folder / "rules").glob("*.yaml"):
        old.unlink()
    (folder / "rules" / "desk.yaml").write_text((HERE / "desk.yaml").read_text())
    if story and (story / "rules.yaml").exists():
        shutil.copy(story / "rules.yaml", folder / "rules" / "rules.yaml")
    if story and (story / "templates").exists():
        shutil.copytree(story / "templates", folder / "templates", dirs_exist_ok=True)
    settings = (folder / "maild.toml").read_text()
    assert "[database]" not in settings.replace("# [database]", "")
    (folder / "maild.toml").write_text(settings + f'\n[database]\nurl = "{url}"\n[workers]\nprocesses = 0\n')


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str, database_url: str, tmp_path: Path) -> None:
    story = HERE / name
    site = tmp_path / "site"
    make_site(site, database_url, story)
    player = Player.at(site, first_instant(story))
    try:
        for step in steps(story):
            player.play(step)
    finally:
        player.close()
    told = "\n".join(player.lines).rstrip() + "\n"
    expected = story / "expected.txt"
    if os.environ.get("MAILD_WRITE_STORIES") == "1":
        expected.write_text(told)
    assert told == expected.read_text()
