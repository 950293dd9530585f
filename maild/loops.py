"""How the daemon's loops go round: each does its work until all stop, sleeps when there is none, and is woken for more.

A database that is gone is waited for, and told of once for as long as it is.  Any other failure ends a loop, and the
process with it.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

from maild import maillog
from maild.store.write import is_outage, said

OUTAGE_SECONDS = (1.0, 30.0)  # how long a loop waits for a database that is gone: at first, and at last
MEANWHILE_SECONDS = 300.0  # for what came while nobody was at work
IDLE_SECONDS = 1.0  # how soon works of other processes (`maild receive`, `maild do`) are noticed

Round = Callable[[Callable[[], datetime]], Awaitable[int]]  # does what is due, returns how much it was


class Loops:
    """Several loops that wake each other: what one has done may be work for the others."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._wakes: dict[str, asyncio.Event] = {}
        self._stopping = asyncio.Event()

    def begin(self, name: str, work: Round) -> asyncio.Task[None]:
        """Begin a loop; it ends by itself after `stop`."""
        self._wakes[name] = asyncio.Event()
        return asyncio.create_task(self._go_round(name, work), name=name)

    def wake(self, name: str) -> None:
        """Let a loop look at once for what there is to do."""
        if name in self._wakes:
            self._wakes[name].set()

    def wake_all(self) -> None:
        for event in self._wakes.values():
            event.set()

    def stop(self) -> None:
        """Let each end as soon as it has done what it has in hand."""
        self._stopping.set()
        self.wake_all()

    async def stopping(self) -> None:
        """Return when all are to stop."""
        await self._stopping.wait()

    async def _go_round(self, name: str, work: Round) -> None:
        pause, longest = OUTAGE_SECONDS
        told = ""  # of an outage, once for as long as it lasts
        while not self._stopping.is_set():
            self._wakes[name].clear()
            try:
                done = await work(self._now)
            except Exception as error:
                if not is_outage(error):
                    raise
                if said(error) != told:
                    told = said(error)
                    maillog.outage(name, told)
                await _within(pause, self._stopping)
                pause = min(2 * pause, longest)
                continue
            pause, told = OUTAGE_SECONDS[0], ""
            if done:
                self._wake_others(name)
            else:
                await _within(IDLE_SECONDS, self._wakes[name])

    def _wake_others(self, name: str) -> None:
        for other in self._wakes:
            if other != name:
                self.wake(other)


class Meanwhile:
    """What came while no daemon was at work, which is dealt with before anybody is told that time has run out.

    Else customers whose answers lie here already are told that we are late with them, and leads that nobody answers.

    Args:
        waits: whether some of it is still to be dealt with; asked in a thread.
    """

    def __init__(self, waits: Callable[[], bool]) -> None:
        self._waits = waits
        self._until = time.monotonic() + MEANWHILE_SECONDS
        self._is_over = False

    def then(self, work: Round) -> Round:
        """Return a work that does nothing before."""

        async def do(now: Callable[[], datetime]) -> int:
            if not self._is_over:
                self._is_over = time.monotonic() > self._until or not await asyncio.to_thread(self._waits)
            return await work(now) if self._is_over else 0

        return do


async def _within(seconds: float, event: asyncio.Event) -> None:
    """Wait for something, but not for longer."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
