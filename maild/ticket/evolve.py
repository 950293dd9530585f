"""How a change makes the next state of a ticket.

`evolve` is the only way from one ticket to the next; the store persists exactly its result.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from maild.message.model import Kind
from maild.ticket import change
from maild.ticket.change import Change, Entry
from maild.ticket.model import Direction, Participant, Role, Status, Ticket, Visibility


def after(ticket: Ticket, changes: Iterable[Change], at: datetime) -> Ticket:
    """Return the ticket as it is after several changes."""
    for one in changes:
        ticket = evolve(ticket, one, at)
    return ticket


def evolve(ticket: Ticket, one: Change, at: datetime) -> Ticket:
    """Return the ticket as it is after a change."""
    match one:
        case change.SetStatus(status=status):
            solved_at = at if status is Status.SOLVED else ticket.solved_at or at  # each end is one, with its silence
            return replace(
                ticket,
                status=status,
                solved_at=solved_at if status.ended else None,
                closed_at=at if status is Status.CLOSED else None,
            )
        case change.Assign(agent=agent):
            return replace(ticket, assignee=agent)
        case change.SetPriority(priority=priority):
            return replace(ticket, priority=priority)
        case change.SetQueue(queue=queue):
            return replace(ticket, queue=queue)
        case change.AddTag(tag=tag):
            return replace(ticket, tags=tuple(sorted({*ticket.tags, tag})))
        case change.RemoveTag(tag=tag):
            return replace(ticket, tags=tuple(t for t in ticket.tags if t != tag))
        case change.SetField(name=name, value=value):
            kept = {**dict(ticket.fields), name: value}
            return replace(ticket, fields=tuple((key, kept[key]) for key in sorted(kept) if kept[key]))
        case change.AddPerson(person=person):
            return replace(ticket, others=(*_without(ticket.others, person.address), person))
        case change.RemovePerson(address=address):
            return replace(ticket, others=_without(ticket.others, address))
        case change.SetRequester(person=person):
            former = replace(ticket.requester, role=Role.PARTICIPANT)
            others = (*ticket.others, former) if former.address else ticket.others  # a mail may name no sender
            return replace(ticket, requester=person, others=_without(others, person.address))
        case change.AddMessage() if one.direction is Direction.IN and one.visibility is Visibility.PUBLIC:
            by_person = one.kind is Kind.HUMAN or not ticket.last_message_id  # what his responder sent he never saw
            return replace(ticket, last_message_id=one.message_id) if by_person else ticket
        case change.Merged(into=into):
            return replace(ticket, merged_into=into)
        case (
            change.Absorbed(last_message_id=newest)
            | change.SplitFrom(message_id=newest)
            | change.SplitOff(last_message_id=newest)
        ):
            return replace(ticket, last_message_id=newest or ticket.last_message_id)
        case change.Rated(rating=rating):
            return replace(ticket, rating=rating)
        case change.Silenced(agent=agent, silent=silent):
            silenced = tuple(key for key in ticket.silent if key != agent)
            return replace(ticket, silent=(*silenced, agent) if silent else silenced)
        case (
            change.OpenTicket()
            | change.AddMessage()
            | change.Link()
            | change.Blocked()
            | change.Withdrawn()
            | change.NoCopies()
            | change.Promised()
            | change.WakeAt()
            | change.PromiseJudged()
            | change.Undelivered()
            | change.Delivered()
            | change.Muted()
            | change.StageReached()
            | change.ClockSet()
            | change.NothingOwed()
            | change.Remark()
        ):
            return ticket
        case _:
            assert_never(one)


def opened(number: int, changes: Sequence[Change], at: datetime) -> Ticket:
    """Return the ticket that the changes of a plan make, the first of which opens it."""
    first, *rest = changes
    assert isinstance(first, change.OpenTicket)
    return after(begin(number, first, at), rest, at)


def folded(number: int, history: Sequence[Entry]) -> Ticket | None:
    """Return the ticket that a whole history makes; None where it does not begin with the ticket's opening."""
    if not history or not isinstance(opening := history[0].change, change.OpenTicket):
        return None
    ticket = begin(number, opening, history[0].at)
    for entry in history[1:]:
        ticket = evolve(ticket, entry.change, entry.at)
    return ticket


def begin(number: int, opened: change.OpenTicket, at: datetime) -> Ticket:
    """Return the ticket that a plan's first change opens."""
    return Ticket(
        number=number,
        handle=opened.handle,
        version=0,
        queue=opened.queue,
        status=Status.NEW,
        priority=opened.priority,
        assignee="",
        subject=opened.subject,
        requester=opened.requester,
        language=opened.language,
        opened_at=at,
    )


def _without(people: tuple[Participant, ...], address: str) -> tuple[Participant, ...]:
    return tuple(person for person in people if person.address.lower() != address.lower())
