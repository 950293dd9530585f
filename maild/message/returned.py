"""Read a failure from the words of a transport agent that obeys no standard.

qmail, old sendmail and Postfix, Exim, Exchange, Notes, Groupwise, MDaemon, Gmail, Yahoo, Amazon and the
Japanese carriers say in prose what RFC 3464 says in fields.  They differ in words but not in shape: a
sentence that announces, the addresses that failed, a reason, and then the returned mail.  So this module
knows lines, not products.  Every step looks at one line of limited length; the cost is linear.

How it fails: it returns no address, never a wrong guess from the returned mail itself.
"""

import re
from typing import NamedTuple

LINES = 600
LINE = 998  # RFC 5322 section 2.1.1

ADDRESS = r"[^\s<>()\[\]{},;:\"'`=*|\\]{1,128}@[A-Za-z0-9\u0080-\uffff_-][A-Za-z0-9\u0080-\uffff._-]{0,253}"
_ADDRESS = re.compile(ADDRESS)

# What stands before the returned mail, in lower case, anywhere in a line.
COPY_BEGINS = (
    "is a copy of",
    "copy of the message",
    "copy of the original",
    "copy of the first part",
    "original message follows",
    "original message follow",
    "original message header",
    "original mail info",
    "original message attached",
    "header of the original",
    "headers of the original",
    "message headers follow",
    "message header follows",
    "message follows",
    "returned message",
    "unsent message",
    "undelivered message",
    "start of returned",
    "top 20 lines of the message",
    "old message:",
    "message body suppressed",
    "text of the message",
    "text of your message",
    "mensaje original",
    "ursprüngliche nachricht",
    "ursprüngliche mail",
    "message d'origine",
    "messaggio originale",
    "исходное сообщение",
    "копия сообщения",
    "копия письма",
    "原信件",
    "元のメール",
)
_RULES = ("--", "===", "***", "___")
_COPY_RULED = ("original message", "original mail", "returned message", "message header", "headers", "message")

# A field name that begins the head of the returned mail.
_HEAD = re.compile(r"(?:received|return-path|message-id|mime-version|x-originating-ip|dkim-signature):", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"message-id\s*:\s*(<[^<>\s]{1,900}>)", re.IGNORECASE)

# What announces the failed addresses, in lower case.
ANNOUNCES = (
    "following address",
    "following recipient",
    "following destination",
    "following user",
    "following email",
    "following person",
    "following e-mail",
    "addresses did not",
    "recipients did not",
    "addresses failed",
    "address failed",
    "address(es) failed",
    "recipient(s)",
    "recipients could not",
    "not been delivered",
    "not yet been delivered",
    "not be delivered",
    "not delivered",
    "wasn't delivered",
    "no pudo ser entregado",
    "undeliverable to",
    "undeliverable address",
    "unable to deliver",
    "able to deliver",
    "could not deliver",
    "couldn't deliver",
    "delivering your mail to",
    "deliver your message",
    "deliver a message",
    "delivery to",
    "delivery failed",
    "delivery errors",
    "delivery problems",
    "delevery to",
    "delivery has failed",
    "fatal errors",
    "failed recipient",
    "failed to deliver",
    "rejected recipient",
    "permanent errors",
    "did not reach",
    "didn't reach",
    "failure reasons",
    "failed addresses",
    "following list of recipients",
    "error-for:",
    "recipient:",
    "addressed to",
    "unknown user",
    "unknown recipient",
    "unknown local part",
    "user unknown",
    "no such user",
    "invalid recipient",
    "invalid final delivery",
    "invalid address",
    "mailbox is full",
    "mailbox full",
    "generated from",
    "expanded from",
    "your message to",
    "your mail to",
    "your email to",
    "your e-mail to",
    "message was not delivered",
    "rejected:",
    "address: <",
    "n'a pas pu",
    "n'a pas été remis",
    "nicht zugestellt",
    "nicht erreicht",
    "zustellen",
    "zugestellt werden",
    "kein solcher",
    "не может быть доставлено",
    "не доставлено",
    "невозможно доставить",
    "не удалось доставить",
    "no se ha podido entregar",
    "no pudo entregarse",
    "non è stato possibile",
    "não foi possível",
    "nie można dostarczyć",
    "neizdevās piegādāt",
    "nav piegādāt",
    "無法",
    "无法",
    "送信に失敗",
    "送信できません",
    "配信できません",
    "送れません",
    "届けられません",
    "配信不能",
    "宛先",
)
# Whose address a line names when it is not that of the recipient.
_OTHERS = (
    "mail from",
    "envelope-from",
    "envelope sender",
    "contact",
    "support",
    "sent from",
    "reply-to",
    "from:",
    "mailto:",
)

TEMPORARY_WORDS = (
    "has not yet been delivered",
    "not been able to deliver",
    "has been delayed",
    "is delayed",
    "will be retried",
    "will continue to attempt",
    "attempts will continue",
    "will keep trying",
    "will retry",
    "still trying",
    "warning message only",
    "just a warning",
    "is a warning",
    "warning: message",
    "delivery status notification (delay",
    "temporary failure",
    "noch nicht zugestellt",
    "verzögert",
    "пока не доставлено",
)

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


def read(text: str, subject: str = "", named: tuple[str, ...] = (), own: tuple[str, ...] = ()) -> Failure:
    """Read the text of a suspected report.

    Args:
        named: recipients that a header names (X-Failed-Recipients), which outrank the text.
        own: addresses that the report itself was sent to, which are hardly those that failed.
    """
    lines = [line[:LINE].rstrip() for line in text.splitlines()[:LINES]]
    end = _copy_begins(lines)
    report, copy = lines[:end], lines[end:]
    announced = any(_announces(line) for line in report)
    recipients = named or _without(_recipients(report), own)
    diagnostic = " ".join(line.strip() for line in report if line.strip())[:2000]
    status = status_of(diagnostic)
    words = f"{subject}\n{diagnostic}".lower()
    delayed = any(word in words for word in TEMPORARY_WORDS) and not status.startswith("5")
    temporary = status.startswith("4") or delayed or (not status and reply_of(diagnostic) == "4")
    return Failure(recipients, status, not temporary, delayed, announced, bool(copy), diagnostic, _message_id(copy))


def status_of(text: str) -> str:
    """Return the enhanced status code that a text names, or ""; one beside its own reply code is surest.

    The last such pair is taken: transport agents quote the final answer of the remote server last.
    """
    pairs = [m for m in _REPLY_STATUS.finditer(text) if m[2] != "2"]
    if pairs:
        return f"{pairs[-1][2]}.{pairs[-1][3]}.{pairs[-1][4]}"
    found = next((m for m in _STATUS.finditer(text) if m[1] != "2"), None)
    return f"{found[1]}.{found[2]}.{found[3]}" if found else ""


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
    return len(lower) < 100 and any(words in lower for words in COPY_BEGINS) and lower[-1] in ".:)。"


def _announces(line: str) -> bool:
    lower = line.lower()
    return any(words in lower for words in ANNOUNCES)


def _recipients(lines: list[str]) -> tuple[str, ...]:
    """The failed addresses, by the surest shape that occurs at all; sure shapes add up."""
    for shape in (_listed, _announced, _answered, _commanded):
        found = shape(lines)
        if found:
            return tuple(dict.fromkeys(found))
    return ()


_NAME = r"(?:\"[^\"]{0,200}\"\s{0,4}(?=<))?"
_ALONE = re.compile(
    rf"[\s>*•'-]{{0,20}}{_NAME}[\"']?(?:mailto:)?<?({ADDRESS})>?[\"']?;?\s{{0,20}}"
    r"(?::.*|\.|<br>.*|\(.*\)|\[.*\]|\.\.\..*|on \w.*)?$"
)
_X400 = re.compile(rf"[\s>]{{0,20}}c=[^@]{{0,200}}SMTP=({ADDRESS})", re.IGNORECASE)
_REPEATED = re.compile(rf">>> <?({ADDRESS})>? <\1>")
_EXPANDED = re.compile(rf"\s{{0,20}}\((?:expanded|generated) from:? <?({ADDRESS})>?")
_FIELD = re.compile(
    rf"\s{{0,20}}(?:failed recipient|error-for|undeliverable address|unknown user|invalid final delivery userid"
    rf"|final-recipient|unknown recipient)\s?:\s{{0,20}}(?:rfc822;\s?)?<?({ADDRESS})>?",
    re.IGNORECASE,
)
_QMAIL = re.compile(rf"<({ADDRESS})>:\s{{0,20}}$")
_LISTS = (_QMAIL, _ALONE, _X400, _REPEATED, _EXPANDED, _FIELD)


def _listed(lines: list[str]) -> list[str]:
    """Addresses that stand at the head of a line of their own after a sentence that announces them."""
    found: list[str] = []
    announced = False
    for line in lines:
        match = next((m for m in (shape.match(line) for shape in _LISTS) if m), None)
        if match and (announced or match.re in (_FIELD, _QMAIL)):
            found.append(match[1].rstrip(".-"))
        announced = announced or _announces(line)
    return found


def _announced(lines: list[str]) -> list[str]:
    """Addresses within the very line that announces a failure."""
    found: list[str] = []
    for line in lines:
        lower = line.lower()
        if _announces(line) and not any(words in lower for words in _OTHERS):
            found.extend(addresses(line))
    return found


_ANSWER = re.compile(rf"\s{{0,20}}[<>]{{0,3}}\s?[45]\d\d[ -].{{0,200}}?<?({ADDRESS})>?")


def _answered(lines: list[str]) -> list[str]:
    """Addresses that a server's error reply repeats: "550 <anna@x>... User unknown"."""
    return [match[1].rstrip(".-") for line in lines if (match := _ANSWER.match(line))]


_COMMAND = re.compile(rf"\brcpt to\s?:\s?<?({ADDRESS})>?", re.IGNORECASE)


def _commanded(lines: list[str]) -> list[str]:
    """Addresses of the RCPT commands in a transcript."""
    return [match[1] for line in lines for match in _COMMAND.finditer(line)]


def _without(found: tuple[str, ...], own: tuple[str, ...]) -> tuple[str, ...]:
    """Drop the address that the report came to, unless nothing else is left."""
    others = tuple(address for address in found if address.lower() not in own)
    return others or found


def _message_id(copy: list[str]) -> str:
    return next((match[1] for line in copy if (match := _MESSAGE_ID.match(line.strip()))), "")
