"""A ticket, the people in it, and how one change makes the next ticket.

`evolve` is the only way from one ticket to the next; the store persists exactly its result.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from maild.ticket.change import Change, OpenTicket


class Status(StrEnum):
    """Where a ticket stands; `waiting` is for the customer, `on_hold` for somebody else."""

    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    ON_HOLD = "on_hold"
    SOLVED = "solved"
    CLOSED = "closed"

    @property
    def ended(self) -> bool:
        return self in (Status.SOLVED, Status.CLOSED)


class Priority(StrEnum):
    """How much haste a ticket has; promises are given for each."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Role(StrEnum):
    """What a person who is not an agent has to do with a ticket.

    A third party wrote to it without being known there: agents see what he wrote, and nothing of the
    ticket is ever sent to him until an agent makes him a participant.
    """

    REQUESTER = "requester"
    PARTICIPANT = "participant"
    THIRD_PARTY = "third_party"


class Direction(StrEnum):
    """Which way a message went."""

    IN = "in"
    OUT = "out"


class Visibility(StrEnum):
    """Who may ever see a message: everybody in the ticket, or agents alone."""

    PUBLIC = "public"
    NOTE = "note"


class Relation(StrEnum):
    """How two tickets are linked."""

    RELATED = "related"
    FOLLOWS = "follows"  # opened by an answer that came after the other had closed
    MERGED = "merged"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Participant:
    """A person of a ticket; address is compared case-insensitively."""

    address: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Ticket:
    """One conversation.  assignee is an agent's key, or "" for nobody.

    handle is random and stands in addresses, so that they do not tell how many tickets there are.
    version counts the plans that were filed: a plan made from an older one is made anew.
    """

    number: int
    handle: int
    version: int
    queue: str
    status: Status
    priority: Priority
    assignee: str
    subject: str
    requester: Participant
    language: str
    opened_at: datetime
    solved_at: datetime | None = None
    closed_at: datetime | None = None
    merged_into: int | None = None
    others: tuple[Participant, ...] = ()
    tags: tuple[str, ...] = ()
    last_message_id: str = ""  # of the newest mail from the customer's side: what an answer answers
    fields: tuple[tuple[str, str], ...] = ()  # what rules kept of mails, by name
    silent: tuple[str, ...] = ()  # keys of agents who want no mail about it

    @property
    def people(self) -> tuple[Participant, ...]:
        return (self.requester, *self.others)

    def person(self, address: str) -> Participant | None:
        """Return who has that address here, or None."""
        wanted = address.lower()
        return next((person for person in self.people if person.address.lower() == wanted), None)


def after(ticket: Ticket, changes: "Iterable[Change]", at: datetime) -> Ticket:
    """Return the ticket as it is after several changes."""
    for change in changes:
        ticket = evolve(ticket, change, at)
    return ticket


def evolve(ticket: Ticket, change: "Change", at: datetime) -> Ticket:
    """Return the ticket as it is after a change."""
    from maild.ticket import change as c  # the union and the ticket know each other

    match change:
        case c.SetStatus(status=status):
            return replace(
                ticket,
                status=status,
                solved_at=(ticket.solved_at or at) if status.ended else None,
                closed_at=at if status is Status.CLOSED else None,
            )
        case c.Assign(agent=agent):
            return replace(ticket, assignee=agent)
        case c.SetPriority(priority=priority):
            return replace(ticket, priority=priority)
        case c.SetQueue(queue=queue):
            return replace(ticket, queue=queue)
        case c.AddTag(tag=tag):
            return replace(ticket, tags=tuple(sorted({*ticket.tags, tag})))
        case c.RemoveTag(tag=tag):
            return replace(ticket, tags=tuple(t for t in ticket.tags if t != tag))
        case c.SetField(name=name, value=value):
            kept = {**dict(ticket.fields), name: value}
            return replace(ticket, fields=tuple((key, kept[key]) for key in sorted(kept) if kept[key]))
        case c.AddPerson(person=person):
            return replace(ticket, others=(*_without(ticket.others, person.address), person))
        case c.RemovePerson(address=address):
            return replace(ticket, others=_without(ticket.others, address))
        case c.SetRequester(person=person):
            old = replace(ticket.requester, role=Role.PARTICIPANT)
            return replace(ticket, requester=person, others=(*_without(ticket.others, person.address), old))
        case c.AddMessage() if change.direction is Direction.IN and change.visibility is Visibility.PUBLIC:
            return replace(ticket, last_message_id=change.message_id)
        case c.Merged(into=into):
            return replace(ticket, merged_into=into)
        case c.Absorbed(last_message_id=newest) | c.SplitFrom(message_id=newest) | c.SplitOff(last_message_id=newest):
            return replace(ticket, last_message_id=newest or ticket.last_message_id)
        case c.Silenced(agent=agent, silent=silent):
            others = tuple(key for key in ticket.silent if key != agent)
            return replace(ticket, silent=(*others, agent) if silent else others)
        case (
            c.OpenTicket()
            | c.AddMessage()
            | c.Link()
            | c.Blocked()
            | c.Withdrawn()
            | c.NoCopies()
            | c.Promised()
            | c.WakeAt()
            | c.PromiseJudged()
            | c.Undelivered()
            | c.Delivered()
            | c.Muted()
            | c.StageReached()
            | c.ClockSet()
            | c.NothingOwed()
            | c.Remark()
        ):
            return ticket
        case _:
            assert_never(change)


def begin(number: int, opened: "OpenTicket", at: datetime) -> Ticket:
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
