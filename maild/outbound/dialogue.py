"""One mail's commands, as they are said to the next hop, and what its answers come to.

The envelope and the data are spoken here, command by command, because what a broken connection means depends on
whether the final dot was sent (RFC 1047), and what a 5yz means on whether it is about the mail or about us.
"""

import asyncio
import re
import socket
from dataclasses import dataclass

from aiosmtplib import SMTP, SMTPException, SMTPResponse
from aiosmtplib.protocol import SMTPProtocol

from maild.outbound import replies
from maild.outbound.outcome import Busy, Deferred, Failed, InDoubt, Outcome, Sent

COMMAND_SECONDS = 60.0
ENVELOPE_SECONDS = 300.0  # for MAIL, and for RCPT, of which it may ask others; RFC 5321 section 4.5.3.2.2 and 3
DATA_SECONDS = 120.0  # for 354; RFC 5321 section 4.5.3.2.4
BLOCK_SECONDS = 180.0  # for a piece of the mail to leave; RFC 5321 section 4.5.3.2.5
FINAL_DOT_SECONDS = 600.0  # RFC 5321 section 4.5.3.2.6: the next hop may be working already
BLOCK_BYTES = 65_536
SEND_BUFFER_BYTES = 2 * BLOCK_BYTES  # what the kernel keeps for us: of that alone we cannot know whether it has left

_ADDRESS = re.compile(
    r'(?:[^\s<>()\[\]\\,;:"@\x00-\x1f\x7f]+|"(?:[^"\\\x00-\x1f\x7f]|\\[ -~])*")@[^\s<>@\x00-\x1f\x7f]+'
)


class Told(Exception):
    """The attempt has come to this end."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reply)
        self.outcome = outcome


class Stale(Exception):
    """A connection that we kept turned out to be closed; nothing was said on it yet."""


@dataclass(slots=True)
class Line:
    """A connection, and since when nothing was said on it (the loop's clock)."""

    client: SMTP
    idle_since: float = 0.0
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail and its envelope; sender is "" for the null sender."""

    sender: str
    recipient: str
    raw: bytes
    smtputf8: bool

    @property
    def encoding(self) -> str:
        return "utf-8" if self.smtputf8 else "ascii"


async def say(line: Line, mail: Mail) -> Outcome:
    """Speak one mail's commands; the connection is clean again when this returns."""
    refused = await _envelope(line, mail) or await _go_ahead(line)
    if refused:
        await _reset(line)
        return refused
    return await _data(line, mail)


async def _envelope(line: Line, mail: Mail) -> Outcome | None:
    """Say MAIL and RCPT; return why it went no further, or None."""
    options = _options(line.client, mail)
    if isinstance(options, Failed):
        return options
    for address in (mail.sender, mail.recipient) if mail.sender else (mail.recipient,):
        if not _sayable(address, mail.smtputf8):
            return Failed(f"550 5.1.3 {address!r} cannot be written in an envelope")
    reply = await _first(line, f"MAIL FROM:<{mail.sender}>{options}".encode(mail.encoding))
    if not reply.startswith("250"):
        return _refused(replies.sender_refused(reply))
    recipient = f"RCPT TO:<{mail.recipient}>".encode(mail.encoding)
    reply = await _command(line, recipient, seconds=ENVELOPE_SECONDS)
    return None if reply.startswith(("250", "251")) else _refused(replies.refused(reply))


def _sayable(address: str, smtputf8: bool) -> bool:
    return bool(_ADDRESS.fullmatch(address)) and (smtputf8 or address.isascii())


def _options(client: SMTP, mail: Mail) -> str | Failed:
    """Return the parameters of MAIL, of those that the next hop offers."""
    if mail.smtputf8 and not client.supports_extension("smtputf8"):
        return Failed("550 5.6.7 The next hop does not take internationalised addresses")  # RFC 6531 section 3.2
    options = f" SIZE={len(mail.raw)}" if client.supports_extension("size") else ""
    if mail.smtputf8:
        options += " SMTPUTF8"
    if not mail.raw.isascii() and client.supports_extension("8bitmime"):
        options += " BODY=8BITMIME"
    return options


async def _first(line: Line, command: bytes) -> str:
    """Say the first command of a mail; a kept connection may have been closed meanwhile, and that is no fate."""
    try:
        reply = await _command(line, command, seconds=ENVELOPE_SECONDS)
    except Told:
        if line.fresh:
            raise
        line.client.close()
        raise Stale from None
    if reply.startswith("421") and not line.fresh:
        line.client.close()
        raise Stale
    return reply


async def _command(line: Line, command: bytes, seconds: float = COMMAND_SECONDS) -> str:
    try:
        response = await line.client.execute_command(command, timeout=seconds)
    except (SMTPException, OSError) as error:
        raise Told(Busy(f"connection lost: {error}")) from error
    return in_words(response.code, response.message)


async def _go_ahead(line: Line) -> Outcome | None:
    reply = await _command(line, b"DATA", seconds=DATA_SECONDS)
    return None if reply.startswith("354") else _refused(replies.refused(reply))


async def _reset(line: Line) -> None:
    """Forget the mail; that this fails changes nothing of what was said of it."""
    try:
        await _command(line, b"RSET")
    except Told:
        line.client.close()


async def _data(line: Line, mail: Mail) -> Outcome:
    """Send the mail and wait for the last reply.  What fails once the final dot may have left leaves us in doubt."""
    protocol = line.client.protocol
    if protocol is None:
        raise Told(Busy("connection lost before the mail was sent"))
    octets = _stuffed(mail.raw)
    before_last = (len(octets) - 1) // BLOCK_BYTES * BLOCK_BYTES
    answer = asyncio.create_task(protocol.read_response())  # a server may refuse in the middle
    whole = False
    try:
        if await _poured(protocol, octets[:before_last], answer):
            protocol.write(octets[before_last:])
            whole = True
        response = await asyncio.wait_for(answer, FINAL_DOT_SECONDS if whole else 0)
    except (SMTPException, OSError) as error:
        if whole:
            raise Told(InDoubt(f"connection lost after the final dot: {error}")) from error
        raise Told(Deferred(f"connection lost in the middle of the mail: {error}")) from error
    except asyncio.CancelledError:
        if not whole:
            raise
        raise Told(InDoubt("maild ended before the next server answered to the final dot")) from None
    finally:
        answer.cancel()
    reply = in_words(response.code, response.message)
    if not whole:
        raise Told(
            Deferred(f"in the middle of the mail: {reply}")
            if reply.startswith("2")
            else _refused(replies.refused(reply))
        )
    return Sent(reply) if reply.startswith("2") else _refused(replies.refused(reply))


async def _poured(protocol: SMTPProtocol, octets: bytes, answer: "asyncio.Task[SMTPResponse]") -> bool:
    """Say the beginning of a mail; False if the server answers, goes away or takes nothing before it has left us."""
    transport = protocol.transport
    if not octets or not isinstance(transport, asyncio.Transport):
        return True
    transport.set_write_buffer_limits(high=1)  # with TLS, 0 would hold us up for ever
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    for start in range(0, len(octets), BLOCK_BYTES):
        protocol.write(octets[start : start + BLOCK_BYTES])
        left = asyncio.gather(protocol._drain_helper(), return_exceptions=True)
        await asyncio.wait((left, answer), timeout=BLOCK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if answer.done() or not left.done():
            left.cancel()
            return False
    return True


_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


def _stuffed(raw: bytes) -> bytes:
    """Return the bytes of DATA: CR LF line ends, dots doubled, the final dot (RFC 5321 section 4.5.2)."""
    if not raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n"):
        raw = _BARE.sub(b"\r\n", raw)
    raw = raw.replace(b"\r\n.", b"\r\n..")
    return (b"." if raw.startswith(b".") else b"") + raw + (b"" if raw.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _refused(outcome: Outcome) -> Outcome:
    """Return what a refusal means; where nothing is taken now, the connection goes with it."""
    if isinstance(outcome, Busy):
        raise Told(outcome)
    return outcome


def in_words(code: int, message: str) -> str:
    """Return a reply as one line."""
    return f"{code} {' '.join(message.split())}".strip()
