"""What a listener answers, command by command (RFC 5321, 1870, 2034, 4954, 6152, 6531).

Where maild itself fails, what it raises is the session's to answer.
"""

import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from maild.inbound import credentials, trace, transaction
from maild.inbound.connections import Connections
from maild.inbound.content import NO_SPACE, Content
from maild.inbound.hooks import Face, Hooks
from maild.inbound.transaction import Refusal, Transaction
from maild.inbound.upload import Upload
from maild.inbound.wire import Wire
from maild.message.model import Envelope

SHUTTING_DOWN = "421 4.3.2 Shutting down, try again soon"
TOO_MANY_UNKNOWN = "421 4.7.0 Too many refused recipients"
NO_PROXY = "421 4.3.5 The PROXY protocol is not spoken here"
OF_PROXIES = frozenset((b"PROXY", b"\0"))  # its first version, and how the second goes on; nobody reads our answer
OF_BROWSERS = frozenset((b"GET", b"HEAD", b"POST", b"PUT", b"OPTIONS", b"CONNECT"))  # a page may have one say a mail


class Commands:
    """One session's state, and a method for each command."""

    def __init__(self, wire: Wire, hooks: Hooks, face: Face, connections: Connections) -> None:
        self._wire = wire
        self._hooks = hooks
        self._limits = limits = connections.limits
        self._face = face
        self._connections = connections
        self._content = Content(wire, hooks, connections)
        self._commands_left = limits.max_commands
        self._bad_left = limits.max_bad_commands
        self._log_ins_left = limits.max_auth_failures
        self._refused_left = limits.max_refused_recipients
        self.in_data = False
        self.leaving = False
        self.forget()

    def forget(self) -> None:
        """Begin anew, as under TLS: what was said before it counts no more (RFC 3207 section 4.2)."""
        self._helo = ""
        self._extended = False
        self._user = ""
        self._still_counts: Callable[[], bool] | None = None
        self._mail: Transaction | None = None

    async def obey(self, line: bytes) -> None:
        """Answer one line of the client."""
        verb, _, argument = line.rstrip(b"\r\n").partition(b" ")
        method = _METHODS.get(verb.upper())
        self._commands_left -= 1
        if self._commands_left < 0:
            await self._wire.end("421 4.7.0 Too many commands")
        elif verb in OF_BROWSERS:
            await self._wire.end("421 5.7.0 This is a mail server")
        elif verb in OF_PROXIES:  # else each client behind it would take every answer for that to its next command
            self._hooks.refused(self._wire.client, NO_PROXY)
            await self._wire.end(NO_PROXY)
        elif not line.endswith(b"\r\n"):  # RFC 5321 section 2.3.8
            await self._bad("500 5.5.2 A line ends with CR LF, and has a limit")
        elif method is None:
            await self._bad("500 5.5.2 No such command")
        else:
            await method(self, argument.decode(errors="surrogateescape").strip(" \t"))

    async def _bad(self, reply: str) -> None:
        """Refuse what no mail server says, and end the session of a client that goes on so."""
        self._bad_left -= 1
        if self._bad_left < 0:
            await self._wire.end("421 4.7.0 Too many errors")
        await self._wire.push(reply)

    async def _refuse(self, reply: str) -> None:
        self._hooks.refused(self._wire.client, reply)
        await self._wire.push(reply)

    # ---- who is there ---------------------------------------------------------------------------

    async def helo(self, argument: str) -> None:
        await self._greet(argument, ())

    async def ehlo(self, argument: str) -> None:
        await self._greet(argument, self._extensions())

    async def _greet(self, name: str, extensions: tuple[str, ...]) -> None:
        """RFC 5321 section 4.1.4: whatever name a client gives itself, it is not refused for that."""
        if not name:
            await self._bad("501 5.5.4 Say who you are")
            return
        self._helo, self._extended, self._mail = trace.printable(name), bool(extensions), None
        *lines, last = (self._face.hostname, *extensions)
        await self._wire.push("".join(f"250-{line}\r\n" for line in lines) + f"250 {last}")

    def _extensions(self) -> tuple[str, ...]:
        size = f"SIZE {self._limits.max_message_bytes}"
        offered = ["PIPELINING", size, "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
        if self._wire.may_start_tls() and not self._wire.under_tls():
            offered.append("STARTTLS")
        if self._may_log_in() and self._wire.under_tls():
            offered.append("AUTH PLAIN LOGIN")
        return tuple(offered)

    def _may_log_in(self) -> bool:
        return self._face.submission and self._hooks.authenticate is not None

    async def starttls(self, argument: str) -> None:
        if argument:
            await self._bad("501 5.5.4 STARTTLS takes no argument")
        elif self._wire.under_tls():
            await self._bad("503 5.5.1 TLS runs already")
        elif not self._wire.may_start_tls():
            await self._bad("502 5.5.1 TLS is not offered")
        else:
            await self._wire.start_tls()

    async def auth(self, argument: str) -> None:
        mechanism, _, initial = argument.partition(" ")
        if not self._may_log_in():
            await self._bad("502 5.5.1 Nobody logs in here")
        elif not self._wire.under_tls():
            await self._bad("538 5.7.11 Start TLS first")
        elif self._user or self._mail or not self._extended:
            await self._bad("503 5.5.1 Not now")
        elif mechanism.upper() not in credentials.FIRST:
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

    async def _challenged(self, challenge: str) -> bytes:
        await self._wire.push(f"334 {challenge}")
        return credentials.decoded((await self._wire.next_line()).decode("ascii", "replace").rstrip("\r\n"))

    async def _log_in(self, given: credentials.Credentials | None) -> None:
        if given is None or self._hooks.authenticate is None:
            return
        try:
            self._still_counts = await self._hooks.authenticate(given.user, given.password, self._wire.client)
        except Exception as error:
            self._hooks.trouble(error)
            await self._wire.push("454 4.7.0 Cannot check it now, try again later")
            return
        if self._still_counts is not None:
            self._user = given.user
            await self._wire.push("235 2.7.0 Logged in")
        else:
            await self._wrong_password()

    async def _wrong_password(self) -> None:
        self._log_ins_left -= 1
        if self._log_ins_left <= 0:
            self._hooks.refused(self._wire.client, "421 4.7.0 Too many wrong passwords")
            await self._wire.end("421 4.7.0 Too many wrong passwords")
        await self._refuse("535 5.7.8 User or password is wrong")

    # ---- the envelope ---------------------------------------------------------------------------

    async def mail(self, argument: str) -> None:
        begun = self._out_of_order() or transaction.begin(argument, self._limits)
        if isinstance(begun, Transaction) and not self._hooks.has_room(begun.size_bytes):
            begun = Refusal(NO_SPACE)
        await self._take(begun, "250 2.1.0 Sender ok")

    def _out_of_order(self) -> Refusal | None:
        if not self._helo:
            return Refusal("503 5.5.1 Say EHLO first")
        if self._mail:
            return Refusal("503 5.5.1 A mail was begun already")
        if self._still_counts is not None and not self._still_counts():
            self._user, self._still_counts = "", None
        if self._face.submission and not self._user:
            return Refusal("530 5.7.0 Start TLS and log in first")
        return None

    async def rcpt(self, argument: str) -> None:
        if self._mail is None:
            await self._refuse("503 5.5.1 Say MAIL first")
        else:
            added = transaction.add(self._mail, argument, self._limits, self._hooks.check_recipient)
            if isinstance(added, Refusal) and added.reply.startswith("550"):
                await self._count_refused()
            await self._take(added, "250 2.1.5 Recipient ok")

    async def _count_refused(self) -> None:
        """End the session of a client that tries which addresses there are; a relay of ours only hands on."""
        self._refused_left -= not self._connections.trusts(self._wire.client)
        if self._refused_left < 0:
            self._hooks.refused(self._wire.client, TOO_MANY_UNKNOWN)
            await self._wire.end(TOO_MANY_UNKNOWN)

    async def _take(self, step: Transaction | Refusal, reply: str) -> None:
        if isinstance(step, Refusal):
            await self._refuse(step.reply)
        else:
            self._mail = step
            await self._wire.push(reply)

    # ---- the mail -------------------------------------------------------------------------------

    async def data(self, argument: str) -> None:
        if self._mail is None or not self._mail.recipients:  # so says who did not wait for our refusals (RFC 2920)
            await self._wire.push("503 5.5.1 Say MAIL and RCPT first")
            return
        if argument:
            await self._bad("501 5.5.4 DATA takes no argument")
            return
        self.in_data = True
        try:
            await self._receive(self._mail)
        finally:
            self.in_data, self._mail = False, None
        if self.leaving:
            await self._wire.end(SHUTTING_DOWN)

    async def _receive(self, mail: Transaction) -> None:
        """Read a mail, make it durable, and say so."""
        await self._wire.push("354 End the mail with CR LF . CR LF")
        number, begun = uuid.uuid4().hex, datetime.now(UTC)
        head = trace.lines(self._envelope(mail, number, begun), self._face.hostname, number, begun)
        upload = Upload(number, head, self._hooks.put_chunk, self._connections.memory)
        refusal = await self._content.read(upload)
        if refusal:
            await self._refuse(refusal)
            return
        self._wire.wait_no_more()
        reply = await self._content.commit(self._envelope(mail, number, datetime.now(UTC)), upload)
        self._commands_left = self._limits.max_commands
        self._refused_left = self._limits.max_refused_recipients
        await self._wire.push(reply)

    def _envelope(self, mail: Transaction, number: str, now: datetime) -> Envelope:
        return Envelope(
            mail_from=mail.sender,
            rcpt_to=mail.recipients,
            received_at=now,
            source=f"{self._face.name}:{number}",
            client=self._wire.client,
            helo=self._helo,
            protocol=trace.protocol(self._extended, mail.smtputf8, self._wire.under_tls(), bool(self._user)),
            auth_user=self._user,
        )

    # ---- the other commands ---------------------------------------------------------------------

    async def rset(self, _argument: str) -> None:
        self._mail = None
        await self._wire.push("250 2.0.0 Forgotten")

    async def noop(self, _argument: str) -> None:
        await self._wire.push("250 2.0.0 Ok")

    async def quit(self, _argument: str) -> None:
        await self._wire.end("221 2.0.0 Bye")

    async def vrfy(self, _argument: str) -> None:
        await self._wire.push("252 2.1.5 Send a mail and see")

    async def expn(self, _argument: str) -> None:
        await self._wire.push("502 5.5.1 Not here")

    async def help(self, _argument: str) -> None:
        await self._wire.push("214 2.0.0 RFC 5321")


_METHODS: dict[bytes, Callable[[Commands, str], Awaitable[None]]] = {
    b"HELO": Commands.helo,
    b"EHLO": Commands.ehlo,
    b"STARTTLS": Commands.starttls,
    b"AUTH": Commands.auth,
    b"MAIL": Commands.mail,
    b"RCPT": Commands.rcpt,
    b"DATA": Commands.data,
    b"RSET": Commands.rset,
    b"NOOP": Commands.noop,
    b"QUIT": Commands.quit,
    b"VRFY": Commands.vrfy,
    b"EXPN": Commands.expn,
    b"HELP": Commands.help,
}
