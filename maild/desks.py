"""A desk at work: what the rule files say about it, and what the store and the templates add."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from maild.hours import written
from maild.hours.calendar import Calendar
from maild.hours.zones import FAR_PAST
from maild.site import rulefiles
from maild.site.errors import ConfigErrors
from maild.store import agents, rulesets
from maild.store.write import Store
from maild.ticket.desk import Agent, Desk

if TYPE_CHECKING:
    from maild.outbound.compose import Templates


def at_work(desk: Desk, store: Store, templates: "Templates", now: datetime) -> Desk:
    """Return a desk with its calendars' former versions, and what is known of each agent."""
    return _with_languages(with_known(_with_former_hours(desk, store, now), store), templates)


def _with_former_hours(desk: Desk, store: Store, now: datetime) -> Desk:
    """Give each calendar its former versions: what was open at a past moment never changes."""
    known: dict[str, list[tuple[int, Calendar]]] = {}
    for one in store.read(rulesets.hours):
        for key, calendar in _calendars(one, desk.timezone).items():
            versions = known.setdefault(key, [])
            if not versions or versions[-1][1] != calendar:
                versions.append((int(one.at.timestamp()) if versions else FAR_PAST, calendar))
    for key, calendar in desk.calendars.items():
        if key in known and known[key][-1][1] != calendar:  # not accepted yet
            known[key].append((int(now.timestamp()), calendar))
    joined = {
        key: Calendar.versioned(known[key]) if key in known else calendar for key, calendar in desk.calendars.items()
    }
    return replace(desk, calendars=joined)


def _calendars(one: rulesets.Hours, timezone: str) -> Mapping[str, Calendar]:
    if one.hours is not None:
        return written.read(one.hours)
    try:
        return rulefiles.from_texts(one.files, timezone).desk.calendars
    except ConfigErrors:  # written for another version of maild
        return {}


def with_known(desk: Desk, store: Store) -> Desk:
    """Give each agent his epoch and what was said about his absences, as the store has them now."""
    known, nothing = store.read(agents.known), agents.Known(0, ())
    now = {key: replace(one, **known.get(key, nothing)._asdict()) for key, one in desk.agents.items()}
    return desk if now == desk.agents else replace(desk, agents=now)


def _with_languages(desk: Desk, templates: "Templates") -> Desk:
    """Give each agent the language of his mails: the first that he speaks in which they are written."""

    def of(agent: Agent) -> str:
        return next((one for one in agent.languages if templates.written_in("ticket", one) == one), "")

    return replace(desk, agents={key: replace(agent, language=of(agent)) for key, agent in desk.agents.items()})
