"""Stages of ladders that fall due together, while clocks are killed: how many a second, and that each fires once.

    python -m tests.bench.stages [TICKETS]

On SQLite one clock works, on PostgreSQL two at a time, each in a process of its own.  First undisturbed; then every
clock is killed with -9 again and again until nothing is due.  What fired is then counted in the history, where each
stage may stand once, and in the outbox.
"""

import asyncio
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from maild import maillog
from maild.clock import Clock
from maild.opened import open_for_work, open_site
from maild.spending import Spending
from maild.store import timers
from maild.store.tables import HISTORY, OUTBOX
from tests.bench.line import LIMITS
from tests.bench.table import Row, left_out, show
from tests.servers.postgres import Cluster, Missing
from tests.stories.play import Player, make_site

FRIDAY = datetime.fromisoformat("2026-11-13T14:40:00+00:00")
MONDAY = datetime.fromisoformat("2026-11-16T14:10:00+00:00")
TOLD = 4  # mails a ticket: a word to the customer that we are late, and three who are told
KILL_AFTER = (0.5, 1.5)


def rows(count: int = 3_400) -> Iterator[Row]:
    maillog.configure(level="CRITICAL")
    for name, clocks in (("SQLite", 1), ("PostgreSQL", 2)):
        for killed in (False, True):
            what = f"{3 * count:,} stages due together: {name}, {clocks} clock{'s'[: clocks - 1]}"
            what += ", killed with -9 each second" if killed else ""
            try:
                with tempfile.TemporaryDirectory() as folder, database(name, Path(folder)) as url:
                    yield Row(what, "–", "each fires once", measured(Path(folder), url, count, clocks, killed))
            except Missing as why:
                yield left_out(what, why)


@contextmanager
def database(name: str, folder: Path) -> Iterator[str]:
    if name == "SQLite":
        yield f"sqlite:///{folder}/maild.db"
        return
    place = folder / "cluster"
    place.mkdir()
    folder.chmod(0o755)
    with Cluster.started(place) as cluster:
        yield cluster.new_database()


def measured(folder: Path, url: str, count: int, clocks: int, killed: bool) -> str:
    """Let every stage fall due; return what came of it, in words."""
    make_site(folder / "site", url, more=LIMITS)  # who is not acknowledged is promised nothing, and nothing is late
    fill(folder / "site", count)
    began = time.perf_counter()
    kills = 0
    while waiting(folder / "site"):
        kills += race(folder / "site", clocks, KILL_AFTER[kills % 2] if killed else None)
    seconds = time.perf_counter() - began
    fired, twice, mails = counted(folder / "site")
    wrong = "" if (twice, mails) == (0, TOLD * count) else f"  WRONG: {mails - TOLD * count:+} mails"
    return f"{fired} stages, {kills} kills: {twice} fired twice; {fired / seconds:.0f} stages/s{wrong}"


def fill(site: Path, count: int) -> None:
    player = Player.at(site, FRIDAY)
    for number in range(count):
        sender = f"c{number}@x{number}.example"
        raw = f"From: {sender}\r\nSubject: Q{number}\r\nMessage-ID: <q{number}@x.example>\r\n\r\nHello\r\n"
        player.receive(raw.encode(), sender, ("support@example.com",), f"t:{number}")
    while asyncio.run(player.daemon.pipeline.round(player.daemon.now)):
        pass
    player.close()


def race(site: Path, clocks: int, kill_after: float | None) -> int:
    """Run clocks side by side until nothing is due, or until they are killed; return how many were killed."""
    context = multiprocessing.get_context("spawn")
    ready = [context.Event() for _ in range(clocks)]
    racers = [context.Process(target=fire, args=(str(site), one)) for one in ready]
    for racer in racers:
        racer.start()
    for one in ready:
        one.wait(60)
    kills = 0
    for racer in racers:
        racer.join(kill_after)
        if racer.is_alive() and racer.pid is not None:
            os.kill(racer.pid, signal.SIGKILL)
            kills += 1
        racer.join()
    return kills


def fire(site: str, ready: "multiprocessing.synchronize.Event") -> None:  # type: ignore[name-defined]
    maillog.configure(level="CRITICAL")
    opened = open_for_work(Path(site), MONDAY)
    clock = Clock(opened.store, lambda: opened.office, Spending(opened.store, opened.settings.budgets, MONDAY))
    ready.set()
    while asyncio.run(clock.round(lambda: MONDAY)):
        pass
    opened.close()


def waiting(site: Path) -> bool:
    opened = open_site(site, MONDAY)
    try:
        due = opened.store.read(timers.next_due)
        return due is not None and due <= MONDAY
    finally:
        opened.close()


def counted(site: Path) -> tuple[int, int, int]:
    """Return how many stages fired, how many of them twice, and how many mails there are beside the first ones."""
    opened = open_site(site, MONDAY)
    with opened.store.reading() as connection:
        names = (HISTORY.c.ticket, HISTORY.c.clock, HISTORY.c.instance, HISTORY.c.stage, HISTORY.c.repeat)
        rows = connection.execute(select(*names).where(HISTORY.c.change == "StageReached"))
        fired = Counter(tuple(row) for row in rows)
        mails = connection.execute(
            select(func.count()).select_from(OUTBOX).where(OUTBOX.c.created_at == MONDAY, OUTBOX.c.ticket.is_not(None))
        ).scalar_one()
    opened.close()
    return len(fired), sum(1 for times in fired.values() if times > 1), mails


if __name__ == "__main__":
    show(rows(*map(int, sys.argv[1:2])))
