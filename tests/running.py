"""A real maild in a process of its own, on a free port."""

import contextlib
import re
import signal
import smtplib
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from maild.site import new
from tests.nursery import Process

PATIENCE_SECONDS = 90.0  # with a machine on which much else goes on; what comes sooner is not waited for
SETTINGS = """
[http]
listen = ""

[workers]
processes = 0

[limits]
domain = ["100000 per 1h"]
breaker = ["100000 per 1h"]
agent = ["100000 per 1h"]
"""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def make_site(
    folder: Path,
    port: int,
    url: str = "",
    more: str = SETTINGS,
    outgoing: str = "",
    agent_proof: str = "token",
) -> Path:
    """Write a site that listens on a port, with wide limits; what agents write leaves at once."""
    new.write_site(folder, "en", "example.com", agent_proof)
    queues = folder / "rules" / "10-desk.yaml"
    queues.write_text(queues.read_text().replace('signature: ""', 'signature: ""\n    undo: ""'))
    path = folder / "maild.toml"
    text = path.read_text().replace("127.0.0.1:2525", f"127.0.0.1:{port}")
    if outgoing:
        text = re.sub(r'url = "maildir:var/outgoing".*', f'url = "{outgoing}"', text)
    path.write_text(text + (f'\n[database]\nurl = "{url}"\n' if url else "") + more)
    return folder


class Daemon:
    """`maild serve`, or `tests.crash` or `tests.hasty` around it."""

    def __init__(
        self,
        site: Path,
        port: int,
        crash: tuple[str, int] | None = None,
        program: Sequence[str] = ("maild",),
        options: Sequence[str] = (),
        afresh: bool = False,
    ) -> None:
        """Begin it.

        Args:
            afresh: its own loading of maild counts, or what it does before that.
        """
        self.site, self.port = site, port
        how = program if crash is None else ["tests.crash", crash[0], str(crash[1])]
        self.log = (site / "var" / "log").open("ab")
        self._begins_at = self.log.tell()
        words = [*how, "serve", "--site", str(site), *options]
        self.process: Process | subprocess.Popen[bytes] = (
            subprocess.Popen([sys.executable, "-m", *words], stderr=self.log, stdout=self.log)
            if afresh
            else Process(words, self.log, self.log)
        )

    def wait_until_ready(self) -> bool:
        """Return False if the process ended before it listened.

        Its own word is waited for: the receiver of one that was killed may still be there for a moment.
        """
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            ended = self.process.poll() is not None
            if b"started" in (self.site / "var" / "log").read_bytes()[self._begins_at :]:
                return True  # even one that has died since, of a crash that a test ordered
            if ended:
                return False
            time.sleep(0.05)
        raise TimeoutError((self.site / "var" / "log").read_text()[-3000:])

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.log.close()

    def stop(self) -> int:
        """End it as systemd would; return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(PATIENCE_SECONDS)
        self.log.close()
        return status

    def log_text(self) -> str:
        return (self.site / "var" / "log").read_text()


@contextlib.contextmanager
def running(site: Path, port: int, afresh: bool = False) -> Iterator[Daemon]:
    one = Daemon(site, port, afresh=afresh)
    try:
        assert one.wait_until_ready(), one.log_text()[-3000:]
        yield one
    finally:
        if one.process.poll() is None:
            one.kill()


def of_family(pid: int) -> set[int]:
    """Return the processes that a process began, and those that they began."""
    found: set[int] = set()
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            found |= {child} | of_family(child)
    return found


def memory_mb(pid: int) -> float:
    """Return the most that a process has taken since it began, or since its peak was cleared."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 1024


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def rows(site: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Ask a site's SQLite database, whoever works on it."""
    with contextlib.closing(sqlite3.connect(site / "var" / "maild.db", timeout=10)) as db:
        return db.execute(query, values).fetchall()


def outgoing(site: Path) -> list[bytes]:
    """Return the mails that left a site which writes them into its own maildir, in no order."""
    return [path.read_bytes() for path in (site / "var" / "outgoing" / "new").glob("*")]


def maild(
    *arguments: str, check: bool = True, stdin: bytes = b"", program: Sequence[str] = ("maild",)
) -> subprocess.CompletedProcess[bytes]:
    """Run the command line, or a program of the tests around it."""
    with contextlib.ExitStack() as files:
        given, out, err = (files.enter_context(tempfile.TemporaryFile()) for _ in range(3))
        given.write(stdin)
        given.seek(0)
        status = Process([*program, *arguments], out, err, given).wait()
        for one in (out, err):
            one.seek(0)
        done = subprocess.CompletedProcess(arguments, status, out.read(), err.read())
    if check:
        assert done.returncode == 0, done.stderr.decode()
    return done


def mail(
    number: int,
    sender: str = "",
    text: str = "Hello",
    to: str = "support@example.com",
    more: str = "",
    date: datetime | None = None,
) -> bytes:
    """Return a mail of today, for a signature does not speak for what is old; the same each time."""
    sender = sender or f"customer{number}@customer.example"
    date = date or datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (
        f"From: Customer {number} <{sender}>\r\nTo: {to}\r\nSubject: Question {number}\r\n"
        f"Date: {format_datetime(date)}\r\nMessage-ID: <q{number}@customer.example>\r\n{more}\r\n{text}\r\n"
    ).encode()


def send(port: int, raw: bytes, sender: str, recipient: str = "support@example.com") -> bool:
    """Send one mail; return whether 250 was said."""
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            client.sendmail(sender, [recipient], raw)
            return True
    except (OSError, smtplib.SMTPException):
        return False


def wait_for(holds: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until a function returns something true."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds:.0f} seconds: {what}")
