"""`rehearse`: old mails through the real pipeline, on a scratch store and a simulated clock."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from maild import maillog
from maild.cli import maild, show, site_options
from maild.cli.instant import Instant, Span
from maild.cli.rehearsal import Rehearsal
from maild.inbound import files
from maild.keeping import workplace


@maild.command("rehearse")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--rules", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A folder with other rule files."
)
@click.option(
    "--archive", type=Span(), default=None, help="Run the site's own mail of the last 30d, say, by old and new rules."
)
@click.option("--until", type=Instant(), default=None, help="When the clock stops; if not given, after 30 days.")
@site_options
def rehearse_(
    paths: tuple[Path, ...],
    rules: Path | None,
    archive: timedelta | None,
    until: datetime | None,
    folder: Path,
    as_json: bool,
) -> None:
    """Run mails (.eml, folders, mbox) through the pipeline; nothing is sent, nothing of the site is touched.

    Told in the order in which it happens: what each mail does, what the clock does to tickets, each mail that would
    be sent.

    With --archive the site's own mails are run twice, by the rules that are in force and by others (those of
    --rules, else the files as they are now), and what would change is told.

    Nothing is looked up in the DNS: who wrote a mail is known only from what a trusted server noted in it, so rules
    that ask for proof may match less often than they would have then.

    \b
    Example:  maild rehearse archive.mbox --rules new-rules/
              maild rehearse --archive 30d --rules new-rules/
    """
    maillog.configure(level="CRITICAL")
    if bool(paths) == (archive is not None):
        raise click.UsageError("name mails, or --archive and how far back")
    if archive is not None:
        from maild.cli.archive import compare

        compare(folder, rules, archive, until, as_json)
        return
    found = list(files.in_order(paths))
    with (
        workplace.inside(Path(tempfile.gettempdir()), "maild-rehearse-") as place,
        closing(Rehearsal(folder, rules, place)) as rehearsal,
    ):
        lines_show_it = as_json or sys.stdout.isatty()  # a bar would stand among them
        with click.progressbar(found, label="rehearsing", hidden=lines_show_it, file=sys.stderr) as shown:
            for one in shown:
                _print(rehearsal.receive(one), as_json)
        _print(rehearsal.run_on(until), as_json)


def _print(events: list[dict[str, Any]], as_json: bool) -> None:
    for event in events:
        show(as_json, event, "\n".join(_readable(event)))


def _readable(event: dict[str, Any]) -> Iterator[str]:
    if event["event"] == "received":
        yield click.style(f"{event['at']} {event['file']}", bold=True)
        yield from (f"    {line}" for line in event["plan"] or [event["because"]])
    elif event["event"] == "stage":
        yield f"{event['at']} #{event['ticket']} {event['because']}"
        yield from (f"    {line}" for line in event["plan"])
    else:
        ticket = f"#{event['ticket']}" if event["ticket"] else "-"
        yield f"{event['at']} {ticket} {event['template']} to {event['to']}: {event['subject']}"
