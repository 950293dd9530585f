"""DKIM: what a signature must be worth before it says anything (RFC 6376; the only importer of dkimpy).

dkimpy tells whether a signature holds.  It does not mind a body that was added to (`l=`), an uncovered
From, a key of 512 bits: all these are refused here (RFC 6376 sections 8.2 and 8.15, RFC 8301).
"""

from collections.abc import Callable

import dkim as dkimpy

Lookup = Callable[[str], bytes | None]  # a name to its TXT record, None for none

MOST_SIGNATURES = 5
SMALLEST_KEY_BITS = 1024
MUST_COVER = frozenset({b"from", b"to", b"subject", b"date", b"message-id"})


def passing(raw: bytes, lookup: Lookup) -> tuple[str, ...]:
    """Return the domains whose signatures hold and cover what a reader believes."""
    try:
        mail = dkimpy.DKIM(raw, minkey=SMALLEST_KEY_BITS)
    except dkimpy.DKIMException:
        return ()
    count = sum(1 for name, _ in mail.headers if name.lower() == b"dkim-signature")
    names = [name.lower() for name, _ in mail.headers]
    if names.count(b"from") != 1:
        return ()
    domains = (_domain(raw, index, lookup) for index in range(min(count, MOST_SIGNATURES)))
    return tuple(dict.fromkeys(domain for domain in domains if domain))


def _domain(raw: bytes, index: int, lookup: Lookup) -> str:
    """Return the d= of one signature, "" for one that says nothing."""
    mail = dkimpy.DKIM(raw, minkey=SMALLEST_KEY_BITS)
    try:
        if not mail.verify(idx=index, dnsfunc=lambda name, timeout=5: lookup(name.decode("ascii", "replace"))):
            return ""
    except Exception:  # a signature that cannot be checked is no signature: DNS trouble, odd keys, bad tags
        return ""
    fields = mail.signature_fields
    covered = {name.strip().lower() for name in fields[b"h"].split(b":")}
    if b"l" in fields or not covered >= MUST_COVER or fields.get(b"a", b"").endswith(b"sha1"):
        return ""
    return str(fields[b"d"].decode("ascii", "replace")).lower()
