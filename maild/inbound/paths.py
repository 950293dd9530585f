"""The paths and parameters of MAIL and RCPT, read strictly (RFC 5321 section 4.1.2, RFC 6531 section 3.3).

No header-field parser comes near an envelope: it would decode RFC 2047 words and believe comments, and
so answer for an address that nobody wrote.
"""

import re
from typing import NamedTuple

LONGEST_LOCAL_PART = 64  # octets, RFC 5321 section 4.5.3.1.1
LONGEST_PATH = 254  # octets; 256 with its angle brackets, RFC 5321 section 4.5.3.1.3

_WIDE = "\u0080-\ud7ff\ue000-\U0010ffff"  # RFC 6531 section 3.3; surrogates are octets that are no UTF-8
_ATOM = rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~{_WIDE}-]+"
_DOT_STRING = rf"{_ATOM}(?:\.{_ATOM})*"
_QUOTED_STRING = rf'"(?:[\x20!#-\[\]-~{_WIDE}]|\\[\x20-\x7e])*"'
_LABEL = rf"[A-Za-z0-9{_WIDE}](?:[A-Za-z0-9{_WIDE}-]*[A-Za-z0-9{_WIDE}])?"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Za-z:.-]+\]"
_ROUTE = r"(?:@[^:<>\s]+:)?"  # RFC 5321 appendix C: accepted, and ignored
_MAILBOX = re.compile(
    rf"<{_ROUTE}(?P<address>(?P<local>{_DOT_STRING}|{_QUOTED_STRING})@(?P<domain>{_DOMAIN})|(?i:postmaster)|)>"
    r"(?: +(?P<parameters>.*))?"
)
_PAIR = re.compile(r"\\(.)")
_PARAMETER = re.compile(rf"(?P<key>[A-Za-z0-9][A-Za-z0-9-]*)(?:=(?P<value>[!-<>-~{_WIDE}]+))?")


class Path(NamedTuple):
    """A path with its parameters: address is "" for the null path, "postmaster" may stand without a domain."""

    address: str
    parameters: dict[str, str]

    @property
    def needs_utf8(self) -> bool:
        return not self.address.isascii()


def parse(argument: str, keyword: str) -> Path | None:
    """Return the path behind `keyword` ("FROM:" or "TO:"), or None where the address is malformed.

    Raises:
        ValueError: the keyword is missing, or the parameters are no parameters; answer 501 5.5.4.
    """
    if argument[: len(keyword)].upper() != keyword:
        raise ValueError(f"no {keyword}")
    found = _MAILBOX.fullmatch(argument[len(keyword) :].strip(" "))
    if not found or _too_long(found["local"] or "", found["address"]):
        return None
    return Path(_plain(found["local"], found["domain"]) or found["address"], _parameters(found["parameters"] or ""))


def _plain(local: str | None, domain: str | None) -> str:
    """Return an address whose local part is quoted without need as any other: "support"@ is support@ (4.1.2)."""
    bare = _PAIR.sub(r"\1", local[1:-1]) if local and local.startswith('"') else ""
    return f"{bare}@{domain}" if re.fullmatch(_DOT_STRING, bare) else ""


def _too_long(local: str, address: str) -> bool:
    return len(local.encode()) > LONGEST_LOCAL_PART or len(address.encode()) > LONGEST_PATH


def _parameters(text: str) -> dict[str, str]:
    """Return the parameters by their upper-case keys; "" stands for a key without a value."""
    parameters = {}
    for word in text.split():
        found = _PARAMETER.fullmatch(word)
        if not found or found["key"].upper() in parameters:
            raise ValueError(f"no parameter: {word}")
        parameters[found["key"].upper()] = found["value"] or ""
    return parameters
