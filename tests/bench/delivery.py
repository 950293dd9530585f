"""Queued mails to a sink on the same machine: against a bare client that says the same bytes and keeps nothing.

    python -m tests.bench.delivery [MAILS] [ROUNDS]

The outbox is filled by real tickets (an acknowledgement and a notification each); maild then sends, and writes
what came of each mail.  The bare client knows the mails already and speaks on as many connections.
"""

import asyncio
import multiprocessing
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.line import LIMITS, work_off
from tests.bench.table import Row, compared, show, told_rounds
from tests.running import free_port, make_site

CONNECTIONS = 4


class Sink:
    """An SMTP server that takes everything and keeps nothing."""

    async def client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        try:
            while verb := (await reader.readline())[:4].upper():
                if verb == b"EHLO":
                    writer.write(b"250-sink\r\n250-PIPELINING\r\n250 SIZE\r\n")
                elif verb == b"DATA":
                    writer.write(b"354 go on\r\n")
                    await reader.readuntil(b"\r\n.\r\n")
                    writer.write(b"250 2.0.0 taken\r\n")
                elif verb == b"QUIT":
                    break
                else:
                    writer.write(b"250 2.0.0 ok\r\n")
        finally:
            writer.close()

    @classmethod
    def run(cls, port: int) -> None:
        async def main() -> None:
            server = await asyncio.start_server(cls().client, "127.0.0.1", port, limit=1 << 24)
            await server.serve_forever()

        asyncio.run(main())


def send_from(site: Path, count: int) -> None:
    """File mails, then send what they led to; prints the rate of the sending."""
    from maild import maillog
    from maild.daemon import Daemon
    from maild.opened import open_for_work

    maillog.configure()
    opened = open_for_work(site)
    daemon = Daemon(opened, dns_too=False)

    async def rounds() -> float:
        began = time.perf_counter()
        sent = 0
        while done := await daemon.delivery.round(daemon.now):
            sent += done
        assert sent == 2 * count, sent
        await daemon.sender.close()
        return 2 * count / (time.perf_counter() - began)

    rate = asyncio.run(rounds())
    daemon.workers.close()
    opened.close()
    print(rate)


def by_maild(folder: Path, port: int, count: int) -> float:
    site = make_site(folder / "site", 0, more=LIMITS + "\n[workers]\nprocesses = 0\n")
    work_off(site, count)
    path = site / "maild.toml"
    path.write_text(path.read_text().replace("maildir:var/outgoing", f"smtp://127.0.0.1:{port}"))
    code = [sys.executable, "-m", "tests.bench.delivery", "--send", str(site), str(count)]
    done = subprocess.run(code, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def bare(port: int, count: int) -> float:
    """The same commands, said at once, and about as many bytes, on as many connections, by a client of nothing else."""
    sizes = (1500, 12_000)  # an acknowledgement, a notification with the customer's text twice

    async def one(numbers: range) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reader.readline()
        writer.write(b"EHLO bare\r\n")
        while (await reader.readline())[3:4] == b"-":
            pass
        for n in numbers:
            writer.write(b"MAIL FROM:<b@bench.example>\r\nRCPT TO:<u@bench.example>\r\nDATA\r\n")
            for _ in range(3):
                await reader.readline()
            writer.write((b"x" * 70 + b"\r\n") * (sizes[n % 2] // 72) + b".\r\n")
            await reader.readline()
        writer.write(b"QUIT\r\n")

    async def main() -> float:
        began = time.perf_counter()
        await asyncio.gather(*(one(range(n, 2 * count, CONNECTIONS)) for n in range(CONNECTIONS)))
        return 2 * count / (time.perf_counter() - began)

    return asyncio.run(main())


def rows(count: int = 1000, rounds: int = 5) -> Iterator[Row]:
    port = free_port()
    sink = multiprocessing.get_context("spawn").Process(target=Sink.run, args=(port,), daemon=True)
    sink.start()
    time.sleep(1)
    ours: list[float] = []
    floor: list[float] = []
    for _ in told_rounds(rounds, "sending"):
        folder = Path(tempfile.mkdtemp(prefix="maild-bench-"))
        try:
            ours.append(by_maild(folder, port, count))
            floor.append(bare(port, count))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    sink.terminate()
    what = "sending to a sink, what came of each mail written"
    yield compared(what, "a bare client that keeps nothing", "≥ 1,000/s", ours, floor)


def main() -> None:
    if sys.argv[1:2] == ["--send"]:
        send_from(Path(sys.argv[2]), int(sys.argv[3]))
        return
    show(rows(*map(int, sys.argv[1:3])))


if __name__ == "__main__":
    main()
