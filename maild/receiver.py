"""The receiver: it stands at the door, in a separate process (`python -m maild.receiver`, begun by `reception`).

It talks to the clients and never opens the database: what is to be kept goes over a pipe to the daemon's one
writer, as much together as has gathered, and 250 is said when the answer is back.  If the daemon dies, so does
the receiver, at once: what was not answered with 250 is still its sender's.
"""

import asyncio
import contextlib
import gc
import os
import resource
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from socket import socket
from typing import Any, NamedTuple, TypeAlias

from maild import maillog
from maild.door import Bound, Door, Frame
from maild.inbound.connections import Limits
from maild.ticket.house import House

BATCH = 128
BATCH_BYTES = 1_048_576  # that are on their way at once, but for one mail that alone is larger
OTHER_FILES = 64  # open beside clients' connections, and those that are let in to be refused

PING = "ping"  # the daemon asks whether we still listen

Pipe: TypeAlias = "Connection[Any, Any]"
Request = tuple[str, Mapping[str, Any]]  # what the store is to do, by its name
Answer = tuple[Any, Exception | None]  # what came of it, or why nothing did


@dataclass(frozen=True, slots=True)
class Orders:
    """What a receiver begins with; the sockets are open under the same numbers in both processes."""

    frame: Frame
    sockets: tuple[tuple[int, bool, bool], ...]  # descriptor, submission, implicit_tls
    house: House
    log: tuple[bool, str]


def main(requests: int, orders: int) -> None:
    """Stand at the door until told to leave.

    Args:
        requests: the descriptor of the pipe to the store.
        orders: that of the daemon's word: first `Orders`, then a new House now and then, or PING, at last None.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # the daemon says when it is time
        signal.signal(number, signal.SIG_IGN)
    word: Pipe = Connection(orders)
    first: Orders = word.recv()
    maillog.configure(*first.log)
    limits = _within_reach(first.frame.limits, len(first.sockets))
    first = replace(first, frame=replace(first.frame, limits=limits))
    asyncio.run(_stand(first, FarStore(Connection(requests)), word))


def _within_reach(limits: Limits, listeners: int) -> Limits:
    """Let this process open as many files as its clients may need; where the system allows fewer, fewer may connect.

    Short of files, accept() fails for all, and each time for as many as wait: hundreds of lines of the log a second.
    """
    wanted = limits.max_connections + limits.backlog * listeners + OTHER_FILES
    files = _may_open(wanted)
    if files >= wanted:
        return limits
    room = max(files - OTHER_FILES, 2 * listeners)
    backlog = min(limits.backlog, room // 2 // listeners)
    most = min(limits.max_connections, room - backlog * listeners)
    if most < limits.max_connections:
        maillog.fewer_connections(most, limits.max_connections, files, wanted)
    return replace(limits, max_connections=most, backlog=backlog)


def _may_open(files: int) -> int:
    """Return how many files this process may open: so many, if the system allows it."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft, hard = (sys.maxsize if one == resource.RLIM_INFINITY else one for one in allowed)
    most = min(files, hard)
    if soft < most:
        with contextlib.suppress(OSError, ValueError):  # a filter of system calls (systemd's @resources) may forbid it
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, allowed[1]))
            return most
    return soft


async def _stand(first: Orders, store: "FarStore", word: Pipe) -> None:
    told = _Told(first.house)
    door = Door(first.frame, store.ask, lambda: told.house)
    await door.open([Bound(socket(fileno=number), *kind) for number, *kind in first.sockets])
    gc.freeze()  # what was loaded stays
    asyncio.get_running_loop().add_reader(word.fileno(), told.listen, word)
    word.send("listening")
    await told.to_leave.wait()
    await door.close()
    word.send("gone")


@dataclass
class _Told:
    """What the daemon said last."""

    house: House
    to_leave: asyncio.Event = field(default_factory=asyncio.Event)

    def listen(self, word: Pipe) -> None:
        try:
            said = word.recv()
        except EOFError:  # the daemon is dead
            os._exit(1)
        if said is None:
            self.to_leave.set()
        elif said == PING:
            word.send(PING)
        else:
            self.house = said


class _Waiting(NamedTuple):
    request: Request
    size_bytes: int
    answered: "asyncio.Future[Any]"


class FarStore:
    """The store as the receiver knows it: what gathers while the last requests are dealt with goes together."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._waiting: SimpleQueue[_Waiting] = SimpleQueue()
        threading.Thread(target=self._run, name="pipe", daemon=True).start()

    async def ask(self, name: str, **values: Any) -> Any:
        """Return what the store answers, when it is durable.

        Raises:
            NoSpace, NotKept: nothing was kept.
        """
        answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        size = sum(len(value) for value in values.values() if isinstance(value, bytes))
        self._waiting.put(_Waiting((name, values), size, answered))
        return await answered

    def _run(self) -> None:
        try:
            while True:
                self._exchange(self._next_batch())
        except Exception as error:
            if not isinstance(error, EOFError | OSError):  # then the daemon is dead
                maillog.refused_for_now(error)
        os._exit(1)  # nobody keeps a mail any more, and no client need wait for it

    def _exchange(self, batch: list[_Waiting]) -> None:
        """Send what is still wanted; the loop is woken once for all the answers."""
        batch = [one for one in batch if not one.answered.cancelled()]
        if batch:
            self._pipe.send([one.request for one in batch])
            answers = self._pipe.recv()
            with contextlib.suppress(RuntimeError):  # the loop is closed: we were told to leave, and nobody waits
                batch[0].answered.get_loop().call_soon_threadsafe(_tell, batch, answers)

    def _next_batch(self) -> list[_Waiting]:
        batch = [self._waiting.get()]
        size = batch[0].size_bytes
        while len(batch) < BATCH and size < BATCH_BYTES:
            try:
                batch.append(self._waiting.get_nowait())
            except Empty:
                break
            size += batch[-1].size_bytes
        return batch


def _tell(batch: list[_Waiting], answers: list[Answer]) -> None:
    for one, (result, error) in zip(batch, answers, strict=True):
        if one.answered.done():  # cancelled: nobody waits any more
            continue
        if error is None:
            one.answered.set_result(result)
        else:
            one.answered.set_exception(error)


if __name__ == "__main__":
    from maild import receiver  # what is pickled there is of this module, not of __main__

    receiver.main(*map(int, sys.argv[1:]))
