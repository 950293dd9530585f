"""Many escalations to one agent leave as one mail: after an outage, or at the opening after a night.

Each stage stands in its ticket's history, and its mail in the outbox.  Shortly before these leave, what is more than a
handful for one agent is taken back and one table put in its place, in one transaction.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from maild.filing import post
from maild.office import Office
from maild.store import asked, queued
from maild.store.draft import Stale
from maild.store.write import Store
from maild.ticket import morning
from maild.ticket.desk import Agent

MOST_SINGLE = 5
AHEAD = timedelta(seconds=15)  # of their leaving; they wait for escalate.GATHERED_WITHIN


def gather(store: Store, office: Office, now: datetime) -> int:
    """Gather what is about to leave; return how many mails were taken back."""
    of_agent: dict[str, list[Any]] = defaultdict(list)
    for row in store.read(partial(queued.of_template, template="escalation", now=now, until=now + AHEAD)):
        agent = office.house.desk.agent_at(row.recipient)
        if agent is not None:
            of_agent[agent.key].append(row)
    taken = 0
    for key, rows in of_agent.items():
        if len(rows) > MOST_SINGLE:
            agent = office.house.desk.agents[key]
            try:
                store.write(partial(_replace, rows=rows, agent=agent, office=office, now=now))
            except Stale:
                continue  # another daemon was faster
            taken += len(rows)
    return taken


def _replace(connection: Connection, rows: Sequence[Any], agent: Agent, office: Office, now: datetime) -> None:
    if not queued.withdraw(connection, [row.id for row in rows], now):
        raise Stale("one of them has left meanwhile")
    numbers = list(dict.fromkeys(row.ticket for row in rows))
    desk = office.house.desk
    post(
        connection,
        [morning.stages(agent, asked.listed(connection, numbers), numbers, desk, office.language, now)],
        office,
        now,
    )
