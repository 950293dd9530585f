"""A connection to one of a host's addresses: one that is silent keeps us from no other (RFC 5321 section 5.1).

asyncio asks one after the other, each for as long as the kernel is patient, which is longer than we are with all of
them together: a host with an address of IPv6 behind a network that has none would never be reached.
"""

import asyncio
import os
import socket
from typing import Any

ALL_SECONDS = 60.0  # for all of a host's addresses, and its name
ADDRESS_SECONDS = 10.0  # for one
FEWEST_SECONDS = 3.0  # where there are many


async def reached(host: str, port: int, first: Any = None, last: Any = None) -> socket.socket:
    """Return a connection to the first address that answers.

    Args:
        first: the address that let us in last, as `getpeername` tells it: it is asked before the others.
        last: one that answers and does not, which is asked behind them.

    Raises:
        OSError: none does, or the host has none; the text names them.
    """
    loop, failed = asyncio.get_running_loop(), list[str]()
    try:
        async with asyncio.timeout(ALL_SECONDS):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            seconds = max(FEWEST_SECONDS, min(ADDRESS_SECONDS, ALL_SECONDS / len(found)))
            for family, kind, protocol, _, address in sorted(found, key=lambda one: (one[4] == last, one[4] != first)):
                try:
                    return await _connected(socket.socket(family, kind, protocol), address, seconds)
                except OSError as error:
                    failed.append(f"{address[0]}: {_why(error)}")
    except socket.gaierror as error:
        raise ConnectionError(f"{host}: {error.strerror}") from None
    except TimeoutError:
        failed.append("no time is left")
    raise ConnectionError(f"cannot connect to {host} on port {port}: {', '.join(failed)}")


async def _connected(sock: socket.socket, address: Any, seconds: float) -> socket.socket:
    try:
        sock.setblocking(False)
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


def _why(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else "no answer"
