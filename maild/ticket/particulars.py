"""What mails say of a ticket: the values that every template may use, subjects, names, and the files that go along."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from maild.message import subject
from maild.message.model import Attachment, Part
from maild.ticket.desk import Queue
from maild.ticket.facts import Last
from maild.ticket.house import House
from maild.ticket.model import Ticket
from maild.ticket.plan import Audience

LONGEST_SHOWN = 30_000
LONGEST_QUOTE = 5_000
NO_TAG = "T"  # in the subjects of queues without a tag

Passed = tuple[tuple[Part, ...], tuple[str, ...]]  # files for which there is room, and the names of the others


def about(ticket: Ticket | None, queue: Queue) -> dict[str, object]:
    """Return the values that every template may use; those of a ticket are empty where there is none."""
    if ticket is None:
        of_ticket = ("ticket_subject", "status", "priority", "assignee", "requester_name", "tag", "rating")
        names = {"queue": queue.key, "queue_name": queue.from_name or queue.key}
        return {**dict.fromkeys(of_ticket, ""), **names, "number": None, "fields": Kept()}
    return {
        "number": ticket.number,
        "tag": tag(queue, ticket.number),
        "ticket_subject": subject.shortened(ticket.subject),
        "queue": queue.key,
        "queue_name": queue.from_name or queue.key,
        "status": str(ticket.status),
        "priority": str(ticket.priority),
        "assignee": ticket.assignee,
        "requester_name": ticket.requester.name,
        "rating": ticket.rating,
        "fields": Kept(ticket.kept),
    }


def needed(ticket: Ticket) -> dict[str, object]:
    """Return the facts that rules asked for, with what was said about them, and those of which nothing was."""
    kept = dict(ticket.fields)
    facts = tuple({"name": name, "value": kept[name]} for name in ticket.needed if kept.get(name))
    return {"facts": facts, "lacking": ticket.lacking}


def quoted(last: Last | None) -> dict[str, object]:
    """Return what a mail shows of what the customer's side wrote last, empty for nothing."""
    return {
        "quoted_name": last.name if last else "",
        "quoted_text": shortened(last.text, LONGEST_QUOTE) if last else "",
        "quoted_at": last.at if last else None,
    }


def complete(
    values: Mapping[str, object], house: House, queue: Queue, audience: Audience, now: datetime
) -> dict[str, object]:
    """Return a mail's own values with those of all: of its ticket, if it has one, of the site, and of the moment."""
    desk, all_values = house.desk, {**about(None, queue), **values}
    assignee = str(all_values["assignee"])
    if assignee not in desk.agents:  # somebody who is no longer with us has nothing
        assignee = all_values["assignee"] = ""
    all_values["site_name"] = house.name
    all_values["audience"] = str(audience)
    all_values["now"] = now.astimezone(ZoneInfo(desk.zone_of(queue)))
    all_values["assignee_name"] = desk.name_of(assignee)
    all_values["assignee_away"] = desk.is_away(assignee, queue, now)
    return all_values


class Kept(dict[str, str]):
    """What is kept with a ticket, for templates: a name that was never kept is empty."""

    def __missing__(self, name: str) -> str:
        return ""


def shortened(text: str, longest: int = LONGEST_SHOWN) -> str:
    """Return the beginning of a text that is longer than anybody reads; the whole is kept with the ticket."""
    return text if len(text) <= longest else f"{text[:longest]}\n[…]"


def tag(queue: Queue, number: int) -> str:
    """Return the tag that is in subjects: "[#EX-1234]"."""
    return f"[#{queue.tag or NO_TAG}-{number}]"


def split_attachments(attachments: tuple[Attachment, ...], intake_id: int | None, up_to_bytes: int) -> Passed:
    """Return the attachments that go along, in order while there is room, and the names of those that do not.

    The signature of a whole mail is left out: it holds for the bytes of that mail alone, which are kept.
    """
    wanted = [a for a in attachments if not a.signs]
    if intake_id is None:
        return (), tuple(a.filename for a in wanted)
    parts = (Part(intake_id, a.index, a.filename, a.content_type, a.size_bytes, a.inline, a.content_id) for a in wanted)
    return with_room(parts, up_to_bytes)


def with_room(parts: Iterable[Part], up_to_bytes: int) -> Passed:
    """Return the parts for which there is room, in order, and the names of those for which there is none."""
    passed: list[Part] = []
    left_out: list[str] = []
    room = up_to_bytes
    for part in parts:
        if part.size_bytes > room:
            left_out.append(part.filename)
            continue
        room -= part.size_bytes
        passed.append(part)
    return tuple(passed), tuple(left_out)


def reply_subject(text: str) -> str:
    """Return "Re: " and what a subject is about (RFC 5322 section 3.6.5: once); "" for none."""
    about_what = subject.base(text).text
    return f"Re: {about_what}" if about_what else ""


def shown_name(name: str, address: str) -> str:
    """Return a name fit for a From field beside our own address: never one that looks like an address."""
    return name if name and "@" not in name else address.partition("@")[0]
