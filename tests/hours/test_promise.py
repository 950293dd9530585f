"""What is promised, and what experience allows to promise."""

import random
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.hours import promise as promises
from maild.hours.calendar import Calendar
from maild.hours.promise import Promise, estimate, make, quantile, upper_quantile, widened

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


# Experience


@pytest.mark.parametrize(("level", "smallest"), [(0.8, 11), (0.9, 22), (0.95, 45)])
def test_few_cases_have_no_upper_bound(level: float, smallest: int) -> None:
    assert upper_quantile([1] * (smallest - 1), [], level, 0.9) is None
    assert upper_quantile([1] * smallest, [], level, 0.9) == 1


def test_thousands_that_wait_are_no_hindrance() -> None:
    assert upper_quantile(list(range(100)), [200] * 5_000, 0.9, 0.9) is None  # most of them are not answered yet
    assert 9_000 < (upper_quantile(list(range(10_000)), [], 0.9, 0.9) or 0) < 9_100


def test_without_waiting_tickets_the_quantile_is_the_plain_one() -> None:
    assert quantile(range(1, 101), [], 0.8) == 80
    assert quantile(range(1, 11), [], 0.95) == 10
    assert quantile([], [], 0.8) is None


def test_those_who_wait_make_it_longer() -> None:
    """Textbook: times 6, 6, 6, 7, 10, 13, 16, 22, 23 of 21 with 12 censored (6-MP): the median is 23."""
    answered = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    waiting = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    assert quantile(answered, waiting, 0.5) == 23
    assert quantile(answered, [], 0.5) == 10
    assert quantile(answered, waiting, 0.8) is None


def test_with_little_experience_we_aim_at_the_target() -> None:
    told = estimate([HOUR] * 29, [], 8 * HOUR)
    assert (told.seconds, told.manner, told.alarm) == (8 * HOUR, "aim", "")
    assert estimate([HOUR] * 60, [], 8 * HOUR, settled_for=86_400).manner == "aim"
    assert estimate([HOUR] * 60, [2 * HOUR] * 60, 8 * HOUR).manner == "aim"  # too many wait to say


def test_a_quick_desk_promises_its_target_and_says_what_is_usual() -> None:
    told = estimate([HOUR] * 60, [], 8 * HOUR)
    assert (told.seconds, told.manner, told.usually, told.answered) == (8 * HOUR, "latest", HOUR, 60)
    assert estimate([5 * HOUR] * 60, [], 8 * HOUR).usually is None


def test_a_slow_desk_promises_what_is_true_and_tells_the_lead() -> None:
    told = estimate([12 * HOUR] * 60, [], 8 * HOUR)
    assert (told.seconds, told.manner, told.alarm) == (12 * HOUR, "measured", "promise_exceeds_sla")
    told = estimate([30 * HOUR] * 60, [], 8 * HOUR)
    assert (told.seconds, told.manner) == (32 * HOUR, "longer")


def test_the_oldest_who_waits_overrules_at_once() -> None:
    assert estimate([HOUR] * 60, [20 * HOUR], 8 * HOUR).seconds == 20 * HOUR
    assert estimate([HOUR] * 5, [20 * HOUR], 8 * HOUR).seconds == 20 * HOUR


def test_small_changes_are_not_told() -> None:
    assert estimate([12 * HOUR] * 60, [], 8 * HOUR, previous=11 * HOUR).seconds == 11 * HOUR
    assert estimate([12 * HOUR] * 60, [], 8 * HOUR, previous=9 * HOUR).seconds == 12 * HOUR


def test_three_bad_days_widen_the_promise() -> None:
    assert widened(8 * HOUR, [0.9, 0.8, 0.8, 0.84]) == 10 * HOUR
    assert widened(8 * HOUR, [0.8, 0.8]) == 8 * HOUR
    assert widened(8 * HOUR, [0.8, 0.9, 0.8]) == 8 * HOUR


def test_the_upper_bound_is_kept_as_often_as_it_says() -> None:
    """Of desks whose answers take a random time, nine in ten are told a time that holds for nine in ten mails."""
    draw = random.Random(7)
    held = 0
    for _ in range(200):
        sample = [round(draw.expovariate(1 / HOUR)) for _ in range(100)]
        bound = upper_quantile(sample, [], 0.9, 0.9)
        held += bound is not None and bound >= 2.302585 * HOUR
    assert held >= 170
