"""`#away` and `#back`: on which days an agent is not here, said by himself or by a lead.

It stands over what the rule files say about those days, ends by itself, and does what an absence there does: what comes
in for him is sent to his team, too, ladders tell the next in line, rules give him nothing new.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from maild.agents import morning
from maild.agents.deeds import agent_called, agent_first
from maild.agents.model import ROLES, Deed, View, Where
from maild.agents.syntax import CommandError
from maild.hours import spans, wording
from maild.hours.instants import MomentError
from maild.hours.spans import Days, Spell
from maild.ticket import recipients
from maild.ticket.desk import Agent, Desk
from maild.ticket.plan import Absence, SendMail


def away(where: Where, rest: str) -> Sequence[Deed]:
    return _shown(where, *_of_whom(where, rest, "away"), away=True)


def back(where: Where, rest: str) -> Sequence[Deed]:
    return _shown(where, *_of_whom(where, rest, "back"), away=False)


def said_of(
    agent: Agent,
    words: str,
    desk: Desk,
    now: datetime,
    away: bool,
    by: str = "the operator",
    written_at: datetime | None = None,
) -> Absence:
    """Return what is said about an agent.

    Args:
        words: the days, "" for today; he is back from one of them on, or on several.
        written_at: as of when they are meant, None for now.

    Raises:
        CommandError: they cannot be meant, or he is not away then.
    """
    zone = morning.zone_of(agent, desk)
    today = now.astimezone(zone).date()
    written_on = (written_at or now).astimezone(zone).date()
    days = _days(words, today, written_on if away or words else today)  # back is for good
    return Absence(agent.key, Spell(days if away else _back(agent, days, today), away), by)


def told(absences: Iterable[Absence], desk: Desk, by: Agent | None, now: datetime, language: str) -> list[SendMail]:
    """Tell those of whom somebody else said it.

    Args:
        by: None for the operator, at the terminal.
        language: of colleagues who have named none.
    """
    return [
        SendMail(
            "away",
            recipients.colleague(agent, language),
            morning.queue_of(agent, desk).key,
            values=_values(one, desk, now, agent.language_or(language), agent)
            | {"by_name": by.name if by else "", "inside": False},
            note=True,
            apart=True,
        )
        for one in absences
        if (agent := desk.agents[one.agent]) != by
    ]


def _of_whom(where: Where, rest: str, word: str) -> tuple[Agent, str]:
    """Return the agent who is meant, and what follows his name."""
    named, words = _named(where, rest)
    agent = named or where.agent_for(word)
    if where.agent not in (None, agent) and not _leads(where.agent, agent, where.desk):
        raise CommandError("only a lead says of a colleague that he is away, or back")
    return agent, words


def _named(where: Where, rest: str) -> tuple[Agent | None, str]:
    words = rest.split()
    if not words or words[0].lower() == "me":
        return None, " ".join(words[1:])
    try:
        spans.parse(rest, where.now.date())
    except MomentError:
        found = agent_first(where.desk, rest)
        if found is None and "@" in words[0]:
            agent_called(where.desk, words[0])  # which tells who there is
        return found or (None, rest)
    return None, rest


def _leads(who: Agent | None, agent: Agent, desk: Desk) -> bool:
    if who is None or ROLES.index(who.role) >= ROLES.index("lead"):
        return True
    return any(agent.key in team.members and who.key in (team.lead, team.manager) for team in desk.teams.values())


def _days(words: str, today: date, written_on: date) -> Days:
    try:
        return spans.parse(words, today, written_on)
    except MomentError as problem:
        raise CommandError(problem.words, *problem.values) from None


def _back(agent: Agent, meant: Days, today: date) -> Days:
    """Return the days on which he is here after all: one day alone begins the rest of his absence."""
    known = agent.absences(today)
    stretch = next((one for one in known if one.first <= meant.first <= one.last), None)
    if stretch is not None:
        return Days(meant.first, stretch.last) if meant.first == meant.last else meant
    if not known:
        raise CommandError("{} is not away on any day to come", agent.name)
    raise CommandError("{} is not away on {}, but: {}", agent.name, meant, ", ".join(map(str, known)))


def _shown(where: Where, agent: Agent, words: str, away: bool) -> Sequence[Deed]:
    said = said_of(agent, words, where.desk, where.now, away, where.by, where.written_at)
    return [said, View("away", _values(said, where.desk, where.now, where.language, where.agent))]


def _values(said: Absence, desk: Desk, now: datetime, language: str, reader: Agent | None) -> dict[str, object]:
    agent, spell = desk.agents[said.agent], said.spell
    first, last = spell.days.first, spell.days.last
    today = now.astimezone(morning.zone_of(agent, desk)).date()
    then = replace(agent, said=spans.joined(agent.said, spell, today))
    opens = morning.next_here(then, last, desk)
    ends = last != first if spell.away else then.is_away_on(last + timedelta(days=1))
    return {
        "agent_name": agent.name,
        "by_name": "",
        "mine": agent == reader,
        "here": not spell.away,
        "first": wording.day(first, today, language),
        "last": wording.day(last, today, language) if ends else "",
        "back": wording.day(opens.date(), today, language) if opens else "",
        "colleagues": tuple(one.name for one in _instead(agent, first, desk)),
    }


def _instead(agent: Agent, day: date, desk: Desk) -> list[Agent]:
    """Return the people who get an agent's incoming mail while he is away."""
    team = (one for queue in morning.queues_of(agent, desk) for one in desk.team_of(queue))
    return list(dict.fromkeys(o for o in team if o != agent and o.notify == "every" and not o.is_away_on(day)))
