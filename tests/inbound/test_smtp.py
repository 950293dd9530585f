"""The listener with real clients, and with clients that behave badly."""

import asyncio
import smtplib
import socket
import subprocess
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from shutil import which

import aiosmtplib
import pytest

from maild.identity.certificate import Pair
from maild.inbound.connections import Connections, Limits, client_address
from maild.inbound.hooks import Face
from maild.inbound.listener import serve
from maild.inbound.sockets import address_of
from tests.conftest import missing
from tests.inbound.world import LIMITS, World, listening, trusting, untraced
from tests.test_abuse import Guest

MAIL = b"From: a@b.example\r\nSubject: x\r\n\r\nHello\r\n"
HELLO = (b"EHLO client.example", b"MAIL FROM:<a@b.example>", b"RCPT TO:<x@ok.example>", b"DATA")


class Raw:
    """A client that says what it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connected(cls, world: World) -> "Raw":
        return cls(*await asyncio.open_connection("127.0.0.1", world.port))

    @classmethod
    async def in_data(cls, world: World) -> "Raw":
        client = await cls.connected(world)
        assert (await client.reply()).startswith("220")
        for command in HELLO:
            last = await client.say(command + b"\r\n")
        assert last.startswith("354")
        return client

    async def say(self, data: bytes) -> str:
        self.writer.write(data)
        return await self.reply()

    async def reply(self) -> str:
        while True:
            line = (await asyncio.wait_for(self.reader.readline(), 5)).decode().strip()
            if line[3:4] != "-":
                return line


async def test_smtplib_and_aiosmtplib_are_served() -> None:
    async with listening() as world:
        await asyncio.to_thread(_by_smtplib, world.port)
        to = {"hostname": "127.0.0.1", "port": world.port, "start_tls": False}
        await aiosmtplib.send(MAIL, sender="a@b.example", recipients=["x@ok.example"], **to)
        assert [untraced(raw) for _, raw in world.mails] == [MAIL, MAIL]
        assert {envelope.client for envelope, _ in world.mails} == {"127.0.0.1"}
        assert world.mails[0][0].source != world.mails[1][0].source
        assert world.arrivals[0].sha256 == world.arrivals[1].sha256


def _by_smtplib(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("a@b.example", ["x@ok.example"], MAIL)


async def test_swaks_is_served_under_starttls(certificates: tuple[Path, Path]) -> None:
    if not which("swaks"):
        missing("swaks is missing: apt install swaks")
    async with listening(tls=Pair(*certificates).context) as world:
        command = ["swaks", "--server", f"127.0.0.1:{world.port}", "--to", "x@ok.example", "--from", "a@b.example"]
        done = await asyncio.to_thread(
            subprocess.run, [*command, "--tls", "--pipeline"], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert world.mails[0][0].protocol == "ESMTPS"


async def test_the_trace_tells_who_came_and_nothing_he_says_breaks_it() -> None:
    async with listening() as world:
        client = await Raw.connected(world)
        await client.reply()
        for command in (b"EHLO a (evil)\tby <x>;", b"MAIL FROM:<a@b.example>", b"RCPT TO:<x@ok.example>", b"DATA"):
            await client.say(command + b"\r\n")
        await client.say(MAIL + b".\r\n")
        lines = world.mails[0][1].decode().split("\r\n")
        assert lines[0] == "Return-Path: <a@b.example>"
        assert lines[1] == "Received: from a??evil??by??x?? ([127.0.0.1])"
        assert lines[2].startswith("\tby mx.example with ESMTP id ")
        assert lines[4] == "From: a@b.example"


async def test_starttls_forgets_what_was_said_before_it(certificates: tuple[Path, Path]) -> None:
    """RFC 3207 section 4.2: neither the envelope nor commands sent ahead survive (CVE-2024-34083)."""
    async with listening(tls=Pair(*certificates).context) as world:
        client = await Raw.connected(world)
        await client.reply()
        await client.say(b"EHLO client.example\r\n")
        await client.say(b"MAIL FROM:<evil@b.example>\r\n")
        assert (await client.say(b"STARTTLS\r\nRCPT TO:<x@ok.example>\r\n")).startswith("220 ")
        await client.writer.start_tls(trusting(str(certificates[0])))
        assert (await client.say(b"MAIL FROM:<a@b.example>\r\n")).startswith("503 5.5.1 Say EHLO")
        assert (await client.say(b"EHLO client.example\r\n")).startswith("250 ")
        assert (await client.say(b"DATA\r\n")).startswith("503")
        for command in (b"MAIL FROM:<a@b.example>", b"RCPT TO:<x@ok.example>", b"DATA"):
            await client.say(command + b"\r\n")
        assert (await client.say(MAIL + b".\r\n")).startswith("250")
        assert world.mails[0][0].protocol == "ESMTPS"
        client.writer.close()


async def test_a_failed_handshake_ends_only_its_session(certificates: tuple[Path, Path]) -> None:
    async with listening(tls=Pair(*certificates).context) as world:
        client = await Raw.connected(world)
        await client.reply()
        await client.say(b"EHLO client.example\r\n")
        await client.say(b"STARTTLS\r\n")
        client.writer.write(b"this is no handshake\r\n")
        assert await asyncio.wait_for(client.reader.read(), 5) is not None
        await asyncio.to_thread(_by_smtplib, world.port)
        assert len(world.mails) == 1


async def test_a_mail_larger_than_the_limit_is_read_over_and_refused() -> None:
    async with listening() as world:
        client = await Raw.in_data(world)
        assert (await client.say(b"x" * 150_000 + b"\r\n.\r\n")).startswith("552 5.3.4")
        assert (await client.say(b"NOOP\r\n")).startswith("250")
        assert not world.mails


async def test_nobody_reads_without_end() -> None:
    """One endless line, as large as the sender likes: after twice the limit the connection is closed."""
    async with listening() as world:
        client = await Raw.in_data(world)
        with pytest.raises(ConnectionError):
            await _say_without_end(client)
        assert not world.mails


async def _say_without_end(client: Raw) -> None:
    for _ in range(1000):
        client.writer.write(b"x" * 100_000)
        await client.writer.drain()


async def test_a_command_without_an_end_is_not_kept() -> None:
    async with listening() as world:
        client = await Raw.connected(world)
        await client.reply()
        assert (await client.say(b"NOOP " + b"x" * 1_000_000 + b"\r\n")).startswith("500 5.5.2")
        assert (await client.say(b"NOOP\r\n")).startswith("250")


async def test_long_lines_and_long_mails_arrive() -> None:
    async with listening(replace(LIMITS, max_message_bytes=5_000_000)) as world:
        client = await Raw.in_data(world)
        mail = b"Subject: x\r\n\r\n" + b"long line. " * 300_000 + b"\r\n"
        assert (await client.say(mail + b".\r\n")).startswith("250")
        assert untraced(world.mails[0][1]) == mail
        assert len(world.pieces[world.arrivals[0].transfer]) > 1


async def test_too_many_hops_are_a_loop() -> None:
    async with listening() as world:
        client = await Raw.in_data(world)
        assert (await client.say(b"Received: x\r\n" * 101 + b"\r\n.\r\n")).startswith("554 5.4.6")


async def test_a_client_that_leaves_during_the_commit_does_not_stop_it() -> None:
    async with listening() as world:
        world.commit_seconds = 0.2
        client = await Raw.in_data(world)
        client.writer.write(MAIL + b".\r\n")
        await asyncio.sleep(0.1)
        client.writer.transport.abort()
        await asyncio.sleep(0.3)
        assert len(world.mails) == 1
        assert not world.troubles


async def test_a_client_that_leaves_before_the_end_leaves_nothing() -> None:
    async with listening() as world:
        client = await Raw.in_data(world)
        client.writer.write(MAIL + b"\r\n.")
        client.writer.close()
        await asyncio.sleep(0.1)
        assert not world.mails
        assert not world.troubles


async def test_a_slow_commit_is_not_a_timeout() -> None:
    async with listening(replace(LIMITS, timeout_seconds=0.2)) as world:
        world.commit_seconds = 0.5
        client = await Raw.in_data(world)
        assert (await client.say(MAIL + b".\r\n")).startswith("250")
        assert (await client.reply()).startswith("421 4.4.2")


async def test_data_that_keeps_coming_is_not_a_timeout() -> None:
    async with listening(replace(LIMITS, timeout_seconds=0.2)) as world:
        client = await Raw.in_data(world)
        for _ in range(6):
            client.writer.write(b"x" * 100 + b"\r\n")
            await asyncio.sleep(0.07)
        assert (await client.say(b".\r\n")).startswith("250")


async def test_shutting_down_lets_a_mail_arrive_and_sends_the_others_away() -> None:
    async with listening() as world:
        idle, busy = await Raw.connected(world), await Raw.in_data(world)
        await idle.reply()
        closing = asyncio.create_task(world.listener.close(5))
        assert (await idle.reply()).startswith("421 4.3.2")
        with pytest.raises(ConnectionRefusedError):
            await Raw.connected(world)
        assert (await busy.say(MAIL + b".\r\n")).startswith("250")
        assert (await busy.reply()).startswith("421 4.3.2")
        await asyncio.wait_for(closing, 5)
        assert len(world.mails) == 1


async def test_shutting_down_does_not_wait_for_ever() -> None:
    async with listening() as world:
        client = await Raw.in_data(world)
        await asyncio.wait_for(world.listener.close(0.1), 2)
        assert await client.reader.read() == b""


async def test_connections_are_limited_in_all_and_by_client() -> None:
    limits = replace(LIMITS, max_connections=3, max_connections_per_ip=2)
    async with listening(limits) as world:
        clients = [await Raw.connected(world) for _ in range(3)]
        replies = [await client.reply() for client in clients]
        assert [reply[:9] for reply in replies] == ["220 mx.ex", "220 mx.ex", "421 4.3.2"]
        assert (await clients[0].say(b"QUIT\r\n")).startswith("221")
        await asyncio.sleep(0.05)
        assert (await (await Raw.connected(world)).reply()).startswith("220")
        assert world.refused == ["127.0.0.1 421 4.3.2 Too many connections from your address, try again later"]


async def test_trusted_relays_open_as_many_as_all_may() -> None:
    limits = replace(LIMITS, max_connections=3, max_connections_per_ip=1)
    async with listening(limits, Connections(limits, ["127.0.0.0/8"])) as world:
        clients = [await Raw.connected(world) for _ in range(4)]
        replies = [await client.reply() for client in clients]
        assert [reply[:3] for reply in replies] == ["220", "220", "220", "421"]


def test_ipv6_clients_count_by_their_network() -> None:
    connections = Connections(Limits(max_connections_per_ip=1))
    first = Guest("2001:db8::1")
    assert connections.admit(first) is None
    assert connections.admit(Guest("2001:db8::2")) is not None
    assert connections.admit(Guest("2001:db8:0:1::1")) is None
    connections.leave(first)
    assert connections.admit(Guest("2001:db8::3")) is None
    assert len(connections) == 2


def test_a_mapped_address_is_the_address() -> None:
    assert client_address(("::ffff:192.0.2.1", 25, 0, 0)) == "192.0.2.1"
    assert client_address(("fe80::1%eth0", 25, 0, 0)) == "fe80::1"
    assert client_address("") == ""


async def test_a_socket_that_was_handed_over_is_served() -> None:
    world = World()
    with socket.create_server(("127.0.0.1", 0)) as given:
        world.listener = await serve(given, world.hooks(), Face("mx.example"), Connections(LIMITS))
        await asyncio.to_thread(_by_smtplib, world.port)
        await world.listener.close(1)
    assert len(world.mails) == 1


@pytest.mark.parametrize(
    ("where", "address"), [("127.0.0.1:25", ("127.0.0.1", 25)), ("[::1]:25", ("::1", 25)), (":0", ("", 0))]
)
def test_addresses_to_listen_on(where: str, address: tuple[str, int]) -> None:
    assert address_of(where) == address


def test_what_is_no_address_says_what_is() -> None:
    with pytest.raises(ValueError, match='write "host:port"'):
        address_of("localhost")


async def test_a_mail_of_the_standard_library_with_every_kind_of_part_arrives_as_it_was() -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Pasūtījums", "a@b.example", "x@ok.example"
    message.set_content("Labdien\n.\n..\n")
    message.add_attachment(bytes(range(256)) * 100, maintype="image", subtype="png", filename="x.png")
    expected = message.as_bytes()
    async with listening() as world:
        await asyncio.to_thread(_send_message, world.port, message)
        assert untraced(world.mails[0][1]).replace(b"\r\n", b"\n") == expected


def _send_message(port: int, message: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.send_message(message)
