"""`explain`: what maild would do with a mail, and why; nothing is written."""

import re
import sys
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from maild.cli import attached, maild, show, site_options, verdicts
from maild.cli.instant import iso
from maild.deciding.clerk import handle_of
from maild.deciding.filing import of_plan
from maild.deciding.judge import Judged, deal_with
from maild.deciding.lookup import look as glance_at
from maild.deciding.office import Mail
from maild.deciding.question import Question
from maild.deciding.reading import read_mail
from maild.identity import dns, evidence
from maild.inbound.trace import with_return_path
from maild.message.model import Envelope, Kind, Letter, Report
from maild.opened import Opened, now_utc, open_site
from maild.store import browse, histories, intake, pieces
from maild.ticket import thread_keys
from maild.ticket.facts import Facts, Fresh, Seen
from maild.ticket.model import Direction
from maild.ticket.proof import NO_EVIDENCE, aligned

FILED = re.compile(r"(\d{1,12})/(\d{1,6})")


@maild.command("explain")
@click.argument("what", nargs=-1, required=True, metavar="FILE...|TICKET/MESSAGE")
@click.option("--dns", "ask_dns", is_flag=True, help="Verify DKIM signatures by asking the DNS.")
@site_options
def explain_(what: tuple[str, ...], ask_dns: bool, folder: Path, as_json: bool) -> None:
    """Say what would become of each mail alone, against the site as it is; nothing is written.

    7/2 is the second message of ticket 7: what was written down then, and what would be decided now. "-" is a mail on
    standard input, as mail programs pipe it.

    \b
    Example:  maild explain mail.eml
              maild explain 7/2
    """
    with open_site(folder) as opened:
        for one in what:
            said = _explained(opened, one, ask_dns)
            show(as_json, said, "\n".join(verdicts.readable(said)))


def _explained(opened: Opened, what: str, ask_dns: bool) -> dict[str, Any]:
    found = FILED.fullmatch(what)
    if found and not Path(what).exists():
        return filed(opened, int(found[1]), int(found[2]))
    if what != "-" and not Path(what).is_file():
        raise click.ClickException(f"{what!r} is neither a file nor a message such as 7/2")
    return explained(opened, what, ask_dns)


def explained(opened: Opened, path: str, ask_dns: bool = False) -> dict[str, Any]:
    """Return everything that is decided about a mail, of standard input where its path is "-"."""
    began = time.perf_counter()
    raw = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    now = now_utc()
    envelope = with_return_path(Envelope(None, (), now, f"explain:{path}", protocol="file"), raw)
    reading = read_mail(raw, envelope)
    smtp, lookup = opened.settings.smtp, dns.txt if ask_dns else None
    trust = evidence.Trust(smtp.trusted_authserv_ids, smtp.trusted_received_lines)
    found = evidence.gather(raw, envelope, trust, lookup)
    return _judged(opened, path, Mail(envelope, reading, found), began, now)


def filed(opened: Opened, number: int, position: int) -> dict[str, Any]:
    """Return what was written down when a message was filed, and what would be decided about it now."""
    began, now = time.perf_counter(), now_utc()
    with opened.store.reading() as connection:
        rows = browse.messages(connection, number)
        if not 0 < position <= len(rows):
            raise click.ClickException(f"ticket #{number} has {len(rows)} messages; there is no {number}/{position}")
        row = rows[position - 1]
        if row.intake is None:
            here = "did not come by mail: it was written here"
            what = "is not kept any more as it came" if row.direction == Direction.IN else here
            raise click.ClickException(f"{number}/{position} {what}")
        received = intake.received(intake.whole(connection, row.intake))
        raw = pieces.raw_of(connection, row.intake)
        history = histories.of(connection, number)
    if not raw:
        raise click.ClickException(f"{number}/{position} is not kept any more as it came")
    mail = Mail(received.envelope, read_mail(raw, received.envelope), received.evidence or NO_EVIDENCE)
    then = [entry for entry in history if entry.at == row.at]
    said = _judged(opened, f"{number}/{position}", mail, began, now, again=True)
    return {
        **said,
        "then": [f"{entry.text} (rules {entry.ruleset})" for entry in then],
        "filed_at": iso(row.at),
    }


def _judged(opened: Opened, name: str, mail: Mail, began: float, now: datetime, again: bool = False) -> dict[str, Any]:
    """Decide on a mail; again says that its own copy in the store does not make it a duplicate."""

    def glance(question: Question) -> Seen:
        seen = glance_at(connection, now, question)
        return replace(seen, past=replace(seen.past, copies=())) if again else seen

    with opened.store.reading() as connection:
        judged = deal_with(mail, opened.office, glance, lambda: Fresh(opened.numbers.next(), 1), now)
    filing = of_plan(judged.plan, judged.ticket, handle_of(judged), opened.office, now)
    made = [one.letter for part in (filing, *filing.beside) for one in part.letters]
    facts = judged.facts
    tried = tuple(thread_keys.described(facts.message, facts.token, judged.keys.own, facts.seen.past))
    return _said(name, judged, tried, made, time.perf_counter() - began)


def _said(name: str, judged: Judged, tried: tuple[str, ...], mails: list[Letter], seconds: float) -> dict[str, Any]:
    """Return every verdict with its reason, in the order in which maild decides."""
    return {
        "file": name,
        "seconds": round(seconds, 6),
        **_read(judged.facts),
        "ticket": {
            "number": judged.ticket.number if judged.ticket and not judged.plan.opens else None,
            "new": judged.plan.opens,
            "because": f"{judged.facts.match.how}: {judged.facts.match.because}",
        },
        "tried": list(tried),
        "evidence": judged.facts.evidence.because,
        "rules": list(judged.trace),
        "plan": list(judged.plan.lines()),
        "acknowledged": any(letter.template == "acknowledge" for letter in mails),
        "mails": [_letter(letter) for letter in mails],
    }


def _read(facts: Facts) -> dict[str, Any]:
    """Return what a mail says, and who is believed to have written it."""
    message, sender, report = facts.message, facts.message.sender, facts.report
    return {
        "kind": str(facts.classified.kind),
        "because": facts.classified.because,
        "sender": {"address": sender.address, "name": sender.name, "proof": str(facts.proof.level)},
        "proof_because": facts.proof.because,
        "domain_because": aligned(facts.evidence, sender) or facts.evidence.because,
        "subject": message.subject,
        "message_id": message.message_id,
        "text": message.text,
        "new_text": facts.cut.new_text,
        "quoted": facts.cut.quoted,
        "cut_because": facts.cut.because,
        "language": facts.spoken or facts.language,
        "attachments": attached(message.attachments),
        "bounce": _report(report) if report and facts.classified.kind is Kind.BOUNCE else None,
        "defects": list(message.defects),
    }


def _report(report: Report) -> dict[str, Any]:
    return {
        "recipients": list(report.recipients),
        "status": report.status,
        "action": report.action,
        "permanent": report.permanent,
    }


def _letter(letter: Letter) -> dict[str, Any]:
    return {
        "template": letter.template,
        "to": letter.recipient,
        "subject": letter.header("Subject"),
        "headers": dict(letter.headers),
        "text": letter.text,
    }
