"""Look and decide: what one received mail does, from its addresses to its letters.

Everything here is pure; what must be drawn, read or looked up comes in.  `serve`, `once`, `explain` and
`rehearse` all run this very line.
"""

import hashlib
import ipaddress
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial

from maild.hours import promise as promises
from maild.hours.promise import Promise
from maild.message import body, language, references, subject
from maild.message.model import Classified, Envelope, Kind, Letter, Message, Reading
from maild.outbound.compose import House, Job, Render, compose
from maild.rules import evaluate, sense, timed
from maild.rules.evaluate import Rule
from maild.store.file import Addressed, Filing, Retime
from maild.store.snapshot import Keys
from maild.ticket import (
    agent,
    command,
    customer,
    errands,
    given,
    held,
    lifecycle,
    notify,
    onbehalf,
    participants,
    ruled,
    thread,
    timers,
    token,
)
from maild.ticket.budget import Spent
from maild.ticket.change import Plan, Remark, SendMail
from maild.ticket.desk import Agent, Queue
from maild.ticket.facts import NO_RULES, Decision, Facts, Fresh, Seen
from maild.ticket.model import Priority, Ticket
from maild.ticket.onbehalf import OnBehalf
from maild.ticket.proof import NO_EVIDENCE, Evidence, Level, Proof, aligned, prove
from maild.ticket.token import Token, TokenKind

NOTHING_NEW = Fresh(0, 0)
ROLE_ADDRESSES = ("postmaster", "abuse")
ENVELOPE_FIELDS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


@dataclass(frozen=True)
class Office:
    """Everything that deciding on a mail needs of the site, as one unchanging value."""

    house: House
    rules: tuple[Rule, ...]
    render: Render
    proof_mode: str
    language: str
    ruleset: int
    languages: tuple[str, ...] = ("en", "lv")
    relays: tuple[str, ...] = ()  # networks whose mail servers the site trusts
    operator: str = ""  # who is told what concerns no ticket
    ready: tuple[str, ...] = ()  # templates that are ready answers
    rules_changed: bool = False  # since the last time that this site was opened: its timers must be made anew

    @cached_property
    def takers(self) -> tuple[str, ...]:
        """The agents among whom rules choose by how much each has; () where no rule does."""
        if not any(sense.chooses(rule.then) for rule in self.rules):
            return ()
        return tuple(dict.fromkeys(key for team in self.house.desk.teams.values() for key in team.members))


@dataclass(frozen=True, slots=True)
class Mail:
    """A received mail that was read: what the line begins with."""

    envelope: Envelope
    reading: Reading
    evidence: Evidence = NO_EVIDENCE
    intake_id: int | None = None
    import_only: bool = False
    released_by: str = ""  # who let it go on after it was held

    @property
    def message(self) -> Message:
        return self.reading.message


@dataclass(frozen=True, slots=True)
class Addressing:
    """Where a mail was addressed to: the queue, and the valid token if there is one."""

    queue: Queue
    token: Token | None = None
    owner: Agent | None = None  # of an agent's token
    bounced_outbox: int | None = None  # of a return address


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
    addressing = addressed(mail, office)
    mail, on_behalf = _as_meant(mail, office, addressing, now)
    keys = keys_of(mail, office, addressing)
    seen = look(keys)
    return judge(mail, office, addressing, keys, seen, draw, now, on_behalf)


def judge(
    mail: Mail,
    office: Office,
    addressing: Addressing,
    keys: Keys,
    seen: Seen,
    draw: Callable[[], Fresh],
    now: datetime,
    on_behalf: OnBehalf | None = None,
) -> Judged:
    """Decide on a mail from what was seen."""
    message, desk = mail.message, office.house.desk
    kind = mail.reading.classified.kind
    author = desk.agent_at(message.sender.address)
    about_held = addressing.token is not None and addressing.token.kind in token.OF_HELD
    to_ticket = None if about_held else addressing.token
    match = thread.match(message, kind, to_ticket, own_ids(message, office), seen.past, author is not None, now)
    ticket = _ticket_of(match, seen, kind)
    proof = prove(mail.evidence, message, author, to_ticket, addressing.owner, office.proof_mode, now)
    if mail.released_by and seen.held is not None:
        author = desk.agents.get(seen.held.agent)
        proof = Proof(Level.PROVED, f"released by {mail.released_by}", strong=True)
    queue = desk.queues.get(ticket.queue, addressing.queue) if ticket else addressing.queue
    facts = Facts(
        message,
        mail.envelope,
        mail.reading.classified,
        match,
        proof,
        body.cut(message, seen.parent_text, _own_marks(office, queue)),
        queue,
        seen,
        mail.evidence,
        desk,
        draw() if not about_held and _may_open(message, author, ticket, queue, now) else NOTHING_NEW,
        now,
        _language(message, ticket, seen, office),
        office.language,
        mail.intake_id,
        mail.reading.report,
        ticket,
        author,
        addressing.token,
        _is_own(addressing.token, message.sender.address, office),
        on_behalf,
        (on_behalf is None and bool(aligned(mail.evidence, message.sender))) or seen.contact.authenticated_before,
        mail.import_only,
        _to_role_address(mail),
        partial(ready_answer, office, ticket, queue) if author and ticket else None,
        mail.released_by,
        token.code(office.house.keys, seen.held.mail, seen.held.digest) if seen.held else "",
        _ours(message, office),
    )
    if about_held:
        return Judged(facts, NO_RULES, (), held.answered(facts, addressing.owner), None, keys)
    said = _said(facts, addressing)
    if said is not None:
        return Judged(facts, NO_RULES, (), said, ticket, keys)
    evaluated = evaluate.evaluate(office.rules, facts)
    if mail.released_by:
        evaluated = replace(evaluated, decision=replace(evaluated.decision, hold=""))
    plan = lifecycle.plan(facts, evaluated.decision, _promise(facts, evaluated.decision))
    return Judged(facts, evaluated.decision, evaluated.trace, plan, ticket, keys)


def _said(facts: Facts, addressing: Addressing) -> Plan | None:
    """Return what an agent's mail or a customer's word does; None for a mail that rules and the lifecycle deal with."""
    if _is_agents_business(facts):
        return agent.plan(facts, addressing.owner)
    if facts.classified.kind is not Kind.HUMAN or facts.ours or facts.match.duplicate:
        return None
    return errands.plan(facts) or customer.plan(facts)


def _as_meant(mail: Mail, office: Office, addressing: Addressing, now: datetime) -> tuple[Mail, OnBehalf | None]:
    """Return a mail as that of whom it was passed on for: an agent's forward, a web form's; else as it is."""
    message, desk = mail.message, office.house.desk
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
    if found is None:
        return mail, None
    classified = mail.reading.classified if found.agent else Classified(Kind.HUMAN, "a web form")
    return replace(mail, reading=replace(mail.reading, message=found.message, classified=classified)), found


def _is_forward(mail: Mail) -> bool:
    message = mail.message
    enclosed = any(part.content_type == "message/rfc822" for part in message.enclosed)
    return mail.reading.classified.kind is Kind.HUMAN and (enclosed or not given.split(message.text).given)


def _from_relay(mail: Mail, office: Office) -> bool:
    """Tell whether a mail was handed over by a machine that the site trusts, or by a program on this one."""
    client = mail.envelope.client
    if not client:
        return mail.envelope.protocol == "local"
    return any(ipaddress.ip_address(client) in ipaddress.ip_network(one, strict=False) for one in office.relays)


def _is_own(found: Token | None, sender: str, office: Office) -> bool:
    """Tell whether a token is that of the customer who wrote."""
    is_customers = found is not None and found.kind is TokenKind.CUSTOMER
    return is_customers and found is not None and found.party == token.party_of(office.house.keys, sender)


def _may_open(message: Message, author: Agent | None, ticket: Ticket | None, queue: Queue, now: datetime) -> bool:
    """Tell whether a mail may open a ticket."""
    if ticket is None:
        return True
    orders = author is not None and command.opens(given.anywhere(message.text))
    return orders or lifecycle.too_late_to_reopen(ticket, queue, now)


def ready_answer(office: Office, ticket: Ticket, queue: Queue, name: str) -> str:
    """Return the words of a ready answer in a ticket's language.

    Raises:
        CommandError: there is none of that name.
    """
    if name not in office.ready:
        raise given.CommandError(f"there is no ready answer {name!r}{given.nearest(name, office.ready)}")
    values = {**notify.about(ticket, queue), "authenticated": True, "promise": None, "site_name": office.house.name}
    values |= {"received_at": ticket.opened_at, "sender_date": None, "audience": "customer", "marker": ""}
    return office.render(name, ticket.language, values).text.strip()


def addressed(mail: Mail, office: Office) -> Addressing:
    """Find the queue and the token among the addresses that a mail was sent to."""
    desk = office.house.desk
    queue: Queue | None = None
    found: Token | None = None
    bounced: int | None = None
    for address in _recipients(mail):
        text = token.find(address)
        one = token.check(office.house.keys, text, partial(epoch_of, office.house)) if text else None
        if one is not None and one.kind is TokenKind.BOUNCE:
            bounced = one.handle
        elif one is not None and found is None:
            found = one
        queue = queue or desk.queue_at(address) or _queue_of_reply(address, office)
    owner = _owner(found, office.house) if found else None
    return Addressing(queue or desk.default_queue, found, owner, bounced)


def keys_of(mail: Mail, office: Office, addressing: Addressing) -> Keys:
    message, report = mail.message, mail.reading.report
    author = office.house.desk.agent_at(message.sender.address)
    found = addressing.token
    held_mail = found.handle if found and found.kind in token.OF_HELD else mail.intake_id if mail.released_by else None
    return Keys(
        message.message_id,
        references.candidates(message),
        content_hash(message),
        message.sender.address,
        found.handle if found and found.kind not in token.OF_HELD else None,
        tuple(dict.fromkeys(own_ids(message, office).values())),
        addressing.bounced_outbox,
        report.original_message_id if report else "",
        next(iter(report.recipients), "") if report else "",
        office.takers,
        thread.may_hint(message),
        command.wants(message.text) if author else customer.wants(message.text),
        author.key if author else "",
        addressing.token.text if addressing.token and addressing.token.kind in token.ACTIONS else "",
        _copied(message) if _asks_of_copies(office) else (),
        held_mail,
    )


def _copied(message: Message) -> tuple[str, ...]:
    named = (*message.to, *message.cc)
    return tuple(one.address.lower() for one in named[: participants.MOST]) if len(named) > 1 else ()


def _asks_of_copies(office: Office) -> bool:
    return any(queue.participants == "cc" for queue in office.house.desk.queues.values())


def content_hash(message: Message) -> str:
    """Return what two copies of one mail share, whatever way each came (Received and the like left out)."""
    what = (
        message.message_id,
        message.header("date"),
        message.sender.address,
        message.subject,
        message.text,
        *(f"{a.filename} {a.size_bytes}" for a in message.attachments),
    )
    return hashlib.sha256("\0".join(what).encode("utf-8", "surrogatepass")).hexdigest()


def epoch_of(house: House, kind: TokenKind, party: int) -> int | None:
    """Return the epoch of a token's party: an agent's own, 0 for a customer, None for nobody of ours."""
    if kind not in token.AGENTS:
        return 0
    found = house.agents_by_party.get(party)
    return found.epoch if found else None


def _recipients(mail: Mail) -> Iterable[str]:
    if mail.envelope.rcpt_to:
        return mail.envelope.rcpt_to
    message = mail.message
    named = [one.strip("<> ") for field in ENVELOPE_FIELDS for one in message.fields(field)]
    return [*named, *(one.address for one in (*message.to, *message.cc))]


def _queue_of_reply(address: str, office: Office) -> Queue | None:
    """Return the queue whose reply addresses an address is one of."""
    local, _, domain = address.lower().rpartition("@")
    for queue in office.house.desk.queues.values():
        before, _, after = queue.reply_address.lower().partition("{token}")
        if queue.reply_address != "none" and f"@{domain}" == after and local.startswith(before):
            return queue
    return None


def _owner(found: Token, house: House) -> Agent | None:
    return house.agents_by_party.get(found.party) if found.kind in token.AGENTS else None


def own_ids(message: Message, office: Office) -> dict[str, int]:
    """Return the Message-IDs of ours among a mail's references, with the ticket that each names."""
    house = office.house
    numbers = {
        one: token.ticket_of_id(house.keys, one, house.domain)
        for one in references.candidates(message)
        if one.lower().startswith("<tk")
    }
    return {one: number for one, number in numbers.items() if number}


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
    if message.sender.address.lower() in house.desk.own_addresses:
        return "from an address of our own"
    return ""


def _language(message: Message, ticket: Ticket | None, seen: Seen, office: Office) -> str:
    if ticket is not None:
        return ticket.language
    guessed = language.guess(f"{message.subject}\n{message.text[:800]}", seen.contact.language, office.languages)
    return guessed if guessed in office.languages else office.language


def _promise(facts: Facts, decision: Decision) -> Promise | None:
    """Return what a new ticket's requester may be told of the time of an answer."""
    queue = facts.desk.queues.get(decision.queue, facts.queue)
    calendar, policy = facts.desk.calendar_of(queue), ruled.policy(facts.desk, queue, decision)
    if calendar is None or policy is None:
        return None
    target = policy.targets.get(("first_reply", decision.priority or Priority.NORMAL))
    if target is None:
        return None
    return promises.make(
        calendar,
        int(facts.envelope.received_at.timestamp()),
        int(facts.now.timestamp()),
        target,
        facts.desk.holidays.get(queue.calendar, {}),
    )


def budgeted(plan: Plan, spent: Spent, now: datetime) -> Plan:
    """Take out of a plan the automatic mails that are over a budget, and say so in it."""
    beside = tuple(replace(one, plan=budgeted(one.plan, spent, now)) for one in plan.beside)
    plan = replace(plan, beside=beside) if beside else plan
    kept: list[SendMail] = []
    remarks: list[Remark] = []
    for mail in plan.mails:
        over = spent.over(mail, plan.ticket, now) if mail.automatic else ""
        if over:
            remarks.append(Remark(f"not sent: {mail.template} to {mail.to.address}", over))
        else:
            kept.append(mail)
    if not remarks:
        return plan
    return replace(plan, mails=tuple(kept), changes=(*plan.changes, *remarks) if plan.changes else ())


def letters(plan: Plan, office: Office, handle: int | None, now: datetime, seed: Callable[[], bytes]) -> list[Letter]:
    """Write a plan's letters here and now."""
    return [compose(job, office.house, office.render) for job in jobs_of(plan, handle, now, seed)]


def jobs_of(plan: Plan, handle: int | None, now: datetime, seed: Callable[[], bytes]) -> list[Job]:
    """Return what is to be composed for a plan and for what it does beside, everything drawn that must be."""
    own = [Job(mail, plan.ticket, handle, seed(), now) for mail in plan.mails]
    return own + [job for one in plan.beside for job in jobs_of(one.plan, one.handle, now, seed)]


def filing(plan: Plan, ticket: Ticket | None, made: Sequence[Letter], office: Office, now: datetime) -> Filing:
    """Return a plan as the store files it.

    Args:
        ticket: that it was made from, None where it opens one.
        made: the letters of `jobs_of`, in its order.
    """
    own, rest = made[: len(plan.mails)], list(made[len(plan.mails) :])
    beside: list[Filing] = []
    for one in plan.beside:
        count = len(jobs_of(one.plan, None, now, bytes))
        beside.append(filing(one.plan, one.ticket, rest[:count], office, now))
        del rest[:count]
    return Filing(
        plan,
        now,
        office.ruleset,
        None if plan.opens else ticket,
        _addressed_letters(plan, own, office),
        beside=tuple(beside),
        retime=retime_of(office),
    )


def _addressed_letters(plan: Plan, made: Sequence[Letter], office: Office) -> tuple[Addressed, ...]:
    """Return a plan's letters with what the outbox keeps beside each; a queue in shadow sends nothing of tickets."""
    shadows = {key for key, queue in office.house.desk.queues.items() if queue.mode == "shadow"}
    return tuple(
        Addressed(
            letter,
            str(mail.to.audience),
            "" if mail.automatic else plan.actor,
            mail.not_before,
            plan.ticket is not None and mail.queue in shadows,
        )
        for mail, letter in zip(plan.mails, made, strict=True)
    )


def filing_of(judged: Judged, mail: Mail, office: Office, made: Sequence[Letter], now: datetime) -> Filing:
    """Return what a mail did as the store files it."""
    facts, plan = judged.facts, judged.plan
    returned = facts.seen.reported if facts.classified.kind is Kind.BOUNCE and plan.changes else None
    plain = filing(plan, judged.ticket, made, office, now)
    return replace(
        plain,
        beside=tuple(replace(one, content_hash=judged.keys.content_hash) for one in plain.beside),
        versions=facts.seen.versions,
        intake_id=mail.intake_id,
        references=judged.keys.candidates,
        content_hash=judged.keys.content_hash,
        message_id=mail.message.message_id,
        base_subject=subject.base(facts.message.subject).text.casefold()[:200],
        thread_index=thread.thread_index(facts.message),
        authenticated=facts.authenticated,
        returned=(returned.outbox_id, plan.because) if returned else None,
        evidence=mail.evidence,
    )


def retime_of(office: Office) -> Retime:
    """Return what makes a ticket's timers from its history by the rules in force."""
    desk, rules = office.house.desk, tuple(rule for rule in office.rules if rule.every)
    return lambda ticket, history, now: (
        *timers.of_ticket(ticket, history, desk, now),
        *timed.timers(rules, ticket, history, desk),
    )


def handle_of(judged: Judged) -> int | None:
    if judged.plan.opens:
        return judged.facts.fresh.handle
    return judged.ticket.handle if judged.ticket else None
