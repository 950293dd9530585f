"""The people a rule means: the agent whose turn it is, and the places of `tell`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from maild.rules.case import Case
from maild.ticket.desk import Agent
from maild.ticket.facts import NO_LOAD, Load


def in_turn(case: Case) -> str:
    """Return the agent who has waited longest for a ticket; "" where there is no team.

    Of those who are on duty and speak the customer's language; where there is none, of those on duty;
    where nobody is, of all.
    """
    return _first(_ready(case) or case.team, case, lambda load: load.last)


def least_loaded(case: Case) -> str:
    """Return the agent with the fewest open tickets, of the same people; the one in turn where they are even."""
    return _first(_ready(case) or case.team, case, lambda load: (load.open, load.last))


def on_duty(case: Case) -> str:
    """Return the one in turn of those on duty; "" where nobody is."""
    return _first(_ready(case), case, lambda load: load.last)


CHOOSE: Mapping[str, Callable[[Case], str]] = {"round-robin": in_turn, "least-loaded": least_loaded, "on-duty": on_duty}


def _first(among: Sequence[Agent], case: Case, key: Callable[[Load], Any]) -> str:
    loads = case.facts.seen.loads
    return min(among, key=lambda agent: key(loads.get(agent.key, NO_LOAD))).key if among else ""


def _ready(case: Case) -> Sequence[Agent]:
    """Return those of the team who are on duty and speak the customer's language; where none does, all on duty."""
    spoken = case.facts.spoken or case.facts.language
    on_duty_now = [agent for agent in case.team if _on_duty(agent, case)]
    return [agent for agent in on_duty_now if spoken in agent.languages] or on_duty_now


def told(places: Iterable[str], case: Case) -> Iterator[str]:
    """Return agents' keys and addresses for the places of `tell`."""
    team = case.facts.desk.teams.get(case.queue.team)
    for place in places:
        match place:
            case "assignee":
                yield case.assignee
            case "team":
                yield from (agent.key for agent in case.team)
            case "lead" | "manager":
                yield getattr(team, place, "")
            case _:
                yield place


def _on_duty(agent: Agent, case: Case) -> bool:
    """Tell whether an agent works now: by his calendar if he has one, and not on a day away."""
    desk, now = case.facts.desk, case.facts.now
    zone = desk.zones.get(agent.hours) or desk.zone_of(case.queue)
    calendar = desk.calendars.get(agent.hours)
    here = now.astimezone(ZoneInfo(zone)).date()
    return not agent.is_away_on(here) and (calendar is None or calendar.is_open(int(now.timestamp())))
