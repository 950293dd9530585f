"""Many escalations to one agent leave as one mail: after an outage, or at the opening after a night.

Each stage is in its ticket's history, and its mail in the outbox.  Shortly before these leave, those are taken back
of whose clocks none runs any more, for the ticket was answered or ended while they waited; and what is more than a
handful for one agent, one table put in its place.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from maild.agents import morning
from maild.deciding.filing import carry_out, post
from maild.deciding.office import Office
from maild.store import agent_views, histories, queued, tickets
from maild.store.filing import Stale
from maild.store.write import Store
from maild.ticket import timers
from maild.ticket.change import Remark, StageReached
from maild.ticket.desk import Agent
from maild.ticket.escalate import GATHERED_WITHIN
from maild.ticket.plan import Plan

RUN = ("running", "no_calendar")  # the states of a clock by which something may still be due
MOST_SINGLE = 5
AHEAD = timedelta(seconds=15)  # of their leaving; they wait for escalate.GATHERED_WITHIN


def gather(store: Store, office: Office, now: datetime) -> int:
    """Gather what is about to leave; return how many mails were taken back."""
    of_agent: dict[str, list[Any]] = defaultdict(list)
    taken = 0
    for row in store.read(partial(queued.of_template, template="escalation", now=now, until=now + AHEAD)):
        waited = now - row.created_at > GATHERED_WITHIN  # for the opening
        if waited and store.read(partial(_is_over, row=row, office=office, now=now)):
            taken += store.write(partial(_take_back, row=row, office=office, now=now))
            continue
        agent = office.desk.agent_at(row.recipient)
        if agent is not None:
            of_agent[agent.key].append(row)
    for key, rows in of_agent.items():
        if len(rows) > MOST_SINGLE:
            agent = office.desk.agents[key]
            try:
                store.write(partial(_replace, rows=rows, agent=agent, office=office, now=now))
            except Stale:
                continue  # another daemon was faster
            taken += len(rows)
    return taken


def _is_over(connection: Connection, row: Any, office: Office, now: datetime) -> bool:
    """Tell whether no clock runs any more of which a mail tells: its stages were reached when it was written."""
    ticket = tickets.get(connection, row.ticket)
    if ticket is None:
        return False
    desk, past = office.desk, histories.of(connection, row.ticket)
    told = [one.change for one in past if one.at == row.created_at and isinstance(one.change, StageReached)]
    shown = timers.states(past, desk, desk.queue_called(ticket.queue), now)
    mine = [(one, shown[one.clock]) for one in told if one.clock in shown]
    return bool(mine) and not any(one.instance == clock.instance and clock.state in RUN for one, clock in mine)


def _take_back(connection: Connection, row: Any, office: Office, now: datetime) -> int:
    """Let a mail not leave, and let its ticket say so; 0 if it may have left, or was given its due meanwhile."""
    ticket = tickets.get(connection, row.ticket)
    if ticket is None or not queued.withdraw(connection, [row.id], now):
        return 0
    remark = Remark(f"not sent: escalation to {row.recipient}", "nothing is due any more")
    carry_out(connection, Plan(ticket.number, (remark,)), ticket, office, now)
    return 1


def _replace(connection: Connection, rows: Sequence[Any], agent: Agent, office: Office, now: datetime) -> None:
    if not queued.withdraw(connection, [row.id for row in rows], now):
        raise Stale("one of them has left meanwhile")
    numbers = list(dict.fromkeys(row.ticket for row in rows))
    known = agent_views.listed(connection, numbers)
    post(connection, [morning.stages(agent, known, numbers, office.desk, office.language, now)], office, now)
