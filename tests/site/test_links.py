"""Pages of the repository lead where they say: to files that are there, and to headings that stand in them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\[[^\]\n]+\]\(([^)\s]+)\)")
PATH = re.compile(
    r"`((?:docs|rules|templates|systemd|tests|tools)/[\w./-]+\.(?:md|py|yaml|yml|json|toml|service|socket))`"
)


def anchors(page: Path) -> set[str]:
    """Return what GitHub calls the headings of a page."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = (re.sub(r"\[([^\]]+)\]\([^)]*\)|`", r"\1", one) for one in re.findall(r"^#+ (.+)$", text, re.MULTILINE))
    return {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    wrong = []
    for link in LINK.findall(re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        there = page.parent / path if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            wrong.append(link)
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_table_has_as_many_cells_in_each_row(page: Path) -> None:
    """Else GitHub drops what is too much, or shows no table at all."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for table in re.findall(r"(?:^\|.*\|$\n?)+", text, re.MULTILINE):
        rows = [len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()]
        assert set(rows) == {rows[0]}, table[:200]
        assert re.fullmatch(r"(?:\| ?:?-+:? ?)+\|", table.splitlines()[1]), table[:200]


def test_pages_for_people_are_listed_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    assert [
        page.name for page in (ROOT / "docs").glob("*.md") if page.name not in text and ".lv." not in page.name
    ] == []
