"""A mail's content, from DATA to the reply it deserves (RFC 5321 section 4.1.1.4): read to the final dot, made durable.

Every trouble of ours is 451 4.3.0, and its text goes to the log, never to the client.  250 follows the commit; a client
that leaves while it runs does not stop it.
"""

import asyncio
import errno

from maild.inbound.connections import Connections
from maild.inbound.hooks import Hooks, NoSpace
from maild.inbound.transaction import TOO_BIG
from maild.inbound.upload import DotDecoder, Upload
from maild.inbound.wire import Wire
from maild.message.model import Envelope

TRY_LATER = "451 4.3.0 Local trouble, try again later"
NO_SPACE = "452 4.3.1 No space left, try again later"
TOO_MANY_HOPS = "554 5.4.6 Too many hops"
ACCEPTED = "250 2.0.0 Accepted as {}"


class Content:
    """Takes the content of one session's mails."""

    def __init__(self, wire: Wire, hooks: Hooks, connections: Connections) -> None:
        self._wire = wire
        self._hooks = hooks
        self._connections = connections
        self._most_bytes = connections.limits.max_message_bytes

    async def read(self, upload: Upload) -> str | None:
        """Read to the final dot, and return why the mail cannot be taken, if it cannot."""
        refusal: str | None = TRY_LATER
        try:
            refusal = await self._read_to_the_dot(upload)
            if not refusal and upload.in_a_loop():
                refusal = TOO_MANY_HOPS
        finally:
            if refusal:
                upload.drop()
        return refusal

    async def _read_to_the_dot(self, upload: Upload) -> str | None:
        """A mail that is too large is read over to its end, so that the client hears 552; one that is larger
        still by as much again is not waited for."""
        decoder, surplus, refusal = DotDecoder(), self._most_bytes, None
        while not decoder.ended:
            data = decoder.feed(await self._wire.next_data())
            if refusal:
                surplus -= len(data)
            else:
                refusal = await self._add(upload, data)
            if surplus < 0:
                await self._wire.end(refusal or TRY_LATER)
        self._wire.unread(decoder.rest or b"")
        return refusal

    async def _add(self, upload: Upload, data: bytes) -> str | None:
        if upload.arrived_bytes + len(data) > self._most_bytes:
            upload.drop()
            return TOO_BIG.format(self._most_bytes)
        try:
            await upload.add(data)
        except Exception as error:
            upload.drop()
            return self._reply_to(error)
        return None

    async def commit(self, envelope: Envelope, upload: Upload) -> str:
        """Make the mail durable and return the reply that it deserves.

        The commit is a separate task: it goes on when the client leaves, which cancels this session.
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
