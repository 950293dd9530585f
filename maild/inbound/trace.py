"""The lines that we put on top of a mail: where it came from, and where a bounce would go (RFC 5321 section 4.4)."""

from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime

from maild.message.model import Envelope

LONGEST_NAME = 255


def lines(envelope: Envelope, hostname: str, number: str, now: datetime) -> bytes:
    """Return Return-Path and Received; nothing that the client said can break out of them.

    Args:
        number: under which the mail can be found in our log.
    """
    literal = f"[IPv6:{envelope.client}]" if ":" in envelope.client else f"[{envelope.client or 'local'}]"
    return (
        f"Return-Path: <{envelope.mail_from or ''}>\r\n"
        f"Received: from {_word(envelope.helo)} ({literal})\r\n"
        f"\tby {hostname} with {envelope.protocol} id {number};\r\n"
        f"\t{format_datetime(now)}\r\n"
    ).encode()


def protocol(extended: bool, smtputf8: bool, tls: bool, authenticated: bool) -> str:
    """Return the word for "with" (RFC 3848, RFC 6531 section 4.3)."""
    if not extended:
        return "SMTP"
    name = "UTF8SMTP" if smtputf8 else "ESMTP"
    return name + ("S" if tls else "") + ("A" if authenticated else "")


def printable(text: str) -> str:
    """Return a client's word without what could break a line."""
    return "".join(c if c.isprintable() else "?" for c in text[:LONGEST_NAME])


def _word(text: str) -> str:
    """Return a client's name as one word: no space, bracket or comment in it."""
    return "".join("?" if c in ' ();<>"\\' or not c.isprintable() else c for c in text[:LONGEST_NAME]) or "unknown"


def with_return_path(envelope: Envelope, raw: bytes) -> Envelope:
    """Give an envelope the sender that the last mail system wrote on top (RFC 5321 section 4.4)."""
    first = raw[:4096].split(b"\n", 1)[0]
    if not first.lower().startswith(b"return-path:"):
        return envelope
    value = first.split(b":", 1)[1].strip().strip(b"<>").decode("utf-8", "replace")
    return replace(envelope, mail_from=printable(value))
