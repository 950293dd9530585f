"""The office that works by a set of files: a site's own as they are now, or what was accepted once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from maild import desks
from maild.deciding.office import Office
from maild.hours import said, written
from maild.site import rulefiles
from maild.site.rulefiles import RuleSet
from maild.site.settings import Settings
from maild.site.templates import Templates
from maild.store import estimates, rulesets
from maild.store.write import Store
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
    house = replace(office.house, desk=desks.at_work(office.desk, store, files.templates, now))
    return replace(office, house=house, expected=store.read(estimates.known))


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
    return understood({**ruleset.files, said.FILE: spoken}, found)
