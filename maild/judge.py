"""Look and decide: what one received mail does, from its addresses to its letters.

Everything here is pure; what must be drawn, read or looked up comes in.  `serve`, `once`, `explain` and
`rehearse` all run this very line.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from maild.addressing import Addressing, addressed, keys_of
from maild.hours import promise as promises
from maild.hours.estimate import Estimate
from maild.hours.promise import Promise
from maild.identity import evidence
from maild.message import body, classify, language
from maild.message.model import Classified, Kind, Message
from maild.office import Mail, Office
from maild.rules import evaluate
from maild.store.snapshot import Keys
from maild.ticket import (
    agent,
    command,
    customer,
    errands,
    given,
    held,
    lifecycle,
    onbehalf,
    particulars,
    quarantine,
    ruled,
    thread,
    token,
)
from maild.ticket.desk import ROLE_ADDRESSES, Agent, Queue
from maild.ticket.facts import NO_RULES, Decision, Facts, Fresh, Seen
from maild.ticket.model import Priority, Ticket
from maild.ticket.onbehalf import OnBehalf
from maild.ticket.plan import Audience, Plan
from maild.ticket.proof import Evidence, Level, Proof, aligned, prove
from maild.ticket.token import Token, TokenKind

NOTHING_NEW = Fresh(0, 0)


@dataclass(frozen=True, slots=True)
class Question:
    """A mail as it is meant, and what must be looked up before it can be judged."""

    mail: Mail
    on_behalf: OnBehalf | None
    addressing: Addressing
    keys: Keys

    @property
    def about_held(self) -> bool:
        """Whether it answers what we asked of held mails; old mail did so then."""
        asked = self.addressing.token
        return not self.mail.import_only and asked is not None and asked.kind in token.NO_TICKETS


@dataclass(frozen=True, slots=True)
class Judged:
    """A decided mail: the facts, what the rules said, and the plan."""

    facts: Facts
    decision: Decision
    trace: tuple[str, ...]
    plan: Plan
    ticket: Ticket | None
    keys: Keys


def deal_with(
    mail: Mail, office: Office, look: Callable[[Keys], Seen], draw: Callable[[], Fresh], now: datetime
) -> Judged:
    """Look and decide; nothing is written.

    Args:
        look: takes a snapshot of the store.
        draw: gives a new ticket's number and handle, and is called only where one may be opened.
    """
    question = ask(mail, office, now)
    return judge(question, look(question.keys), office, draw, now)


def ask(mail: Mail, office: Office, now: datetime) -> Question:
    """Return what is to be looked up for a mail."""
    addressing = addressed(mail, office)
    meant, on_behalf = _as_meant(mail, office, addressing, now)
    return Question(meant, on_behalf, addressing, keys_of(meant, office, addressing))


def judge(question: Question, seen: Seen, office: Office, draw: Callable[[], Fresh], now: datetime) -> Judged:
    """Decide on a mail from what was seen."""
    facts, keys = _facts(question, seen, office, draw, now), question.keys
    if question.about_held:
        return Judged(facts, NO_RULES, (), _of_held(facts, question.addressing.owner), None, keys)
    said = _said(facts, question.addressing)
    if said is not None:
        return Judged(facts, NO_RULES, (), said, facts.ticket, keys)
    evaluated = evaluate.evaluate(office.rules, facts)
    decision = replace(evaluated.decision, hold="") if facts.released_by else evaluated.decision
    plan = lifecycle.plan(facts, decision, _promise(facts, decision, office))
    return Judged(facts, decision, evaluated.trace, plan, facts.ticket, keys)


def _facts(question: Question, seen: Seen, office: Office, draw: Callable[[], Fresh], now: datetime) -> Facts:
    """Put together what bears on a mail: the ticket that it belongs to, who wrote it, and what is new in it."""
    mail, addressing = question.mail, question.addressing
    message, desk, kind = mail.message, office.house.desk, mail.reading.classified.kind
    author = desk.agent_at(message.sender.address)
    to_ticket = None if question.about_held else addressing.token
    match = thread.match(message, kind, to_ticket, question.keys.own, seen.past, author is not None, now)
    ticket = _ticket_of(match, seen, kind)
    proof = prove(mail.evidence, message, author, addressing.token, addressing.owner, office.proof_mode, now)
    if mail.released_by and seen.held is not None:
        author = desk.agents.get(seen.held.agent)
        proof = Proof(Level.PROVED, f"released by {mail.released_by}", strong=True)
    queue = desk.queues.get(ticket.queue, addressing.queue) if ticket else addressing.queue
    opens = not question.about_held and _may_open(message, author, ticket, queue, now)
    spoken = _spoken(message, ticket, seen, office)
    return Facts(
        message=message,
        envelope=mail.envelope,
        classified=_classified(mail, ticket),
        match=match,
        proof=proof,
        cut=body.cut(message, seen.parent_text, _own_marks(office, queue), seen.sent),
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
        authenticated=_is_authenticated(mail, seen, question.on_behalf),
        import_only=mail.import_only,
        to_role_address=_to_role_address(mail),
        ready=partial(ready_answer, office, ticket, queue, now) if author and ticket else None,
        released_by=mail.released_by,
        code=token.code(office.house.keys, seen.held.mail, seen.held.digest) if seen.held else "",
        ours=_ours(message, office),
    )


def _of_held(facts: Facts, owner: Agent | None) -> Plan:
    """Return what an answer does that is about held mails."""
    orders = facts.token is not None and facts.token.kind is TokenKind.QUARANTINE
    return quarantine.answered(facts, owner) if orders else held.answered(facts, owner)


def _said(facts: Facts, addressing: Addressing) -> Plan | None:
    """Return what an agent's mail or a customer's word does; None for a mail that rules and the lifecycle deal with."""
    if facts.import_only:
        return None  # what was ordered then was done then, and nobody is asked for proof
    if _is_agents_business(facts):
        return agent.plan(facts, addressing.owner)
    if facts.classified.kind is not Kind.HUMAN or facts.ours or facts.match.duplicate:
        return None
    return errands.plan(facts) or customer.plan(facts)


def _as_meant(mail: Mail, office: Office, addressing: Addressing, now: datetime) -> tuple[Mail, OnBehalf | None]:
    """Return a mail as that of whom it was passed on for: an agent's forward, a web form's, a list's; else as it is."""
    desk = office.house.desk
    over_list = mail.reading.classified.kind is Kind.BULK and onbehalf.over_our_list(mail.message, desk)
    if over_list:
        classified = classify.over_list(mail.message, mail.envelope)
        mail = replace(mail, reading=replace(mail.reading, classified=classified))
    message = mail.message
    form = next(
        (one for one in desk.forms.values() if one.from_address.lower() == message.sender.address.lower()), None
    )
    author = desk.agent_at(message.sender.address)
    found: OnBehalf | None = None
    if form is not None and (aligned(mail.evidence, message.sender) or _from_relay(mail, office)):
        found = onbehalf.of_form(message, form)
    elif author is not None and addressing.token is None and _is_forward(mail):
        proof = prove(mail.evidence, message, author, None, None, office.proof_mode, now)
        if proof.level is Level.PROVED or message.sender.domain in mail.evidence.dkim:
            found = onbehalf.of_agent(message, author, desk)
    elif over_list:
        found = onbehalf.of_list(message, desk)
    if found is None:
        return mail, None
    classified = Classified(Kind.HUMAN, "a web form") if found.by is form else mail.reading.classified
    meant = replace(mail.reading, message=found.message, classified=classified)
    nothing = Evidence(because=f"of who passed it on: {mail.evidence.because}")  # and it speaks for nobody else
    return replace(mail, reading=meant, evidence=nothing), found


def _classified(mail: Mail, ticket: Ticket | None) -> Classified:
    """Say who wrote a mail; in a conversation of ours somebody wrote what his program calls automatic.

    What comes behind its end may as well be a ticket system that tells of an end.
    """
    found = mail.reading.classified
    by_program = found.kind in (Kind.AUTOMATIC, Kind.BULK)
    if ticket is None or ticket.status.ended or not by_program or not classify.carries_words(mail.message):
        return found
    return Classified(Kind.HUMAN, f"written in a program that answers, too: {found.because}", acknowledge=False)


def _is_forward(mail: Mail) -> bool:
    message = mail.message
    enclosed = any(part.content_type == "message/rfc822" for part in message.enclosed)
    return mail.reading.classified.kind is Kind.HUMAN and (enclosed or not given.split(message.text).given)


def _from_relay(mail: Mail, office: Office) -> bool:
    """Tell whether a mail was handed over by a machine that the site trusts; a pipe or a file hands over anybody's."""
    client = mail.envelope.client
    return bool(client) and evidence.among(client, office.relays)


def _is_authenticated(mail: Mail, seen: Seen, on_behalf: OnBehalf | None) -> bool:
    """Tell whether something shows that a mail is its sender's, or did before."""
    proved = on_behalf is None and bool(aligned(mail.evidence, mail.message.sender))
    return proved or seen.contact.authenticated_before


def _is_own(found: Token | None, sender: str, office: Office) -> bool:
    """Tell whether a token is that of the customer who wrote."""
    if found is None or found.kind is not TokenKind.CUSTOMER:
        return False
    return found.party == token.party_of(office.house.keys, sender)


def _may_open(message: Message, author: Agent | None, ticket: Ticket | None, queue: Queue, now: datetime) -> bool:
    """Tell whether a mail may open a ticket."""
    if ticket is None:
        return True
    orders = author is not None and command.opens(given.anywhere(message.text))
    return orders or lifecycle.too_late_to_reopen(ticket, queue, now)


def ready_answer(office: Office, ticket: Ticket, queue: Queue, now: datetime, name: str) -> str:
    """Return the words of a ready answer in a ticket's language.

    Raises:
        CommandError: there is none of that name.
    """
    if name not in office.ready:
        raise given.CommandError("there is no ready answer {!r}{}", name, given.nearest(name, office.ready))
    values = {
        **particulars.about(ticket, queue),
        "authenticated": True,
        "received_at": ticket.opened_at,
        "sender_date": None,
        "promise": None,
        "seen_late": "",
        "asks_for": (),
    }
    return office.words(name, ticket.language, queue, Audience.CUSTOMER, values, now).strip()


def _ticket_of(match: thread.Match, seen: Seen, kind: Kind) -> Ticket | None:
    if kind is Kind.BOUNCE and seen.reported is not None and seen.reported.ticket is not None:
        return seen.past.tickets.get(seen.past.survivors.get(seen.reported.ticket, seen.reported.ticket))
    return seen.past.tickets.get(match.ticket) if match.ticket is not None else None


def _is_agents_business(facts: Facts) -> bool:
    """An agent's mail in a ticket, or anybody's to an agent's reply address; an agent may also be a customer."""
    if facts.ticket is None or facts.classified.kind is Kind.BOUNCE or facts.ours:
        return False
    if facts.proof.level is Level.NONE:
        return False
    return facts.token is not None or facts.message.sender.address.lower() != facts.ticket.requester.address.lower()


def _own_marks(office: Office, queue: Queue) -> tuple[str, ...]:
    local, _, domain = queue.reply_address.partition("{token}")
    return (local, f"@{office.house.domain}>") if domain else (f"@{office.house.domain}>",)


def _to_role_address(mail: Mail) -> bool:
    named = [address.partition("@")[0].lower() for address in mail.envelope.rcpt_to]
    return bool(named) and all(local in ROLE_ADDRESSES for local in named)


def _ours(message: Message, office: Office) -> str:
    """Say why a mail is one of our own that came back; "" for any other."""
    house = office.house
    if message.header("x-maild-loop").strip() == house.loop_id:
        return "our own mail came back (loop header)"
    if token.ticket_of_id(house.keys, message.message_id, house.domain) is not None:
        return "our own mail came back (Message-ID)"
    sender = message.sender.address.lower().replace('"', "")  # "support"@… is support@…, RFC 5321 section 4.1.2
    if sender in house.desk.own_addresses or house.token_in(sender) is not None:
        return "from an address of our own"
    return ""


def _spoken(message: Message, ticket: Ticket | None, seen: Seen, office: Office) -> str:
    """Return the language in which somebody writes, of those that mean anything here; "" for none of them."""
    if ticket is not None and office.heard == office.languages:
        return ticket.language
    usual = ticket.language if ticket is not None else seen.contact.language
    guessed = language.guess(f"{message.subject}\n{message.text[:800]}", usual, office.heard)
    return guessed if guessed in office.heard else ""


def _written(spoken: str, ticket: Ticket | None, office: Office) -> str:
    """Return the language in which he is written to: his own where there are templates in it."""
    if ticket is not None:
        return ticket.language
    return spoken if spoken in office.languages else office.language


def _promise(facts: Facts, decision: Decision, office: Office) -> Promise | None:
    """Return what a new ticket's requester may be told of the time of an answer."""
    queue = facts.desk.queues.get(decision.queue, facts.queue)
    calendar, policy = facts.desk.calendar_of(queue), ruled.policy(facts.desk, queue, decision)
    if calendar is None or policy is None:
        return None
    priority = decision.priority or Priority.NORMAL
    target = policy.targets.get(("first_reply", priority))
    if target is None:
        return None
    as_usual = policy.key == queue.promise  # experience is of the queue's own promise
    expected = office.expected.get((queue.key, priority)) if as_usual else None
    return promises.expected(
        calendar,
        int(facts.envelope.received_at.timestamp()),
        int(facts.now.timestamp()),
        expected or Estimate(target, "aim"),
        facts.desk.holidays.get(queue.calendar, {}),
    )
