"""A rehearsal: mails go through the real pipeline, on a scratch store and a simulated clock, and none is sent."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple

from sqlalchemy import Connection

from maild import scratch
from maild.cli.instant import iso
from maild.daemon import Daemon
from maild.deciding.judge import Judged
from maild.deciding.office import Mail
from maild.inbound import files
from maild.inbound.trace import with_return_path
from maild.message.model import Envelope
from maild.opened import now_utc
from maild.outbound.outcome import Outcome, Sent
from maild.store import browse, histories, intake, outbox
from maild.store.numbers import Numbers
from maild.ticket.plan import BY_ITSELF
from maild.ticket.proof import Evidence

Result = TypeVar("Result")
Given = TypeVarTuple("Given")

GOES_ON = timedelta(days=30)


class _Recorder:
    """Takes every mail that would be sent, and sends none."""

    async def send(self, sender: str, recipient: str, raw: bytes, smtputf8: bool = False) -> Outcome:
        return Sent("250 2.0.0 rehearsed")

    async def close(self) -> None:
        return None


class _OneThread(asyncio.SelectorEventLoop):
    """Does at once what is to be done in another thread: in a rehearsal nothing else goes on meanwhile."""

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Given], Result], *args: *Given
    ) -> "asyncio.Future[Result]":
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future


class Rehearsal:
    """A copy of a site, with a clock of its own."""

    def __init__(self, folder: Path, rules: Path | None, place: Path, numbers: Numbers | None = None) -> None:
        self._opened = scratch.copy_of(folder, rules, place)
        if numbers is not None:
            self._opened = replace(self._opened, numbers=numbers)
        self._runner = asyncio.Runner(loop_factory=_OneThread)
        self._now: datetime | None = None
        self._judged: list[tuple[Mail, Judged]] = []
        self._last_mail = self._last_change = 0
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
        at = files.received_at(found.raw, self._now)
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
        self._runner.run(self._daemon.file_and_send())
        judged = [judged for mail, judged in self._judged if mail.intake_id == number]
        self._judged.clear()
        with self._opened.store.reading() as connection:
            self._changes(connection)  # stand in the mail's plan
            received = self._received(name, intake.get(connection, number), judged)
            return [*until_then, received, *self._mails(connection)]

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
            with self._opened.store.reading() as connection:
                events += [*self._stages(connection), *self._mails(connection)]
        return events

    def rows(self) -> list[Any]:
        """Return the outbox as it is now."""
        return self._opened.store.read(partial(browse.outgoing_after, number=0))

    def _received(self, name: str, row: Any, judged: list[Judged]) -> dict[str, Any]:
        facts, plan = (judged[0].facts, judged[0].plan) if judged else (None, None)
        matched = facts.match.ticket if facts else None
        return {
            "event": "received",
            "at": iso(row.received_at),
            "file": name,
            "ticket": row.ticket if row.ticket is not None else matched,
            "new": bool(plan and plan.opens),
            "kind": str(facts.classified.kind) if facts else None,
            "because": f"{row.fate}: {row.because}",
            "subject": facts.message.subject if facts else "",
            "plan": list(plan.lines()) if plan else [],
        }

    def _stages(self, connection: Connection) -> list[dict[str, Any]]:
        """Return what the clock did to tickets since the last look; what is sent besides is told mail by mail."""
        changes = [row for row in self._changes(connection) if row.actor == BY_ITSELF]
        return [
            {
                "event": "stage",
                "at": iso(at),
                "ticket": ticket,
                "because": "the clock",
                "plan": [row.text for row in rows],
            }
            for (at, ticket), rows in groupby(changes, key=lambda row: (row.at, row.ticket))
        ]

    def _changes(self, connection: Connection) -> list[Any]:
        """Return what was written into histories since the last look."""
        rows = histories.after(connection, self._last_change)
        self._last_change = rows[-1].id if rows else self._last_change
        return rows

    def _mails(self, connection: Connection) -> list[dict[str, Any]]:
        """Return the mails that were decided since the last look."""
        rows = browse.outgoing_after(connection, self._last_mail)
        self._last_mail = rows[-1].id if rows else self._last_mail
        return [
            {
                "event": "mail",
                "at": iso(row.created_at),
                "ticket": row.ticket,
                "template": letter.template,
                "to": row.recipient,
                "subject": letter.header("Subject"),
            }
            for row, letter in ((row, outbox.due(row).letter) for row in rows)
        ]
