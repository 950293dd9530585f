"""A database that can be read and not written: nothing is taken, the reason is told, and it goes on by itself."""

import re
import sqlite3
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from maild.store.write import Store, is_outage, said
from tests.conftest import new_cluster
from tests.running import Daemon, free_port, mail, maild, make_site, send, wait_for
from tests.servers.postgres import Cluster

WHO = "customer@customer.example"


def make_read_only(cluster: Cluster, url: str, on: bool) -> None:
    """Turn a server into what a standby looks like to its clients; those who are connected must come again."""
    engine = create_engine(url.rpartition("/")[0] + "/postgres", isolation_level="AUTOCOMMIT")
    name = url.rpartition("/")[2]
    with engine.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = {'on' if on else 'off'}"))
        connection.execute(
            text("select pg_terminate_backend(pid) from pg_stat_activity where datname = :name"), {"name": name}
        )
    engine.dispose()


@pytest.fixture
def watched(tmp_path: Path, cluster: Cluster) -> Iterator[tuple[Daemon, str, str]]:
    url, port, http = cluster.new_database(), free_port(), free_port()
    site = make_site(tmp_path / "site", port, url, more=f'\n[http]\nlisten = "127.0.0.1:{http}"\n')
    daemon = Daemon(site, port)
    try:
        assert daemon.wait_until_ready(), daemon.log_text()
        yield daemon, url, f"http://127.0.0.1:{http}/healthz"
    finally:
        daemon.kill()


def health(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=15) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as ill:
        return ill.read().decode()


def test_a_server_that_takes_no_writes_is_waited_for(cluster: Cluster, watched: tuple[Daemon, str, str]) -> None:
    daemon, url, address = watched
    assert send(daemon.port, mail(1), WHO)
    wait_for(lambda: " filed " in daemon.log_text(), "a ticket")
    make_read_only(cluster, url, on=True)
    wait_for(lambda: not send(daemon.port, mail(2), WHO), "a refusal")
    wait_for(lambda: "the database takes nothing" in health(address), "the reason")
    assert "a standby, or default_transaction_read_only" in health(address)
    done = maild("do", "1", "#solve", "--site", str(daemon.site), check=False)
    assert (done.returncode, b"Traceback" in done.stderr) == (75, False)
    assert b"this server takes no writes" in done.stderr
    for number in range(3, 9):
        assert not send(daemon.port, mail(number), WHO)
    time.sleep(4)  # in which each loop tries again, twice
    logged = daemon.log_text()
    make_read_only(cluster, url, on=False)
    wait_for(lambda: health(address) == "well\n", "that all is well again")
    told = Counter(re.findall(r"error +(mails are refused for now|the database is gone loop=.*)", logged))
    assert told["mails are refused for now"] == 1, "once a minute, however many come"
    assert set(told.values()) == {1}, (
        "each loop each reason once, for as long as it lasts: it may have been cut off first"
    )
    assert "Traceback" not in logged
    assert "Question 2" not in logged, "nothing of the mail that could not be kept"
    assert send(daemon.port, mail(2), WHO)
    assert daemon.process.poll() is None


def test_a_standby_is_waited_for_until_it_is_promoted() -> None:
    """It refuses the isolation of our writes before any write: a daemon that was led to it ended of that each time."""
    with new_cluster() as first:
        url = first.new_database()
        with first.standby() as second, closing(Store(url.replace(str(first.port), str(second.port)))) as store:
            with pytest.raises(DBAPIError) as refused:
                store.write(_writes)
            assert is_outage(refused.value)
            assert "it is a standby" in said(refused.value)
            second.control("promote", "-w")
            store.write(_writes)


def _writes(connection: Connection) -> None:
    connection.execute(text("create table a (b int)"))


@pytest.mark.parametrize(
    ("code", "words", "remedy"),
    [
        ("42501", "permission denied for table intake", "owns the database and its tables"),
        ("26000", 'prepared statement "_pg3_1" does not exist', "pool_mode = session"),
        ("42P05", 'prepared statement "_pg3_1" already exists', "pool_mode = session"),
    ],
)
def test_what_a_server_refuses_whatever_it_is_asked_is_no_mails_fault(
    cluster: Cluster, code: str, words: str, remedy: str
) -> None:
    """Else the mails that come meanwhile are held, each as if maild had failed on it."""
    raising = text(f"do $$ begin raise exception using errcode = '{code}', message = '{words}'; end $$")
    with closing(Store(cluster.new_database())) as store, pytest.raises(DBAPIError) as refused:
        store.write(lambda connection: connection.execute(raising))
    assert is_outage(refused.value)
    assert words in said(refused.value)
    assert remedy in said(refused.value)


def test_what_sqlite_says_of_a_file_that_is_not_ours_gets_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "maild.db"
    sqlite3.connect(path).execute("create table a (b)").connection.close()
    engine = create_engine(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(DBAPIError) as error, engine.connect() as connection:
        connection.execute(text("insert into a values (1)"))
    engine.dispose()
    assert is_outage(error.value)
    assert said(error.value).startswith("attempt to write a readonly database; nothing can be written to it")
