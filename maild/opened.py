"""A site, opened: its settings, rules, templates and store, wired together.

Every command begins here.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from maild import offices
from maild.deciding.office import Office
from maild.hours import special
from maild.message.model import Envelope
from maild.offices import Files, understood, with_said
from maild.site import keyfile, proofread, rulefiles, settings
from maild.site.errors import ConfigErrors
from maild.site.rulefiles import RuleSet
from maild.site.settings import Settings
from maild.site.templates import Templates
from maild.store import estimates, rulesets, schema, wakes
from maild.store.numbers import Numbers
from maild.store.write import Store
from maild.system import lock

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
    files: Files  # by which it works
    store: Store
    office: Office
    numbers: Numbers
    refused: str = ""  # why its files as they are were not taken; what was accepted last is in force

    @property
    def settings(self) -> Settings:
        return self.files.settings

    def reloaded(self, now: datetime) -> "Opened":
        """Read rules, templates and keys again, all or nothing.

        Raises:
            ConfigErrors: something in them cannot be meant; the old ones stay in force.
        """
        files = inspected(self.folder, self.settings)
        files.templates.keep(self.settings.site.var / TEMPLATES)
        files, office = offices.accepted(files, self.store, now)
        return replace(self, files=files, office=office, refused="")

    def with_known(self) -> "Opened":
        """Return the same with each agent as the store knows him now: revoked, away, back."""
        house = self.office.house
        desk = offices.with_known(house.desk, self.store)
        if desk is house.desk:
            return self
        return replace(self, office=replace(self.office, house=replace(house, desk=desk)))

    def with_experience(self) -> "Opened":
        """Return the same with what was reckoned last of the time of an answer."""
        expected = self.store.read(estimates.known)
        if expected == self.office.expected:
            return self
        return replace(self, office=replace(self.office, expected=expected))

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
        accepted = self.store.read(rulesets.newest)
        if accepted is None:
            return self.reloaded(now)
        return self.working_by(understood(accepted, self.settings), now)

    def saying(self, new: Sequence[special.SpecialHours], now: datetime) -> "Opened":
        """Put hours of some dates in force, over those of the rule files, for every daemon of the site."""
        hours_of = partial(offices.hours_by, found=self.settings)
        files = self.store.write(partial(rulesets.say_hours, new=new, hours_of=hours_of, now=now))
        return self.working_by(understood(files, self.settings), now)

    def working_by(self, ruleset: RuleSet, now: datetime) -> "Opened":
        """Return the same with a rule set that the store has as its newest; templates stay as they are."""
        files = replace(self.files, ruleset=ruleset)
        return replace(self, files=files, office=offices.at_work(files, self.store, now))

    def is_behind(self) -> bool:
        """Whether others work by newer rules."""
        return self.store.read(rulesets.newest_version) != self.office.ruleset

    def agreed(self, now: datetime) -> "Opened":
        """Take the rules that were accepted last, by whomever; templates and keys are each machine's own.

        Raises:
            ConfigErrors: they were written for another version of maild.
        """
        accepted = self.store.read(rulesets.newest)
        if accepted is None:
            return self
        ruleset, templates = understood(accepted, self.settings), Templates(self.folder)
        problems = proofread.problems(templates, ruleset.templates, ruleset.desk.queues)
        if problems:
            templates = Templates.kept(self.settings.site.var / TEMPLATES, self.folder)
        else:
            templates.keep(self.settings.site.var / TEMPLATES)
        files = Files(self.settings, keyfile.read(self.settings), ruleset, templates)
        office = offices.at_work(files, self.store, now)
        return replace(self, files=files, office=office, refused=str(ConfigErrors(problems)))

    def trusted(self) -> "Callable[[Envelope], Trust]":
        """Return whose word on a sender counts; it depends on the way in: our own server's, or a mailbox provider's."""
        from maild.identity.evidence import Trust  # and with it all of the DNS

        relays = self.office.relays
        ways = {"": self.settings.smtp} | {mailbox.name: mailbox for mailbox in self.settings.imap}
        trusts = {
            name: Trust(way.trusted_authserv_ids, way.trusted_received_lines, relays) for name, way in ways.items()
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


def open_site(folder: Path, now: datetime | None = None) -> Opened:
    """Open a site to look into it, or to do one thing; what its files say now is not thereby in force.

    Raises:
        ConfigErrors: settings, rules or templates cannot be meant.
        DatabaseError: the database must be migrated, or is newer than this program.
        SiteBusy: the database is to be migrated, and another process works on the site.
    """
    found = settings.load(folder)
    with _store_of(found) as store:
        ruleset = rulefiles.load(folder / "rules", timezone=found.site.timezone)
        ruleset = with_said(ruleset, store.read(rulesets.said_of_hours), found)
        files = Files(found, keyfile.read(found), ruleset, Templates(folder))
        office = offices.at_work(files, store, now or now_utc())
        return Opened(folder, files, store, office, Numbers(store, found.site.first_ticket))


def open_for_work(folder: Path, now: datetime | None = None) -> Opened:
    """Open a site and put its rule files in force; if they are refused, what was accepted last stays in force.

    Raises:
        ConfigErrors: they cannot be meant or fail their tests, and none were accepted before.
        DatabaseError: the database must be migrated, or is newer than this program.
        SiteBusy: another process works on the site.
    """
    found = settings.load(folder)
    if found.database.is_sqlite:
        lock.refuse_busy(found.site.var)
    with _store_of(found) as store:
        files, refused = _files_to_work_by(folder, found, store)
        if refused:
            office = offices.at_work(files, store, now or now_utc())
        else:
            files, office = offices.accepted(files, store, now or now_utc())
        return Opened(folder, files, store, office, Numbers(store, found.site.first_ticket), refused)


def _files_to_work_by(folder: Path, found: Settings, store: Store) -> tuple[Files, str]:
    """Return a site's files, or those that were accepted last and why its own are not they."""
    try:
        files = inspected(folder, found)
        files.templates.keep(found.site.var / TEMPLATES)
        accepted = None if store.sqlite else store.read(rulesets.newest)
        if accepted is not None and store.read(partial(rulesets.superseded, files=files.ruleset.files)):
            return replace(files, ruleset=understood(accepted, found)), SUPERSEDED
        return files, ""
    except ConfigErrors as problem:
        accepted = store.read(rulesets.newest)
        if accepted is None:
            raise
        try:
            keys, ruleset = keyfile.read(found), understood(accepted, found)
            return Files(found, keys, ruleset, Templates.kept(found.site.var / TEMPLATES, folder)), str(problem)
        except ConfigErrors:  # written for another version of maild
            raise problem from None


def inspected(folder: Path, found: Settings) -> Files:
    """Read a site's rules and templates, render every template and run every test of a rule.

    Raises:
        ConfigErrors: everything that is wrong with them.
    """
    ruleset = rulefiles.load(folder / "rules", timezone=found.site.timezone)
    files = Files(found, keyfile.read(found), ruleset, Templates(folder))
    problems = proofread.problems(files.templates, ruleset.templates, ruleset.desk.queues)
    from maild.deciding import trial  # and with it all that judges mails: a verb that only looks need not wait for that

    problems += trial.failures(offices.of(files), folder / "rules")
    if problems:
        raise ConfigErrors(problems)
    return files


def accept_for_all(folder: Path, now: datetime) -> int:
    """Put the rule files of a folder in force for every daemon of a PostgreSQL site; return their version.

    Raises:
        ConfigErrors: something in them cannot be meant; the old ones stay in force.
    """
    found = settings.load(folder)
    files = inspected(folder, found)
    with _store_of(found) as store, closing(store):
        version, is_new, _ = store.write(partial(offices.accept, files=files, now=now))
        if not is_new:  # templates may be new
            store.write(partial(wakes.tell, loop=wakes.RULES))
    return version


@contextmanager
def _store_of(found: Settings) -> Iterator[Store]:
    """Open a site's store; it stays open unless what is done with it fails."""
    store = Store(found.database.url)
    try:
        schema.make_ready(store.engine, found.database.url, found.site.var)
        yield store
    except BaseException:
        store.close()
        raise
