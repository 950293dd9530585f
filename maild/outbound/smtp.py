"""Hands mails to the next hop: a relay, or a provider's submission server.

aiosmtplib connects, begins TLS and logs in; what is said about each mail is in `dialogue`.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Any

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPHeloError,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from maild.outbound.channel import Channel, Lost
from maild.outbound.dialogue import COMMAND_SECONDS, Line, Mail, Stale, Told, say
from maild.outbound.domain import ascii_domain
from maild.outbound.outcome import Busy, Outcome, Stop
from maild.outbound.reach import reached
from maild.outbound.route import Route

IDLE_SECONDS = 30.0  # a connection that was not used for so long is not trusted any more
MOST_CONNECTIONS = 4
QUIT_SECONDS = 5.0


class SmtpSender:
    """Sends over at most MOST_CONNECTIONS at once, and keeps them for the next mail.

    Args:
        password: asked at each log-in, so that a new one needs no restart.
        discard: what password returns is an OAuth2 access token (XOAUTH2), and this forgets one that was refused.
    """

    def __init__(
        self,
        route: Route,
        password: Callable[[], str] | None = None,
        helo: str = "localhost",
        discard: Callable[[], None] | None = None,
    ) -> None:
        self.route = route
        self._password = password
        self._helo = helo
        self._discard = discard
        self._idle: list[Line] = []
        self._address: Any = None  # of the host's, that let us in last
        self._ill: Any = None  # at which somebody answered last and did not
        self._free = asyncio.Semaphore(MOST_CONNECTIONS)

    async def send(self, sender: str, recipient: str, raw: bytes, smtputf8: bool = False) -> Outcome:
        """Make one attempt and return what it came to; nothing but a cancellation is raised.

        Args:
            sender: the envelope sender, "" for the null sender.
            raw: the mail with CR LF line ends.
            smtputf8: whether sender, recipient or header fields need it (RFC 6531).
        """
        mail = Mail(ascii_domain(sender), ascii_domain(recipient), raw, smtputf8)
        async with self._free:
            while True:
                try:
                    return await self._attempt(mail)
                except Stale:
                    continue

    async def probe(self) -> str:
        """Connect and log in; return what went wrong, "" for nothing."""
        try:
            self._keep(await self._line())
        except Told as end:
            return end.outcome.reply
        return ""

    async def close(self) -> None:
        """End the kept connections politely."""
        lines, self._idle = self._idle, []
        await asyncio.gather(*(_quit(line) for line in lines), return_exceptions=True)

    async def _attempt(self, mail: Mail) -> Outcome:
        line = None
        try:
            line = await self._line()
            outcome = await say(line, mail)
        except Told as end:
            if line is not None:
                line.channel.close()
            return end.outcome
        except BaseException:
            if line is not None:
                line.channel.close()  # after a surprise the session is dirty: nothing follows on it
            raise
        self._keep(line)
        return outcome

    async def _line(self) -> Line:
        """Return a kept connection that should still stand, else a new one."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            line = self._idle.pop()
            if line.channel.is_quiet and now - line.idle_since < IDLE_SECONDS:
                line.fresh = False
                return line
            line.channel.close()
        client = await self._connected()
        assert isinstance(client.transport, asyncio.Transport)
        return Line(Channel(client.transport), frozenset(client.esmtp_extensions))

    def _keep(self, line: Line) -> None:
        """Keep a connection for the next mail; with a reply too many, each would be taken for that before it."""
        if not line.channel.is_quiet:
            line.channel.close()
            return
        line.idle_since = asyncio.get_running_loop().time()
        self._idle.append(line)

    async def _connected(self) -> SMTP:
        client = SMTP(
            hostname=self.route.host,
            local_hostname=self._helo,
            timeout=COMMAND_SECONDS,
            use_tls=self.route.scheme == "smtps",
            start_tls=False,
        )
        address = None
        try:
            sock = await reached(self.route.host, self.route.port, self._address, self._ill)
            address = sock.getpeername()
            await client.connect(sock=sock)
            await self._greet(client)
            if self.route.scheme == "smtp+starttls":
                await client.starttls()
                await client.ehlo()
            if self.route.user:
                await self._log_in(client)
        except BaseException as error:
            client.close()
            if isinstance(error, Exception):
                self._ill = address
                raise Told(_not_connected(_cause(error))) from error
            raise
        self._address, self._ill = address, None
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
        except SMTPAuthenticationError as error:
            if error.code < 500:
                raise
            # withdrawn before its end, as after a change of the password
            await asyncio.to_thread(self._discard)
            await client.auth_xoauth2(self.route.user, await self._secret())

    async def _secret(self) -> str:
        return await asyncio.to_thread(self._password) if self._password else ""  # a token may have to be fetched


def _cause(error: Exception) -> Exception:
    """Return what was wrong with a new connection; aiosmtplib tells it of a port "None"."""
    wrapped = isinstance(error, SMTPConnectError | SMTPServerDisconnected)
    return error.__cause__ if wrapped and isinstance(error.__cause__, Exception) else error


def _not_connected(error: Exception) -> Outcome:
    """A network that fails is trouble for now; what a server or a certificate says about us stops the queue."""
    if isinstance(error, SMTPResponseException):
        reply = f"{error.code} {' '.join(error.message.split())}".strip()
        return Stop(reply) if error.code >= 500 else Busy(reply)
    if isinstance(error, ssl.SSLError):
        if error.reason == "WRONG_VERSION_NUMBER":
            return Stop("TLS: it does not begin with it on this port: write smtp+starttls://")
        return Stop(f"TLS: {error}")
    if isinstance(error, OSError) and error.filename is not None:
        return Stop(f"the password cannot be read: {error}")
    if isinstance(error, OSError):
        return Busy(str(error) or "it hung up")
    return Stop(str(error))  # STARTTLS or AUTH is not offered; the password is no text


async def _quit(line: Line) -> None:
    line.channel.write(b"QUIT\r\n")
    with contextlib.suppress(Lost):
        await line.channel.reply(QUIT_SECONDS)
    line.channel.close()
