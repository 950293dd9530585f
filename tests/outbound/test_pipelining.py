"""Commands that are said at once (RFC 2920), and replies that come as they like."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.outbound import dialogue
from maild.outbound.channel import LONGEST_REPLY, Channel, Lost
from maild.outbound.dialogue import Line, Mail, Told, say
from maild.outbound.outcome import Busy, Deferred, Failed, Outcome, Sent
from maild.outbound.route import Route
from maild.outbound.smtp import SmtpSender

OFFER = b"250-mx\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
Session = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def sending_to(session: Session) -> AsyncIterator[SmtpSender]:
    """A sender to a server that greets and says what it offers, and goes on as it is told."""

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx\r\n")
        await reader.readline()
        writer.write(OFFER)
        await session(reader, writer)
        writer.close()

    listening = await asyncio.start_server(client, "127.0.0.1", 0)
    sender = SmtpSender(Route("smtp", "127.0.0.1", listening.sockets[0].getsockname()[1]), helo="example.com")
    try:
        async with asyncio.timeout(20):
            yield sender
            await sender.close()
    finally:
        listening.close()


async def send(sender: SmtpSender, recipient: str = "anna@x.example") -> Outcome:
    return await sender.send("back@example.com", recipient, b"Subject: x\r\n\r\nx\r\n")


async def test_a_server_that_takes_commands_together_is_told_them_together() -> None:
    heard: list[bytes] = []

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            heard.append(await reader.readuntil(b"DATA\r\n"))  # and says nothing before
            writer.write(b"250 2.1.0 ok\r\n25")
            await writer.drain()
            writer.write(b"0-2.1.5 ok\r\n250 go on\r\n354 go")
            await writer.drain()
            await asyncio.sleep(0.01)
            writer.write(b" on\r\n")
            await reader.readuntil(b"\r\n.\r\n")
            writer.write(b"250 2.0.0 taken\r\n")
        await reader.readline()

    async with sending_to(session) as sender:
        assert await send(sender) == await send(sender) == Sent("250 2.0.0 taken")
    assert heard == 2 * [b"MAIL FROM:<back@example.com>\r\nRCPT TO:<anna@x.example>\r\nDATA\r\n"]


@pytest.mark.parametrize(
    ("of_data", "connections"),
    [(b"554 5.5.1 no valid recipients\r\n", 1), (b"503 5.5.1 need RCPT\r\n", 1), (b"354 go on\r\n", 2), (b"", 2)],
    ids=["554", "503", "it waits for the mail all the same", "it hangs up"],
)
async def test_a_refusal_is_that_mail_s_alone(of_data: bytes, connections: int) -> None:
    """A server that says 354 after it refused would take whatever comes next for the mail."""
    taken: list[bytes] = []
    begun = 0

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal begun
        begun += 1
        refused = False
        while line := await reader.readline():
            if b"nobody@" in line:
                refused = True
                writer.write(b"550 5.1.1 unknown\r\n")
            elif line == b"DATA\r\n" and refused:
                if not of_data:
                    return
                refused = False
                writer.write(of_data)
                if of_data.startswith(b"354"):
                    taken.append(await reader.read(-1))
                    return
            elif line == b"DATA\r\n":
                writer.write(b"354 go on\r\n")
                taken.append(await reader.readuntil(b"\r\n.\r\n"))
                writer.write(b"250 2.0.0 taken\r\n")
            else:
                writer.write(b"250 ok\r\n")

    async with sending_to(session) as sender:
        assert await send(sender, "nobody@x.example") == Failed("550 5.1.1 unknown")
        assert await send(sender) == Sent("250 2.0.0 taken")
    assert [one for one in taken if one] == [b"Subject: x\r\n\r\nx\r\n.\r\n"]
    assert begun == connections


@pytest.mark.parametrize("says", [b"", b"421 4.4.2 idle for too long\r\n"])
async def test_a_kept_connection_that_has_ended_is_no_mail_s_fate(says: bytes) -> None:
    begun = 0

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal begun
        begun += 1
        await reader.readuntil(b"DATA\r\n")
        writer.write(b"250 ok\r\n250 ok\r\n354 go on\r\n")
        await reader.readuntil(b"\r\n.\r\n")
        writer.write(b"250 2.0.0 taken\r\n")
        if begun == 1:
            await reader.readuntil(b"DATA\r\n")
            writer.write(says)

    async with sending_to(session) as sender:
        assert [type(await send(sender)) for _ in range(2)] == [Sent, Sent]
    assert begun == 2


@pytest.mark.parametrize(
    ("says", "outcome"),
    [
        (b"250 ok\r\n421 4.3.2 closing\r\n", Busy("421 4.3.2 closing")),
        (b"250 ok\r\n250 ok\r\n", Busy("connection lost: it hung up")),
        (b"250 ok\r\n450 4.2.0 later\r\n", Deferred("450 4.2.0 later")),
        (b"HTTP/1.1 400 Bad Request\r\n", Busy("connection lost: no SMTP: HTTP/1.1 400 Bad Request")),
        (b"2500\r\n", Busy("connection lost: no SMTP: 2500")),
        (b"250-ok\r\n" * 20_000, Busy("connection lost: its reply has no end")),
        (b"2" * 2 * LONGEST_REPLY, Busy("connection lost: its reply has no end")),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_what_ends_amid_the_envelope_leaves_the_mail_for_later(says: bytes, outcome: Outcome) -> None:
    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"DATA\r\n")
        writer.write(says)

    async with sending_to(session) as sender:
        assert await send(sender) == outcome


async def test_what_came_while_we_slept_is_a_reply_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that was frozen after the final dot finds that the time is over, and the reply: the mail has left."""
    monkeypatch.setattr(dialogue, "FINAL_DOT_SECONDS", 0.2)

    def freeze() -> None:
        time.sleep(0.5)  # the whole process, the sender too

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"DATA\r\n")
        writer.write(b"250 ok\r\n250 ok\r\n354 go on\r\n")
        await reader.readuntil(b"\r\n.\r\n")
        await asyncio.sleep(0)  # it is waited for
        writer.write(b"250 2.0.0 taken\r\n")
        freeze()

    async with sending_to(session) as sender:
        assert await send(sender) == Sent("250 2.0.0 taken")


async def test_a_mail_of_which_nothing_could_be_said_is_in_no_doubt() -> None:
    """The server hung up right after its 354: the mail is tried again like any other, and did not "perhaps arrive"."""
    channel = Channel(Still())
    channel.data_received(b"250 ok\r\n250 ok\r\n354 go on\r\n")
    channel.connection_lost(None)
    with pytest.raises(Told) as told:
        await say(
            Line(channel, ("pipelining",)), Mail("", "anna@x.example", b"Subject: x\r\n\r\nx\r\n", smtputf8=False)
        )
    assert told.value.outcome == Deferred("connection lost in the middle of the mail: it hung up")


class Still(asyncio.Transport):
    """A transport that nothing leaves by."""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        pass

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        pass


@given(st.lists(st.integers(0, 60), max_size=8))
def test_replies_are_the_same_however_they_are_cut(cuts: list[int]) -> None:
    said = b"250 2.1.0 ok\r\n250-a\r\n250-\r\n250  b  c\n354\r\n450 sp\xe4ter\r\n"

    async def heard() -> list[str]:
        channel = Channel(Still())
        edges = [0, *sorted(cuts), len(said)]
        for begin, end in itertools.pairwise(edges):
            channel.data_received(said[begin:end])
        channel.connection_lost(None)
        replies = [await channel.reply(1) for _ in range(4)]
        with pytest.raises(Lost, match="it hung up"):
            await channel.reply(1)
        return replies

    assert asyncio.run(heard()) == ["250 2.1.0 ok", "250 a b c", "354", "450 sp\udce4ter"]
