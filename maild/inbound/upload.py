"""A mail while it arrives: its end found, its dots taken back, its memory bounded.

Only CR LF . CR LF ends a mail (RFC 5321 section 4.1.1.4); a bare CR or LF beside the dot is text, for a
server that thinks otherwise lets a second mail be smuggled in the first (CVE-2024-27305).  Lines may be
of any length.  Up to a megabyte stays in memory; what is longer is handed on in pieces while it comes.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

INLINE_BYTES = 1_048_576  # a mail up to this size is handed on whole, and no piece is larger
PIECE_BYTES = 131_072  # a longer one is put away whenever so much more has come
MEMORY_BYTES = 8_388_608  # when all uploads together hold more, none waits for INLINE_BYTES
HEAD_BYTES = 65_536  # how much of a longer one is handed on besides
MOST_HOPS = 100  # RFC 5321 section 6.3

PutChunk = Callable[[str, int, bytes], Awaitable[None]]

_END = b"\r\n.\r\n"
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_RECEIVED = re.compile(rb"^received[ \t]*:", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Arrival:
    """The bytes of one accepted mail, behind our Return-Path and Received lines.

    raw is the whole mail where transfer is "", else its first 64 KiB: the whole then is in the pieces
    that were put under that name.  sha256 is of what the client sent, without our lines:
    a client that sends again after a lost 250 sends the same.
    """

    raw: bytes
    transfer: str
    size_bytes: int
    sha256: str


class DotDecoder:
    """Takes the dots back (RFC 5321 section 4.5.2) and finds the end, wherever the network cut the bytes."""

    def __init__(self) -> None:
        self._held = b"\r\n"  # the line end before the first line; it is not part of the mail
        self._skip = 2
        self.rest: bytes | None = None

    @property
    def ended(self) -> bool:
        return self.rest is not None

    def feed(self, data: bytes) -> bytes:
        """Return what of the mail is known now; once `ended`, `rest` is what followed the final dot."""
        data = self._held + data
        end = data.find(_END) if b"." in data else -1  # a glance: base64, of which large mails consist, has none
        if end >= 0:
            self.rest = data[end + len(_END) :]
            return self._without_dots(data[: end + 2])
        kept = _open_end(data)
        self._held = data[len(data) - kept :]
        return self._without_dots(data[: len(data) - kept])

    def _without_dots(self, data: bytes) -> bytes:
        if b"." in data:
            data = data.replace(b"\r\n.", b"\r\n")
        if self._skip and data:
            data, self._skip = data[self._skip :], 0
        return data


def _open_end(data: bytes) -> int:
    """Return how many of the last octets may be the beginning of the end."""
    return next((length for length in (4, 3, 2, 1) if data.endswith(_END[:length])), 0)


@dataclass(slots=True)
class Memory:
    """How much all uploads of a process hold."""

    held_bytes: int = 0


class Upload:
    """Gathers one mail behind `trace`, in bounded memory; `finish` or `drop` it, so that the memory is counted free."""

    def __init__(self, transfer: str, trace: bytes, put_chunk: PutChunk, memory: Memory) -> None:
        self._transfer = transfer
        self._put_chunk = put_chunk
        self._memory = memory
        self._parts = [trace]
        self._held_bytes = 0
        self._pieces = 0
        self._head = b""
        self._trace_bytes = len(trace)
        self._digest = hashlib.sha256()
        self.size_bytes = len(trace)

    @property
    def arrived_bytes(self) -> int:
        """How much the client sent, in octets of the mail."""
        return self.size_bytes - self._trace_bytes

    async def add(self, data: bytes) -> None:
        """Take the next bytes; those that memory should not hold are put away first."""
        self._digest.update(data)
        self._parts.append(data)
        self._held_bytes += len(data)
        self._memory.held_bytes += len(data)
        self.size_bytes += len(data)
        crowded = self._pieces or self._memory.held_bytes > MEMORY_BYTES
        if self._held_bytes > (PIECE_BYTES if crowded else INLINE_BYTES):
            await self._put_away()

    async def finish(self) -> Arrival:
        """Return the mail; its pieces, if there are any, have all been put."""
        if not self._pieces:
            whole = b"".join(self._parts)
            self.drop()
            return Arrival(whole, "", self.size_bytes, self._digest.hexdigest())
        await self._put_away()
        return Arrival(self._head, self._transfer, self.size_bytes, self._digest.hexdigest())

    def in_a_loop(self) -> bool:
        """Say whether more servers than anyone needs have handed this mail on (RFC 5321 section 6.3)."""
        head = self._head or b"".join(self._parts)[:INLINE_BYTES]
        end = _HEADER_END.search(head)
        return len(_RECEIVED.findall(head, 0, end.start() if end else len(head))) > MOST_HOPS + 1  # and ours

    async def _put_away(self) -> None:
        held = b"".join(self._parts)
        self._head = self._head or held[:HEAD_BYTES]
        self.drop()
        pieces = [held] if len(held) <= INLINE_BYTES else [held[:INLINE_BYTES], held[INLINE_BYTES:]]
        del held  # while the store works, the bytes are here once
        while pieces:
            self._pieces += 1
            await self._put_chunk(self._transfer, self._pieces - 1, pieces.pop(0))

    def drop(self) -> None:
        """Forget what is held."""
        self._parts = []
        self._memory.held_bytes -= self._held_bytes
        self._held_bytes = 0
