"""Processes that work for the daemon: each takes its share of some work, and changes nothing.

A worker that hangs or dies on a mail takes only that mail with it: the pool is made anew, and the mails
of its batch are worked on one at a time.
"""

import asyncio
import gc
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import ForkServerContext
from typing import Protocol, TypeVar

from maild.message import classify, parse, report
from maild.message.model import Envelope, Kind, Reading
from maild.store.write import is_outage

LARGE_BYTES = 1_048_576
SECONDS_A_MAIL = 60.0
COLLECT_AFTER = (50_000, 50, 100)  # objects, then rounds; a mail makes thousands, and hardly a cycle among them


class Sized(Protocol):
    """Something to be worked on; a large one is worked on alone."""

    @property
    def size_bytes(self) -> int: ...


Item = TypeVar("Item", bound=Sized)
Answer = TypeVar("Answer")
Work = Callable[[Sequence[Item]], list[Answer | Exception]]


class WorkFailed(Exception):
    """A function of ours failed in another process; the text is its traceback."""


class Workers:
    """Works in `processes` processes, or in one thread where that is 0."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self.apart = processes > 0  # in other processes, which know nothing of what this one knows
        self._pool = self._start()
        self._one_large = asyncio.Lock()

    def begin(self, get_ready: Callable[[], object]) -> None:
        """Start the processes now, each with what it must have done before it can work."""
        for _ in range(self._processes):
            self._pool.submit(get_ready)

    async def do(self, work: "Work[Item, Answer]", items: Sequence[Item]) -> list[Answer | Exception]:
        """Let all items be worked on; the answer to one at which the work failed is the reason.

        Raises:
            OperationalError: the database is gone (see `is_outage`).
        """
        small = [item for item in items if item.size_bytes <= LARGE_BYTES]
        answers = dict(zip(map(id, small), await self._together(work, small), strict=True))
        for item in items:
            if id(item) not in answers:
                async with self._one_large:  # mails over 1 MB are read one at a time
                    answers[id(item)] = await self._alone(work, item)
        return [answers[id(item)] for item in items]

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _together(self, work: "Work[Item, Answer]", items: Sequence[Item]) -> list[Answer | Exception]:
        try:
            return await self._shared(work, items)
        except Exception as error:
            if is_outage(error):
                raise
            if isinstance(error, BrokenProcessPool | TimeoutError):
                self._restart()
            return [await self._alone(work, item) for item in items]

    async def _alone(self, work: "Work[Item, Answer]", item: Item) -> Answer | Exception:
        try:
            return (await self._shared(work, [item]))[0]
        except TimeoutError:
            self._restart()
            return TimeoutError(f"it took more than {SECONDS_A_MAIL:.0f} seconds")
        except BrokenProcessPool as error:
            self._restart()
            return error
        except Exception as error:  # what came of it cannot be handed to another process, perhaps
            if is_outage(error):
                raise
            return error

    async def _shared(self, work: "Work[Item, Answer]", items: Sequence[Item]) -> list[Answer | Exception]:
        """Give each process its share of some work."""
        share = -(-len(items) // max(self._processes, 1)) or 1
        loop = asyncio.get_running_loop()
        parts = [loop.run_in_executor(self._pool, work, items[i : i + share]) for i in range(0, len(items), share)]
        done = await asyncio.wait_for(asyncio.gather(*parts), SECONDS_A_MAIL)
        return [answer for part in done for answer in part]

    def _start(self) -> Executor:
        if not self._processes:
            return ThreadPoolExecutor(1, thread_name_prefix="reader")
        return ProcessPoolExecutor(self._processes, mp_context=forkserver(), initializer=_begin)

    def _restart(self) -> None:
        for process in getattr(self._pool, "_processes", {}).values():
            process.kill()
        self.close()
        self._pool = self._start()


def forkserver() -> ForkServerContext:
    """Return how processes are begun: as forks of one that has loaded all that they need and does nothing else."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["maild.clerk"])
    return context


def _begin() -> None:
    """Begin a worker: it ends with the process that it works for, however that one ends."""
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


def read_one(raw: bytes, envelope: Envelope) -> Reading:
    """Say what a mail's bytes say, and who or what wrote it."""
    began = time.perf_counter()
    message = parse.parse(raw)
    classified = classify.classify(message, envelope)
    found = report.read(message, envelope) if classified.kind is Kind.BOUNCE else None
    return Reading(message, classified, found, time.perf_counter() - began)
