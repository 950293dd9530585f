"""The office that works by a set of files: a site's own as they are now, or what was accepted once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from maild.deciding.office import Office
from maild.hours import special, written
from maild.hours.calendar import Calendar
from maild.hours.zones import FAR_PAST
from maild.site import rulefiles
from maild.site.errors import ConfigErrors
from maild.site.rulefiles import RuleSet
from maild.site.settings import Settings
from maild.site.templates import Templates
from maild.store import agents, estimates, rulesets
from maild.store.write import Store
from maild.ticket.desk import Agent, Desk
from maild.ticket.house import House
from maild.ticket.token import Keyring


@dataclass(frozen=True, slots=True)
class Files:
    """What the files of a site say, each kind as it was read."""

    settings: Settings
    keys: Keyring
    ruleset: RuleSet
    templates: Templates


def of(files: Files, version: int = 0) -> Office:
    """Return the office as its files alone make it: nothing is known of agents, and nothing of former hours."""
    found, templates = files.settings, files.templates
    desk = replace(files.ruleset.desk, timezone=found.site.timezone)
    return Office(
        House(found.site.name, found.site.domain, files.keys, desk),
        files.ruleset.rules,
        templates,
        found.site.agent_proof,
        found.site.language,
        version,
        relays=found.smtp.trusted_relays,
        operator=found.site.operator,
        languages=tuple(templates.languages()),
        ready=tuple(templates.ready_answers()),
    )


def at_work(files: Files, store: Store, now: datetime) -> Office:
    """Return the office by a set of rules that is the store's newest, or that is only looked at."""
    return _at_work(files, store, store.read(rulesets.newest_version), now)


def accepted(files: Files, store: Store, now: datetime) -> tuple[Files, Office]:
    """Put a set of rules in force.

    Returns:
        The files by which the office works, in which hours that were said stay said; and the office.
    """
    version, is_new, texts = store.write(partial(accept, files=files, now=now))
    if texts != files.ruleset.files:
        files = replace(files, ruleset=understood(texts, files.settings))
    return files, replace(_at_work(files, store, version, now), rules_changed=is_new)


def _at_work(files: Files, store: Store, version: int, now: datetime) -> Office:
    office = of(files, version)
    desk = with_known(_with_former_hours(office.desk, store, now), store)
    house = replace(office.house, desk=_with_languages(desk, files.templates))
    return replace(office, house=house, expected=store.read(estimates.known))


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


def _with_languages(desk: Desk, templates: Templates) -> Desk:
    """Give each agent the language of his mails: the first that he speaks in which they are written."""

    def read_by(agent: Agent) -> str:
        return next((one for one in agent.languages if templates.written_in("ticket", one) == one), "")

    return replace(desk, agents={key: replace(agent, language=read_by(agent)) for key, agent in desk.agents.items()})


def accept(connection: Connection, files: Files, now: datetime) -> rulesets.Accepted:
    """Keep a set of rules as the newest, in the caller's transaction."""
    hours_of = partial(hours_by, found=files.settings)
    return rulesets.accept(connection, files.ruleset.files, hours_of, now)


def hours_by(texts: Mapping[str, str], found: Settings) -> str:
    """Return what rule files say about hours, as it is kept."""
    return written.write(understood(texts, found).desk.calendars)


def understood(texts: Mapping[str, str], found: Settings) -> RuleSet:
    """Return the rule set that texts, which were accepted once, say.

    Raises:
        ConfigErrors: they were written for another version of maild.
    """
    return rulefiles.from_texts(texts, timezone=found.site.timezone)


def with_said(ruleset: RuleSet, spoken: str, found: Settings) -> RuleSet:
    """Return a rule set with what was said about hours at the terminal."""
    if not spoken:
        return ruleset
    return understood({**ruleset.files, special.FILE: spoken}, found)
