"""What can happen to a ticket: the whole list, on one page, and the Plan that carries it.

A Plan prints as text.  That text is the ticket's history, the log, what `maild explain` shows, what
`maild rehearse` compares and what the story tests expect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from maild.message.model import Kind, Part
from maild.ticket.model import Direction, Participant, Priority, Relation, Status, Ticket, Visibility


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
        return f"add {what} {self.message_id} from={self.party}{kind}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class SetStatus:
    status: Status
    because: str

    def __str__(self) -> str:
        return f"status={self.status}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Assign:
    """agent is a key of the rule files, or "" to take the ticket from everybody."""

    agent: str
    because: str

    def __str__(self) -> str:
        return f"assign {self.agent or 'nobody'}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class SetPriority:
    priority: Priority
    because: str

    def __str__(self) -> str:
        return f"priority={self.priority}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class SetQueue:
    queue: str
    because: str

    def __str__(self) -> str:
        return f"queue={self.queue}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class AddTag:
    tag: str
    because: str

    def __str__(self) -> str:
        return f"tag +{self.tag}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class RemoveTag:
    tag: str
    because: str

    def __str__(self) -> str:
        return f"tag -{self.tag}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class SetField:
    """Something of the mail is kept with the ticket under a name; "" takes it away."""

    name: str
    value: str
    because: str

    def __str__(self) -> str:
        return f"field {self.name}={self.value!r}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class AddPerson:
    """Somebody comes in, or changes his role."""

    person: Participant
    because: str

    def __str__(self) -> str:
        return f"person +{self.person.address} {self.person.role}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class RemovePerson:
    address: str
    because: str

    def __str__(self) -> str:
        return f"person -{self.address}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class SetRequester:
    """Another person is the requester from now on; the former one stays as a participant."""

    person: Participant
    because: str

    def __str__(self) -> str:
        return f"requester={self.person.address}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Link:
    other: int
    relation: Relation
    because: str

    def __str__(self) -> str:
        return f"link {self.relation} #{self.other}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Merged:
    """This ticket ended in another one; its addresses and ids lead there."""

    into: int
    because: str

    def __str__(self) -> str:
        return f"merged into #{self.into}{_because(self.because)}"


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
        since = f" unanswered since={self.since:%Y-%m-%dT%H:%M:%SZ}" if self.since else ""
        return f"absorbed #{self.other}{since}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class SplitFrom:
    """This ticket began as a mail of another one, received at `since`; row is that mail's in the store."""

    other: int
    message_id: str
    row: int
    since: datetime
    because: str

    def __str__(self) -> str:
        return f"split from #{self.other} {self.message_id}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class SplitOff:
    """A mail of this ticket began another one and is there now; last_message_id is the newest that stays."""

    into: int
    message_id: str
    because: str
    last_message_id: str = ""

    def __str__(self) -> str:
        return f"split {self.message_id} into #{self.into}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Silenced:
    """An agent wants no more mail about this ticket, or wants it again."""

    agent: str
    silent: bool
    because: str

    def __str__(self) -> str:
        return f"{'silent' if self.silent else 'heard'} {self.agent}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Blocked:
    """What an address sends from now on is put away unread, or is read again."""

    address: str
    blocked: bool
    because: str

    def __str__(self) -> str:
        return f"{'block' if self.blocked else 'unblock'} {self.address}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An agent took back an answer before it left; message_id is that of his own mail."""

    mails: tuple[int, ...]  # outbox rows
    message_id: str
    text: str
    because: str

    def __str__(self) -> str:
        return f"answer taken back before it left{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class NoCopies:
    """Somebody asked not to be made a participant any more, here and elsewhere."""

    address: str
    because: str

    def __str__(self) -> str:
        return f"no copies to {self.address}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Promised:
    """What the customer was told: until when a person answers.  Never moved afterwards.

    by is the agent who gave his word; "" where maild reckoned.
    """

    until: datetime
    because: str
    by: str = ""

    def __str__(self) -> str:
        return f"promise until={self.until:%Y-%m-%dT%H:%M:%SZ}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class WakeAt:
    """The ticket rests until then, unless its status changes before."""

    until: datetime
    because: str

    def __str__(self) -> str:
        return f"rest until={self.until:%Y-%m-%dT%H:%M:%SZ}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class PromiseJudged:
    """What became of a promise: kept, or broken."""

    kept: bool
    because: str

    def __str__(self) -> str:
        return f"promise {'kept' if self.kept else 'broken'}{_because(self.because)}"


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
        return f"{how} {self.message_id or 'mail'} to={self.recipient}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Muted:
    """Nothing automatic goes to an address until a moment."""

    address: str
    until: datetime
    because: str

    def __str__(self) -> str:
        return f"mute {self.address} until={self.until:%Y-%m-%dT%H:%M:%SZ}{_because(self.because)}"


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
        return f"stage {self.clock}#{self.instance} {self.stage}{nth}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class ClockSet:
    """The targets of a ticket's clocks, in seconds of working time, or one due time set by a person."""

    targets: tuple[tuple[str, int], ...]  # (clock, seconds)
    promise: str  # key of the promise of the rule files, or ""
    because: str
    due: datetime | None = None

    def __str__(self) -> str:
        targets = " ".join(f"{clock}={seconds}s" for clock, seconds in self.targets)
        due = f" due={self.due:%Y-%m-%dT%H:%M:%SZ}" if self.due else ""
        return f"clocks {targets or 'none'}{due}{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class NothingOwed:
    """The customer's last word needs no answer."""

    because: str

    def __str__(self) -> str:
        return f"no answer owed{_because(self.because)}"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that history should tell and that changes nothing."""

    what: str
    because: str = ""

    def __str__(self) -> str:
        return f"{self.what}{_because(self.because)}"


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
    | Remark
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a ticket's history: what changed, when, and who caused it where that is asked."""

    at: datetime
    change: Change
    actor: str = ""


class Audience(StrEnum):
    """Whom a mail is for: what he may see follows from it."""

    CUSTOMER = "customer"
    AGENT = "agent"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Person:
    """Where a mail goes: address, name, language, and the party his reply address names.

    party is what the signed token of Reply-To speaks of: the agent's key, or the customer's address;
    epoch is the agent's (a raised epoch makes his older tokens void), 0 for customers.
    """

    address: str
    name: str
    language: str
    audience: Audience
    party: str
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class SendMail:
    """Somebody is to be sent a mail: the template's name and the plain values that it may use.

    answers is the Message-ID that the mail answers ("" for none), thread the further ids that lead to
    it.  subject is "" where the template has one of its own.  automatic is False for what a person
    wrote: no budget holds that back, and it carries no Auto-Submitted (RFC 3834 section 3.1.7).
    """

    template: str
    to: Person
    queue: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)
    subject: str = ""
    from_name: str = ""
    answers: str = ""
    thread: tuple[str, ...] = ()
    attachments: tuple[Part, ...] = ()
    automatic: bool = True
    answers_mail: bool = False  # auto-replied rather than auto-generated
    note: bool = False  # an answer to it stays inside
    not_before: datetime | None = None  # when it may leave; None: at once
    held: int | None = None  # the received mail that it asks about
    orders: bool = False  # an answer to it gives orders on held mails

    def __str__(self) -> str:
        return f"mail {self.template} to={self.to.address}"


class Fate(StrEnum):
    """What became of a received mail."""

    WAITING = "waiting"
    FILED = "filed"
    DISCARDED = "discarded"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Hold:
    """A received mail waits for a person's word: in whose name it is, what it says, and how long it waits."""

    agent: str
    text: str
    digest: str  # of the text: what was shown is what is released
    until: datetime


class Word(StrEnum):
    """What a person, or time, said of a held mail."""

    WAITING = "waiting"
    RELEASED = "released"
    DROPPED = "dropped"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Settle:
    """What is to become of a held mail."""

    mail: int
    word: Word
    by: str

    def __str__(self) -> str:
        return f"mail {self.mail} {self.word} by {self.by}"


class Verb(StrEnum):
    """What a lead may order of a mail that is held, though in no agent's name."""

    RELEASE = "release"  # whatever the rules say
    BLOCK = "block"  # and all that its sender may send


@dataclass(frozen=True, slots=True)
class Order:
    """A lead's word on a held mail."""

    verb: Verb
    mail: int
    by: str

    def __str__(self) -> str:
        return f"{self.verb} mail {self.mail}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen, in one transaction; beside is what happens to other tickets in it.

    ticket is the number of the ticket concerned, new or not; None where no ticket is.  actor is who
    caused it: an address, an agent's key, "maild", or "operator".
    """

    ticket: int | None
    changes: tuple[Change, ...] = ()
    mails: tuple[SendMail, ...] = ()
    fate: Fate | None = None  # of the received mail, where one is the cause
    because: str = ""
    actor: str = "maild"
    version: int | None = None  # of the ticket it was made from; None for a new one
    beside: tuple["Beside", ...] = ()
    spends: str = ""  # a signed address that works once: its token
    holds: Hold | None = None  # why a person must say a word first, where the mail is an agent's
    settles: Settle | None = None  # an earlier mail that was held
    ends: tuple[str, ...] = ()  # how the text of the agent ends who is the actor, to be known again
    orders: tuple[Order, ...] = ()  # on mails that a rule holds

    @property
    def opens(self) -> bool:
        return bool(self.changes) and isinstance(self.changes[0], OpenTicket)

    def lines(self) -> tuple[str, ...]:
        """Return the plan as text, a line a step."""
        head = f"ticket #{self.ticket}" if self.ticket is not None else "no ticket"
        fate = [f"{self.fate}{_because(self.because)}"] if self.fate else []
        others = [line for one in self.beside for line in one.plan.lines()]
        settles = [str(self.settles)] if self.settles else []
        steps = map(str, (*self.changes, *self.orders, *self.mails))
        return (head, *steps, *settles, *others, *fate)

    def __str__(self) -> str:
        return "\n".join(self.lines())


@dataclass(frozen=True, slots=True)
class Beside:
    """What one plan does to another ticket, in the same transaction; ticket is None where it opens one."""

    plan: Plan
    ticket: Ticket | None = None

    @property
    def handle(self) -> int | None:
        first = self.plan.changes[0]
        return first.handle if isinstance(first, OpenTicket) else self.ticket.handle if self.ticket else None


def _because(reason: str) -> str:
    return f" because {reason}" if reason else ""
