"""DKIM: to sign, and what a signature must be worth before it says anything (RFC 6376; the only importer of dkimpy).

dkimpy tells whether a signature holds.  It does not mind a body that was added to (`l=`), an uncovered
From, a key of 512 bits, a second To on top of the signed one: all these are refused here (RFC 6376
sections 8.2 and 8.15, RFC 8301).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any

import dkim as dkimpy

from maild.identity.policy import tags

Lookup = Callable[[str], bytes | None]  # a name to its TXT record, None for none

MOST_SIGNATURES = 5
LONGEST_NAME = 254  # of the DNS (RFC 1035 section 2.3.4), written with the dot at its end
SMALLEST_KEY_BITS = 1024
CONTENT = frozenset({"from", "subject", "date", "message-id"})  # what must be covered, with the text
RECIPIENTS = frozenset({"to", "cc"})  # what must be covered, too, where it is to be known for whom a mail was meant
ONCE = CONTENT | RECIPIENTS  # a second one would be read, and the first is signed

# Signed once more than they are there, so that none can be added on top (RFC 6376 sections 5.4.2 and 8.15).
OVERSIGNED = (b"from", b"subject", b"to", b"date", b"message-id", b"reply-to", b"in-reply-to", b"references")
ALSO_SIGNED = frozenset(
    b"cc mime-version content-type content-transfer-encoding auto-submitted list-id list-unsubscribe".split()
)


class _Dated(dkimpy.DKIM):  # type: ignore[misc]
    """Signs with an instant of ours: the same mail has the same bytes at each attempt to send it."""

    at = 0

    def gen_header(self, fields: list[tuple[bytes, bytes]], *more: Any, **options: Any) -> bytes:
        dated = [(name, b"%d" % self.at if name == b"t" else value) for name, value in fields]
        made: bytes = super().gen_header(dated, *more, **options)
        return made


def signature(raw: bytes, domain: str, selector: str, key: bytes, at: datetime) -> bytes:
    """Return the DKIM-Signature field of a whole mail, with its line end.

    Args:
        key: an RSA key as PKCS#1 in PEM, the only form that dkimpy reads.
        at: when it is said to have been signed.
    """
    mail = _Dated(raw)
    mail.at = int(at.timestamp())
    names = [name.lower() for name, _ in mail.headers]
    signed = [name for name in names if name in ALSO_SIGNED]
    for name in OVERSIGNED:
        signed += [name] * (names.count(name) + 1)
    policy = (b"relaxed", b"relaxed")
    made: bytes = mail.sign(selector.encode(), domain.encode(), key, canonicalize=policy, include_headers=signed)
    return made


class Cover(IntEnum):
    """What a signature covers of what a reader believes."""

    TOO_LITTLE = 0
    CONTENT = 1  # but not for whom it is: Microsoft 365 signs neither To nor Cc
    ALL = 2


def passing(raw: bytes, lookup: Lookup) -> dict[str, Cover]:
    """Return the domains whose signatures hold, each with the most that one of them covers."""
    try:
        mail = dkimpy.DKIM(raw, minkey=SMALLEST_KEY_BITS)
    except Exception:  # it raises its own, and IndexError for a first line that goes on from nothing
        return {}
    names = [name.decode("ascii", "replace").lower() for name, _ in mail.headers]
    if names.count("from") != 1 or any(names.count(name) > 1 for name in ONCE):
        return {}
    found: dict[str, Cover] = {}
    for index in range(min(names.count("dkim-signature"), MOST_SIGNATURES)):
        domain, cover = _checked(mail, index, lookup, names)
        if cover is not Cover.TOO_LITTLE:
            found[domain] = max(cover, found.get(domain, cover))
    return found


def _checked(mail: dkimpy.DKIM, index: int, lookup: Lookup, names: Collection[str]) -> tuple[str, Cover]:
    """Return the d= of one signature and what it covers; of one that does not hold, nothing."""
    try:
        if not mail.verify(idx=index, dnsfunc=lambda name, timeout=5: lookup(name.decode("ascii", "replace"))):
            return "", Cover.TOO_LITTLE
    except Exception:  # a signature that cannot be checked is no signature: DNS trouble, odd keys, bad tags
        return "", Cover.TOO_LITTLE
    said = {name.decode(): value.decode("ascii", "replace") for name, value in mail.signature_fields.items()}
    return said["d"].lower(), _cover(said, names)


def key_names(signatures: Sequence[str]) -> tuple[str, ...]:
    """Return the names under which `passing` looks keys up (RFC 6376 section 3.6.2.1), in lower case, without dots at
    their ends; of those that no name server can know, none.

    Args:
        signatures: the values of the DKIM-Signature fields, the topmost first.
    """
    found = (tags(one) for one in signatures[:MOST_SIGNATURES])
    names = (f"{one['s']}._domainkey.{one['d']}".rstrip(".").lower() for one in found if {"s", "d"} <= set(one))
    return tuple(dict.fromkeys(name for name in names if name.isascii() and len(name) <= LONGEST_NAME))


def covered(signatures: Sequence[str], names: Collection[str]) -> dict[str, Cover]:
    """Return the least that a signature of each domain covers, whoever found that they hold.

    Args:
        signatures: the values of the DKIM-Signature fields.
        names: the fields of the mail, in lower case.
    """
    found: dict[str, Cover] = {}
    for said in map(tags, signatures):
        domain, cover = said.get("d", "").lower(), _cover(said, names)
        found[domain] = min(cover, found.get(domain, cover))
    return found


def _cover(said: Mapping[str, str], names: Collection[str]) -> Cover:
    """Return what a signature covers by its tags, in a mail with fields of such names."""
    signed = {name.strip().lower() for name in said.get("h", "").split(":")}
    if "l" in said or said.get("a", "").endswith("sha1") or not signed >= CONTENT:
        return Cover.TOO_LITTLE
    return Cover.ALL if signed >= {"to"} | RECIPIENTS.intersection(names) else Cover.CONTENT
