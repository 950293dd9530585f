"""Read a failure from the words of a transport agent that obeys no standard.

qmail, old sendmail and Postfix, Exim, Exchange, Notes, Groupwise, MDaemon, Gmail, Yahoo, Amazon and the
Japanese carriers say in prose what RFC 3464 says in fields.  They differ in words but not in shape: a
sentence that announces, the addresses that failed, a reason, and then the returned mail.  So this module
knows lines, not products.  Every step looks at one line of limited length; the cost is linear.

How it fails: it returns no address, never a wrong guess from the returned mail itself.
"""

import re
from typing import NamedTuple

from maild.machines.failures import (
    ANNOUNCES,
    COPY_BEGINS,
    COPY_FOLLOWS,
    COPY_SENTENCES,
    OTHERS,
    TEMPORARY_WORDS,
)
from maild.machines.mailers import DAEMONS, POSTMASTERS

LINES = 600
LONGEST = 16_384  # characters that are searched for a status
DIAGNOSTIC = 2000  # characters that are kept for people
LINE = 998  # RFC 5322 section 2.1.1

_WIDE = r"\u2018-\u201f\u3000-\u303f\uff00-\uff0f\uff1a-\uff20"  # punctuation between Chinese words
_LETTER = r"A-Za-z0-9\u0080-\u2017\u2020-\u2fff\u3040-\ufeff"
_LOCAL = rf"[^\s<>()\[\]{{}},;:\"'`=*|\\{_WIDE}]"
ADDRESS = rf"(?:{_LOCAL}{{1,2}}')?{_LOCAL}{{1,128}}@[{_LETTER}_-][{_LETTER}._-]{{0,253}}"
_ADDRESS = re.compile(ADDRESS)

_RULES = ("--", "===", "***", "___")
_COPY_RULED = ("original message", "original mail", "returned message", "message header", "headers", "message")

# A field name that begins the head of the returned mail.
_HEAD = re.compile(r"(?:received|return-path|message-id|mime-version|x-originating-ip|dkim-signature):", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"message-id\s*:\s*(<[^<>\s]{1,900}>)", re.IGNORECASE)

# An enhanced status code (RFC 3463), not a piece of an IP address or of a version.
_STATUS = re.compile(r"(?<![\w.-])(?:#|\(#)?([245])\.(\d{1,3})\.(\d{1,3})(?![\w]|\.\d)")
# A reply with its enhanced code, as RFC 2034 joins them: "550 5.1.1", "550-5.1.1", "501: 5.1.8", "550 #5.1.0".
_REPLY_STATUS = re.compile(r"(?<![\w.-])([245])\d\d[ :-]{1,3}#?(\1)\.(\d{1,3})\.(\d{1,3})(?![\w]|\.\d)")
_REPLY = re.compile(r"(?<![\w.:\[-])([45])[0-5]\d(?=[ :-]|$)(?!\.\d)")


class Failure(NamedTuple):
    """What the prose says; recipients is empty where it names nobody."""

    recipients: tuple[str, ...]
    status: str
    permanent: bool
    delayed: bool
    announced: bool  # the text has the shape of a report
    returned: bool  # the mail that failed follows
    diagnostic: str
    original_message_id: str
    sole: tuple[str, ...]  # the only address in the text, where no sentence announces one
    listed: bool  # the recipients stand on lines of their own, as no person writes them


def read(text: str, subject: str = "", named: tuple[str, ...] = (), own: tuple[str, ...] = ()) -> Failure:
    """Read the text of a suspected report.

    Args:
        named: recipients that a header names (X-Failed-Recipients), which outrank the text.
        own: addresses that the report itself was sent to, which are hardly those that failed.
    """
    lines = [line[:LINE].rstrip() for line in text.splitlines()[:LINES]]
    end = _copy_begins(lines)
    report, copy = lines[:end], lines[end:]
    announced = any(_announces(" ".join(pair)) for pair in zip(["", *report], report, strict=False))
    listed = _listed(report)
    recipients = named or _without(tuple(dict.fromkeys(listed)) or _recipients(report), own)
    said = " ".join(line.strip() for line in report if line.strip())
    status = status_of(said[:LONGEST])
    words = f"{subject}\n{said[:LONGEST]}".lower()
    delayed = any(word in words for word in TEMPORARY_WORDS) and not status.startswith("5")
    temporary = status.startswith("4") or delayed or (not status and reply_of(said[:LONGEST]) == "4")
    return Failure(
        recipients,
        status,
        not temporary,
        delayed,
        announced,
        bool(copy),
        said[:DIAGNOSTIC],
        _message_id(copy),
        _sole(report, own),
        bool(listed),
    )


def status_of(text: str) -> str:
    """Return the enhanced status code that a text names, or "".

    One beside a reply code of its class is surest, and the first of these that says more than "5.0.0": what
    follows in a transcript are the consequences ("554 5.0.0 Service unavailable", "503 5.5.1 RCPT first").
    """
    beside = [f"{m[2]}.{m[3]}.{m[4]}" for m in _REPLY_STATUS.finditer(text) if m[2] != "2"]
    codes = beside or [f"{m[1]}.{m[2]}.{m[3]}" for m in _STATUS.finditer(text) if m[1] != "2"]
    return next((code for code in codes if not code.endswith(".0.0")), codes[0] if codes else "")


def reply_of(text: str) -> str:
    """Return the first digit of the first error reply code in a text, or ""."""
    found = _REPLY.search(text)
    return found[1] if found else ""


def addresses(line: str) -> list[str]:
    """Return the mailboxes that a line names, without the full stop of its sentence."""
    return [found.rstrip(".-") for found in _ADDRESS.findall(line[:LINE]) if found[0] not in ".@/"]


def _copy_begins(lines: list[str]) -> int:
    """The index of the line at which the returned mail begins."""
    for index, line in enumerate(lines):
        if index and _begins_copy(line):
            return index
    return len(lines)


def _begins_copy(line: str) -> bool:
    lower = line.strip().lower()
    if not lower:
        return False
    if _HEAD.match(line):
        return True
    if lower.startswith(_RULES) or lower.endswith(_RULES):
        bare = lower.strip("-=*_ :")
        return bare in _COPY_RULED or any(words in bare for words in COPY_BEGINS)
    if len(lower) >= 100 or lower[-1] not in ".:)。" or "transcript" in lower:
        return False
    return lower.rstrip(".:。 ").endswith(COPY_FOLLOWS) or any(words in lower for words in COPY_SENTENCES)


def _announces(line: str) -> bool:
    lower = line.lower()
    return any(words in lower for words in ANNOUNCES)


def _recipients(lines: list[str]) -> tuple[str, ...]:
    """The failed addresses where none is listed, by the surest shape that occurs at all; sure shapes add up."""
    for shape in (_announced, _answered, _commanded):
        found = shape(lines)
        if found:
            return tuple(dict.fromkeys(found))
    return ()


_NAME = r"(?:\"[^\"]{0,200}\"\s{0,4}(?=<))?"
_ALONE = re.compile(
    rf"[\s>*•'-]{{0,20}}{_NAME}[\"']?(?:mailto:)?<?({ADDRESS})>?[\"']?;?\s{{0,20}}"
    r"(?::.*|\.|<br>.*|<mailto:.*|\(.*\)|\[.*\]|\.\.\..*|on \w.*)?$"
)
# Case is overlooked in words alone: of an address's many letters it is dear, at each start.
_X400 = re.compile(rf"[\s>]{{0,20}}(?i:c=)[^@]{{0,200}}(?i:smtp=)({ADDRESS})")
_REPEATED = re.compile(rf">>> <?({ADDRESS})>? <\1>")
_EXPANDED = re.compile(rf"\s{{0,20}}\((?:expanded|generated) from:? <?({ADDRESS})>?")
_FIELD = re.compile(
    rf"\s{{0,20}}(?i:failed recipient|error-for|undeliverable address|unknown user|invalid final delivery userid"
    rf"|final-recipient|unknown recipient|recipient address|nosuchuser)\s?:\s{{0,20}}(?i:rfc822;\s?)?<?({ADDRESS})>?"
)
_QMAIL = re.compile(rf"<({ADDRESS})>(?:\s{{1,4}}\(expanded from[^)]{{0,300}}\))?:")
_LISTS = (_QMAIL, _ALONE, _X400, _REPEATED, _EXPANDED, _FIELD)


def _listed(lines: list[str]) -> list[str]:
    """Addresses that stand at the head of a line of their own after a sentence that announces them."""
    found: list[str] = []
    announced = False
    before = ""
    for line in lines:
        match = next((m for m in (shape.match(line) for shape in _LISTS) if m), None)
        if match and (announced or match.re in (_FIELD, _QMAIL)):
            found.append(match[1].rstrip(".-"))
        announced = announced or _announces(f"{before} {line.strip()}")  # a sentence may run over two lines
        before = line.strip()
    return found


def _announced(lines: list[str]) -> list[str]:
    """Addresses within the very line that announces a failure."""
    found: list[str] = []
    for line in lines:
        lower = line.lower()
        if _announces(line) and not any(words in lower for words in OTHERS):
            found.extend(addresses(line))
    return found


_ANSWER = re.compile(rf"\s{{0,20}}[<>]{{0,3}}\s?[45]\d\d[ -].{{0,200}}?<?({ADDRESS})>?")


def _answered(lines: list[str]) -> list[str]:
    """Addresses that a server's error reply repeats: "550 <anna@x>... User unknown"."""
    return [match[1].rstrip(".-") for line in lines if (match := _ANSWER.match(line))]


_COMMAND = re.compile(rf"\b(?i:rcpt to)\s?:\s?<?({ADDRESS})>?")


def _commanded(lines: list[str]) -> list[str]:
    """Addresses of the RCPT commands in a transcript."""
    return [match[1] for line in lines for match in _COMMAND.finditer(line)]


def _sole(lines: list[str], own: tuple[str, ...]) -> tuple[str, ...]:
    """The one address that a report names at all, in whatever language: no sender's, no postmaster's."""
    named = [a for line in lines if not any(words in line.lower() for words in OTHERS) for a in addresses(line)]
    found = {a.lower(): a for a in named if a.partition("@")[0].lower() not in DAEMONS | POSTMASTERS}
    others = [a for a in found if a not in own]
    return (found[others[0]],) if len(others) == 1 else ()


def _without(found: tuple[str, ...], own: tuple[str, ...]) -> tuple[str, ...]:
    """Drop the addresses that the report came to: it hardly means one of them."""
    return tuple(address for address in found if address.lower() not in own)


def _message_id(copy: list[str]) -> str:
    return next((match[1] for line in copy if (match := _MESSAGE_ID.match(line.strip()))), "")
