"""Agents' passwords: kept as argon2id hashes, and wrong ones answered ever more slowly (the only importer of argon2).

A client that was wrong waits before it is answered, twice as long each time; nobody is ever locked out,
for else whoever knows a user's name could lock him out.

Standards: RFC 9106 (argon2; its second recommended option: 64 MiB, 3 passes, 4 lanes).
"""

import asyncio
import os
import sys
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)

SHORTEST = 12
FREE_TRIES = 2
LONGEST_WAIT_SECONDS = 30.0
FORGET_SECONDS = 900.0
MOST_CLIENTS = 10_000
MOST_WAITING = 2  # log-ins of one client at a time
NICENESS = 10


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return _HASHER.hash(password)


def matches(kept: str, password: str) -> bool:
    """Tell whether a password is the one; as slow for a user who has none as for one who has (kept is "")."""
    try:
        _HASHER.verify(kept or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept)


@cache
def _nobodys() -> str:
    return hashed("nobody has this password, and its hash is checked for users that there are not")


class Busy(Exception):
    """A client waits for more answers than any mail program would; tell it to try again later."""


class Checker:
    """Checks one password at a time, after all else that the machine has to do.

    Each check takes 64 MiB and every core for its lanes, which are threads of the one that checks and as nice
    as it is: a storm of log-ins must not keep mail waiting.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="password", initializer=_be_nice)
        self._waiting: Counter[str] = Counter()

    @contextmanager
    def waiting(self, client: str) -> Iterator[None]:
        """Count a client's log-in while it waits.

        Raises:
            Busy: too many of them wait already.
        """
        if self._waiting[client] >= MOST_WAITING:
            raise Busy(f"{client} waits for {MOST_WAITING} log-ins already")
        self._waiting[client] += 1
        try:
            yield
        finally:
            self._waiting -= Counter((client,))

    async def matches(self, kept: str, password: str) -> bool:
        return await asyncio.get_running_loop().run_in_executor(self._thread, matches, kept, password)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


def _be_nice() -> None:
    """Linux knows niceness by thread; elsewhere, and where a filter forbids the call, one at a time must do."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


class Storm:
    """Counts wrong passwords by client and by user, in memory; after some one has to wait."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_seconds(self, who: str, now: float) -> float:
        """Return how long an answer is to be kept back; now is in seconds of any steady clock."""
        count, last = self._wrong.get(who, (0, now))
        if now - last > FORGET_SECONDS or count < FREE_TRIES:
            return 0.0
        return min(2.0 ** (count - FREE_TRIES), LONGEST_WAIT_SECONDS)

    def wrong(self, who: str, now: float) -> None:
        """Count a wrong password; of too many clients the one is forgotten that was wrong longest ago."""
        count, last = self._wrong.pop(who, (0, now))
        self._wrong[who] = (1 if now - last > FORGET_SECONDS else count + 1, now)
        while len(self._wrong) > MOST_CLIENTS:
            self._wrong.popitem(last=False)

    def right(self, who: str) -> None:
        """Forget what a client had wrong."""
        self._wrong.pop(who, None)
