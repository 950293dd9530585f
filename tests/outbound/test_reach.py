"""A next server of several addresses, some of which are dead."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from maild.outbound import reach
from maild.outbound.outcome import Busy, Sent
from maild.outbound.route import Route
from maild.outbound.smtp import SmtpSender

SILENT, GOOD = "127.0.0.1", "127.0.0.2"


@pytest.fixture
def port() -> Iterator[int]:
    """A port at which SILENT says nothing to whoever comes, as behind a network that swallows all."""
    with socket.socket() as listening:
        listening.bind((SILENT, 0))
        listening.listen(0)
        taken = [socket.socket() for _ in range(2)]  # Linux lets one more wait than it is told
        for one in taken:
            one.setblocking(False)
            one.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]
        for one in taken:
            one.close()


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of the host `next.example`."""
    found = [SILENT, GOOD]

    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(reach, "ADDRESS_SECONDS", 0.5)
    monkeypatch.setattr(reach, "FEWEST_SECONDS", 0.5)
    return found


async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 next\r\n")
    while line := (await reader.readline())[:4].upper():
        if line == b"DATA":
            writer.write(b"354 go on\r\n")
            await reader.readuntil(b"\r\n.\r\n")
        writer.write(b"250 ok\r\n")
        if line == b"QUIT":
            break
    writer.close()


async def test_an_address_that_is_silent_keeps_no_mail(port: int, addresses: list[str]) -> None:
    """It had all the time that there was for all of them: nothing left, for ever."""
    listening = await asyncio.start_server(session, GOOD, port)
    sender = SmtpSender(Route("smtp", "next.example", port), helo="example.com")
    loop = asyncio.get_running_loop()
    assert isinstance(await sender.send("", "anna@x.example", b"Subject: x\r\n\r\n"), Sent)
    await sender.close()
    began = loop.time()
    assert isinstance(await sender.send("", "anna@x.example", b"Subject: x\r\n\r\n"), Sent)
    assert loop.time() - began < 0.4, "what answered last is asked first"
    await sender.close()
    listening.close()


@pytest.mark.parametrize("says", [b"421 4.3.2 not now\r\n", b""], ids=["421", "hangs up"])
async def test_an_address_that_answers_and_lets_nobody_in_keeps_no_mail(addresses: list[str], says: bytes) -> None:
    """Behind it somebody may be ill for days, and at the other address all is well."""
    asked = list[str]()

    async def ill(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(SILENT)
        writer.write(says)
        writer.close()

    sick = await asyncio.start_server(ill, SILENT, 0)
    port = sick.sockets[0].getsockname()[1]
    well = await asyncio.start_server(session, GOOD, port)
    sender = SmtpSender(Route("smtp", "next.example", port), helo="example.com")
    assert isinstance(await sender.send("", "anna@x.example", b"Subject: x\r\n\r\n"), Busy)
    for _ in range(2):
        assert isinstance(await sender.send("", "anna@x.example", b"Subject: x\r\n\r\n"), Sent)
        await sender.close()
    assert asked == [SILENT]
    well.close()
    assert isinstance(await sender.send("", "anna@x.example", b"Subject: x\r\n\r\n"), Busy)
    assert asked == [SILENT, SILENT], "it is asked where nobody else answers"
    sick.close()


async def test_why_no_address_answers_is_told_of_each(port: int, addresses: list[str]) -> None:
    sender = SmtpSender(Route("smtp", "next.example", port), helo="example.com")
    why = f"cannot connect to next.example on port {port}: {SILENT}: no answer, {GOOD}: Connection refused"
    assert await sender.send("", "anna@x.example", b"Subject: x\r\n\r\n") == Busy(why)


async def test_however_many_addresses_are_silent_an_end_comes(
    port: int, addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses[:] = [SILENT] * 20
    monkeypatch.setattr(reach, "ALL_SECONDS", 1.2)
    outcome = await SmtpSender(Route("smtp", "next.example", port)).send("", "anna@x.example", b"Subject: x\r\n\r\n")
    assert isinstance(outcome, Busy)
    assert outcome.reply.endswith("no answer, no time is left")


async def test_a_host_without_an_address_may_have_one_later(port: int, addresses: list[str]) -> None:
    addresses.clear()
    sender = SmtpSender(Route("smtp", "next.example", port))
    assert await sender.send("", "anna@x.example", b"Subject: x\r\n\r\n") == Busy(
        "next.example: Name or service not known"
    )
