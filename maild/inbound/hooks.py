"""What a listener needs of the daemon, and what it is to its clients."""

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from maild.inbound.upload import Arrival, PutChunk
from maild.message.model import Envelope


class NoSpace(Exception):
    """The store has no room for a mail; the client is told 452 and keeps it."""


def _silence(*_what: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a listener needs of the daemon.

    check_recipient(address) is asked at RCPT and returns None or a refusal such as
    "550 5.1.1 <x>: no such address here"; "postmaster" without a domain is never asked for.
    accept(envelope, arrival) returns the mail's name once the mail is durable.  It may raise NoSpace or
    OSError (ENOSPC); whatever else it raises is 451.  put_chunk(transfer, sequence, piece) keeps a piece.
    authenticate(user, password, client) is asked for a log-in: None is a wrong password, else what it returns
    tells, before each mail, whether the log-in still counts.  If it raises, the client is told 454.
    has_room(size_bytes) is asked at MAIL.  refused(client, reply) and trouble(error) tell the log.
    """

    check_recipient: Callable[[str], str | None]
    accept: Callable[[Envelope, Arrival], Awaitable[str]]
    put_chunk: PutChunk
    authenticate: Callable[[str, str, str], Awaitable[Callable[[], bool] | None]] | None = None
    has_room: Callable[[int], bool] = lambda _size_bytes: True
    refused: Callable[[str, str], None] = _silence
    trouble: Callable[[BaseException], None] = _silence


@dataclass(frozen=True, slots=True)
class Face:
    """What a listener is to its clients.

    tls is offered by STARTTLS, or begins the connection where implicit_tls is set (port 465); it is asked for
    each connection, for a certificate is renewed while we listen.
    A submission listener takes mail from those who logged in, and a log-in under TLS only (RFC 8314).
    """

    hostname: str
    tls: Callable[[], ssl.SSLContext] | None = None
    implicit_tls: bool = False
    submission: bool = False
    name: str = "smtp"
