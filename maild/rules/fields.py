"""What a condition can ask: the table of fields, a row and a small function each.

A field's values are texts, none or several; numbers too are read as texts, and compared as numbers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from maild.message.model import Kind
from maild.rules.case import Case, Read, Values
from maild.ticket.model import Priority, Status

SPAM_FIELDS = (
    *("x-spam-flag", "x-spam", "x-spam-status", "x-spam-level", "x-spam-score", "x-rspamd-score"),
    "x-ms-exchange-organization-scl",
)
SPAM_FROM = 5.0  # the score from which on SpamAssassin and Exchange speak of spam
FLAGS = ("true", "false")


class Shape(StrEnum):
    """What a field's values are, and with that which operators fit."""

    TEXT = "text"
    WORD = "one of a few words"
    NAME = "a name given in the rule files"
    FLAG = "true or false"
    NUMBER = "a number"
    SIZE = "a size"
    AGE = "a length of time"


@dataclass(frozen=True, slots=True)
class Field:
    """A row of the manual.

    section is the one of the rule files that gives the names; several says that a mail may have more
    than one value of it, or none.
    """

    name: str
    shape: Shape
    about: str
    read: Read
    words: Values = ()
    section: str = ""
    several: bool = False


def called(name: str) -> Field | None:
    """Return the field of that name; every header field is one."""
    if re.fullmatch(r"header\.[!-9;-~]+", name) and name != HEADER:
        read = partial(_header, name.removeprefix("header.").lower())
        return Field(f"header.{name.removeprefix('header.').lower()}", Shape.TEXT, "", read, several=True)
    return FIELDS.get(name) if name != HEADER else None


def _sender(case: Case) -> Values:
    return (case.facts.message.sender.address,)


def _domain(case: Case) -> Values:
    return (case.facts.message.sender.domain,)


def _to(case: Case) -> Values:
    return (*case.facts.envelope.rcpt_to, *(one.address for one in case.facts.message.to))


def _cc(case: Case) -> Values:
    return tuple(one.address for one in case.facts.message.cc)


def _queue(case: Case) -> Values:
    return (case.queue.key,)


def _subject(case: Case) -> Values:
    return (case.facts.message.subject,)


def _text(case: Case) -> Values:
    return (case.facts.cut.new_text,)


def _header(name: str, case: Case) -> Values:
    return case.facts.message.fields(name)


def _attachment_name(case: Case) -> Values:
    return tuple(one.filename for one in case.facts.message.attachments)


def _attachment_type(case: Case) -> Values:
    return tuple(one.content_type for one in case.facts.message.attachments)


def _attachment_size(case: Case) -> Values:
    return tuple(str(one.size_bytes) for one in case.facts.message.attachments)


def _kind(case: Case) -> Values:
    return (str(case.facts.classified.kind),)


def _language(case: Case) -> Values:
    return (case.facts.language,)


def _proof(case: Case) -> Values:
    return ("authenticated" if case.facts.authenticated else "none",)


def _first_contact(case: Case) -> Values:
    return (_flag(not case.facts.seen.contact.seen_before),)


def _open_tickets(case: Case) -> Values:
    return (str(case.facts.seen.contact.open_tickets),)


def _hours(case: Case) -> Values:
    calendar = case.facts.desk.calendar_of(case.queue)
    at = int(case.facts.envelope.received_at.timestamp())
    return ("open" if calendar is None or calendar.is_open(at) else "closed",)


def _age(case: Case) -> Values:
    """The instant from which the age counts, in seconds."""
    opened = case.ticket.opened_at if case.ticket else case.facts.now
    return (str(int(opened.timestamp())),)


def _status(case: Case) -> Values:
    return (str(case.ticket.status) if case.ticket else "new",)


def _priority(case: Case) -> Values:
    return (str(case.priority),)


def _tags(case: Case) -> Values:
    return case.tags


def _assignee(case: Case) -> Values:
    return (case.assignee or "nobody",)


def _spam(case: Case) -> Values:
    return (_flag(_worst_score(case) >= SPAM_FROM),)


def _spam_score(case: Case) -> Values:
    return (str(_worst_score(case)),)


def _worst_score(case: Case) -> float:
    """Return the worst verdict among all such fields: who forges one can only harm himself."""
    scores = (_score(name, value) for name in SPAM_FIELDS for value in case.facts.message.fields(name))
    return max((*scores, SPAM_FROM if _rspamd_says_so(case) else 0.0))


def _score(name: str, value: str) -> float:
    """Read "Yes, score=7.1 required=5.0", "True ; 6.5 / 5.0", "*****", "YES" and plain numbers."""
    if name == "x-spam-level":
        return float(len(value.strip()) - len(value.strip().lstrip("*")))
    found = re.search(r"(?:^|score=|hits=|;)\s*(-?\d{1,6}(?:\.\d{1,6})?)", value[:200])
    number = float(found[1]) if found else 0.0
    return max(number, SPAM_FROM) if re.match(r"\s*(yes|true)\b", value, re.IGNORECASE) else number


def _rspamd_says_so(case: Case) -> bool:
    said = case.facts.message.fields("x-rspamd-action")
    return any(one.strip().lower() in ("reject", "add header", "rewrite subject") for one in said)


def _flag(holds: bool) -> str:
    return "true" if holds else "false"


HEADER = "header.NAME"
_FIELDS = (
    Field("sender", Shape.TEXT, "the address in From", _sender),
    Field("domain", Shape.TEXT, "what stands after the @ of that address", _domain),
    Field("to", Shape.TEXT, "each address that the mail was sent to, by its envelope and its To", _to, several=True),
    Field("cc", Shape.TEXT, "each address in Cc", _cc, several=True),
    Field("queue", Shape.NAME, "where the ticket is, or will be", _queue, section="queues"),
    Field("subject", Shape.TEXT, "the subject", _subject),
    Field("text", Shape.TEXT, "what was newly written; what is quoted below it is left out", _text),
    Field(HEADER, Shape.TEXT, "each header field of that name", lambda _: (), several=True),
    Field("attachment.name", Shape.TEXT, "each attachment's file name", _attachment_name, several=True),
    Field("attachment.type", Shape.TEXT, "each attachment's type: application/pdf", _attachment_type, several=True),
    Field("attachment.size", Shape.SIZE, "each attachment's size: 5 MB", _attachment_size, several=True),
    Field("kind", Shape.WORD, "who wrote the mail: a person, or what sort of machine", _kind, tuple(map(str, Kind))),
    Field("language", Shape.TEXT, "the language of the mail, or of its ticket: lv", _language),
    Field(
        "proof",
        Shape.WORD,
        "whether the sender's domain stands behind the mail, or did before",
        _proof,
        ("authenticated", "none"),
    ),
    Field("first_contact", Shape.FLAG, "true where the sender never wrote before", _first_contact, FLAGS),
    Field("open_tickets", Shape.NUMBER, "how many tickets of the sender are open", _open_tickets),
    Field("hours", Shape.WORD, "whether the queue's calendar was open when the mail came", _hours, ("open", "closed")),
    Field("age", Shape.AGE, "how long ago the ticket was opened: 3d, 8wh; nothing for a new one", _age),
    Field("status", Shape.WORD, "of the ticket; new where the mail opens one", _status, tuple(map(str, Status))),
    Field("priority", Shape.WORD, "of the ticket, as the rules above left it", _priority, tuple(map(str, Priority))),
    Field("tags", Shape.TEXT, "each tag of the ticket, as the rules above left them", _tags, several=True),
    Field("assignee", Shape.NAME, "the agent who has the ticket, or nobody", _assignee, section="agents"),
    Field("spam", Shape.FLAG, "true where a filter before us wrote into the mail that it is spam", _spam, FLAGS),
    Field("spam_score", Shape.NUMBER, "the worst score that such a filter wrote; 0 for none", _spam_score),
)
FIELDS: Mapping[str, Field] = {field.name: field for field in _FIELDS}
