"""How fast mails are taken, against a bare aiosmtpd that stores nothing, in the same run.

    python tests/bench/smtp_accept.py [ROUNDS]

Server and client are processes of their own.  Ours gives every mail to a store that answers at once, so
that the figures compare the protocol alone.  Rounds alternate; what is printed is the median of each and
the median of the ratios of the rounds.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

CASES = (  # name, octets, connections, mails
    ("5 KB, 10 connections", 5_000, 10, 3000),
    ("5 KB, 50 connections", 5_000, 50, 3000),
    ("1 MB, 10 connections", 1_000_000, 10, 60),
)


async def serve(which: str) -> None:
    port = await (_bare() if which == "aiosmtpd" else _maild())
    print(port, flush=True)
    await asyncio.Event().wait()


async def _bare() -> int:
    import logging

    from aiosmtpd.smtp import SMTP

    logging.getLogger("mail.log").setLevel(logging.ERROR)

    class Sink:
        async def handle_DATA(self, *_: object) -> str:
            return "250 OK"

    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Sink(), loop=loop, hostname="sink"), "127.0.0.1", 0)
    return int(server.sockets[0].getsockname()[1])


async def _maild() -> int:
    from maild.inbound.connections import Limits
    from maild.inbound.smtp import Face, Hooks, serve
    from maild.inbound.upload import Arrival
    from maild.message.model import Envelope

    async def accept(_envelope: Envelope, _arrival: Arrival) -> str:
        return "1"

    async def put_chunk(_transfer: str, _sequence: int, _piece: bytes) -> None:
        return None

    limits = Limits(max_connections_per_ip=200)
    listener = await serve("127.0.0.1:0", Hooks(lambda *_: None, accept, put_chunk), limits, Face("sink.example"))
    return listener.port


class Client(asyncio.Protocol):
    """Says the same mail again and again, one command after the other, as most clients do."""

    def __init__(self, mail: bytes, left: list[int], done: "asyncio.Future[None]") -> None:
        self.script = (b"MAIL FROM:<a@b.example>\r\n", b"RCPT TO:<x@sink.example>\r\n", b"DATA\r\n", mail)
        self.step, self.left, self.done, self.heard = -2, left, done, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.heard += data
        last = self.heard[self.heard.rfind(b"\r\n", 0, -2) + 2 if self.heard.count(b"\r\n") > 1 else 0 :]
        if not self.heard.endswith(b"\r\n") or last[3:4] == b"-":
            return
        assert self.heard[:1] in b"23", self.heard
        self.heard = b""
        self.step += 1
        if self.step == -1:
            self.transport.write(b"EHLO client.example\r\n")  # type: ignore[attr-defined]
            return
        if self.step % 4 == 0:
            if not self.left[0]:
                self.transport.close()
                if not self.done.done():
                    self.done.set_result(None)
                return
            self.left[0] -= 1
        self.transport.write(self.script[self.step % 4])  # type: ignore[attr-defined]


async def send(port: int, size: int, connections: int, mails: int) -> None:
    line = b"x" * 76 + b"\r\n"
    mail = b"Subject: bench\r\nMessage-ID: <1@b.example>\r\n\r\n" + line * (size // 78) + b".\r\n"
    loop, left = asyncio.get_running_loop(), [mails]
    waits = []
    begin = time.perf_counter()
    for _ in range(connections):
        waits.append(loop.create_future())
        await loop.create_connection(lambda: Client(mail, left, waits[-1]), "127.0.0.1", port)
    await asyncio.gather(*waits)
    print(time.perf_counter() - begin)


def measure(which: str, size: int, connections: int, mails: int) -> tuple[float, float]:
    """Return mails a second, and the server's microseconds of CPU for each."""
    me = [sys.executable, __file__]
    server = subprocess.Popen([*me, "serve", which], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        before = _cpu_seconds(server.pid)
        words = [*me, "send", port, str(size), str(connections), str(mails)]
        seconds = float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
        return mails / seconds, (_cpu_seconds(server.pid) - before) / mails * 1e6
    finally:
        server.terminate()
        server.wait()


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    for name, size, connections, mails in CASES:
        results = {"aiosmtpd": [], "maild": []}  # type: dict[str, list[tuple[float, float]]]
        for _ in range(rounds):
            for which, found in results.items():
                found.append(measure(which, size, connections, mails))
        ratios = [ours[0] / bare[0] for ours, bare in zip(results["maild"], results["aiosmtpd"], strict=True)]
        rates = {which: statistics.median(rate for rate, _ in found) for which, found in results.items()}
        costs = {which: statistics.median(cost for _, cost in found) for which, found in results.items()}
        print(
            f"{name}: aiosmtpd {rates['aiosmtpd']:.0f}/s ({costs['aiosmtpd']:.0f} us), maild {rates['maild']:.0f}/s "
            f"({costs['maild']:.0f} us), ratio {statistics.median(ratios):.2f} [{min(ratios):.2f}-{max(ratios):.2f}]"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(sys.argv[2]))
    elif sys.argv[1:2] == ["send"]:
        asyncio.run(send(*map(int, sys.argv[2:6])))
    else:
        main()
