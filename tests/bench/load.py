"""SMTP clients in a process of their own: a load that costs little, for it runs on the server's processors."""

import asyncio
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from typing import NamedTuple

Step = tuple[bytes, bytes]  # the first digits of the replies that a client waits for, and what it says then
Script = Callable[[Sequence[bytes]], Iterator[Step]]


class Sent(NamedTuple):
    """When it began, by time.monotonic, and how long it took until the last 250 had come."""

    began: float
    seconds: float


def pipelined(mails: Sequence[bytes]) -> Iterator[Step]:
    """Say all that may be said at once (RFC 2920)."""
    yield b"2", b"EHLO bench.example\r\n"
    for mail in mails:
        yield b"2", b"".join(_envelope(mail))
        yield b"223", mail + b"\r\n.\r\n"
    yield b"2", b"QUIT\r\n"


def one_by_one(mails: Sequence[bytes]) -> Iterator[Step]:
    """Say one command after the other, as most clients do."""
    yield b"2", b"EHLO bench.example\r\n"
    for mail in mails:
        yield from ((b"2", command) for command in _envelope(mail))
        yield b"3", mail + b"\r\n.\r\n"
    yield b"2", b"QUIT\r\n"


def _envelope(mail: bytes) -> tuple[bytes, ...]:
    sender = mail.split(b"From: ", 1)[1].split(b"<", 1)[1].split(b">", 1)[0]
    return b"MAIL FROM:<" + sender + b">\r\n", b"RCPT TO:<support@example.com>\r\n", b"DATA\r\n"


def send_all(port: int, mails: Sequence[bytes], connections: int = 50, script: Script = pipelined) -> Sent:
    """Send mails over some connections."""
    context = multiprocessing.get_context("spawn")
    told, tell = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(port, list(mails), connections, script, tell))
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError("the clients failed")
    return Sent(*told.recv())


def _run(port: int, mails: list[bytes], connections: int, script: Script, tell: Connection) -> None:
    scripts = [list(script(mails[n::connections])) for n in range(connections)]
    began = time.monotonic()
    asyncio.run(_all(port, scripts))
    tell.send((began, time.monotonic() - began))


async def _all(port: int, scripts: Sequence[list[Step]]) -> None:
    loop = asyncio.get_running_loop()
    clients = [_Client(script, loop.create_future()) for script in scripts]
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*(client.done for client in clients))


class _Client(asyncio.Protocol):
    """Says its script, a step whenever all replies to the last one have come."""

    def __init__(self, script: list[Step], done: "asyncio.Future[None]") -> None:
        self._script = iter(script)
        self._awaited, self._next = next(self._script)
        self._had = b""
        self.done = done

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._had += data
        if not self._had.endswith(b"\n"):
            return
        codes = b"".join(line[:1] for line in self._had.splitlines() if line[3:4] == b" ")
        if len(codes) < len(self._awaited):
            return
        if codes != self._awaited:
            self._fail(self._had)
            return
        self._had = b""
        self._transport.write(self._next)
        step = next(self._script, None)
        if step is None:
            self._transport.close()
            self.done.set_result(None)
        else:
            self._awaited, self._next = step

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self._fail(b"the connection was lost")

    def _fail(self, why: bytes) -> None:
        if not self.done.done():
            self.done.set_exception(RuntimeError(why))
        self._transport.close()
