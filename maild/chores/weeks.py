"""Leads' Mondays: counts what a week came to and tells it, in one transaction with the mark that it was told.

The counting reads beside the writer, piece by piece: of a large site it may take seconds, and only once a week.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from maild import setaside
from maild.agents import weekly
from maild.deciding.filing import post
from maild.deciding.office import Office
from maild.store import weeks
from maild.store.prepared import parted
from maild.store.write import Store
from maild.ticket.desk import Agent, Desk
from maild.ticket.plan import SendMail

AT_ONCE = 500  # histories


def send_due(store: Store, office: Office, now: datetime) -> int:
    """Tell those whose week has ended; return how many."""
    leads = weekly.readers(office.desk)
    if not leads:
        return 0
    known = store.read(weeks.known)
    new = [agent.key for agent in leads if agent.key not in known]
    if new:
        store.write(partial(weeks.meet, keys=new, now=now))
    return setaside.each(partial(_tell_if_due, store=store, known=known, office=office, now=now), leads)


def _tell_if_due(agent: Agent, store: Store, known: Mapping[str, datetime], office: Office, now: datetime) -> int:
    told_at = known.get(agent.key)
    due = weekly.due_at(agent, told_at, office.desk) if told_at else None
    if told_at is None or due is None or due > now:
        return 0
    mails = _mails(store, agent, office, now) if now - due < weekly.WEEK else []  # nobody waited for it
    return store.write(partial(_tell, key=agent.key, told_at=told_at, mails=mails, office=office, now=now))


def next_due(connection: Connection, office: Office) -> datetime | None:
    """Return when the next lead is told, None for never."""
    desk, leads = office.desk, weekly.readers(office.desk)
    if not leads:
        return None
    known = weeks.known(connection)
    moments = [weekly.due_at(agent, known[agent.key], desk) for agent in leads if agent.key in known]
    return min(filter(None, moments), default=None)


def _mails(store: Store, agent: Agent, office: Office, now: datetime) -> list[SendMail]:
    desk = office.desk
    keys, both = [queue.key for queue in weekly.queues_of(agent, desk)], weekly.weeks(agent, desk, now)
    found, since = weekly.Figures(), both[1].begin
    for (queue, who), count in store.read(partial(weeks.resting, queues=keys, since=since)).items():
        found.add(queue, _here(who, desk), (Counter(open=count), Counter(open=count)))
    for some in parted(store.read(partial(weeks.touched, queues=keys, since=since)), AT_ONCE):
        happened = store.read(partial(weeks.happened, numbers=[one.number for one in some]))
        for one in some:
            week, before = (weekly.counted(happened.get(one.number, ()), week) for week in both)
            found.add(one.queue, _here(one.assignee, desk), (week, before))
    waiting = store.read(partial(weeks.waiting, queues=keys))
    return weekly.mail(agent, found, waiting, desk, office.language, now)


def _here(key: str, desk: Desk) -> str:
    """Return the agent who has a ticket, nobody where he is gone."""
    return key if key in desk.agents else ""


def _tell(
    connection: Connection, key: str, told_at: datetime, mails: list[SendMail], office: Office, now: datetime
) -> int:
    if not weeks.tell(connection, key, told_at, now):
        return 0  # another daemon was faster
    post(connection, mails, office, now)
    return 1
