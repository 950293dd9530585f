"""The rule files' words about days, and Latvia's."""

import json
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from maild.hours import holidays, opening
from maild.hours.calendar import Calendar, CalendarError
from maild.hours.holidays import Difference, RuleDays, country_days
from maild.hours.opening import calendar_from_rules
from maild.hours.schedule import Intervals

OFFICE = {"mon-fri": "09:00-18:00"}
FEW = range(2017, 2030)


@dataclass
class Rules:
    """calendars.KEY, as the rule files' models have it."""

    timezone: str = "Europe/Riga"
    hours: dict[str, str] = field(default_factory=lambda: dict(OFFICE))
    holidays: str = "LV"
    swaps: str = "ignore"
    pre_holiday: str = ""
    dates: dict[date, dict[str, str]] = field(default_factory=dict)


def hours_on(day: str, **rules: Any) -> Intervals:
    calendar, _ = opening.calendar_of_rules(Rules(**rules), years=FEW)
    return calendar.hours_on(date.fromisoformat(day))


NINE_TO_SIX, NINE_TO_FIVE = ((540, 1080),), ((540, 1020),)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        ("2025-11-18", ()),
        ("2025-05-05", ()),  # 4 May is a Sunday
        ("2023-11-20", ()),  # 18 November is a Saturday
        ("2028-06-26", NINE_TO_SIX),  # 24 June is a Saturday and is not moved
        ("2023-05-29", ()),  # declared the evening before
        ("2018-07-09", ()),
        ("2018-09-24", ()),
        ("2025-11-19", NINE_TO_SIX),
    ],
)
def test_latvian_holidays_and_the_three_that_move(day: str, hours: Intervals) -> None:
    assert hours_on(day) == hours


SWAPPED = [
    ("2023-05-05", "2023-05-20"),
    ("2024-12-23", "2024-12-14"),
    ("2024-12-30", "2024-12-28"),
    ("2025-05-02", "2025-05-10"),
    ("2025-11-17", "2025-11-08"),
    ("2026-01-02", "2026-01-17"),
    ("2026-06-22", "2026-06-27"),
]


@pytest.mark.parametrize(("off", "worked"), SWAPPED)
def test_swaps_are_followed_or_not(off: str, worked: str) -> None:
    assert (hours_on(off, swaps="follow"), hours_on(worked, swaps="follow")) == ((), NINE_TO_SIX)
    assert (hours_on(off), hours_on(worked)) == (NINE_TO_SIX, ())


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        ("2017-11-17", NINE_TO_FIVE),  # before Saturday 18 November
        ("2025-04-30", NINE_TO_FIVE),
        ("2025-11-08", NINE_TO_FIVE),  # worked for 17 November, the day before the 18th
        ("2026-06-27", NINE_TO_FIVE),
        ("2025-05-10", NINE_TO_SIX),
        ("2026-01-17", NINE_TO_SIX),
        ("2025-11-17", ()),
        ("2023-11-17", NINE_TO_FIVE),
        ("2025-05-02", ()),
        ("2025-06-20", NINE_TO_SIX),  # a Friday; the holiday is on Monday
    ],
)
def test_the_day_before_a_statutory_holiday_may_be_shorter(day: str, hours: Intervals) -> None:
    assert hours_on(day, swaps="follow", pre_holiday="-60m") == hours


def test_only_the_last_interval_is_cut_and_night_shifts_are_left_alone() -> None:
    two = {"mon-fri": "09:00-12:30, 13:00-17:00"}
    assert hours_on("2025-04-30", hours=two, pre_holiday="-1h") == ((540, 750), (780, 960))
    assert hours_on("2025-04-30", hours={"mon-fri": "22:00-06:00"}, pre_holiday="-1h") == ((0, 360), (1320, 1440))


def test_an_observed_monday_shortens_nothing() -> None:
    """4 May 2024 is a Saturday; Monday the 6th is off, and Friday the 3rd is shorter for the 4th's sake."""
    assert hours_on("2024-05-03", pre_holiday="-60m") == NINE_TO_FIVE
    assert date(2024, 5, 6) not in country_days("LV", "ignore", FEW).statutory


def test_what_the_rule_files_say_of_a_date_comes_last() -> None:
    dates = {
        date(2026, 12, 23): {"closed": "15:00-24:00"},
        date(2026, 6, 27): {"open": "10:00-12:00"},
        date(2026, 11, 18): {"open": "09:00-12:00, 13:00-15:00"},
        date(2026, 11, 19): {"open": "closed"},
    }
    rules: dict[str, Any] = {"dates": dates, "swaps": "follow", "pre_holiday": "-60m"}
    assert hours_on("2026-12-23", **rules) == ((540, 900),)
    assert hours_on("2026-06-27", **rules) == ((600, 720),)
    assert hours_on("2026-11-18", **rules) == ((540, 720), (780, 900))
    assert hours_on("2026-11-19", **rules) == ()
    calendar, _ = opening.calendar_of_rules(Rules(**rules), years=FEW)
    assert calendar.warnings == ()


@pytest.mark.parametrize(
    ("key", "open_on"),
    [
        ("mon-fri", "mon tue wed thu fri"),
        ("mon, wed", "mon wed"),
        ("sat-mon", "mon sat sun"),
        ("daily", "mon tue wed thu fri sat sun"),
        ("Fri", "fri"),
    ],
)
def test_weekdays_are_read(key: str, open_on: str) -> None:
    weekly = calendar_from_rules("UTC", {key: "09:00-10:00"}, RuleDays())["weekly"]
    assert set(weekly) == set(open_on.split())


def test_names_are_known_in_three_languages() -> None:
    _, names = opening.calendar_of_rules(Rules(swaps="follow"), years=FEW)
    assert names["2025-06-24"] == {"en": "Midsummer Day", "lv": "Jāņu diena", "ru": "Янов день"}
    assert names["2025-05-05"]["lv"] == names["2025-05-04"]["lv"]  # without "(brīvdiena)"
    assert names["2025-11-17"]["lv"] == "pārcelta brīvdiena"


def test_parts_of_countries_and_languages_that_a_country_has_not() -> None:
    bavaria = country_days("DE-BY", "ignore", range(2026, 2027))
    assert date(2026, 1, 6) in bavaria.holidays
    assert date(2026, 1, 6) not in country_days("DE", "ignore", range(2026, 2027)).holidays
    assert bavaria.holidays[date(2026, 1, 6)]["lv"] == bavaria.holidays[date(2026, 1, 6)]["en"]


WRONG: list[tuple[dict[str, Any], tuple[str | int, ...], str]] = [
    ({"holidays": "Latvia"}, ("holidays",), 'no holidays are known for "Latvia"; did you mean LV?'),
    ({"holidays": "united kingdom"}, ("holidays",), "did you mean GB?"),
    ({"holidays": "LT-XX"}, ("holidays",), "no part"),
    ({"holidays": "lv"}, ("holidays",), "did you mean LV"),
    ({"hours": {"mon-fry": "09:00-18:00"}}, ("hours", "mon-fry"), "unknown weekday"),
    ({"hours": {"mon-fri": "9-18"}}, ("hours", "mon-fri"), "not a time of day"),
    ({"hours": {"mon-fri": "from nine"}}, ("hours", "mon-fri"), "is not a span of hours"),
    ({"hours": {"mon-fri": "09:00-18:00", "fri": "09:00-17:00"}}, ("hours", "fri"), "has hours already"),
    ({"pre_holiday": "60m"}, ("pre_holiday",), "does not make a day shorter"),
    ({"pre_holiday": "-24h"}, ("pre_holiday",), "does not make a day shorter"),
    ({"dates": {date(2026, 1, 5): {"open": "22:00-06:00"}}}, ("dates", "2026-01-05", "open"), "cross midnight"),
    ({"timezone": "Riga"}, ("timezone",), "unknown zone"),
]


@pytest.mark.parametrize(("wrong", "path", "text"), WRONG)
def test_errors_have_the_place_in_the_rule_files(wrong: dict[str, Any], path: tuple[str | int, ...], text: str) -> None:
    with pytest.raises(CalendarError, match=text) as refused:
        opening.calendar_of_rules(Rules(**wrong), years=FEW)
    assert refused.value.path == path
    assert refused.value.remedy


def test_a_calendar_that_never_opens_is_warned_of_in_the_rule_files_words() -> None:
    calendar, _ = opening.calendar_of_rules(Rules(hours={}), years=FEW)
    assert [problem.path for problem in calendar.warnings] == [("hours",)]


def test_the_sites_zone_is_that_of_calendars_which_name_none() -> None:
    assert opening.calendar_of_rules(Rules(timezone="", holidays=""), "Europe/Riga")[0].zone == "Europe/Riga"


def test_what_a_new_version_of_the_package_changes_is_listed() -> None:
    new = country_days("LV", "follow", FEW)
    old = replace(
        new,
        holidays={day: names for day, names in new.holidays.items() if day != date(2023, 5, 29)},
        swaps={day: worked for day, worked in new.swaps.items() if day.year < 2026},
    )
    changed = holidays.differences(old, new)
    assert [one.day.isoformat() for one in changed] == ["2023-05-29", "2026-01-17", "2026-06-27"]
    assert changed[1] == Difference(date(2026, 1, 17), "", "worked for 2026-01-02")
    assert holidays.differences(new, new) == ()


def test_days_can_be_kept_as_json() -> None:
    days = country_days("LV", "follow", range(2025, 2027))
    assert holidays.read(holidays.write({"LV follow": days})) == {"LV follow": days}


@pytest.mark.parametrize(
    ("today", "own", "told"),
    [
        ("2026-06-30", [], []),
        ("2026-07-01", [], ["swaps"]),
        ("2026-12-31", [date(2027, 1, 4)], ["swaps"]),
        ("2026-12-31", [date(2027, 1, 16)], []),  # a Saturday: worked for something
        ("2025-12-31", [], []),
        ("2029-02-01", [], ["holidays"]),
    ],
)
def test_what_is_missing_of_the_coming_year(today: str, own: list[date], told: list[str]) -> None:
    days = country_days("LV", "follow", FEW)
    assert [one.path[0] for one in holidays.missing(days, "follow", own, date.fromisoformat(today))] == told
    assert "swaps" not in [one.path[0] for one in holidays.missing(days, "ignore", own, date.fromisoformat(today))]


def test_the_mapping_is_one_that_the_engine_takes() -> None:
    mapping = calendar_from_rules("Europe/Riga", OFFICE, country_days("LV", "follow", FEW), None, 60)
    assert Calendar.from_mapping(json.loads(json.dumps(mapping))).warnings == ()
