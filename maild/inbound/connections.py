"""Who is connected, and who may still connect."""

import asyncio
import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from maild.inbound.upload import Memory

LONGEST_WAIT_SECONDS = 1.0  # a client that lets us wait for longer may have to make room

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may ask of us.

    timeout_seconds runs anew with each whole command (RFC 5321 section 4.5.3.2.7 asks for 300); a mail that
    arrives earns its client a second for min_bytes_per_second.  While three of four connections are taken,
    crowded_seconds count instead.  max_commands and max_refused_recipients count from one accepted mail to the
    next, so that a relay may keep its connection; max_bad_commands counts what no mail server would say.
    backlog counts, for each listener, those who wait to be let in; as many are at once, if only to be turned away.
    """

    max_message_bytes: int = 36_700_160
    max_connections: int = 200
    max_connections_per_ip: int = 20
    timeout_seconds: float = 300
    crowded_seconds: float = 10
    min_bytes_per_second: int = 500
    max_recipients: int = 100
    max_commands: int = 1000
    max_bad_commands: int = 20
    max_refused_recipients: int = 20
    max_auth_failures: int = 3
    backlog: int = 512


class Guest(Protocol):
    """One connection, as those know it who count them."""

    client: str

    def waited(self) -> float: ...
    def make_room(self) -> None: ...


class Connections:
    """Counts connections, of all listeners together and by client; IPv6 clients count by their /64."""

    def __init__(self, limits: Limits, trusted_relays: Iterable[str] = ()) -> None:
        """Trusted relays (CIDR) are counted, but may open as many connections as all may together.

        Raises:
            ValueError: a trusted relay is not a network; its text is in the error.
        """
        self.limits = limits
        self._trusted: Sequence[Network] = tuple(ipaddress.ip_network(cidr, strict=False) for cidr in trusted_relays)
        self._total = 0
        self._by_client: defaultdict[str, set[Guest]] = defaultdict(set)
        self.memory = Memory()
        self.commits: set[asyncio.Task[str]] = set()  # mails being made durable, whether their client waits or left

    def __len__(self) -> int:
        return self._total

    def patience_seconds(self) -> float:
        """Return how long a client may keep us waiting now: a slow one must not be in the way of the others."""
        crowded = self._total * 4 >= self.limits.max_connections * 3
        return min(self.limits.crowded_seconds, self.limits.timeout_seconds) if crowded else self.limits.timeout_seconds

    def admit(self, guest: Guest) -> str | None:
        """Count a client in, or return why not; the caller counts out those whom it admitted."""
        mine = len(self._by_client.get(household(guest.client), ()))
        if mine >= self.limits.max_connections_per_ip and not self.trusts(guest.client):
            return "Too many connections from your address"
        if self._total >= self.limits.max_connections and not self._make_room(mine):
            return "Too many connections"
        self._total += 1
        self._by_client[household(guest.client)].add(guest)
        return None

    def leave(self, guest: Guest) -> None:
        key = household(guest.client)
        if guest in self._by_client.get(key, ()):
            self._total -= 1
            self._by_client[key].discard(guest)
            if not self._by_client[key]:
                del self._by_client[key]

    def _make_room(self, mine: int) -> bool:
        """End a connection of the client that has most and lets us wait, if it has more than the newcomer will."""
        slow = [
            (len(guests), guest.waited(), id(guest), guest)
            for guests in self._by_client.values()
            if len(guests) > mine + 1
            for guest in guests
            if guest.waited() > LONGEST_WAIT_SECONDS and not self.trusts(guest.client)
        ]
        if not slow:
            return False
        *_, slowest = max(slow)
        self.leave(slowest)
        slowest.make_room()
        return True

    def trusts(self, client: str) -> bool:
        """Say whether a client is a trusted relay; one on a socket in the file system is."""
        if not client:
            return True
        address = ipaddress.ip_address(client)
        return any(address in network for network in self._trusted)


def client_address(peername: object) -> str:
    """Return the peer's IP address, IPv4 as such, without a zone; "" where the socket has none."""
    if not isinstance(peername, tuple):
        return ""
    address = ipaddress.ip_address(str(peername[0]).partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def household(client: str) -> str:
    """Return the network of one client, who has a /64 of IPv6 to himself (RFC 6177)."""
    return client if ":" not in client else str(ipaddress.ip_network((client, 64), strict=False))
