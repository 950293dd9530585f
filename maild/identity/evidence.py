"""Gather what can be known of where a mail came from.

Two witnesses: a log-in on our own listener, and the Authentication-Results field of a mail server that
the operator trusts by name; where neither speaks, DKIM signatures are verified here.  A field below the
line that the trusted server wrote may be anybody's, and counts for nothing.  Judging is proof's.

Standards: RFC 8601 sections 1.2, 5 and 7.1 (trust only one's own authserv-id), RFC 6376, RFC 8301.
"""

import re
from collections.abc import Collection

from maild.identity import dkim
from maild.message.model import Envelope
from maild.ticket.proof import Evidence

HEAD_BYTES = 262_144
_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)", re.MULTILINE)


def needs_dns(raw: bytes) -> bool:
    """Tell whether gathering will ask the DNS."""
    return any(name == b"dkim-signature" for name, _ in _fields(raw))


def gather(raw: bytes, envelope: Envelope, trusted: Collection[str], lookup: dkim.Lookup | None = None) -> Evidence:
    """Return what speaks for a mail.

    Args:
        trusted: the authserv-ids whose Authentication-Results are believed.
        lookup: asks the DNS for a TXT record; None asks nobody.
    """
    fields = _fields(raw)
    told = _trusted_results(
        fields, trusted, own_lines=1 if envelope.protocol.startswith(("ESMTP", "SMTP", "UTF8")) else 0
    )
    domains, spf, dmarc = _read_results(told) if told else ((), "", "")
    if not told and lookup is not None and any(name == b"dkim-signature" for name, _ in fields):
        domains = dkim.passing(raw, lookup)
    because = "; ".join(
        part
        for part in (
            f"AUTH {envelope.auth_user}" if envelope.auth_user else "",
            f"Authentication-Results: {told[:200]}" if told else "",
            f"DKIM {' '.join(domains)}" if domains and not told else "",
        )
        if part
    )
    return Evidence(envelope.auth_user, domains, spf, dmarc, because or "nothing known")


def _fields(raw: bytes) -> list[tuple[bytes, str]]:
    head = re.split(rb"\r?\n\r?\n", raw[:HEAD_BYTES], maxsplit=1)[0]
    return [
        (found.group(1).lower(), " ".join(found.group(2).decode("utf-8", "replace").split()))
        for found in _FIELD.finditer(head)
    ]


def _trusted_results(fields: list[tuple[bytes, str]], trusted: Collection[str], own_lines: int) -> str:
    """Return the topmost field of a trusted server that stands above what others could have written.

    own_lines is the number of Received lines that we wrote ourselves.
    """
    wanted = {one.lower() for one in trusted}
    received = 0
    for name, value in fields:
        if name == b"received":
            received += 1
            if received > own_lines + 1:
                break
        elif name == b"authentication-results" and value.split(";")[0].split(" ")[0].strip().lower() in wanted:
            return value
    return ""


def _read_results(value: str) -> tuple[tuple[str, ...], str, str]:
    """Return DKIM domains, SPF domain and DMARC domain that passed."""
    import authres

    try:
        results = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {value}").results
    except Exception:  # authres raises many kinds, and a field that cannot be read says nothing
        return (), "", ""
    passed = [one for one in results if one.result == "pass"]
    dkims = tuple(
        dict.fromkeys(
            domain for one in passed if one.method == "dkim" and (domain := _property(one, "header", "d", "i"))
        )
    )
    spf = next((d for one in passed if one.method == "spf" and (d := _property(one, "smtp", "mailfrom"))), "")
    dmarc = next((d for one in passed if one.method == "dmarc" and (d := _property(one, "header", "from"))), "")
    return dkims, spf, dmarc


def _property(result: object, kind: str, *names: str) -> str:
    """Return the domain in one property of a result, lower case."""
    for name in names:
        for one in getattr(result, "properties", ()):
            if one.type == kind and one.name == name:
                return str(one.value).rpartition("@")[2].strip().lower()
    return ""
