"""Conversations, each a folder: what maild does with every step stands in expected.txt."""

import os
from pathlib import Path

import pytest
from sqlalchemy import Connection

from maild.store import folded, tickets
from maild.store.folded import Difference
from tests.stories.play import HERE, first_instant, playing, steps


def _differences(connection: Connection) -> list[Difference]:
    return folded.differences(connection, tickets.numbers(connection))


STORIES = sorted(p.name for p in HERE.iterdir() if (p / "expected.txt").exists() or list(p.glob("01*")))


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str, database_url: str, tmp_path: Path) -> None:
    story = HERE / name
    with playing(tmp_path / "site", database_url, first_instant(story), story) as player:
        for step in steps(story):
            player.play(step)
        assert player.opened.store.read(_differences) == [], "tickets are what their histories make them"
    told = "\n".join(player.lines).rstrip() + "\n"
    expected = story / "expected.txt"
    if os.environ.get("MAILD_WRITE_STORIES") == "1":
        expected.write_text(told)
    assert told == expected.read_text()
