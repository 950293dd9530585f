"""How fast mails are taken, each answered with 250: against servers that keep nothing, and Postfix that queues them.

    python -m tests.bench.smtp_accept [ROUNDS]

Ours is the door of a site with its store: 250 means that the mail is in the database, durable.  A bare aiosmtpd and
smtp-sink of Postfix keep nothing; Postfix itself writes each mail into its queue, durable, and sends none.  Servers and
client are processes of their own, the client is the same for all; rounds alternate.
"""

import asyncio
import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.line import LIMITS
from tests.bench.load import one_by_one, send_all
from tests.bench.table import Row, compared, left_out, show, told_rounds
from tests.running import free_port, make_site
from tests.servers import postfix
from tests.servers.postfix import Postfix

CASES = (  # name, octets, connections, mails, what it must be against aiosmtpd
    ("250 after a durable commit, 5 KB, 10 connections", 5_000, 10, 3000, "≥ 0.7 ×"),
    ("250 after a durable commit, 5 KB, 50 connections", 5_000, 50, 3000, "≥ 0.7 ×"),
    ("250 after a durable commit, 1 MB, 10 connections", 1_000_000, 10, 60, "≥ 4 ×"),
)
AIOSMTPD, SINK, POSTFIX, OURS = (
    "a bare aiosmtpd that keeps nothing",
    "smtp-sink, which keeps nothing",
    "Postfix queueing",
    "maild",
)
AIMS = {POSTFIX: "aim 1 ×", SINK: "–"}


@contextmanager
def maild(folder: Path) -> Iterator[int]:
    with serving(str(make_site(folder / "site", 0, more=LIMITS))) as (_, port):
        yield port


@contextmanager
def bare(_folder: Path) -> Iterator[int]:
    with serving() as (_, port):
        yield port


@contextmanager
def serving(*site: str) -> Iterator[tuple[int, int]]:
    """Be the door of a site, or a bare aiosmtpd, in a process of its own: which, and at what port."""
    me = [sys.executable, "-m", "tests.bench.smtp_accept", "serve", *site]
    server = subprocess.Popen(me, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        yield server.pid, int(server.stdout.readline())
    finally:
        server.terminate()
        server.wait()


@contextmanager
def sink(_folder: Path) -> Iterator[int]:
    port = free_port()
    server = subprocess.Popen(["smtp-sink", "-u", "nobody", f"127.0.0.1:{port}", "1000"], stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        yield port
    finally:
        server.terminate()
        server.wait()


@contextmanager
def queueing(folder: Path) -> Iterator[int]:
    folder.chmod(0o755)
    (folder / "postfix").mkdir()
    settings = "defer_transports = smtp\nmessage_size_limit = 36700160\n"
    with Postfix.started(folder / "postfix", settings) as server:
        yield server.port


SERVERS: dict[str, Callable[[Path], contextlib.AbstractContextManager[int]]] = {
    AIOSMTPD: bare,
    SINK: sink,
    POSTFIX: queueing,
    OURS: maild,
}


async def serve(site: str = "") -> None:
    """Be the door of a site, or the bare aiosmtpd; print the port."""
    print(await (_door(site) if site else _bare()), flush=True)
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


async def _door(site: str) -> int:
    from maild import maillog
    from maild.opened import open_for_work
    from maild.reception import Reception

    maillog.configure()
    opened = open_for_work(Path(site))
    reception = Reception(opened.settings, opened.store, opened.office.house, lambda: None)
    await reception.open()
    return reception.ports[0]


def measure(which: str, size: int, connections: int, mails: int) -> float:
    """Return mails a second."""
    mail = b"From: <a@b.example>\r\nSubject: bench\r\n\r\n" + b"\r\n".join([b"x" * 76] * (size // 78))
    folder = Path(tempfile.mkdtemp(prefix="maild-bench-"))
    try:
        with SERVERS[which](folder) as port:
            return mails / send_all(port, [mail] * mails, connections, one_by_one).seconds  # each without an id is new
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def rows(rounds: int = 5) -> Iterator[Row]:
    absent = {POSTFIX: postfix.why_not(), SINK: "" if shutil.which("smtp-sink") else "apt-get install postfix"}
    for name, size, connections, mails, must in CASES:
        found: dict[str, list[float]] = {which: [] for which in SERVERS if not absent.get(which)}
        for _ in told_rounds(rounds, name):
            for which, rates in found.items():
                rates.append(measure(which, size, connections, mails))
        for which in (AIOSMTPD, POSTFIX, SINK):
            if which in found:
                yield compared(name, which, AIMS.get(which, must), found[OURS], found[which])
            else:
                yield left_out(name, f"{which}: {absent[which]}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(*sys.argv[2:]))
    else:
        show(rows(*map(int, sys.argv[1:2])))
