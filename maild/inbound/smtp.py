"""One SMTP session: its connection, its TLS, its timeouts and its end.

The only importer of aiosmtpd, of which the protocol and STARTTLS stand.  The commands are answered in
`commands`, for aiosmtpd would read envelopes like header fields, hold mails in memory line by line, and
answer our troubles with 500, which makes the client give the mail up.
"""

import asyncio
import logging
from typing import NoReturn

from aiosmtpd.smtp import SMTP, TLSSetupException

from maild.inbound.commands import SHUTTING_DOWN, Commands
from maild.inbound.connections import Connections, client_address
from maild.inbound.content import TRY_LATER
from maild.inbound.hooks import Face, Hooks
from maild.inbound.waiting import Waiting
from maild.inbound.wire import Gone

COMMAND_BYTES = 4096  # RFC 5321 section 4.5.3.1.4 asks for 512, the extensions for more
READ_BYTES = 262_144  # what one read of the socket gives at most
BUFFER_BYTES = 65_536  # aiosmtpd's stream holds about twice this before it lets the client wait
TICK_SECONDS = 2.0  # how often a session looks whether its client has been slow for too long

logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd tells every command


class Session(SMTP):
    """One connection."""

    line_length_limit = BUFFER_BYTES  # of aiosmtpd's stream; no line of a mail is too long

    def __init__(self, hooks: Hooks, face: Face, connections: Connections, sessions: set["Session"]) -> None:
        super().__init__(
            None,
            hostname=face.hostname,
            tls_context=face.tls() if face.tls and not face.implicit_tls else None,
            timeout=connections.limits.timeout_seconds,
            loop=asyncio.get_running_loop(),
        )
        self._hooks = hooks
        self._face = face
        self._connections = connections
        self._sessions = sessions
        self._admitted = False
        self._plain: asyncio.BaseTransport | None = None  # below TLS, where that comes first
        self._replies = b""
        self._waiting = Waiting(self.loop.time)
        self.client = ""
        self._commands = Commands(self, hooks, face, connections)

    # ---- the connection -------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called once, and once more when TLS has begun."""
        because = None if self._admitted else self.admit(transport)
        if because:
            self._turn_away(transport, because)
            return
        self._sessions.add(self)
        self._commands.forget()
        super().connection_made(transport)

    def admit(self, transport: asyncio.BaseTransport) -> str | None:
        """Count the client in, or return why not."""
        self.client = client_address(transport.get_extra_info("peername"))
        self._plain = transport
        self._waiting.begin()
        because = self._connections.admit(self)
        self._admitted = because is None
        return because

    def discharge(self) -> None:
        """Count the client out."""
        self._admitted = False
        self._sessions.discard(self)
        self._connections.leave(self)

    def connection_lost(self, error: Exception | None) -> None:
        if self in self._sessions:
            self.discharge()
            super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """Answer what a client sent before it closed its half; aiosmtpd would drop it."""
        if not self._admitted or self.session is None or self.session.ssl is not None:
            return False
        return asyncio.StreamReaderProtocol.eof_received(self)

    def ask_to_leave(self) -> None:
        """End the session, now or when its mail has arrived."""
        self._commands.leaving = True
        if not self._commands.in_data:
            self._say_and_close(SHUTTING_DOWN)

    def work(self) -> "asyncio.Task[None]":
        assert self._handler_coroutine is not None
        return self._handler_coroutine

    def waited(self) -> float:
        """Return how long the client has let us wait since its last whole command, less what its data earned."""
        return self._waiting.seconds

    def make_room(self) -> None:
        """End the session at once."""
        self._say_and_close("421 4.3.2 Too many connections, and nothing is said on this one")
        assert isinstance(self._plain, asyncio.WriteTransport)
        self._plain.abort()

    def cut(self) -> None:
        if self.transport is not None:
            self._writer.transport.abort()

    def _turn_away(self, transport: asyncio.BaseTransport, because: str) -> None:
        reply = f"421 4.3.2 {because}, try again later"
        self._hooks.refused(self.client, reply)
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(f"{reply}\r\n".encode())
        transport.close()

    def _reset_timeout(self, duration: float | None = None) -> None:
        """A whole command was said, or is waited for anew."""
        self._waiting.begin()
        if self._timeout_handle is None:
            self._timeout_cb()

    def _timeout_cb(self) -> None:
        """End the session of a client that is too slow, or look again later: a timer a command would cost more."""
        patience = self._connections.patience_seconds()
        left = patience - self._waiting.seconds if self._waiting.goes_on else patience
        if left <= 0:
            self._say_and_close("421 4.4.2 Nothing was said for too long")
        else:
            self._timeout_handle = self.loop.call_later(min(left, TICK_SECONDS), self._timeout_cb)

    def _say_and_close(self, reply: str) -> None:
        if self.transport is not None and not self._writer.is_closing():  # TLS that is closed cannot be written to
            self._writer.write(self._replies + f"{reply}\r\n".encode())
            self._replies = b""
            self.transport.close()

    async def _handle_client(self) -> None:
        try:
            await self.push(f"220 {self._face.hostname} ESMTP maild")
            while True:
                await self._obey(await self.next_line())
        except (Gone, ConnectionError, TLSSetupException):
            pass
        finally:
            if self.transport is not None:
                self.transport.close()

    async def _obey(self, line: bytes) -> None:
        try:
            await self._commands.obey(line)
        except (Gone, ConnectionError, TLSSetupException):
            raise
        except Exception as error:
            self._hooks.trouble(error)
            await self.push(TRY_LATER)

    # ---- the wire, for Commands -----------------------------------------------------------------

    async def push(self, status: str | bytes) -> None:
        """Send a reply, or keep it for a moment if the client has said more already (RFC 2920 section 3.2)."""
        self._replies += (status.encode(errors="replace") if isinstance(status, str) else status) + b"\r\n"
        if b"\n" not in self._buffered():
            await self._flush()

    async def end(self, reply: str) -> NoReturn:
        self._say_and_close(reply)
        raise Gone

    async def next_line(self) -> bytes:
        """Return the next line; what is longer than a command may be is b"" and has been read over."""
        self._reset_timeout()
        too_long = False
        while True:
            try:
                line: bytes = await self._reader.readuntil(b"\n")
            except asyncio.IncompleteReadError:
                raise Gone from None
            except asyncio.LimitOverrunError as overrun:
                await self._reader.read(overrun.consumed)
                too_long = True
                continue
            return b"" if too_long or len(line) > COMMAND_BYTES else line

    async def next_data(self) -> bytes:
        """Return what comes next, however much it is."""
        if self._replies:
            await self._flush()
        self._waiting.go_on()
        data: bytes = await self._reader.read(READ_BYTES)
        if not data:
            raise Gone
        self._waiting.earn(len(data) / self._connections.limits.min_bytes_per_second)
        return data

    def unread(self, data: bytes) -> None:
        self._buffered()[:0] = data

    def wait_no_more(self) -> None:
        """Let the client wait for us without a limit; the next read sets it again."""
        self._waiting.stop()

    def under_tls(self) -> bool:
        return self._tls_protocol is not None or self._face.implicit_tls

    def may_start_tls(self) -> bool:
        return self.tls_context is not None

    async def start_tls(self) -> None:
        """Say 220 and begin TLS; what the client sent ahead is thrown away (RFC 3207 section 4.2, CVE-2024-34083)."""
        self._buffered().clear()
        await super().smtp_STARTTLS("")

    async def _flush(self) -> None:
        replies, self._replies = self._replies, b""
        self._writer.write(replies)
        await self._writer.drain()

    def _buffered(self) -> bytearray:
        """What has arrived and was not read.  The stream has no public look-ahead; aiosmtpd's STARTTLS does so, too."""
        buffer: bytearray = self._reader._buffer  # type: ignore[attr-defined]
        return buffer
