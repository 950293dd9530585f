"""Signed addresses: who may answer to which ticket is in the address itself.

Forty characters of base32 in lower case: a 12-byte payload (version, key, kind, ticket handle, party,
day of issue) and 13 bytes of HMAC-SHA256 (RFC 2104 section 5 asks for at least 10).  Mail systems that
change the case of an address do it no harm.  A token alone proves nothing of who sent a mail: see proof.
"""

import base64
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum
from functools import lru_cache

EPOCH_DAY = date(2024, 1, 1)
VERSION = 1
LENGTH = 40
GRACE = timedelta(days=1)  # for daemons that sign with the older key until they have the new one
_SHAPE = re.compile(rf"(?:^|[+\-.=])([a-z2-7]{{{LENGTH}}})$", re.IGNORECASE)

LIFETIME = {"agent": timedelta(days=30), "confirm": timedelta(days=1), "bounce": timedelta(days=14)}


class TokenKind(IntEnum):
    """What a token's address is for."""

    CUSTOMER = 1
    AGENT = 2
    BOUNCE = 3
    NOTE = 4
    CONFIRM = 5  # of a held mail, with the code that is in the question
    QUARANTINE = 6  # the list of held mails: an answer to it gives orders
    SEND = 7  # of a held mail: send it as it is
    DROP = 8
    TAKE = 9
    SOLVE = 10
    SNOOZE = 11


# What an agent's address does that works once, in one press of a button: the command that it stands for.
ACTIONS = {TokenKind.TAKE: "take", TokenKind.SOLVE: "solve", TokenKind.SNOOZE: "snooze"}
OF_HELD = frozenset({TokenKind.CONFIRM, TokenKind.SEND, TokenKind.DROP})  # handle is a held mail's
AGENTS = frozenset({TokenKind.AGENT, TokenKind.NOTE, TokenKind.QUARANTINE, *OF_HELD, *ACTIONS})
NO_TICKETS = frozenset({TokenKind.QUARANTINE, *OF_HELD})  # lead to none


@dataclass(frozen=True, slots=True)
class Token:
    """A token whose signature was found true.  handle is a ticket's, or for BOUNCE an outbox row's id."""

    kind: TokenKind
    handle: int
    party: int
    issued: date
    text: str

    def age(self, now: datetime) -> timedelta:
        return timedelta(days=(now.date() - self.issued).days)


@dataclass(frozen=True, slots=True)
class Keyring:
    """The site's keys by number; the highest signs, each verifies what was signed while it was the highest."""

    keys: Mapping[int, bytes]
    since: Mapping[int, date] = field(default_factory=dict)  # from when on a key signs, where that is known

    @property
    def current(self) -> int:
        return max(self.keys)

    def signed_on(self, number: int, day: date) -> bool:
        """Tell whether a key may have signed on a day: whoever stole an older one signs nothing of today."""
        following = [one for one in self.since if one > number]
        return not following or day <= self.since[min(following)] + GRACE

    def mac(self, number: int, what: bytes, length: int) -> bytes:
        """Return the first bytes of a text's HMAC by one of the keys."""
        begun = _begun(self.keys[number]).copy()
        begun.update(what)
        return begun.digest()[:length]


@lru_cache(maxsize=32)
def _begun(key: bytes) -> hmac.HMAC:
    """Return an HMAC that has taken in its key, to be copied: half of the work of a short text is the key's."""
    return hmac.new(key, digestmod="sha256")


def party_of(keys: Keyring, name: str) -> int:
    """Return the 24 bits that stand for an agent's key or a customer's address, any case.

    The oldest key makes them, so that they outlive a rotation.
    """
    return int.from_bytes(keys.mac(min(keys.keys), b"maild-party\0" + name.lower().encode(), 3), "big")


def mint(keys: Keyring, kind: TokenKind, handle: int, party: int, day: date, epoch: int = 0) -> str:
    """Return a token of 40 characters.  epoch is the agent's, 0 for anybody else."""
    number = keys.current
    payload = (
        bytes([VERSION << 4 | number, kind])
        + handle.to_bytes(5, "big")
        + party.to_bytes(3, "big")
        + (day - EPOCH_DAY).days.to_bytes(2, "big")
    )
    return base64.b32encode(payload + _sign(keys, number, payload, epoch)).decode().lower()


def check(keys: Keyring, text: str, epoch_of: Callable[[TokenKind, int], int | None]) -> Token | None:
    """Return the token, or None for anything that we did not write just so.

    epoch_of gives a party's epoch, None for a party that is no more: his tokens are void.
    """
    try:
        raw = base64.b32decode(text.upper().encode())
    except ValueError:
        return None
    if len(raw) != 25 or raw[0] >> 4 != VERSION or raw[0] & 15 not in keys.keys or raw[1] not in set(TokenKind):
        return None
    payload, mac = raw[:12], raw[12:]
    kind, party = TokenKind(raw[1]), int.from_bytes(raw[7:10], "big")
    epoch = epoch_of(kind, party)
    if epoch is None or not hmac.compare_digest(_sign(keys, raw[0] & 15, payload, epoch), mac):
        return None
    issued = EPOCH_DAY + timedelta(days=int.from_bytes(payload[10:12], "big"))
    if not keys.signed_on(raw[0] & 15, issued):
        return None
    return Token(kind, int.from_bytes(payload[2:7], "big"), party, issued, text.lower())


def code(keys: Keyring, mail: int, digest: str) -> str:
    """Return the four digits that release a held mail: no machine that answers by itself types them."""
    number = keys.mac(min(keys.keys), b"maild-code\0" + f"{mail} {digest}".encode(), 4)
    return f"{int.from_bytes(number, 'big') % 10_000:04}"


def find(address: str) -> str:
    """Return what looks like a token in an address's local part, or ""."""
    found = _SHAPE.search(address.rpartition("@")[0])
    return found.group(1).lower() if found else ""


def _sign(keys: Keyring, number: int, payload: bytes, epoch: int) -> bytes:
    return keys.mac(number, b"maild-addr-v1\0" + payload + b"\0" + epoch.to_bytes(4, "big"), 13)


def message_id(keys: Keyring, number: int, seed: bytes, domain: str) -> str:
    """Return a Message-ID of ours (RFC 5322 section 3.6.4): `<tk7.SEED.HMAC@domain>`; seed is 8 random bytes."""
    return _own_id(keys, f"tk{number}.{seed.hex()}", domain)


def root_id(keys: Keyring, number: int, domain: str) -> str:
    """Return the id that starts every References of ours, so that a thread survives rewritten Message-IDs."""
    return _own_id(keys, f"tk{number}.root", domain)


def _own_id(keys: Keyring, left: str, domain: str) -> str:
    return f"<{left}.{_id_mac(keys, left)}@{domain}>"


def _id_mac(keys: Keyring, left: str) -> str:
    return keys.mac(min(keys.keys), b"maild-id\0" + left.encode(), 4).hex()


_OWN_ID = re.compile(r"<(tk(\d{1,12})\.(?:root|[0-9a-f]{16}))\.([0-9a-f]{8})@([^<>@\s]+)>", re.IGNORECASE)


def ticket_of_id(keys: Keyring, message_id: str, domain: str) -> int | None:
    """Return the number of the ticket that a Message-ID of ours names, None for one that we never made."""
    found = _OWN_ID.fullmatch(message_id.lower())
    if not found or found.group(4) != domain.lower():
        return None
    return int(found.group(2)) if hmac.compare_digest(_id_mac(keys, found.group(1)), found.group(3)) else None
