"""Processes that work for the daemon: each takes its share of some work, and changes nothing.

A worker that hangs or dies on a mail takes only that mail with it: the pool is made again, and the mails
of its batch are worked on one at a time.
"""

import asyncio
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
from typing import Any, Protocol, TypeVar

from maild.store.write import is_outage
from maild.system import forks

LARGE_BYTES = 1_048_576
SECONDS_A_MAIL = 60.0
GRACE_SECONDS = 3.0  # for what is in hand when processes are to end
COLLECT_AFTER = (50_000, 50, 100)  # objects, then rounds; a mail makes thousands, and hardly a cycle among them


class Sized(Protocol):
    """Something to be worked on; a large one is worked on alone."""

    @property
    def size_bytes(self) -> int: ...


Item = TypeVar("Item", bound=Sized)
Answer = TypeVar("Answer")
Work = Callable[[Sequence[Item]], list[Answer | Exception]]


class CannotBegin(Exception):
    """This machine gives us no processes; the text says what they need."""


class WorkFailed(Exception):
    """A function of ours failed at something, here or in another process; the text is its traceback."""


class Workers:
    """Works in `processes` processes, or in one thread where that is 0."""

    def __init__(self, processes: int) -> None:
        self.apart = processes > 0  # in other processes, which know nothing of what this one knows
        self._pool = _Pool(processes)
        self._single = _Pool(min(processes, 1))  # for what must be worked on, and blamed, alone
        self._alone_at_a_time = asyncio.Lock()

    def begin(self, get_ready: Callable[[], object]) -> None:
        """Start the processes now, and let them do what must be done before they can work."""
        self._pool.begin(get_ready)

    async def do(
        self, work: "Work[Item, Answer]", items: Sequence[Item], whole: bool = False
    ) -> list[Answer | Exception]:
        """Let all items be worked on; the answer to one at which the work failed is the reason.

        Args:
            whole: one process is to see them all, in their order.

        Raises:
            OperationalError: the database is gone (see `is_outage`).
            CannotBegin: there are no processes.
        """
        shared = items if whole else [item for item in items if item.size_bytes <= LARGE_BYTES]
        answers = dict(zip(map(id, shared), await self._together(work, shared, whole), strict=True))
        for item in items:
            if id(item) not in answers:
                answers[id(item)] = await self._alone(work, item)
        return [answers[id(item)] for item in items]

    def close(self) -> None:
        """End the processes: they change nothing."""
        for ending in [pool.end() for pool in (self._pool, self._single)]:
            ending.join()

    async def _together(
        self, work: "Work[Item, Answer]", items: Sequence[Item], whole: bool
    ) -> list[Answer | Exception]:
        try:
            return await self._pool.run(work, items, whole)
        except Exception as error:
            if _is_no_works(error):
                raise
            return [await self._alone(work, item) for item in items]

    async def _alone(self, work: "Work[Item, Answer]", item: Item) -> Answer | Exception:
        async with self._alone_at_a_time:
            try:
                return (await self._single.run(work, [item]))[0]
            except TimeoutError:
                return TimeoutError(f"it took more than {SECONDS_A_MAIL:.0f} seconds")
            except Exception as error:  # it died of it; or what came of it cannot be handed to another process
                if _is_no_works(error):
                    raise
                return error


def _is_no_works(error: Exception) -> bool:
    """Whether a failure is no fault of what was worked on."""
    return isinstance(error, CannotBegin) or is_outage(error)


class _Pool:
    """Processes, or a thread.  What hangs in them or kills one ends them all, and the next work begins others."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._executor: Executor | None = None

    def begin(self, get_ready: Callable[[], object]) -> None:
        for _ in range(self._processes):
            self._running().submit(get_ready)

    async def run(
        self, work: "Work[Item, Answer]", items: Sequence[Item], whole: bool = False
    ) -> list[Answer | Exception]:
        """Give each process its share of some work.

        Raises:
            BrokenProcessPool, TimeoutError: at something in it, or in what others had given it meanwhile.
        """
        executor = self._running()
        share = len(items) if whole else -(-len(items) // max(self._processes, 1))
        loop = asyncio.get_running_loop()
        try:
            parts = [
                loop.run_in_executor(executor, work, items[i : i + share]) for i in range(0, len(items), share or 1)
            ]
            async with asyncio.timeout(SECONDS_A_MAIL):
                done = await asyncio.gather(*parts)
        except (BrokenProcessPool, TimeoutError):
            if executor is self._executor:  # else others have ended it already, and begun anew
                self.end()
            raise
        return [answer for part in done for answer in part]

    def end(self) -> threading.Thread:
        """Let the processes finish what is in hand, for a moment, and kill what hangs; return who sees to it.

        Where one has died, the executor is ending the others itself, with a signal that they do not heed; and since
        Python 3.12 whoever would shut it down waits until they have ended.
        """
        executor, self._executor = self._executor, None
        processes = list((getattr(executor, "_processes", None) or {}).values())
        pipes = (getattr(executor, "_call_queue", None), getattr(executor, "_result_queue", None))
        broken = bool(getattr(executor, "_broken", False))
        grace = 0.0 if broken else GRACE_SECONDS  # what they do for others has failed already
        ending = threading.Thread(target=_see_off, args=(processes, *pipes, grace), name="ending")
        ending.start()
        if executor is not None and not broken:
            executor.shutdown(wait=False, cancel_futures=True)
        return ending

    def _running(self) -> Executor:
        if getattr(self._executor, "_broken", False):  # it died with nothing in hand: no fault of what comes next
            self.end()
        if self._executor is None:
            self._executor = (
                _processes(self._processes) if self._processes else ThreadPoolExecutor(1, thread_name_prefix="worker")
            )
        return self._executor


def _processes(count: int) -> ProcessPoolExecutor:
    """Return processes that begin with the first work.

    Raises:
        CannotBegin: there is no /dev/shm for their locks, as in some containers.
    """
    try:
        return ProcessPoolExecutor(count, mp_context=forks.context(), initializer=_begin)
    except OSError as error:
        needs = "a /dev/shm that maild may write to; without one, set [workers] processes = 0"
        raise CannotBegin(f"worker processes cannot be begun: {error.strerror}. They need {needs}") from error


def _see_off(processes: Sequence[BaseProcess], calls: Any, answers: Any, grace_seconds: float) -> None:
    """Wait for processes, kill those that hang, and end the pipes to and from them.

    One that is killed while it sends an answer leaves half of it there.  The pool's own reader would wait for the rest
    for as long as this process holds the other end, and keep this process from ending.  So would, before Python 3.11.5
    (gh-94777), the pool's own writer of what one was killed in the middle of reading.
    """
    until = time.monotonic() + grace_seconds
    for process in processes:
        process.join(max(0.0, until - time.monotonic()))
    for process in processes:
        if process.is_alive():
            process.kill()
    if answers is not None:
        answers._writer.close()
    if calls is not None and sys.version_info < (3, 11, 5):
        calls._reader.close()


def _begin() -> None:
    """Begin a worker: it ends with the process that it works for, however that one ends, and not before."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # such as reach a whole group are the daemon's
        signal.signal(number, signal.SIG_IGN)
    collect_seldom()
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def collect_seldom() -> None:
    """Let the garbage collector leave alone what was loaded, and come by less often: it took a tenth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
