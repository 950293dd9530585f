"""Look and decide: what one received mail does, from its addresses to its letters.

Everything here is pure; what must be drawn, read or looked up comes in.  `serve`, `once`, `explain` and
`rehearse` all run this very line.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from maild.agents import agent, errands, held, passing, quarantine
from maild.agents.syntax import CommandError
from maild.deciding import finding
from maild.deciding.addressing import Addressing
from maild.deciding.office import Mail, Office
from maild.deciding.question import Question, ask
from maild.hours import promise as promises
from maild.hours.estimate import Estimate
from maild.hours.promise import Promise
from maild.message.model import Kind
from maild.rules import evaluate
from maild.store.snapshot import Keys
from maild.ticket import customer, effects, lifecycle
from maild.ticket.desk import Agent
from maild.ticket.facts import Decision, Facts, Fresh, Seen
from maild.ticket.model import Priority, Ticket
from maild.ticket.plan import Plan
from maild.ticket.proof import Level
from maild.ticket.token import AGENTS, TokenKind


@dataclass(frozen=True, slots=True)
class Judged:
    """A decided mail: the facts, how the rules fared, and the plan."""

    facts: Facts
    trace: tuple[str, ...]
    plan: Plan
    ticket: Ticket | None
    keys: Keys


def deal_with(
    mail: Mail, office: Office, look: Callable[[Question], Seen], draw: Callable[[], Fresh], now: datetime
) -> Judged:
    """Look and decide; nothing is written.

    Args:
        look: takes a snapshot of the store.
        draw: gives a new ticket's number and handle, and is called only where one may be opened.
    """
    question = ask(mail, office, now)
    return judge(question, look(question), office, draw, now)


def judge(question: Question, seen: Seen, office: Office, draw: Callable[[], Fresh], now: datetime) -> Judged:
    """Decide on a mail from what was seen."""
    facts, keys = finding.facts(question, seen, office, draw, now), question.keys
    if question.about_held:
        return Judged(facts, (), _of_held(facts, question.addressing.owner), None, keys)
    said = _said(facts, question.addressing)
    if said is not None:
        return Judged(facts, (), said, facts.ticket, keys)
    evaluated = evaluate.evaluate(office.rules, facts)
    decision = _telling_operator(facts, evaluated.decision, office.operator)
    try:
        facts, decision = passing.ordered(facts, decision)
    except CommandError as problem:
        return Judged(facts, evaluated.trace, passing.refused(facts, problem), facts.ticket, keys)
    plan = lifecycle.plan(facts, decision, _promise(facts, decision, office))
    return Judged(facts, evaluated.trace, plan, facts.ticket, keys)


def _telling_operator(facts: Facts, decision: Decision, operator: str) -> Decision:
    """Let the operator hear of what opens a ticket at postmaster@ (RFC 5321 section 4.5.1), unless he reads there."""
    desk = facts.desk
    hears = facts.to_role_address and facts.ticket is None and operator != ""
    if not hears or desk.is_role(operator) or desk.is_ours(operator):
        return decision
    return replace(decision, tell=(*decision.tell, operator))


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
    if not facts.by_person or facts.ours or facts.match.duplicate:
        return None
    return errands.plan(facts) or customer.plan(facts)


def _is_agents_business(facts: Facts) -> bool:
    """An agent's mail in a ticket, or anybody's to an agent's reply address; an agent may also be a customer."""
    if facts.ticket is None or facts.classified.kind is Kind.BOUNCE or facts.ours:
        return False
    if facts.proof.level is Level.NONE:
        return False
    if facts.token is not None and facts.token.kind in AGENTS:
        return True
    is_customer = facts.agent is not None and facts.agent.owns(facts.ticket.requester.address)
    return not (is_customer or facts.own_token)


def _promise(facts: Facts, decision: Decision, office: Office) -> Promise | None:
    """Return what a new ticket's requester may be told of the time of an answer."""
    queue = facts.desk.queues.get(decision.queue, facts.queue)
    calendar, policy = facts.desk.calendar_of(queue), effects.policy(facts.desk, queue, decision)
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
