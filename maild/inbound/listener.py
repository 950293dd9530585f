"""Listens for SMTP: the sockets, TLS that comes first, and the end of all sessions together."""

import asyncio
import socket
import ssl

from maild.inbound.connections import Connections
from maild.inbound.hooks import Face, Hooks
from maild.inbound.smtp import Session
from maild.inbound.sockets import address_of

HANDSHAKE_SECONDS = 20.0  # of TLS


class Listener:
    """Sockets that listen, with their sessions."""

    def __init__(self, server: asyncio.Server, sessions: set[Session], connections: Connections) -> None:
        self._server = server
        self._sessions = sessions
        self._connections = connections
        names = (sock.getsockname() for sock in server.sockets)
        self.ports = [name[1] for name in names if isinstance(name, tuple)]  # none for a socket in the file system

    @property
    def port(self) -> int:
        return int(self.ports[0])

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


async def serve(where: str | socket.socket, hooks: Hooks, face: Face, connections: Connections) -> Listener:
    """Listen on "host:port" or on a socket that somebody opened, in the running loop.

    Args:
        connections: one count, and its limits, for all listeners of the daemon.

    Raises:
        OSError: the address cannot be bound.
        ValueError: `where` is no address.
    """
    sessions: set[Session] = set()
    loop, backlog = asyncio.get_running_loop(), connections.limits.backlog

    def session() -> Session:
        return Session(hooks, face, connections, sessions)

    def connection() -> asyncio.Protocol:
        return _Handshake(session(), face.tls()) if face.implicit_tls and face.tls else session()

    if isinstance(where, socket.socket):
        where.setblocking(False)
        server = await loop.create_server(connection, sock=where, backlog=backlog)
    else:
        host, port = address_of(where)
        server = await loop.create_server(connection, host, port, backlog=backlog)
    return Listener(server, sessions, connections)


class _Handshake(asyncio.Protocol):
    """A connection that begins with TLS (RFC 8314 section 3.3), counted from its first moment.

    With create_server's ssl nobody would see, or limit, those who connect and never say a word of TLS.
    """

    def __init__(self, session: Session, tls: ssl.SSLContext) -> None:
        self._session = session
        self._tls = tls
        self._shaking: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        because = self._session.admit(transport)
        if because:
            transport.abort()
        else:
            self._shaking = asyncio.get_running_loop().create_task(self._shake(transport))

    async def _shake(self, plain: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        try:
            secured = await loop.start_tls(
                plain, self._session, self._tls, server_side=True, ssl_handshake_timeout=HANDSHAKE_SECONDS
            )
        except OSError:  # TLS's errors are such, too
            secured = None
        if secured is None:
            plain.abort()
            self._session.discharge()
        else:
            self._session.connection_made(secured)
