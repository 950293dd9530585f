"""SMTP clients in a process of their own: a load that costs little, for it runs on the server's processors."""

import asyncio
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection


def send_all(port: int, mails: Sequence[bytes], connections: int = 50) -> float:
    """Send mails over some connections until the last 250 has come; return when it began, by time.monotonic."""
    context = multiprocessing.get_context("spawn")
    told, tell = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(port, list(mails), connections, tell))
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError("the clients failed")
    return float(told.recv())


def _run(port: int, mails: list[bytes], connections: int, tell: Connection) -> None:
    scripts = [list(_script(mails[n::connections])) for n in range(connections)]
    tell.send(time.monotonic())
    asyncio.run(_all(port, scripts))


def _script(mails: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the first digits of the replies that a client waits for, and what it says then."""
    yield b"2", b"EHLO bench.example\r\n"
    for mail in mails:
        sender = mail.split(b"From: ", 1)[1].split(b"<", 1)[1].split(b">", 1)[0]
        yield b"2", b"MAIL FROM:<" + sender + b">\r\nRCPT TO:<support@example.com>\r\nDATA\r\n"
        yield b"223", mail + b"\r\n.\r\n"
    yield b"2", b"QUIT\r\n"


async def _all(port: int, scripts: Sequence[list[tuple[bytes, bytes]]]) -> None:
    loop = asyncio.get_running_loop()
    clients = [_Client(script, loop.create_future()) for script in scripts]
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*(client.done for client in clients))


class _Client(asyncio.Protocol):
    """Says its script, a step whenever all replies to the last one have come."""

    def __init__(self, script: list[tuple[bytes, bytes]], done: "asyncio.Future[None]") -> None:
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
