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
    ("moved", "set_by", "doubted"),
    [
        (HOUR, 0, False),  # an hour passed, and both say so
        (HOUR + timedelta(seconds=30), 0, False),
        (3 * HOUR, 2, True),
        (-HOUR, -2, False),
    ],
)
def test_a_clock_that_runs_otherwise_than_time_set_by(moved: timedelta, set_by: int, doubted: bool) -> None:
    steady = Steady()
    one = Timepiece(steady)
    assert not one.set_by(NOON)
    steady.seconds = HOUR.total_seconds()
    assert (one.set_by(NOON + moved), one.is_doubted) == (set_by * HOUR, doubted)
    assert not one.set_by(NOON + moved), "once is enough"
    steady.seconds += DOUBTED_SECONDS
    assert not one.is_doubted


def test_a_clock_that_is_set_right_again_is_believed() -> None:
    one = Timepiece(Steady())
    one.set_by(NOON)
    assert one.set_by(NOON + 400 * 24 * HOUR)
    assert one.is_doubted
    assert one.set_by(NOON)
    assert not one.is_doubted


@pytest.mark.parametrize(("since_last", "doubted"), [(HOUR, False), (QUIET + HOUR, True)])
def test_a_pause_is_not_told_from_a_wrong_clock(since_last: timedelta, doubted: bool) -> None:
    one = Timepiece(Steady())
    one.begin(NOON, NOON - since_last)
    assert one.is_doubted is doubted


def test_a_time_that_is_told_is_believed() -> None:
    one = Timepiece()
    one.begin(NOON, NOON - 2 * QUIET)
    assert not one.set_by(NOON)
    assert not one.set_by(NOON + 400 * 24 * HOUR)
    assert not one.is_doubted
