"""What a condition can ask: the table of fields, a row each, which says how its values are read.

A field's values are texts, none or several; numbers too are read as texts, and compared as numbers.
"""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from maild.message.model import Kind
from maild.rules import spam
from maild.rules.case import OF_TICKET, Case, Read, Values
from maild.ticket import ratings
from maild.ticket.model import Priority, Status

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
    than one value of it, or none; form is what a value looks like that can be met with at all; example is a
    condition as the rule files have it.
    """

    name: str
    shape: Shape
    about: str
    read: Read = dataclasses.field(compare=False)
    words: Values = ()
    section: str = ""
    several: bool = False
    example: str = ""
    form: str = ""


def called(name: str) -> Field | None:
    """Return the field of that name; every header field is one, and whatever may be kept with a ticket."""
    if re.fullmatch(r"header\.[!-9;-~]+", name) and name != HEADER:
        read = partial(_header, name.removeprefix("header.").lower())
        return Field(f"header.{name.removeprefix('header.').lower()}", Shape.TEXT, "", read, several=True)
    if name.startswith(OF_TICKET) and NAME.fullmatch(name.removeprefix(OF_TICKET)) and name != KEPT:
        return Field(name, Shape.TEXT, "", partial(_kept, name.removeprefix(OF_TICKET)))
    return FIELDS.get(name) if name not in (HEADER, KEPT) else None


def _header(name: str, case: Case) -> Values:
    return case.facts.message.fields(name)


def _kept(name: str, case: Case) -> Values:
    return (case.fields[name],) if name in case.fields else ()


def _hours(case: Case) -> Values:
    calendar = case.facts.desk.calendar_of(case.queue)
    is_open = calendar is None or calendar.is_open(int(case.facts.now.timestamp()))
    return ("open" if is_open else "closed",)


def _age(case: Case) -> Values:
    """The instant from which the age counts, in seconds."""
    opened = case.ticket.opened_at if case.ticket else case.facts.now
    return (str(int(opened.timestamp())),)


def _rating(case: Case) -> Values:
    of_mail = ratings.of(case.facts)
    kept = case.ticket.rating if case.ticket else None
    return tuple(str(figure) for figure in (of_mail or kept,) if figure)


def _flag(holds: bool) -> str:
    return "true" if holds else "false"


HEADER = "header.NAME"
KEPT = f"{OF_TICKET}NAME"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")  # of what is kept with a ticket
_FIELDS = (
    Field(
        "sender",
        Shape.TEXT,
        "the address in From",
        lambda case: (case.facts.message.sender.address,),
        example="{in: [anna@x.example, ivo@x.example]}",
    ),
    Field(
        "domain",
        Shape.TEXT,
        "what stands after the @ of that address",
        lambda case: (case.facts.message.sender.domain,),
        example="{is: x.example}",
    ),
    Field(
        "to",
        Shape.TEXT,
        "each address that the mail was sent to, by its envelope and its To",
        lambda case: (*case.facts.envelope.rcpt_to, *(one.address for one in case.facts.message.to)),
        several=True,
        example="{contains: sales@}",
    ),
    Field(
        "cc",
        Shape.TEXT,
        "each address in Cc",
        lambda case: tuple(one.address for one in case.facts.message.cc),
        several=True,
        example="{contains: '@press.example'}",
    ),
    Field(
        "queue",
        Shape.NAME,
        "where the ticket is, or will be",
        lambda case: (case.queue.key,),
        section="queues",
        example="billing",
    ),
    Field(
        "subject",
        Shape.TEXT,
        "the subject",
        lambda case: (case.facts.message.subject,),
        example="{contains: [refund, money back]}",
    ),
    Field(
        "text",
        Shape.TEXT,
        "what is new in the mail, without what it quotes",
        lambda case: (case.facts.cut.new_text,),
        example=r"{matches: 'order (?:no\. *)?(\d{5,8})'}",
    ),
    Field(
        HEADER,
        Shape.TEXT,
        "each header field of that name",
        lambda _: (),
        several=True,
        example="{contains: wordpress}",
    ),
    Field(
        "attachment.name",
        Shape.TEXT,
        "each attachment's file name",
        lambda case: tuple(one.filename for one in case.facts.message.attachments),
        several=True,
        example=r"{matches: '\.(exe|scr|js)$'}",
    ),
    Field(
        "attachment.type",
        Shape.TEXT,
        "each attachment's type",
        lambda case: tuple(one.content_type for one in case.facts.message.attachments),
        several=True,
        example="application/pdf",
    ),
    Field(
        "attachment.size",
        Shape.SIZE,
        "each attachment's size",
        lambda case: tuple(str(one.size_bytes) for one in case.facts.message.attachments),
        several=True,
        example="{over: 10 MB}",
    ),
    Field(
        "kind",
        Shape.WORD,
        "who wrote the mail: a person, or what sort of machine",
        lambda case: (str(case.facts.classified.kind),),
        tuple(map(str, Kind)),
        example="[bulk, automatic]",
    ),
    Field(
        "language",
        Shape.TEXT,
        "the language of the mail, or of its ticket",
        lambda case: (case.facts.spoken or case.facts.language,),
        example="lv",
        form="[a-z]{2,3}",
    ),
    Field(
        "proof",
        Shape.WORD,
        "whether the sender's domain vouches for the mail, or has vouched for one before",
        lambda case: ("authenticated" if case.facts.authenticated else "none",),
        ("authenticated", "none"),
        example="none",
    ),
    Field(
        "first_contact",
        Shape.FLAG,
        "true where the sender never wrote before",
        lambda case: (_flag(not case.facts.seen.contact.seen_before),),
        FLAGS,
        example="true",
    ),
    Field(
        "imported",
        Shape.FLAG,
        "true for old mail: of an import, or older than import_before",
        lambda case: (_flag(case.facts.import_only),),
        FLAGS,
        example="true",
    ),
    Field(
        "open_tickets",
        Shape.NUMBER,
        "how many tickets of the sender are not solved",
        lambda case: (str(len(case.facts.seen.contact.unsolved)),),
        example="{over: 3}",
    ),
    Field(
        "hours", Shape.WORD, "whether the queue's calendar is open now", _hours, ("open", "closed"), example="closed"
    ),
    Field(
        "age",
        Shape.AGE,
        "how long ago the ticket was opened; a new one has none",
        _age,
        example="{over: 3 working days}",
    ),
    Field(
        "status",
        Shape.WORD,
        "of the ticket; new where the mail opens one",
        lambda case: (str(case.status),),
        tuple(map(str, Status)),
        example="[solved, closed]",
    ),
    Field(
        "priority",
        Shape.WORD,
        "of the ticket, as the rules above left it",
        lambda case: (str(case.priority),),
        tuple(map(str, Priority)),
        example="urgent",
    ),
    Field(
        "tags",
        Shape.TEXT,
        "each tag of the ticket, as the rules above left them",
        lambda case: case.tags,
        several=True,
        example="vip",
    ),
    Field(
        KEPT,
        Shape.TEXT,
        "what is kept with the ticket under that name: by #field, or by the rules above",
        lambda _: (),
        example="{in: [gold, silver]}",
    ),
    Field(
        "assignee",
        Shape.NAME,
        "the agent who has the ticket, or nobody",
        lambda case: (case.assignee or "nobody",),
        section="agents",
        example="nobody",
    ),
    Field(
        "missing",
        Shape.TEXT,
        "each fact that an ask_for needs and nobody has given yet",
        lambda case: case.missing,
        several=True,
        example="order",
    ),
    Field(
        "rating",
        Shape.NUMBER,
        "how the requester rated the ticket, from 1 to 5, with this very mail or before; none if not rated",
        _rating,
        example="{under: 3}",
    ),
    Field(
        "spam",
        Shape.FLAG,
        "true where a spam filter in front of us marked the mail; it must remove such marks that others put there",
        lambda case: (_flag(spam.is_marked(case.facts.message)),),
        FLAGS,
        example="true",
    ),
    Field(
        "spam_score",
        Shape.NUMBER,
        "the worst score that such a filter gave; 0 for none",
        lambda case: (str(spam.score(case.facts.message)),),
        example="{over: 4}",
    ),
)
FIELDS: Mapping[str, Field] = {field.name: field for field in _FIELDS}
