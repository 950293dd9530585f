"""Find the ticket that a mail belongs to.

The first key that hits decides, strongest first; each hit says how it was found.  Bare equality of
subjects never joins anything, and whoever is not known in a ticket is filed there as a third party, to
whom nothing of it is sent.

Standards: RFC 5322 section 3.6.4 (Message-ID, In-Reply-To, References), RFC 5256 section 2.1 (base subject).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from maild.message import references, subject
from maild.message.model import Kind, Message, domain_of
from maild.ticket.freemail import FREEMAIL
from maild.ticket.model import Role, Status, Ticket
from maild.ticket.token import Token

HINTS_FOR = timedelta(days=7)


class How(StrEnum):
    """By what a mail was found to belong to a ticket."""

    TOKEN = "token"
    OWN_ID = "own message-id"
    FILED_ID = "message-id"
    RETURNED = "return address"
    ORPHAN = "unfiled message-id"
    TAG = "subject tag"
    THREAD_INDEX = "thread-index"
    SUBJECT = "reply with the same subject"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Ref:
    """That a Message-ID is known in a ticket: filed there, or only mentioned by a mail of `sender`."""

    ticket: int
    filed: bool
    sender: str


@dataclass(frozen=True, slots=True)
class Recent:
    """An open ticket of the sender, for hints."""

    ticket: int
    base_subject: str
    thread_index: str
    touched_at: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """What the store knows under the keys of one mail.  tickets holds survivors, never merged ones."""

    tickets: Mapping[int, Ticket] = field(default_factory=dict, hash=False)
    handles: Mapping[int, int] = field(default_factory=dict, hash=False)  # handle -> ticket
    refs: Mapping[str, tuple[Ref, ...]] = field(default_factory=dict, hash=False)
    survivors: Mapping[int, int] = field(default_factory=dict, hash=False)  # merged ticket -> survivor
    recent: tuple[Recent, ...] = ()
    copies: tuple[int, ...] = ()  # tickets in which a message with this id and this content is filed already


@dataclass(frozen=True, slots=True)
class Match:
    """The ticket found, how, and whether its sender is known there.

    duplicate says that this very mail is filed there already (a second copy of one mail).
    """

    ticket: int | None
    how: How
    because: str
    known: bool = True
    duplicate: bool = False


def match(
    message: Message,
    kind: Kind,
    token: Token | None,
    own: Mapping[str, int],
    past: Past,
    is_agent: bool,
    now: datetime,
    returned: int | None = None,
) -> Match:
    """Say which ticket a mail belongs to; Match.ticket is None for a new one.

    Args:
        token: the valid token that the mail was addressed to.
        own: Message-IDs of ours among the mail's references, with the ticket that each names.
        is_agent: the From field names an agent (who is at home in every ticket).
        returned: the ticket of the mail of ours to whose return address it was sent.
    """
    if past.copies:
        return Match(past.copies[0], How.FILED_ID, "the same mail is filed already", duplicate=True)
    found_by = (
        _by_token(token, past),
        _by_id(message, own, past),
        (returned, How.RETURNED, "of a mail of ours") if returned is not None else None,
        _by_orphan(message, past),
        _by_hint(message, past, now) if kind is Kind.HUMAN else None,
    )
    for found in found_by:
        if found is None:
            continue
        number, how, because = found
        number = past.survivors.get(number, number)
        ticket = past.tickets.get(number)
        if ticket is not None:
            known = is_agent or how is How.TOKEN or is_known(ticket, message.sender.address)
            return Match(number, how, because, known)
    return Match(None, How.NONE, "no key leads to a ticket")


def is_known(ticket: Ticket, address: str) -> bool:
    """Tell whether an address takes part: itself, or through the domain of somebody who does."""
    person = ticket.person(address)
    if person is not None:
        return person.role is not Role.THIRD_PARTY
    domain = domain_of(address)
    theirs = (one.address for one in ticket.people if one.role is not Role.THIRD_PARTY)
    return domain not in FREEMAIL and domain in map(domain_of, theirs)


_Found = tuple[int, How, str]


def _by_token(token: Token | None, past: Past) -> _Found | None:
    if token is None or token.handle not in past.handles:
        return None
    return past.handles[token.handle], How.TOKEN, f"{token.kind.name.lower()} token"


def _by_id(message: Message, own: Mapping[str, int], past: Past) -> _Found | None:
    for one in references.candidates(message):
        if one in own:
            return own[one], How.OWN_ID, one
        filed = likeliest_first(past.refs.get(one, ()), message, past)
        if filed:
            return filed[0].ticket, How.FILED_ID, one
    return None


def likeliest_first(refs: Iterable[Ref], message: Message, past: Past) -> list[Ref]:
    """Several tickets may know an id (reused, or forged); the one where the sender is known goes first."""
    sender = message.sender.address

    def rank(ref: Ref) -> tuple[bool, int]:
        ticket = past.tickets.get(past.survivors.get(ref.ticket, ref.ticket))
        return (ticket is None or not is_known(ticket, sender), ref.ticket)

    return sorted((ref for ref in refs if ref.filed), key=rank)


def _by_orphan(message: Message, past: Past) -> _Found | None:
    """An id that nobody has filed joins only mails of one sender; so does a parent that comes late."""
    sender = message.sender.address.lower()
    if not sender:
        return None
    for one in (*references.candidates(message), message.message_id):
        for ref in past.refs.get(one, ()):
            if not ref.filed and ref.sender == sender:
                return ref.ticket, How.ORPHAN, one
    return None


def _by_hint(message: Message, past: Past, now: datetime) -> _Found | None:
    """A hint counts only if exactly one open ticket of the same sender fits."""
    recent = [r for r in past.recent if past.tickets[r.ticket].status is not Status.CLOSED]
    tags = {number for _, number in subject.tags(message.subject)}
    index = thread_index(message)
    base = subject.base(message.subject)
    about = base.text.casefold() if base.reply or base.forward else ""
    for how, fits in (
        (How.TAG, [r for r in recent if r.ticket in tags]),
        (How.THREAD_INDEX, [r for r in recent if index and r.thread_index == index]),
        (How.SUBJECT, [r for r in recent if about and r.base_subject == about and now - r.touched_at <= HINTS_FOR]),
    ):
        if len({r.ticket for r in fits}) == 1:
            return fits[0].ticket, how, message.subject
    return None


def may_hint(message: Message) -> bool:
    """Tell whether a mail has anything that may lead to a ticket of its sender without an id."""
    base = subject.base(message.subject)
    return base.reply or base.forward or bool(subject.tags(message.subject)) or bool(thread_index(message))


def thread_index(message: Message) -> str:
    """Return what is common to a conversation in Outlook's Thread-Index: 21 of its first 22 bytes."""
    value = message.header("thread-index").strip()
    return value[:28] if len(value) >= 28 else ""  # 28 characters of base64 hold 21 whole bytes
