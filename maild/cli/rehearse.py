"""`rehearse`: old mails through the real pipeline, on a scratch store and a simulated clock."""

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import click

from maild import maillog, scratch
from maild.cli import json_option, maild, show, site_option
from maild.cli.instant import Instant, Span, iso
from maild.daemon import Daemon
from maild.inbound import files
from maild.inbound.trace import with_return_path
from maild.judge import Judged
from maild.message import parse
from maild.message.model import Envelope
from maild.office import Mail
from maild.opened import now_utc
from maild.outbound.outcome import Outcome, Sent
from maild.store import intake, look, outbox
from maild.store.site import Numbers
from maild.ticket.proof import Evidence

GOES_ON = timedelta(days=30)


class _Recorder:
    """Takes every mail that would be sent, and sends none."""

    async def send(self, sender: str, recipient: str, raw: bytes, smtputf8: bool = False) -> Outcome:
        return Sent("250 2.0.0 rehearsed")

    async def close(self) -> None:
        return None


@maild.command("rehearse")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--rules", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Other rule files.")
@click.option(
    "--archive", type=Span(), default=None, help="The site's own mail of so long, as in 30d, by old and new rules."
)
@click.option("--until", type=Instant(), default=None, help="Until when the clock runs on (else 30 days).")
@site_option
@json_option
def rehearse_(
    paths: tuple[Path, ...],
    rules: Path | None,
    archive: timedelta | None,
    until: datetime | None,
    folder: Path,
    as_json: bool,
) -> None:
    """Run mails (.eml, folders, mbox) through the pipeline; nothing is sent, nothing of the site is touched.

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
    found = [one for path in paths for one in files.mails(path)]
    with (
        tempfile.TemporaryDirectory(prefix="maild-rehearse-") as place,
        closing(Stage(folder, rules, Path(place))) as stage,
    ):
        lines_show_it = as_json or sys.stdout.isatty()  # a bar would stand among them
        with click.progressbar(found, label="rehearsing", hidden=lines_show_it, file=sys.stderr) as shown:
            for one in shown:
                _print(stage.receive(one), as_json)
        _print(stage.run_on(until), as_json)


class Stage:
    """A site with a clock of its own."""

    def __init__(self, folder: Path, rules: Path | None, place: Path, numbers: Numbers | None = None) -> None:
        self._opened = scratch.copy_of(folder, rules, place)
        if numbers is not None:
            self._opened = replace(self._opened, numbers=numbers)
        self._runner = asyncio.Runner()
        self._now: datetime | None = None
        self._judged: list[tuple[Mail, Judged]] = []
        self._last_mail = 0
        self._daemon = Daemon(
            self._opened,
            lambda: self._now or now_utc(),
            dns_too=False,
            sender=_Recorder(),
            observe=lambda mail, judged: self._judged.append((mail, judged)),
        )

    def close(self) -> None:
        self._daemon.workers.close()
        self._runner.close()
        self._opened.close()

    def receive(self, found: files.Found) -> list[dict[str, Any]]:
        """Take one mail at its own time; return what happened until then and with it."""
        at = files.received_at(parse.parse(found.raw), self._now)
        envelope = with_return_path(Envelope(None, (), at, f"rehearse:{found.name}", protocol="file"), found.raw)
        return self.take(found.name, found.raw, envelope)

    def take(
        self, name: str, raw: bytes, envelope: Envelope, evidence: Evidence | None = None, import_only: bool = False
    ) -> list[dict[str, Any]]:
        """Take a mail at the time of its envelope; return what happened until then and with it."""
        until_then = self._run_to(envelope.received_at)
        self._now = max(envelope.received_at, self._now or envelope.received_at)
        number = self._opened.store.write(partial(intake.put, envelope=envelope, raw=raw, import_only=import_only))
        if evidence is not None:
            self._opened.store.write(partial(intake.keep_evidence, number=number, evidence=evidence))
        self._runner.run(self._daemon.once())
        row = self._opened.store.read(partial(intake.get, number=number))
        judged = [judged for mail, judged in self._judged if mail.intake_id == number]
        self._judged.clear()
        return [*until_then, self._received(name, row, judged), *self._mails()]

    def run_on(self, until: datetime | None) -> list[dict[str, Any]]:
        """Let the clock run to the end."""
        return self._run_to(until or self._now + GOES_ON) if self._now is not None else []

    def _run_to(self, end: datetime) -> list[dict[str, Any]]:
        """Let the clock run from one due moment to the next."""
        if self._now is None:
            return []
        events: list[dict[str, Any]] = []
        while (due := self._daemon.next_due()) is not None and due <= end:
            self._now = max(self._now, due)
            if not self._runner.run(self._daemon.once()):
                break
            events += self._mails()
        return events

    def rows(self) -> list[Any]:
        """Return the outbox as it is now."""
        return self._opened.store.read(partial(look.outgoing_after, number=0))

    def _received(self, name: str, row: Any, judged: list[Judged]) -> dict[str, Any]:
        plan = judged[0].plan if judged else None
        return {
            "event": "received",
            "at": iso(row.received_at),
            "file": name,
            "ticket": row.ticket if row.ticket is not None else (judged[0].facts.match.ticket if judged else None),
            "new": bool(plan and plan.opens),
            "kind": str(judged[0].facts.classified.kind) if judged else None,
            "because": f"{row.fate}: {row.because}",
            "subject": judged[0].facts.message.subject if judged else "",
            "plan": list(plan.lines()) if plan else [],
        }

    def _mails(self) -> list[dict[str, Any]]:
        """Return the mails that were decided since the last look."""
        rows = self._opened.store.read(partial(look.outgoing_after, number=self._last_mail))
        self._last_mail = rows[-1].id if rows else self._last_mail
        return [
            {
                "event": "mail",
                "at": iso(row.created_at),
                "ticket": row.ticket,
                "template": outbox.due(row).letter.template,
                "to": row.recipient,
                "subject": outbox.due(row).letter.header("Subject"),
            }
            for row in rows
        ]


def _print(events: list[dict[str, Any]], as_json: bool) -> None:
    for event in events:
        show(as_json, event, "\n".join(_readable(event)))


def _readable(event: dict[str, Any]) -> Iterator[str]:
    if event["event"] == "received":
        yield click.style(f"{event['at']} {event['file']}", bold=True)
        yield from (f"    {line}" for line in event["plan"] or [event["because"]])
    else:
        ticket = f"#{event['ticket']}" if event["ticket"] else "-"
        yield f"{event['at']} {ticket} {event['template']} to {event['to']}: {event['subject']}"
