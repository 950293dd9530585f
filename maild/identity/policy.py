"""Who may send in a domain's name, as it publishes it, as far as a sender must know: SPF (RFC 7208), DMARC (RFC 7489).

Nothing here asks the DNS, and no mail is judged by it: it is what `maild check --connect` reads to the operator.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SPF = re.compile(r"v=spf1(?: |$)", re.IGNORECASE)
_DMARC = re.compile(r"v\s*=\s*DMARC1\s*(?:;|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Policy:
    """What receivers shall do with mail that nothing proves: none, quarantine or reject."""

    wanted: str
    strict_dkim: bool = False  # the domains must be the same
    strict_spf: bool = False


def spf(records: Iterable[str]) -> tuple[str, str]:
    """Return a domain's SPF record, and what is wrong with it: "" for nothing (RFC 7208 sections 4.5 and 5.1)."""
    found = [one for one in records if _SPF.match(one)]
    if not found:
        return "", ""
    if len(found) > 1:
        return found[0], f"the DNS has {len(found)} SPF records: receivers take none of them"
    if found[0].lower().split()[-1] in ("all", "+all"):
        return found[0], "it lets everybody send in your name"
    return found[0], ""


def dmarc(records: Iterable[str]) -> Policy | None:
    """Return a domain's policy, None if it has none (RFC 7489 section 6.3)."""
    found = [one for one in records if _DMARC.match(one)]
    if len(found) != 1:
        return None
    said = tags(found[0].lower())
    return Policy(said.get("p", "none"), said.get("adkim") == "s", said.get("aspf") == "s")


def tags(record: str) -> dict[str, str]:
    """Read a list such as "v=DKIM1; p=MIG": a record of DMARC or DKIM, or a signature (RFC 6376 section 3.2)."""
    return {name.strip(): value.strip() for name, _, value in (part.partition("=") for part in record.split(";"))}


def aligned(domain: str, other: str, strict: bool) -> bool:
    """Tell whether two domains are one sender's (RFC 7489 section 3.1): the same, or one above the other."""
    one, two = domain.lower(), other.lower()
    return one == two or (not strict and (one.endswith(f".{two}") or two.endswith(f".{one}")))


def above(domain: str) -> tuple[str, ...]:
    """Return a domain and those above it that may hold its policy, the nearest first."""
    labels = domain.lower().split(".")
    return tuple(".".join(labels[at:]) for at in range(max(1, len(labels) - 1)))
