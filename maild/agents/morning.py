"""What an agent is sent in the morning: his tickets and those that nobody has, what is due first on top.

It goes out at his first opening of each day on which he is not away and has something to do.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from maild.agents.views import listed_for
from maild.hours import wording
from maild.hours.calendar import Calendar
from maild.hours.spans import Days
from maild.message.model import Kind
from maild.ticket import recipients
from maild.ticket.change import AddMessage, Entry
from maild.ticket.desk import Agent, Desk, Queue
from maild.ticket.facts import Asked
from maild.ticket.model import SNOOZED, Direction
from maild.ticket.plan import SendMail

MORNING = time(8)  # of an agent without hours
MOST_SHOWN = 30
FOR_EVER = 400  # days that are looked through for one on which he is here


def due_at(agent: Agent, told_at: datetime, desk: Desk) -> datetime | None:
    """Return when an agent is told next who was told last at a moment; None where he does not want it."""
    if agent.notify == "none":
        return None
    opens = next_here(agent, told_at.astimezone(zone_of(agent, desk)).date(), desk)
    return opens.astimezone(told_at.tzinfo) if opens else None


def next_here(agent: Agent, day: date, desk: Desk) -> datetime | None:
    """Return when an agent's work begins on the first day after one on which he is here."""
    zone, calendar = zone_of(agent, desk), _calendar(agent, desk)
    for _ in range(FOR_EVER):
        day += timedelta(days=1)
        opens = _opening(day, zone, calendar)
        if opens is not None and not agent.is_away_on(day):
            return opens
    return None


def _opening(day: date, zone: ZoneInfo, calendar: Calendar | None) -> datetime | None:
    """Return when work begins on a day, None if it does not."""
    if calendar is None:
        return datetime.combine(day, MORNING, zone)
    opens = calendar.next_open(int(datetime.combine(day, time(0), zone).timestamp()))
    if opens is None:
        return None
    at = datetime.fromtimestamp(opens, zone)
    return at if at.date() == day else None


def queues_of(agent: Agent, desk: Desk) -> tuple[Queue, ...]:
    """Return the queues whose teams an agent is in; what is in shadow is not spoken of."""
    teams = {team.key for team in desk.teams.values() if agent.key in team.members}
    return tuple(queue for queue in desk.queues.values() if queue.team in teams and queue.mode == "live")


def mail(
    agent: Agent, asked: Asked, numbers: Sequence[int], desk: Desk, language: str, since: datetime, now: datetime
) -> list[SendMail]:
    """Return the morning's mail, none where there is nothing to do; what he snoozed is left out.

    Args:
        since: when he was told last; if he was away meanwhile, it says what came.
    """
    language, today = agent.language_or(language), now.astimezone(zone_of(agent, desk)).date()
    known = (asked.tickets[n] for n in numbers if n in asked.tickets)
    awake = [one.number for one in known if dict(one.fields).get(SNOOZED + agent.key, "") <= f"{today}"]
    awake = [n for n in awake if desk.queue_called(asked.tickets[n].queue).mode == "live"]
    if not awake:
        return []
    missed = _missed(agent, since, now, desk)
    away = [wording.day(one, today, language) for one in (missed.first, missed.last)] if missed else ["", ""]
    items = [
        {**row, "meanwhile": missed is not None and _wrote_since(asked.histories.get(row["number"], ()), since)}
        for row in listed_for(agent, asked, desk, awake, now, language)
    ]
    return [_table("digest", agent, items, desk, language, away_from=away[0], away_to=away[1])]


def _missed(agent: Agent, since: datetime, now: datetime, desk: Desk) -> Days | None:
    """Return the days between two moments from the first on which an agent was away to the last."""
    zone = zone_of(agent, desk)
    between = Days(since.astimezone(zone).date(), now.astimezone(zone).date() - timedelta(days=1))
    away = [day for day in between if agent.is_away_on(day)]
    return Days(away[0], away[-1]) if away else None


def _wrote_since(history: Sequence[Entry], since: datetime) -> bool:
    """Tell whether the customer's side wrote after a moment."""
    return any(
        entry.at > since
        and isinstance(entry.change, AddMessage)
        and entry.change.direction is Direction.IN
        and entry.change.kind is Kind.HUMAN
        for entry in history
    )


def stages(agent: Agent, asked: Asked, numbers: Sequence[int], desk: Desk, language: str, now: datetime) -> SendMail:
    """Return one mail in place of many that tell of due times."""
    items = listed_for(agent, asked, desk, numbers, now, agent.language_or(language))
    return _table("stages", agent, items, desk, language)


def _table(
    template: str, agent: Agent, items: Sequence[dict[str, Any]], desk: Desk, language: str, **values: object
) -> SendMail:
    shown, more = tuple(items[:MOST_SHOWN]), max(0, len(items) - MOST_SHOWN)
    return SendMail(
        template,
        recipients.colleague(agent, language),
        queue_of(agent, desk).key,
        values={"items": shown, "count": len(items), "more": more, **values},
    )


def welcome(agent: Agent, desk: Desk, language: str, rows: tuple[dict[str, str], ...]) -> SendMail:
    """The first mail to a new agent: how one works here, and the commands."""
    queue = queue_of(agent, desk)
    return SendMail(
        "welcome",
        recipients.colleague(agent, language),
        queue.key,
        values={"agent_name": agent.name, "rows": rows, "addresses": tuple(q.address for q in queues_of(agent, desk))},
    )


def queue_of(agent: Agent, desk: Desk) -> Queue:
    return next(iter(queues_of(agent, desk)), desk.default_queue)


def _calendar(agent: Agent, desk: Desk) -> Calendar | None:
    return desk.calendars.get(agent.hours) or desk.calendar_of(queue_of(agent, desk))


def zone_of(agent: Agent, desk: Desk) -> ZoneInfo:
    return ZoneInfo(desk.zones.get(agent.hours) or desk.zone_of(queue_of(agent, desk)))
