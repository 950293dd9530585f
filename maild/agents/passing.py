"""What an agent orders above a customer's mail that he passes on: the ticket that comes of it begins so."""

from dataclasses import replace

from maild.agents import orders, signoff, syntax
from maild.agents.model import Where
from maild.agents.syntax import CommandError
from maild.ticket import change, notify
from maild.ticket.change import Change
from maild.ticket.evolve import begin
from maild.ticket.facts import Decision, Facts, OnBehalf
from maild.ticket.model import Participant, Role, Ticket
from maild.ticket.plan import Fate, Plan

ABOVE = frozenset("assign take queue priority tag field note".split())  # what a rule might decide as well


def may_order(text: str) -> bool:
    """Tell whether the commands at the top of a text, if there are any, may stand above a mail that is passed on."""
    return all(one.word in ABOVE for one in syntax.split(text).given)


def ordered(facts: Facts, decision: Decision) -> tuple[Facts, Decision]:
    """Return what was decided with what an agent orders, whose word goes before those of rules.

    What he wrote besides is a note.

    Raises:
        CommandError: it cannot be done.
    """
    passed = facts.on_behalf
    agent = passed.agent if passed else None
    if passed is None or agent is None or facts.import_only:
        return facts, decision
    written = syntax.notes_as_text(syntax.split(passed.above))
    where = Where(facts.ticket or _begun(facts), facts.desk, agent, facts.now)
    changes = orders.plan(written.given, where, written.text).changes
    note = "" if signoff.is_all(written.text, agent.name) else written.text
    for one in changes:
        decision = _with(decision, one)
    because = (*decision.because, agent.key) if changes else decision.because
    done = OnBehalf(passed.message, agent, note, changes)
    return replace(facts, on_behalf=done), replace(decision, because=because)


def _begun(facts: Facts) -> Ticket:
    """Return the ticket that the mail opens, as it would be without a word of anybody."""
    requester = Participant(facts.message.sender.address, facts.name, Role.REQUESTER)
    opening = change.OpenTicket(0, facts.queue.key, facts.message.subject, requester, facts.language)
    return begin(facts.fresh.number, opening, facts.now)


def _with(decision: Decision, one: Change) -> Decision:
    match one:
        case change.SetQueue(queue):
            return replace(decision, queue=queue)
        case change.Assign(agent):
            return replace(decision, assign=agent)
        case change.SetPriority(priority):
            return replace(decision, priority=priority)
        case change.AddTag(tag):
            untags = tuple(known for known in decision.untags if known != tag)
            return replace(decision, tags=(*decision.tags, tag), untags=untags)
        case change.RemoveTag(tag):
            tags = tuple(known for known in decision.tags if known != tag)
            return replace(decision, tags=tags, untags=(*decision.untags, tag))
        case change.SetField(name, value):
            return replace(decision, fields={**decision.fields, name: value})
        case _:  # what follows of these, as targets do
            return decision


def refused(facts: Facts, problem: CommandError) -> Plan:
    """Give an agent back what he ordered, with what was wrong; the customer's mail opens nothing meanwhile."""
    passed = facts.on_behalf
    assert passed is not None
    assert passed.agent is not None
    back = notify.refused(facts, passed.agent, None, facts.queue, problem.reason)
    back = replace(back, values={**back.values, "text": passed.above})
    return Plan(None, (), (back,), Fate.FILED, f"refused: {problem}", passed.agent.key)
