"""What agents may look at: `#list`, `#show`, `#history`, `#why`, `#files`.  Nothing here changes anything."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from maild.agents import syntax
from maild.agents.deeds import with_agents
from maild.agents.model import Deed, View, Where
from maild.agents.syntax import CommandError
from maild.hours import wording
from maild.message import sealed, subject
from maild.message.model import WHOLE, Part
from maild.ticket import timers, words
from maild.ticket import why as reckoning
from maild.ticket.desk import Agent, Desk, Queue
from maild.ticket.facts import Asked, Facts, Said
from maild.ticket.model import Direction, Ticket, Visibility
from maild.ticket.particulars import about, shortened, tag
from maild.ticket.plan import SendMail
from maild.ticket.recipients import colleague

MOST_LISTED = 50
MOST_ATTACHED = 30
LONGEST_SHOWN = 2_000


def list_(where: Where, rest: str) -> Sequence[Deed]:
    """Show the tickets that some words describe, in the order in which they fall due."""
    found = where.asked.lists.get(with_agents(where.desk, rest), ())
    rows = listed(where.asked, where.desk, found, where.now, where.language)
    if "overdue" in rest.lower().split():
        rows = [row for row in rows if row["late"]]
    return [View("list", {"words": rest, "rows": tuple(rows[:MOST_LISTED]), "more": max(0, len(rows) - MOST_LISTED)})]


def listed(asked: Asked, desk: Desk, numbers: Iterable[int], now: datetime, language: str) -> list[dict[str, Any]]:
    """Return what a list shows of some tickets: what is late goes first, then what is due next."""
    found: list[tuple[datetime, dict[str, Any]]] = []
    for ticket in (asked.tickets[number] for number in numbers if number in asked.tickets):
        queue = desk.queue_called(ticket.queue)
        past = asked.histories.get(ticket.number, ())
        due = timers.next_due(timers.states(past, desk, queue, now))
        row = {
            "number": ticket.number,
            "tag": tag(queue, ticket.number),
            "subject": subject.shortened(ticket.subject),
            "status": str(ticket.status),
            "priority": str(ticket.priority),
            "assignee": desk.name_of(ticket.assignee),
            "requester": ticket.requester.name or ticket.requester.address,
            "due": wording.moment(due, now, desk.zone_of(queue), language) if due else "",
            "late": due is not None and due < now,
        }
        found.append((due or datetime.max.replace(tzinfo=UTC), row))
    return [row for _, row in sorted(found, key=lambda pair: (pair[0], pair[1]["number"]))]


def listed_for(
    agent: Agent, asked: Asked, desk: Desk, numbers: Iterable[int], now: datetime, language: str
) -> list[dict[str, Any]]:
    """Return the same for a mail to an agent, with what tells whose each is, and what its buttons are made of."""
    rows = listed(asked, desk, numbers, now, language)
    return [
        {
            **row,
            "assignee": row["assignee"] if ticket.assignee in desk.agents else "",
            "mine": ticket.assignee == agent.key,
            "queue": ticket.queue,
            "handle": ticket.handle,
        }
        for row, ticket in ((row, asked.tickets[row["number"]]) for row in rows)
    ]


def show(where: Where, rest: str) -> Sequence[Deed]:
    """Show a ticket's conversation, with its mails attached as they came: this one's, or that of a number."""
    other = _other(where, rest) if rest else None
    where = replace(where, ticket=other or where.ticket)
    mails = where.asked.mails.get(where.ticket.number, ())
    parts = [_whole(number, mail) for number, mail in enumerate(mails, 1) if mail.intake_id is not None]
    zone = ZoneInfo(where.desk.zone_of(where.queue))
    values = {
        **about(where.ticket, where.queue),
        "mails": tuple(_said(n, mail, where.language, zone) for n, mail in enumerate(mails, 1)),
        "other": other is not None,
    }
    return [View("show", values, tuple(parts[-MOST_ATTACHED:]), other)]


def _other(where: Where, rest: str) -> Ticket | None:
    """Return the ticket of a number, None where it is the one that the mail belongs to."""
    named = where.asked.tickets.get(syntax.number(rest, "show"))
    if named is None:
        raise CommandError("there is no ticket {}", rest)
    if named.merged_into is not None:
        raise CommandError("#{} ended in #{} already: name that one", named.number, named.merged_into)
    return None if named.number == where.ticket.number else named


def _said(number: int, mail: Said, language: str, zone: ZoneInfo) -> dict[str, object]:
    return {
        "number": number,
        "out": mail.direction is Direction.OUT,
        "note": mail.visibility is Visibility.NOTE,
        "who": mail.party_name or mail.party,
        "at": f"{mail.at.astimezone(zone):%Y-%m-%d %H:%M}",
        "text": shortened(sealed.said(mail.text, language), LONGEST_SHOWN),
    }


def _whole(number: int, mail: Said) -> Part:
    assert mail.intake_id is not None
    who = "".join(c if c.isalnum() or c in "-_." else "-" for c in mail.party.partition("@")[0])[:40]
    return Part(mail.intake_id, WHOLE, f"{number:02}-{who}.eml", "message/rfc822", 0)


def history(where: Where, rest: str) -> Sequence[Deed]:
    """Show everything that happened to a ticket: to an agent in words, at the terminal as it is kept."""
    syntax.no_more("history", rest)
    entries = where.asked.histories.get(where.ticket.number, ())
    desk, named = where.desk, where.desk.zone_of(where.queue)
    zone = ZoneInfo(named)
    lines = (
        tuple(
            f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M}  {desk.name_of(entry.actor)}: "
            f"{words.happened(entry.change, desk, named, where.language)}"
            for entry in entries
        )
        if where.agent
        else tuple(f"{entry.at:%Y-%m-%d %H:%M}  {entry.actor}  {entry.change}" for entry in entries)
    )
    return [View("history", {**about(where.ticket, where.queue), "lines": lines})]


def why(where: Where, rest: str) -> Sequence[Deed]:
    """Show how the due times came about, stretch by stretch of counted time."""
    syntax.no_more("why", rest)
    entries = where.asked.histories.get(where.ticket.number, ())
    lines = tuple(reckoning.lines(entries, where.desk, where.queue, where.now, where.language))
    return [View("why", {**about(where.ticket, where.queue), "lines": lines})]


def files(where: Where, rest: str) -> Sequence[Deed]:
    """Send every file of a ticket, in as many mails as that takes; one that is too large for any goes alone."""
    syntax.no_more("files", rest)
    parts = where.asked.files.get(where.ticket.number, ())
    if not parts:
        raise CommandError("this ticket has no files")
    of_ticket = about(where.ticket, where.queue)
    return [
        View("files", {**of_ticket, "names": tuple(part.filename for part in some)}, some)
        for some in _mails_of(parts, where.queue.attach_up_to_bytes)
    ]


def _mails_of(parts: Iterable[Part], up_to_bytes: int) -> Iterator[tuple[Part, ...]]:
    together: list[Part] = []
    for part in parts:
        if together and sum(one.size_bytes for one in (*together, part)) > up_to_bytes:
            yield tuple(together)
            together = []
        together.append(part)
    yield tuple(together)


def mailed(facts: Facts, agent: Agent, queue: Queue, shown: View) -> SendMail:
    """What an agent asked to see; it may hold notes, so an answer to it stays inside."""
    inside = facts.ticket is not None or shown.of is not None
    return SendMail(
        shown.template,
        colleague(agent, facts.desk_language),
        queue.key,
        values={"queue": queue.key, "number": None, "tag": "", "inside": inside, **shown.values},
        apart="number" not in shown.values,
        answers=facts.message.message_id,
        attachments=shown.attachments,
        answers_mail=True,
        note=True,
    )
