"""An agent's mail to a queue that belongs to no ticket and begins with commands: `#list`, `#help`, `#to`."""

from dataclasses import replace

from maild.agents import absence, command, content, conversation, held, orders, signoff, syntax
from maild.agents import agent as agents
from maild.agents.model import AgentMail
from maild.agents.syntax import CommandError
from maild.message import subject
from maild.ticket import notify
from maild.ticket.change import OpenTicket
from maild.ticket.desk import Agent
from maild.ticket.evolve import begin, opened
from maild.ticket.facts import Facts
from maild.ticket.model import Participant, Role
from maild.ticket.particulars import NO_TAG
from maild.ticket.plan import Fate, Plan

ANSWER_ONE = "#{} needs a ticket: answer a mail of the ticket that you mean"
PASS_ON_BARE = "#{} needs a ticket: pass the mail on without it, then write it to the ticket that comes of it"


def plan(facts: Facts) -> Plan | None:
    """Return what such a mail does; None for a mail without commands: an agent may be a customer too.

    One that names a ticket in its subject alone is given back: he means its customer, who would never get it.
    """
    agent = facts.agent
    if agent is None or facts.ticket is not None:
        return None
    text = _ordered(facts, agent)
    written = syntax.split(text)
    bare = text.strip().lower()
    forgot_mark = bare.isalpha() and command.is_one(bare)
    names_one = facts.is_believed and _names_a_ticket(facts)
    if not written.given and not names_one and not forgot_mark:
        return None
    try:
        if forgot_mark:
            raise CommandError("{0!r} is a command only with its mark: #{0}", bare)
        if not written.given:
            raise CommandError("nothing but the subject says which ticket you mean: answer a mail of ours about it")
        if not facts.is_believed:
            raise CommandError(
                "nothing but the From field shows that this mail is yours: send it through our submission server, "
                "or answer a mail that we sent you"
            )
        requester = Participant(agent.address, agent.name, Role.REQUESTER)
        opening = OpenTicket(0, facts.queue.key, "", requester, facts.language)
        none_yet = begin(facts.fresh.number, opening, facts.now)
        return _carry_out(AgentMail(facts, none_yet, agent, text), written)
    except CommandError as problem:
        back = notify.refused(facts, agent, None, facts.queue, problem.reason)
        fate = Fate.FILED if facts.is_believed else Fate.HELD
        return Plan(None, (), (back,), fate, f"refused: {problem}", agent.key)


def _ordered(facts: Facts, agent: Agent) -> str:
    """Return what he wrote; who writes nothing but a subject, such as "#list", means that."""
    text = content.own_words(facts, agent)
    says_something = facts.cut.unsigned.strip() and not content.only_signs(facts, agent, text)
    return text if says_something else facts.message.subject


def _names_a_ticket(facts: Facts) -> bool:
    ours = {queue.tag or NO_TAG for queue in facts.desk.queues.values()}
    return any(tag in ours for tag, _ in subject.tags(facts.message.subject))


def _carry_out(mail: AgentMail, written: syntax.Split) -> Plan:
    facts, agent = mail.facts, mail.agent
    written = replace(written, text="") if content.only_signs(facts, agent, written.text) else written
    for one in written.given:
        row = command.find(one.word)
        if not (row.alone or row.word == "to" or (row.others and one.rest and not row.only)):
            raise CommandError(PASS_ON_BARE if facts.cut.forwarded else ANSWER_ONE, row.word)
    ordered = orders.plan(written.given, mail.where, written.text)
    shown, of_others = agents.asked_for(facts, agent, ordered.views)
    told = absence.told(ordered.absences, facts.desk, agent, facts.now, facts.desk_language)
    if not ordered.begins:
        if written.text.strip():
            raise CommandError("there is a text and nobody to send it to: #to ADDRESS begins a conversation")
        because = "; ".join(map(str, ordered.absences)) or "an agent asked"
        mails = (*told, *shown)
        return Plan(None, (), mails, Fate.FILED, because, agent.key, beside=of_others, absences=ordered.absences)
    told_of = tuple(one.kind for one in content.left_out(facts))
    begun = conversation.begin(facts, agent, ordered.begins, written.text)
    done = replace(
        begun,
        mails=(*begun.mails, *told, *shown),
        beside=(*begun.beside, *of_others),
        ends=signoff.of(content.unsigned(facts)),
        told_of=told_of,
        absences=ordered.absences,
    )
    ticket = opened(facts.fresh.number, begun.changes, facts.now)
    return held.unless_safe(done, replace(mail, ticket=ticket))
