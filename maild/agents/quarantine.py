"""Mails that are held, though in no agent's name: what the lead is told of them each morning, and what he orders.

His answer says `#release 17 18` or `#block 19`, a line each.  Only the reader of the list may give orders, from his own
reply address and proved to be he; one word that is no order, or one mail that is not held, and nothing is done.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from maild.agents import content, daily, syntax
from maild.agents.daily import Quarantined
from maild.agents.model import UNPROVED
from maild.agents.syntax import CommandError, Given
from maild.ticket import notify, words
from maild.ticket.desk import Agent, Desk, Queue
from maild.ticket.facts import Facts, Want
from maild.ticket.plan import Audience, Fate, Order, Plan, SendMail, Verb
from maild.ticket.proof import Level

MOST_ORDERS = 200


def told(
    queue: Queue, desk: Desk, mails: Sequence[Quarantined], count: int, operator: str, language: str, now: datetime
) -> list[SendMail]:
    """Tell of held mails, and how they are released; no mails where nobody is there to read them.

    Args:
        mails: those that are shown, of count.
    """
    carries = queue.reply_address != "none"
    return [
        replace(one, orders=True, values={**one.values, "by_mail": carries and one.to.audience is Audience.AGENT})
        for one in daily.report("quarantine", queue, desk, mails, count, operator, language, now)
    ]


def wants(text: str) -> tuple[Want, ...]:
    """Return what must be looked up before orders can be given: whether the mails are held, and who sent them."""
    numbers = [number for one in syntax.anywhere(text) for number in _numbers(one) or ()]
    return tuple(Want("held", str(number)) for number in dict.fromkeys(numbers))[:MOST_ORDERS]


def answered(facts: Facts, owner: Agent | None) -> Plan:
    """Say what an answer to the list does.

    Args:
        owner: the agent named by its reply address.
    """
    if not facts.by_person:
        return Plan(None, fate=Fate.FILED, because="an automatic answer orders nothing")
    agent, because = facts.agent, facts.proof.because
    if facts.proof.level is not Level.PROVED or agent is None:
        whom, why = owner or agent, because if facts.proof.level is Level.REFUSED else UNPROVED
        return Plan(None, (), (_refused(facts, whom, why),) if whom else (), Fate.HELD, because)
    try:
        orders = _orders(content.own_words(facts, agent), facts, agent)
    except CommandError as problem:
        return Plan(None, (), (_refused(facts, agent, problem.reason),), Fate.FILED, f"refused: {problem}", agent.key)
    language = agent.language_or(facts.desk_language)
    lines = words.ordered(orders, facts.seen.asked.held, language)
    done = notify.done(facts, agent, None, facts.queue, lines)
    return Plan(None, (), (done,), Fate.FILED, "orders on held mails", agent.key, orders=orders)


def _orders(text: str, facts: Facts, agent: Agent) -> tuple[Order, ...]:
    orders: list[Order] = []
    for one in syntax.split(text).given:
        numbers = _numbers(one)
        if one.word not in set(Verb) or not numbers:
            raise CommandError("{} is no order here; write #release or #block and the numbers of mails", one)
        orders += [Order(Verb(one.word), number, agent.key) for number in numbers]
    if not orders:
        raise CommandError("there is no order; write #release or #block and the numbers of mails, on a line of its own")
    gone = [str(order.mail) for order in orders if order.mail not in facts.seen.asked.held]
    if gone:
        raise CommandError("held no longer, or never: {}", ", ".join(gone))
    return tuple(orders)


def _numbers(one: Given) -> list[int] | None:
    """Return the mails that an order names, None where something else is there."""
    found = one.rest.replace(",", " ").replace("#", " ").split()
    fits = all(number.isdecimal() and len(number) < 12 for number in found)
    return [int(number) for number in found] if fits else None


def _refused(facts: Facts, agent: Agent, problem: str) -> SendMail:
    """Give him his words back; his answer to that may give the orders anew."""
    return replace(notify.refused(facts, agent, None, facts.queue, problem), orders=True)
