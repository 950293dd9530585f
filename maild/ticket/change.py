"""What can happen to a ticket: the whole list.

A change prints as one line.  Those lines are the ticket's history, the log, what `maild explain` shows, what
`maild rehearse` compares and what the story tests expect; a Plan (`ticket.plan`) is several of them.
"""

from dataclasses import dataclass
from datetime import datetime

from maild.message.model import Kind
from maild.ticket.model import Direction, Participant, Priority, Relation, Status, Visibility


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """The ticket begins; always a plan's first change where it stands."""

    handle: int
    queue: str
    subject: str
    requester: Participant
    language: str
    priority: Priority = Priority.NORMAL
    because: str = ""

    def __str__(self) -> str:
        priority = "" if self.priority is Priority.NORMAL else f" priority={self.priority}"
        return f"open queue={self.queue} requester={self.requester.address} language={self.language}{priority}"


@dataclass(frozen=True, slots=True)
class AddMessage:
    """A mail or a note becomes part of the ticket.

    party is the address of the customer's side, or the key of the agent, who wrote it.
    """

    direction: Direction
    visibility: Visibility
    kind: Kind
    message_id: str
    party: str
    party_name: str
    new_text: str
    text: str
    intake_id: int | None = None
    because: str = ""
    received_at: datetime | None = None  # when our server took it; None: when it was filed

    @classmethod
    def note(cls, by: str, name: str, text: str) -> "AddMessage":
        """Return a note that is no mail of its own; by is the key of the agent who wrote it, or "operator"."""
        return cls(Direction.OUT, Visibility.NOTE, Kind.HUMAN, "", by, name, text, text)

    def __str__(self) -> str:
        what = "note" if self.visibility is Visibility.NOTE else str(self.direction)
        kind = "" if self.kind is Kind.HUMAN else f" kind={self.kind}"
        own = f" {self.message_id}" if self.message_id else ""  # a note may be no mail
        return f"add {what}{own} from={self.party}{kind}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class SetStatus:
    status: Status
    because: str

    def __str__(self) -> str:
        return f"status={self.status}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Assign:
    """agent is a key of the rule files, or "" to take the ticket from everybody."""

    agent: str
    because: str

    def __str__(self) -> str:
        return f"assign {self.agent or 'nobody'}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class SetPriority:
    priority: Priority
    because: str

    def __str__(self) -> str:
        return f"priority={self.priority}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class SetQueue:
    queue: str
    because: str

    def __str__(self) -> str:
        return f"queue={self.queue}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class AddTag:
    tag: str
    because: str

    def __str__(self) -> str:
        return f"tag +{self.tag}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class RemoveTag:
    tag: str
    because: str

    def __str__(self) -> str:
        return f"tag -{self.tag}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class SetField:
    """Something of the mail is kept with the ticket under a name; "" takes it away."""

    name: str
    value: str
    because: str

    def __str__(self) -> str:
        return f"field {self.name}={self.value!r}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class AddPerson:
    """Somebody comes in, or changes his role."""

    person: Participant
    because: str

    def __str__(self) -> str:
        return f"person +{self.person.address} {self.person.role}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class RemovePerson:
    address: str
    because: str

    def __str__(self) -> str:
        return f"person -{self.address}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class SetRequester:
    """Another person is the requester from now on; the former one stays as a participant."""

    person: Participant
    because: str

    def __str__(self) -> str:
        return f"requester={self.person.address}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Link:
    other: int
    relation: Relation
    because: str

    def __str__(self) -> str:
        return f"link {self.relation} #{self.other}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Merged:
    """This ticket ended in another one; its addresses and ids lead there."""

    into: int
    because: str

    def __str__(self) -> str:
        return f"merged into #{self.into}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Absorbed:
    """Another ticket ended in this one: its mails are here now.

    since is when its customer wrote what nobody has answered yet, None if nothing is owed there;
    last_message_id is its newest mail from the customer's side if that is newer than this ticket's.
    """

    other: int
    since: datetime | None
    because: str
    last_message_id: str = ""

    def __str__(self) -> str:
        since = f" unanswered since={instant(self.since)}" if self.since else ""
        return f"absorbed #{self.other}{since}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class SplitFrom:
    """This ticket began as a mail of another one, received at `since`; row is that mail's in the store."""

    other: int
    message_id: str
    row: int
    since: datetime
    because: str

    def __str__(self) -> str:
        return f"split from #{self.other} {self.message_id}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class SplitOff:
    """A mail of this ticket began another one and is there now; last_message_id is the newest that stays."""

    into: int
    message_id: str
    because: str
    last_message_id: str = ""

    def __str__(self) -> str:
        return f"split {self.message_id} into #{self.into}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Silenced:
    """An agent wants no more mail about this ticket, or wants it again."""

    agent: str
    silent: bool
    because: str

    def __str__(self) -> str:
        return f"{'silent' if self.silent else 'heard'} {self.agent}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Blocked:
    """What an address sends from now on is put away unread, or is read again."""

    address: str
    blocked: bool
    because: str

    def __str__(self) -> str:
        return f"{'block' if self.blocked else 'unblock'} {self.address}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An agent took back an answer before it left; message_id is that of his own mail."""

    mails: tuple[int, ...]  # outbox rows
    message_id: str
    text: str
    because: str

    def __str__(self) -> str:
        return f"answer taken back before it left{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class NoCopies:
    """Somebody asked not to be made a participant any more, here and elsewhere."""

    address: str
    because: str

    def __str__(self) -> str:
        return f"no copies to {self.address}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Promised:
    """What the customer was told: until when a person answers.  Never moved afterwards.

    by is the agent who gave his word; "" where maild reckoned.
    """

    until: datetime
    because: str
    by: str = ""

    def __str__(self) -> str:
        return f"promise until={instant(self.until)}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class WakeAt:
    """The ticket rests until then, unless its status changes before."""

    until: datetime
    because: str

    def __str__(self) -> str:
        return f"rest until={instant(self.until)}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class PromiseJudged:
    """What became of a promise: kept, or broken."""

    kept: bool
    because: str

    def __str__(self) -> str:
        return f"promise {'kept' if self.kept else 'broken'}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Delivered:
    """The next server took over a mail that a person wrote: the moment that stops a reply clock."""

    message_id: str
    recipient: str
    because: str = ""

    def __str__(self) -> str:
        return f"delivered {self.message_id} to={self.recipient}"


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A mail of ours did not arrive: refused by the next server, or bounced later."""

    message_id: str
    recipient: str
    permanent: bool
    because: str

    def __str__(self) -> str:
        how = "failed" if self.permanent else "delayed"
        return f"{how} {self.message_id or 'mail'} to={self.recipient}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Muted:
    """Nothing automatic goes to an address until a moment."""

    address: str
    until: datetime
    because: str

    def __str__(self) -> str:
        return f"mute {self.address} until={instant(self.until)}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class StageReached:
    """A step of a ladder was due; once only for (clock, instance, stage, repeat)."""

    clock: str
    instance: int
    stage: str
    repeat: int
    because: str  # whom it told, or why nobody

    def __str__(self) -> str:
        nth = f" repeat {self.repeat}" if self.repeat else ""
        return f"stage {self.clock}#{self.instance} {self.stage}{nth}{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class ClockSet:
    """The targets of a ticket's clocks, in seconds of working time, or one due time set by a person."""

    targets: tuple[tuple[str, int], ...]  # (clock, seconds)
    promise: str  # key of the promise of the rule files, or ""
    because: str
    due: datetime | None = None

    def __str__(self) -> str:
        targets = " ".join(f"{clock}={seconds}s" for clock, seconds in self.targets)
        due = f" due={instant(self.due)}" if self.due else ""
        return f"clocks {targets or 'none'}{due}{said_because(self.because)}"


IMPORTED = "imported"  # why nothing is owed for old mail
CUSTOMER_SAID_SO = "the customer said so"  # why a ticket is solved
NOT_ARRIVED = "an answer did not arrive"  # why a ticket is open again
ASKED_ELSEWHERE = "what was asked last is #"  # and another ticket: why this one is again what it was
TO_ANOTHER = "given to somebody else, in a ticket that ended here"  # a promise that this requester never heard


@dataclass(frozen=True, slots=True)
class NothingOwed:
    """The customer's last word needs no answer."""

    because: str

    def __str__(self) -> str:
        return f"no answer owed{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Rated:
    """The requester said how it was, from 1, the worst, to 5; what he said beside it is in his mail."""

    rating: int
    because: str = ""

    def __str__(self) -> str:
        return f"rated {self.rating} of 5{said_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that history should tell and that changes nothing."""

    what: str
    because: str = ""

    def __str__(self) -> str:
        return f"{self.what}{said_because(self.because)}"


Change = (
    OpenTicket
    | AddMessage
    | SetStatus
    | Assign
    | SetPriority
    | SetQueue
    | AddTag
    | RemoveTag
    | SetField
    | AddPerson
    | RemovePerson
    | SetRequester
    | Link
    | Merged
    | Absorbed
    | SplitFrom
    | SplitOff
    | Silenced
    | Blocked
    | Withdrawn
    | NoCopies
    | Promised
    | WakeAt
    | PromiseJudged
    | Delivered
    | Undelivered
    | Muted
    | StageReached
    | ClockSet
    | NothingOwed
    | Rated
    | Remark
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a ticket's history: what changed, when, and who caused it, where that matters."""

    at: datetime
    change: Change
    actor: str = ""


def instant(at: datetime) -> str:
    """Return a moment as a history says it; all of ours are UTC."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def said_because(reason: str) -> str:
    """Return a reason as it ends a line, "" for none."""
    return f" because {reason}" if reason else ""
