"""A listener with a small world behind it: what it accepts is kept in a list."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from maild.inbound.connections import Connections, Limits
from maild.inbound.hooks import Face, Hooks, NoSpace
from maild.inbound.listener import Listener, serve
from maild.inbound.upload import Arrival
from maild.message.model import Envelope

LIMITS = Limits(max_message_bytes=100_000)


@dataclass
class World:
    """Mail for …@ok.example is taken; boom, broken and full are addresses with which something goes wrong."""

    mails: list[tuple[Envelope, bytes]] = field(default_factory=list)
    pieces: dict[str, list[bytes]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    commit_seconds: float = 0.0
    listener: Listener = None  # type: ignore[assignment]

    @property
    def port(self) -> int:
        return self.listener.port

    def hooks(self) -> Hooks:
        return Hooks(
            self.check_recipient,
            self.accept,
            self.put_chunk,
            self.authenticate,
            lambda size_bytes: size_bytes != 77777,
            lambda client, reply: self.refused.append(f"{client} {reply}"),
            lambda error: self.troubles.append(str(error)),
        )

    def check_recipient(self, address: str) -> str | None:
        if address == "boom@ok.example":
            raise RuntimeError("password=xyz")
        return None if address.endswith("@ok.example") else f"550 5.1.1 <{address}>: no such address here"

    async def accept(self, envelope: Envelope, arrival: Arrival) -> str:
        await asyncio.sleep(self.commit_seconds)
        if "broken@ok.example" in envelope.rcpt_to:
            raise RuntimeError("the disk /dev/secret is gone")
        if "full@ok.example" in envelope.rcpt_to:
            raise NoSpace("no room")
        raw = b"".join(self.pieces[arrival.transfer]) if arrival.transfer else arrival.raw
        assert len(raw) == arrival.size_bytes
        self.arrivals.append(arrival)
        self.mails.append((envelope, raw))
        return str(len(self.mails))

    async def put_chunk(self, transfer: str, sequence: int, piece: bytes) -> None:
        await asyncio.sleep(0)
        pieces = self.pieces.setdefault(transfer, [])
        assert len(pieces) == sequence
        assert len(piece) <= 1_048_576
        pieces.append(piece)

    async def authenticate(self, user: str, password: str, _client: str) -> Callable[[], bool] | None:
        if user == "boom":
            raise RuntimeError("the password file is gone")
        return (lambda: True) if (user, password) == ("agent", "secret") else None


@asynccontextmanager
async def listening(
    limits: Limits = LIMITS, connections: Connections | None = None, **face: Any
) -> AsyncIterator[World]:
    world = World()
    counted = Connections(limits) if connections is None else connections
    world.listener = await serve("127.0.0.1:0", world.hooks(), Face("mx.example", **face), counted)
    try:
        yield world
    finally:
        await world.listener.close(grace_seconds=1)


def untraced(raw: bytes) -> bytes:
    """Return a mail without the lines that we put on top."""
    lines = raw.split(b"\r\n", 4)
    assert lines[0].startswith(b"Return-Path: <")
    assert lines[1].startswith(b"Received: from ")
    return lines[4]


def trusting(certificate: str) -> ssl.SSLContext:
    """Return a client's context that believes one certificate."""
    context = ssl.create_default_context(cafile=certificate)
    context.check_hostname = False
    return context
