"""One mail's envelope while it is said: MAIL, then RCPT (RFC 5321 section 3.3).

Each function returns the next state, or the reply that refuses it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from maild.inbound import paths
from maild.inbound.connections import Limits

TOO_BIG = "552 5.3.4 Mail is larger than {} octets"
KNOWN = frozenset({"SIZE", "BODY", "SMTPUTF8", "AUTH"})  # AUTH= is let pass, RFC 4954 section 5


@dataclass(frozen=True, slots=True)
class Transaction:
    sender: str  # "" for the null sender
    smtputf8: bool = False
    size_bytes: int = 0  # as the client declared it
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    reply: str


def begin(argument: str, limits: Limits) -> Transaction | Refusal:
    """MAIL: begin a mail."""
    try:
        path = paths.parse(argument, "FROM:")
    except ValueError:
        return Refusal("501 5.5.4 Syntax: MAIL FROM:<address>")
    if path is None:
        return Refusal("501 5.1.7 The sender's address is malformed")
    because = _refused_parameters(path, limits)
    if because:
        return Refusal(because)
    return Transaction(path.address, "SMTPUTF8" in path.parameters, int(path.parameters.get("SIZE", 0)))


def _refused_parameters(path: paths.Path, limits: Limits) -> str | None:
    """RFC 1870 section 6, RFC 6152 section 3, RFC 6531 sections 3.4 and 3.5."""
    given = path.parameters
    if given.keys() - KNOWN:
        return "555 5.5.4 Unknown parameter"
    size = given.get("SIZE", "0")
    if not (size.isascii() and size.isdigit() and len(size) <= 20) or given.get("SMTPUTF8"):
        return "501 5.5.4 Malformed parameter"
    if given.get("BODY", "7BIT").upper() not in ("7BIT", "8BITMIME"):
        return "504 5.5.4 BODY is 7BIT or 8BITMIME"
    if path.needs_utf8 and "SMTPUTF8" not in given:
        return "550 5.6.7 Such a sender needs SMTPUTF8"
    return TOO_BIG.format(limits.max_message_bytes) if int(size) > limits.max_message_bytes else None


def add(mail: Transaction, argument: str, limits: Limits, check: Callable[[str], str | None]) -> Transaction | Refusal:
    """RCPT: add a recipient; `check` knows which addresses are ours."""
    try:
        path = paths.parse(argument, "TO:")
    except ValueError:
        return Refusal("501 5.5.4 Syntax: RCPT TO:<address>")
    if path is None or not path.address:
        return Refusal("553 5.1.3 The recipient's address is malformed")
    if path.parameters:
        return Refusal("555 5.5.4 Unknown parameter")
    if path.needs_utf8 and not mail.smtputf8:
        return Refusal("553 5.6.7 Such a recipient needs SMTPUTF8")
    if len(mail.recipients) >= limits.max_recipients:  # RFC 5321 section 4.5.3.1.10: the others come later
        return Refusal("452 4.5.3 Too many recipients")
    because = None if path.address.lower() == "postmaster" else check(path.address)  # RFC 5321 section 4.5.1
    return Refusal(because) if because else replace(mail, recipients=(*mail.recipients, path.address))
