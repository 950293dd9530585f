"""Where listeners listen: addresses as the operator writes them, and their sockets before anybody listens."""

import asyncio
import socket


async def bind(where: str) -> list[socket.socket]:
    """Return the sockets of "host:port", one for each of the host's addresses; nobody listens on them yet.

    Raises:
        OSError: the address cannot be bound.
        ValueError: `where` is no address.
    """
    host, port = address_of(where)
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, host, port, start_serving=False)
    try:
        return [sock.dup() for sock in server.sockets]
    finally:
        server.close()


def address_of(where: str) -> tuple[str, int]:
    """Return host and port of "127.0.0.1:2525", "[::1]:25" or ":25"."""
    host, colon, port = where.rpartition(":")
    if not colon or not port.isdecimal():
        raise ValueError(f'{where!r} is no address to listen on: write "host:port"')
    return host.removeprefix("[").removesuffix("]"), int(port)
