"""How a conversation begins on our side: an agent writes first (`#to anna@customer.example`)."""

from dataclasses import replace

from maild.agents import content
from maild.agents.syntax import CommandError
from maild.message import subject
from maild.ticket import effects, notify, words
from maild.ticket.change import Assign, Change, Link, OpenTicket, SetStatus
from maild.ticket.desk import Agent
from maild.ticket.evolve import opened
from maild.ticket.facts import Facts
from maild.ticket.model import Participant, Relation, Role, Status, Visibility
from maild.ticket.plan import Fate, Plan


def begin(facts: Facts, agent: Agent, address: str, text: str) -> Plan:
    """Return what opens a ticket with an agent's words to somebody outside.

    Raises:
        CommandError: there is nothing to say, or too much is attached.
    """
    queue = facts.queue
    parts = content.parts(facts, queue)
    if not text.strip() and not parts:
        raise CommandError("#to needs a text: write it below the command")
    about = subject.base(facts.message.subject).text or queue.from_name or queue.key
    person = Participant(address, "", Role.REQUESTER)
    start = OpenTicket(facts.fresh.handle, queue.key, about, person, facts.language, because=f"{agent.key} wrote first")
    changes: list[Change] = [
        start,
        *effects.targets(facts.desk, queue, start.priority),
        content.message(facts, agent, text, Visibility.PUBLIC),
        Assign(agent.key, "wrote first"),
        SetStatus(Status.WAITING, f"{agent.key} wrote"),
    ]
    if facts.ticket is not None:
        changes.append(Link(facts.ticket.number, Relation.RELATED, agent.key))
    ticket = opened(facts.fresh.number, changes, facts.now)
    letters = notify.undoable(notify.answer(ticket, queue, agent, text, parts, None), queue, facts.now)
    language = agent.language_or(facts.desk_language)
    lines = [words.begun(ticket.number, address, language)]
    if facts.ticket is None and (left := content.left_out(facts)):
        lines.append(words.left((one.file.filename for one in left), language))
    done = notify.done(facts, agent, ticket, queue, tuple(lines))
    return Plan(
        facts.fresh.number,
        tuple(changes),
        (*(replace(letter, subject=about) for letter in letters), done),
        Fate.FILED if facts.ticket is None else None,
        f"{agent.key} wrote first",
        actor=agent.key,
    )
