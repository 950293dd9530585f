"""TXT records, with patience of five seconds and a memory of ten minutes (the only importer of dnspython)."""

import time
from functools import lru_cache
from pathlib import Path

LIFETIME_SECONDS = 5.0
REMEMBER_SECONDS = 600
SILENCE_SECONDS = 30  # for which a name is not asked for again that nobody answered for
MOST_SILENT = 1024

SERVERS = Path("/etc/resolv.conf")  # resolv.conf(5)

_silent_until: dict[str, float] = {}
_unanswered = ""  # the name that nobody answered for last


def txt(name: str) -> bytes | None:
    """Return the TXT record of a name, None for none.

    Raises:
        NoAnswer: whether there is one cannot be known now.
    """
    global _unanswered
    wanted, now = name.rstrip(".").lower(), time.monotonic()
    if now < _silent_until.get(wanted, 0.0):
        raise NoAnswer("it was silent a moment ago")
    try:
        return _remembered(wanted, int(now // REMEMBER_SECONDS))
    except NoAnswer:  # no more than that a server was silent for a moment
        if len(_silent_until) >= MOST_SILENT:
            _silent_until.clear()
        _silent_until[wanted] = now + SILENCE_SECONDS
        _unanswered = wanted
        raise


def silence(domain: str) -> str:
    """Return what the name servers of this machine do not answer, "" while they do, or nobody has needed them.

    Args:
        domain: is asked for then: the servers of a single sender may well be silent.
    """
    global _unanswered
    if not _unanswered:
        return ""
    try:
        txt_now(domain)
    except NoAnswer as error:
        return f"{_unanswered}: {error}"
    _unanswered = ""
    return ""


class NoAnswer(OSError):
    """The DNS did not answer, or not in time."""


def txt_now(name: str) -> tuple[bytes, ...]:
    """Return the TXT records of a name as they are now, () for none.

    Raises:
        NoAnswer: whether there are any cannot be known.
    """
    import dns.exception
    import dns.resolver

    if _are_others():
        dns.resolver.default_resolver = None  # dnspython reads once who they are
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=LIFETIME_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
    except (dns.exception.DNSException, OSError, ValueError) as error:
        raise NoAnswer(str(error) or type(error).__name__) from None
    return tuple(b"".join(one.strings) for one in answer)


def _changed() -> int:
    try:
        return SERVERS.stat().st_mtime_ns
    except OSError:
        return 0


_seen = _changed()


def _are_others() -> bool:
    """Tell whether the machine's name servers may be others than when we looked last: networks come and go."""
    global _seen
    before, _seen = _seen, _changed()
    return before != _seen


@lru_cache(maxsize=1024)
def _remembered(name: str, _era: int) -> bytes | None:
    return next(iter(txt_now(name)), None)
