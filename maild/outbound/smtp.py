"""Hands mails to the next hop: a relay, or a provider's submission server.

The only importer of aiosmtplib; of it stand the connection, TLS and the log-in.  The envelope and the
data are spoken here, command by command, because what a broken connection means depends on whether the
final dot was sent (RFC 1047), and what a 5yz means on whether it is about the mail or about us.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPHeloError,
    SMTPResponse,
    SMTPResponseException,
)
from aiosmtplib.protocol import SMTPProtocol

from maild.outbound import replies
from maild.outbound.domain import ascii_domain
from maild.outbound.outcome import Busy, Deferred, Failed, InDoubt, Outcome, Sent, Stop
from maild.outbound.route import Route

COMMAND_SECONDS = 60.0
DATA_SECONDS = 120.0  # for 354; RFC 5321 section 4.5.3.2.4
BLOCK_SECONDS = 180.0  # for a piece of the mail to leave; RFC 5321 section 4.5.3.2.5
FINAL_DOT_SECONDS = 600.0  # RFC 5321 section 4.5.3.2.6: the next hop may be working already
BLOCK_BYTES = 65_536
SEND_BUFFER_BYTES = 2 * BLOCK_BYTES  # what the kernel keeps for us: of that alone we cannot know whether it has left
IDLE_SECONDS = 30.0  # a connection that was not used for so long is not trusted any more
MOST_CONNECTIONS = 4

_ADDRESS = re.compile(
    r'(?:[^\s<>()\[\]\\,;:"@\x00-\x1f\x7f]+|"(?:[^"\\\x00-\x1f\x7f]|\\[ -~])*")@[^\s<>@\x00-\x1f\x7f]+'
)


class _Told(Exception):
    """The attempt has come to this end."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reply)
        self.outcome = outcome


class _Stale(Exception):
    """A connection that we kept turned out to be closed; nothing was said on it yet."""


@dataclass(slots=True)
class _Line:
    """A connection, and since when nothing was said on it (the loop's clock)."""

    client: SMTP
    idle_since: float = 0.0
    fresh: bool = True


class SmtpSender:
    """Sends over at most MOST_CONNECTIONS at once, and keeps them for the next mail."""

    def __init__(
        self,
        route: Route,
        password: Callable[[], str] | None = None,
        helo: str = "localhost",
        discard: Callable[[], None] | None = None,
    ) -> None:
        """Args:
        password: asked at each log-in, so that a new one needs no restart.
        discard: what it returns is an OAuth2 access token (XOAUTH2), and this forgets one that was refused.
        """
        self.route = route
        self._password = password
        self._helo = helo
        self._discard = discard
        self._idle: list[_Line] = []
        self._free = asyncio.Semaphore(MOST_CONNECTIONS)

    async def send(self, sender: str, recipient: str, raw: bytes, smtputf8: bool = False) -> Outcome:
        """Make one attempt and return what it came to; nothing but a cancellation is raised.

        Args:
            sender: the envelope sender, "" for the null sender.
            raw: the mail with CR LF line ends.
            smtputf8: whether sender, recipient or header fields need it (RFC 6531).
        """
        mail = _Mail(ascii_domain(sender), ascii_domain(recipient), raw, smtputf8)
        async with self._free:
            while True:
                try:
                    return await self._attempt(mail)
                except _Stale:
                    continue

    async def probe(self) -> str:
        """Connect and log in; return what went wrong, "" for nothing."""
        try:
            self._keep(await self._line())
        except _Told as end:
            return end.outcome.reply
        return ""

    async def close(self) -> None:
        """End the kept connections politely."""
        lines, self._idle = self._idle, []
        await asyncio.gather(*(_quit(line) for line in lines), return_exceptions=True)

    async def _attempt(self, mail: "_Mail") -> Outcome:
        line = None
        try:
            line = await self._line()
            outcome = await _say(line, mail)
        except _Told as end:
            if line is not None:
                line.client.close()
            return end.outcome
        except BaseException:
            if line is not None:
                line.client.close()  # after a surprise the session is dirty: nothing follows on it
            raise
        self._keep(line)
        return outcome

    async def _line(self) -> _Line:
        """Return a kept connection that should still stand, else a new one."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            line = self._idle.pop()
            if line.client.is_connected and now - line.idle_since < IDLE_SECONDS:
                line.fresh = False
                return line
            line.client.close()
        return _Line(await self._connected())

    def _keep(self, line: _Line) -> None:
        """Keep a connection for the next mail; with a reply too many, each would be taken for that before it."""
        if line.client.protocol is not None and line.client.protocol._buffer:
            line.client.close()
            return
        line.idle_since = asyncio.get_running_loop().time()
        self._idle.append(line)

    async def _connected(self) -> SMTP:
        client = SMTP(
            hostname=self.route.host,
            port=self.route.port,
            local_hostname=self._helo,
            timeout=COMMAND_SECONDS,
            use_tls=self.route.scheme == "smtps",
            start_tls=False,
        )
        try:
            await client.connect()
            await self._greet(client)
            if self.route.scheme == "smtp+starttls":
                await client.starttls()
                await client.ehlo()
            if self.route.user:
                await self._log_in(client)
        except BaseException as error:
            client.close()
            if isinstance(error, Exception):
                raise _Told(_not_connected(error)) from error
            raise
        return client

    async def _greet(self, client: SMTP) -> None:
        """Say EHLO; to a server that does not know it, as some appliance in the house, HELO (RFC 5321 section 3.2)."""
        try:
            await client.ehlo()
        except SMTPHeloError as error:
            if error.code < 500 or self.route.scheme != "smtp" or self.route.user:
                raise
            await client.helo()

    async def _log_in(self, client: SMTP) -> None:
        if self._discard is None:
            await client.login(self.route.user, await self._secret())
            return
        try:
            await client.auth_xoauth2(self.route.user, await self._secret())
        except SMTPAuthenticationError:  # withdrawn before its end, as after a change of the password
            await asyncio.to_thread(self._discard)
            await client.auth_xoauth2(self.route.user, await self._secret())

    async def _secret(self) -> str:
        return await asyncio.to_thread(self._password) if self._password else ""  # a token may have to be fetched


@dataclass(frozen=True, slots=True)
class _Mail:
    sender: str
    recipient: str
    raw: bytes
    smtputf8: bool

    @property
    def encoding(self) -> str:
        return "utf-8" if self.smtputf8 else "ascii"


def _not_connected(error: Exception) -> Outcome:
    """A network that fails is trouble for now; what a server or a certificate says about us stops the queue."""
    if isinstance(error, SMTPResponseException):
        reply = _text(error.code, error.message)
        return Stop(reply) if error.code >= 500 else Busy(reply)
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return Stop(f"TLS: {error}")
    if isinstance(error, OSError) and error.filename is not None:
        return Stop(f"the password cannot be read: {error}")
    if isinstance(error, OSError):
        return Busy(str(error) or type(error).__name__)
    return Stop(str(error))  # STARTTLS or AUTH is not offered; the password is no text


async def _say(line: _Line, mail: _Mail) -> Outcome:
    """Speak one mail's commands; the connection is clean again when this returns."""
    refused = await _envelope(line, mail) or await _go_ahead(line)
    if refused:
        await _reset(line)
        return refused
    return await _data(line, mail)


async def _envelope(line: _Line, mail: _Mail) -> Outcome | None:
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
    reply = await _command(line, f"RCPT TO:<{mail.recipient}>".encode(mail.encoding))
    return None if reply.startswith(("250", "251")) else _refused(replies.refused(reply))


def _sayable(address: str, smtputf8: bool) -> bool:
    return bool(_ADDRESS.fullmatch(address)) and (smtputf8 or address.isascii())


def _options(client: SMTP, mail: _Mail) -> str | Failed:
    """Return the parameters of MAIL, of those that the next hop offers."""
    if mail.smtputf8 and not client.supports_extension("smtputf8"):
        return Failed("550 5.6.7 The next hop does not take internationalised addresses")  # RFC 6531 section 3.2
    options = f" SIZE={len(mail.raw)}" if client.supports_extension("size") else ""
    if mail.smtputf8:
        options += " SMTPUTF8"
    if not mail.raw.isascii() and client.supports_extension("8bitmime"):
        options += " BODY=8BITMIME"
    return options


async def _first(line: _Line, command: bytes) -> str:
    """Say the first command of a mail; a kept connection may have been closed meanwhile, and that is no fate."""
    try:
        reply = await _command(line, command)
    except _Told:
        if line.fresh:
            raise
        line.client.close()
        raise _Stale from None
    if reply.startswith("421") and not line.fresh:
        line.client.close()
        raise _Stale
    return reply


async def _command(line: _Line, command: bytes, seconds: float = COMMAND_SECONDS) -> str:
    try:
        response = await line.client.execute_command(command, timeout=seconds)
    except (SMTPException, OSError) as error:
        raise _Told(Busy(f"connection lost: {error}")) from error
    return _text(response.code, response.message)


async def _go_ahead(line: _Line) -> Outcome | None:
    reply = await _command(line, b"DATA", seconds=DATA_SECONDS)
    return None if reply.startswith("354") else _refused(replies.refused(reply))


async def _reset(line: _Line) -> None:
    """Forget the mail; that this fails changes nothing of what was said of it."""
    try:
        await _command(line, b"RSET")
    except _Told:
        line.client.close()


async def _data(line: _Line, mail: _Mail) -> Outcome:
    """Send the mail and wait for the last reply.  What fails once the final dot may have left leaves us in doubt."""
    protocol = line.client.protocol
    if protocol is None:
        raise _Told(Busy("connection lost before the mail was sent"))
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
            raise _Told(InDoubt(f"connection lost after the final dot: {error}")) from error
        raise _Told(Deferred(f"connection lost in the middle of the mail: {error}")) from error
    except asyncio.CancelledError:
        if not whole:
            raise
        raise _Told(InDoubt("maild ended before the next server answered to the final dot")) from None
    finally:
        answer.cancel()
    reply = _text(response.code, response.message)
    if not whole:
        raise _Told(
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
        raise _Told(outcome)
    return outcome


def _text(code: int, message: str) -> str:
    return f"{code} {' '.join(message.split())}".strip()


async def _quit(line: _Line) -> None:
    try:
        await line.client.quit(timeout=5)
    except (SMTPException, OSError):
        line.client.close()
