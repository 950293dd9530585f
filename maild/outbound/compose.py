"""SendMail to Letter: the template's words, and the headers that every mail of ours carries.

What leaves is built from scratch: nothing of the mail that caused it passes but its text and the
attachments that the plan names.  One recipient a mail; the reply address is a token of that recipient.

Standards: RFC 5322 section 3.6 (fields), RFC 3834 section 3.1 (automatic mail), RFC 2919 (List-Id).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Protocol, cast

from maild.hours import weekly, wording
from maild.hours.promise import Promise
from maild.message import sealed
from maild.message.model import Letter
from maild.message.subject import shortened
from maild.outbound.actions import with_actions
from maild.quoting import marker
from maild.ticket import token
from maild.ticket.desk import Queue
from maild.ticket.facts import Wanted
from maild.ticket.house import House
from maild.ticket.particulars import complete, tag
from maild.ticket.plan import Audience, SendMail
from maild.ticket.token import Keyring, TokenKind

SUPPRESS_ALL = "DR, RN, NRN, OOF, AutoReply"  # not "All": Exchange would swallow the bounces we wait for
SUPPRESS_AUTOMATIC = "OOF, AutoReply"
OF_MAILS = ("text", "quoted_text")  # values that hold a mail's words
WITH_ACTIONS = ("digest", "stages", "weekly")  # templates, whose lists have buttons
CUSTOMER_WORD = {"en": "customer", "lv": "klients"}


class Rendered(Protocol):
    """A template's words, as the site room makes them."""

    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...


class Templates(Protocol):
    """Those of a site, as the site room reads them."""

    def written_in(self, name: str, language: str, queue: str = "") -> str: ...
    def render(self, name: str, language: str, values: Mapping[str, object]) -> Rendered: ...


@dataclass(frozen=True, slots=True)
class Job:
    """A mail to be composed.

    number and handle are of the ticket concerned, None where there is none; seed is eight random bytes,
    for the Message-ID.
    """

    mail: SendMail
    number: int | None
    handle: int | None
    seed: bytes
    now: datetime


def compose(job: Job, house: House, templates: Templates) -> Letter:
    """Return the letter of a plan's mail, all of it in the language in which its template is there."""
    number, now = job.number, job.now
    queue = house.desk.queues.get(job.mail.queue, house.desk.default_queue)
    language = templates.written_in(job.mail.template, job.mail.to.language, queue.key)
    mail = job.mail if language == job.mail.to.language else job.mail.written_in(language)
    words = templates.render(mail.template, language, letter_values(mail, house, queue, number, now))
    headers = [
        ("From", _mailbox(_from_name(mail, queue), queue.address)),
        ("To", _mailbox(mail.to.name, mail.to.address)),
        ("Reply-To", _mailbox(queue.from_name, _answers_to(mail, house, queue, job.handle, now.date()))),
        ("Subject", _subject(mail, queue, words.subject, number)),
        ("Date", _date(now)),
        ("Message-ID", token.message_id(house.keys, number or 0, job.seed, house.domain)),
        *_thread(mail, house, number),
        *_marks(mail, house, number),
    ]
    return Letter(
        mail.to.address,
        tuple(headers),
        words.text,
        words.html,
        mail.attachments,
        queue.return_pattern,
        mail.automatic,
        mail.template,
        language,
    )


@lru_cache(maxsize=16)  # the letters of many mails are of one instant
def _date(now: datetime) -> str:
    return format_datetime(now.astimezone(UTC))


def reply_address(mail: SendMail, keys: Keyring, queue: Queue, handle: int | None, day: date) -> str:
    """Return where an answer to a mail goes: the receiver's own signed address, or the queue's."""
    kinds = {Audience.CUSTOMER: TokenKind.CUSTOMER, Audience.AGENT: TokenKind.NOTE if mail.note else TokenKind.AGENT}
    kind = kinds.get(mail.to.audience)
    if mail.orders and kind is TokenKind.AGENT:
        kind, handle = TokenKind.QUARANTINE, 0
    if queue.reply_address == "none" or handle is None or kind is None:
        return queue.address
    text = token.mint(keys, kind, handle, token.party_of(keys, mail.to.party), day, mail.to.epoch)
    return queue.reply_address.replace("{token}", text)


def _answers_to(mail: SendMail, house: House, queue: Queue, handle: int | None, day: date) -> str:
    asks = mail.held is not None and mail.template == "confirm"
    return (asks and held_address(mail, house, queue, TokenKind.CONFIRM, day)) or reply_address(
        mail, house.keys, queue, handle, day
    )


def held_address(mail: SendMail, house: House, queue: Queue, kind: TokenKind, day: date) -> str:
    """Return the agent's own signed address for a word on a held mail, "" where reply addresses carry nothing."""
    if queue.reply_address == "none" or mail.held is None:
        return ""
    party = token.party_of(house.keys, mail.to.party)
    return queue.reply_address.replace("{token}", token.mint(house.keys, kind, mail.held, party, day, mail.to.epoch))


def return_address(keys: Keyring, pattern: str, outbox_id: int, day: date) -> str:
    """Return the envelope sender of one outbox row, by which a report on it finds its way (VERP)."""
    return pattern.replace("{token}", token.mint(keys, TokenKind.BOUNCE, outbox_id, 0, day))


def letter_values(
    mail: SendMail, house: House, queue: Queue, number: int | None, now: datetime
) -> Mapping[str, object]:
    """Return what the template of a mail is given: the values of all, and words for what only its receiver can read."""
    language, zone, day = mail.to.language, house.desk.zone_of(queue), now.date()
    values = complete(mail.values, house, queue, mail.to.audience, now)
    values["marker"] = marker.line(language, tag(queue, number)) if number is not None else ""
    values |= {name: sealed.said(str(values[name]), language) for name in OF_MAILS if values.get(name)}
    if mail.template in WITH_ACTIONS:
        items = cast("Sequence[Mapping[str, object]]", values["items"])
        values["items"] = with_actions(items, mail.to.party, mail.to.epoch, house.keys, house.desk, day)
    if mail.held is not None:
        values["send_address"] = held_address(mail, house, queue, TokenKind.SEND, day)
        values["drop_address"] = held_address(mail, house, queue, TokenKind.DROP, day)
        values["code"] = token.code(house.keys, mail.held, str(mail.values.get("digest", "")))
    sent, received, quoted = (_moment(values, name) for name in ("sender_date", "received_at", "quoted_at"))
    promised = _phrases(values.get("promise"), now, zone, language, sent)
    if "promise" in values:
        values["promise"] = promised
        values["seen_late"] = wording.seen_late(received, now, zone, language) if received else ""
    if "asks_for" in values:  # of an acknowledgement, and of ready answers
        until = promised["until"] if promised else ""
        values["hours"] = weekly.said(house.desk.calendar_of(queue), now, zone, language, sent, beside=until)
        values["asks_for"] = tuple(one.said(language) for one in cast("Sequence[Wanted]", values["asks_for"]))
    if "quoted_text" in values:
        name = str(values.get("quoted_name"))
        values["quoted_intro"] = wording.wrote(quoted, name, zone, language) if quoted else ""
    return values


def _moment(values: Mapping[str, object], name: str) -> datetime | None:
    found = values.get(name)
    return found if isinstance(found, datetime) else None


def _phrases(
    promise: object, now: datetime, zone: str, language: str, sent: datetime | None
) -> Mapping[str, str] | None:
    """Turn a promise into finished sentences in the receiver's language."""
    if not isinstance(promise, Promise):
        return None
    said = wording.phrases(promise, now, zone, language, sent)
    return {
        "until": said["answer_by"],
        "closed": said["closed_now"],
        "holidays": said["holidays"],
        "usually": said["usually"],
    }


def _from_name(mail: SendMail, queue: Queue) -> str:
    own = queue.from_name or queue.key
    if not mail.from_name:
        return own
    if mail.to.audience is Audience.CUSTOMER:
        return f"{mail.from_name} - {own}"
    if mail.template == "ticket":
        return f"{mail.from_name} ({CUSTOMER_WORD.get(mail.to.language, CUSTOMER_WORD['en'])})"
    return mail.from_name


def _subject(mail: SendMail, queue: Queue, rendered: str, number: int | None) -> str:
    words = shortened(" ".join((mail.subject or rendered).split()))
    mark = tag(queue, number) if number is not None else ""
    return words if mark in words else f"{words} {mark}"


def _thread(mail: SendMail, house: House, number: int | None) -> list[tuple[str, str]]:
    """In-Reply-To and References; the root goes first, for clients copy what they find."""
    roots = [token.root_id(house.keys, number, house.domain)] if number is not None else []
    known = [one for one in dict.fromkeys((*roots, mail.answers)) if one]
    fields = [("References", " ".join(known))] if known else []
    return [("In-Reply-To", mail.answers), *fields] if mail.answers else fields


def _marks(mail: SendMail, house: House, number: int | None) -> list[tuple[str, str]]:
    if mail.automatic:
        marks = [
            ("X-Maild-Loop", house.loop_id),
            ("Auto-Submitted", "auto-replied" if mail.answers_mail else "auto-generated"),
            ("X-Auto-Response-Suppress", SUPPRESS_ALL),
        ]
    else:  # a person's words: nothing here may make a machine of him (RFC 3834 section 5)
        marks = [("X-Auto-Response-Suppress", SUPPRESS_AUTOMATIC)]
    marks.append(("X-MS-Reactions", "disallow"))  # a tap in Outlook would come back as a mail
    if mail.to.audience is not Audience.CUSTOMER:
        marks.append(("List-Id", f"<{mail.queue}.{house.domain}>"))
        marks += [("X-Maild-Ticket", str(number))] if number is not None else []
    return marks


def _mailbox(name: str, address: str) -> str:
    """Return a mailbox as RFC 5322 section 3.4 writes it, the name still in plain text."""
    plain = " ".join(name.replace("\\", "").replace('"', "'").split())
    return f'"{plain}" <{address}>' if plain else f"<{address}>"
