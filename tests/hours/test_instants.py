"""Moments as people write them."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.hours.calendar import Calendar
from maild.hours.instants import MomentError, Place, parse

WEEKDAY = [["09:00", "12:00"], ["13:00", "18:00"]]
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), WEEKDAY)
OFFICE = Calendar.from_mapping({"zone": "Europe/Riga", "weekly": WEEK, "holidays": ["2026-11-18"]})
RIGA = Place(OFFICE, "Europe/Riga")
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)  # noon in Riga

MOMENTS = (
    # text, from when work goes on, by when it is done; in UTC, two hours before Riga
    ("tomorrow", "2026-11-24 07:00", "2026-11-24 16:00"),
    ("Tomorrow 15:00.", "2026-11-24 13:00", "2026-11-24 13:00"),
    ("tomorrow at 9:30", "2026-11-24 07:30", "2026-11-24 07:30"),
    ("rīt plkst. 12.00", "2026-11-24 10:00", "2026-11-24 10:00"),
    ("завтра в 10:00", "2026-11-24 08:00", "2026-11-24 08:00"),
    ("today 17:00", "2026-11-23 15:00", "2026-11-23 15:00"),
    ("17:00", "2026-11-23 15:00", "2026-11-23 15:00"),
    ("fri", "2026-11-27 07:00", "2026-11-27 16:00"),
    ("piektdien 10.00", "2026-11-27 08:00", "2026-11-27 08:00"),
    ("monday 15:00", "2026-11-23 13:00", "2026-11-23 13:00"),
    ("monday 10:00", "2026-11-30 08:00", "2026-11-30 08:00"),  # today at ten has passed
    ("mon", "2026-11-30 07:00", "2026-11-23 16:00"),
    ("2026-12-01", "2026-12-01 07:00", "2026-12-01 16:00"),
    ("1.12. 9.30", "2026-12-01 07:30", "2026-12-01 07:30"),
    ("23.11. 15:00", "2026-11-23 13:00", "2026-11-23 13:00"),  # today, and not in a year
    ("4.1.", "2027-01-04 07:00", "2027-01-04 16:00"),  # of the next year
    ("22.12.", "2026-12-22 07:00", "2026-12-22 16:00"),  # no time of today
    ("17.30.", "2026-11-23 15:30", "2026-11-23 15:30"),
    ("3d", "2026-11-26 07:00", "2026-11-26 16:00"),
    ("1 week", "2026-11-30 07:00", "2026-11-30 16:00"),
    ("2 nedēļas", "2026-12-07 07:00", "2026-12-07 16:00"),
    ("2 working days", "2026-11-25 16:00", "2026-11-25 16:00"),
    ("4wh", "2026-11-23 15:00", "2026-11-23 15:00"),
    ("2h", "2026-11-23 12:00", "2026-11-23 12:00"),
)


@pytest.mark.parametrize(("text", "begins", "ends"), MOMENTS)
def test_moments(text: str, begins: str, ends: str) -> None:
    found = [parse(text, MONDAY, RIGA, by=by) for by in (False, True)]
    assert [f"{one:%Y-%m-%d %H:%M}" for one in found] == [begins, ends]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is no moment"),
        ("soon", "is no moment"),
        ("3", "is no moment"),
        ("31.2.", "is no moment"),
        ("tomorrow 25:00", "is no moment"),
        ("today 11:00", "has passed"),
        ("2026-11-20", "has passed"),
        ("9999d", "more than a year"),
        ("900d", "more than a year"),
        ("99999999999wh", "is no moment"),
        ("0001-01-01 0:00", "is no moment"),
        ("9999-12-31 9:00", "more than a year"),
    ],
)
def test_what_cannot_be_meant_is_said(text: str, why: str) -> None:
    with pytest.raises(MomentError, match=why):
        parse(text, MONDAY, RIGA)


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("until friday", "fri"),
        ("Līdz piektdienai", "fri"),
        ("by 1.12.", "1.12."),
        ("until 9.30", "9.30"),
        ("до 2d", "2d"),
    ],
)
def test_whoever_waits_until_a_moment_may_say_so(text: str, bare: str) -> None:
    assert parse(text, MONDAY - timedelta(hours=4), RIGA) == parse(bare, MONDAY - timedelta(hours=4), RIGA)


@pytest.mark.parametrize("text", ["saturday", "sat 12:00", "today 21:00", "tomorrow 12:30"])
def test_nothing_is_done_by_a_time_at_which_the_desk_is_closed(text: str) -> None:
    assert parse(text, MONDAY, RIGA) > MONDAY
    with pytest.raises(MomentError, match="closed"):
        parse(text, MONDAY, RIGA, by=True)


def test_a_closed_day_is_waited_for_until_the_next_opening() -> None:
    assert parse("saturday", MONDAY, RIGA) == datetime(2026, 11, 30, 7, tzinfo=UTC)


def test_a_desk_without_hours_has_days_all_the_same() -> None:
    assert parse("tomorrow", MONDAY, Place(None, "UTC")) == datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert parse("tomorrow", MONDAY, Place(None, "UTC"), by=True) == datetime(2026, 11, 24, 17, tzinfo=UTC)


def test_the_wall_clock_is_meant_where_the_clocks_change_on_the_way() -> None:
    friday = datetime(2026, 10, 23, 9, tzinfo=UTC)  # noon in Riga, in summer time
    assert parse("monday 12:00", friday, RIGA) == datetime(2026, 10, 26, 10, tzinfo=UTC)


@given(st.text(max_size=30))
def test_any_text_is_a_moment_to_come_or_said_to_be_none(text: str) -> None:
    with suppress(MomentError):
        assert parse(text, MONDAY, RIGA) > MONDAY


@pytest.mark.parametrize("zone", ["Europe/Riga", "America/New_York"])
@pytest.mark.parametrize("text", ["0001-01-01 0:00", "9999-12-31 23:59", "31.12.9999"])
def test_the_ends_of_the_calendar_are_no_moments(text: str, zone: str) -> None:
    with pytest.raises(MomentError):
        parse(text, MONDAY, Place(None, zone), by=True)


@pytest.mark.parametrize(
    ("text", "at"), [("tomorrow 15:00", "2026-11-24 13:00"), ("3d", "2026-11-26 07:00"), ("30h", "2026-11-24 16:00")]
)
def test_words_are_meant_as_of_when_they_were_written(text: str, at: str) -> None:
    later = datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert parse(text, later, RIGA, written_at=MONDAY) == datetime.fromisoformat(f"{at}+00:00")


def test_a_moment_that_has_passed_since_it_was_written_is_refused() -> None:
    with pytest.raises(MomentError, match="has passed"):
        parse("4h", datetime(2026, 11, 24, 10, tzinfo=UTC), RIGA, written_at=MONDAY)
