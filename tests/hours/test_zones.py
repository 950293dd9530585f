"""The zone tables against zoneinfo's own reading."""

import random
import zoneinfo
from datetime import UTC, datetime

import pytest

from maild.hours import zones

START, END = 365 * 86_400, int(datetime(2101, 1, 1, tzinfo=UTC).timestamp())


@pytest.mark.parametrize("initial", "ABCDEFGHIJKLMNOPRSTUVWZ")
def test_tables_agree_with_zoneinfo_at_every_change_and_between(initial: str) -> None:
    for name in (name for name in zoneinfo.available_timezones() if name.startswith(initial)):
        zone, info = zones.load(name), zoneinfo.ZoneInfo(name)
        edges = [t for start in zone.starts[1:] for t in (start - 1, start)]
        for t in [*edges, *random.Random(name).sample(range(START, END), 20)]:
            shown = datetime.fromtimestamp(t, info).utcoffset()
            assert shown is not None
            assert zone.offset(t) == shown.total_seconds(), (name, t)


@pytest.mark.parametrize("name", ["Europe/Rigga", "", "../etc/passwd", "/etc/passwd", "Europe", "Europe/", "zone.tab"])
def test_unknown_zones_are_refused(name: str) -> None:
    with pytest.raises(zones.UnknownZone, match="unknown zone"):
        zones.load(name)


def test_the_nearest_spelling_is_named() -> None:
    with pytest.raises(zones.UnknownZone, match="did you mean 'Europe/Riga'"):
        zones.load("Europe/Rigga")


def test_utc_needs_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zones, "_bytes_of", lambda name: pytest.fail(name))
    assert zones.load("UTC").offset(0) == 0


@pytest.mark.parametrize(
    ("rule", "day"),
    [
        ("M3.5.0", "2026-03-29"),
        ("M11.1.0", "2026-11-01"),
        ("M12.5.4", "2026-12-31"),
        ("J60", "2024-03-01"),
        ("J60", "2026-03-01"),
        ("59", "2024-02-29"),
        ("59", "2026-03-01"),
    ],
)
def test_posix_rules_name_days(rule: str, day: str) -> None:
    number = zones._day_of(rule, int(day[:4]))
    assert datetime.fromtimestamp(number * 86_400, UTC).date().isoformat() == day


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("EET-2EEST,M3.5.0/3,M10.5.0/4", ["2100-03-28T01:00", "2100-10-31T01:00"]),
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", ["2100-03-28T01:00", "2100-10-31T01:00"]),
        ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", ["2100-04-03T15:00", "2100-10-02T15:30"]),
        ("UTC0", []),
    ],
)
def test_posix_rules_are_followed_beyond_the_file(rule: str, changes: list[str]) -> None:
    begin, end = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2100, 2101))
    found = [at for at, _ in zones._changes_by_rule(rule, begin) if at < end]
    assert [datetime.fromtimestamp(at, UTC).isoformat()[:16] for at in found] == changes
