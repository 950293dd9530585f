"""What was open at a past moment never changes, whatever becomes of the rule files."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from maild.hours import written
from maild.hours.calendar import Calendar
from maild.opened import Opened, open_for_work, open_site
from maild.store.tables import RULESET
from tests.conftest import NOON
from tests.stories.play import make_site

HOUR = 3600
LATER = NOON + timedelta(days=7)  # a Monday at noon in Riga, too


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Path:
    """A site that was open until 18:00, and from `LATER` on until 14:00; its rules were accepted once more between."""
    make_site(tmp_path / "site", database_url)
    desk = tmp_path / "site" / "rules" / "desk.yaml"
    text = desk.read_text()
    assert "09:00-18:00" in text
    for now, new in (
        (NOON, text),
        (NOON + timedelta(days=1), text + "# seen\n"),
        (LATER, text.replace("18:00", "14:00")),
    ):
        desk.write_text(new)
        open_for_work(tmp_path / "site", now).close()
    return tmp_path / "site"


def rows(opened: Opened) -> list[str | None]:
    return opened.store.read(
        lambda one: list(one.execute(select(RULESET.c.hours).order_by(RULESET.c.version)).scalars())
    )


def both_weeks(site: Path) -> tuple[int, int]:
    """Return how long the desk was open on a Monday before its hours changed, and on the one on which they did."""
    with open_site(site, LATER + timedelta(days=1)) as opened:
        office = opened.office.desk.calendars["office"]
    return tuple(  # type: ignore[return-value]
        office.between(int(noon.timestamp()), int((noon + timedelta(hours=12)).timestamp())) // HOUR
        for noon in (NOON, LATER)
    )


def test_former_hours_hold_for_what_was(site: Path) -> None:
    assert both_weeks(site) == (6, 2)


def test_hours_are_kept_where_they_changed(site: Path) -> None:
    with open_site(site, LATER) as opened:
        first, second, third = rows(opened)
    assert first
    assert second == ""
    assert third
    assert written.read(first)["office"] != written.read(third)["office"]


def test_former_hours_hold_though_the_rule_files_of_then_mean_nothing_any_more(site: Path) -> None:
    alter(site, lambda one: one.execute(update(RULESET).values(files=json.dumps({"desk.yaml": "of: [another, maild"}))))
    assert both_weeks(site) == (6, 2)


def test_hours_of_an_older_maild_are_read_from_the_rule_files_that_it_kept(site: Path) -> None:
    alter(site, lambda one: one.execute(update(RULESET).values(hours=None)))
    assert both_weeks(site) == (6, 2)


def test_what_follows_an_older_maild_is_kept_whole(site: Path) -> None:
    """One that was put back for a while said nothing of the hours that it accepted."""
    alter(site, lambda one: one.execute(update(RULESET).where(RULESET.c.version == 3).values(hours=None)))
    desk = site / "rules" / "desk.yaml"
    desk.write_text(desk.read_text().replace("14:00", "18:00") + "# again\n")
    with open_for_work(site, LATER + timedelta(hours=1)) as opened:
        first, *_, last = rows(opened)
    assert last
    assert last == first
    assert both_weeks(site) == (6, 6)


def alter(site: Path, change: Callable[[Connection], object]) -> None:
    with open_site(site, LATER) as opened:
        opened.store.write(change)


def test_what_is_written_is_read_as_it_was() -> None:
    calendar = Calendar.from_mapping(
        {
            "zone": "Europe/Riga",
            "weekly": {"mon": [["09:00", "12:30"], ["13:00", "18:00"]], "fri": [["22:00", "06:00"]]},
            "holidays": ["2026-11-18"],
            "dates": {"2026-12-31": {"open": [["09:00", "12:00"]]}},
            "known_until": "2030-12-31",
        }
    )
    assert written.read(written.write({"office": calendar, "none": calendar})) == {"office": calendar, "none": calendar}
    assert written.read(written.write({"office": calendar}))["office"].versions == calendar.versions
