"""Agents' mornings: tells each his tickets once a day, and welcomes who is new."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from maild import setaside
from maild.agents import command, morning
from maild.deciding.filing import post
from maild.deciding.office import Office
from maild.store import agent_views, mornings
from maild.store.mornings import Morning
from maild.store.write import Store
from maild.ticket.desk import Agent
from maild.ticket.plan import SendMail


def send_due(store: Store, office: Office, now: datetime) -> int:
    """Tell those whose morning has come; return how many."""
    desk, known = office.desk, store.read(mornings.known)
    new = [agent for agent in desk.agents.values() if agent.key not in known]
    if new:
        store.write(partial(_meet, new=new, first=not known, office=office, now=now))
    return setaside.each(partial(_tell_if_due, store=store, known=known, office=office, now=now), desk.agents.values())


def _tell_if_due(agent: Agent, store: Store, known: Mapping[str, Morning], office: Office, now: datetime) -> int:
    found = known.get(agent.key)
    due = morning.due_at(agent, found.told_at, office.desk) if found else None
    if found is None or due is None or due > now:
        return 0
    return store.write(partial(_tell, agent=agent, found=found, office=office, now=now))


def next_due(connection: Connection, office: Office) -> datetime | None:
    """Return when the next morning comes, None for never."""
    desk, known = office.desk, mornings.known(connection)
    agents = [(agent, known[agent.key]) for agent in desk.agents.values() if agent.key in known]
    moments = [morning.due_at(agent, found.told_at, desk) for agent, found in agents]
    return min(filter(None, moments), default=None)


def _meet(connection: Connection, new: Sequence[Agent], first: bool, office: Office, now: datetime) -> None:
    """Remember new agents; one who joins others is welcomed at once, the first of a site in the morning."""
    met = [agent for agent in new if mornings.meet(connection, agent.key, now, welcomed=not first)]
    post(connection, [_welcome(agent, office) for agent in met if not first and agent.notify != "none"], office, now)


def _tell(connection: Connection, agent: Agent, found: Morning, office: Office, now: datetime) -> int:
    desk = office.desk
    keys = [queue.key for queue in morning.queues_of(agent, desk)]
    if not mornings.tell(connection, agent.key, found.told_at, now, welcomed=found.welcomed or bool(keys)):
        return 0  # another daemon was faster
    here = [one for one in desk.agents if not desk.is_away(one, desk.default_queue, now)]
    known = list(desk.queues) if desk.default_queue.key in keys else ()
    numbers = agent_views.waiting_for(connection, agent.key, here, keys, known)
    mails = [] if found.welcomed or not keys else [_welcome(agent, office)]
    mails += morning.mail(
        agent, agent_views.listed(connection, numbers), numbers, desk, office.language, found.told_at, now
    )
    post(connection, mails, office, now)
    return 1


def _welcome(agent: Agent, office: Office) -> SendMail:
    language = agent.language_or(office.language)
    return morning.welcome(agent, office.desk, office.language, command.manual(language))
