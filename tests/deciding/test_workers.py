"""What kills or hangs a worker is blamed alone."""

import asyncio
import errno
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import synchronize

import pytest

from maild.cli import FOUND_WRONG
from maild.cli.errors import explained
from maild.deciding import workers
from maild.deciding.workers import CannotBegin, Workers
from tests.running import alive, wait_for


@dataclass(frozen=True)
class Item:
    name: str
    size_bytes: int = 1


def name_all(items: Sequence[Item]) -> list[str | Exception]:
    for item in items:
        if item.name == "kills":
            os.kill(os.getpid(), signal.SIGKILL)
        if item.name == "hangs":
            time.sleep(60)
    return [f"{len(items)} {item.name}" for item in items]


@pytest.mark.parametrize("processes", [1, 2])
async def test_a_mail_that_kills_a_worker_is_blamed_alone_whatever_else_is_in_hand(processes: int) -> None:
    """Two rounds share the processes: what one's mail kills, the other's were in."""
    ours = Workers(processes)
    try:
        first = [Item(name) for name in ("a", "kills", "b")]
        second = [Item(f"c{n}") for n in range(8)]
        answers, others = await asyncio.gather(ours.do(name_all, first), ours.do(name_all, second))
        assert [isinstance(one, Exception) for one in answers] == [False, True, False]
        assert not [one for one in others if isinstance(one, Exception)]
        assert await ours.do(name_all, [Item("d")]) == ["1 d"], "and others have taken its place"
    finally:
        ours.close()


async def test_who_has_no_shared_memory_is_told_what_helps(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in a container without a /dev/shm, or in one that is another user's: it was "maild: Permission denied"."""

    def denied(*_what: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(synchronize._multiprocessing, "SemLock", denied)  # type: ignore[attr-defined]
    ours = Workers(1)
    with pytest.raises(CannotBegin) as caught:
        await ours.do(name_all, [Item("a")])
    ours.close()
    assert explained(caught.value) == FOUND_WRONG
    assert "Permission denied. They need a /dev/shm" in capsys.readouterr().err


async def test_what_dies_with_nothing_in_hand_is_no_mails_fault() -> None:
    """As when the kernel runs out of memory: the next mail waited half a minute, as if maild had failed on it."""
    ours = Workers(1)
    large = Item("large", workers.LARGE_BYTES + 1)
    try:
        assert await ours.do(name_all, [Item("a"), large]) == ["1 a", "1 large"]
        for pool in (ours._pool, ours._single):
            for process in pool._executor._processes.values():  # type: ignore[union-attr]
                process.kill()
        for pool in (ours._pool, ours._single):
            wait_for(lambda pool=pool: pool._executor._broken, "that it is noticed")
        assert await ours.do(name_all, [Item("a"), large]) == ["1 a", "1 large"]
    finally:
        ours.close()


async def test_a_mail_at_which_a_worker_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "SECONDS_A_MAIL", 5.0)  # enough for the others on a busy machine
    ours = Workers(1)
    try:
        answers = await ours.do(name_all, [Item("a"), Item("hangs"), Item("b")])
        assert [type(one) for one in answers] == [str, TimeoutError, str]
    finally:
        ours.close()


def answer_at_length(items: Sequence[Item]) -> list[str | Exception]:
    return [item.name * 50_000_000 for item in items]


def readers() -> list[int | None]:
    """Return the threads that take answers from processes."""
    return [one.ident for one in threading.enumerate() if "ExecutorManager" in type(one).__name__]


def is_reading(thread: int | None) -> bool:
    frame = sys._current_frames().get(thread or 0)
    return frame is not None and frame.f_code.co_name == "_recv"


@pytest.mark.parametrize("grace", [0.0, workers.GRACE_SECONDS], ids=["killed", "asked"])
async def test_processes_that_are_ended_while_they_answer_leave_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch, grace: float
) -> None:
    """Half an answer in a pipe, and whoever reads there waits for the rest: this process could not end any more."""
    monkeypatch.setattr(workers, "GRACE_SECONDS", grace)
    ours = Workers(1)
    answering = asyncio.create_task(ours.do(answer_at_length, [Item(name) for name in "abcdefgh"]))
    while not any(map(is_reading, readers())):
        await asyncio.sleep(0.001)
    answering.cancel()
    ours.close()
    wait_for(lambda: not readers(), "their end")


@pytest.mark.parametrize("end", ["kills", "hangs"])
async def test_a_worker_that_is_handed_work_when_it_ends_leaves_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """Half of the work in a pipe that nobody reads: Debian 12's Python waits, and the daemon could not end any more."""
    monkeypatch.setattr(workers, "SECONDS_A_MAIL", 5.0)
    ours = Workers(1)
    try:
        await asyncio.gather(ours.do(name_all, [Item(end)]), ours.do(name_all, [Item("long" * 5_000_000)]))
    finally:
        ours.close()
    wait_for(lambda: not readers(), "their end")


async def test_one_worker_sees_all_where_that_is_asked() -> None:
    ours = Workers(2)
    try:
        items = [Item("a"), Item("large", workers.LARGE_BYTES + 1), Item("b")]
        assert await ours.do(name_all, items, whole=True) == ["3 a", "3 large", "3 b"]
        apart = await ours.do(name_all, items)
        assert apart == ["1 a", "1 large", "1 b"]
    finally:
        ours.close()


async def test_a_signal_to_the_whole_group_ends_no_worker() -> None:
    ours = Workers(1)
    try:
        pid = int(str((await ours.do(tell_pid, [Item("a")]))[0]))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(pid, number)
        assert await ours.do(tell_pid, [Item("a")]) == [str(pid)]
    finally:
        ours.close()
    await asyncio.to_thread(wait_for, lambda: not alive(pid), "its end, when the daemon says so")


def tell_pid(_: Sequence[Item]) -> list[str | Exception]:
    return [str(os.getpid())]
