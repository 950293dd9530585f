"""What fetching a mailbox costs, against bare fetching, committing and moving; and how soon a mail is seen.

    python -m tests.bench.imap [MAILS [ROUNDS]]

A real Dovecot; mails of 5 KB.  Both ways fetch as many mails at a time, make them durable before they are moved, and
alternate.  Then single mails are delivered while the mailbox is
watched by IDLE, and the time until each is committed is told (Dovecot itself waits for half a second).
"""

import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from maild import mailboxes, maillog
from maild.inbound import imap
from maild.opened import Opened, open_for_work
from tests.bench.line import mail
from tests.bench.table import Row, alone, compared, left_out, show, told_rounds
from tests.running import SETTINGS, free_port, make_site
from tests.servers.dovecot import PASSWORD, USER, Dovecot, Missing

MAILBOX = """
[[imap]]
name = "support"
host = "127.0.0.1"
port = {port}
tls = "none"
user = "{user}"
password_file = "imap-password"
done = "Processed"
"""
WATCHED = 20
Way = Callable[[Dovecot, int], float]


def rows(count: int = 10_000, rounds: int = 5) -> Iterator[Row]:
    maillog.configure(level="CRITICAL")
    folder = Path(tempfile.mkdtemp(prefix="maild-dovecot-"))
    try:
        with Dovecot.started(folder) as server:
            yield compare(server, count, rounds)
            yield alone(
                "from delivery to commit, watched by IDLE", "–", watch(server), " ms", "Dovecot tells after 500 ms"
            )
    except Missing as why:
        yield left_out("a mailbox fetched", why)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def compare(server: Dovecot, count: int, rounds: int) -> Row:
    seconds: dict[Way, list[float]] = {bare: [], fetched: []}
    for number in told_rounds(rounds, "a mailbox fetched"):
        for way in list(seconds)[:: 1 if number % 2 == 0 else -1]:
            seconds[way].append(way(server, count))
    what = f"a mailbox of {count:,} mails fetched, kept and moved"
    return compared(what, "bare fetch, commit, MOVE", "≤ 1.3 × its time", seconds[fetched], seconds[bare], " s")


def bare(server: Dovecot, count: int) -> float:
    """Fetch, commit, move, and nothing else; return the seconds."""
    fill(server, count)
    with tempfile.TemporaryDirectory() as folder, server.client() as client:
        database = sqlite3.connect(f"{folder}/bare.db", isolation_level=None)
        database.executescript(
            "pragma journal_mode=wal; pragma synchronous=full; create table mail (uid integer primary key, raw blob);"
        )
        began = time.perf_counter()
        client.select_folder("INBOX")
        uids = client.search(["ALL"])
        for start in range(0, len(uids), imap.BATCH_MAILS):
            batch = uids[start : start + imap.BATCH_MAILS]
            answer = client.fetch(batch, ["BODY.PEEK[]"])
            database.execute("begin immediate")
            database.executemany("insert into mail values (?, ?)", [(uid, answer[uid][b"BODY[]"]) for uid in batch])
            database.execute("commit")
            client.move(batch, "Processed")
        seconds = time.perf_counter() - began
        assert database.execute("select count(*) from mail").fetchone() == (count,)
        database.close()
        return seconds


def fetched(server: Dovecot, count: int) -> float:
    """Fetch as the daemon does; return the seconds."""
    fill(server, count)
    with site_of(server) as opened:
        (fetcher,) = mailboxes.fetchers(opened.settings, opened.store, lambda: None, "bench")
        began = time.perf_counter()
        fetcher.fetch_once()
        seconds = time.perf_counter() - began
        assert opened.store.read(lambda c: c.exec_driver_sql("select count(*) from intake").scalar()) == count
        return seconds


def watch(server: Dovecot) -> list[float]:
    """Deliver mails one by one, and return after how many milliseconds each is committed."""
    fill(server, 0)
    delays = []
    with site_of(server) as opened:
        (fetcher,) = mailboxes.fetchers(opened.settings, opened.store, lambda: None, "bench")
        fetcher.start()
        while fetcher.fetched_at is None:
            time.sleep(0.05)
        for number in range(WATCHED):
            time.sleep(0.2)  # it waits again
            began = time.perf_counter()
            server.deliver(mail(number))
            while opened.store.read(lambda c: c.exec_driver_sql("select count(*) from intake").scalar()) != number + 1:
                time.sleep(0.002)
            delays.append(1000 * (time.perf_counter() - began))
        fetcher.stop()
        fetcher.join(10)
    return delays


def fill(server: Dovecot, count: int) -> None:
    """Empty the mailbox, then put mails into it."""
    with server.client() as client:
        for name in ("Processed", "INBOX"):
            if not client.folder_exists(name):
                client.create_folder(name)
            client.select_folder(name)
            if uids := client.search(["ALL"]):
                client.delete_messages(uids)
                client.expunge()
        client.select_folder("INBOX")
    for number in range(0, count, 500):
        server.deliver(*(mail(one) for one in range(number, min(number + 500, count))))


@contextmanager
def site_of(server: Dovecot) -> Iterator[Opened]:
    with tempfile.TemporaryDirectory() as folder:
        settings = SETTINGS + MAILBOX.format(port=server.port, user=USER)
        site = make_site(Path(folder) / "site", free_port(), more=settings)
        (site / "imap-password").write_text(PASSWORD + "\n")
        opened = open_for_work(site)
        yield opened
        opened.close()


if __name__ == "__main__":
    show(rows(*map(int, sys.argv[1:3])))
