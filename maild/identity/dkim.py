"""DKIM: to sign, and what a signature must be worth before it says anything (RFC 6376; the only importer of dkimpy).

dkimpy tells whether a signature holds.  It does not mind a body that was added to (`l=`), an uncovered
From, a key of 512 bits, a second To on top of the signed one: all these are refused here (RFC 6376
sections 8.2 and 8.15, RFC 8301).
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import dkim as dkimpy
from dkim import canonicalization

from maild.identity.policy import tags

Field = tuple[bytes, bytes]
Lookup = Callable[[str], bytes | None]  # a name to its TXT record, None for none

MOST_SIGNATURES = 5
LONGEST_NAME = 254  # of the DNS (RFC 1035 section 2.3.4), written with the dot at its end
SMALLEST_KEY_BITS = 1024
LONGEST_SIGNATURE = 4096  # bytes: dkimpy's expressions are quadratic in the blanks of one
LONGEST_RECORD = 1024  # bytes, for 4096 bits and some notes: to check by a key takes as long as whoever signs likes
MUST_COVER = frozenset({b"from", b"to", b"subject", b"date", b"message-id"})
# A second one would be read, and the first is signed.
ONCE = MUST_COVER | {b"cc", b"content-type", b"content-transfer-encoding"}

# Signed once more than they are there, so that none can be added on top (RFC 6376 sections 5.4.2 and 8.15).
OVERSIGNED = (b"from", b"subject", b"to", b"date", b"message-id", b"reply-to", b"in-reply-to", b"references")
ALSO_SIGNED = frozenset(
    b"cc mime-version content-type content-transfer-encoding auto-submitted list-id list-unsubscribe".split()
)


# dkimpy's own begins anew at each blank of a line: a megabyte of blanks, which anybody may sign, would take hours.
canonicalization.strip_trailing_whitespace = partial(re.compile(rb"(?<![\t ])[\t ]+\r\n").sub, b"\r\n")


def _selected(headers: Sequence[Field], names: Sequence[bytes]) -> list[Field]:
    """Return the fields that h= names, of one name the lowest first (RFC 6376 section 5.4.2).

    dkimpy's own looks through the whole head for each name.
    """
    left: dict[bytes, list[Field]] = {}
    for field in headers:
        left.setdefault(field[0].lower(), []).append(field)
    return [left[name].pop() for name in names if left.get(name)]


dkimpy.select_headers = _selected


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


def passing(raw: bytes, lookup: Lookup) -> tuple[str, ...]:
    """Return the domains whose signatures hold and cover what a reader believes."""
    try:
        mail = dkimpy.DKIM(raw, minkey=SMALLEST_KEY_BITS)
    except Exception:  # it raises its own, and IndexError for a first line that goes on from nothing
        return ()
    sizes = [len(value) for name, value in mail.headers if name.lower() == b"dkim-signature"]
    names = [name.lower() for name, _ in mail.headers]
    if names.count(b"from") != 1 or any(names.count(name) > 1 for name in ONCE):
        return ()
    must = MUST_COVER | ({b"cc"} & set(names))
    read = (index for index, size in enumerate(sizes[:MOST_SIGNATURES]) if size <= LONGEST_SIGNATURE)
    domains = (_domain(mail, index, lookup, must) for index in read)
    return tuple(dict.fromkeys(domain for domain in domains if domain))


def _domain(mail: dkimpy.DKIM, index: int, lookup: Lookup, must: frozenset[bytes]) -> str:
    """Return the d= of one signature, "" for one that says nothing."""
    try:
        if not mail.verify(idx=index, dnsfunc=lambda name, timeout=5: _record(lookup, name)):
            return ""
    except Exception:  # a signature that cannot be checked is no signature: DNS trouble, odd keys, bad tags
        return ""
    fields = mail.signature_fields
    if b"l" in fields or not _covered(fields[b"h"]) >= must or fields.get(b"a", b"").endswith(b"sha1"):
        return ""
    return str(fields[b"d"].decode("ascii", "replace")).lower()


def _record(lookup: Lookup, name: bytes) -> bytes | None:
    found = lookup(name.decode("ascii", "replace"))
    return found if found and len(found) <= LONGEST_RECORD else None


def key_names(signatures: Sequence[str]) -> tuple[str, ...]:
    """Return the names under which `passing` looks keys up (RFC 6376 section 3.6.2.1), in lower case, without dots at
    their ends; of those that no name server can know, none.

    Args:
        signatures: the values of the DKIM-Signature fields, the topmost first.
    """
    found = (tags(one) for one in signatures[:MOST_SIGNATURES])
    names = (f"{one['s']}._domainkey.{one['d']}".rstrip(".").lower() for one in found if {"s", "d"} <= set(one))
    return tuple(dict.fromkeys(name for name in names if name.isascii() and len(name) <= LONGEST_NAME))


def weak(signatures: tuple[str, ...], names: frozenset[str]) -> frozenset[str]:
    """Return the domains of which some signature covers too little, whoever found that it holds.

    Args:
        signatures: the values of the DKIM-Signature fields.
        names: the fields of the mail, in lower case.
    """
    must = MUST_COVER | ({b"cc"} if "cc" in names else frozenset())
    found: set[str] = set()
    for signature in signatures:
        said = tags(signature)
        if "l" in said or not _covered(said.get("h", "").encode()) >= must:
            found |= {said.get("d", "").lower(), said.get("i", "").rpartition("@")[2].lower()}  # servers name either
    return frozenset(found)


def _covered(names: bytes) -> set[bytes]:
    return {name.strip().lower() for name in names.split(b":")}
