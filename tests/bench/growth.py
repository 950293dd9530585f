"""What a mail, an answer, a timer and a look cost in a site of a thousand tickets and of a million.

    python -m tests.bench.growth [TICKETS [ROUNDS]]

One conversation of five messages goes through the real pipeline; its rows are then copied in the database under
other numbers, addresses and Message-IDs, with short mails in the place of long ones, every hundredth still open.
Both sites are measured in turn, each time in a new process; the ratio of the medians is printed (must: 1.2).
"""

import asyncio
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench.line import LIMITS
from tests.bench.table import Row, compared, show, told_rounds
from tests.running import free_port, make_site, running

MEMORY, STARTS = "memory", "from start to listening"
SMALL = 1000
MAILS = 300
EACH = 10_000  # tickets copied in a transaction
OPEN = 500  # tickets of either site; the others are closed
TEXT = "The lamp that arrived yesterday does not light up."
BIG = 1000  # rows of one ticket and table have fewer than this, so that their ids never meet
# What is not the same in each copy; n is its number, 1 is the original's.
NUMBERED = {
    "contact": {"address": "'u' || n || '@bench.example'"},
    "intake": {"id": f"n * {BIG} + id", "source": "source || '.' || n", "ticket": "n", "raw": "x'0a'"},
    "ticket": {
        "number": "n",
        "handle": "n * 524287 + 11",
        "requester_address": "'u' || n || '@bench.example'",
        "status": "case when n % :one_in = 0 then status else 'closed' end",
        "updated_at": "strftime('%Y-%m-%d %H:%M:%S.000000', '2025-01-01', '+' || (n * 50) || ' seconds')",
        "last_message_id": "replace(last_message_id, '<', '<' || n || '.')",
    },
    "message": {
        "id": f"n * {BIG} + id",
        "ticket": "n",
        "intake": f"n * {BIG} + intake",
        "message_id": "replace(message_id, '<', '<' || n || '.')",
    },
    "message_ref": {
        "id": f"n * {BIG} + id",
        "ticket": "n",
        "message_id": "replace(message_id, '<', '<' || n || '.')",
        "sender": "'u' || n || '@bench.example'",
    },
    "history": {"id": f"n * {BIG} + id", "ticket": "n"},
    "outbox": {
        "id": f"n * {BIG} + id",
        "ticket": "n",
        "message_id": "replace(message_id, '<', '<' || n || '.')",
        "letter": "'{}'",
    },
    "timer": {"ticket": "n"},
}


def seed(folder: Path) -> Path:
    """Make a site with one whole conversation."""
    from maild import maillog
    from tests.stories.play import Player

    site = make_site(folder, 0, more=LIMITS + "\n[workers]\nprocesses = 0\n")
    maillog.configure(level="CRITICAL")
    player = Player.at(site, datetime.now(UTC) - timedelta(days=2))
    customer, agent = "u1@bench.example", "you@example.com"
    player.receive(mail(1, "Question", customer), customer, ("support@example.com",), "bench:1")
    player.work()
    for turn, (who, text) in enumerate(
        ((agent, "Is it on?"), (customer, "Yes!"), (agent, "Odd."), (customer, "Very.")), 2
    ):
        to = reply_to(player.newest(who).header("Reply-To"))
        player.receive(mail(turn, "Re: Question", who, to, text=text), who, (to,), f"bench:{turn}")
        player.work()
    player.close()
    return site


def reply_to(field: str) -> str:
    return field.rpartition("<")[2].rstrip(">")


def mail(
    number: int, subject: str, sender: str, to: str = "support@example.com", refers: str = "", text: str = TEXT
) -> bytes:
    refs = f"In-Reply-To: {refers}\r\nReferences: {refers}\r\n" if refers else ""
    return (
        f"From: U <{sender}>\r\nTo: {to}\r\nSubject: {subject}\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n"
        f"Message-ID: <g{number}@bench.example>\r\n{refs}MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\n" + text + "\r\n"
    ).encode()


def grow(site: Path, count: int) -> None:
    """Copy the conversation until there are so many."""
    with sqlite3.connect(site / "var" / "maild.db", isolation_level=None) as db:
        db.execute("PRAGMA synchronous=OFF")
        db.execute("PRAGMA cache_size=-400000")
        for first in range(2, count + 1, EACH):
            db.execute("BEGIN")
            for table, expressions in NUMBERED.items():
                _copy(db, table, expressions, range(first, min(first + EACH, count + 1)), count // OPEN)
            db.execute("COMMIT")
            print(f"\r{first * 100 // count:3} % of {count} tickets", end="", file=sys.stderr, flush=True)
        # Written a few mails at a time the index of words is merged as it grows; after so many at once the next mails
        # would do it, with 50 pages each.
        db.execute("insert into message_words (message_words) values ('optimize')")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        print(file=sys.stderr)


def _copy(db: sqlite3.Connection, table: str, expressions: dict[str, str], numbers: range, one_in: int) -> None:
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    chosen = ", ".join(f"{expressions.get(column, column)} as {column}" for column in columns)
    where = {"ticket": "number = 1", "contact": "address = 'u1@bench.example'"}.get(table, "ticket = 1")
    open_alone = "where n % :one_in = 0" if table == "timer" else ""
    quoted = ", ".join(f'"{column}"' for column in columns)
    db.execute(
        "with recursive seq(n) as (select :first union all select n + 1 from seq where n < :last) "
        f"insert into {table} ({quoted}) select {chosen} from (select * from {table} where {where}), seq {open_alone}",
        {"first": numbers[0], "last": numbers[-1], "one_in": one_in},
    )


def measured(site: Path, count: int) -> dict[str, float]:
    """Return seconds a piece of each kind of work, in this process."""
    from maild import maillog
    from maild.daemon import Daemon
    from maild.message.model import Envelope
    from maild.opened import open_for_work
    from maild.store import browse, histories, intake

    maillog.configure(level="CRITICAL")
    opened = open_for_work(site)
    daemon = Daemon(opened, dns_too=False)
    draw = random.Random(count + time.time_ns())
    run = time.time_ns()

    def waits(raw: bytes, sender: str, n: int) -> None:
        envelope = Envelope(sender, ("support@example.com",), datetime.now(UTC), f"growth:{run}:{n}")
        opened.store.write(lambda connection: intake.put(connection, envelope, raw))

    def filed(mails: Iterator[tuple[bytes, str]]) -> float:
        for n, (raw, sender) in enumerate(mails):
            waits(raw, sender, draw.randrange(1 << 60) + n)

        async def rounds() -> None:
            while await daemon.pipeline.round(daemon.now):
                pass

        return took(lambda: asyncio.run(rounds())) / MAILS

    def new() -> Iterator[tuple[bytes, str]]:
        for n in range(MAILS):
            sender = f"n{run}.{n}@bench.example"
            yield mail(draw.randrange(1 << 60), f"Question {n}", sender), sender

    def replies(recent: int) -> Iterator[tuple[bytes, str]]:
        for _ in range(MAILS):
            n = draw.randrange(count - recent, count)
            sender = f"u{n}@bench.example"
            yield mail(draw.randrange(1 << 60), "Re: Question", sender, refers=f"<{n}.g5@bench.example>"), sender

    found = {
        "a new mail": filed(new()),
        "an answer": filed(replies(SMALL - 2)),
        "one to any old ticket": filed(replies(count - 2)),
        "what is due": took(lambda: [opened.store.read(daemon.clock.next_due) for _ in range(20)]) / 20,
        "list": took(lambda: opened.store.read(browse.tickets)),
        "list of a customer": took(
            lambda: opened.store.read(lambda c: browse.tickets(c, (f"customer:u{count // 2}@bench.example",), True))
        ),
        "history of a ticket": took(
            lambda: [opened.store.read(lambda c: histories.of(c, draw.randrange(1, count))) for _ in range(50)]
        )
        / 50,
    }
    peak = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())
    found[MEMORY] = int(peak[1]) / 1024 if peak else 0
    daemon.workers.close()
    opened.close()
    return found


def took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def started(site: Path) -> float:
    port = free_port()
    path = site / "maild.toml"
    lines = [
        f'listen = ["127.0.0.1:{port}"]' if line.startswith('listen = ["127') else line
        for line in path.read_text().splitlines()
    ]
    path.write_text("\n".join(lines) + "\n")
    began = time.perf_counter()
    with running(site, port, afresh=True):
        return time.perf_counter() - began


def rows(count: int = 1_000_000, rounds: int = 5) -> Iterator[Row]:
    """Fill two sites, measure both in turn, and return what the large one costs against the small one."""
    folder = Path(tempfile.mkdtemp(prefix="maild-growth-", dir=os.environ.get("MAILD_BENCH_DIR")))
    try:
        sites = {SMALL: seed(folder / "small"), count: seed(folder / "large")}
        for size, site in sites.items():
            grow(site, size)
        results: dict[int, list[dict[str, float]]] = {size: [] for size in sites}
        for _ in told_rounds(rounds, "a large site and a small one"):
            for size, site in sites.items():
                code = [sys.executable, "-m", "tests.bench.growth", "--measure", str(site), str(size)]
                done = subprocess.run(code, capture_output=True, text=True, check=True)
                results[size].append(json.loads(done.stdout.splitlines()[-1]) | {STARTS: started(site)})
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for what in results[SMALL][0]:
        unit, times = (" MB", 1) if what == MEMORY else (" ms", 1000)
        large, small = ([times * one[what] for one in results[size]] for size in (count, SMALL))
        must = "≤ 2 s" if what == STARTS else "≤ 1.2 ×"
        yield compared(f"{count:,} tickets: {what}", f"{SMALL:,} tickets", must, large, small, unit)


def main() -> None:
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measured(Path(sys.argv[2]), int(sys.argv[3]))))
        return
    show(rows(*map(int, sys.argv[1:3])))


if __name__ == "__main__":
    main()
