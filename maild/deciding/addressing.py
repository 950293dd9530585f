"""To whom a mail was addressed, and by which keys it may belong to something."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from maild.agents import command, quarantine
from maild.deciding.office import Mail, Office
from maild.message import references
from maild.message.model import Message, Report
from maild.store.snapshot import Keys
from maild.ticket import customer, participants, thread, token
from maild.ticket.desk import Agent, Desk, Queue
from maild.ticket.facts import Want
from maild.ticket.house import House
from maild.ticket.token import Token, TokenKind

PROMISE = Want("promise")
ENVELOPE_FIELDS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


@dataclass(frozen=True, slots=True)
class Addressing:
    """Where a mail was addressed to: the queue, and the valid token if there is one."""

    queue: Queue
    token: Token | None = None
    owner: Agent | None = None  # of an agent's token
    bounced_outbox: int | None = None  # of a return address


def addressed(mail: Mail, office: Office) -> Addressing:
    """Find the queue and the token among the addresses that a mail was sent to."""
    desk = office.desk
    queue: Queue | None = None
    found: Token | None = None
    bounced: int | None = None
    for address in _recipients(mail):
        one = office.house.token_in(address)
        if one is not None and one.kind is TokenKind.BOUNCE:
            bounced = one.handle
        elif one is not None and found is None:
            found = one
        queue = queue or desk.queue_at(address) or _queue_of_reply(address, office)
    owner = _owner(found, office.house) if found else None
    return Addressing(queue or desk.default_queue, found, owner, bounced)


def keys_of(mail: Mail, office: Office, addressing: Addressing) -> Keys:
    """Return by what the store is asked for all that a mail may have to do with."""
    message, report = mail.message, mail.reading.report
    author = office.desk.agent_at(message.sender.address)
    found = addressing.token
    held_mail = found.handle if found and found.kind in token.OF_HELD else mail.intake_id if mail.released_by else None
    return Keys(
        message_id=message.message_id,
        candidates=references.candidates(message),
        content_hash=content_hash(message),
        sender=message.sender.address,
        handle=found.handle if found and found.kind not in token.NO_TICKETS else None,
        own=_own_ids(message, office),
        outbox_id=addressing.bounced_outbox,
        reported_id=_reported_id(message, report) if report else "",
        agents=office.takers,
        hints=thread.may_hint(message),
        wants=(*_wants(message, found, author, office.desk), *((PROMISE,) if office.gives_priorities else ())),
        agent=author.key if author else "",
        once=addressing.token.text if addressing.token and addressing.token.kind in token.ACTIONS else "",
        copied=_copied(message) if _asks_of_copies(office) else (),
        held=held_mail,
        ours=token.ticket_of_id(office.house.keys, message.message_id, office.house.domain) == 0,
    )


def _reported_id(message: Message, report: Report) -> str:
    """Return the Message-ID of the mail that a report is about: of what it returns, else of what it answers."""
    return report.original_message_id or next(iter((*message.in_reply_to, *message.references[-1:])), "")


def _wants(message: Message, found: Token | None, author: Agent | None, desk: Desk) -> tuple[Want, ...]:
    if author is None:
        return customer.wants(message.text)
    orders = found is not None and found.kind is TokenKind.QUARANTINE
    text = message.text
    return (
        quarantine.wants(text) if orders else (*command.wants(text, desk), *customer.wants(text))
    )  # he may be one, too


def _copied(message: Message) -> tuple[str, ...]:
    named = (*message.to, *message.cc)
    return tuple(one.address.lower() for one in named[: participants.MOST]) if len(named) > 1 else ()


def _asks_of_copies(office: Office) -> bool:
    return any(queue.participants == "cc" for queue in office.desk.queues.values())


def content_hash(message: Message) -> str:
    """Return what two copies of one mail share, whatever way each came (Received and the like left out)."""
    what = (
        message.message_id,
        message.header("date"),
        message.sender.address,
        message.subject,
        message.text.rstrip(),  # an mbox or a transport may add empty lines
        *(f"{a.filename} {a.size_bytes}" for a in message.attachments),
    )
    return hashlib.sha256("\0".join(what).encode("utf-8", "surrogatepass")).hexdigest()


def _recipients(mail: Mail) -> Iterable[str]:
    if mail.envelope.rcpt_to:
        return mail.envelope.rcpt_to
    message = mail.message
    named = [one.strip("<> ") for field in ENVELOPE_FIELDS for one in message.fields(field)]
    return [*named, *(one.address for one in (*message.to, *message.cc))]


def _queue_of_reply(address: str, office: Office) -> Queue | None:
    """Return the queue whose reply addresses an address is one of."""
    local, _, domain = address.lower().rpartition("@")
    for queue in office.desk.queues.values():
        before, _, after = queue.reply_address.lower().partition("{token}")
        if f"@{domain}" == after and local.startswith(before):
            return queue
    return None


def _owner(found: Token, house: House) -> Agent | None:
    return house.agents_by_party.get(found.party) if found.kind in token.AGENTS else None


def _own_ids(message: Message, office: Office) -> dict[str, int]:
    """Return the Message-IDs of ours among a mail's references, with the ticket that each names."""
    house = office.house
    numbers = {
        one: token.ticket_of_id(house.keys, one, house.domain)
        for one in references.candidates(message)
        if one.lower().startswith("<tk")
    }
    return {one: number for one, number in numbers.items() if number}
