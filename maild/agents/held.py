"""Mails in an agent's name that wait for a person's word, and what that word does.

Held is what nothing proves, what may carry something inside to a customer, and what was written before
the writer saw what others wrote since.  The agent is asked at his registered address; what he then
releases goes the whole way once more, and only if it still says what he was shown.
"""

import hashlib
from dataclasses import replace
from datetime import timedelta

from maild.agents import content, guard
from maild.agents.guard import Passage
from maild.agents.model import AgentMail
from maild.ticket import notify, particulars, recipients
from maild.ticket.change import Remark
from maild.ticket.desk import Agent, Desk
from maild.ticket.facts import Facts, Held, Last
from maild.ticket.model import Role, Ticket
from maild.ticket.plan import Fate, Hold, Plan, SendMail, Settle, Word
from maild.ticket.reason import Reason, said
from maild.ticket.token import TokenKind

CONFIRM_WITHIN = timedelta(hours=24)
DECIDE_WITHIN = timedelta(hours=72)


def digest(text: str) -> str:
    """Return what tells whether a mail still says what its agent was shown."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def confirm(mail: AgentMail) -> Plan:
    """Hold what nothing proves; ask the registered address for a code that no machine types by itself."""
    facts = mail.facts
    found = _passages(mail, mail.text)
    doubts = (*_doubts(mail, mail.text, found), *_meanwhile(facts, mail.ticket))
    asked = _ask("confirm", mail, doubts, guard.marked(mail.text, found), facts.seen.newer)
    asked = replace(asked, values={**asked.values, "digest": digest(mail.text)})
    return _held(mail, facts.proof.because, asked, CONFIRM_WITHIN)


def misused(mail: AgentMail) -> Plan:
    """Hold what somebody else sent to an agent's reply address, and tell the agent."""
    why = mail.facts.proof.because
    return _held(mail, why, _ask("misused", mail, (why,), mail.text), DECIDE_WITHIN)


def unless_safe(plan: Plan, mail: AgentMail) -> Plan:
    """Return the plan, or one that holds the mail: what leaves must be new, meant for the customer, and up to date."""
    facts = mail.facts
    leaving = [mail for mail in _mails(plan) if mail.template == "answer"]
    if not leaving or facts.intake_id is None:
        return plan
    seen_by_him = facts.released_by and facts.seen.held is not None and facts.seen.held.digest == digest(mail.text)
    sent = str(leaving[0].values["text"])
    found = () if seen_by_him else _passages(mail, sent)
    doubts = () if seen_by_him else _doubts(mail, sent, found)
    doubts += _meanwhile(facts, mail.ticket)
    if not doubts:
        return plan
    shown = guard.marked(mail.text, _moved(found, sent, mail.text))
    return _held(mail, "; ".join(doubts), _ask("held", mail, doubts, shown, facts.seen.newer), DECIDE_WITHIN)


def _passages(mail: AgentMail, leaving: str) -> tuple[Passage, ...]:
    return guard.passages(leaving, mail.ticket, mail.facts.desk, mail.facts.seen.notes)


def _doubts(mail: AgentMail, leaving: str, found: tuple[Passage, ...]) -> tuple[str, ...]:
    """Say which parts of a mail may not be new, or must not leave with it."""
    facts, ticket = mail.facts, mail.ticket
    files = content.files(facts)
    indexes = [one.index for one in files]
    return (
        *guard.uncut(facts.message, facts.cut, leaving),
        *_named(found),
        *guard.names((one.filename for one in files), ticket, facts.desk, facts.seen.notes),
        *guard.enclosed(facts.message, indexes, ticket, facts.desk, facts.seen.notes),
    )


def _meanwhile(facts: Facts, ticket: Ticket) -> tuple[str, ...]:
    """Say what happened after the mail was made that the agent answers: others wrote, or other people came in."""
    why = []
    if facts.seen.newer:
        why.append("somebody wrote after the mail that you answered")
    people = [person.address for person in ticket.people if person.role is not Role.THIRD_PARTY and person.address]
    if facts.seen.absorbed and len(people) > 1:
        merged = ", ".join(f"#{one}" for one in facts.seen.absorbed)
        words = "{} ended in #{} meanwhile: all of these would be sent it: {}"
        why.append(Reason(words, merged, ticket.number, ", ".join(people)))
    return tuple(why)


def answered(facts: Facts, owner: Agent | None) -> Plan:
    """Say what a mail to an address of a held mail does: release it, drop it, or nothing."""
    held, token = facts.seen.held, facts.token
    assert token is not None
    if not facts.by_person:
        return Plan(None, fate=Fate.FILED, because="an automatic answer decides nothing")
    if owner is None or facts.agent != owner:
        return Plan(None, fate=Fate.HELD, because="only the agent who was asked may answer")
    if held is None or held.state is not Word.WAITING or held.agent != owner.key or held.until <= facts.now:
        return _nothing(facts, owner, "the mail does not wait any more")
    word, given = _first_words(facts.cut.new_text)
    if token.kind is TokenKind.DROP or word == "drop":
        return _settled(held, Word.DROPPED, owner)
    if token.kind is TokenKind.SEND or (word == "send" and given == facts.code):
        return _settled(held, Word.RELEASED, owner)
    return _nothing(facts, owner, "write send and the four digits of that mail in the first line, or drop")


def expired(held: Held, desk: Desk, operator: str, language: str) -> Plan:
    """Nobody decided in time: nothing was sent, and both the agent and the operator are told."""
    agent = desk.agents.get(held.agent)
    people = [recipients.colleague(agent, language)] if agent else []
    if operator:
        people.append(recipients.whoever(operator, language))
    queue = desk.default_queue
    values = {"number": held.ticket, "tag": "", "queue": queue.key, "text": held.text, "problem": held.because}
    mails = tuple(SendMail("expired", one, queue.key, values={**values, "mail": held.mail}) for one in people)
    return Plan(None, (), mails, settles=Settle(held.mail, Word.EXPIRED, "maild"))


def _held(mail: AgentMail, because: str, asked: SendMail, within: timedelta) -> Plan:
    facts, ticket, agent = mail.facts, mail.ticket, mail.agent
    remark = Remark(f"held mail {facts.intake_id} in the name of {agent.key}", because)
    hold = Hold(agent.key, mail.text, digest(mail.text), facts.now + within)
    if facts.ticket is None:
        return Plan(None, (), (asked,), Fate.HELD, because, agent.key, holds=hold)
    return Plan(ticket.number, (remark,), (asked,), Fate.HELD, because, holds=hold)


def _ask(template: str, mail: AgentMail, doubts: tuple[str, ...], shown: str, newer: tuple[Last, ...] = ()) -> SendMail:
    facts, queue = mail.facts, mail.facts.queue
    person = recipients.colleague(mail.agent, facts.desk_language)
    values = {
        **particulars.about(mail.ticket if facts.ticket else None, queue),
        "problems": tuple(said(one, person.language) for one in doubts),
        "text": particulars.shortened(shown),
        "sender_address": facts.message.sender.address,
        "newer": [
            {"name": one.name, "text": particulars.shortened(one.text, particulars.LONGEST_QUOTE)} for one in newer
        ],
        "mail": facts.intake_id,
    }
    return SendMail(template, person, queue.key, values=values, held=facts.intake_id)


def _settled(held: Held, word: Word, owner: Agent) -> Plan:
    settles = Settle(held.mail, word, owner.key)
    return Plan(None, (), (), Fate.FILED, str(settles), owner.key, settles=settles)


def _nothing(facts: Facts, owner: Agent, why: str) -> Plan:
    back = notify.refused(facts, owner, None, facts.desk.default_queue, why)
    return Plan(None, (), (back,), Fate.FILED, why, owner.key)


def _first_words(text: str) -> tuple[str, str]:
    words = text.strip().lower().replace("#", " ").split("\n")[0].strip(" .!").split()
    return (words[0] if words else "", words[1] if len(words) == 2 else "")


def _mails(plan: Plan) -> list[SendMail]:
    return [*plan.mails, *(mail for one in plan.beside for mail in one.plan.mails)]


def _named(found: tuple[Passage, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(Reason("it holds {}", one.why) for one in found))


def _moved(found: tuple[Passage, ...], sent: str, text: str) -> tuple[Passage, ...]:
    """Move passages found in what leaves to where they are in all that he wrote, commands above it included."""
    by = text.find(sent)
    return tuple(one._replace(start=one.start + by, end=one.end + by) for one in found) if by >= 0 else ()
