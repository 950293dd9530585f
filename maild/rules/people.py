"""Whom a rule means: the agent whose turn it is, and the places of `tell`."""

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from maild.rules.case import Case
from maild.ticket.desk import Agent

PLACES = ("assignee", "team", "lead", "manager")  # of `tell`, besides agents and addresses
IN_TURN = "round-robin"


def in_turn(case: Case) -> str:
    """Return the agent of the queue's team whose turn it is; "" where there is no team.

    Tickets go round by their numbers among those who are on duty and speak the customer's language;
    where there is none, among those on duty; where nobody is, among all.
    """
    on_duty = [agent for agent in case.team if _on_duty(agent, case)]
    speak = [agent for agent in on_duty if case.facts.language in agent.languages]
    among = speak or on_duty or case.team
    number = (case.ticket or case.facts.fresh).number
    return among[number % len(among)].key if among else ""


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
    return here not in agent.away and (calendar is None or calendar.is_open(int(now.timestamp())))
