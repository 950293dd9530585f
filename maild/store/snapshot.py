"""What the store knows under the keys of a mail, read in one look.

No statement here reads more than what is found by an index: a mail costs the same with a thousand
tickets and with a million.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, select, text

from maild.message.model import Kind
from maild.store import beats, outbox, tickets
from maild.store.prepared import Among, Prepared
from maild.store.records import letter_from_json
from maild.store.tables import AGENT, CONTACT, MESSAGE, OPEN_AND_ASSIGNED, OUTBOX, REF, SPENT_TOKEN, TICKET
from maild.ticket.facts import Contact, Last, Load, Outgoing, Seen, Versions, Want
from maild.ticket.model import Direction, Status, Visibility
from maild.ticket.thread import Past, Recent, Ref

RECENT_TICKETS = 20
PARENT_TEXTS = 3
LONGEST_SENT = 100_000  # characters
MOST_TICKETS = 20  # to which ids lead


@dataclass(frozen=True, slots=True)
class Keys:
    """By what a mail may be found to belong to something."""

    message_id: str
    candidates: tuple[str, ...]
    content_hash: str
    sender: str
    handle: int | None = None  # of a valid token's ticket
    own: Mapping[str, int] = field(default_factory=dict)  # Message-IDs of ours among the candidates, and their tickets
    outbox_id: int | None = None  # from a return address of ours
    reported_id: str = ""  # the Message-ID that a delivery report names
    agents: tuple[str, ...] = ()  # of whom it must be known how much they have
    hints: bool = False  # something in the mail may lead to a ticket of the same sender, if exactly one fits
    wants: tuple[Want, ...] = ()  # what the mail's commands ask for
    agent: str = ""  # whose commands they are
    once: str = ""  # a signed address that works once
    copied: tuple[str, ...] = ()  # others to whom the mail was sent
    held: int | None = None  # a held mail that it is about, or is itself
    ours: bool = False  # its own Message-ID is one of ours, of no ticket


class Writer(NamedTuple):
    """What is remembered of an agent who writes."""

    endings: tuple[tuple[str, ...], ...] = ()  # the lines with which his last mails ended, the oldest first
    told_of: tuple[str, ...] = ()  # what he was told once


NOBODY = Writer()

# Statements of the hot path are made once: to build one costs as much as to run it.
_SPENT = Prepared(select(SPENT_TOKEN.c.token).where(SPENT_TOKEN.c.token == bindparam("once")))
_WRITER = Prepared(select(AGENT.c.endings, AGENT.c.told_of).where(AGENT.c.key == bindparam("agent")))
_REFS = Among(select(REF).order_by(REF.c.id).limit(200), REF.c.message_id)
_CONTACT = Prepared(select(CONTACT).where(CONTACT.c.address == bindparam("contact")))
_SENDER = bindparam("sender", type_=TICKET.c.requester_address.type)
_RECENT = Prepared(
    select(TICKET.c.number, TICKET.c.status)
    .where(func.lower(TICKET.c.requester_address) == func.lower(_SENDER), TICKET.c.merged_into.is_(None))
    .order_by(TICKET.c.updated_at.desc())
    .limit(RECENT_TICKETS)
)
_OF_RECENT = Among(
    select(TICKET.c.number, TICKET.c.base_subject, TICKET.c.thread_index, TICKET.c.updated_at), TICKET.c.number
)
_TEXTS = Prepared(
    select(MESSAGE.c.text, MESSAGE.c.new_text)
    .where(MESSAGE.c.ticket == bindparam("of_ticket"))
    .order_by(MESSAGE.c.id.desc())
    .limit(PARENT_TEXTS)
)
_SENT = Among(select(OUTBOX.c.message_id, OUTBOX.c.letter), OUTBOX.c.message_id)
_FROM_CUSTOMER = (
    select(MESSAGE.c.party_name, MESSAGE.c.party, MESSAGE.c.new_text, MESSAGE.c.at, MESSAGE.c.kind)
    .where(
        MESSAGE.c.ticket == bindparam("of_ticket"),
        MESSAGE.c.direction == Direction.IN.value,
        MESSAGE.c.visibility == Visibility.PUBLIC.value,
    )
    .order_by(MESSAGE.c.id.desc())
    .limit(1)
)
_LAST_BY_A_PERSON = Prepared(_FROM_CUSTOMER.where(MESSAGE.c.kind == Kind.HUMAN.value))
_LAST_BY_ANYBODY = Prepared(_FROM_CUSTOMER)
_OPEN_OF = (
    select(TICKET.c.assignee, func.count())
    .where(TICKET.c.assignee.in_(bindparam("agents", expanding=True)), text(OPEN_AND_ASSIGNED))
    .group_by(TICKET.c.assignee)
)
_LAST_OF = select(func.max(TICKET.c.number)).where(TICKET.c.assignee == bindparam("agent"))


def take(connection: Connection, keys: Keys, now: datetime) -> Seen:
    """Return what is known under a mail's keys, and the versions by which filing tells whether it still holds."""
    ids = tuple(dict.fromkeys((*keys.candidates, keys.message_id)))
    rows = refs_of(connection, ids)
    contact_row = _contact(connection, keys.sender)
    reported = _reported(connection, keys)
    recent = _recent_tickets(connection, keys.sender) if keys.sender else {}  # whoever never wrote may have some, too
    wrote = writer(connection, keys.agent) if keys.agent else NOBODY
    return Seen(
        _past(connection, keys, rows, list(recent) if keys.hints else [], reported),
        _as_contact(keys.sender, contact_row, recent, now),
        reported,
        loads=loads(connection, keys.agents) if keys.agents else {},
        endings=wrote.endings,
        told_of=wrote.told_of,
        spent=bool(keys.once) and _SPENT(connection, {"once": keys.once}).first() is not None,
        beat=keys.ours and beats.is_one(connection, keys.message_id),
        no_copies=_no_copies(connection, keys.copied) if keys.copied else frozenset(),
        versions=Versions(
            ids=ids,
            refs=tuple(row.id for row in rows),
            contact=keys.sender.lower(),
            contact_version=contact_row.version if contact_row else 0,
        ),
    )


def _past(
    connection: Connection, keys: Keys, refs: Sequence[Any], hinted: Sequence[int], reported: Outgoing | None
) -> Past:
    """Return the tickets that a mail may belong to, and what tells to which one; ids lead to few, hints beyond them."""
    by_id = _refs(refs)
    wanted = [
        number
        for one in (*keys.candidates, keys.message_id)
        for number in ((keys.own[one],) if one in keys.own else (ref.ticket for ref in by_id.get(one, ())))
    ]
    if reported and reported.ticket:
        wanted.append(reported.ticket)
    wanted = [*dict.fromkeys(wanted)][:MOST_TICKETS]
    found = tickets.found(connection, [*wanted, *hinted], keys.handle)
    past = {t.number: t for t in found.surviving}
    return Past(
        tickets=past,
        handles={t.handle: t.number for t in (*found.surviving, *found.merged)},
        refs=by_id,
        survivors=found.survivors,
        recent=_recent(connection, [number for number in hinted if number in past]),
        copies=tuple(row.ticket for row in refs if row.content_hash == keys.content_hash),  # the id is part of it
    )


def refs_of(connection: Connection, ids: Sequence[str]) -> Sequence[Any]:
    """Return what is known of some Message-IDs, oldest first."""
    return _REFS(connection, ids).all()


def contact(connection: Connection, address: str, now: datetime) -> Contact:
    """Return what is remembered of a person."""
    return _as_contact(address, _contact(connection, address), {}, now)


def loads(connection: Connection, agents: Sequence[str]) -> dict[str, Load]:
    """Return how many open tickets each agent has, and the number of the last that was his."""
    counts = {row[0]: row[1] for row in connection.execute(_OPEN_OF, {"agents": list(agents)})}
    last = {agent: connection.execute(_LAST_OF, {"agent": agent}).scalar() or 0 for agent in agents}
    return {agent: Load(counts.get(agent, 0), last[agent]) for agent in agents}


def parent_text(connection: Connection, number: int) -> str:
    """Return the newest texts of a ticket that a reply may quote."""
    return "\n".join((row.text or row.new_text)[:100_000] for row in _TEXTS(connection, {"of_ticket": number}))


def sent(connection: Connection, ids: Sequence[str]) -> tuple[str, str]:
    """Return subject and text, as they left, of the nearest mail of ours that has one of some Message-IDs; "" for none.

    Args:
        ids: the likeliest first.
    """
    letters = {row.message_id: row.letter for row in _SENT(connection, ids[:PARENT_TEXTS])}
    nearest = next((letters[one] for one in ids if letters.get(one)), "")
    if not nearest:
        return "", ""
    letter = letter_from_json(nearest)
    return letter.header("Subject"), letter.text[:LONGEST_SENT]


def last_from_customer(connection: Connection, number: int) -> Last | None:
    """Return what a person of the customer's side wrote last; where none did, what a machine wrote."""
    of_ticket = {"of_ticket": number}
    row = _LAST_BY_A_PERSON(connection, of_ticket).first() or _LAST_BY_ANYBODY(connection, of_ticket).first()
    return Last(row.party_name or row.party, row.new_text, row.at, row.party, Kind(row.kind), number) if row else None


def _refs(rows: Sequence[Any]) -> dict[str, tuple[Ref, ...]]:
    by_id: dict[str, list[Ref]] = {}
    for row in rows:
        by_id.setdefault(row.message_id, []).append(Ref(row.ticket, row.filed, row.sender))
    return {message_id: tuple(refs) for message_id, refs in by_id.items()}


def writer(connection: Connection, agent: str) -> Writer:
    """Return what is remembered of an agent who writes."""
    row = _WRITER(connection, {"agent": agent}).first()
    if row is None:
        return NOBODY
    endings = tuple(tuple(line.split(" ")) for line in row.endings.splitlines())
    return Writer(endings, tuple(row.told_of.split()))


def _no_copies(connection: Connection, addresses: Sequence[str]) -> frozenset[str]:
    """Return which of some people asked to be sent no copies."""
    query = select(CONTACT.c.address).where(CONTACT.c.address.in_(addresses), CONTACT.c.no_copies)
    return frozenset(connection.execute(query).scalars())


def _contact(connection: Connection, address: str) -> Any:
    return _CONTACT(connection, {"contact": address.lower()}).first()


def _as_contact(address: str, row: Any, recent: Mapping[int, Status], now: datetime) -> Contact:
    unsolved = tuple(number for number, status in recent.items() if not status.ended)
    known = Contact(address, unclosed=len(recent), unsolved=unsolved)
    if row is None:
        return known
    return replace(
        known,
        name=row.name,
        language=row.language,
        seen_before=True,
        authenticated_before=row.authenticated_at is not None,
        muted=row.muted_until is not None and row.muted_until > now,
        blocked=bool(row.blocked),
    )


def _recent_tickets(connection: Connection, sender: str) -> dict[int, Status]:
    rows = _RECENT(connection, {"sender": sender})
    return {row.number: Status(row.status) for row in rows if row.status != Status.CLOSED.value}


def _recent(connection: Connection, numbers: Sequence[int]) -> tuple[Recent, ...]:
    rows = _OF_RECENT(connection, numbers)
    return tuple(Recent(row.number, row.base_subject, row.thread_index, row.updated_at) for row in rows)


def _reported(connection: Connection, keys: Keys) -> Outgoing | None:
    """The mail of ours that a report is about: by its own return address, else by its Message-ID, which no other has.

    The mailbox that the report names may be unknown to us: the recipient's mail may be sent on to it.
    """
    if keys.outbox_id is not None:
        condition = OUTBOX.c.id == keys.outbox_id
    elif keys.reported_id:
        condition = OUTBOX.c.message_id == keys.reported_id
    else:
        return None
    row = connection.execute(select(OUTBOX).where(condition).limit(1)).first()
    if row is None:
        return None
    mail = Outgoing(row.id, row.ticket, row.recipient, row.message_id, row.automatic, row.author)
    known = row.state == "failed" or (mail.automatic and outbox.is_missed(connection, row.ticket, mail))
    return replace(mail, failed=known)
