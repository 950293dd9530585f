"""What experience allows to promise."""

import random

import pytest

from maild.hours.estimate import estimate, quantile, upper_quantile, widened

HOUR = 3600


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
