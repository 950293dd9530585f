"""Those who mean harm to a running daemon, at full size; in a process of its own, so that only the daemon is measured.

python -m tests.bench.abusers NAME SECONDS PORT SUBMISSION IMPLICIT HTTP
"""

import asyncio
import base64
import contextlib
import itertools
import ssl
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass

from tests.bombs import BOMBS, HEAD, PLAIN

EHLO = b"EHLO flood.example\r\n"
BEGIN = EHLO + b"MAIL FROM:<mallory@flood.example>\r\nRCPT TO:<support@example.com>\r\nDATA\r\n"
PIECE = b"x" * 65_536
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
TROUBLE = (OSError, TimeoutError, asyncio.IncompleteReadError)


@dataclass(frozen=True)
class Ports:
    smtp: int
    submission: int
    implicit: int
    http: int


Abuser = Callable[[Ports, float], Coroutine[None, None, None]]


def addresses(count: int) -> list[str]:
    return [f"127.0.{1 + n // 200}.{1 + n % 200}" for n in range(count)]


async def _connect(port: int, local: str) -> Streams:
    return await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port, local_addr=(local, 0)), 10)


async def _repeat(until: float, deed: Callable[[], Awaitable[None]]) -> None:
    """Do it again until the time is over, whatever comes of it; a pause where it failed at once."""
    while time.monotonic() < until:
        try:
            await deed()
        except TROUBLE:
            await asyncio.sleep(0.05)


async def _hold(port: int, local: str, first: bytes, drop: bytes, until: float) -> None:
    async def once() -> None:
        _, writer = await _connect(port, local)
        with contextlib.closing(writer):
            writer.write(first)
            while time.monotonic() < until:
                await asyncio.sleep(1)
                if writer.transport.is_closing():
                    return
                writer.write(drop)
                await writer.drain()

    await _repeat(until, once)


async def _together(deeds: "list[Awaitable[None]]") -> None:
    await asyncio.gather(*deeds)


# ---- connections ----------------------------------------------------------------------------------


def thousand(port: str, first: bytes, drop: bytes) -> Abuser:
    """Connections that are kept for as long as we are let: they say something, then a little each second."""

    async def hold(ports: Ports, until: float) -> None:
        to = getattr(ports, port)
        await _together([_hold(to, one, first, drop, until) for one in addresses(50) for _ in range(20)])

    return hold


async def flood(ports: Ports, until: float) -> None:
    """One address opens connections as fast as it can."""

    async def once() -> None:
        reader, writer = await _connect(ports.smtp, "127.0.1.1")
        with contextlib.closing(writer):
            await asyncio.wait_for(reader.read(100), 10)

    await _together([_repeat(until, once) for _ in range(100)])


async def http_flood(ports: Ports, until: float) -> None:
    async def once() -> None:
        reader, writer = await _connect(ports.http, "127.0.1.1")
        with contextlib.closing(writer):
            writer.write(b"GET /metrics HTTP/1.0\r\n\r\n")
            await asyncio.wait_for(reader.read(), 10)

    await _together([_repeat(until, once) for _ in range(100)])


# ---- one client's conversation --------------------------------------------------------------------


async def harvest(ports: Ports, until: float) -> None:
    numbers = itertools.count()

    async def once() -> None:
        reader, writer = await _connect(ports.smtp, "127.0.1.1")
        with contextlib.closing(writer):
            writer.write(EHLO + b"MAIL FROM:<mallory@flood.example>\r\n")
            for _ in range(1000):
                writer.write(b"RCPT TO:<support+guess%d@example.com>\r\n" % next(numbers))
            await asyncio.wait_for(reader.read(), 10)

    await _together([_repeat(until, once) for _ in range(20)])


async def guess_passwords(ports: Ports, until: float) -> None:
    """Known users and others, from many addresses."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    numbers = itertools.count()

    async def once(local: str) -> None:
        reader, writer = await asyncio.wait_for(
            asyncio.open_connection("127.0.0.1", ports.implicit, local_addr=(local, 0), ssl=context), 30
        )
        with contextlib.closing(writer):
            writer.write(EHLO)
            for _ in range(3):
                guess = base64.b64encode(b"\0you\0guess%d" % next(numbers))
                writer.write(b"AUTH PLAIN " + guess + b"\r\n")
            while await asyncio.wait_for(reader.read(1000), 60):
                pass

    await _together([
        _repeat(until, lambda local=one: once(local)) for one in addresses(50) for _ in range(4)  # type: ignore[misc]
    ])  # fmt: skip


def broken_off(count: int, size: int) -> Abuser:
    """Mails without a line end, some at once, each hung up before its end."""

    async def pour(ports: Ports, until: float) -> None:
        async def once() -> None:
            _, writer = await _connect(ports.smtp, "127.0.1.1")
            with contextlib.closing(writer):
                writer.write(BEGIN + HEAD + PLAIN + b"\r\n")
                await _pour(writer, size)

        await _together([_repeat(until, once) for _ in range(count)])

    return pour


async def _pour(writer: asyncio.StreamWriter, size: int) -> None:
    for _ in range(size // len(PIECE)):
        if writer.transport.is_closing():
            return
        writer.write(PIECE)
        await writer.drain()


async def storm(ports: Ports, until: float) -> None:
    """Mail after mail of one sender."""

    async def once() -> None:
        await _send(ports, HEAD + PLAIN + b"\r\nHello\r\n")

    await _together([_repeat(until, once) for _ in range(10)])


# ---- mails ----------------------------------------------------------------------------------------


async def _send(ports: Ports, raw: bytes) -> None:
    reader, writer = await _connect(ports.smtp, "127.0.1.1")
    with contextlib.closing(writer):
        writer.write(BEGIN)
        while not (line := await asyncio.wait_for(reader.readline(), 10)).startswith(b"354"):
            if not line:
                raise ConnectionError("sent away")
        writer.write(raw.replace(b"\r\n.", b"\r\n..") + b".\r\nQUIT\r\n")
        await asyncio.wait_for(reader.read(), 60)


def bomb(name: str) -> Abuser:
    """One after the other, as fast as they are taken, with a new Message-ID each."""

    async def throw(ports: Ports, until: float) -> None:
        raw, numbers = BOMBS[name](), itertools.count()
        await _repeat(until, lambda: _send(ports, b"Message-ID: <%d@flood.example>\r\n" % next(numbers) + raw))

    return throw


ABUSERS: dict[str, Abuser] = {
    "1,000 slow commands": thousand("smtp", first=b"", drop=b"x"),
    "1,000 slow mails": thousand("smtp", first=BEGIN, drop=b"x"),
    "1,000 idle": thousand("smtp", first=b"", drop=b""),
    "1,000 idle before TLS": thousand("implicit", first=b"", drop=b""),
    "connection flood, one address": flood,
    "http flood": http_flood,
    "guesses of addresses": harvest,
    "guesses of passwords": guess_passwords,
    "300 MB without a line end": broken_off(5, 300_000_000),
    "20 large mails broken off": broken_off(20, 30_000_000),
    "mails of one sender": storm,
} | {name: bomb(name) for name in BOMBS}


def main() -> None:
    name, seconds, *ports = sys.argv[1:]
    asyncio.run(_act(name, Ports(*map(int, ports)), time.monotonic() + float(seconds)))


async def _act(name: str, ports: Ports, until: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(ABUSERS[name](ports, until), until - time.monotonic() + 1)


if __name__ == "__main__":
    main()
