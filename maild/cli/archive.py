"""`rehearse --archive`: the site's own mails by the rules in force and by others, and what would change.

Each run has an empty scratch store, in which tickets get the numbers and handles that they have in the
site, so that answers find them.  What was done at the terminal is not done again, and delivery reports
are left out: no rule is asked about them.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from maild.cli import compare as comparing
from maild.cli import show
from maild.cli.compare import Run
from maild.cli.rehearsal import Rehearsal
from maild.keeping import workplace
from maild.opened import Opened, now_utc, open_site
from maild.store import intake, numbers, pieces, rulesets
from maild.store.intake import Received
from maild.store.numbers import Numbers
from maild.ticket.facts import Fresh

FIRST_OF_OTHERS = 1_000_000_000  # tickets that the site does not have


class _Former(Numbers):
    """Gives each mail's ticket the number and the handle that it has in the site."""

    def __init__(self, handles: dict[int, int]) -> None:
        self._handles = handles
        self._given: set[int] = set()
        self._others = FIRST_OF_OTHERS
        self.ticket: int | None = None  # of the mail that is taken now

    def take(self, count: int) -> list[Fresh]:
        return [self._one() for _ in range(count)]

    def give_back(self, one: Fresh) -> None:
        self._given.discard(one.number)

    def _one(self) -> Fresh:
        if self.ticket in self._handles and self.ticket not in self._given:
            self._given.add(self.ticket)
            return Fresh(self.ticket, self._handles[self.ticket])
        self._others += 1
        return Fresh(self._others, self._others)


def compare(folder: Path, rules: Path | None, archive: timedelta, until: datetime | None, as_json: bool) -> None:
    """Run the archive by both rules and print what differs."""
    with open_site(folder) as site, workplace.inside(Path(tempfile.gettempdir()), "maild-rehearse-") as place:
        mails = site.store.read(partial(intake.since, moment=now_utc() - archive))
        if not mails:
            raise click.ClickException("no mail came in that time")
        in_force = _in_force(site, folder, place)
        runs: list[Run] = []
        for label, by in (("old rules", in_force), ("new rules", rules or folder / "rules")):
            with click.progressbar(mails, label=label, hidden=as_json, file=sys.stderr) as shown:
                runs.append(_run(site, folder, by, place / label.replace(" ", "-"), shown, until))
    changed = list(comparing.changed(*runs))
    table = list(comparing.table(*runs))
    _say(runs[0], changed, table, as_json)


def _in_force(site: Opened, folder: Path, place: Path) -> Path:
    """Return a folder with the rule files that were accepted last; the site's own where none were."""
    accepted = site.store.read(rulesets.newest)
    if accepted is None:
        return folder / "rules"
    written = place / "rules"
    written.mkdir()
    for name, text in accepted.items():
        (written / name).write_text(text, encoding="utf-8")
    return written


def _run(site: Opened, folder: Path, rules: Path, place: Path, mails: Any, until: datetime | None) -> Run:
    place.mkdir()
    former = _Former(site.store.read(numbers.handles))
    events: list[dict[str, Any]] = []
    with closing(Rehearsal(folder, rules, place, former)) as played:
        for number, ticket in mails:
            received, raw = site.store.read(partial(_mail, number=number))
            if raw and received.envelope.mail_from != "":
                former.ticket = ticket
                events += played.take(f"mail {number}", raw, received.envelope, received.evidence, received.import_only)
        events += played.run_on(until)
    return comparing.run(events)


def _mail(connection: Connection, number: int) -> tuple[Received, bytes]:
    return intake.received(intake.whole(connection, number)), pieces.raw_of(connection, number)


def _say(old: Run, changed: list[comparing.Changed], table: list[comparing.Line], as_json: bool) -> None:
    if as_json:
        for one in changed:
            show(True, {"event": "changed", **one._asdict()}, "")
        for line in table:
            show(True, {"event": "difference", **line._asdict()}, "")
        show(True, {"event": "compared", "mails": len(old.plans), "changed": len(changed)}, "")
        return
    for one in changed:
        click.secho(f"{one.mail}  {one.subject}", bold=True)
        for step in one.diff:
            click.secho(f"    {step}", fg={"+": "green", "-": "red"}.get(step[0]))
    click.echo("\n".join(_summary(old, changed, table)))


def _summary(old: Run, changed: list[comparing.Changed], table: list[comparing.Line]) -> Iterator[str]:
    if changed:
        yield ""
    yield f"{len(changed)} of {len(old.plans)} mails would be dealt with differently"
    for line in table:
        yield f"  {line.what:<44} {line.before:>6} -> {line.after:<6} {line.said}"
