"""What an agent's mail does: his words go to the customer, his commands steer the ticket.

Only a mail that is proved to be his does anything; any other is held, and the agent whose address or
token was used is told.  What a machine writes in his name (an out-of-office, a bounce) goes nowhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from maild.agents import absence, aside, command, content, conversation, held, orders, signoff, syntax, views
from maild.agents.card import Own
from maild.agents.model import AgentMail, Aside, View
from maild.agents.syntax import CommandError, Given
from maild.machines import notices
from maild.message import gratitude
from maild.message.model import Classified, Kind
from maild.ticket import notify, participants, recipients, words
from maild.ticket.change import AddMessage, Assign, Change, Link, Promised, SetStatus, Withdrawn
from maild.ticket.desk import Agent
from maild.ticket.evolve import after
from maild.ticket.facts import Facts
from maild.ticket.model import Direction, Relation, Status, Ticket, Visibility
from maild.ticket.plan import Beside, Fate, Plan, SendMail
from maild.ticket.proof import Level
from maild.ticket.token import ACTIONS, TokenKind


def plan(facts: Facts, owner: Agent | None) -> Plan:
    """Say what a mail does that claims to come from an agent and belongs to a ticket.

    Args:
        owner: the agent named by the mail's token, if any.
    """
    ticket, agent = facts.ticket, facts.agent
    assert ticket is not None
    if facts.match.duplicate:
        return Plan(None, fate=Fate.FILED, because="a copy of a mail that is filed already")
    if not facts.by_person:
        return _set_aside(facts, ticket, agent or owner)
    if notices.absent(facts.message, ticket.subject):  # and nothing else marks it
        notice = Classified(Kind.AUTOMATIC, f"subject: {facts.message.subject[:60]}", acknowledge=False)
        return _set_aside(replace(facts, classified=notice), ticket, agent or owner)
    if facts.proof.level is not Level.PROVED or agent is None:
        return _hold(facts, ticket, owner or agent)
    try:
        mail = AgentMail(facts, ticket, agent, content.own_words(facts, agent))
        return held.unless_safe(_carry_out(mail), mail)
    except CommandError as problem:
        back = notify.refused(facts, agent, ticket, facts.queue, problem.reason)
        return Plan(ticket.number, (), (back,), Fate.FILED, f"refused: {problem}", agent.key)


def _carry_out(mail: AgentMail) -> Plan:
    facts, ticket, agent = mail.facts, mail.ticket, mail.agent
    if facts.message.encrypted:
        raise CommandError("your mail is encrypted, and nobody can read it here: send it again without encryption")
    if gratitude.is_reaction(facts.message.text) and not _answers_note(facts):
        raise CommandError("a reaction is not sent on: write what the customer is to read")
    written = syntax.notes_as_text(_written(mail))
    signature = written.text if content.only_signs(facts, agent, written.text) else ""
    written = replace(written, text="") if signature else written
    ordered = orders.plan(written.given, mail.where, written.text)
    text = "\n\n".join(part for part in (written.text.strip("\n"), *ordered.inserts) if part.strip())
    says_something = bool(text or (content.files(facts) and not signature)) and not _is_once(facts)
    if not says_something and all(one.word == "note" for one in written.given):
        raise CommandError("there is nothing to send: no new text was found above the quoted mail")
    done = _done(mail, ordered, text if says_something else None)
    seen, of_others = asked_for(facts, agent, ordered.views)
    left = content.left_out(facts) if ordered.begins or _is_answer(done) else ()
    return Plan(
        ticket.number,
        done.changes,
        (*_mails(mail, ordered, done), *seen, *_shown(mail, ordered, done, left, signature)),
        Fate.FILED,
        facts.proof.because,
        agent.key,
        (*done.beside, *of_others),
        facts.token.text if facts.token and _is_once(facts) else "",
        ends=signoff.of(content.unsigned(facts)) if says_something else (),
        absences=ordered.absences,
        told_of=tuple(one.kind for one in left),
    )


def _mails(mail: AgentMail, ordered: orders.Ordered, done: "_Done") -> Iterable[SendMail]:
    """What words and commands send; a customer whose ticket is solved is asked, unless he is sent an answer."""
    facts, changes = mail.facts, ordered.changes
    yield from orders.handed(mail.where, changes, facts.seen.last)  # first: what follows says nothing to who lacks it
    yield from done.mails
    if not _is_answer(done):
        yield from notify.if_solved(mail.ticket, facts.desk, changes, facts.seen.last, facts.now)
    yield from absence.told(ordered.absences, facts.desk, mail.agent, facts.now, facts.desk_language)


def _is_answer(done: "_Done") -> bool:
    return any(one.template == "answer" for one in done.mails)


class _Done(NamedTuple):
    """What words and commands come to."""

    changes: tuple[Change, ...]
    mails: Sequence[SendMail] = ()
    beside: tuple[Beside, ...] = ()


def _written(mail: AgentMail) -> syntax.Split:
    """Part what an agent orders from what he says; an address that works once orders by itself."""
    first, _, below = mail.text.strip().partition("\n")
    is_stop = syntax.is_stop(first) and (not below or content.only_signs(mail.facts, mail.agent, below))
    stops = syntax.Split((Given("stop"),), "") if is_stop else None
    return _ordered_by_address(mail.facts) or stops or syntax.split(mail.text)


def _done(mail: AgentMail, ordered: orders.Ordered, text: str | None) -> _Done:
    """Say to whom an agent's words go: somebody new, colleagues alone, or the customer.

    Args:
        text: None where he says nothing, and the commands are all.
    """
    facts = mail.facts
    inside = ordered.inside or _answers_note(facts) or _ends_as_spam(mail, ordered)
    if inside and any(isinstance(change, Promised) for change in ordered.changes):
        raise CommandError("#promise is told to the customer, and this mail stays inside")
    if ordered.begins and ordered.inside:
        raise CommandError("#to sends your text outside, and #note and #ask keep it inside: write two mails")
    if ordered.asides:
        return _put_aside(mail, ordered, text or "")
    if ordered.begins:
        begun = conversation.begin(facts, mail.agent, ordered.begins, text or "")
        link = Link(facts.fresh.number, Relation.RELATED, mail.agent.key)
        return _Done((*ordered.changes, link), (), (*ordered.beside, Beside(begun)))
    if text is None:
        return _Done(ordered.changes, (), ordered.beside)
    done = (_noted if inside else _answered)(mail, text, ordered.changes)
    return done._replace(beside=ordered.beside)


def _answers_note(facts: Facts) -> bool:
    """Tell whether he answers what is for no customer: by its address, or by the mail itself."""
    return facts.seen.inside or (facts.token is not None and facts.token.kind is TokenKind.NOTE)


def _ends_as_spam(mail: AgentMail, ordered: orders.Ordered) -> bool:
    """Tell whether he closes a ticket as spam: then nothing below, such as a signature, is sent to the spammer."""
    closes = any(isinstance(change, SetStatus) for change in ordered.changes)
    return closes and after(mail.ticket, ordered.changes, mail.facts.now).is_spam


def _is_once(facts: Facts) -> bool:
    return facts.token is not None and facts.token.kind in ACTIONS


def _ordered_by_address(facts: Facts) -> syntax.Split | None:
    """Return the command of an address that works once, whatever the mail says; None for any other address.

    Raises:
        CommandError: it was used already.
    """
    word = ACTIONS.get(facts.token.kind) if facts.token else None
    if word is None:
        return None
    if facts.seen.spent:
        raise CommandError("this was done already: each of these addresses works once; to do it again, write #{}", word)
    return syntax.Split((Given(word),), "")


def _noted_in(changes: Iterable[Change]) -> list[str]:
    return [one.new_text for one in changes if isinstance(one, AddMessage) and one.visibility is Visibility.NOTE]


def _shown(
    mail: AgentMail, ordered: orders.Ordered, done: "_Done", left: Sequence[Own], signature: str
) -> list[SendMail]:
    """The one confirmation of what an agent's commands did, and of an answer that a second version replaced.

    Args:
        left: what of his mail's files is about himself.
        signature: what stood below his commands, and was taken for one alone.
    """
    facts, agent, queue = mail.facts, mail.agent, mail.facts.queue
    language = agent.language_or(facts.desk_language)
    replaced = tuple(one for one in done.changes if isinstance(one, Withdrawn) and one not in ordered.changes)
    ordered = replace(ordered, changes=(*ordered.changes, *replaced))
    lines = words.done(ordered.changes, ordered.beside, facts.desk, facts.desk.zone_of(queue), language)
    given_to = (one.agent for one in (*ordered.changes, *ordered.asides) if isinstance(one, Assign | Aside))
    lines += tuple(
        words.absent(facts.desk.name_of(key), language)
        for key in given_to
        if key != agent.key and facts.desk.is_away(key, queue, facts.now)
    )
    notes = _noted_in(done.changes)
    forgotten = [one.word for note in notes for one in syntax.anywhere(note) if command.is_one(one.word)]
    if forgotten and not ordered.asides:  # what would leave with one is held; a note that stays inside is not
        lines += (words.forgotten(forgotten, language),)
    if lines and notes:
        lines += (words.inside(language),)
    if lines and signature:
        lines += (words.signs(signature.strip("\n"), language),)
    cut = content.parted(facts, agent)
    if cut.ending and (lines or cut.seen == signoff.RECURS):  # the first time, and wherever he is written to anyhow
        lines += (words.cut(cut.ending, language),)
    if left and (lines or not {one.kind for one in left} <= set(facts.seen.told_of)):  # likewise
        lines += (words.left((one.file.filename for one in left), language),)
    return [notify.done(facts, agent, after(mail.ticket, ordered.changes, facts.now), queue, lines)] if lines else []


def asked_for(facts: Facts, agent: Agent, wanted: Iterable[View]) -> tuple[list[SendMail], tuple[Beside, ...]]:
    """Return what an agent asked to see: the mails of this ticket or of none, and those of other tickets."""
    mails: list[SendMail] = []
    others: list[Beside] = []
    for view in wanted:
        if view.of is None:
            mails.append(views.mailed(facts, agent, facts.queue, view))
        else:
            shown = views.mailed(facts, agent, facts.desk.queue_called(view.of.queue), view)
            plan_of_it = Plan(view.of.number, mails=(shown,), actor=agent.key)
            others.append(Beside(plan_of_it, view.of))
    return mails, tuple(others)


def _noted(mail: AgentMail, text: str, ordered: tuple[Change, ...]) -> _Done:
    """Keep his words as a note, and tell colleagues."""
    facts, agent = mail.facts, mail.agent
    others = aside.hearing(mail.where, ordered, facts.seen.noted_by if _answers_note(facts) else None)
    told = notify.told(mail.ticket, facts.queue, agent, others, text, facts.desk_language, note=True)
    return _Done((content.message(facts, agent, text, Visibility.NOTE), *ordered), told)


def _put_aside(mail: AgentMail, ordered: orders.Ordered, text: str) -> _Done:
    """Ask colleagues, and keep what he asks as a note; nobody else is told."""
    facts, agent = mail.facts, mail.agent
    parts, now = content.parts(facts, facts.queue), after(mail.ticket, ordered.changes, facts.now)
    asked = aside.asked(ordered.asides, text, files=bool(parts))
    told = aside.mails(asked, now, facts.desk, agent, facts.seen.last, facts.desk_language, parts)
    note = content.message(facts, agent, aside.as_note(asked, facts.desk), Visibility.NOTE)
    return _Done((note, *ordered.changes), told, ordered.beside)


def _answered(mail: AgentMail, text: str, ordered: tuple[Change, ...]) -> _Done:
    """Relay an answer; what the commands say about status and assignee goes before what an answer means."""
    facts, ticket, agent, queue = mail.facts, mail.ticket, mail.agent, mail.facts.queue
    kinds = {type(change) for change in ordered}
    changes: list[Change] = [content.message(facts, agent, text, Visibility.PUBLIC), *ordered]
    goes_on = facts.desk.queue_called(after(ticket, ordered, facts.now).queue)
    stays = goes_on.key == ticket.queue or facts.desk.is_of_team(agent, goes_on)  # else he hands it over
    if ticket.assignee not in facts.desk.agents and queue.take_on_reply and Assign not in kinds and stays:
        changes.append(Assign(agent.key, "first to answer"))
    if SetStatus not in kinds:
        changes.append(SetStatus(Status.WAITING, f"{agent.key} answered"))
    if (one := facts.seen.leaving) is not None and one.for_him:
        changes.insert(0, Withdrawn(one.mails, one.message_id, one.text, "a second version"))
    now = after(ticket, changes, facts.now)
    people = participants.answered(now)
    if not people:
        raise CommandError("there is nobody here to write to, for no sender is known: #add ADDRESS names somebody")
    hearing = recipients.hearing(ticket, changes, facts.desk, facts.now)
    others = [one for one in hearing if not any(one.owns(person.address) for person in people)]  # he is sent the answer
    parts = content.parts(facts, queue)
    mails = [
        *notify.answer(now, queue, agent, text, parts, facts.seen.last, has_it=_sent_by_himself(facts)),
        *notify.told(now, queue, agent, others, text, facts.desk_language, note=False),
    ]
    return _Done(tuple(changes), notify.undoable(mails, queue, facts.now))


def _sent_by_himself(facts: Facts) -> frozenset[str]:
    """Return the addresses to which the agent sent his mail himself, besides ours."""
    return frozenset(one.address.lower() for one in (*facts.message.to, *facts.message.cc))


def _set_aside(facts: Facts, ticket: Ticket, agent: Agent | None) -> Plan:
    """An agent's out-of-office is kept with the ticket and goes to nobody (RFC 3834 section 4)."""
    name = agent.key if agent else facts.message.sender.address
    added = AddMessage(
        Direction.IN,
        Visibility.NOTE,
        facts.classified.kind,
        facts.message.message_id,
        name,
        agent.name if agent else "",
        facts.cut.new_text,
        facts.message.text,
        facts.intake_id,
        because=facts.classified.because,
    )
    return Plan(ticket.number, (added,), (), Fate.FILED, "a machine's mail in an agent's name", name)


def _hold(facts: Facts, ticket: Ticket, whom: Agent | None) -> Plan:
    """Nothing is guessed and nothing is dropped: the mail waits, and the real agent hears of it."""
    if whom is None:
        return Plan(ticket.number, (), (), Fate.HELD, facts.proof.because)
    if facts.proof.level is Level.REFUSED:
        return held.misused(AgentMail(facts, ticket, whom, facts.cut.new_text))
    return held.confirm(AgentMail(facts, ticket, whom, content.own_words(facts, whom)))
