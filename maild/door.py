"""The way in from the network: what listeners may accept, and how it is kept.

Recipients are judged from memory alone, so that what can be refused is refused at RCPT and no bounce is
ever needed (RFC 5321 section 6.2).  A retry after a lost 250 brings the same bytes: it finds its first
copy by their hash and gets the same answer.

The receiver at the door is a separate process, and small: nothing here knows the store.
"""

import asyncio
import errno
import hashlib
import shutil
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from maild import maillog
from maild.identity import password
from maild.identity.certificate import Certificate, Pair
from maild.inbound import listener
from maild.inbound.connections import Connections, Limits, household
from maild.inbound.hooks import Face, Hooks, NoSpace
from maild.inbound.upload import HEAD_BYTES, Arrival
from maild.message.model import Envelope, domain_of
from maild.ticket.desk import Agent
from maild.ticket.house import House

RESERVE_BYTES = 100_000_000
TELL_SECONDS = 60.0  # how often the log hears why mails are refused for now
UNKNOWN = "550 5.1.1 <{}>: no such address here"
RELAY = "550 5.7.1 <{}>: not our domain"


class NotKept(Exception):
    """The store could not keep something; the text is what the store said."""


class Bound(NamedTuple):
    """A socket on which clients will be listened to; on one for submission, agents."""

    sock: socket.socket
    submission: bool = False
    implicit_tls: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What of a site's settings concerns its door; certificate is None where TLS is not offered."""

    domain: str
    var: Path
    limits: Limits
    trusted_relays: tuple[str, ...] = ()
    certificate: Pair | None = None


Ask = Callable[..., Awaitable[Any]]


class Door:
    """The SMTP listeners of a site.

    Args:
        ask: what the store does for us, by its name (`reception.WORKS`); the answer comes when it is durable.
            Raises NoSpace or NotKept.
        house: who we are now.
    """

    def __init__(self, frame: Frame, ask: Ask, house: Callable[[], House]) -> None:
        self._frame = frame
        self._ask = ask
        self._house = house
        self._listeners: list[listener.Listener] = []
        self._storm = password.Storm()
        self._checker = password.Checker()
        self._troubles = _Troubles()

    async def open(self, sockets: Sequence[Bound]) -> None:
        """Listen.

        Raises:
            Unusable: our certificate is none.
        """
        frame = self._frame
        connections = Connections(frame.limits, frame.trusted_relays)
        tls = Certificate(frame.certificate, maillog.certificate_refused).context if frame.certificate else None
        for one in sockets:
            hooks, face = self._hooks(), Face(frame.domain, tls)
            if one.submission:
                hooks = replace(hooks, authenticate=self._authenticate)
                face = replace(face, submission=True, implicit_tls=one.implicit_tls, name="submission")
            self._listeners.append(await listener.serve(one.sock, hooks, face, connections))

    async def _authenticate(self, user: str, secret: str, client: str) -> Callable[[], bool] | None:
        """Check an agent's password; after wrong ones he waits for the answer, right or wrong.

        Raises:
            Busy: the client has tried too often at once.
        """
        with self._checker.waiting(household(client)):
            return await self._checked(user, secret, client)

    async def _checked(self, user: str, secret: str, client: str) -> Callable[[], bool] | None:
        agent = self._house().desk.agent_named(user)
        guessing = (f"client {household(client)}", f"user {agent.key if agent else ''}")
        await asyncio.sleep(max(self._storm.wait_seconds(who, time.monotonic()) for who in guessing))
        known = await self._ask("password_hash", key=agent.key) if agent else ""
        right = await self._checker.matches(known, secret)
        for who in guessing:
            if right:
                self._storm.right(who)
            else:
                self._storm.wrong(who, time.monotonic())
        maillog.logged_in(agent.key if agent else "nobody", client, right)
        return partial(self._still_counts, agent) if agent and right else None

    def _still_counts(self, then: Agent) -> bool:
        """Tell whether a log-in is still one: a revoked agent's session ends with his addresses."""
        now = self._house().desk.agents.get(then.key)
        return now is not None and now.epoch == then.epoch

    async def close(self) -> None:
        await asyncio.gather(*(one.close() for one in self._listeners))
        self._checker.close()

    def _hooks(self) -> Hooks:
        return Hooks(
            check_recipient=self._refusal,
            accept=self._accept,
            put_chunk=self._put_chunk,
            has_room=self._has_room,
            refused=maillog.refused,
            trouble=self._troubles.tell,
        )

    def _refusal(self, address: str) -> str | None:
        """Return why an address is not ours, or None; a forged token looks like any unknown address."""
        house = self._house()
        desk = house.desk
        if desk.queue_at(address) is not None or desk.is_role(address):
            return None
        if domain_of(address) not in desk.domains:
            return RELAY.format(address)
        return None if house.token_in(address) is not None else UNKNOWN.format(address)

    async def _accept(self, envelope: Envelope, arrival: Arrival) -> str:
        """Keep a mail; when this returns it is durable."""
        number = await self._ask(
            "put",
            envelope=replace(envelope, source=source_of(envelope, arrival)),
            raw=arrival.raw,
            transfer=arrival.transfer,
            size_bytes=arrival.size_bytes,
            sha256=arrival.sha256,
        )
        maillog.received(number, envelope.protocol, arrival.size_bytes)
        return str(number)

    async def _put_chunk(self, transfer: str, sequence: int, piece: bytes) -> None:
        await self._ask("put_chunk", transfer=transfer, sequence=sequence, data=piece, now=datetime.now(UTC))

    def _has_room(self, size_bytes: int) -> bool:
        try:
            return shutil.disk_usage(self._frame.var).free > size_bytes * 2 + RESERVE_BYTES
        except OSError as error:
            return error.errno != errno.ENOSPC


@dataclass(slots=True)
class _Troubles:
    """Why mails are refused for now, as the log hears it: what the store says once a minute, however many come."""

    _why: str = ""
    _told_at: float = 0.0
    _untold: int = 0

    def tell(self, error: BaseException) -> None:
        if not isinstance(error, NotKept | NoSpace):  # a surprise of ours
            maillog.refused_for_now(error)
            return
        why, now = str(error), time.monotonic()
        self._untold += 1
        if why != self._why or now - self._told_at >= TELL_SECONDS:
            maillog.not_kept(why, self._untold)
            self._why, self._told_at, self._untold = why, now, 0


def source_of(envelope: Envelope, arrival: Arrival) -> str:
    """Return what makes a delivery the same delivery.

    Only a mail with a Message-ID can be known again: without one, the same bytes may well be a second mail.
    """
    head = arrival.raw[:HEAD_BYTES].split(b"\r\n\r\n", 1)[0].lower()
    if b"\nmessage-id:" not in head:
        return envelope.source
    parts = (envelope.mail_from or "", *envelope.rcpt_to, arrival.sha256)
    return "smtp:" + hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
