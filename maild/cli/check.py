"""`check`, `schema`: whether a site is as it must be."""

import dataclasses
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import click

from maild import retiming
from maild.cli import FOUND_WRONG, connect, counted, maild, show, site_options, warnings
from maild.cli import probe as probing
from maild.identity.signing import KeyTrouble
from maild.offices import Files
from maild.opened import Opened, inspected, now_utc, open_site
from maild.retiming import Mended
from maild.site import rulefiles, settings
from maild.site.errors import ConfigErrors
from maild.site.rulefiles import RuleSet
from maild.site.settings import Settings
from maild.store import checkpoint, folded, ledger, tickets, timers
from maild.store.prepared import parted


@maild.command("check")
@click.option(
    "--ledger", is_flag=True, help="Every mail that was received is accounted for, every ticket is as its history says."
)
@click.option(
    "--connect", "connect_too", is_flag=True, help="Log in to every server; read DKIM, SPF and DMARC in the DNS."
)
@click.option("--probe", is_flag=True, help="Send a mail to each queue's reply address, and see how it comes back.")
@click.option("--wait", default=120.0, show_default=True, metavar="SECONDS", help="How long --probe waits for them.")
@click.option(
    "--rebuild", is_flag=True, help="Make tickets and timers what their histories make them; tells what differed."
)
@site_options
def check_(
    ledger: bool, connect_too: bool, probe: bool, wait: float, rebuild: bool, folder: Path, as_json: bool
) -> None:
    """Check settings, rules and their tests, templates and the store; exit status 1 when something is wrong.

    --probe needs the daemon: the mails leave by the next mail server and come back as customers' answers do.

    \b
    Example:  maild check --ledger --connect --probe
    """
    files = _read(folder, as_json)
    wrong = list(_unusable(files.settings))
    with open_site(folder) as opened:
        doubtful = list(warnings.of_site(opened, files))
        if ledger:
            wrong += _ledger(opened, as_json)
        if rebuild:
            _rebuild(opened, as_json)
        if connect_too:
            wrong += _tried(connect.all_of(opened.settings, opened.office.desk.queues.values()), as_json)
        if probe:
            wrong += _tried(probing.all_of(opened, wait), as_json)
    _tell(files, wrong, doubtful, as_json)
    if wrong:
        raise click.exceptions.Exit(FOUND_WRONG)


def _read(folder: Path, as_json: bool) -> Files:
    """Read what stands in the files; programs are told what cannot be meant as they are told all else."""
    try:
        return inspected(folder, settings.load(folder))
    except ConfigErrors as errors:
        if not as_json:
            raise
        show(True, {"site": None, "wrong": [str(one) for one in errors.problems], "warnings": []}, "")
        raise click.exceptions.Exit(FOUND_WRONG) from None


def _unusable(found: Settings) -> Iterator[str]:
    """Tell which keys cannot sign, so that nothing leaves from their domains, and why our certificate is no good."""
    for key in found.signing_keys:
        try:
            key.record()
        except KeyTrouble as trouble:
            yield str(trouble)
    if found.certificate and (doubt := found.certificate.wrong(now_utc())):
        yield f"smtp.tls_cert: {doubt}"


def _tell(files: Files, wrong: Sequence[str], doubtful: Sequence[str], as_json: bool) -> None:
    if as_json:
        show(True, {"site": files.settings.site.name, "wrong": wrong, "warnings": doubtful}, "")
        return
    for line in (*(f"warning: {one}" for one in doubtful), *wrong):
        click.echo(line, err=True)
    if not wrong:
        click.echo(_all_is_well(files.settings.site.name, files.ruleset))
        for key in files.settings.signing_keys:
            click.echo(f"DKIM of {key.domain}, to stand in the DNS: {key.in_zone_file()}")


def _all_is_well(name: str, ruleset: RuleSet) -> str:
    desk, rules = ruleset.desk, ruleset.rules
    return (
        f"{name}: settings, rules and templates are as they must be: "
        f"{counted(len(desk.queues), 'queue')}, {counted(len(desk.agents), 'agent')}, "
        f"{counted(len(rules), 'rule')}, {counted(sum(len(rule.tests) for rule in rules), 'test')} of rules passed"
    )


def _ledger(opened: Opened, as_json: bool) -> list[str]:
    """Print received = filed + discarded + held + waiting, by way in; return what does not add up."""
    with opened.store.reading() as connection:
        lines = ledger.counts(connection)
        faults = list(ledger.faults(connection))
        folders = checkpoint.ledger(connection)
    for way, counts in sorted(lines.items()):
        words = f"{way}: {counts['received']} received = {counts['filed']} filed + {counts['discarded']} discarded "
        show(as_json, {"source": way, **counts}, f"{words}+ {counts['held']} held + {counts['waiting']} waiting")
    if not lines and not as_json:
        click.echo("no mail was received yet")
    for some in _few_at_a_time(opened, "histories", as_json):
        faults += opened.store.read(partial(folded.faults, numbers=some))
    for one in folders:
        show(as_json, one._asdict(), f"{one.account}, {one.folder}: {one.shown} shown, {one.kept} kept")
        if one.shown != one.kept:
            faults.append(f"{one.account}, {one.folder}: of {counted(one.shown, 'mail')} shown, {one.kept} kept")
    return faults


def _tried(tried: Iterable[connect.Tried], as_json: bool) -> list[str]:
    """Print what each came to; return what is wrong, with the remedy."""
    wrong = []
    for one in tried:
        if as_json:
            show(True, dataclasses.asdict(one), "")
        elif not one.wrong:
            click.echo(f"{one.what}: {one.found}")
        if one.wrong:
            wrong.append(f"{one.what}: {one.wrong}; {one.remedy}")
    return wrong


def _rebuild(opened: Opened, as_json: bool) -> None:
    """Make anew what histories make otherwise; tickets and timers are no more than that, and what differs is told."""
    office = opened.in_force(now_utc()).office if opened.office.ruleset else opened.office  # the files may be others
    mended = Mended()
    for some in _few_at_a_time(opened, "timers", as_json):
        mended += retiming.mend(opened.store, office, some, now_utc())
    for one in mended.differences:
        show(as_json, one._asdict(), f"{one}; it is so now")
    kept, count = opened.store.read(timers.count), len(opened.store.read(tickets.numbers))
    counts = {"timers": kept, "tickets": count, "differed": mended.timers, "mended": len(mended.differences)}
    differed = f"{mended.timers} differed from those that were kept"
    show(as_json, counts, f"{counted(kept, 'timer')} of {counted(count, 'ticket')}; {differed}")


def _few_at_a_time(opened: Opened, label: str, as_json: bool) -> Iterator[Sequence[int]]:
    """Give the numbers of all tickets, as many as are looked at together, and show how far it is."""
    numbers = opened.store.read(tickets.numbers)
    with click.progressbar(length=len(numbers), label=label, hidden=as_json, file=sys.stderr) as shown:
        for some in parted(numbers, folded.AT_ONCE):
            yield some
            shown.update(len(some))


@maild.command("schema")
def schema_() -> None:
    """Print a JSON Schema of rule files, so that an editor completes their keys and says what each means.

    \b
    Example:  maild schema > rules/schema.json
    """
    click.echo(json.dumps(rulefiles.json_schema(), indent=2, ensure_ascii=False))
