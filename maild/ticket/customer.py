"""The three things that a customer may order with one word: the status, that it is solved, no more copies.

The mail must have been sent to his own reply address, and its new text must be that word alone; anything else is a
mail like any other.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from maild.hours import wording
from maild.message import gratitude
from maild.ticket import answers, lifecycle, notify, particulars, recipients, timers
from maild.ticket.change import (
    CUSTOMER_SAID_SO,
    TO_ANOTHER,
    Change,
    Delivered,
    Entry,
    NoCopies,
    NothingOwed,
    Remark,
    RemovePerson,
    SetStatus,
    Undelivered,
)
from maild.ticket.evolve import after
from maild.ticket.facts import Facts, Want
from maild.ticket.model import Role, Status, Ticket, Visibility
from maild.ticket.plan import Fate, Plan, SendMail


class Word(StrEnum):
    """What a customer may order."""

    STATUS = "status"
    SOLVED = "solved"
    NO_COPIES = "no copies"


WORDS = {
    Word.STATUS: "status|#status|status?|statuss|kāds ir statuss|статус",
    Word.SOLVED: "solved|#solved|solve|close|closed|#close|please close|please close it|please close this ticket|"
    "atrisināts|ir atrisināts|slēgt|aizvērt|lūdzu slēgt|lūdzu aizvērt|var slēgt|решено|закрыть|можно закрыть",
    Word.NO_COPIES: "stop copies|no copies|nesūtīt kopijas|bez kopijām|beigt kopijas|не присылать копии|без копий",
}
_WORDS = {word: said for said, words in WORDS.items() for word in words.split("|")}
_EDGES = re.compile(r"^[\s\"'.,!?*_«»„“”-]+|[\s\"'.,!?*_«»„“”-]+$")
LONGEST = 40


def word(text: str) -> Word | None:
    """Return what a text orders, None for a text like any other."""
    bare = text.strip()
    if len(bare) > LONGEST:
        return None
    return _WORDS.get(" ".join(_EDGES.sub("", bare).casefold().split()))


def wants(text: str) -> tuple[Want, ...]:
    """Return what must be looked up if a mail's first line is such a word, or if it may be thanks: what is owed."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    return (Want("history"),) if word(first) or gratitude.may_be_thanks(text) else ()


def plan(facts: Facts) -> Plan | None:
    """Return what a customer's word does, None where the mail is one like any other."""
    ticket = facts.ticket
    said = word(facts.cut.unsigned)
    if ticket is None or said is None or not _may(facts, ticket, said):
        return None
    changes: list[Change] = []
    mails = [_told(facts, ticket, said)]
    if said is Word.SOLVED:
        changes += [lifecycle.added(facts, Visibility.PUBLIC), NothingOwed(f"the customer said {said}")]
        if not ticket.status.ended:
            changes.append(SetStatus(Status.SOLVED, CUSTOMER_SAID_SO))
            mails += notify.agents(facts, after(ticket, changes, facts.now), facts.queue)  # nobody need go on with it
    elif said is Word.NO_COPIES:
        address = facts.message.sender.address
        person = ticket.person(address)
        changes.append(NoCopies(address, "asked for it"))
        if person is not None and person.role is not Role.REQUESTER:
            changes.append(RemovePerson(address, "asked for it"))
    else:
        changes.append(Remark(f"{facts.message.sender.address} asked how it stands"))
    return Plan(
        ticket.number,
        tuple(changes),
        tuple(mails),
        Fate.FILED,
        f"the customer's word: {said}",
        facts.message.sender.address,
    )


def _may(facts: Facts, ticket: Ticket, said: Word) -> bool:
    """The requester may order everything, a participant only that he gets no more copies, strangers nothing."""
    person = ticket.person(facts.message.sender.address)
    is_his = facts.own_token and facts.by_person and not facts.import_only
    if person is None or not is_his or facts.has_files or ticket.merged_into is not None:
        return False
    return person.role is Role.REQUESTER or (said is Word.NO_COPIES and person.role is Role.PARTICIPANT)


def _told(facts: Facts, ticket: Ticket, said: Word) -> SendMail:
    """Answer with facts: the status, since when, and until when an answer was promised."""
    queue, language = facts.queue, ticket.language
    zone = facts.desk.zone_of(queue)
    history = facts.seen.asked.histories.get(ticket.number, ())
    until = None if ticket.status.ended else _promised(history)
    answered = _answered(history)
    values = {
        **particulars.about(ticket, queue),
        "said": str(said),
        "ask_rating": queue.ask_rating and said is Word.SOLVED,
        "opened": wording.moment(ticket.opened_at, facts.now, zone, language),
        "answered": wording.moment(answered, facts.now, zone, language) if answered else "",
        "until": wording.until(until, facts.now, zone, language) if until and until > facts.now else "",
    }
    person = ticket.person(facts.message.sender.address)
    assert person is not None
    return SendMail(
        "status",
        recipients.customer(person, language),
        queue.key,
        values=values,
        subject=particulars.reply_subject(ticket.subject),
        answers=facts.message.message_id,
        answers_mail=True,
    )


def _promised(history: Sequence[Entry]) -> datetime | None:
    """Return until when an answer was promised that has not come yet; what was taken back was neither said nor told."""
    known = [one for one in timers.promises(history) if one.promise.because != TO_ANOTHER]
    if not known or answers.written_after(history, known[-1].at):
        return None
    return known[-1].promise.until


def _answered(history: Iterable[Entry]) -> datetime | None:
    """Return when our last answer left, of those that did not come back."""
    left: dict[tuple[str, str], datetime] = {}
    for entry in history:
        match entry.change:
            case Delivered(message_id=one, recipient=to):
                left[one, to] = entry.at
            case Undelivered(permanent=True, message_id=one, recipient=to):
                left.pop((one, to), None)
    return max(left.values(), default=None)
