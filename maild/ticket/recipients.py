"""Who is written to: a person of each kind, and which agents hear of a ticket."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from maild.ticket.change import Change
from maild.ticket.desk import PLACES, Agent, Desk, Queue
from maild.ticket.evolve import after
from maild.ticket.model import Participant, Ticket
from maild.ticket.plan import Audience, Person


def customer(person: Participant, language: str) -> Person:
    """Return a customer as the receiver of a mail, in the language of his ticket."""
    return Person(person.address, person.name, language, Audience.CUSTOMER, person.address)


def colleague(agent: Agent, language: str) -> Person:
    """Return an agent as the receiver of a mail, in his own language if he named one; else in this one."""
    return Person(agent.address, agent.name, agent.language_or(language), Audience.AGENT, agent.key, agent.epoch)


def whoever(address: str, language: str) -> Person:
    """Return somebody who is neither customer nor agent: the operator, or a person named in the rule files."""
    return Person(address, "", language, Audience.OPERATOR, address)


def watchers(ticket: Ticket, desk: Desk, queue: Queue) -> list[Agent]:
    """Return those who get what comes in: the assignee, else those of the queue's team who want to hear of it."""
    assignee = desk.agents.get(ticket.assignee)
    if assignee is not None:
        return [assignee]
    return [agent for agent in desk.team_of(queue) if agent.notify == "every" and agent.key not in ticket.silent]


def reached(ticket: Ticket, desk: Desk, queue: Queue, now: datetime) -> list[Agent]:
    """Return those who get what comes in now: who watches, and while the assignee is away his team besides."""
    watching = watchers(ticket, desk, queue)
    if desk.is_away(ticket.assignee, queue, now):
        watching += [agent for agent in watchers(replace(ticket, assignee=""), desk, queue) if agent not in watching]
    return watching


def hearing(ticket: Ticket, changes: Iterable[Change], desk: Desk, now: datetime) -> list[Agent]:
    """Return those who are told what a colleague wrote: who watched the ticket until now, and who does from now on."""
    both = (ticket, after(ticket, changes, now))
    watching = [one for each in both for one in watchers(each, desk, desk.queue_called(each.queue))]
    return list(dict.fromkeys(watching))


def lead(desk: Desk, queue: Queue, now: datetime) -> Agent | None:
    """Return who leads a queue's team; while he is away or where there is none the manager, if he is here."""
    team = desk.teams.get(queue.team)
    line = [desk.agents[key] for key in (team.lead, team.manager) if key in desk.agents] if team else []
    here = [agent for agent in line if not desk.is_away(agent.key, queue, now)]
    return next(iter((*here, *line)), None)


def in_line(who: str, ticket: Ticket, desk: Desk, queue: Queue) -> Iterator[Sequence[Agent]]:
    """Return the agent, and those who take his place while he is away: the team, then its lead, then its manager.

    Args:
        who: one of desk.PLACES.
    """
    team = desk.teams.get(queue.team)
    lead, manager = (team.lead, team.manager) if team else ("", "")
    line = (ticket.assignee,), team.members if team else (), (lead,), (manager,)  # in the order of desk.PLACES
    for keys in line[PLACES.index(who) :]:
        yield [desk.agents[key] for key in keys if key in desk.agents]
