"""SMTP clients in a process of their own: a load that costs the server little."""

import asyncio
import multiprocessing
import time
from collections.abc import Sequence
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
    tell.send(time.monotonic())
    asyncio.run(_all(port, mails, connections))


async def _all(port: int, mails: list[bytes], connections: int) -> None:
    await asyncio.gather(*(_client(port, mails[n::connections]) for n in range(connections)))


async def _client(port: int, mails: Sequence[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def says(code: bytes) -> None:
        while True:
            line = await reader.readline()
            if not line.startswith(code):
                raise RuntimeError(line)
            if line[3:4] == b" ":
                return

    await says(b"220")
    writer.write(b"EHLO bench.example\r\n")
    await says(b"250")
    for mail in mails:
        sender = mail.split(b"From: ", 1)[1].split(b"<", 1)[1].split(b">", 1)[0]
        writer.write(b"MAIL FROM:<" + sender + b">\r\nRCPT TO:<support@example.com>\r\nDATA\r\n")
        await says(b"250")
        await says(b"250")
        await says(b"354")
        writer.write(mail + b"\r\n.\r\n")
        await says(b"250")
    writer.write(b"QUIT\r\n")
    await says(b"221")
    writer.close()
