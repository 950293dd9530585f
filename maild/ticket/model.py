"""A ticket, and the people in it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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


SPAM = "spam"  # the tag of what is closed as such
# Fields that no rule can give, for their blanks.
NEEDED = "facts needed"  # which facts the ticket needs
SNOOZED = "snoozed by "  # with an agent's key: until when he does not want to see it
ASKED = "asked "  # by the key of an agent who was asked something: the keys of those who asked


@dataclass(frozen=True, slots=True)
class Participant:
    """A person of a ticket; address is compared case-insensitively."""

    address: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Ticket:
    """One conversation.  assignee is an agent's key, or "" for nobody.

    handle is random and is in addresses, so that they do not tell how many tickets there are.
    version counts the plans that were filed: a plan made from an older one is made again.
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
    last_message_id: str = ""  # of the newest mail of a person on the customer's side: what an answer answers
    fields: tuple[tuple[str, str], ...] = ()  # what rules and agents kept, by name
    silent: tuple[str, ...] = ()  # keys of agents who want no mail about it
    rating: int | None = None  # by the requester, from 1 to 5

    @property
    def is_spam(self) -> bool:
        """Whether it was closed as such: nobody of its customer's side is written to."""
        return self.status is Status.CLOSED and SPAM in self.tags

    @property
    def kept(self) -> dict[str, str]:
        """Return what is kept under names that people gave; those that maild keeps for itself have blanks in them."""
        return {name: value for name, value in self.fields if " " not in name}

    @property
    def needed(self) -> tuple[str, ...]:
        """The facts that rules asked for, by the names of their fields."""
        return tuple(dict(self.fields).get(NEEDED, "").split())

    @property
    def lacking(self) -> tuple[str, ...]:
        """Those of them that nobody has said."""
        kept = dict(self.fields)
        return tuple(name for name in self.needed if not kept.get(name))

    @property
    def people(self) -> tuple[Participant, ...]:
        return (self.requester, *self.others)

    def person(self, address: str) -> Participant | None:
        """Return who has that address here, or None."""
        wanted = address.lower()
        return next((person for person in self.people if person.address.lower() == wanted), None)
