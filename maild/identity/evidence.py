"""Gather what can be known of where a mail came from.

Two witnesses: a log-in on our own listener, and the Authentication-Results field of a mail server that
the operator trusts by name; where neither speaks, DKIM signatures are verified here.  A field below the
line that the trusted server wrote, or in a mail that did not come from a trusted relay, may be anybody's,
and counts for nothing.  Judging is proof's.

Standards: RFC 8601 sections 1.2, 5 and 7.1 (trust only one's own authserv-id), RFC 6376, RFC 8301.
"""

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from maild.identity import dkim
from maild.message import header
from maild.message.model import Envelope
from maild.ticket.proof import Evidence

HEAD_BYTES = 262_144
_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.MULTILINE)
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
Fields = list[tuple[bytes, bytes]]  # names in lower case, values as they were written


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose word on a sender counts on one way in.

    Attributes:
        authserv_ids: of the servers whose Authentication-Results are believed.
        above: how many Received lines those servers write above their results.  What is below more is not
            believed; what others wrote in their name they must take off (RFC 8601 section 5).
        relays: the networks of the servers that may hand us such fields by SMTP; None: any client.
    """

    authserv_ids: tuple[str, ...] = ()
    above: int = 0
    relays: tuple[str, ...] | None = None


class _Results(NamedTuple):
    """What a trusted server found: who logged in there, and the domains for which each check passed; "" for none."""

    user: str = ""
    dkim: tuple[str, ...] = ()
    spf: str = ""
    dmarc: str = ""


def key_names(raw: bytes, envelope: Envelope, trust: Trust) -> tuple[str, ...]:
    """Return the names of the TXT records that `gather` will ask for."""
    if b"dkim-signature" not in raw[:HEAD_BYTES].lower():
        return ()
    fields = _fields(raw)
    return () if _believed(fields, envelope, trust) else dkim.key_names(_signatures(fields))


def gather(
    raw: bytes, envelope: Envelope, trust: Trust, lookup: dkim.Lookup | None = None, silent: Collection[str] = ()
) -> Evidence:
    """Return what speaks for a mail.

    Args:
        lookup: knows the TXT record of a name; None: nobody is asked, and no signature is verified.
        silent: the names for which no name server answered.
    """
    fields = _fields(raw)
    told = _believed(fields, envelope, trust)
    results = _read_results(told) if told else _Results()
    domains: tuple[str, ...] = ()
    if (results.dkim or _signatures(fields)) and _is_read_alike(raw, fields):
        domains = _strong_enough(results.dkim, fields) if told else dkim.passing(raw, lookup) if lookup else ()
    because = "; ".join(
        part
        for part in (
            f"AUTH {envelope.auth_user}" if envelope.auth_user else "",
            f"Authentication-Results: {told[:200]}" if told else "",
            f"DKIM {' '.join(domains)}" if domains and not told else "",
            f"the DNS did not answer for {' '.join(silent)}" if silent else "",
        )
        if part
    )
    user = envelope.auth_user or results.user
    return Evidence(user, domains, results.spf, results.dmarc, because or "nothing known")


def _believed(fields: Fields, envelope: Envelope, trust: Trust) -> str:
    """Return the results that we believe of what others found, "" for none."""
    by_smtp = envelope.protocol.startswith(("ESMTP", "SMTP", "UTF8"))
    if by_smtp and trust.relays is not None and not among(envelope.client, trust.relays):
        return ""
    return _trusted_results(fields, trust.authserv_ids, own_lines=trust.above + (1 if by_smtp else 0))


def among(client: str, networks: Collection[str]) -> bool:
    """Tell whether a client is in one of some networks; one on a socket in the file system is at home."""
    if not client:
        return True
    address = ipaddress.ip_address(client)
    return any(address in _network(network) for network in networks)


@lru_cache(maxsize=256)
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text, strict=False)


def _strong_enough(domains: tuple[str, ...], fields: Fields) -> tuple[str, ...]:
    """Another server found that signatures hold; what they must cover is our own policy."""
    if not domains:
        return ()
    names = [name.decode() for name, _ in fields]
    if any(names.count(name.decode()) > 1 for name in dkim.ONCE):
        return ()
    weak = dkim.weak(_signatures(fields), frozenset(names))
    return tuple(domain for domain in domains if domain not in weak)


def _fields(raw: bytes) -> Fields:
    head = _END_OF_HEAD.split(raw[:HEAD_BYTES], maxsplit=1)[0]
    return [(name.lower(), value) for name, value in _FIELD.findall(head)]


def _is_read_alike(raw: bytes, fields: Fields) -> bool:
    """Tell whether we read a head as whoever verified its signatures: to its end, and each field as the standard says.

    Else what is signed may be hidden from us, a second From for one, and we would believe what nobody has signed.
    """
    ends = len(raw) <= HEAD_BYTES or _END_OF_HEAD.search(raw, 0, HEAD_BYTES) is not None
    ours = [(field.name.encode(), field.raw.split()) for field in header.read(raw, 0, len(raw)).fields]
    return ends and ours == [(name, value.split()) for name, value in fields]


def _signatures(fields: Fields) -> tuple[str, ...]:
    return tuple(_unfolded(value) for name, value in fields if name == b"dkim-signature")


def _unfolded(value: bytes) -> str:
    return " ".join(value.decode("utf-8", "replace").split())


def _trusted_results(fields: Fields, trusted: Collection[str], own_lines: int) -> str:
    """Return the topmost field of a trusted server that is above what others could have written.

    own_lines is the number of Received lines that we and it have written above it.
    """
    wanted = {one.lower() for one in trusted}
    received = 0
    for name, value in fields:
        if name == b"received":
            received += 1
            if received > own_lines:
                break  # RFC 8601 section 5: what is below was there before the trusted server had the mail
        elif name == b"authentication-results" and wanted:
            said = _unfolded(value)
            if said.split(";")[0].split(" ")[0].strip().lower() in wanted:
                return said
    return ""


def _read_results(value: str) -> _Results:
    """Read the value of an Authentication-Results field."""
    import authres

    try:
        results = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {value}").results
    except Exception:  # authres raises many kinds, and a field that cannot be read says nothing
        return _Results()
    passed = [one for one in results if one.result == "pass"]
    dkims = tuple(
        dict.fromkeys(
            domain for one in passed if one.method == "dkim" and (domain := _property(one, "header", "d", "i"))
        )
    )
    spf = next((d for one in passed if one.method == "spf" and (d := _property(one, "smtp", "mailfrom"))), "")
    dmarc = next((d for one in passed if one.method == "dmarc" and (d := _property(one, "header", "from"))), "")
    user = next((u for one in passed if one.method == "auth" and (u := _user(one))), "")
    return _Results(user, dkims, spf, dmarc)


def _user(result: object) -> str:
    return next((str(p.value) for p in getattr(result, "properties", ()) if p.type == "smtp" and p.name == "auth"), "")


def _property(result: object, kind: str, *names: str) -> str:
    """Return the domain in one property of a result, lower case."""
    for name in names:
        for one in getattr(result, "properties", ()):
            if one.type == kind and one.name == name:
                return str(one.value).rpartition("@")[2].strip().lower()
    return ""
