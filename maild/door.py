"""The way in from the network: what listeners may accept, and where it is kept.

Recipients are judged from memory alone, so that what can be refused is refused at RCPT and no bounce is
ever needed (RFC 5321 section 6.2).  A retry after a lost 250 brings the same bytes: it finds its first
copy by their hash and gets the same answer.
"""

import asyncio
import errno
import hashlib
import os
import shutil
import socket
import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from sqlalchemy.exc import DBAPIError

from maild import maillog
from maild.addressing import epoch_of
from maild.identity import password
from maild.inbound import smtp
from maild.inbound.connections import Connections, Limits
from maild.inbound.upload import Arrival
from maild.message.model import Envelope
from maild.office import Office
from maild.opened import now_utc
from maild.site.settings import Settings
from maild.store import intake
from maild.store import site as kept
from maild.store.write import Store
from maild.ticket import token
from maild.ticket.desk import Agent

IMPLICIT_TLS = "465"  # 465, and 2465 where only high ports may be opened
RESERVE_BYTES = 100_000_000
SYSTEMD_FIRST_FD = 3
UNKNOWN = "550 5.1.1 <{}>: no such address here"
RELAY = "550 5.7.1 <{}>: not our domain"
EVERYWHERE = ("postmaster", "abuse")  # RFC 5321 section 4.5.1, RFC 2142


class Door:
    """The SMTP listeners of a daemon."""

    def __init__(
        self, settings: Settings, store: Store, office: Callable[[], Office], wake: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._store = store
        self._office = office
        self._wake = wake
        self._listeners: list[smtp.Listener] = []
        self._storm = password.Storm()
        self._checker = password.Checker()

    async def open(self) -> None:
        """Listen where systemd says, else where the settings say."""
        found = self._settings.smtp
        limits = Limits(found.max_message_bytes, found.max_connections, found.max_connections_per_ip)
        connections = Connections(limits, found.trusted_relays)
        tls = smtp.tls_context(found.tls_cert, found.tls_key) if found.tls_cert and found.tls_key else None
        face = smtp.Face(self._settings.site.domain, tls)
        for where in sockets_of_systemd("smtp") or found.listen:
            self._listeners.append(await smtp.serve(where, self._hooks(), limits, face, connections))
        if tls is not None:
            await self._open_submission(limits, face, connections)

    async def _open_submission(self, limits: Limits, face: smtp.Face, connections: Connections) -> None:
        """Listen for agents (RFC 6409), TLS from the first byte or before the password (RFC 8314 section 3.3)."""
        hooks = replace(self._hooks(), authenticate=self._authenticate)
        faces = {
            implicit: replace(face, submission=True, implicit_tls=implicit, name="submission")
            for implicit in (True, False)
        }
        handed = [(sock, False) for sock in sockets_of_systemd("submission")]
        handed += [(sock, True) for sock in sockets_of_systemd("submissions")]
        said = [(where, where.endswith(IMPLICIT_TLS)) for where in self._settings.smtp.submission]
        for where, implicit in handed or said:
            self._listeners.append(await smtp.serve(where, hooks, limits, faces[implicit], connections))

    async def _authenticate(self, user: str, secret: str, client: str) -> Callable[[], bool] | None:
        """Check an agent's password; who was wrong lately waits for the answer, right or wrong.

        Raises:
            Busy: the client has tried too often at once.
        """
        with self._checker.waiting(client):
            return await self._checked(user, secret, client)

    async def _checked(self, user: str, secret: str, client: str) -> Callable[[], bool] | None:
        agent = self._office().house.desk.agent_named(user)
        name = f"user {agent.key if agent else ''}"
        waits = (self._storm.wait_seconds(who, time.monotonic()) for who in (f"client {client}", name))
        await asyncio.sleep(max(waits))
        known = await asyncio.to_thread(self._store.read, partial(kept.password_hash, key=agent.key)) if agent else ""
        right = await self._checker.matches(known, secret)
        for who in (f"client {client}", name):
            if right:
                self._storm.right(who)
            else:
                self._storm.wrong(who, time.monotonic())
        maillog.logged_in(agent.key if agent else "nobody", client, right)
        return partial(self._still_counts, agent) if agent and right else None

    def _still_counts(self, then: Agent) -> bool:
        """Tell whether a log-in is still one: a revoked agent's session ends with his addresses."""
        now = self._office().house.desk.agents.get(then.key)
        return now is not None and now.epoch == then.epoch

    @property
    def ports(self) -> list[int]:
        return [port for listener in self._listeners for port in listener.ports]

    @property
    def where(self) -> str:
        return ", ".join(f"port {port}" for port in self.ports) or "nothing"

    async def close(self) -> None:
        await asyncio.gather(*(listener.close() for listener in self._listeners))
        self._checker.close()

    def _hooks(self) -> smtp.Hooks:
        return smtp.Hooks(
            check_recipient=self._refusal,
            accept=self._accept,
            put_chunk=self._put_chunk,
            has_room=self._has_room,
            refused=maillog.refused,
            trouble=maillog.refused_for_now,
        )

    def _refusal(self, address: str, _client: str, _authenticated: bool) -> str | None:
        """Return why an address is not ours, or None; a forged token looks like any unknown address."""
        office = self._office()
        desk = office.house.desk
        local, _, domain = address.rpartition("@")
        if desk.queue_at(address) is not None:
            return None
        if domain.lower() not in desk.domains:
            return RELAY.format(address)
        if local.lower() in EVERYWHERE:
            return None
        text = token.find(address)
        true = token.check(office.house.keys, text, partial(epoch_of, office.house)) if text else None
        return None if true is not None else UNKNOWN.format(address)

    async def _accept(self, envelope: Envelope, arrival: Arrival) -> str:
        """Keep a mail; when this returns it is durable."""
        work = partial(
            intake.put,
            envelope=replace(envelope, source=source_of(envelope, arrival)),
            raw=arrival.raw,
            transfer=arrival.transfer,
            size_bytes=arrival.size_bytes,
            sha256=arrival.sha256,
        )
        number = await self._durably(work)
        maillog.received(number, envelope.protocol, arrival.size_bytes)
        self._wake()
        return str(number)

    async def _put_chunk(self, transfer: str, sequence: int, piece: bytes) -> None:
        await self._durably(partial(intake.put_chunk, transfer=transfer, sequence=sequence, data=piece, now=now_utc()))

    async def _durably(self, work: "partial[int] | partial[None]") -> int:
        try:
            return await asyncio.wrap_future(self._store.submit(work)) or 0
        except (DBAPIError, sqlite3.Error) as error:
            if "full" in str(error).lower():
                raise smtp.NoSpace("the database's disk is full") from error
            raise

    def _has_room(self, size_bytes: int) -> bool:
        try:
            return shutil.disk_usage(self._settings.site.var).free > size_bytes * 2 + RESERVE_BYTES
        except OSError as error:
            return error.errno != errno.ENOSPC


def source_of(envelope: Envelope, arrival: Arrival) -> str:
    """Return what makes a delivery the same delivery.

    Only a mail with a Message-ID can be known again: without one, the same bytes may well be a second mail.
    """
    head = arrival.raw[: intake.HEAD_BYTES].split(b"\r\n\r\n", 1)[0].lower()
    if b"\nmessage-id:" not in head:
        return envelope.source
    parts = (envelope.mail_from or "", *envelope.rcpt_to, arrival.sha256)
    return "smtp:" + hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def sockets_of_systemd(name: str) -> list[socket.socket]:
    """Return the sockets of that name that systemd opened for us (sd_listen_fds(3))."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    names = os.environ.get("LISTEN_FDNAMES", "").split(":")
    count = int(os.environ.get("LISTEN_FDS", "0"))
    return [socket.socket(fileno=SYSTEMD_FIRST_FD + i) for i in range(count) if i < len(names) and names[i] == name]
