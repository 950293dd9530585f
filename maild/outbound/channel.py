"""An SMTP connection in use: what is said on it, and the replies, one after the other, however they arrive.

aiosmtplib connects, begins TLS and logs in.  It hears one reply to one command, and would lose those to commands that
are said together (RFC 2920); so from then on the connection is taken over.
"""

import asyncio
import contextlib
import re
import socket
from collections import deque

LONGEST_REPLY = 65_536  # characters, of all its lines
SEND_BUFFER_BYTES = 131_072  # what the kernel keeps for us: of that alone we cannot know whether it has left

_LINE = re.compile(r"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)


class Lost(Exception):
    """The connection has ended, or what comes over it is no SMTP."""


class Channel(asyncio.Protocol):
    """Takes a connection over.  One task at a time speaks on it."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._heard = bytearray()  # of a line that is still to end
        self._lines: list[str] = []  # of a reply that is still to end, and how many characters they had
        self._size = 0
        self._replies: deque[str] = deque()
        self._end = ""  # why nothing more comes
        self._all_left = True
        self._changed = asyncio.Event()
        transport.set_protocol(self)
        transport.set_write_buffer_limits(high=1)  # with TLS, 0 would hold us up for ever
        sock = transport.get_extra_info("socket")
        if sock is not None:  # else it has ended already
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    @property
    def is_quiet(self) -> bool:
        """Whether it stands, and nothing was said on it that nobody has asked for."""
        return not (self._replies or self._lines or self._heard or self._end or self._transport.is_closing())

    def write(self, octets: bytes) -> None:
        if not self._end:
            self._transport.write(octets)

    async def pour(self, octets: bytes, seconds: float) -> bool:
        """Write something large and wait until it has left us; False if the server answers first, or takes too long."""
        self.write(octets)
        await asyncio.sleep(0)  # to hear what has come
        try:
            async with asyncio.timeout(seconds):
                while not (self._all_left or self._replies or self._end):
                    await self._change()
        except TimeoutError:
            return False
        return not (self._replies or self._end)

    async def reply(self, seconds: float) -> str:
        """Return the next reply as one line.

        Raises:
            Lost: there is none, and none will come.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not (self._replies or self._end):
                    await self._change()
        if not self._replies:  # though we slept for longer, it may have come meanwhile
            in_vain = f"no reply within {seconds:.0f} seconds" if seconds else "no more is taken"
            raise Lost(self._end or in_vain)
        return self._replies.popleft()

    def close(self) -> None:
        self._transport.close()

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    # What asyncio calls

    def data_received(self, data: bytes) -> None:
        self._heard += data
        *lines, rest = self._heard.split(b"\n")
        self._heard = rest
        for line in lines:
            self._take(line.decode("utf-8", "surrogateescape").strip())
        if len(rest) + self._size > LONGEST_REPLY:
            self._ends("its reply has no end")
        self._changed.set()

    def _take(self, line: str) -> None:
        if self._end:
            return
        found = _LINE.fullmatch(line)
        if found is None:
            self._ends(f"no SMTP: {line[:100]}")
            return
        self._lines.append(found[3] or "")
        self._size += len(line)
        if found[2] != "-":
            self._replies.append(" ".join([found[1], *" ".join(self._lines).split()]))
            self._lines, self._size = [], 0

    def _ends(self, why: str) -> None:
        self._end = self._end or why
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ends(str(exc or "it hung up"))
        self._changed.set()

    def pause_writing(self) -> None:
        self._all_left = False

    def resume_writing(self) -> None:
        self._all_left = True
        self._changed.set()
