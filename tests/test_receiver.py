"""Who stands at the door is a process of its own, and neither it nor the daemon outlives the other."""

import asyncio
import os
import resource
import signal
import smtplib
import socket
import threading
from pathlib import Path

import pytest

from maild import receiver, reception
from maild.inbound.hooks import NoSpace
from maild.opened import open_for_work
from maild.receiver import Answer, FarStore, Request
from maild.reception import _outcome
from maild.store.write import Store
from tests.running import Daemon, alive, mail, of_family, rows, running, send, wait_for


def receiver_of(daemon: Daemon, port: int) -> int:
    """Return the process that talks to a client."""
    with socket.create_connection(("127.0.0.1", port), 5) as client:
        assert client.recv(100).startswith(b"220")
        mine = f"{client.getsockname()[1]:04X}"
        for pid in of_family(daemon.process.pid):
            inodes = {os.readlink(fd) for fd in Path(f"/proc/{pid}/fd").iterdir() if fd.exists()}
            lines = (line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:])
            if any(one[2].endswith(f":{mine}") and f"socket:[{one[9]}]" in inodes for one in lines):
                return pid
    raise AssertionError("nobody talks to the client")


def test_the_daemon_itself_talks_to_no_client(site: Path, port: int) -> None:
    with running(site, port) as daemon:
        assert receiver_of(daemon, port) != daemon.process.pid


def test_as_many_may_connect_as_the_settings_say_though_few_files_may_be_open(site: Path, port: int) -> None:
    """A process may open 1024 at first, as a rule: beyond, accept() failed for all, and the log was flooded."""
    settings = site / "maild.toml"
    listens = f'listen = ["127.0.0.1:{port}"]'
    assert listens in settings.read_text()
    many = f"{listens}\nmax_connections = 200\nmax_connections_per_ip = 200"
    settings.write_text(settings.read_text().replace(listens, many))
    daemon = Daemon(site, port)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (100, hard))  # long before it begins its receiver
    clients: list[socket.socket] = []
    try:
        assert daemon.wait_until_ready()
        clients += (socket.create_connection(("127.0.0.1", port), 5) for _ in range(150))
        assert all(client.recv(100).startswith(b"220") for client in clients)
        assert send(port, mail(1), "customer1@customer.example")
    finally:
        for client in clients:
            client.close()
        daemon.kill()


def test_where_the_system_allows_few_files_fewer_may_connect_and_the_log_says_so_once(site: Path, port: int) -> None:
    """Python accepts as many at once as may wait, and says of each for which no file is left that there is none."""
    settings = site / "maild.toml"
    listens = f'listen = ["127.0.0.1:{port}"]'
    many = f"{listens}\nmax_connections = 200\nmax_connections_per_ip = 200"
    settings.write_text(settings.read_text().replace(listens, many))
    daemon = Daemon(site, port)
    resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (100, 160))  # long before it begins its receiver
    clients: list[socket.socket] = []
    try:
        assert daemon.wait_until_ready()
        clients += (socket.create_connection(("127.0.0.1", port), 5) for _ in range(250))
        greetings = [client.recv(3) for client in clients]
        assert greetings.count(b"220") == 48
        assert greetings.count(b"421") == 202
        for client in clients:
            client.close()
        wait_for(lambda: send(port, mail(1), "customer1@customer.example"), "room for the next")
        assert "socket.accept" not in daemon.log_text()
        assert daemon.log_text().count("fewer clients may connect") == 1
    finally:
        for client in clients:
            client.close()
        daemon.kill()


def test_without_its_receiver_the_daemon_ends_and_what_was_accepted_is_kept(site: Path, port: int) -> None:
    """systemd starts both again: a daemon to whom nobody can bring mail must not look well."""
    with running(site, port) as daemon:
        assert send(port, mail(1), "customer1@customer.example")
        os.kill(receiver_of(daemon, port), signal.SIGKILL)
        assert daemon.process.wait(30) != 0
        assert "the receiver died" in daemon.log_text()
    with running(site, port) as daemon:
        assert send(port, mail(2), "customer2@customer.example")
        wait_for(lambda: rows(site, "select count(*) from ticket")[0][0] == 2, "both tickets")
        assert daemon.stop() == 0


def test_the_receiver_ends_with_a_daemon_that_is_killed(site: Path, port: int) -> None:
    with running(site, port) as daemon:
        receiver = receiver_of(daemon, port)
        with socket.create_connection(("127.0.0.1", port), 5) as client:
            client.recv(100)
            daemon.kill()
            wait_for(lambda: not alive(receiver), "its end")
            client.settimeout(5)
            assert client.recv(100) == b"", "and the client is hung up on, not left waiting"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_whole_group_is_the_daemons_to_answer(site: Path, port: int, number: int) -> None:
    """Ctrl-C in a terminal reaches every process: mails that are arriving may arrive all the same."""
    with running(site, port) as daemon:
        receiver = receiver_of(daemon, port)
        os.kill(receiver, number)
        assert send(port, mail(1), "customer1@customer.example")
        assert alive(receiver)
        assert daemon.stop() == 0
        assert not alive(receiver)


def test_a_mail_that_is_arriving_when_the_daemon_is_told_to_end_may_arrive(site: Path, port: int) -> None:
    with running(site, port) as daemon:
        client = smtplib.SMTP("127.0.0.1", port, timeout=20)
        client.ehlo("customer.example")
        client.mail("customer1@customer.example")
        client.rcpt("support@example.com")
        assert client.docmd("DATA")[0] == 354
        daemon.process.send_signal(signal.SIGTERM)
        wait_for(lambda: not _takes_connections(port), "nobody new is let in")
        client.send(mail(1) + b"\r\n.\r\n")
        assert client.getreply()[0] == 250
        assert client.getreply()[0] == 421
        client.close()
        assert daemon.process.wait(30) == 0
    assert rows(site, "select count(*) from intake") == [(1,)]


def _takes_connections(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False


class _End:
    """The daemon's end of the pipe, which answers when it is let, and tells how many requests came together."""

    def __init__(self) -> None:
        self.let, self.batches = threading.Semaphore(0), list[int]()

    def send(self, requests: list[Request]) -> None:
        self.batches.append(len(requests))

    def recv(self) -> list[Answer]:
        self.let.acquire()
        last = self.batches[-1]
        return [(n, None) for n in range(last - 1)] + [(0, NoSpace("the database's disk is full"))]


async def test_what_gathers_while_others_are_kept_goes_together() -> None:
    end = _End()
    store = FarStore(end)  # type: ignore[arg-type]
    first = asyncio.create_task(store.ask("put", raw=b"x"))
    while end.batches != [1]:
        await asyncio.sleep(0.01)
    others = [asyncio.create_task(store.ask("put", raw=b"x")) for _ in range(5)]
    await asyncio.sleep(0.01)
    end.let.release()
    with pytest.raises(NoSpace):
        await first
    end.let.release()
    assert [await one for one in others[:-1]] == [0, 1, 2, 3]
    with pytest.raises(NoSpace):
        await others[-1]
    assert end.batches == [1, 5]


def test_an_answer_that_comes_when_we_have_left_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the receiver, told to leave, would die of it and log that it refused a mail."""
    ended, end = list[int](), _End()
    monkeypatch.setattr(receiver.os, "_exit", ended.append)

    async def left(store: FarStore) -> None:
        asking = asyncio.create_task(store.ask("put", raw=b"x"))
        while end.batches != [1]:
            await asyncio.sleep(0.01)
        asking.cancel()

    async def ask_again(store: FarStore) -> int:
        asking = [asyncio.create_task(store.ask("put", raw=b"x")) for _ in range(2)]
        answered: int = await asking[0]
        asking[1].cancel()
        return answered

    store = FarStore(end)  # type: ignore[arg-type]
    asyncio.run(left(store))
    end.let.release(2)
    assert asyncio.run(asyncio.wait_for(ask_again(store), 20)) == 0
    assert ended == []


def test_what_the_store_says_crosses_to_the_receiver_as_text(store: Store) -> None:
    """An error of a driver's may not be one that can be sent; the client hears 451 or 452, the log why."""

    def fail(_: object) -> None:
        raise LookupError("no such thing")

    def full(connection: object) -> None:
        import sqlite3

        raise sqlite3.OperationalError("database or disk is full")

    assert _outcome(store.submit(lambda _: 7)) == (7, None)
    _, failed = _outcome(store.submit(fail))
    assert str(failed) == "LookupError: no such thing"
    _, no_room = _outcome(store.submit(full))
    assert isinstance(no_room, NoSpace)


async def test_a_receiver_that_listens_to_nobody_is_not_waited_for(
    site: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else systemd would hear that all is well, of a service that takes no mail."""
    monkeypatch.setattr(reception, "PING_SECONDS", 0.5)
    with open_for_work(site) as opened:
        one = reception.Reception(opened.settings, opened.store, opened.office.house, lambda: None)
        await one.open()
        try:
            await one.answers()
            os.kill(one._process.pid, signal.SIGSTOP)  # type: ignore[union-attr]
            with pytest.raises(reception.ReceiverDied):
                await one.answers()
        finally:
            os.kill(one._process.pid, signal.SIGCONT)  # type: ignore[union-attr]
            await one.close()
