"""What is to be done, in one transaction: changes of tickets, mails, and what becomes of received ones.

Deciding makes a Plan, the store carries it out; it prints as text, a line a step.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from maild.hours.spans import Spell
from maild.message.model import Part
from maild.ticket.change import Change, OpenTicket, said_because
from maild.ticket.model import Ticket


class Audience(StrEnum):
    """The reader of a mail: what he may see follows from it."""

    CUSTOMER = "customer"
    AGENT = "agent"
    OPERATOR = "operator"


BY_ITSELF = "maild"  # the actor of what no person does: a clock's time has come


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

    answers is the Message-ID that the mail answers ("" for none).  subject is "" where the template has one of its
    own.  automatic is False for what a person wrote: no budget holds that back, and it carries no Auto-Submitted
    (RFC 3834 section 3.1.7).
    """

    template: str
    to: Person
    queue: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)
    subject: str = ""
    from_name: str = ""
    answers: str = ""
    attachments: tuple[Part, ...] = ()
    automatic: bool = True
    answers_mail: bool = False  # auto-replied rather than auto-generated
    note: bool = False  # an answer to it stays inside
    not_before: datetime | None = None  # when it may leave; None: at once
    held: int | None = None  # the received mail that it asks about
    orders: bool = False  # an answer to it gives orders on held mails
    apart: bool = False  # it is of no ticket, though an answer to it comes to that of its plan

    def __str__(self) -> str:
        return f"mail {self.template} to={self.to.address}"

    def written_in(self, language: str) -> "SendMail":
        return replace(self, to=replace(self.to, language=language))


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
    """What a person, or time, said about a held mail."""

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
class Absence:
    """An agent is away on some days, or here after all, as he or his lead says."""

    agent: str
    spell: Spell
    by: str

    def __str__(self) -> str:
        return f"{self.agent} {self.spell}{said_because(self.by)}"


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
    actor: str = BY_ITSELF
    beside: tuple["Beside", ...] = ()
    spends: str = ""  # a signed address that works once: its token
    holds: Hold | None = None  # why a person must say a word first, where the mail is an agent's
    settles: Settle | None = None  # an earlier mail that was held
    ends: tuple[str, ...] = ()  # how the text of the agent ends who is the actor, to be known again
    orders: tuple[Order, ...] = ()  # on mails that a rule holds
    absences: tuple[Absence, ...] = ()  # of agents
    told_of: tuple[str, ...] = ()  # what the agent is told once, and is told now, who is the actor

    @property
    def opens(self) -> bool:
        return bool(self.changes) and isinstance(self.changes[0], OpenTicket)

    def lines(self) -> tuple[str, ...]:
        """Return the plan as text, a line a step."""
        head = f"ticket #{self.ticket}" if self.ticket is not None else "no ticket"
        fate = [f"{self.fate}{said_because(self.because)}"] if self.fate else []
        others = [line for one in self.beside for line in one.plan.lines()]
        settles = [str(self.settles)] if self.settles else []
        steps = map(str, (*self.changes, *self.orders, *self.absences, *self.mails))
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
        first = next(iter(self.plan.changes), None)  # it may only send something
        return first.handle if isinstance(first, OpenTicket) else self.ticket.handle if self.ticket else None
