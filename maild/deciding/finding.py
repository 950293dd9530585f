"""What bears on a received mail, put together: its ticket, who wrote it, what is new in it, in which language."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from maild.agents import command, syntax
from maild.deciding.addressing import Addressing
from maild.deciding.office import Mail, Office
from maild.deciding.question import Question
from maild.machines import classify
from maild.message import language
from maild.message.model import Classified, Cut, Kind, Message
from maild.quoting import body
from maild.ticket import reopening, thread, token
from maild.ticket.desk import Agent, Desk, Queue
from maild.ticket.facts import Facts, Fresh, Seen
from maild.ticket.model import Ticket
from maild.ticket.proof import Level, Proof, aligned, prove
from maild.ticket.token import Token, TokenKind

NOTHING_NEW = Fresh(0, 0)


def facts(question: Question, seen: Seen, office: Office, draw: Callable[[], Fresh], now: datetime) -> Facts:
    """Return what bears on a mail.

    Args:
        draw: gives a new ticket's number and handle, and is called only where one may be opened.
    """
    mail, addressing = question.mail, question.addressing
    message, desk = mail.message, office.desk
    sender = desk.agent_at(message.sender.address)
    match = _match(question, seen, sender, now)
    ticket = _ticket_of(match, seen, mail.reading.classified.kind)
    if ticket is not None and seen.last is not None and seen.last.ticket != ticket.number:
        seen = replace(seen, last=None)  # nobody is sent what others wrote
    author, proof = _proved(question, seen, sender, office, now)
    queue = desk.queues.get(ticket.queue, addressing.queue) if ticket else addressing.queue
    opens = not question.about_held and _may_open(message, author, ticket, queue, now)
    cut = body.cut(message, seen.parent_text, _own_marks(office, queue), seen.sent, leaves=author is not None)
    spoken = _spoken(message.subject, cut, ticket, seen, office)
    found = Facts(
        message=message,
        envelope=mail.envelope,
        classified=mail.reading.classified if author else _classified(mail, ticket, addressing),
        match=match,
        proof=proof,
        cut=cut,
        queue=queue,
        seen=seen,
        evidence=mail.evidence,
        desk=desk,
        fresh=draw() if opens else NOTHING_NEW,
        now=now,
        language=_written(spoken, ticket, office),
        spoken=spoken,
        desk_language=office.language,
        intake_id=mail.intake_id,
        report=mail.reading.report,
        ticket=ticket,
        agent=author,
        token=addressing.token,
        own_token=_is_own(addressing.token, message.sender.address, office),
        on_behalf=question.on_behalf,
        authenticated=bool(aligned(mail.evidence, message.sender)) or seen.contact.authenticated_before,
        import_only=mail.import_only,
        to_role_address=_to_role_address(mail, desk),
        ready=partial(office.ready_answer, ticket, queue, now) if author and ticket else None,
        released_by=mail.released_by,
        code=token.code(office.house.keys, seen.held.mail, seen.held.digest) if seen.held else "",
        ours=_ours(message, office, of_old=mail.import_only and ticket is not None),
        came_back=addressing.bounced_outbox is not None,
        answers_no_ticket=ticket is None and _answers_no_ticket(mail, seen, office),
    )
    anew = ticket is not None and not match.known and reopening.begins_anew(found, ticket)
    return replace(found, match=replace(match, known=True)) if anew else found  # of his own ticket he is the requester


def _match(question: Question, seen: Seen, sender: Agent | None, now: datetime) -> thread.Match:
    message, kind, addressing = question.mail.message, question.mail.reading.classified.kind, question.addressing
    to_ticket = None if question.about_held else addressing.token
    returned = _ticket_of_return_address(addressing, seen, kind, sender)
    return thread.match(message, kind, to_ticket, question.keys.own, seen.past, sender is not None, now, returned)


def _proved(
    question: Question, seen: Seen, sender: Agent | None, office: Office, now: datetime
) -> tuple[Agent | None, Proof]:
    """Return whose mail it is of the agents, and how far that is believed; what was released is his whom it names."""
    mail, asked, evidence = question.mail, question.addressing, question.mail.evidence
    if mail.released_by and seen.held is not None:
        return office.desk.agents.get(seen.held.agent), Proof(Level.PROVED, f"released by {mail.released_by}", True)
    if any(ref.filed for ref in seen.past.refs.get(mail.message.message_id, ())):
        evidence = replace(evidence, dkim=())  # it counts once: what is not signed may make it read otherwise
    return sender, prove(
        evidence, mail.message, sender, asked.token, asked.owner, office.proof_mode, now, office.desk.domains
    )


def _ticket_of_return_address(addressing: Addressing, seen: Seen, kind: Kind, author: Agent | None) -> int | None:
    """Return the ticket of the mail of ours that a program answers there; nothing of an agent's goes out from there."""
    answered = seen.reported if addressing.bounced_outbox is not None else None
    return answered.ticket if answered and (author is None or kind is not Kind.HUMAN) else None


def _ticket_of(match: thread.Match, seen: Seen, kind: Kind) -> Ticket | None:
    if kind is Kind.BOUNCE and seen.reported is not None and seen.reported.ticket is not None:
        return seen.past.tickets.get(seen.past.survivors.get(seen.reported.ticket, seen.reported.ticket))
    return seen.past.tickets.get(match.ticket) if match.ticket is not None else None


def _classified(mail: Mail, ticket: Ticket | None, addressing: Addressing) -> Classified:
    """Say who wrote a mail; in a conversation of ours a customer wrote what his program calls automatic.

    What comes behind its end may as well be a ticket system that tells of an end.  To a return address programs
    answer (RFC 3834 section 4), and hardly anybody else: one that says nothing about itself is seen, and not answered.
    """
    found = mail.reading.classified
    if addressing.bounced_outbox is not None and found.kind is Kind.HUMAN:
        return Classified(Kind.HUMAN, "sent to a return address of ours", acknowledge=False)
    by_program = found.kind in (Kind.AUTOMATIC, Kind.BULK)
    if ticket is None or ticket.status.ended or not by_program or not classify.carries_words(mail.message):
        return found
    return Classified(Kind.HUMAN, f"written in a program that answers, too: {found.because}", acknowledge=False)


def _is_own(found: Token | None, sender: str, office: Office) -> bool:
    """Tell whether a token is that of the customer who wrote."""
    if found is None or found.kind is not TokenKind.CUSTOMER:
        return False
    return found.party == token.party_of(office.house.keys, sender)


def _may_open(message: Message, author: Agent | None, ticket: Ticket | None, queue: Queue, now: datetime) -> bool:
    """Tell whether a mail may open a ticket."""
    if ticket is None:
        return True
    orders = author is not None and command.opens(syntax.anywhere(message.text))
    return orders or reopening.is_too_late(ticket, queue, now)


def _own_marks(office: Office, queue: Queue) -> tuple[str, ...]:
    local, _, domain = queue.reply_address.partition("{token}")
    return (local, f"@{office.house.domain}>") if domain else (f"@{office.house.domain}>",)


def _to_role_address(mail: Mail, desk: Desk) -> bool:
    named = mail.envelope.rcpt_to or [one.address for one in (*mail.message.to, *mail.message.cc)]
    return bool(named) and all(map(desk.is_role, named))


def _ours(message: Message, office: Office, of_old: bool) -> str:
    """Say why a mail is one of our own that came back; "" for any other.

    Args:
        of_old: it belongs to an imported conversation, in which the former desk answered from the same address.
    """
    house = office.house
    if message.header("x-maild-loop").strip() == house.loop_id:
        return "our own mail came back (loop header)"
    if token.ticket_of_id(house.keys, message.message_id, house.domain) is not None:
        return "our own mail came back (Message-ID)"
    sender = message.sender.address.lower().replace('"', "")  # "support"@… is support@…, RFC 5321 section 4.1.2
    if not of_old and (sender in house.desk.own_addresses or house.token_in(sender) is not None):
        return "from an address of our own"
    return ""


def _answers_no_ticket(mail: Mail, seen: Seen, office: Office) -> bool:
    """Tell whether a program answers a mail of ours that is about no ticket: a morning mail, a report, a welcome."""
    if mail.reading.classified.kind is not Kind.AUTOMATIC:
        return False
    house = office.house
    answered = {token.ticket_of_id(house.keys, one, house.domain) for one in mail.message.in_reply_to}
    return 0 in answered or (seen.reported is not None and seen.reported.ticket is None)


def _spoken(subject: str, cut: Cut, ticket: Ticket | None, seen: Seen, office: Office) -> str:
    """Return the language in which somebody writes, of those that mean anything here; "" for none of them.

    It shows in his own words: not in what he quotes, nor in what his telephone or a server added.
    """
    if ticket is not None and office.heard == office.languages:
        return ticket.language
    usual = ticket.language if ticket is not None else seen.contact.language
    words = cut.new_text[:800] if cut.unsigned.strip() else ""
    guessed = language.guess(f"{subject}\n{words}", usual, office.heard)
    return guessed if guessed in office.heard else ""


def _written(spoken: str, ticket: Ticket | None, office: Office) -> str:
    """Return the language in which he is written to: his own where there are templates in it."""
    if ticket is not None:
        return ticket.language
    return spoken if spoken in office.languages else office.language
