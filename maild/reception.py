"""The daemon's side of the receiver: binds the sockets, starts the process, and keeps what comes from it.

A Python process does one thing at a time; with a receiver of its own, a client that brings a mail does not wait for one
that is being decided on.  If the receiver dies, the daemon ends, and systemd starts both.
"""

import asyncio
import contextlib
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from datetime import datetime
from functools import partial
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from maild import maillog, receiver
from maild.door import Bound, Frame, NotKept
from maild.inbound import sockets
from maild.inbound.connections import Limits
from maild.inbound.hooks import NoSpace
from maild.receiver import Answer, Orders, Request
from maild.site.settings import Settings
from maild.store import agents, intake, pieces
from maild.store.write import Store, is_outage, said
from maild.ticket.house import House

# What a receiver may ask of the store.
WORKS: dict[str, Callable[..., Any]] = {
    "put": intake.put,
    "put_chunk": pieces.put,
    "password_hash": agents.password_hash,
}
IMPLICIT_TLS = "465"  # 465, and 2465 where only high ports may be opened
PING_SECONDS = 30.0
STOP_SECONDS = 25.0  # mails that are arriving may arrive; then the connections are cut
HERE = str(Path(__file__).parents[1])  # the receiver is of this very program, wherever we were started
DIED = "the receiver died; its last words are above"


class ReceiverDied(Exception):
    """Nobody stands at the door any more."""


class Reception:
    """The receiver, as the daemon knows it; `open` begins it, and `close` ends it."""

    def __init__(self, settings: Settings, store: Store, house: House, wake: Callable[[], None]) -> None:
        self._settings = settings
        self._store = store
        self._house = house
        self._wake = wake
        self._process: asyncio.subprocess.Process | None = None
        self._talking = asyncio.Lock()
        self._saying = threading.Lock()
        self.ports: list[int] = []

    @property
    def where(self) -> str:
        return ", ".join(f"port {port}" for port in self.ports) or "nothing"

    async def open(self) -> None:
        """Bind the sockets, and return when the receiver listens on them.

        Raises:
            CannotListen: an address cannot be bound.
            Unusable: nobody could be shown our certificate.
            ReceiverDied: it did not come so far.
        """
        if self._settings.certificate:
            self._settings.certificate.context()
        bound = await bind(self._settings)
        if not bound:
            return
        names = (one.sock.getsockname() for one in bound)
        self.ports = [name[1] for name in names if isinstance(name, tuple)]  # none for a socket in the file system
        requests, theirs = Pipe()
        self._word, their_word = Pipe()
        numbers = (theirs.fileno(), their_word.fileno())
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", receiver.__name__, *map(str, numbers)),
            pass_fds=(*numbers, *(one.sock.fileno() for one in bound)),
            stdin=asyncio.subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (HERE, os.environ.get("PYTHONPATH"))))},
        )
        orders = self._orders(bound)
        theirs.close()  # if the receiver dies, nobody else holds its end
        their_word.close()
        for one in bound:
            one.sock.close()
        threading.Thread(target=self._answer, args=(requests,), name="reception", daemon=True).start()
        await self._exchange(orders)

    def doubt(self, now: datetime) -> str:
        """Return why clients do not believe our certificate, or soon will not; "" where nothing is shown to anybody."""
        certificate = self._settings.certificate
        return certificate.wrong(now) if certificate and self._process is not None else ""

    async def answers(self) -> None:
        """Return when the receiver has shown that it still listens to us, and so to its clients.

        Raises:
            ReceiverDied: it has not for half a minute.
        """
        if self._process is not None:
            try:
                await asyncio.wait_for(self._exchange(receiver.PING), PING_SECONDS)
            except TimeoutError:
                raise ReceiverDied("the receiver answers nothing any more") from None

    def tell(self, house: House) -> None:
        """Let the receiver know who we are now: agents, queues and keys."""
        if self._process is not None and house is not self._house:
            with contextlib.suppress(OSError):  # it is dead, and `ended` tells
                self._say(house)
        self._house = house

    async def ended(self) -> None:
        """Wait for the end of the process, for ever where there is none.

        Raises:
            ReceiverDied: nobody had told it to end.
        """
        if self._process is None:
            await asyncio.Event().wait()
        else:
            await self._process.wait()
            raise ReceiverDied(DIED)

    async def close(self) -> None:
        """Stop listening; let mails that are arriving arrive."""
        if self._process is None:
            return
        with contextlib.suppress(OSError, TimeoutError, ReceiverDied):  # it is gone, or must go now
            await asyncio.wait_for(self._exchange(None), STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    def _orders(self, sockets: Sequence[Bound]) -> Orders:
        site, found = self._settings.site, self._settings.smtp
        limits = Limits(found.max_message_bytes, found.max_connections, found.max_connections_per_ip)
        return Orders(
            Frame(site.domain, site.var, limits, found.trusted_relays, self._settings.certificate),
            tuple((one.sock.fileno(), one.submission, one.implicit_tls) for one in sockets),
            self._house,
            maillog.configured(),
        )

    async def _exchange(self, said: object) -> None:
        """Say something, and wait for the answer."""
        async with self._talking:
            try:
                await asyncio.to_thread(self._say, said)
                await asyncio.to_thread(self._word.recv)
            except (EOFError, OSError):
                raise ReceiverDied(DIED) from None

    def _say(self, said: object) -> None:
        with self._saying:
            self._word.send(said)

    def _answer(self, requests: receiver.Pipe) -> None:
        """Give the store what comes over the pipe, until its other end is gone; without us, the receiver ends."""
        with contextlib.suppress(EOFError, OSError), requests:
            while True:
                requests.send(self._kept(requests.recv()))
                self._wake()

    def _kept(self, requests: list[Request]) -> list[Answer]:
        """Return what came of some requests, when all that could be kept is durable."""
        futures = [self._store.submit(partial(WORKS[name], **values)) for name, values in requests]
        wait(futures)  # once, and not to be woken for each
        return [_outcome(one) for one in futures]


def _outcome(future: "Future[Any]") -> Answer:
    try:
        return future.result(), None
    except Exception as error:
        return None, _as_told(error)


def _as_told(error: Exception) -> Exception:
    """Return why the store kept nothing, as listeners know it: a driver's own error may not be one that can be sent."""
    if isinstance(error, DBAPIError | sqlite3.Error) and "full" in str(error).lower():
        return NoSpace("the database's disk is full")
    return NotKept(said(error) if is_outage(error) else f"{type(error).__name__}: {error}")


async def bind(settings: Settings) -> list[Bound]:
    """Return the sockets that systemd opened, else those that the settings name.

    Agents hand in theirs (RFC 6409) with TLS from the first byte or before the password (RFC 8314 section 3.3).

    Raises:
        CannotListen: an address cannot be bound.
    """
    found = settings.smtp
    handed = [Bound(sock) for sock in sockets.of_systemd("smtp")]
    bound = handed or [Bound(sock) for where in found.listen for sock in await sockets.bound(where)]
    if not (found.tls_cert and found.tls_key):
        return bound
    handed = [Bound(sock, submission=True) for sock in sockets.of_systemd("submission")]
    handed += [Bound(sock, submission=True, implicit_tls=True) for sock in sockets.of_systemd("submissions")]
    if not handed:
        for where in found.submission:
            handed += [Bound(sock, True, where.endswith(IMPLICIT_TLS)) for sock in await sockets.bound(where)]
    return bound + handed
