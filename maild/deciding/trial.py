"""Rule tests: mails that the rule files themselves name, judged by the very line that judges mails.

They are run at every check and before each reload; nothing is looked up and nothing is written.  A check also
tells what the rules would have done away with of the mail that came of late.
"""

import mimetypes
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from maild.deciding.judge import Judged, deal_with
from maild.deciding.office import Mail, Office
from maild.deciding.reading import read_mail
from maild.message import parse
from maild.message.model import Envelope
from maild.rules import expect
from maild.rules.evaluate import Evaluated, Rule, RuleTest, evaluate
from maild.site.errors import Problem
from maild.store.intake import Received
from maild.ticket.facts import Contact, Fresh, Seen
from maild.ticket.proof import NO_EVIDENCE, Evidence, Level
from maild.ticket.thread import Past

WEDNESDAY_NOON = datetime(2026, 6, 10, 9, tzinfo=UTC)  # in Riga: when a mail comes whose test says nothing else
LARGEST_BYTES = 10_000_000
ENDINGS = ("discard", "hold")
NEARLY_ALL = 0.9
FEWEST = 20  # mails of the archive, to say anything


def failures(office: Office, folder: Path) -> list[Problem]:
    """Run every test of the rules; return what they expect and the rules do not do.

    Args:
        folder: of the rule files, from which tests name mails.
    """
    return [
        Problem(test.place, 0, 0, f"rule {rule.name!r}: test {number} {what}")
        for rule in office.rules
        for number, test in enumerate(rule.tests, 1)
        for what in _wrong(rule, test, office, folder)
    ]


def swallowing(office: Office, archive: Iterable[Received]) -> list[Problem]:
    """Return a warning for each rule that discards or holds nearly everything that came of late.

    Args:
        archive: mails that came, the newest of them.
    """
    ends: Counter[str] = Counter()
    asked = 0
    for mail in archive:
        facts = _judged(mail.raw, mail.envelope, mail.evidence or NO_EVIDENCE, office).facts
        if facts.proof.level is Level.NONE:  # no rule is asked about what an agent writes
            asked += 1
            ends.update(_ends(evaluate(office.rules, facts)))
    return [
        Problem(rule.place, 0, 0, f"rule {rule.name!r} would have discarded or held {ends[rule.name]} of {asked} mails")
        for rule in office.rules
        if asked >= FEWEST and ends[rule.name] >= NEARLY_ALL * asked
    ]


def may_swallow(rules: Iterable[Rule]) -> bool:
    """Tell whether a rule discards or holds at all."""
    return any(action.verb.name in ENDINGS for rule in rules for action in rule.then)


def _ends(said: Evaluated) -> Iterator[str]:
    """Return the rule that ended a mail, if one did."""
    for one in said.asked:
        if any(action.verb.name in ENDINGS and not why for action, why in one.done):
            yield one.rule.name


def _wrong(rule: Rule, test: RuleTest, office: Office, folder: Path) -> Iterator[str]:
    try:
        raw = _bytes_of(test, office, folder)
    except OSError as error:
        yield f"names {test.file!r}, which cannot be read: {error.strerror}"
        return
    facts = judged(test, raw, office).facts
    said = evaluate(office.rules, facts)
    why = next((str(one) for one in said.asked if one.rule is rule and one.failed is not None), "")
    for what in expect.differences(test, facts, said):
        yield f"{what}; {why}" if why else what


def judged(test: RuleTest, raw: bytes, office: Office) -> Judged:
    """Judge a mail that comes to a desk which knows nobody yet."""
    at = test.at or WEDNESDAY_NOON
    wanted = test.mail
    to = tuple(wanted.get("to", ())) or (office.desk.default_queue.address,)
    envelope = Envelope(wanted.get("from"), () if test.file else to, at, "test", protocol="file")
    domain = parse.parse(raw).sender.domain
    evidence = replace(NO_EVIDENCE, dkim=(domain,)) if wanted.get("authenticated") and domain else NO_EVIDENCE
    return _judged(raw, envelope, evidence, office, import_only=bool(wanted.get("imported")))


def _judged(raw: bytes, envelope: Envelope, evidence: Evidence, office: Office, import_only: bool = False) -> Judged:
    """Judge a mail when it came, at a desk which knows nobody yet."""
    reading = read_mail(raw, envelope)
    sender = reading.message.sender.address
    mail, at = Mail(envelope, reading, evidence, import_only=import_only), envelope.received_at
    return deal_with(mail, office, lambda _: Seen(Past(), Contact(sender)), _first, at)


def _first() -> Fresh:
    return Fresh(1, 1)


def _bytes_of(test: RuleTest, office: Office, folder: Path) -> bytes:
    if not test.file:
        return _written(test, office)
    with (folder / test.file).open("rb") as file:
        return file.read(LARGEST_BYTES)


def _written(test: RuleTest, office: Office) -> bytes:
    """Return the mail that a test writes down."""
    said, at = test.mail, test.at or WEDNESDAY_NOON
    mail = EmailMessage()
    mail["From"] = f'"{said["name"]}" <{said["from"]}>' if said["name"] else said["from"]
    mail["To"] = ", ".join(said["to"]) or office.desk.default_queue.address
    if said["cc"]:
        mail["Cc"] = ", ".join(said["cc"])
    mail["Subject"] = " ".join(said["subject"].split())
    mail["Date"] = at
    mail["Message-ID"] = "<test@maild.invalid>"
    for name, value in said["headers"].items():
        del mail[name]
        mail[name] = " ".join(str(value).split())
    mail.set_content(said["text"])
    for filename in said["attachments"]:
        main, _, sub = (mimetypes.guess_type(filename)[0] or "application/octet-stream").partition("/")
        mail.add_attachment(b"a test", maintype=main, subtype=sub, filename=filename)
    return mail.as_bytes()
