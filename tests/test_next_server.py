"""A next server that has a bad day: real SMTP on loopback, with the clock in our hands."""

import asyncio
import sqlite3
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from maild import daemon, delivery, maillog
from maild.agents import daily
from maild.daemon import Daemon
from maild.deciding.filing import post
from maild.delivery import MOST_READY, OUTAGE_SECONDS, Delivery
from maild.message.model import Letter
from maild.opened import open_for_work
from maild.outbound.compose import return_address
from maild.outbound.outcome import Deferred, Failed, Outcome, Sent
from maild.outbound.route import Route
from maild.outbound.smtp import MOST_CONNECTIONS, SmtpSender
from maild.store import outbox
from maild.store.filing import Addressed
from maild.store.outbox import Due
from maild.store.tables import HISTORY
from maild.ticket import outgoing
from maild.watch import look
from maild.watch.health import reasons
from tests.conftest import NOON
from tests.inbound import certificate
from tests.running import SETTINGS, mail, make_site
from tests.servers.postgres import Cluster
from tests.stories.play import Player

EHLO = b"250-next\r\n250-SIZE\r\n250 ENHANCEDSTATUSCODES\r\n"


@dataclass
class NextServer:
    """Takes mails, unless it is told to be busy or to hang up once it has one."""

    busy: bool = False
    cuts: int = 0  # how many mails are taken without a word, the connection cut after their final dot
    connections: int = 0
    says: bytes = b"250 2.0.0 taken"  # of a mail
    refuses: dict[str, bytes] = field(default_factory=dict)  # what it says of a mail to a recipient instead
    reads: int = 0  # so much of a mail, and hangs up in the middle of it
    hangs_at: str = ""  # a recipient
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    taken: list[tuple[str, bytes]] = field(default_factory=list)

    async def client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            if self.busy:
                writer.write(b"421 4.3.2 too many connections, try again later\r\n")
                return
            writer.write(b"220 next\r\n")
            await self._session(reader, writer)
        finally:
            writer.close()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipient = ""
        while line := (await reader.readline()).decode():
            match line[:4].upper():
                case "EHLO":
                    writer.write(EHLO)
                case "DATA":
                    writer.write(b"354 go on\r\n")
                    if self.reads:
                        await reader.readexactly(self.reads)
                        if self.says:
                            writer.write(self.says + b"\r\n")
                            await reader.read(-1)  # else it may be lost on its way
                        return
                    self.taken.append((recipient, await reader.readuntil(b"\r\n.\r\n")))
                    if recipient == self.hangs_at:
                        await self.goes_on.wait()
                    if self.cuts:
                        self.cuts -= 1
                        return
                    writer.write(self.refuses.get(recipient, self.says) + b"\r\n")
                case "RCPT" if self.busy:
                    writer.write(b"421 4.3.2 closing\r\n")
                    return
                case "RCPT":
                    recipient = line.partition("<")[2].partition(">")[0]
                    writer.write(b"250 2.1.5 ok\r\n")
                case "QUIT":
                    return
                case _:
                    writer.write(b"250 2.0.0 ok\r\n")


@dataclass
class World:
    player: Player
    server: NextServer

    def receive(self, *numbers: int) -> None:
        for number in numbers:
            address = f"customer{number}@customer.example"
            self.player.receive(mail(number), address, ("support@example.com",), f"test:{number}")

    async def work(self, later: timedelta = timedelta(0), times: int = 1) -> None:
        for _ in range(times):
            self.player.now += later
            await self.player.daemon.once()

    async def file(self) -> None:
        while await self.player.daemon.pipeline.round(lambda: self.player.now):
            pass

    async def deliver(self) -> None:
        await self.player.daemon.delivery.round(lambda: self.player.now)

    async def answer(self) -> None:
        """A customer writes, and the agent's answer to him waits to be dealt with."""
        self.receive(1)
        await self.work()
        to = self.player.newest("you@example.com").header("Reply-To").strip("<>")
        raw = mail(2, "you@example.com", "It is on its way.", to)
        self.player.receive(raw, "you@example.com", (to,), "test:answer")

    def history(self) -> list[str]:
        return self.player.opened.store.read(lambda c: [row.text for row in c.execute(select(HISTORY))])

    def states(self) -> Counter[str]:
        return Counter(row.state for row in self.player.opened.store.read(lambda c: [*outbox.listed(c, count=10_000)]))


@asynccontextmanager
async def world(folder: Path, url: str = "") -> AsyncIterator[World]:
    server = NextServer()
    listening = await asyncio.start_server(server.client, "127.0.0.1", 0)
    site = make_site(folder / "site", 2525, url, more=SETTINGS)
    opened = await asyncio.to_thread(open_for_work, site, NOON)
    player = Player(site, NOON, opened, None)  # type: ignore[arg-type]
    route = Route("smtp", "127.0.0.1", listening.sockets[0].getsockname()[1])
    sender = SmtpSender(route, helo="example.com")
    player.daemon = Daemon(opened, lambda: player.now, dns_too=False, sender=sender)
    try:
        yield World(player, server)
    finally:
        await sender.close()
        listening.close()
        player.close()


async def test_few_mails_are_held_whole_however_many_are_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each may have ten megabytes of files, and a next server that is slow would have us hold all of them."""
    held: list[int] = [0]
    signed, send = Delivery._signed, SmtpSender.send

    def counted(self: Delivery, due: Due) -> bytes:
        held.append(held[-1] + 1)
        return signed(self, due)

    async def slowly(self: SmtpSender, sender: str, recipient: str, raw: bytes, smtputf8: bool = False) -> Outcome:
        await asyncio.sleep(0.05)
        held.append(held[-1] - 1)
        return await send(self, sender, recipient, raw, smtputf8)

    monkeypatch.setattr(Delivery, "_signed", counted)
    monkeypatch.setattr(SmtpSender, "send", slowly)
    async with world(tmp_path) as one:
        one.receive(*range(20))
        await one.work()
        assert one.states()["sent"] >= 20
    assert max(held) <= MOST_READY


async def test_a_storm_of_421_is_answered_with_patience(tmp_path: Path, database_url: str) -> None:
    """Two hundred mails wait: they are not two hundred connections, and each leaves once when the storm is over."""
    async with world(tmp_path, database_url) as one:
        one.server.busy = True
        one.receive(*range(100))
        await one.work()
        assert one.server.connections <= MOST_CONNECTIONS
        first = one.server.connections
        await one.work(timedelta(seconds=10), times=60)  # ten minutes
        assert one.server.connections - first <= 9, "the waits double: 5, 10, 20 ... 300 seconds"
        assert one.server.taken == []
        assert one.states().keys() <= {"queued", "deferred"}
        one.server.busy = False
        await one.work(timedelta(minutes=5), times=12)
        assert one.states() == {"sent": 200}
        assert len(one.server.taken) == 200
        customers = Counter(to for to, _ in one.server.taken if to.startswith("customer"))
        assert len(customers) == 100
        assert set(customers.values()) == {1}
        assert one.server.connections - first <= 9 + 2 * MOST_CONNECTIONS


async def test_that_nothing_leaves_is_told_once_in_the_log_and_once_that_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A weekend without a next server was hundreds of lines, one for each time that it was asked."""
    told = list[str]()
    monkeypatch.setattr(maillog, "next_server_busy", lambda reply, _seconds: told.append(reply))
    monkeypatch.setattr(maillog, "next_server_well", lambda: told.append("well"))
    async with world(tmp_path) as one:
        one.server.busy = True
        one.receive(1)
        await one.work(timedelta(minutes=20), times=5)
        assert one.server.connections >= 5, "it was asked each time"
        one.server.busy = False
        await one.work(timedelta(minutes=20))
    assert told == ["421 4.3.2 too many connections, try again later", "well"]


async def test_a_server_that_hangs_up_in_the_middle_is_left_in_peace_too(tmp_path: Path) -> None:
    """It took a mail on this connection a minute ago; now it says 421 to a recipient."""
    async with world(tmp_path) as one:
        one.receive(1)
        await one.work()
        one.server.busy = True
        one.receive(*range(2, 30))
        await one.work()
        assert one.server.connections <= 2 * MOST_CONNECTIONS
        one.server.busy = False
        await one.work(timedelta(minutes=5), times=12)
        assert one.states() == {"sent": 2 * 29}


async def test_a_mail_in_doubt_is_sent_once_more_the_same(tmp_path: Path, database_url: str) -> None:
    """The next server took it and hung up before it said so (RFC 1047)."""
    async with world(tmp_path, database_url) as one:
        one.server.cuts = 1
        one.receive(1)
        await one.work()
        assert one.states() == {"sent": 1, "in_doubt": 1}
        assert len(one.server.taken) == 2
        await one.work(timedelta(minutes=4))
        assert len(one.server.taken) == 2, "it may still be at work on the mail"
        await one.work(timedelta(minutes=2))
        assert one.states() == {"sent": 2}
        (doubtful,) = (count for count in Counter(one.server.taken).items() if count[1] > 1)
        assert doubtful[1] == 2, "byte for byte the same, Message-ID and all"
        rows = one.player.opened.store.read(lambda c: [*outbox.listed(c)])
        assert sorted(row.attempts for row in rows) == [1, 2]
        (row,) = (row for row in rows if row.attempts == 2)
        assert "connection lost after the final dot" in row.replies


async def test_an_answer_that_stays_in_doubt_is_not_sent_a_third_time(tmp_path: Path) -> None:
    """Each try may have been a copy.  Who wrote it is told so, and the customer's address is not to blame."""
    async with world(tmp_path) as one:
        await one.answer()
        one.server.cuts, one.server.taken = 100, []
        await one.work(timedelta(minutes=20), times=6)
        answers = [raw for recipient, raw in one.server.taken if recipient.startswith("customer")]
        assert len(answers) == 2
        assert len(set(answers)) == 1
        told = one.player.newest("you@example.com", "undelivered")
        assert "it may or may not have arrived" in told.text
        history = one.history()
        assert any(line.startswith("failed ") for line in history)
        assert not any(line.startswith("mute") for line in history)


@pytest.mark.parametrize("meanwhile", ["busy", "deferred"])
async def test_what_the_next_server_says_meanwhile_ends_no_doubt(tmp_path: Path, meanwhile: str) -> None:
    """It took the answer and broke down, was not there for a while, and breaks down at the answer again."""
    async with world(tmp_path) as one:
        await one.answer()
        one.server.cuts = 1
        await one.work(timedelta(minutes=2))
        one.server.busy = meanwhile == "busy"
        one.server.refuses = {"customer1@customer.example": b"450 4.3.0 later"} if meanwhile == "deferred" else {}
        await one.work(timedelta(minutes=20), times=3)
        one.server.busy, one.server.refuses, one.server.cuts, one.server.taken = False, {}, 100, []
        await one.work(timedelta(minutes=40), times=8)
        assert [recipient for recipient, _ in one.server.taken].count("customer1@customer.example") == 1, "once more"
        told = one.player.newest("you@example.com", "undelivered")
        assert "it may or may not have arrived" in told.text


async def test_a_clock_that_is_set_back_while_an_answer_waits_makes_no_second_version_of_the_next(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as one:
        one.receive(1)
        await one.work()
        to_ticket = one.player.newest("you@example.com").header("Reply-To").rpartition("<")[2].rstrip(">")
        for number, back in ((2, timedelta(0)), (3, -timedelta(hours=2))):
            one.player.now += back
            raw = mail(number, "you@example.com", f"Answer {number}", to_ticket)
            one.player.receive(raw, "you@example.com", (to_ticket,), f"test:{number}")
            await one.file()  # nothing leaves meanwhile
        await one.work(timedelta(hours=3))
        sent = [raw for to, raw in one.server.taken if to == "customer1@customer.example"]
        assert [sum(f"Answer {number}".encode() in raw for raw in sent) for number in (2, 3)] == [1, 1]


@pytest.mark.parametrize(
    ("says", "state", "mails"),
    [
        (b"250 2.0.0 f\xfcr uns", "sent", 2),
        (b"250 2.0.0 taken\x00", "sent", 2),
        (b"250-\xd0\xff\r\n250 \xe9", "sent", 2),
        (b"250 " + b"x" * 8000, "sent", 2),
        (b"550 5.1.1 unbekannt f\xfcr uns \x00", "failed", 3),  # the agent is told of the customer's
        (b"450 4.2.1 sp\xe4ter", "deferred", 2),
    ],
)
async def test_what_a_server_says_in_its_own_alphabet_is_heard(
    tmp_path: Path, database_url: str, says: bytes, state: str, mails: int
) -> None:
    """Else the daemon would die of it after the mail has left, begin anew, and send it again, for ever."""
    async with world(tmp_path, database_url) as one:
        one.server.says = says
        one.receive(1)
        await one.work()
        assert one.states() == {state: mails}
        assert len(one.server.taken) == mails


@pytest.mark.parametrize(("says", "state"), [(b"250 2.0.0 taken", "sent"), (b"550 5.1.1 unknown", "deferred")])
async def test_what_maild_fails_at_after_a_mail_has_left_sends_it_no_second_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: bytes, state: str
) -> None:
    """One that did not leave is tried again, so that its writer is told when maild is mended."""

    def fail(*_: object, **__: object) -> None:
        raise LookupError("a bug of ours")

    async with world(tmp_path) as one:
        await one.answer()
        monkeypatch.setattr(outgoing, "delivered", fail)
        monkeypatch.setattr(outgoing, "undelivered", fail)
        one.server.says, one.server.taken = says, []
        await one.work(timedelta(minutes=2))
        await one.work(timedelta(minutes=2))
        assert [to for to, _ in one.server.taken].count("customer1@customer.example") == 1
        assert one.states()["deferred"] == (state == "deferred")
        monkeypatch.undo()
        await one.work(timedelta(minutes=20))
        assert one.states()["deferred"] == 0
        assert any(line.startswith("failed ") for line in one.history()) == (state == "deferred")


async def test_nothing_leaves_while_that_it_left_cannot_be_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full: what leaves now would leave again after a restart."""

    def full(*_: object, **__: object) -> None:
        raise OperationalError("update", {}, sqlite3.OperationalError("database or disk is full"))

    async with world(tmp_path) as one:
        one.receive(*range(30))
        await one.file()
        with monkeypatch.context() as patch:
            patch.setattr(outbox, "settle", full)
            for _ in range(3):
                await one.deliver()
            by_then = len(one.server.taken)  # until the first write failed, which takes a slow machine a while
            assert by_then < 30
            await one.deliver()
            assert len(one.server.taken) == by_then
        one.player.opened.store.write(lambda _: None)  # as the daemon tries from time to time
        await asyncio.sleep(OUTAGE_SECONDS)
        await one.work()
        assert one.states() == {"sent": 60}
        assert len(one.server.taken) == 60


async def test_a_mail_at_which_the_next_server_hangs_hinders_no_other(tmp_path: Path, database_url: str) -> None:
    """Its scanner may be at it for ten minutes; it is sent once all the same."""
    async with world(tmp_path, database_url) as one:
        one.server.hangs_at = "customer1@customer.example"
        for number in range(1, 8):
            one.receive(number)
            await one.file()
            await one.deliver()
        assert one.states() == {"queued": 1, "sent": 13}
        assert len(one.server.taken) == 14
        one.server.goes_on.set()
        await one.work()
        assert one.states() == {"sent": 14}
        assert len(one.server.taken) == 14


async def test_a_mail_at_which_the_next_server_hangs_while_we_end_is_in_doubt(
    tmp_path: Path, database_url: str
) -> None:
    """Else each restart would send it once more, at once; the next server may well be at work on the first."""
    async with world(tmp_path, database_url) as one:
        one.server.hangs_at = "customer1@customer.example"
        one.receive(1)
        await one.file()
        await one.deliver()
        attempts = one.player.daemon.delivery._under_way
        for attempt in attempts:
            attempt.cancel()  # as the loop does at its end with what has not come to one
        await asyncio.wait(attempts)
        assert one.states() == {"in_doubt": 1, "sent": 1}


@pytest.mark.parametrize("lease", [timedelta(0), delivery.LEASE], ids=["frozen", "suspended"])
async def test_who_slept_sends_nothing_that_another_daemon_has_sent_meanwhile(
    tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch, lease: timedelta
) -> None:
    """A machine that was frozen, or cut off from the database alone, still holds the mails that it had taken.

    Of one that was suspended, the steady clock stood still.
    """
    monkeypatch.setattr(delivery, "MOST_CONNECTIONS", 1)
    monkeypatch.setattr(delivery, "LEASE", lease)
    async with world(tmp_path, cluster.new_database()) as one:
        player, server = one.player, one.server
        server.hangs_at = "customer1@customer.example"
        one.receive(1, 2, 3)
        await one.file()
        await one.deliver()
        server.hangs_at = ""
        player.now += timedelta(minutes=2)
        other = Delivery(player.opened.store, lambda: player.opened.office, player.daemon.sender, lease="another")
        while await other.round(lambda: player.now):
            pass
        assert one.states() == {"sent": 6}
        server.goes_on.set()
        await one.work()
        copies = Counter(to for to, _ in server.taken if to != "you@example.com")
        assert copies == {
            "customer1@customer.example": 2,
            "customer2@customer.example": 1,
            "customer3@customer.example": 1,
        }
        assert len(server.taken) == 7


async def test_daemons_of_one_host_name_and_number_take_nothing_from_each_other(
    tmp_path: Path, cluster: Cluster
) -> None:
    """As in two containers, where each is process 1."""
    async with world(tmp_path, cluster.new_database()) as one:
        first, second = (Daemon(one.player.opened, lambda: one.player.now, dns_too=False) for _ in range(2))
        one.receive(1)
        assert [len(daemon.pipeline._claim(one.player.now)) for daemon in (first, second)] == [1, 0]
        await one.file()  # by a third, which has to wait for its turn
        assert one.states() == {}


@pytest.mark.parametrize("off", [timedelta(days=1), -timedelta(days=1)])
async def test_a_clock_that_is_set_takes_nothing_from_another_daemon_and_loses_nothing_to_it(
    tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch, off: timedelta
) -> None:
    """In the moment in which it is set, and not only when somebody has looked at it again."""
    is_off = timedelta(0)

    def clock() -> datetime:
        return datetime.now(UTC) + is_off

    monkeypatch.setattr(daemon, "now_utc", clock)
    monkeypatch.setattr(look, "now_utc", clock)
    async with world(tmp_path, cluster.new_database()) as one:
        right, wrong = (Daemon(one.player.opened, clock, dns_too=False) for _ in range(2))
        one.receive(1)
        await one.file()
        one.receive(2)
        for each in (right, wrong):
            await each.look.vitals()
        is_off = off
        mine = len(wrong.pipeline._claim(clock())) if off < timedelta(0) else 0
        is_off = timedelta(0)
        theirs = len(right.pipeline._claim(clock())), len(right.delivery._claim(clock(), 10))
        is_off = off
        assert (mine, *theirs) == ((1, 0, 2) if off < timedelta(0) else (0, 1, 2))
        assert (len(wrong.pipeline._claim(clock())), len(wrong.delivery._claim(clock(), 10))) == (mine, 0)


async def test_a_mail_that_hangs_hinders_nobody_from_asking_again(tmp_path: Path) -> None:
    """The next server was busy for a moment while its scanner was at a mail; that may take it ten minutes."""
    async with world(tmp_path) as one:

        async def later(seconds: int) -> None:
            one.player.now += timedelta(seconds=seconds)
            await one.file()
            await one.deliver()

        one.server.hangs_at = "customer1@customer.example"
        one.receive(1)
        await later(0)
        one.server.busy = True
        one.receive(*range(2, 6))
        await later(0)
        connections = one.server.connections
        for _ in range(3):
            await later(1)
        assert one.server.connections == connections, "it is left in peace"
        one.server.busy = False
        for _ in range(5):
            await later(300)
        assert one.states() == {"queued": 1, "sent": 9}
        one.server.goes_on.set()
        await one.work()
        assert one.states() == {"sent": 10}


async def test_mail_whose_files_cannot_be_read_is_not_tried_again_and_again_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bad sector under one mail must not keep a processor busy."""
    tried: list[int] = []

    def broken(delivery: Delivery, due: Due) -> bytes:
        tried.append(due.id)
        raise sqlite3.OperationalError("disk I/O error")

    async with world(tmp_path) as one:
        one.receive(1)
        await one.file()
        monkeypatch.setattr(Delivery, "_signed", broken)
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            await one.deliver()
        assert len(tried) == len(set(tried)) > 0
        one.player.daemon.delivery.end()
        await one.player.daemon.delivery.finish()


async def test_who_could_not_be_reached_because_the_next_server_was_down_is_acknowledged_again(
    tmp_path: Path, database_url: str
) -> None:
    """A day without a next server says nothing of customers' mailboxes."""
    async with world(tmp_path, database_url) as one:
        one.server.busy = True
        one.receive(1)
        await one.work(timedelta(hours=1), times=30)
        one.server.busy = False
        await one.work(timedelta(hours=4), times=3)
        one.player.receive(
            mail(2, "customer1@customer.example"), "customer1@customer.example", ("support@example.com",), "test:2"
        )
        await one.work()
        assert not any(line.startswith("mute") for line in one.history())
        assert "customer1@customer.example" in [to for to, _ in one.server.taken]


async def test_a_ticket_reaches_its_agents_after_a_weekend_without_a_next_server(tmp_path: Path) -> None:
    """An acknowledgement of the day before yesterday helps nobody; what a customer wrote then is to be answered."""
    async with world(tmp_path) as one:
        one.server.busy = True
        one.receive(1)
        await one.work(timedelta(hours=1), times=62)
        one.server.busy = False
        await one.work(timedelta(minutes=5), times=12)
        rows = one.player.opened.store.read(lambda c: [outbox.due(row) for row in outbox.listed(c)])
        assert {row.letter.template: row.state for row in rows if row.id <= 2} == {
            "acknowledge": "failed",
            "ticket": "sent",
        }


async def test_what_waited_leaves_soon_after_the_next_server_is_back(tmp_path: Path) -> None:
    """That it was away says nothing of the mails: they need not wait for hours, as one that was refused does."""
    async with world(tmp_path) as one:
        one.server.busy = True
        one.receive(1)
        await one.work(timedelta(minutes=5), times=12 * 9)  # a night
        one.server.busy = False
        await one.work(timedelta(minutes=5), times=5)
        assert one.states()["deferred"] == 0


async def test_who_wrote_an_answer_is_told_once_that_it_has_not_left(tmp_path: Path) -> None:
    """However often it is tried while the next server is away."""
    async with world(tmp_path) as one:
        await one.answer()
        one.server.busy = True
        await one.work(timedelta(minutes=20), times=3 * 9)
        rows = one.player.opened.store.read(lambda c: [*outbox.listed(c, count=10_000)])
        assert [outbox.due(row).letter.template for row in rows].count("undelivered") == 1


async def reasons_of(one: World) -> list[str]:
    return list(reasons(await one.player.daemon._state()))


async def test_that_an_agents_mailbox_is_dead_is_a_trouble_until_a_mail_arrives(
    tmp_path: Path, database_url: str
) -> None:
    async with world(tmp_path, database_url) as one:
        one.server.refuses["you@example.com"] = b"550 5.1.1 no such user here"
        for number in range(3):
            one.receive(number)
            await one.work(timedelta(minutes=5))
        (reason,) = await reasons_of(one)
        assert "what we mail to an agent does not arrive" in reason
        assert "you@example.com>: 550 5.1.1 no such user here" in reason
        one.server.refuses.clear()
        one.receive(4)
        await one.work(timedelta(minutes=5))
        assert await reasons_of(one) == []


async def test_of_mails_that_came_back_one_that_is_taken_says_nothing_until_none_came_back_for_a_day(
    tmp_path: Path, database_url: str
) -> None:
    """As where a relay takes all and returns what the mailbox behind it refuses."""
    async with world(tmp_path, database_url) as one:
        one.receive(1)
        await one.work()
        store = one.player.opened.store
        (mine,) = (row for row in store.read(lambda c: [*outbox.listed(c)]) if row.recipient == "you@example.com")
        store.write(partial(outbox.bounced, number=mine.id, why="5.2.2 over quota", now=one.player.now))
        for number, later in ((2, timedelta(hours=1)), (3, timedelta(hours=2)), (4, timedelta(days=1))):
            (reason,) = await reasons_of(one)
            assert "over quota" in reason
            one.receive(number)
            await one.work(later)
        assert await reasons_of(one) == []


async def test_a_mail_about_no_ticket_that_came_back_says_so_of_an_agent_s_mailbox_too(tmp_path: Path) -> None:
    """The week's figures, say: nothing else may be mailed to him for days."""
    async with world(tmp_path) as one:
        opened = one.player.opened
        desk = opened.office.desk
        told = daily.report("shadow", desk.default_queue, desk, [], 0, "", "en", one.player.now)
        opened.store.write(lambda connection: post(connection, told, opened.office, one.player.now))
        await one.work()
        (mine,) = opened.store.read(lambda c: [*outbox.listed(c)])
        assert (mine.recipient, mine.ticket, mine.state) == ("you@example.com", None, "sent")
        for action, reasons_then in (("delayed", 0), ("failed", 1)):
            one.player.receive(_report_on(mine, action), "", ("support@example.com",), f"test:{action}")
            await one.work()
            assert len(await reasons_of(one)) == reasons_then
        assert "you@example.com>" in (await reasons_of(one))[0]
        assert one.states() == {"failed": 1}


def _report_on(row: Any, action: str) -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example.com\r\nTo: support@example.com\r\nSubject: Undelivered\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        f"Final-Recipient: rfc822; {row.recipient}\r\nAction: {action}\r\nStatus: 5.2.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {row.message_id}\r\n\r\n--b--\r\n"
    ).encode()


async def test_one_mail_for_which_we_are_refused_keeps_no_other(tmp_path: Path, database_url: str) -> None:
    """As where one queue's address may not be written from: the other queues' may."""
    async with world(tmp_path, database_url) as one:
        one.server.refuses["customer1@customer.example"] = b"550 5.7.60 you may not send as this sender"
        one.receive(*range(1, 6))
        await one.work(timedelta(minutes=5), times=12)
        assert one.states()["sent"] == 9
        one.server.refuses.clear()
        await one.work(timedelta(minutes=5), times=12)
        assert one.states() == {"sent": 10}


async def test_a_reply_too_many_is_not_taken_for_that_to_the_next_mail(tmp_path: Path) -> None:
    """The next mail's RSET became a part of its text, and a minute went by, mail after mail."""
    async with world(tmp_path) as one:
        one.server.says = b"250 2.0.0 taken\r\n250 queued as 7"
        one.receive(*range(1, 5))
        async with asyncio.timeout(20):
            await one.work()
        assert one.states() == {"sent": 8}


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize("says", [b"", b"552 5.3.4 too large", b"452 4.3.1 no room"])
async def test_a_mail_that_was_never_said_to_its_end_is_in_no_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: bytes, scheme: str
) -> None:
    """A line that breaks amid large files breaks again: the mail is tried for days, and did not "perhaps arrive"."""
    cert, key = certificate.write(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(cert, key)
    server = NextServer(reads=100_000, says=says)
    listening = await asyncio.start_server(
        server.client, "127.0.0.1", 0, limit=10_000_000, ssl=tls if scheme == "smtps" else None
    )
    sender = SmtpSender(Route(scheme, "127.0.0.1", listening.sockets[0].getsockname()[1]), helo="example.com")
    raw = mail(1) + b"x" * 70 * 100_000
    outcome = await sender.send("", "customer1@customer.example", raw)
    assert isinstance(outcome, Failed if says.startswith(b"5") else Deferred)
    server.reads, server.says = 0, b"250 taken"
    assert isinstance(await sender.send("", "customer1@customer.example", raw), Sent)
    assert [octets for _, octets in server.taken] == [raw + b"\r\n.\r\n"]
    await sender.close()
    listening.close()


@pytest.mark.parametrize("busy", [True, False])
async def test_a_next_server_that_is_away_is_told_however_little_is_to_leave(tmp_path: Path, busy: bool) -> None:
    """The mails that wait were all tried and are due later: nothing else would show that nothing leaves."""
    async with world(tmp_path) as one:
        one.server.busy = busy
        one.receive(1)
        await one.work(timedelta(minutes=5), times=24)
        told = [*reasons(await one.player.daemon._state())]
        assert [line.split(":")[1] for line in told if "mail server" in line] == [" nothing leaves"] * busy
        for number in (1, 2, 3, 4):
            one.player.opened.store.write(partial(outbox.drop, number=number, now=one.player.now))
        one.player.now += timedelta(hours=1)
        told = [*reasons(await one.player.daemon._state())]
        assert not [line for line in told if "mail server" in line], "nobody knows"


REPORT = """\
From: MAILER-DAEMON@next.example (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <r{number}@next.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; next.example

Final-Recipient: rfc822; customer1@customer.example
Action: failed
Status: {status}
Diagnostic-Code: smtp; connect to customer.example: Connection timed out

--b--
"""


def as_another(letter: Letter) -> Letter:
    """Return a letter with the same words and a Message-ID of its own."""
    return replace(letter, headers=tuple((k, f"<n{v[1:]}" if k == "Message-ID" else v) for k, v in letter.headers))


def report_on(one: World, number: int, status: str = "5.1.1") -> None:
    """One of our mails comes back from behind the next server."""
    row = one.player.opened.store.read(partial(outbox.get, number=number))
    pattern = outbox.due(row).letter.envelope_sender
    back = return_address(one.player.opened.office.house.keys, pattern, number, row.created_at.date())
    report = REPORT.format(to=back, status=status, number=number).replace("\n", "\r\n").encode()
    one.player.receive(report, "", (back,), f"test:report-{number}")


@pytest.mark.parametrize(("status", "muted"), [("4.4.1", False), ("5.1.1", True)])
async def test_what_the_next_server_has_given_up_is_not_on_its_way(tmp_path: Path, status: str, muted: bool) -> None:
    """After days in its queue a mail fails with the status of the last try: nobody goes on trying."""
    async with world(tmp_path) as one:
        await one.answer()
        await one.work()
        rows = one.player.opened.store.read(lambda c: [*outbox.listed(c)])
        one.player.now += timedelta(days=5)
        report_on(one, next(row.id for row in rows if row.recipient == "customer1@customer.example"), status)
        await one.work()
        assert "did not reach" in one.player.newest("you@example.com", "undelivered").text
        history = one.history()
        assert "status=open because an answer did not arrive" in history
        assert any(line.startswith("mute") for line in history) == muted


@pytest.mark.parametrize("at_once", [True, False])
async def test_that_a_customer_s_mailbox_refuses_us_is_told_once_however_much_was_on_its_way(
    tmp_path: Path, database_url: str, at_once: bool
) -> None:
    """The acknowledgement and a rule's ready answer leave together, and come back both."""
    async with world(tmp_path, database_url) as one:
        customer, store = "customer1@customer.example", one.player.opened.store
        one.server.refuses = {customer: b"550 5.1.1 no such user"} if at_once else {}
        one.receive(1)
        await one.file()
        (first,) = (row for row in store.read(lambda c: [*outbox.listed(c)]) if row.recipient == customer)
        again = [Addressed(as_another(outbox.due(first).letter), first.audience)]
        store.write(partial(outbox.put, ticket=first.ticket, letters=again, now=one.player.now))
        await one.work()
        sent = [row.id for row in store.read(lambda c: [*outbox.listed(c)]) if row.recipient == customer]
        for number in sent if not at_once else ():
            report_on(one, number)
            await one.work()
        templates = [outbox.due(row).letter.template for row in store.read(lambda c: [*outbox.listed(c)])]
        assert sum(line.startswith("failed") for line in one.history()) == 2
        assert templates.count("undelivered") == 1
