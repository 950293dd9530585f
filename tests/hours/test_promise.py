"""What is promised."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.hours import promise as promises
from maild.hours.calendar import Calendar
from maild.hours.promise import Promise, make

HOUR = 3600
WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
OFFICE = Calendar.from_mapping(
    {"zone": "Europe/Riga", "weekly": WEEK, "holidays": ["2025-11-17", "2025-11-18"], "known_until": "2025-12-31"}
)
NAMES = {"2025-11-18": {"en": "Proclamation Day", "lv": "Proklamēšanas diena"}}


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Riga")).timestamp())


def made(received: str, hours: float, now: str | None = None) -> Promise:
    promise = make(OFFICE, at(received), at(now or received), int(hours * HOUR), NAMES)
    assert promise is not None
    return promise


@pytest.mark.parametrize(
    ("received", "hours", "now", "until"),
    [
        ("2025-11-14T16:40", 8, None, "2025-11-19T15:45"),
        ("2025-11-10T10:00", 4, None, "2025-11-10T14:00"),
        ("2025-11-10T10:00:01", 4, None, "2025-11-10T14:15"),
        ("2025-11-10T09:00", 9, None, "2025-11-10T18:00"),  # the closing itself
        ("2025-11-10T09:00", 8.9, None, "2025-11-10T18:00"),
        ("2025-11-10T10:00", 4, "2025-11-12T10:00", "2025-11-12T10:30"),  # fetched two days late
        ("2025-11-10T10:00", 4, "2025-11-12T17:50", "2025-11-13T09:30"),  # and only now, just before closing
        ("2025-11-10T12:00", 4, "2025-11-10T10:00", "2025-11-10T14:00"),  # received in the future: now
    ],
)
def test_promises(received: str, hours: float, now: str | None, until: str) -> None:
    assert made(received, hours, now).until == at(until)


def test_rounding_does_not_go_over_a_closing_at_an_odd_minute() -> None:
    odd = Calendar.from_mapping({"zone": "UTC", "weekly": {"mon": [["09:07", "16:53"]], "tue": [["09:07", "16:53"]]}})
    promise = make(odd, at("2025-11-10T11:00"), at("2025-11-10T11:00"), int(7.75 * HOUR))
    assert promise is not None
    assert promise.until_at.isoformat() == "2025-11-10T16:53:00+00:00"


def test_a_promise_knows_why_we_are_silent_until_then() -> None:
    promise = made("2025-11-14T18:10", 8)
    assert (promise.closed_now, promise.opens_at) == (True, at("2025-11-19T09:00"))
    assert [(one.day.day, one.name("lv"), one.name("ru")) for one in promise.closings] == [
        (17, "", ""),
        (18, "Proklamēšanas diena", "Proclamation Day"),
    ]
    assert made("2025-11-19T10:00", 4).closings == ()
    assert made("2025-11-19T10:00", 4).opens_at is None


def test_beyond_the_known_holidays_it_is_uncertain() -> None:
    assert made("2025-12-30T10:00", 4).uncertain is False
    assert made("2025-12-31T17:00", 4).uncertain is True


def test_without_working_time_there_is_no_promise() -> None:
    never = Calendar.from_mapping({"zone": "UTC", "weekly": {}})
    assert make(None, 0, 0, HOUR) is None
    assert make(never, 0, 0, HOUR) is None


@settings(max_examples=300, deadline=None)
@given(
    st.integers(at("2025-10-20T00:00"), at("2025-11-30T00:00")), st.integers(0, 9 * 86_400), st.integers(1, 40 * HOUR)
)
def test_a_promise_is_never_before_the_due_time_nor_in_the_past(received: int, delay: int, seconds: int) -> None:
    promise = make(OFFICE, received, received + delay, seconds)
    assert promise is not None
    assert promise.until >= promise.due
    assert promise.until >= received + delay + promises.AT_LEAST
    assert OFFICE.is_open(promise.until - 1)
    assert promise.until % 900 == 0
    assert promise.until - promise.due < 900 or OFFICE.between(received + delay, promise.until) < 46 * 60
