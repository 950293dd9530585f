"""A site, opened: its settings, rules, templates and store, wired together.

Every command begins here.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from maild import desks, lock
from maild.hours import said, written
from maild.hours.spans import Spell
from maild.message.model import Envelope
from maild.office import Office
from maild.site import proofread, rulefiles, settings
from maild.site.errors import ConfigErrors
from maild.site.rulefiles import RuleSet
from maild.site.settings import Settings
from maild.site.templates import Templates
from maild.store import estimates, schema, wakes
from maild.store import site as kept
from maild.store.engine import file_of
from maild.store.site import Numbers
from maild.store.write import Store
from maild.ticket.desk import Desk
from maild.ticket.house import House
from maild.ticket.token import Keyring

if TYPE_CHECKING:
    from maild.identity.evidence import Trust


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

    def with_known(self) -> "Opened":
        """Return the same with each agent as the store knows him now: revoked, away, back."""
        house = self.office.house
        desk = desks.with_known(house.desk, self.store)
        if desk is house.desk:
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
        return self.working_by(_understood(accepted, self.settings), now)

    def saying(self, new: Sequence[said.Said], now: datetime) -> "Opened":
        """Put hours of some dates in force, over those of the rule files, for every daemon of the site."""
        hours_of = partial(_hours_of, found=self.settings)
        files = self.store.write(partial(kept.say_hours, new=new, hours_of=hours_of, now=now))
        return self.working_by(_understood(files, self.settings), now)

    def working_by(self, ruleset: RuleSet, now: datetime) -> "Opened":
        """Return the same with a rule set that the store has as its newest; templates stay as they are."""
        version, house = self.store.read(kept.newest_version), self.office.house
        desk = replace(ruleset.desk, version=version, timezone=self.settings.site.timezone)
        desk = desks.at_work(desk, self.store, self.office.templates, now)
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
        ruleset = _understood(accepted, self.settings)
        keys, templates = settings.site_key(self.settings), Templates(self.folder)
        problems = proofread.problems(templates, ruleset.templates, ruleset.desk.queues)
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

    def exclusive(self, what: str) -> AbstractContextManager[None]:
        """Hold a SQLite site for this process; on PostgreSQL any number may work.

        Raises:
            SiteBusy: another process holds it.
        """
        return lock.held(self.settings.site.var, what) if self.store.sqlite else nullcontext()

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
        schema.make_ready(store.engine, found.database.url, found.site.var)
        version, is_new, _ = store.write(partial(_accept, ruleset=ruleset, found=found, now=now))
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
    problems = proofread.problems(templates, ruleset.templates, ruleset.desk.queues)
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
        SiteBusy: rules are to be put in force, or the database to be migrated, and another process works on the site.
    """
    found = settings.load(folder)
    if accept and found.database.url.startswith("sqlite"):
        lock.refuse_busy(found.site.var)
    keys = settings.site_key(found)
    store = Store(found.database.url)
    try:
        schema.make_ready(store.engine, found.database.url, found.site.var)
        ruleset, templates, refused = _rules_of(folder, found, keys, store, accept)
        office, ruleset = _office(found, store, keys, ruleset, templates, now or now_utc(), accept and not refused)
    except BaseException:
        store.close()
        raise
    return Opened(folder, found, store, keys, office, ruleset, Numbers(store, found.site.first_ticket), refused)


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
            return _understood(accepted, found), templates, SUPERSEDED
        return ruleset, templates, ""
    except ConfigErrors as problem:
        accepted = store.read(kept.newest_ruleset)
        if accepted is None:
            raise
        try:
            ruleset = _understood(accepted, found)
            return ruleset, Templates.kept(found.site.var / TEMPLATES, folder), str(problem)
        except ConfigErrors:  # written for another version of maild
            raise problem from None


def _understood(files: Mapping[str, str], found: Settings) -> RuleSet:
    """Return the rule set that texts, which were accepted once, say.

    Raises:
        ConfigErrors: they were written for another version of maild.
    """
    return rulefiles.from_texts(files, timezone=found.site.timezone)


def _hours_of(files: Mapping[str, str], found: Settings) -> str:
    return written.write(_understood(files, found).desk.calendars)


def _accept(connection: Connection, ruleset: RuleSet, found: Settings, now: datetime) -> kept.Accepted:
    return kept.accept_ruleset(connection, ruleset.files, partial(_hours_of, found=found), now)


def _with_said(ruleset: RuleSet, spoken: str, found: Settings) -> RuleSet:
    """Return a rule set with what was said of hours at the terminal."""
    if not spoken:
        return ruleset
    return _understood({**ruleset.files, said.FILE: spoken}, found)


def _spoken_at(url: str) -> tuple[str, Mapping[str, tuple[Spell, ...]]]:
    """Return what was said of a site's hours, and of agents' absences; nothing of a database that is not there yet."""
    file = file_of(url)
    if file is not None and not file.exists():
        return "", {}
    store = Store(url)
    try:
        version = schema.current(store.engine)
        agents = store.read(kept.agents) if version == schema.NEWEST else {}
        return store.read(kept.said_of_hours) if version else "", {key: one.said for key, one in agents.items()}
    finally:
        store.close()


def scratch(folder: Path, rules: Path | None, place: Path) -> Opened:
    """Open a copy of a site: its rules, said hours and absences, templates and keys, and an empty store of its own.

    Args:
        rules: a folder of rule files to use instead of the site's.
        place: an empty folder for the store; nothing of the site itself is written.

    Raises:
        ConfigErrors: settings, rules or templates cannot be meant.
    """
    found = settings.load(folder)
    spoken, absences = _spoken_at(found.database.url)
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
    store.write(partial(kept.keep_absences, said=absences))
    keys = settings.site_key(found)
    office, ruleset = _office(found, store, keys, ruleset, Templates(folder), now_utc(), accept=False)
    return Opened(folder, found, store, keys, office, ruleset, Numbers(store, found.site.first_ticket))


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
        version, is_new, files = store.write(partial(_accept, ruleset=ruleset, found=found, now=now))
        if files != ruleset.files:
            ruleset = _understood(files, found)
    else:
        version, is_new = store.read(kept.newest_version), False
    desk = replace(ruleset.desk, version=version, timezone=found.site.timezone)
    desk = desks.at_work(desk, store, templates, now)
    office = office_of(found, keys, ruleset, templates, desk, version)
    return replace(office, rules_changed=is_new, expected=store.read(estimates.known)), ruleset
