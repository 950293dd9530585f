"""What of a site works but can hardly be meant, each with what to do about it: the warnings of `check`."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from maild import offices
from maild.deciding import trial
from maild.hours import holidays
from maild.offices import Files
from maild.opened import Opened, now_utc
from maild.outbound import command
from maild.rules import analysis
from maild.site import keyfile, proofread, secret
from maild.site.rulefiles import RuleSet
from maild.site.settings import Settings
from maild.store import intake, rulesets

MOST_HOLIDAYS = 10
ARCHIVE = 300  # mails at which a check looks


def of_site(opened: Opened, files: Files) -> Iterator[str]:
    """Return the warnings, in words."""
    found, ruleset, languages = opened.settings, files.ruleset, files.templates.languages()
    yield from map(str, (*ruleset.warnings, *proofread.warnings(files.templates, found.site.language)))
    for rule in ruleset.rules:
        for what in analysis.unsaid(rule.then, languages):
            yield f"{rule.place}: rule {rule.name!r}: {what}"
    alarm = found.outgoing.alarm_command
    if alarm and not command.is_there(alarm, opened.folder):
        yield f"outgoing.alarm_command: {alarm[0]}: no such program, or not executable"
    for one in found.signing_keys:
        if one.is_open():
            yield f"DKIM key of {one.domain}: others may read {one.path}: chmod 600 {one.path}"
    key = keyfile.path_of(found)
    if key.stat().st_mode & 0o077:
        yield f"others may read {key}, and write valid reply addresses: chmod 600 {key}"
    yield from _open_passwords(found, opened.folder)
    if found.site.language not in languages:
        yield (
            f"site.language: there are no templates in {found.site.language}, so nobody is written to in it: "
            f"write templates/{found.site.language}/, or {' or '.join(languages)} in its place"
        )
    queue = ruleset.desk.queue_at(found.site.operator)
    if queue is not None:
        yield (
            f"site.operator: {found.site.operator} is an address of queue {queue.key}: what the operator is told would "
            "come back here, and be held; write the address of a person"
        )
    elif opened.store.read(partial(intake.came_to, address=found.site.operator, count=ARCHIVE)):
        yield (
            f"site.operator: mail to {found.site.operator} comes here, so that what the operator is told comes back, "
            "and nobody reads it; write the address of a person at another domain"
        )
    yield from _answers_that_wait(found, ruleset)
    yield from _swallowed(opened, files)
    yield from map(str, ruleset.missing(now_utc().date()))
    yield from _other_holidays(opened, ruleset)


def _open_passwords(found: Settings, folder: Path) -> Iterator[str]:
    names = {found.outgoing.password_file, *(one.password_file for one in found.imap)} - {""}
    for password in sorted(secret.path(name, folder.absolute()) for name in names):
        if password.is_file() and password.stat().st_mode & 0o007:
            yield f"everybody here may read {password}: chown it to the user that runs maild, and chmod 600 {password}"


def _answers_that_wait(found: Settings, ruleset: RuleSet) -> Iterator[str]:
    """With neither an address of their own to answer to nor a log-in, agents are believed nothing."""
    if found.smtp.tls_cert or found.smtp.trusted_authserv_ids or any(one.trusted_authserv_ids for one in found.imap):
        return
    for queue in ruleset.desk.queues.values():
        if queue.reply_address == "none":
            yield (
                f"queue {queue.key}: with reply_address: none, each answer of an agent waits for `maild held release` "
                "until they can log in to send ([smtp] tls_cert, submission)"
            )


def _other_holidays(opened: Opened, ruleset: RuleSet) -> list[str]:
    """Return what the installed package says otherwise than the one by which the rules in force were accepted."""
    accepted = opened.store.read(rulesets.newest) or {}
    former, lines = holidays.read(accepted.get(holidays.FILE, "")), []
    for name, days in holidays.read(ruleset.files.get(holidays.FILE, "")).items():
        changed = holidays.differences(former[name], days) if name in former else ()
        lines += [f"{days.source}: {one}" for one in changed[:MOST_HOLIDAYS]]
        if len(changed) > MOST_HOLIDAYS:
            lines.append(f"{days.source}: and {len(changed) - MOST_HOLIDAYS} dates more")
    return [f"{line} (from the next start or reload on)" for line in lines]


def _swallowed(opened: Opened, files: Files) -> list[str]:
    """Return what the rules, as the files are now, would have done away with of the mail that came of late."""
    if not trial.may_swallow(files.ruleset.rules):
        return []
    office = offices.of(files)
    with opened.store.reading() as connection:
        return [str(one) for one in trial.swallowing(office, intake.newest(connection, ARCHIVE))]
