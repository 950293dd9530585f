"""A machine's clock that is set is noticed, and one that was set forward is not believed for a day."""

from datetime import timedelta

import pytest

from maild.system.timepiece import DOUBTED_SECONDS, QUIET, Timepiece
from tests.conftest import NOON

HOUR = timedelta(hours=1)


class Steady:
    """Seconds that nobody sets."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize(
    ("moved", "set_", "doubted"),
    [
        (HOUR, False, False),  # an hour passed, and both say so
        (HOUR + timedelta(seconds=30), False, False),
        (3 * HOUR, True, True),
        (-HOUR, True, False),
    ],
)
def test_a_clock_that_runs_otherwise_than_time_was_set(moved: timedelta, set_: bool, doubted: bool) -> None:
    steady = Steady()
    one = Timepiece(steady)
    assert not one.was_set(NOON)
    steady.seconds = HOUR.total_seconds()
    assert (one.was_set(NOON + moved), one.is_doubted) == (set_, doubted)
    assert not one.was_set(NOON + moved), "once is enough"
    steady.seconds += DOUBTED_SECONDS
    assert not one.is_doubted


def test_a_clock_that_is_set_right_again_is_believed() -> None:
    one = Timepiece(Steady())
    one.was_set(NOON)
    assert one.was_set(NOON + 400 * 24 * HOUR)
    assert one.is_doubted
    assert one.was_set(NOON)
    assert not one.is_doubted


@pytest.mark.parametrize(("since_last", "doubted"), [(HOUR, False), (QUIET + HOUR, True)])
def test_a_pause_is_not_told_from_a_wrong_clock(since_last: timedelta, doubted: bool) -> None:
    one = Timepiece(Steady())
    one.begin(NOON, NOON - since_last)
    assert one.is_doubted is doubted


def test_a_time_that_is_told_is_believed() -> None:
    one = Timepiece()
    one.begin(NOON, NOON - 2 * QUIET)
    assert [one.was_set(NOON), one.was_set(NOON + 400 * 24 * HOUR), one.is_doubted] == [False, False, False]
