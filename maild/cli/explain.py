"""`explain`: what maild would do with a mail, and why; nothing is written."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from maild.cli import json_option, maild, site_option
from maild.identity import dns
from maild.identity import evidence as gathering
from maild.judge import Judged, Mail, deal_with, handle_of, letters
from maild.message.model import Envelope, Kind, Letter
from maild.opened import Opened, now_utc, open_site
from maild.pipeline import look
from maild.ticket.facts import Fresh
from maild.workers import read_one


@maild.command("explain", short_help="What maild would do with a mail, and why.")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dns", "ask_dns", is_flag=True, help="Verify DKIM signatures by asking the DNS.")
@site_option
@json_option
def explain_(files: tuple[Path, ...], ask_dns: bool, folder: Path, as_json: bool) -> None:
    """Say what would become of each mail alone, against the site as it is; nothing is written.

    \b
    Example:  maild explain mail.eml
    """
    opened = open_site(folder)
    try:
        for path in files:
            said = explained(opened, path, ask_dns)
            click.echo(json.dumps(said, ensure_ascii=False) if as_json else "\n".join(_readable(said)))
    finally:
        opened.close()


def explained(opened: Opened, path: Path, ask_dns: bool = False) -> dict[str, Any]:
    """Return everything that is decided about a mail, as the JSON of DESIGN's table has it."""
    began = time.perf_counter()
    raw = path.read_bytes()
    now = now_utc()
    envelope = envelope_of(raw, Envelope(None, (), now, f"explain:{path}", protocol="file"))
    reading = read_one(raw, envelope)
    evidence = gathering.gather(raw, envelope, opened.settings.smtp.trusted_authserv_ids, dns.txt if ask_dns else None)
    mail = Mail(envelope, reading, evidence)
    with opened.store.reading() as connection:
        judged = deal_with(
            mail, opened.office, partial(look, connection, mail, now), lambda: Fresh(opened.numbers.next(), 1), now
        )
    made = letters(judged.plan, opened.office, handle_of(judged), now, partial(os.urandom, 8))
    return _said(path, judged, [one.letter for one in made], time.perf_counter() - began)


def envelope_of(raw: bytes, envelope: Envelope) -> Envelope:
    """Give an envelope without a sender the one that the last mail system wrote down (Return-Path)."""
    head = raw[:4096]
    first = head.split(b"\n", 1)[0]
    if not first.lower().startswith(b"return-path:"):
        return envelope
    value = first.split(b":", 1)[1].strip().strip(b"<>").decode("utf-8", "replace")
    return replace(envelope, mail_from=value)


def _said(path: Path, judged: Judged, mails: list[Letter], seconds: float) -> dict[str, Any]:
    facts, plan = judged.facts, judged.plan
    message, report = facts.message, facts.report
    acknowledgements = [letter for letter in mails if letter.template == "acknowledge"]
    return {
        "file": str(path),
        "seconds": round(seconds, 6),
        "kind": str(facts.classified.kind),
        "because": facts.classified.because,
        "sender": {
            "address": message.sender.address,
            "name": message.sender.name,
            "proof": str(facts.proof.level),
        },
        "subject": message.subject,
        "message_id": message.message_id,
        "text": message.text,
        "new_text": facts.cut.new_text,
        "quoted": facts.cut.quoted,
        "cut_because": facts.cut.because,
        "language": facts.language,
        "attachments": [
            {"filename": a.filename, "content_type": a.content_type, "size_bytes": a.size_bytes, "inline": a.inline}
            for a in message.attachments
        ],
        "bounce": {
            "recipients": list(report.recipients),
            "status": report.status,
            "action": report.action,
            "permanent": report.permanent,
        }
        if report and facts.classified.kind is Kind.BOUNCE
        else None,
        "defects": list(message.defects),
        "ticket": {
            "number": None if plan.opens else (judged.ticket.number if judged.ticket else None),
            "new": plan.opens,
            "because": f"{facts.match.how}: {facts.match.because}",
        },
        "evidence": facts.evidence.because,
        "rules": list(judged.trace),
        "plan": list(plan.lines()),
        "acknowledged": bool(acknowledgements),
        "mails": [
            {
                "template": letter.template,
                "to": letter.recipient,
                "subject": letter.header("Subject"),
                "headers": dict(letter.headers),
                "text": letter.text,
            }
            for letter in mails
        ],
    }


def _readable(said: dict[str, Any]) -> Iterator[str]:
    """Every verdict with its reason, for a person."""
    head = partial(click.style, bold=True)
    yield head(said["file"])
    sender = said["sender"]
    yield f"  from       {sender['name']} <{sender['address'] or 'nobody'}>   ({said['evidence']})"
    yield f"  subject    {said['subject']}"
    yield f"  kind       {click.style(said['kind'], fg='cyan')} because {said['because']}"
    yield f"  language   {said['language']}"
    yield f"  proof      {sender['proof']}"
    number = said["ticket"]["number"]
    yield f"  ticket     {'new' if said['ticket']['new'] else number or 'none'} because {said['ticket']['because']}"
    yield f"  new text   {len(said['new_text'])} of {len(said['text'])} characters: {said['cut_because']}"
    for attachment in said["attachments"]:
        yield f"  attached   {attachment['filename']} {attachment['content_type']} {attachment['size_bytes']} bytes"
    for defect in said["defects"]:
        yield click.style(f"  defect     {defect}", fg="yellow")
    for line in said["rules"]:
        yield f"  rule       {line}"
    yield head("plan")
    yield from (f"  {line}" for line in said["plan"])
    for mail in said["mails"]:
        yield head(f"mail {mail['template']}")
        yield from (f"  {name}: {value}" for name, value in mail["headers"].items())
        yield ""
        yield from (f"  {line}" for line in mail["text"].split("\n"))
