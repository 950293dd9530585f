"""Where listeners listen: addresses as the operator writes them, and their sockets before anybody listens."""

import asyncio
import errno
import os
import socket

BIND_TRIES, BIND_SECONDS = 20, 0.1
REMEDIES = {  # where an address cannot be bound
    errno.EADDRINUSE: "stop the program that has it (see `ss -ltnp`), or write another port into [smtp] of maild.toml",
    errno.EACCES: "let systemd open ports below 1024 (docs/operator.md), or write another into [smtp] of maild.toml",
    errno.EADDRNOTAVAIL: "this machine has no such address: mend [smtp] in maild.toml",
}
SYSTEMD_FIRST_FD = 3


class CannotListen(Exception):
    """Mail cannot be taken where the settings say; the text says why and what to do."""

    def __init__(self, where: str, error: OSError) -> None:
        number = error.errno or errno.EADDRNOTAVAIL  # asyncio of Python 3.13 names no error where no address is ours
        what = os.strerror(number) if number > 0 else str(error.strerror)  # a name that is no host's has less than 0
        super().__init__(f"cannot listen on {where}: {what}; {REMEDIES.get(number, 'mend [smtp] in maild.toml')}")


async def bound(where: str) -> list[socket.socket]:
    """Return the sockets of "host:port", one for each of the host's addresses; nobody listens on them yet.

    It is tried for two seconds: the receiver of a daemon that was killed may hold the address for a moment.

    Raises:
        CannotListen: it cannot be bound.
    """
    for _ in range(BIND_TRIES):
        try:
            return await _bind(where)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CannotListen(where, error) from None
        await asyncio.sleep(BIND_SECONDS)
    raise CannotListen(where, OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE)))


async def _bind(where: str) -> list[socket.socket]:
    host, port = address_of(where)
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, host, port, start_serving=False)
    try:
        return [sock.dup() for sock in server.sockets]
    finally:
        server.close()


def address_of(where: str) -> tuple[str, int]:
    """Return host and port of "127.0.0.1:2525", "[::1]:25" or ":25".

    Raises:
        ValueError: it is no address.
    """
    host, colon, port = where.rpartition(":")
    if not colon or not port.isdecimal():
        raise ValueError(f'{where!r} is not an address to listen on: write "host:port"')
    return host.removeprefix("[").removesuffix("]"), int(port)


def of_systemd(name: str) -> list[socket.socket]:
    """Return the sockets of that name that systemd opened for us (sd_listen_fds(3))."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    names = os.environ.get("LISTEN_FDNAMES", "").split(":")
    count = int(os.environ.get("LISTEN_FDS", "0"))
    return [socket.socket(fileno=SYSTEMD_FIRST_FD + i) for i in range(count) if i < len(names) and names[i] == name]
