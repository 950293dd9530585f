"""SMTP: the listeners, and what they answer (RFC 5321, 2034, 2920, 3207, 4954, 6152, 6531).

The only importer of aiosmtpd.  Of aiosmtpd stand the protocol, STARTTLS and the challenges of AUTH; the
commands are answered here, for its own would decode envelopes like header fields, read mails line by
line into memory, and answer our troubles with 500, which makes the client give the mail up.

Every trouble of ours is 451 4.3.0, and its text goes to the log, never to the client.  250 follows the
commit; a client that leaves while it runs does not stop it.
"""

import asyncio
import errno
import logging
import socket
import ssl
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, TLSSetupException

from maild.inbound import credentials, paths
from maild.inbound.connections import Connections, Limits, client_address
from maild.inbound.upload import Arrival, DotDecoder, PutChunk, Upload
from maild.message.model import Envelope

TRY_LATER = "451 4.3.0 Local trouble, try again later"
NO_SPACE = "452 4.3.1 No space left, try again later"
SHUTTING_DOWN = "421 4.3.2 Shutting down, try again soon"
TOO_BIG = "552 5.3.4 Mail is larger than {} octets"
ACCEPTED = "250 2.0.0 Accepted as {}"

COMMAND_BYTES = 4096  # RFC 5321 section 4.5.3.1.4 asks for 512, and the extensions for more; RFC 4954 for most
READ_BYTES = 262_144  # what one read of the socket gives at most
BUFFER_BYTES = 65_536  # aiosmtpd's stream holds about twice this before it lets the client wait

logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd tells every command


class NoSpace(Exception):
    """The store has no room for a mail; the client is told 452 and keeps it."""


class _Gone(Exception):
    """The session is over: the client left, or was told to."""


def _silence(*_what: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a listener needs of the daemon.

    check_recipient(address, client, authenticated) is asked at RCPT and returns None or a refusal such as
    "550 5.1.1 <x>: no such address here"; "postmaster" without a domain is never asked for.
    accept(envelope, arrival) returns the mail's name once the mail is durable.  It may raise NoSpace or
    OSError (ENOSPC); whatever else it raises is 451.  put_chunk(transfer, sequence, piece) keeps a piece.
    authenticate(user, password, client) is asked for a log-in; if it raises, the client is told 454.
    has_room(size_bytes) is asked at MAIL.  refused(client, reply) and trouble(error) tell the log.
    """

    check_recipient: Callable[[str, str, bool], str | None]
    accept: Callable[[Envelope, Arrival], Awaitable[str]]
    put_chunk: PutChunk
    authenticate: Callable[[str, str, str], Awaitable[bool]] | None = None
    has_room: Callable[[int], bool] = lambda _size_bytes: True
    refused: Callable[[str, str], None] = _silence
    trouble: Callable[[BaseException], None] = _silence
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Face:
    """What a listener is to its clients.

    tls is offered by STARTTLS, or begins the connection where implicit_tls is set (port 465).
    A submission listener takes mail from those who logged in, and a log-in under TLS only (RFC 8314).
    """

    hostname: str
    tls: ssl.SSLContext | None = None
    implicit_tls: bool = False
    submission: bool = False
    name: str = "smtp"


class Listener:
    """Sockets that listen, with their sessions."""

    def __init__(self, server: asyncio.Server, sessions: set["Session"], connections: Connections) -> None:
        self._server = server
        self._sessions = sessions
        self._connections = connections

    @property
    def ports(self) -> list[int]:
        """The ports, in the order of the sockets; a socket in the file system has none."""
        names = (sock.getsockname() for sock in self._server.sockets)
        return [name[1] for name in names if isinstance(name, tuple)]

    @property
    def port(self) -> int:
        return self.ports[0]

    async def close(self, grace_seconds: float = 20) -> None:
        """Stop listening; let mails that are arriving arrive, and tell the others to come back (RFC 5321 section 3.8).

        Returns when every session has ended, or after grace_seconds; commits are always waited for.
        """
        self._server.close()
        for session in tuple(self._sessions):
            session.ask_to_leave()
        if self._sessions:
            await asyncio.wait([session.work() for session in self._sessions], timeout=grace_seconds)
        for session in tuple(self._sessions):
            session.cut()
        if self._connections.commits:
            await asyncio.wait(self._connections.commits)


async def serve(
    where: str | socket.socket, hooks: Hooks, limits: Limits, face: Face, connections: Connections | None = None
) -> Listener:
    """Listen on "host:port" or on a socket that somebody opened, in the running loop.

    Args:
        connections: one count for all listeners of the daemon; without it the listener has its own.

    Raises:
        OSError: the address cannot be bound.
        ValueError: `where` is no address.
    """
    connections = connections if connections is not None else Connections(limits)
    sessions: set[Session] = set()
    loop = asyncio.get_running_loop()

    def session() -> Session:
        return Session(hooks, limits, face, connections, sessions)

    tls = face.tls if face.implicit_tls else None
    if isinstance(where, socket.socket):
        where.setblocking(False)
        server = await loop.create_server(session, sock=where, ssl=tls, backlog=512)
    else:
        host, port = address_of(where)
        server = await loop.create_server(session, host, port, ssl=tls, backlog=512)
    return Listener(server, sessions, connections)


def address_of(where: str) -> tuple[str, int]:
    """Return host and port of "127.0.0.1:2525", "[::1]:25" or ":25"."""
    host, colon, port = where.rpartition(":")
    if not colon or not port.isdigit():
        raise ValueError(f'{where!r} is no address to listen on: write "host:port"')
    return host.removeprefix("[").removesuffix("]"), int(port)


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return a server's context, TLS 1.2 or later (RFC 8997)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


@dataclass(frozen=True, slots=True)
class _Transaction:
    """One mail's envelope so far (RFC 5321 section 3.3)."""

    sender: str
    smtputf8: bool
    recipients: tuple[str, ...] = ()


class Session(SMTP):
    """One connection."""

    line_length_limit = BUFFER_BYTES  # of aiosmtpd's stream; no line of a mail is too long

    def __init__(
        self, hooks: Hooks, limits: Limits, face: Face, connections: Connections, sessions: set["Session"]
    ) -> None:
        super().__init__(
            None,
            data_size_limit=limits.max_message_bytes,
            enable_SMTPUTF8=True,
            hostname=face.hostname,
            tls_context=None if face.implicit_tls else face.tls,
            timeout=limits.timeout_seconds,
            loop=asyncio.get_running_loop(),
        )
        self._hooks = hooks
        self._limits = limits
        self._face = face
        self._connections = connections
        self._sessions = sessions
        self._client: str | None = None  # None before we admitted him
        self._transaction: _Transaction | None = None
        self._user = ""
        self._in_data = False
        self._leaving = False
        self._replies = b""
        self._commands_left = limits.max_commands
        self._bad_left = limits.max_bad_commands
        self._log_ins_left = limits.max_auth_failures

    # ---- the connection -------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._client is None:
            client = client_address(transport.get_extra_info("peername"))
            because = self._connections.admit(client)
            if because:
                self._turn_away(transport, client, because)
                return
            self._client = client
            self._sessions.add(self)
        self._transaction, self._user = None, ""  # RFC 3207 section 4.2: what was said before TLS is forgotten
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._client is None:
            return
        self._sessions.discard(self)
        self._connections.leave(self._client)
        self._client = None
        super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """Answer what a client sent before it closed its half; aiosmtpd would drop it."""
        if self._client is None or self.session is None or self.session.ssl is not None:
            return False
        return asyncio.StreamReaderProtocol.eof_received(self)

    def ask_to_leave(self) -> None:
        """End the session, now or when its mail has arrived."""
        self._leaving = True
        if not self._in_data:
            self._say_and_close(SHUTTING_DOWN)

    def work(self) -> asyncio.Task[None]:
        assert self._handler_coroutine is not None
        return self._handler_coroutine

    def cut(self) -> None:
        if self.transport is not None:
            self._writer.transport.abort()

    def _turn_away(self, transport: asyncio.BaseTransport, client: str, because: str) -> None:
        reply = f"421 4.3.2 {because.capitalize()}, try again later"
        self._hooks.refused(client, reply)
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(f"{reply}\r\n".encode())
        transport.close()

    def _timeout_cb(self) -> None:
        self._say_and_close("421 4.4.2 Nothing was said for too long")

    def _say_and_close(self, reply: str) -> None:
        if self.transport is not None:
            self._writer.write(self._replies + f"{reply}\r\n".encode())
            self._replies = b""
            self.transport.close()

    # ---- commands and replies -------------------------------------------------------------------

    async def push(self, status: str | bytes) -> None:
        """Send a reply, or keep it for a moment if the client has said more already (RFC 2920 section 3.2)."""
        self._replies += (status.encode(errors="replace") if isinstance(status, str) else status) + b"\r\n"
        if not self._has_line():
            await self._flush()

    async def _flush(self) -> None:
        replies, self._replies = self._replies, b""
        self._writer.write(replies)
        await self._writer.drain()

    async def _handle_client(self) -> None:
        try:
            await self.push(f"220 {self._face.hostname} ESMTP maild")
            while True:
                await self._obey(await self._command())
        except (_Gone, ConnectionError, TLSSetupException):
            pass
        finally:
            if self.transport is not None:
                self.transport.close()

    async def _command(self) -> bytes:
        """Return the next line; what is longer than a command may be is b"" and has been read over."""
        too_long = False
        while True:
            try:
                line = await self._reader.readuntil(b"\n")
            except asyncio.IncompleteReadError:
                raise _Gone from None
            except asyncio.LimitOverrunError as overrun:
                await self._reader.read(overrun.consumed)
                too_long = True
                continue
            self._reset_timeout()
            return b"" if too_long or len(line) > COMMAND_BYTES else line

    async def _obey(self, line: bytes) -> None:
        verb, _, argument = line.rstrip(b"\r\n").partition(b" ")
        method = self._smtp_methods.get(verb.upper().decode("ascii", "replace"))
        self._commands_left -= 1
        if self._commands_left < 0:
            await self._end("421 4.7.0 Too many commands")
        elif not line.endswith(b"\r\n"):  # RFC 5321 section 2.3.8
            await self._bad("500 5.5.2 A line ends with CR LF, and has a limit")
        elif method is None:
            await self._bad("500 5.5.2 No such command")
        else:
            await self._call(method, argument.decode(errors="surrogateescape").strip(" \t"))

    async def _call(self, method: Callable[[str], Awaitable[None]], argument: str) -> None:
        try:
            await method(argument)
        except (_Gone, ConnectionError, TLSSetupException):
            raise
        except Exception as error:
            self._hooks.trouble(error)
            await self.push(TRY_LATER)

    async def _bad(self, reply: str) -> None:
        """Refuse what no mail server says, and end the session of a client that goes on so."""
        self._bad_left -= 1
        if self._bad_left < 0:
            await self._end("421 4.7.0 Too many errors")
        await self.push(reply)

    async def _refuse(self, reply: str) -> None:
        self._hooks.refused(self._client or "", reply)
        await self.push(reply)

    async def _end(self, reply: str) -> None:
        self._say_and_close(reply)
        raise _Gone

    # aiosmtpd's stream has no way to look ahead or to put back; its own STARTTLS clears the same buffer.

    def _has_line(self) -> bool:
        return b"\n" in self._reader._buffer  # type: ignore[attr-defined]

    def _unread(self, data: bytes) -> None:
        self._reader._buffer[:0] = data  # type: ignore[attr-defined]

    def _forget_input(self) -> None:
        self._reader._buffer.clear()  # type: ignore[attr-defined]

    # ---- who is there ---------------------------------------------------------------------------

    async def smtp_HELO(self, hostname: str) -> None:
        await self._greet(hostname, extended=False)

    async def smtp_EHLO(self, hostname: str) -> None:
        await self._greet(hostname, extended=True)

    async def _greet(self, hostname: str, extended: bool) -> None:
        """RFC 5321 section 4.1.4: whatever name a client gives itself, it is not refused for that."""
        if not hostname:
            await self._bad("501 5.5.4 Say who you are")
            return
        assert self.session is not None
        self._transaction = None
        self.session.host_name, self.session.extended_smtp = hostname, extended
        lines = [self._face.hostname, *(self._extensions() if extended else ())]
        await self.push("\r\n".join([f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"]))

    def _extensions(self) -> list[str]:
        offered = [
            "PIPELINING",
            f"SIZE {self._limits.max_message_bytes}",
            "8BITMIME",
            "SMTPUTF8",
            "ENHANCEDSTATUSCODES",
        ]
        if self.tls_context and not self._under_tls():
            offered.append("STARTTLS")
        if self._may_log_in():
            offered.append("AUTH PLAIN LOGIN")
        return offered

    def _under_tls(self) -> bool:
        return self._tls_protocol is not None or self._face.implicit_tls

    def _may_log_in(self) -> bool:
        return self._under_tls() and self._hooks.authenticate is not None and self._face.submission

    async def smtp_STARTTLS(self, arg: str) -> None:
        if arg:
            await self._bad("501 5.5.4 STARTTLS takes no argument")
        elif self._under_tls():
            await self._bad("503 5.5.1 TLS runs already")
        elif not self.tls_context:
            await self._bad("502 5.5.1 TLS is not offered")
        else:
            self._forget_input()  # RFC 3207 section 4.2; CVE-2024-34083
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:
        mechanism, _, initial = arg.partition(" ")
        if self._hooks.authenticate is None or not self._face.submission:
            await self._bad("502 5.5.1 Nobody logs in here")
        elif not self._under_tls():
            await self._bad("538 5.7.11 Start TLS first")
        elif self._user or self._transaction:
            await self._bad("503 5.5.1 Not now")
        elif mechanism.upper() not in ("PLAIN", "LOGIN"):
            await self._bad("504 5.5.4 PLAIN or LOGIN")
        else:
            await self._log_in(await self._credentials(mechanism.upper(), initial))

    async def _credentials(self, mechanism: str, initial: str) -> credentials.Credentials | None:
        """Return user and password, or None where the client was told what was wrong."""
        try:
            first = credentials.decoded(initial) if initial else await self._challenged(credentials.FIRST[mechanism])
            if mechanism == "PLAIN":
                return credentials.plain(first)
            return credentials.login(first, await self._challenged(credentials.PASSWORD))
        except credentials.Unreadable as because:
            await self._bad(str(because))
            return None

    async def _challenged(self, challenge: bytes) -> bytes:
        await self.push(b"334 " + challenge)
        return credentials.decoded((await self._command()).decode("ascii", "replace").rstrip("\r\n"))

    async def _log_in(self, given: credentials.Credentials | None) -> None:
        if given is None or self._hooks.authenticate is None:
            return
        try:
            right = await self._hooks.authenticate(given.user, given.password, self._client or "")
        except Exception as error:
            self._hooks.trouble(error)
            await self.push("454 4.7.0 Cannot check it now, try again later")
            return
        if right:
            self._user = given.user
            await self.push("235 2.7.0 Logged in")
            return
        self._log_ins_left -= 1
        if self._log_ins_left <= 0:
            self._hooks.refused(self._client or "", "421 4.7.0 Too many wrong passwords")
            await self._end("421 4.7.0 Too many wrong passwords")
        await self._refuse("535 5.7.8 User or password is wrong")

    # ---- the envelope ---------------------------------------------------------------------------

    async def smtp_MAIL(self, arg: str | None) -> None:
        refusal = self._out_of_order() or self._begin(arg or "")
        if refusal:
            await self._refuse(refusal)
        else:
            await self.push("250 2.1.0 Sender ok")

    def _out_of_order(self) -> str | None:
        assert self.session is not None
        if not self.session.host_name:
            return "503 5.5.1 Say EHLO first"
        if self._transaction:
            return "503 5.5.1 A mail was begun already"
        if self._face.submission and not self._user:
            return "530 5.7.0 Start TLS and log in first"
        return None

    def _begin(self, argument: str) -> str | None:
        """Begin a mail, or return why not."""
        try:
            path = paths.parse(argument, "FROM:")
        except ValueError:
            return "501 5.5.4 Syntax: MAIL FROM:<address>"
        if path is None:
            return "501 5.1.7 The sender's address is malformed"
        refusal = self._refused_parameters(path)
        if refusal:
            return refusal
        self._transaction = _Transaction(path.address, "SMTPUTF8" in path.parameters)
        return None

    def _refused_parameters(self, path: paths.Path) -> str | None:
        """RFC 1870 section 6, RFC 6152 section 3, RFC 6531 section 3.4, RFC 4954 section 5 (AUTH= is let pass)."""
        given = path.parameters
        if given.keys() - {"SIZE", "BODY", "SMTPUTF8", "AUTH"}:
            return "555 5.5.4 Unknown parameter"
        size = given.get("SIZE", "0")
        if not (size.isascii() and size.isdigit() and len(size) <= 20) or given.get("SMTPUTF8"):
            return "501 5.5.4 Malformed parameter"
        if given.get("BODY", "7BIT").upper() not in ("7BIT", "8BITMIME"):
            return "504 5.5.4 BODY is 7BIT or 8BITMIME"
        if path.needs_utf8 and "SMTPUTF8" not in given:
            return "550 5.6.7 Such a sender needs SMTPUTF8"
        if int(size) > self._limits.max_message_bytes:
            return TOO_BIG.format(self._limits.max_message_bytes)
        return None if self._hooks.has_room(int(size)) else NO_SPACE

    async def smtp_RCPT(self, arg: str | None) -> None:
        refusal = self._add(arg or "")
        if refusal:
            await self._refuse(refusal)
        else:
            await self.push("250 2.1.5 Recipient ok")

    def _add(self, argument: str) -> str | None:
        """Add a recipient, or return why not."""
        if not self._transaction:
            return "503 5.5.1 Say MAIL first"
        try:
            path = paths.parse(argument, "TO:")
        except ValueError:
            return "501 5.5.4 Syntax: RCPT TO:<address>"
        if path is None or not path.address:
            return "553 5.1.3 The recipient's address is malformed"
        if path.parameters:
            return "555 5.5.4 Unknown parameter"
        if path.needs_utf8 and not self._transaction.smtputf8:
            return "553 5.6.7 Such a recipient needs SMTPUTF8"
        if len(self._transaction.recipients) >= self._limits.max_recipients:
            return "452 4.5.3 Too many recipients"  # RFC 5321 section 4.5.3.1.10: the client sends the others later
        refusal = self._checked(path.address)
        if not refusal:
            recipients = (*self._transaction.recipients, path.address)
            self._transaction = replace(self._transaction, recipients=recipients)
        return refusal

    def _checked(self, address: str) -> str | None:
        if address.lower() == "postmaster":  # RFC 5321 section 4.5.1: accepted everywhere
            return None
        return self._hooks.check_recipient(address, self._client or "", bool(self._user))

    # ---- the mail -------------------------------------------------------------------------------

    async def smtp_DATA(self, arg: str) -> None:
        if not self._transaction or not self._transaction.recipients:
            await self._bad("503 5.5.1 Say MAIL and RCPT first")
        elif arg:
            await self._bad("501 5.5.4 DATA takes no argument")
        else:
            self._in_data = True
            try:
                await self.push("354 End the mail with CR LF . CR LF")
                await self._take(self._transaction)
            finally:
                self._in_data, self._transaction = False, None
            if self._leaving:
                await self._end(SHUTTING_DOWN)

    async def _take(self, transaction: _Transaction) -> None:
        """Read a mail, make it durable, and say so."""
        transfer = uuid.uuid4().hex
        upload = Upload(transfer, self._trace(transaction, transfer), self._hooks.put_chunk)
        refusal = await self._read(upload)
        if not refusal and upload.in_a_loop():
            refusal = "554 5.4.6 Too many hops"
        if refusal:
            await self._refuse(refusal)
            return
        self._stop_timeout()
        reply = await self._commit(self._envelope(transaction, transfer), upload)
        self._reset_timeout()
        self._commands_left = self._limits.max_commands
        await self.push(reply)

    async def _read(self, upload: Upload) -> str | None:
        """Read to the final dot, and return why the mail cannot be taken, if it cannot.

        A mail that is too large is read over to its end, so that the client hears 552; one that is larger
        still by as much again is not waited for.
        """
        await self._flush()
        decoder, surplus, refusal = DotDecoder(), self._limits.max_message_bytes, None
        while not decoder.ended:
            read = await self._reader.read(READ_BYTES)
            if not read:
                raise _Gone
            self._reset_timeout()
            data = decoder.feed(read)
            if refusal:
                surplus -= len(data)
            else:
                refusal = await self._add_to(upload, data)
            if surplus < 0:
                await self._end(refusal or TRY_LATER)
        self._unread(decoder.rest or b"")
        return refusal

    async def _add_to(self, upload: Upload, data: bytes) -> str | None:
        if upload.arrived_bytes + len(data) > self._limits.max_message_bytes:
            return TOO_BIG.format(self._limits.max_message_bytes)
        try:
            await upload.add(data)
        except Exception as error:
            return self._reply_to(error)
        return None

    async def _commit(self, envelope: Envelope, upload: Upload) -> str:
        """Return the reply that the accepted, or not accepted, mail deserves.

        The commit is a task of its own: it goes on when the client leaves, which cancels this session.
        """
        commit = asyncio.ensure_future(self._accepted(envelope, upload))
        self._connections.commits.add(commit)
        commit.add_done_callback(self._connections.commits.discard)
        return await asyncio.shield(commit)

    async def _accepted(self, envelope: Envelope, upload: Upload) -> str:
        try:
            return ACCEPTED.format(await self._hooks.accept(envelope, await upload.finish()))
        except Exception as error:
            return self._reply_to(error)

    def _reply_to(self, error: Exception) -> str:
        self._hooks.trouble(error)
        full = isinstance(error, NoSpace) or (isinstance(error, OSError) and error.errno == errno.ENOSPC)
        return NO_SPACE if full else TRY_LATER

    def _stop_timeout(self) -> None:
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()

    def _envelope(self, transaction: _Transaction, transfer: str) -> Envelope:
        assert self.session is not None
        return Envelope(
            mail_from=transaction.sender,
            rcpt_to=transaction.recipients,
            received_at=self._hooks.now(),
            source=f"{self._face.name}:{transfer}",
            client=self._client or "",
            helo=printable(self.session.host_name or ""),
            protocol=self._protocol(transaction.smtputf8),
            auth_user=self._user,
        )

    def _protocol(self, smtputf8: bool) -> str:
        """The word for a Received line's "with" (RFC 3848, RFC 6531 section 4.3)."""
        assert self.session is not None
        if not self.session.extended_smtp:
            return "SMTP"
        name = "UTF8SMTP" if smtputf8 else "ESMTP"
        return name + ("S" if self._under_tls() else "") + ("A" if self._user else "")

    def _trace(self, transaction: _Transaction, transfer: str) -> bytes:
        """Our lines on top of the mail (RFC 5321 section 4.4)."""
        assert self.session is not None
        client = self._client or ""
        literal = f"[IPv6:{client}]" if ":" in client else f"[{client or 'local'}]"
        return (
            f"Return-Path: <{transaction.sender}>\r\n"
            f"Received: from {_word(self.session.host_name or '')} ({literal})\r\n"
            f"\tby {self._face.hostname} with {self._protocol(transaction.smtputf8)} id {transfer};\r\n"
            f"\t{format_datetime(self._hooks.now())}\r\n"
        ).encode()

    # ---- the other commands ---------------------------------------------------------------------

    async def smtp_RSET(self, arg: str) -> None:
        self._transaction = None
        await self.push("250 2.0.0 Forgotten")

    async def smtp_NOOP(self, arg: str) -> None:
        await self.push("250 2.0.0 Ok")

    async def smtp_QUIT(self, arg: str) -> None:
        await self._end("221 2.0.0 Bye")

    async def smtp_VRFY(self, arg: str) -> None:
        await self.push("252 2.1.5 Send a mail and see")

    async def smtp_EXPN(self, arg: str) -> None:
        await self.push("502 5.5.1 Not here")

    async def smtp_HELP(self, arg: str | None) -> None:
        await self.push("214 2.0.0 RFC 5321")


def printable(text: str) -> str:
    """Return a client's word without what could break a line, at most 255 characters of it."""
    return "".join(c if c.isprintable() else "?" for c in text[:255])


def _word(text: str) -> str:
    """Return a client's name as one word of a Received line: no space, bracket or comment in it."""
    return "".join("?" if c in ' ();<>"\\' or not c.isprintable() else c for c in text[:255]) or "unknown"
