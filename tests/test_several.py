"""Several daemons on one PostgreSQL: any role anywhere, and any of them may die at any time."""

import re
import shutil
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from maild.message import parse
from tests.conftest import new_cluster
from tests.running import SETTINGS, Daemon, free_port, mail, maild, make_site, send, wait_for
from tests.servers.postgres import Cluster
from tests.servers.wire import Wire

WHO = "customer{}@customer.example"


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """A server that a test may stop, though other tests need theirs."""
    with new_cluster() as running:
        yield running


class House:
    """Sites in folders of their own, as on different machines: one database, one key, the same rules."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.outgoing = folder / "outgoing"
        self.daemons: list[Daemon] = []

    def begin(
        self, roles: str = "", crash: tuple[str, int] | None = None, url: str = "", more: str = SETTINGS
    ) -> Daemon:
        number, port = len(self.daemons), free_port()
        site = make_site(self.folder / f"site{number}", port, url or self.url, more, f"maildir:{self.outgoing}")
        if number:
            shutil.copy(self.folder / "site0" / "var" / "site.key", site / "var" / "site.key")
        options = ["--roles", roles] if roles else []
        one = Daemon(site, port, crash, program=("tests.hasty",), options=options)
        self.daemons.append(one)
        if not roles or "inbound" in roles:
            assert one.wait_until_ready(), one.log_text()[-3000:]
        else:
            wait_for(lambda: " started " in one.log_text(), "a daemon without listeners")
        return one

    def rows(self, query: str) -> list[Sequence[object]]:
        engine = create_engine(self.url)
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(text(query))]
        finally:
            engine.dispose()

    def settled(self) -> bool:
        waiting = self.rows("select count(*) from intake where fate = 'waiting'")
        unsent = self.rows("select count(*) from outbox where state <> 'sent'")
        return [*waiting, *unsent] == [(0,), (0,)]

    def sent(self) -> list[bytes]:
        return [path.read_bytes() for path in (self.outgoing / "new").glob("*")]

    def accounts_are_right(self, mails: int) -> None:
        """Each mail is one ticket with two mails decided once, and the ledger balances."""
        subjects = Counter(self.rows("select subject from ticket"))
        assert subjects == Counter({(f"Question {n}",): 1 for n in range(mails)})
        assert set(Counter(self.rows("select ticket, recipient from outbox")).values()) == {1}
        assert maild("check", "--ledger", "--site", str(self.daemons[0].site)).returncode == 0
        ids = Counter(parse.parse(raw).message_id for raw in self.sent())
        assert len(ids) == 2 * mails

    def close(self) -> None:
        for one in self.daemons:
            if one.process.poll() is None:
                one.kill()


@pytest.fixture
def house(tmp_path: Path, cluster: Cluster) -> Iterator[House]:
    one = House(tmp_path, cluster.new_database())
    yield one
    one.close()


def test_each_role_may_be_another_daemons(house: House) -> None:
    receiving = house.begin("inbound")
    house.begin("pipeline,clock")
    house.begin("delivery")
    began = time.monotonic()
    for number in range(3):
        assert send(receiving.port, mail(number), WHO.format(number))
    wait_for(lambda: len(house.sent()) == 6, "six mails")
    house.accounts_are_right(3)
    assert time.monotonic() - began < 25, "they wake each other"


def test_rules_that_one_daemon_takes_are_everybodys(house: House) -> None:
    """A reload on one machine is in force on all; a machine that comes back with old files does not undo it."""
    first, second = house.begin(), house.begin()
    desk = first.site / "rules" / "10-desk.yaml"
    desk.write_text(desk.read_text().replace("tag: T", "tag: NEW"))
    maild("reload", "--site", str(first.site))
    wait_for(lambda: " reloaded ruleset=2" in second.log_text(), "the other daemon's agreement")
    assert second.stop() == 0
    third = Daemon(second.site, second.port, program=("tests.hasty",))
    house.daemons.append(third)
    assert third.wait_until_ready()
    assert send(third.port, mail(1), WHO.format(1))
    wait_for(lambda: len(house.sent()) == 3, "two mails, and one to the operator")
    subjects = [parse.parse(raw).subject for raw in house.sent()]
    assert len([one for one in subjects if "[#NEW-1]" in one]) == 2
    assert "newer ones, which stay" in third.log_text()
    assert house.rows("select max(version) from ruleset") == [(2,)]


def test_who_finds_an_empty_database_at_the_same_time_as_others_waits_for_them(
    cluster: Cluster, tmp_path: Path
) -> None:
    site = make_site(tmp_path / "site", free_port(), cluster.new_database())
    with ThreadPoolExecutor(4) as threads:
        tried = list(threads.map(lambda _: maild("list", "--site", str(site), check=False), range(4)))
    assert [(one.returncode, one.stderr) for one in tried] == [(0, b"")] * 4


def test_a_budget_is_one_for_all_daemons(house: House) -> None:
    """Two daemons, of which each sleeps while the other works: what one has sent the other does not send again."""
    first, second = house.begin(), house.begin()
    numbers = count()

    def answered(awake: Daemon, asleep: Daemon) -> int:
        """Return how many of four mails of one customer are acknowledged."""
        before = len(house.sent())
        asleep.process.send_signal(signal.SIGSTOP)
        try:
            for number in islice(numbers, 4):
                assert send(awake.port, mail(number, "often@customer.example"), "often@customer.example")
            wait_for(house.settled, "everything settled")
        finally:
            asleep.process.send_signal(signal.SIGCONT)
        return len(house.sent()) - before - 4  # the agent hears of each

    assert answered(first, second) == 3
    assert answered(second, first) == 0
    assert answered(first, second) == 0
    (said,) = house.rows(
        "select count(*) from history where text like '%to:often@customer.example: 3 automatic mails in 1 h%'"
    )
    assert said == (9,)


def test_sqlite_has_one_daemon_for_everything(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", free_port())
    done = maild("serve", "--roles", "inbound", "--site", str(site), check=False)
    assert done.returncode == 2
    assert b"PostgreSQL" in done.stderr
    done = maild("serve", "--roles", "outbound", "--site", str(site), check=False)
    assert done.returncode == 2
    assert re.search(rb"there are inbound, pipeline, delivery, clock", done.stderr)


@pytest.mark.parametrize("step", ["before:file", "after:file", "after:claim", "after:send"])
def test_what_a_dead_daemon_had_in_hand_is_done_by_another(house: House, step: str) -> None:
    """Killed with mails in hand; nothing waits for its return, nothing is decided twice."""
    living = house.begin()
    dying = house.begin(crash=(step, 2))
    mails = 20
    for number in range(mails):
        door = dying if number % 2 and dying.process.poll() is None else living
        if not send(door.port, mail(number), WHO.format(number)):
            assert send(living.port, mail(number), WHO.format(number))
    wait_for(house.settled, "everything settled", 90)
    house.accounts_are_right(mails)


def test_a_daemon_that_is_cut_off_with_mails_in_hand_may_come_back(house: House) -> None:
    """Another does its work meanwhile, whatever it had locked; when it is back it does nothing a second time."""
    database = make_url(house.url)
    assert database.port is not None
    with Wire.laid(database.port) as wire:
        living = house.begin()
        cut = house.begin(url=database.set(port=wire.port).render_as_string(hide_password=False))
        mails = count()
        for number in islice(mails, 12):
            assert send(cut.port, mail(number), WHO.format(number))
        wire.cut()
        for number in islice(mails, 4):
            assert send(living.port, mail(number), WHO.format(number))
        wait_for(house.settled, "the other daemon's taking over", 60)
        wire.mend()
        last = next(mails)
        wait_for(lambda: send(cut.port, mail(last), WHO.format(last)), "its return", 60)
        wait_for(house.settled, "everything settled", 60)
        assert cut.process.poll() is None
        house.accounts_are_right(last + 1)


def test_a_database_that_restarts_under_load_loses_nothing(tmp_path: Path, own_cluster: Cluster) -> None:
    """While it is gone clients are told to come again, and the daemon lives on."""
    house = House(tmp_path, own_cluster.new_database())
    try:
        daemon = house.begin()
        number = refused = 0
        for step in range(3):
            for _ in range(4):
                while not send(daemon.port, mail(number), WHO.format(number)):
                    refused += 1
                    time.sleep(0.2)
                    if step == 1 and refused == 3:
                        own_cluster.control("start", "-w")
                number += 1
            if step == 0:
                own_cluster.control("stop", "-m", "immediate")
        assert refused >= 3
        wait_for(house.settled, "everything settled", 90)
        assert daemon.process.poll() is None
        house.accounts_are_right(number)
    finally:
        house.close()


def test_a_database_that_is_frozen_is_waited_for(tmp_path: Path, own_cluster: Cluster) -> None:
    """Its machine still acknowledges what it is sent; clients are told to come again, and no mail is to blame."""
    house, watched = House(tmp_path, own_cluster.new_database()), free_port()
    more = SETTINGS.replace('listen = ""', f'listen = "127.0.0.1:{watched}"').replace("processes = 0", "processes = 1")
    try:
        daemon = house.begin(more=more)
        for number in range(4):
            assert send(daemon.port, mail(number), WHO.format(number))
        with own_cluster.frozen():
            frozen = time.monotonic()
            assert not send(daemon.port, mail(4), WHO.format(4))
            assert time.monotonic() - frozen < 9, "it is told to come again, and need not lose its patience"
            threads = _threads(daemon)
            with ThreadPoolExecutor(15) as many:
                assert set(many.map(_status, [watched] * 30)) == {503}
            assert _threads(daemon) < threads + 4, "who asks how it is costs no thread each"
            time.sleep(max(0.0, frozen + 12 - time.monotonic()))
            assert daemon.process.poll() is None, daemon.log_text()[-3000:]
        wait_for(lambda: send(daemon.port, mail(4), WHO.format(4)), "its return")
        wait_for(house.settled, "everything settled", 60)
        assert daemon.process.poll() is None
        house.accounts_are_right(5)
    finally:
        house.close()


def _threads(daemon: Daemon) -> int:
    return len([*Path(f"/proc/{daemon.process.pid}/task").iterdir()])


def _status(port: int) -> int:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        return int(client.makefile().readline().split()[1])
