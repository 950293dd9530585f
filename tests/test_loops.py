"""How the daemon's loops go round: woken at once, asleep else, and patient with a database that is gone."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy.exc import OperationalError

from maild import loops, maillog
from maild.loops import Loops
from tests.conftest import NOON

GONE = OperationalError("select 1", {}, Exception("the server closed the connection"), connection_invalidated=True)
PATIENCE_SECONDS = 30.0


class Rounds:
    """What a loop does, round by round: each a number of works, or what is raised."""

    def __init__(self, *rounds: int | Exception) -> None:
        self._to_come = list(rounds)
        self.count = 0
        self.came = asyncio.Event()

    async def __call__(self, _now: Callable[[], datetime]) -> int:
        self.count += 1
        self.came.set()
        now = self._to_come.pop(0) if self._to_come else 0
        if isinstance(now, Exception):
            raise now
        return now

    async def times(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.count < count:
                self.came.clear()
                await self.came.wait()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that is not woken sleeps for longer than a test takes."""
    monkeypatch.setattr(loops, "IDLE_SECONDS", 60.0)


async def test_a_loop_that_has_nothing_to_do_sleeps_until_it_is_woken(slow: None) -> None:
    running, rounds = Loops(lambda: NOON), Rounds(2, 1)
    task = running.begin("pipeline", rounds)
    await rounds.times(3)  # two in which there was something, and one in which there was not
    running.wake("pipeline")
    await rounds.times(4)
    running.wake("nobody")
    running.stop()
    await asyncio.wait_for(task, PATIENCE_SECONDS)
    assert rounds.count == 4


async def test_what_one_has_done_may_be_work_for_the_others(slow: None) -> None:
    running, other = Loops(lambda: NOON), Rounds()
    running.begin("delivery", other)
    await other.times(1)
    running.begin("pipeline", Rounds(1))
    await other.times(2)
    running.stop()


async def test_a_database_that_is_gone_is_waited_for_and_told_of_once(
    slow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(maillog, "outage", lambda name, _why: told.append(name))
    monkeypatch.setattr(loops, "OUTAGE_SECONDS", (0.01, 0.02))
    running, rounds = Loops(lambda: NOON), Rounds(GONE, GONE, GONE, 0, GONE)
    running.begin("clock", rounds)
    await rounds.times(4)
    assert told == ["clock"]
    running.wake("clock")  # the next outage is another
    await rounds.times(6)
    assert told == ["clock", "clock"]
    running.stop()


async def test_what_is_no_outage_ends_the_loop(slow: None) -> None:
    running = Loops(lambda: NOON)
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(running.begin("clock", Rounds(ZeroDivisionError())), PATIENCE_SECONDS)
