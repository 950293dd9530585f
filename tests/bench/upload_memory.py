"""How much memory twenty uploads of 30 MB at once take, in the receiver and in who keeps what comes from it.

python -m tests.bench.upload_memory [ROUNDS]
"""

import asyncio
import base64
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.smtp_accept import serving
from tests.bench.table import Row, alone, show, told_rounds
from tests.running import make_site, memory_mb, of_family

UPLOADS, MEGABYTES = 20, 30
HEAD = b"Subject: large\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
CODED = b"Content-Transfer-Encoding: base64\r\n\r\n"


async def upload(port: int, megabytes: int, together: asyncio.Barrier) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()
    for command in (b"HELO client.example", b"MAIL FROM:<a@b.example>", b"RCPT TO:<support@example.com>", b"DATA"):
        writer.write(command + b"\r\n")
        await reader.readline()
    await together.wait()
    line = (b"x" * 76 + b"\r\n") * 1681  # 128 KiB
    for _ in range(megabytes * 8):
        writer.write(line)
        await writer.drain()
    writer.write(b".\r\n")
    reply = (await reader.readline()).decode().strip()
    writer.close()
    return reply


async def send(port: int, uploads: int, megabytes: int) -> list[str]:
    together = asyncio.Barrier(uploads)
    return await asyncio.gather(*(upload(port, megabytes, together) for _ in range(uploads)))


def measure(uploads: int = UPLOADS, megabytes: int = MEGABYTES) -> dict[str, float]:
    """Return the peaks in MB when all have been told 250; nothing is filed meanwhile."""
    with tempfile.TemporaryDirectory() as folder, serving(str(make_site(Path(folder) / "site", 0))) as (server, port):
        replies = asyncio.run(send(port, uploads, megabytes))
        assert all(reply.startswith("250") for reply in replies), replies
        peaks = [memory_mb(pid) for pid in of_family(server)]
        return {"receiver": max(peaks), "store": memory_mb(server)}


def rows(rounds: int = 5) -> Iterator[Row]:
    found = [measure() for _ in told_rounds(rounds, "memory under uploads")]
    for which in ("receiver", "store"):
        what = f"memory of the {which} under {UPLOADS} uploads of {MEGABYTES} MB at once"
        yield alone(what, "≤ 120 MB", [one[which] for one in found], " MB")
    me = [sys.executable, "-m", "tests.bench.upload_memory", "read"]
    peaks = [float(subprocess.run(me, check=True, capture_output=True, text=True).stdout) for _ in range(rounds)]
    yield alone(f"memory of a worker that reads a mail of {MEGABYTES} MB", "≤ 300 MB", peaks, " MB")


def read() -> None:
    """Read a large mail as a worker does; print the peak in MB."""
    from maild.deciding.reading import read_mail
    from maild.message.model import Envelope

    file = base64.encodebytes(os.urandom(MEGABYTES * 1_000_000 * 3 // 4)).replace(b"\n", b"\r\n")
    raw = HEAD + b"Hello\r\n--b\r\nContent-Type: application/zip; name=a.zip\r\n" + CODED + file + b"\r\n--b--\r\n"
    del file
    reading = read_mail(raw, Envelope("a@b.example", ("support@example.com",), datetime.now(UTC), "bench"))
    assert [one.filename for one in reading.message.attachments] == ["a.zip"]
    print(memory_mb(os.getpid()))


if __name__ == "__main__":
    if sys.argv[1:2] == ["read"]:
        read()
    else:
        show(rows(*map(int, sys.argv[1:2])))
