"""A mail in, committed, a ticket, and two mails in the outbox, durable: against two peers' mail gateways.

    python -m tests.bench.line [MAILS] [ROUNDS]

Ours: by SMTP on 50 connections, into SQLite and into PostgreSQL; the same mails waiting in the intake, worked off in
one process; old mail by `maild import`, which writes no letters, and by `maild rehearse`, which files each at a time
of its own, both with their start; and by SMTP on a disk that is slow.  Theirs: Roundup filing an mbox, django-helpdesk
a folder, each in one process without SMTP, which is like for like with our one process.  Rounds alternate; medians are
of the rates and of the ratios of each round.
"""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maild.message.model import Envelope
from tests.bench import peers
from tests.bench.load import send_all
from tests.bench.slowsync import syncing
from tests.bench.table import Row, alone, compared, show, tell
from tests.running import free_port, make_site, running
from tests.servers.postgres import Cluster, Missing

if TYPE_CHECKING:
    from maild.daemon import Daemon

Way = Callable[[Path, list[bytes]], float]
ROUNDUP, HELPDESK, SLOW_ROUNDUP = "Roundup's gateway", "django-helpdesk's", "Roundup's gateway, so slowed"
SAME = "the same"
SLOW_MS = 5
SENDERS = 200
ARCHIVE = 3  # times as many mails are imported: who moves to maild brings some years, and the start is measured too
LIMITS = """
[limits]
customer = ["1000000 per 1h"]
domain = ["1000000 per 1h"]
agent = ["1000000 per 1h"]
breaker = ["1000000 per 1h"]
"""
PARAGRAPH = "The lamp that arrived yesterday does not light up; the cable and the bulb are fine, I tried both. \r\n"


def mail(number: int) -> bytes:
    """A plain mail of about 5 KB, with the fields that real ones have."""
    who = f"u{number % SENDERS}@bench.example"
    return (
        "Received: from mx.bench.example (mx.bench.example [192.0.2.1])\r\n"
        f"\tby mail.example.com with ESMTPS id {number};\r\n"
        f"\tMon, 23 Nov 2026 10:00:00 +0000\r\nFrom: User {number % SENDERS} <{who}>\r\nTo: support@example.com\r\n"
        f"Subject: Question {number}\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n"
        f"Message-ID: <m{number}@bench.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + PARAGRAPH * 46
    ).encode()


def filed(site: Path, url: str = "") -> tuple[int, int]:
    """Count the tickets of a site and the mails that are to leave; in SQLite, or in PostgreSQL where a URL says so."""
    with _connected(site, url) as db:
        query = "select (select count(*) from ticket), (select count(*) from outbox)"
        tickets, mails = db.execute(query).fetchone()
        return int(tickets), int(mails)


def _connected(site: Path, url: str) -> Any:
    if not url:
        return sqlite3.connect(site / "var" / "maild.db", timeout=30)
    import psycopg

    return psycopg.connect(url)


def by_smtp(folder: Path, mails: list[bytes], url: str = "") -> float:
    """Return mails a second from the first connection to the last ticket."""
    port = free_port()
    site = make_site(folder / "smtp", port, url, more=LIMITS + "\n[workers]\nprocesses = 1\n")
    text = (site / "maild.toml").read_text()
    (site / "maild.toml").write_text(text.replace("[outgoing]", "[outgoing]\nper_minute = 1"))  # nothing leaves
    with running(site, port, afresh=True):
        began = send_all(port, mails).began
        while filed(site, url) != (len(mails), 2 * len(mails)):
            time.sleep(0.02)
        return len(mails) / (time.monotonic() - began)


def by_postgres(folder: Path, mails: list[bytes]) -> float:
    """Return the same where the site's database is a PostgreSQL on this machine."""
    folder.chmod(0o755)  # the server is not run as root
    place = folder / "cluster"
    place.mkdir()
    with Cluster.started(place, durable=True) as cluster:
        return by_smtp(folder, mails, cluster.ready_database())


def from_intake(folder: Path, mails: list[bytes]) -> float:
    """Return mails a second of the pipeline alone, in one process, from waiting mails."""
    make_site(folder / "intake", 0, more=LIMITS + "\n[workers]\nprocesses = 0\n")
    code = [sys.executable, "-m", "tests.bench.line", "--work-off", str(folder / "intake"), str(len(mails))]
    done = subprocess.run(code, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def work_off(site: Path, count: int) -> float:
    """Put mails into the intake, then file them all; return the rate of the filing."""
    from maild import maillog
    from maild.daemon import Daemon
    from maild.opened import open_for_work
    from maild.store import intake

    maillog.configure(level="CRITICAL")
    opened = open_for_work(site)
    now = datetime.now(UTC)
    futures = [
        opened.store.submit(
            partial(
                intake.put,
                envelope=Envelope(f"u{n % SENDERS}@bench.example", ("support@example.com",), now, f"bench:{n}"),
                raw=mail(n),
            )
        )
        for n in range(count)
    ]
    for future in futures:
        future.result()
    daemon = Daemon(opened, dns_too=False)
    began = time.perf_counter()
    asyncio.run(_work(daemon))
    seconds = time.perf_counter() - began
    assert filed(site) == (count, 2 * count), filed(site)
    daemon.workers.close()
    opened.close()
    return count / seconds


async def _work(daemon: "Daemon") -> None:
    """Two rounds at a time, as in a daemon that serves: one is drafted while the other is filed."""
    await asyncio.gather(_rounds(daemon), _rounds(daemon))


async def _rounds(daemon: "Daemon") -> None:
    while await daemon.pipeline.round(daemon.now):
        pass


def by_import(folder: Path, mails: list[bytes]) -> float:
    """Return mails a second of `maild import`, from the command to its end: tickets, and nobody is told."""
    site = make_site(folder / "import", 0, more=LIMITS)
    mbox = _mbox(folder, mails)
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "maild", "import", "--site", str(site), str(mbox)], check=True, capture_output=True
    )
    seconds = time.monotonic() - began
    assert filed(site) == (len(mails), 0), filed(site)
    return len(mails) / seconds


def by_rehearse(folder: Path, mails: list[bytes]) -> float:
    """Return mails a second of `maild rehearse`, which files and answers each at its own time, on a scratch store."""
    site = make_site(folder / "rehearse", 0, more=LIMITS)
    last = "2026-11-23T10:00:00Z"  # the mails' Date; what the clock does later is not what peers do
    code = [sys.executable, "-m", "maild", "rehearse", "--site", str(site), "--json", "--until", last]
    mbox = _mbox(folder, mails)
    began = time.monotonic()
    done = subprocess.run([*code, str(mbox)], check=True, capture_output=True)
    seconds = time.monotonic() - began
    assert done.stdout.count(b'"event": "mail"') == 2 * len(mails), done.stdout[:2000]
    return len(mails) / seconds


def by_roundup(folder: Path, mails: list[bytes]) -> float:
    tracker = peers.roundup_tracker(folder / "tracker", SENDERS)
    theirs = [raw.replace(b"support@example.com", b"issue_tracker@bench.example") for raw in mails]
    return len(mails) / peers.roundup_seconds(tracker, _mbox(folder, theirs))


def _mbox(folder: Path, mails: list[bytes]) -> Path:
    path = folder / "mbox"
    lines = b"From u@bench.example Mon Nov 23 10:00:00 2026\n"
    path.write_bytes(b"".join(lines + raw.replace(b"\r\n", b"\n") + b"\n" for raw in mails))
    return path


def by_helpdesk(folder: Path, mails: list[bytes]) -> float:
    waiting = folder / "mails"
    waiting.mkdir()
    for number, raw in enumerate(mails):
        (waiting / f"{number:06}").write_bytes(raw.replace(b"support@example.com", b"support@bench.example"))
    return len(mails) / peers.helpdesk_seconds(folder / "helpdesk", waiting)


def slowed(way: Way, folder: Path, mails: list[bytes]) -> float:
    with syncing(milliseconds=SLOW_MS):
        return way(folder, mails)


def syncs(folder: Path, mails: list[bytes]) -> float:
    """Return how often anything is made durable for a mail that comes by SMTP."""
    log = folder / "syncs"
    with syncing(log=log):
        by_smtp(folder, mails)
    return log.stat().st_size / len(mails)


def measure(count: int, rounds: int) -> dict[str, list[float]]:
    """Run every way once a round; a peer that cannot be had is left out."""
    mails = [mail(n) for n in range(count)]
    few = mails[: max(count // 5, 50)]
    archive = [mail(n) for n in range(ARCHIVE * count)]
    ways: dict[str, Callable[[Path], float]] = {
        ROUNDUP: partial(by_roundup, mails=few),
        HELPDESK: partial(by_helpdesk, mails=few),
        "smtp": partial(by_smtp, mails=mails),
        "postgres": partial(by_postgres, mails=mails),
        "intake": partial(from_intake, mails=mails),
        "import": partial(by_import, mails=archive),
        "rehearse": partial(by_rehearse, mails=mails),
        "slow smtp": partial(slowed, by_smtp, mails=mails),
        SLOW_ROUNDUP: partial(slowed, by_roundup, mails=few),
        "syncs": partial(syncs, mails=mails),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(1, rounds + 1):
        for name, way in list(ways.items()):
            tell(f"{count:,} mails, round {number} of {rounds}: {name} …")
            folder = Path(tempfile.mkdtemp(prefix="maild-bench-"))
            try:
                rates[name].append(way(folder))
            except (peers.Absent, Missing) as why:
                print(f"{name} is left out: {why}", file=sys.stderr)
                del ways[name]
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    return rates


def rows(count: int = 3000, rounds: int = 5) -> Iterator[Row]:
    found = measure(count, rounds)
    for what, name in (
        ("a mail, whole, by SMTP on 50 connections", "smtp"),
        (f"{SAME}, PostgreSQL", "postgres"),
        (f"{SAME} of waiting mails, one process", "intake"),
        (f"an mbox of {ARCHIVE * count:,} by `maild import`: tickets, and nobody is told", "import"),
        (f"an mbox of {count:,} by `maild rehearse`, a mail at a time, on a simulated clock", "rehearse"),
    ):
        for peer in (ROUNDUP, HELPDESK):
            if found[name] and found[peer]:
                must = "–" if name == "postgres" else "≥ 10 ×"
                yield compared(what, f"{peer}, one process", must, found[name], found[peer])
    if found[SLOW_ROUNDUP]:
        what = f"{SAME} by SMTP, each sync {SLOW_MS} ms slower"
        yield compared(what, SLOW_ROUNDUP, "≥ 30 ×", found["slow smtp"], found[SLOW_ROUNDUP])
    if found["syncs"]:
        yield alone("durable syncs for a mail by SMTP on 50 connections", "≤ 0.5", found["syncs"], "")


def main() -> None:
    if sys.argv[1:2] == ["--work-off"]:
        print(work_off(Path(sys.argv[2]), int(sys.argv[3])))
        return
    count, rounds = (int(one) for one in (sys.argv[1:] + ["3000", "5"][len(sys.argv) - 1 :])[:2])
    show(rows(count, rounds))


if __name__ == "__main__":
    main()
