"""What a lead is sent on Mondays: how the week went by queue and agent, beside the one before, and who waits longest.

It leaves at his first opening of the week on a day on which he is here; a week of which he was not told in time is told
no more, the newest is.  Where nobody was told for long, the next Monday is waited for.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from maild.agents import morning
from maild.agents.views import listed_for
from maild.hours import wording
from maild.ticket import recipients, timers
from maild.ticket.desk import Agent, Desk, Queue
from maild.ticket.facts import Asked
from maild.ticket.model import Status
from maild.ticket.plan import SendMail

WEEK = timedelta(days=7)
MOST_SHOWN = 5
FIGURES = ("new", "solved", "open", "kept", "broken", "rated")
OF_AGENTS = ("solved", "open")
OPENED, SPAM, NO_SPAM = "opened", "spam", "no spam"
_ENDED = frozenset(str(status) for status in Status if status.ended)
_OPEN = frozenset(str(status) for status in Status if not status.ended)
Both = tuple[Counter[str], Counter[str]]


class Happened(NamedTuple):
    """What is counted of a history: OPENED, a status, SPAM or NO_SPAM, that a promise was kept or broken, a rating."""

    at: datetime
    what: str


def _nothing() -> Both:
    return Counter(), Counter()


@dataclass(frozen=True, slots=True)
class Figures:
    """What a week came to, and the one before: in each queue, and for those who have the tickets now, "" for nobody."""

    queues: defaultdict[str, Both] = field(default_factory=lambda: defaultdict(_nothing))
    agents: defaultdict[str, Both] = field(default_factory=lambda: defaultdict(_nothing))

    def add(self, queue: str, agent: str, both: Both) -> None:
        for mine in (self.queues[queue], self.agents[agent]):
            for figures, more in zip(mine, both, strict=True):
                figures.update(more)


@dataclass(frozen=True, slots=True)
class Week:
    """A week of a place, from Monday to Monday."""

    begin: datetime
    end: datetime


def queues_of(agent: Agent, desk: Desk) -> tuple[Queue, ...]:
    """Return the queues for which an agent gets the week's figures."""
    leads = {team.key for team in desk.teams.values() if team.lead == agent.key}
    return tuple(q for q in desk.queues.values() if q.weekly_mail and q.team in leads and q.mode == "live")


def readers(desk: Desk) -> list[Agent]:
    return [agent for agent in desk.agents.values() if queues_of(agent, desk)]


def due_at(agent: Agent, told_at: datetime, desk: Desk) -> datetime | None:
    """Return when a lead is told next who was told last, or seen first, at a moment."""
    day = told_at.astimezone(morning.zone_of(agent, desk)).date()
    sunday = day + timedelta(days=6 - day.weekday())
    opens = morning.next_here(agent, sunday, desk)
    return opens.astimezone(told_at.tzinfo) if opens else None


def weeks(agent: Agent, desk: Desk, now: datetime) -> tuple[Week, Week]:
    """Return the last week that is over, and the one before it."""
    zone = morning.zone_of(agent, desk)
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    ends = [_midnight(monday - n * WEEK, zone) for n in range(3)]
    return Week(ends[1], ends[0]), Week(ends[2], ends[1])


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone)


def counted(history: Iterable[Happened], week: Week) -> Counter[str]:
    """Return what a week counts of a ticket, by FIGURES and the "stars" of its rating; nothing of spam."""
    found: Counter[str] = Counter()
    is_open, is_spam, ended_at = False, False, None
    for at, what in history:
        if what in (SPAM, NO_SPAM):
            is_spam = what == SPAM  # the last word counts, in whatever week it was said
            continue
        if at >= week.end:
            continue
        if what == OPENED:
            found["new"] += at >= week.begin
        if what == OPENED or what in _OPEN:
            is_open = True
        elif what in _ENDED:
            is_open, ended_at = False, at if is_open else ended_at
        elif what.isdigit() and at >= week.begin:
            found["rated"], found["stars"] = 1, int(what)  # a newer one replaces it
        elif what:
            found[what] += at >= week.begin  # a promise
    found["open"] += is_open
    found["solved"] += not is_open and ended_at is not None and ended_at >= week.begin
    return Counter() if is_spam else found


def mail(
    agent: Agent,
    found: Figures,
    waiting: Asked,
    desk: Desk,
    language: str,
    now: datetime,
) -> list[SendMail]:
    """Return a lead's mail, none where nothing happened and nothing is open.

    Args:
        found: what was counted.
        waiting: tickets that wait for us.
    """
    language = agent.language_or(language)
    queues = queues_of(agent, desk)
    if not any(sum(figures.values()) for both in found.queues.values() for figures in both):
        return []
    week, zone = weeks(agent, desk, now)[0], morning.zone_of(agent, desk)
    first, last = week.begin.astimezone(zone).date(), week.end.astimezone(zone).date() - timedelta(days=1)
    values = {
        "first": wording.day(first, now.astimezone(zone).date(), language),
        "last": wording.day(last, now.astimezone(zone).date(), language),
        "queues": tuple({"name": queue.from_name or queue.key, **_beside(found.queues[queue.key])} for queue in queues),
        "agents": _of_agents(found, desk),
        "items": _longest(agent, waiting, desk, language, now),
    }
    return [SendMail("weekly", recipients.colleague(agent, language), queues[0].key, values=values)]


def _beside(both: Both) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {name: {"now": both[0][name], "before": both[1][name]} for name in FIGURES}
    return {**found, "stars": {"now": _average(both[0]), "before": _average(both[1])}}


def _average(figures: Counter[str]) -> float:
    return round(figures["stars"] / max(1, figures["rated"]), 1)


def _of_agents(found: Figures, desk: Desk) -> tuple[dict[str, object], ...]:
    """Return who solved how many and has how many, nobody last; nothing where only one would be named."""
    busy = {key: both for key, both in found.agents.items() if any(week[name] for week in both for name in OF_AGENTS)}
    names = {key: desk.agents[key].name or key if key else "" for key in busy}
    in_order = sorted(busy, key=lambda key: (not key, names[key])) if len(busy) > 1 else ()
    return tuple({"name": names[key], **_beside(busy[key])} for key in in_order)


def _longest(agent: Agent, waiting: Asked, desk: Desk, language: str, now: datetime) -> tuple[dict[str, object], ...]:
    """Return the tickets whose customers wait longest, as lists show them."""
    owed = ((number, timers.unanswered_since(past, now)) for number, past in waiting.histories.items())
    since = {number: at for number, at in owed if at is not None}
    oldest = sorted(since, key=lambda number: (since[number], number))[:MOST_SHOWN]
    rows = {row["number"]: row for row in listed_for(agent, waiting, desk, oldest, now, language)}
    zone = str(morning.zone_of(agent, desk))
    return tuple({**rows[one], "since": wording.moment(since[one], now, zone, language)} for one in oldest)
