"""Those who mean harm meet limits, and everybody else is served."""

import asyncio
import encodings
import os
import smtplib
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from maild.deciding.reading import read_mail
from maild.door import Door
from maild.identity import password
from maild.identity.certificate import Pair
from maild.inbound.connections import Connections, Limits
from maild.message import charset, html
from maild.message.model import Envelope
from maild.quoting import body
from maild.watch.http import MOST_CONNECTIONS, Http
from tests.bombs import BOMBS
from tests.inbound.world import LIMITS, listening, trusting
from tests.running import free_port

SECONDS_A_BOMB = 8.0  # of processor time: the slowest takes one and a half
EHLO = b"EHLO client.example\r\n"
MAIL = EHLO + b"MAIL FROM:<a@b.example>\r\nRCPT TO:<x@ok.example>\r\nDATA\r\nSubject: x\r\n\r\nHello\r\n.\r\nQUIT\r\n"
SLOW = replace(LIMITS, timeout_seconds=0.3, crowded_seconds=0.1)


# ---- mails ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_in_seconds(name: str) -> None:
    """All that is done to a mail's bytes, whatever they are: what is quadratic in anything takes minutes here."""
    raw = BOMBS[name]()
    began = time.process_time()
    reading = read_mail(raw, Envelope("mallory@flood.example", (), datetime.now(UTC)))
    body.cut(reading.message)
    html.clean(reading.message.html)
    assert time.process_time() - began < SECONDS_A_BOMB
    assert reading.message.size_bytes == len(raw)


def test_names_of_charsets_that_nobody_knows_fill_no_memory() -> None:
    """Python remembers each that it was asked for, for as long as the process lives."""
    remembered = len(encodings._cache)  # type: ignore[attr-defined]
    for number in range(1000):
        for label in (f"x-no-such-{number}", f"utf{'-' * number}8", f"utf-8{chr(0x400 + number)}"):
            charset.decode("ä".encode(), label)
    assert len(encodings._cache) < remembered + 10  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "hiding",
    ["{}", "<!-- <p a='{}-->", '<p a=">{}">', "<style><p {}></style>", '<p a="<!--">{}', "<p/x=<a/b={}>"],
)
def test_a_tag_of_very_many_attributes_is_found_wherever_it_hides(hiding: str) -> None:
    wide = "<p " + " ".join(f"a{n}=1" for n in range(60_000)) + ">"
    began = time.process_time()
    html.to_text(hiding.replace("{}", wide) + "Hello")
    assert time.process_time() - began < 2


def test_html_with_ordinary_tags_is_read_as_html() -> None:
    row = '<tr class="a" style="color: red"><td width=1>x</td><td>y</td></tr>\n'
    assert "<" not in html.to_text("<table>" + row * 2000 + "</table>")
    assert "<td" in html.clean("<table>" + row * 2000 + "</table>")


# ---- connections ----------------------------------------------------------------------------------


async def test_a_client_that_says_one_byte_after_the_other_is_sent_away() -> None:
    """Slowloris: neither a command nor a mail may take for ever, however often a byte of it comes."""
    async with listening(SLOW) as world:
        for prefix in (b"", MAIL.partition(b"Subject")[0]):
            await asyncio.wait_for(_trickle(world.port, prefix), 5)
        assert (await _talk(world.port, MAIL)).count(b"250 2.0.0 Accepted") == 1


async def _trickle(port: int, prefix: bytes) -> None:
    """Say a prefix at once and more byte by byte; return when the conversation was ended, by a reply or a reset."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(prefix)
    reading = asyncio.create_task(reader.read())
    while not reading.done():
        writer.write(b"x")
        await asyncio.sleep(0.02)
    writer.close()
    if reading.exception() is None:
        assert reading.result().splitlines()[-1].startswith(b"421 4.4.2")


async def test_a_slow_line_is_no_attack_while_the_mail_comes_at_all() -> None:
    """Two seconds in all, at twice the least rate, where a fifth of that is the patience with silence."""
    limits = replace(LIMITS, timeout_seconds=0.4, min_bytes_per_second=1000)
    async with listening(limits) as world:
        reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
        writer.write(MAIL.partition(b"Hello")[0])
        for _ in range(10):
            writer.write(b"x" * 398 + b"\r\n")
            await asyncio.sleep(0.1)
        writer.write(b".\r\nQUIT\r\n")
        assert b"250 2.0.0 Accepted" in await reader.read()
        writer.close()


async def test_who_says_nothing_makes_room_when_it_is_crowded() -> None:
    """Each from an address of its own, so that nobody has more than the other."""
    limits = replace(LIMITS, max_connections=20, timeout_seconds=60, crowded_seconds=0.2)
    async with listening(limits) as world:
        to = {"host": "127.0.0.1", "port": world.port}
        idle = [await asyncio.open_connection(**to, local_addr=(f"127.0.1.{n + 1}", 0)) for n in range(20)]
        assert b"421 4.3.2 Too many connections" in await _talk(world.port, MAIL)
        ended = [asyncio.create_task(reader.read()) for reader, _ in idle]
        await asyncio.wait(ended, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        assert b"250 2.0.0 Accepted" in await _until_served(world.port)
        for _, writer in idle:
            writer.close()


@dataclass(eq=False)
class Guest:
    client: str
    waits: float = 0.0
    gone: bool = False

    def waited(self) -> float:
        return self.waits

    def make_room(self) -> None:
        self.gone = True


def test_nobody_is_hurried_while_there_is_room() -> None:
    connections, guests = Connections(Limits(max_connections=4)), [Guest("192.0.2.1") for _ in range(3)]
    assert connections.patience_seconds() == 300
    for guest in guests:
        assert connections.admit(guest) is None
    assert connections.patience_seconds() == 10
    connections.leave(guests[0])
    assert connections.patience_seconds() == 300


def test_who_has_most_connections_and_is_slowest_makes_room_for_others() -> None:
    connections = Connections(Limits(max_connections=6), ["198.51.100.0/24"])
    relay = [Guest("198.51.100.1", waits=50), Guest("198.51.100.1", waits=50), Guest("198.51.100.1", waits=50)]
    slow = [Guest("192.0.2.1", waits=5), Guest("192.0.2.1", waits=20), Guest("192.0.2.1", waits=0)]
    for guest in (*relay, *slow):
        assert connections.admit(guest) is None
    assert connections.admit(first := Guest("203.0.113.1")) is None
    assert [guest.gone for guest in slow] == [False, True, False]
    assert connections.admit(Guest("203.0.113.1")) is not None, "as many as the others have"
    assert connections.admit(Guest("192.0.2.1")) is not None
    assert len(connections) == 6
    assert not any(guest.gone for guest in (*relay, first))


async def test_a_thousand_connections_from_one_address_leave_the_others_alone() -> None:
    async with listening(replace(LIMITS, max_connections=200, max_connections_per_ip=20)) as world:
        flood = [await asyncio.open_connection("127.0.0.1", world.port) for _ in range(300)]
        greetings = [await asyncio.wait_for(reader.read(3), 5) for reader, _ in flood]
        assert greetings.count(b"220") == 20
        assert greetings.count(b"421") == 280
        assert b"250 2.0.0 Accepted" in await _talk(world.port, MAIL, local="127.0.0.9")
        for _, writer in flood:
            writer.close()


async def test_connections_without_a_handshake_are_counted(certificates: tuple[Path, Path]) -> None:
    """Where TLS comes first, whoever never begins it is a connection like any other."""
    limits = replace(LIMITS, max_connections_per_ip=5)
    connections = Connections(limits)
    async with listening(limits, connections, tls=Pair(*certificates).context, implicit_tls=True) as world:
        silent = [await asyncio.open_connection("127.0.0.1", world.port) for _ in range(5)]
        await _until(lambda: len(connections) == 5)
        turned = await asyncio.open_connection("127.0.0.1", world.port)
        with suppress(ConnectionError):
            assert await asyncio.wait_for(turned[0].read(), 5) == b""
        assert len(connections) == 5
        silent[0][1].write(b"this is no handshake\r\n")
        for _, writer in silent[1:]:
            writer.close()
        await _until(lambda: len(connections) == 0)
        assert await asyncio.to_thread(_over_tls, world.port, certificates[0]) == 250
        await _until(lambda: len(connections) == 0)


def _over_tls(port: int, trusted: Path) -> int:
    with smtplib.SMTP_SSL("127.0.0.1", port, context=trusting(str(trusted)), timeout=10) as client:
        return client.noop()[0]


async def test_who_tries_which_addresses_there_are_is_sent_away() -> None:
    """Twenty wrong ones between two mails: more than a mail server with old lists, fewer than one who guesses."""
    guesses = b"".join(b"RCPT TO:<guess%d@elsewhere.example>\r\n" % n for n in range(100))
    async with listening() as world:
        answers = await _talk(world.port, EHLO + b"MAIL FROM:<a@b.example>\r\n" + guesses)
        assert answers.count(b"550 5.1.1") == 20
        assert answers.endswith(b"421 4.7.0 Too many refused recipients\r\n")
        begin, rest = MAIL.split(b"RCPT", 1)
        again = begin + b"".join(guesses.splitlines(keepends=True)[:20]) + b"RCPT" + rest
        assert b"250 2.0.0 Accepted" in await _talk(world.port, again)
    async with listening(connections=Connections(LIMITS, ["127.0.0.1/32"])) as world:
        assert (await _talk(world.port, EHLO + b"MAIL FROM:<a@b.example>\r\n" + guesses)).count(b"550 5.1.1") == 100


# ---- log-ins --------------------------------------------------------------------------------------


async def test_a_storm_of_log_ins_uses_one_thread_that_is_nice() -> None:
    checker = password.Checker()
    kept = password.hashed("correct horse battery")
    assert await asyncio.gather(*(checker.matches(kept, f"guess {n}") for n in range(3))) == [False] * 3
    assert await checker.matches(kept, "correct horse battery")
    assert await asyncio.wrap_future(checker._thread.submit(_niceness)) == password.NICENESS
    checker.close()


def _niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


async def test_who_has_a_network_of_ipv6_guesses_as_one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def no_password(_work: str, key: str) -> str:
        return ""

    desk = SimpleNamespace(agent_named=lambda user: SimpleNamespace(key=user))
    door = Door(None, no_password, lambda: SimpleNamespace(desk=desk))  # type: ignore[arg-type, return-value]
    monkeypatch.setattr(asyncio, "sleep", sleep)
    for number, client in enumerate(("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4", "2001:db8:0:1::1")):
        assert await door._authenticate(f"agent{number}", "a guess", client) is None
    assert waits == [0.0, 0.0, 1.0, 2.0, 0.0]
    await door.close()


async def test_a_client_waits_for_two_log_ins_at_most() -> None:
    checker = password.Checker()
    with checker.waiting("192.0.2.1"), checker.waiting("192.0.2.1"):
        with checker.waiting("192.0.2.2"):
            pass
        with pytest.raises(password.Busy):
            checker.waiting("192.0.2.1").__enter__()
    with checker.waiting("192.0.2.1"):
        pass
    checker.close()


# ---- http -----------------------------------------------------------------------------------------


async def test_a_flood_of_http_leaves_room_for_who_asks() -> None:
    async def examine() -> object:
        raise AssertionError("nobody asked")

    http, port = Http(examine), free_port()  # type: ignore[arg-type]
    await http.open(f"127.0.0.1:{port}")
    flood = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MOST_CONNECTIONS * 3)]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /elsewhere HTTP/1.0\r\n\r\n")
    assert (await asyncio.wait_for(reader.read(), 4)).startswith(b"HTTP/1.0 404")
    for _, one in (*flood, (reader, writer)):
        one.close()
    await http.close()


# ---- means ----------------------------------------------------------------------------------------


async def _talk(port: int, said: bytes, local: str = "127.0.0.1") -> bytes:
    """Say everything at once; return all that was answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(local, 0))
    with closing(writer):
        writer.write(said)
        if b"QUIT" not in said:
            writer.write_eof()
        return await asyncio.wait_for(reader.read(), 5)


async def _until_served(port: int) -> bytes:
    for _ in range(100):
        answers = await _talk(port, MAIL)
        if b"250 2.0.0" in answers:
            return answers
        await asyncio.sleep(0.05)
    return b""


async def _until(holds: Callable[[], bool]) -> None:
    for _ in range(200):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("not within four seconds")
