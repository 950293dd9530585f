"""A site, opened: its settings, rules, templates and store, wired together.

Every command begins here.  `exclusive` takes the lock that keeps a second daemon off a SQLite site.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from maild.hours import said
from maild.hours.calendar import Calendar
from maild.hours.zones import FAR_PAST
from maild.message.model import Envelope
from maild.office import Office
from maild.outbound import compose
from maild.site import rulefiles, settings
from maild.site.errors import ConfigErrors
from maild.site.rulefiles import RuleSet
from maild.site.settings import Settings
from maild.site.templates import Templates
from maild.store import estimates, schema, wakes
from maild.store import site as kept
from maild.store.engine import file_of
from maild.store.site import Numbers
from maild.store.write import Store
from maild.ticket.desk import Agent, Desk
from maild.ticket.house import House
from maild.ticket.token import Keyring

if TYPE_CHECKING:
    from maild.identity.evidence import Trust


class SiteBusy(Exception):
    """Another maild works on this SQLite site; the text says which."""


TEMPLATES = "templates.json"  # the site's own that were accepted last, in the folder of its state
SUPERSEDED = (
    "the rule files in this folder were in force once, and another daemon of this site has newer ones, which stay; "
    "copy those here, or say `maild reload` if the old ones are to come back"
)


def now_utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Opened:
    """A site at work.  `office` is what deciding needs; `reloaded` gives the next one."""

    folder: Path
    settings: Settings
    store: Store
    keys: Keyring
    office: Office
    ruleset: RuleSet
    numbers: Numbers
    refused: str = ""  # why the rule files as they are were not taken; those accepted last are in force

    def reloaded(self, now: datetime) -> "Opened":
        """Read rules, templates and keys again, all or nothing.

        Raises:
            ConfigErrors: something in them cannot be meant; the old ones stay in force.
        """
        keys = settings.site_key(self.settings)
        ruleset, templates = inspected(self.folder, self.settings, keys)
        templates.keep(self.settings.site.var / TEMPLATES)
        office, ruleset = _office(self.settings, self.store, keys, ruleset, templates, now, accept=True)
        return replace(self, keys=keys, office=office, ruleset=ruleset, refused="")

    def with_revocations(self) -> "Opened":
        """Return the same with each agent's epoch as the store has it now."""
        house = self.office.house
        desk = with_epochs(house.desk, self.store)
        if all(desk.agents[key].epoch == agent.epoch for key, agent in house.desk.agents.items()):
            return self
        return replace(self, office=replace(self.office, house=replace(house, desk=desk)))

    def with_experience(self) -> "Opened":
        """Return the same with what was reckoned last of the time of an answer."""
        expected = self.store.read(estimates.known)
        return (
            self if expected == self.office.expected else replace(self, office=replace(self.office, expected=expected))
        )

    def with_said_hours(self, now: datetime) -> "Opened":
        """Return the same with what `maild hours close` and `open` said meanwhile.

        On SQLite they alone change rules beside the daemon; on PostgreSQL it hears of every change.
        """
        if not self.store.sqlite or not self.is_behind():
            return self
        return self.in_force(now)

    def in_force(self, now: datetime) -> "Opened":
        """Return the same with the rules that were accepted last; where none were, its own are, if they pass.

        Raises:
            ConfigErrors: they do not, or those were written for another version of maild.
        """
        accepted = self.store.read(kept.newest_ruleset)
        if accepted is None:
            return self.reloaded(now)
        return self.working_by(rulefiles.from_texts(accepted, timezone=self.settings.site.timezone), now)

    def saying(self, new: Sequence[said.Said], now: datetime) -> "Opened":
        """Put hours of some dates in force, over those of the rule files, for every daemon of the site."""
        files = self.store.write(partial(kept.say_hours, new=new, now=now))
        return self.working_by(rulefiles.from_texts(files, timezone=self.settings.site.timezone), now)

    def working_by(self, ruleset: RuleSet, now: datetime) -> "Opened":
        """Return the same with a rule set that the store has as its newest; templates stay as they are."""
        version, house = self.store.read(kept.newest_version), self.office.house
        desk = replace(ruleset.desk, version=version, timezone=self.settings.site.timezone)
        desk = with_languages(with_epochs(with_former_hours(desk, self.store, now), self.store), self.office.templates)
        office = replace(self.office, house=replace(house, desk=desk), rules=ruleset.rules, ruleset=version)
        return replace(self, office=office, ruleset=ruleset)

    def is_behind(self) -> bool:
        """Whether others work by newer rules."""
        return self.store.read(kept.newest_version) != self.office.ruleset

    def agreed(self, now: datetime) -> "Opened":
        """Take the rules that were accepted last, by whomever; templates and keys are each machine's own.

        Raises:
            ConfigErrors: they were written for another version of maild.
        """
        accepted = self.store.read(kept.newest_ruleset)
        if accepted is None:
            return self
        ruleset = rulefiles.from_texts(accepted, timezone=self.settings.site.timezone)
        keys, templates = settings.site_key(self.settings), Templates(self.folder)
        problems = templates.check(ruleset.templates, ruleset.desk.queues)
        if problems:
            templates = Templates.kept(self.settings.site.var / TEMPLATES, self.folder)
        else:
            templates.keep(self.settings.site.var / TEMPLATES)
        office, ruleset = _office(self.settings, self.store, keys, ruleset, templates, now, accept=False)
        return replace(self, keys=keys, office=office, ruleset=ruleset, refused=str(ConfigErrors(problems)))

    def trusted(self) -> "Callable[[Envelope], Trust]":
        """Return whose word on a sender counts; it depends on the way in: our own server's, or a mailbox provider's."""
        from maild.identity.evidence import Trust  # and with it all of the DNS

        relays = self.office.relays
        ways = {"": self.settings.smtp} | {mailbox.name: mailbox for mailbox in self.settings.imap}
        trusts = {
            name: Trust(tuple(way.trusted_authserv_ids), way.trusted_received_lines, relays)
            for name, way in ways.items()
        }
        return lambda envelope: trusts.get(envelope.account, Trust(relays=relays))

    def close(self) -> None:
        self.store.close()

    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, *_what: object) -> None:
        self.close()


def accept_for_all(folder: Path, now: datetime) -> int:
    """Put the rule files of a folder in force for every daemon of a PostgreSQL site; return their version.

    Raises:
        ConfigErrors: something in them cannot be meant; the old ones stay in force.
    """
    found = settings.load(folder)
    ruleset, _ = inspected(folder, found, settings.site_key(found))
    store = Store(found.database.url)
    try:
        schema.make_ready(store.engine, found.database.url)
        version, is_new, _ = store.write(partial(kept.accept_ruleset, files=ruleset.files, now=now))
        if not is_new:  # templates may be new
            store.write(partial(wakes.tell, loop=wakes.RULES))
    finally:
        store.close()
    return version


def inspected(folder: Path, found: Settings, keys: Keyring) -> tuple[RuleSet, Templates]:
    """Read a site's rules and templates, render every template and run every test of a rule.

    Raises:
        ConfigErrors: everything that is wrong with them.
    """
    ruleset = rulefiles.load(folder / "rules", timezone=found.site.timezone)
    templates = Templates(folder)
    problems = templates.check(ruleset.templates, ruleset.desk.queues)
    from maild import trial  # and with it all that judges mails: who only looks need not wait for that

    problems += trial.failures(office_of(found, keys, ruleset, templates, ruleset.desk), folder / "rules")
    if problems:
        raise ConfigErrors(problems)
    return ruleset, templates


def open_site(folder: Path, now: datetime | None = None, accept: bool = False) -> Opened:
    """Open a site.

    Args:
        accept: the rule files are to be in force from now on; those that cannot be meant or fail their
            tests are refused, and the ones that were accepted last stay in force.

    Raises:
        ConfigErrors: settings, rules or templates cannot be meant, and none were accepted before.
        DatabaseError: the database must be migrated, or is newer than this program.
    """
    found = settings.load(folder)
    keys = settings.site_key(found)
    store = Store(found.database.url)
    try:
        schema.make_ready(store.engine, found.database.url)
        ruleset, templates, refused = _rules_of(folder, found, keys, store, accept)
        office, ruleset = _office(found, store, keys, ruleset, templates, now or now_utc(), accept and not refused)
    except BaseException:
        store.close()
        raise
    return Opened(folder, found, store, keys, office, ruleset, Numbers(store), refused)


def _rules_of(
    folder: Path, found: Settings, keys: Keyring, store: Store, accept: bool
) -> tuple[RuleSet, Templates, str]:
    """Return a site's rules and templates, and why those of its files are not they."""
    if not accept:
        ruleset = rulefiles.load(folder / "rules", timezone=found.site.timezone)
        return _with_said(ruleset, store.read(kept.said_of_hours), found), Templates(folder), ""
    try:
        ruleset, templates = inspected(folder, found, keys)
        templates.keep(found.site.var / TEMPLATES)
        accepted = None if store.sqlite else store.read(kept.newest_ruleset)
        if accepted is not None and store.read(partial(kept.superseded, files=ruleset.files)):
            return rulefiles.from_texts(accepted, timezone=found.site.timezone), templates, SUPERSEDED
        return ruleset, templates, ""
    except ConfigErrors as problem:
        accepted = store.read(kept.newest_ruleset)
        if accepted is None:
            raise
        try:
            ruleset = rulefiles.from_texts(accepted, timezone=found.site.timezone)
            return ruleset, Templates.kept(found.site.var / TEMPLATES, folder), str(problem)
        except ConfigErrors:  # written for another version of maild
            raise problem from None


def _with_said(ruleset: RuleSet, spoken: str, found: Settings) -> RuleSet:
    """Return a rule set with what was said of hours at the terminal."""
    if not spoken:
        return ruleset
    return rulefiles.from_texts({**ruleset.files, said.FILE: spoken}, timezone=found.site.timezone)


def _spoken_at(url: str) -> str:
    """Return what was said of a site's hours; "" if it has no database yet, which is not made here."""
    file = file_of(url)
    if file is not None and not file.exists():
        return ""
    store = Store(url)
    try:
        return store.read(kept.said_of_hours) if schema.current(store.engine) else ""
    finally:
        store.close()


def scratch(folder: Path, rules: Path | None, place: Path) -> Opened:
    """Open a copy of a site that has its rules, said hours, templates and keys, and an empty store of its own.

    Args:
        rules: a folder of rule files to use instead of the site's.
        place: an empty folder for the store; nothing of the site itself is written.

    Raises:
        ConfigErrors: settings, rules or templates cannot be meant.
    """
    found = settings.load(folder)
    spoken = _spoken_at(found.database.url)
    found = found.model_copy(
        update={
            "database": found.database.model_copy(update={"url": f"sqlite:///{place}/maild.db"}),
            "site": found.site.model_copy(update={"var": place}),
            "workers": found.workers.model_copy(update={"processes": 0}),
        }
    )
    ruleset = _with_said(rulefiles.load(rules or folder / "rules", timezone=found.site.timezone), spoken, found)
    store = Store(found.database.url, durable=False)
    schema.make_ready(store.engine, found.database.url)
    keys = settings.site_key(found)
    office, ruleset = _office(found, store, keys, ruleset, Templates(folder), now_utc(), accept=False)
    return Opened(folder, found, store, keys, office, ruleset, Numbers(store))


def office_of(
    found: Settings, keys: Keyring, ruleset: RuleSet, templates: Templates, desk: Desk, version: int = 0
) -> Office:
    """Return the office that works by a set of rules."""
    return Office(
        House(found.site.name, found.site.domain, keys, replace(desk, timezone=found.site.timezone)),
        ruleset.rules,
        templates,
        found.site.agent_proof,
        found.site.language,
        version,
        relays=tuple(str(one) for one in found.smtp.trusted_relays),
        operator=found.site.operator,
        languages=tuple(templates.languages()),
        ready=tuple(templates.ready_answers()),
    )


def _office(
    found: Settings,
    store: Store,
    keys: Keyring,
    ruleset: RuleSet,
    templates: Templates,
    now: datetime,
    accept: bool,
) -> tuple[Office, RuleSet]:
    """Make the office that works by a rule set; one that is accepted is kept with its version.

    Returns:
        The office, and the rule set by which it works: hours that were said stay said.
    """
    if accept:
        version, is_new, files = store.write(partial(kept.accept_ruleset, files=ruleset.files, now=now))
        if files != ruleset.files:
            ruleset = rulefiles.from_texts(files, timezone=found.site.timezone)
    else:
        version, is_new = store.read(kept.newest_version), False
    desk = replace(ruleset.desk, version=version, timezone=found.site.timezone)
    desk = with_languages(with_epochs(with_former_hours(desk, store, now), store), templates)
    office = office_of(found, keys, ruleset, templates, desk, version)
    return replace(office, rules_changed=is_new, expected=store.read(estimates.known)), ruleset


def with_former_hours(desk: Desk, store: Store, now: datetime) -> Desk:
    """Give each calendar its former versions: what was open at a past moment never changes."""
    accepted = store.read(kept.rulesets)
    if not accepted:
        return desk
    known: dict[str, list[tuple[int, Calendar]]] = {}
    for _, at, files in accepted:
        try:
            calendars = rulefiles.from_texts(files, timezone=desk.timezone).desk.calendars
        except ConfigErrors:
            continue  # written for another version of maild
        for key, calendar in calendars.items():
            versions = known.setdefault(key, [])
            if not versions or versions[-1][1] != calendar:
                versions.append((int(at.timestamp()) if versions else FAR_PAST, calendar))
    for key, calendar in desk.calendars.items():
        if key in known and known[key][-1][1] != calendar:  # not accepted yet
            known[key].append((int(now.timestamp()), calendar))
    joined = {
        key: Calendar.versioned(known[key]) if key in known else calendar for key, calendar in desk.calendars.items()
    }
    return replace(desk, calendars=joined)


def with_epochs(desk: Desk, store: Store) -> Desk:
    """Give each agent the epoch that the store keeps for him."""
    epochs = store.read(kept.epochs)
    agents = {key: replace(agent, epoch=epochs.get(key, 0)) for key, agent in desk.agents.items()}
    return replace(desk, agents=agents)


def with_languages(desk: Desk, templates: compose.Templates) -> Desk:
    """Give each agent the language of his mails: the first that he speaks in which they are written."""

    def of(agent: Agent) -> str:
        return next((one for one in agent.languages if templates.written_in("ticket", one) == one), "")

    return replace(desk, agents={key: replace(agent, language=of(agent)) for key, agent in desk.agents.items()})


@contextmanager
def exclusive(opened: Opened, what: str) -> Iterator[None]:
    """Hold a SQLite site for this process; on PostgreSQL any number may work.

    Raises:
        SiteBusy: another process holds it.
    """
    if not opened.store.sqlite:
        yield
        return
    with locked(opened.settings.site.var, what):
        yield


@contextmanager
def locked(var: Path, what: str) -> Iterator[None]:
    """Hold the state of a SQLite site for this process.

    Raises:
        SiteBusy: another process holds it.
    """
    path = var / "lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SiteBusy(_who(file, path)) from None
        file.truncate(0)
        file.write(f"maild {what}, process {os.getpid()}")
        file.flush()
        yield
        file.truncate(0)


def _who(file: IO[str], path: Path) -> str:
    file.seek(0)
    holder = file.read(200) or "another process"
    return f"{holder} works on this site already (it holds {path}); stop it first, or use PostgreSQL for several"
