"""The hours of a usual week, as customers read them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from maild.hours import weekly
from maild.hours.calendar import Calendar

Week = Mapping[str, Sequence[Sequence[str]]]
NOW = datetime(2026, 11, 30, 10, 0, tzinfo=ZoneInfo("Europe/Riga"))
WORKDAYS, ALL = ("mon", "tue", "wed", "thu", "fri"), ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE: Week = {day: [["09:00", "18:00"]] for day in WORKDAYS}
LUNCH: Week = {day: [["09:00", "12:30"], ["13:00", "18:00"]] for day in WORKDAYS[:4]} | {"fri": [["09:00", "16:00"]]}
SHOP: Week = OFFICE | {"wed": [["12:00", "20:00"]], "sat": [["10:00", "14:00"]]}
NIGHTS: Week = {day: [["22:00", "06:00"]] for day in ("fri", "sat", "sun")}
LATE: Week = {day: [["16:00", "24:00"]] for day in WORKDAYS}
WEEKEND: Week = {"sat": [["00:00", "24:00"]], "sun": [["00:00", "20:00"]]}
EVERY_DAY: Week = {day: [["08:00", "20:00"]] for day in ALL}
ALWAYS: Week = {day: [["00:00", "24:00"]] for day in ALL}


def said(week: Week, language: str = "en", sender_date: datetime | None = NOW) -> str:
    calendar = Calendar.from_mapping({"zone": "Europe/Riga", "weekly": week})
    return weekly.said(calendar, NOW, "Europe/Riga", language, sender_date)


@pytest.mark.parametrize(
    ("week", "language", "text"),
    [
        (OFFICE, "en", "Our business hours: Monday–Friday 09:00–18:00."),
        (OFFICE, "lv", "Darba laiks: pirmdiena–piektdiena 9.00–18.00."),
        (OFFICE, "ru", "Часы работы: понедельник–пятница 9:00–18:00."),
        (OFFICE, "de", "Our business hours: Monday–Friday 09:00–18:00."),
        (LUNCH, "en", "Our business hours: Monday–Thursday 09:00–12:30, 13:00–18:00; Friday 09:00–16:00."),
        (LUNCH, "lv", "Darba laiks: pirmdiena–ceturtdiena 9.00–12.30, 13.00–18.00; piektdiena 9.00–16.00."),
        (
            SHOP,
            "en",
            "Our business hours: Monday–Tuesday, Thursday–Friday 09:00–18:00; Wednesday 12:00–20:00; "
            "Saturday 10:00–14:00.",
        ),
        (NIGHTS, "en", "Our business hours: Friday–Sunday 22:00–06:00."),
        (LATE, "lv", "Darba laiks: pirmdiena–piektdiena 16.00–24.00."),
        (WEEKEND, "en", "Our business hours: Saturday 00:00–24:00; Sunday 00:00–20:00."),
        (EVERY_DAY, "en", "Our business hours: every day 08:00–20:00."),
        (EVERY_DAY, "lv", "Darba laiks: katru dienu 8.00–20.00."),
        (ALWAYS, "en", "We are here day and night."),
        (ALWAYS, "lv", "Strādājam visu diennakti."),
        ({}, "en", ""),
    ],
)
def test_the_week_is_told_in_one_sentence(week: Week, language: str, text: str) -> None:
    assert said(week, language) == text


def test_the_zone_is_named_to_who_may_live_elsewhere() -> None:
    far = NOW.astimezone(timezone(timedelta(hours=-5)))
    for date in (None, far):
        assert said(OFFICE, "en", date) == "Our business hours: Monday–Friday 09:00–18:00 (Riga time)."
    assert said(OFFICE, "lv", None) == "Darba laiks: pirmdiena–piektdiena 9.00–18.00 (pēc Rīgas laika)."


@pytest.mark.parametrize(
    ("beside", "zone"),
    [
        ("We will answer by Monday 30 November, 15:00 (Riga time).", ""),
        ("We will answer by Monday 30 November, 15:00 (Riga time; yours: 08:00 UTC-05:00).", ""),
        ("We will answer by Monday 14 December.", " (Riga time)"),
        ("", " (Riga time)"),
    ],
)
def test_a_zone_that_the_promise_names_is_not_named_again(beside: str, zone: str) -> None:
    calendar = Calendar.from_mapping({"zone": "Europe/Riga", "weekly": OFFICE})
    told = weekly.said(calendar, NOW, "Europe/Riga", "en", None, beside)
    assert told == f"Our business hours: Monday–Friday 09:00–18:00{zone}."


def test_a_queue_without_a_calendar_says_nothing() -> None:
    assert weekly.said(None, NOW, "Europe/Riga", "en") == ""
