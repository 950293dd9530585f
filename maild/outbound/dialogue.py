"""One mail's commands, as they are said to the next hop, and what its answers come to.

The envelope and the data are spoken here, because what a broken connection means depends on whether the final dot was
sent (RFC 1047), and what a 5yz means on whether it is about the mail or about us.  A server that knows it is told MAIL,
RCPT and DATA at once (RFC 2920): one journey there and back instead of three.
"""

import asyncio
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NamedTuple

from maild.outbound import replies
from maild.outbound.channel import Channel, Lost
from maild.outbound.outcome import Busy, Deferred, Failed, InDoubt, Outcome, Sent

COMMAND_SECONDS = 60.0
ENVELOPE_SECONDS = 300.0  # for MAIL, and for RCPT, of which it may ask others; RFC 5321 section 4.5.3.2.2 and 3
DATA_SECONDS = 120.0  # for 354; RFC 5321 section 4.5.3.2.4
BLOCK_SECONDS = 180.0  # for a piece of the mail to leave; RFC 5321 section 4.5.3.2.5
FINAL_DOT_SECONDS = 600.0  # RFC 5321 section 4.5.3.2.6: the next hop may be working already
BLOCK_BYTES = 65_536

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
    """A connection, what its server offers (in lower case), and since when it is idle, by the loop's clock."""

    channel: Channel
    offers: Collection[str]
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


class Step(NamedTuple):
    """A command, the replies that let us go on, what any other means, and how long we wait for it."""

    command: bytes
    welcome: tuple[str, ...]
    meaning: Callable[[str], Outcome]
    seconds: float


async def say(line: Line, mail: Mail) -> Outcome:
    """Speak one mail's commands; the connection is clean again, or closed, when this returns."""
    steps = _steps(line.offers, mail)
    if isinstance(steps, Failed):
        return steps
    refused = await (_at_once if "pipelining" in line.offers else _one_by_one)(line, steps)
    if refused:
        await _reset(line)
        return refused
    return await _data(line, mail)


def _steps(offers: Collection[str], mail: Mail) -> tuple[Step, ...] | Failed:
    """Return what is said before the mail itself, or why it cannot be said."""
    if mail.smtputf8 and "smtputf8" not in offers:
        return Failed("550 5.6.7 The next hop does not take internationalised addresses")  # RFC 6531 section 3.2
    for address in (mail.sender, mail.recipient) if mail.sender else (mail.recipient,):
        if not _sayable(address, mail.smtputf8):
            return Failed(f"550 5.1.3 {address!r} cannot be written in an envelope")
    sender = f"MAIL FROM:<{mail.sender}>{_options(offers, mail)}".encode(mail.encoding)
    recipient = f"RCPT TO:<{mail.recipient}>".encode(mail.encoding)
    return (
        Step(sender, ("250",), replies.sender_refused, ENVELOPE_SECONDS),
        Step(recipient, ("250", "251"), replies.refused, ENVELOPE_SECONDS),
        Step(b"DATA", ("354",), replies.refused, DATA_SECONDS),
    )


def _sayable(address: str, smtputf8: bool) -> bool:
    return bool(_ADDRESS.fullmatch(address)) and (smtputf8 or address.isascii())


def _options(offers: Collection[str], mail: Mail) -> str:
    """Return the parameters of MAIL, of those that the next hop offers."""
    options = f" SIZE={len(mail.raw)}" if "size" in offers else ""
    if mail.smtputf8:
        options += " SMTPUTF8"
    if not mail.raw.isascii() and "8bitmime" in offers:
        options += " BODY=8BITMIME"
    return options


async def _one_by_one(line: Line, steps: tuple[Step, ...]) -> Outcome | None:
    """Say each command when the one before it was welcome; return why it went no further, or None."""
    for step in steps:
        line.channel.write(step.command + b"\r\n")
        reply = await _reply(line, step, is_first=step is steps[0])
        if not reply.startswith(step.welcome):
            return _refused(step.meaning(reply))
    return None


async def _at_once(line: Line, steps: tuple[Step, ...]) -> Outcome | None:
    """Say all commands together and hear a reply to each; return what the first that was not welcome means, or None."""
    line.channel.write(b"".join(step.command + b"\r\n" for step in steps))
    refused: Outcome | None = None
    for step in steps:
        try:
            reply = await _reply(line, step, is_first=step is steps[0])
        except Told:
            if refused is None:
                raise
            break  # it has forgotten what else we said; that it refused the mail is known
        if refused is None and not reply.startswith(step.welcome):
            refused = _refused(step.meaning(reply))
    else:
        if refused is None or not reply.startswith("354"):
            return refused
    line.channel.close()  # it waits for a mail that it has refused, or what it says next is a reply to anything
    return refused


async def _reply(line: Line, step: Step, is_first: bool) -> str:
    """Hear a reply; a kept connection may have been closed before the first, and that is no fate."""
    try:
        reply = await line.channel.reply(step.seconds)
    except Lost as lost:
        if not is_first or line.fresh:
            raise Told(Busy(f"connection lost: {lost}")) from lost
    else:
        if not is_first or line.fresh or not reply.startswith("421"):
            return reply
    line.channel.close()
    raise Stale


async def _reset(line: Line) -> None:
    """Forget the mail; that this fails changes nothing of what was said about it."""
    line.channel.write(b"RSET\r\n")
    try:
        await line.channel.reply(COMMAND_SECONDS)
    except Lost:
        line.channel.close()


async def _data(line: Line, mail: Mail) -> Outcome:
    """Send the mail and wait for the last reply.  What fails once the final dot may have left leaves us in doubt."""
    octets = _stuffed(mail.raw)
    whole = False
    try:
        if await _poured(line.channel, octets) and line.channel.is_quiet:
            whole = True
            line.channel.write(octets[_before_last(octets) :])
        reply = await line.channel.reply(FINAL_DOT_SECONDS if whole else 0)
    except Lost as lost:
        if whole:
            raise Told(InDoubt(f"connection lost after the final dot: {lost}")) from lost
        raise Told(Deferred(f"connection lost in the middle of the mail: {lost}")) from lost
    except asyncio.CancelledError:
        if not whole:
            raise
        raise Told(InDoubt("maild ended before the next server answered to the final dot")) from None
    if not whole:
        raise Told(
            Deferred(f"in the middle of the mail: {reply}")
            if reply.startswith("2")
            else _refused(replies.refused(reply))
        )
    return Sent(reply) if reply.startswith("2") else _refused(replies.refused(reply))


async def _poured(channel: Channel, octets: bytes) -> bool:
    """Say all of a mail but its last piece; False if the server answers, goes away or takes nothing before that."""
    for start in range(0, _before_last(octets), BLOCK_BYTES):
        if not await channel.pour(octets[start : start + BLOCK_BYTES], BLOCK_SECONDS):
            return False
    return True


def _before_last(octets: bytes) -> int:
    """Return where the last piece begins, the one with the final dot."""
    return (len(octets) - 1) // BLOCK_BYTES * BLOCK_BYTES


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
