"""Processes that run pure functions: bytes to what they say, decided mails to letters.

They never open the database.
A worker that hangs or dies on a mail takes only that mail with it: the pool is made anew, and the mails
of its batch are read one at a time.
"""

import asyncio
import gc
import multiprocessing
import os
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import TypeVar

from maild.message import classify, parse, report
from maild.message.model import Envelope, Kind, Letter, Reading
from maild.outbound.compose import House, Job, Render, compose

LARGE_BYTES = 1_048_576
SECONDS_A_MAIL = 60.0
COLLECT_AFTER = (50_000, 50, 100)  # objects, then rounds; a mail makes thousands, and hardly a cycle among them

Raw = tuple[bytes, Envelope]
Item = TypeVar("Item")
Answer = TypeVar("Answer")


class WorkFailed(Exception):
    """A function of ours failed in another process; the text is its traceback."""


class Workers:
    """Reads mails in `processes` processes, or in one thread where that is 0."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._pool = self._start()
        self._one_large = asyncio.Lock()

    def begin(self) -> None:
        """Start the processes now: else they start with the first mail, and it waits for them."""
        for _ in range(self._processes):
            self._pool.submit(os.getpid)

    async def read(self, mails: Sequence[Raw]) -> list[Reading | Exception]:
        """Read mails; the answer to one that could not be read is the reason."""
        small = [mail for mail in mails if len(mail[0]) <= LARGE_BYTES]
        answers = dict(zip(map(id, small), await self._read_shared(small), strict=True))
        for mail in mails:
            if id(mail) not in answers:
                async with self._one_large:  # mails over 1 MB are read one at a time
                    answers[id(mail)] = await self._read_alone(mail)
        return [answers[id(mail)] for mail in mails]

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def compose(self, jobs: Sequence[Job], house: House, render: Render) -> Iterator[Letter | Exception]:
        """Write letters; the answer to one that could not be written is the reason."""
        work = partial(compose_many, house=house, render=render)
        try:
            return iter(await self._shared(work, jobs))
        except (BrokenProcessPool, TimeoutError) as error:
            self._restart()
            return iter([error] * len(jobs))
        except Exception as error:  # something in a job cannot be handed to another process
            return iter([error] * len(jobs))

    async def _read_shared(self, mails: Sequence[Raw]) -> list[Reading | Exception]:
        try:
            return await self._shared(read_many, mails)
        except (BrokenProcessPool, TimeoutError):
            self._restart()
            return [await self._read_alone(mail) for mail in mails]

    async def _read_alone(self, mail: Raw) -> Reading | Exception:
        try:
            return (await self._shared(read_many, [mail]))[0]
        except TimeoutError:
            self._restart()
            return TimeoutError(f"reading took more than {SECONDS_A_MAIL:.0f} seconds")
        except BrokenProcessPool as error:
            self._restart()
            return error

    async def _shared(self, work: Callable[[Sequence[Item]], list[Answer]], items: Sequence[Item]) -> list[Answer]:
        """Give each process its share of some work."""
        share = -(-len(items) // max(self._processes, 1)) or 1
        loop = asyncio.get_running_loop()
        parts = [loop.run_in_executor(self._pool, work, items[i : i + share]) for i in range(0, len(items), share)]
        done = await asyncio.wait_for(asyncio.gather(*parts), SECONDS_A_MAIL)
        return [answer for part in done for answer in part]

    def _start(self) -> Executor:
        if not self._processes:
            return ThreadPoolExecutor(1, thread_name_prefix="reader")
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["maild.workers"])
        return ProcessPoolExecutor(self._processes, mp_context=context, initializer=_begin)

    def _restart(self) -> None:
        for process in getattr(self._pool, "_processes", {}).values():
            process.kill()
        self.close()
        self._pool = self._start()


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


def read_many(mails: Sequence[Raw]) -> list[Reading | Exception]:
    answers: list[Reading | Exception] = []
    for raw, envelope in mails:
        try:
            answers.append(read_one(raw, envelope))
        except Exception:  # parse never fails; if it does, that mail alone is held
            answers.append(WorkFailed(traceback.format_exc()))
    return answers


def compose_many(jobs: Sequence[Job], house: House, render: Render) -> list[Letter | Exception]:
    answers: list[Letter | Exception] = []
    for job in jobs:
        try:
            answers.append(compose(job, house, render))
        except Exception:  # a template that breaks on some values holds that mail alone
            answers.append(WorkFailed(traceback.format_exc()))
    return answers
