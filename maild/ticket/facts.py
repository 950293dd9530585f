"""What is known when a mail is decided on: Seen is read, Facts are put together, Decision is judged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from maild.message import subject
from maild.message.model import Classified, Cut, Envelope, Kind, Message, Part, Report
from maild.ticket.change import Change, Entry
from maild.ticket.desk import Agent, Desk, Form, Queue
from maild.ticket.model import Direction, Priority, Status, Ticket, Visibility
from maild.ticket.plan import Word
from maild.ticket.proof import Evidence, Level, Proof, is_signed
from maild.ticket.thread import Match, Past
from maild.ticket.token import Token


@dataclass(frozen=True, slots=True)
class Contact:
    """What is remembered of a person, whatever ticket he wrote in."""

    address: str
    name: str = ""
    language: str = ""
    seen_before: bool = False
    authenticated_before: bool = False
    muted: bool = False  # his mailbox refused us lately
    unclosed: int = 0  # tickets
    unsolved: tuple[int, ...] = ()  # the numbers of those of them that are not solved either, the newest word first
    blocked: bool = False  # what he sends is put away


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail of ours, as a delivery report finds it again."""

    outbox_id: int
    ticket: int | None
    recipient: str
    message_id: str
    automatic: bool
    author: str  # the agent who wrote it, or ""
    failed: bool = False  # its failure is known already; of an automatic one: or another's to the same address


@dataclass(frozen=True, slots=True)
class Last:
    """The newest mail that a person of the customer's side wrote, or else a machine: for quoting under an answer."""

    name: str
    text: str
    at: datetime
    address: str = ""
    kind: Kind = Kind.HUMAN
    ticket: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A mail in an agent's name that waits, or waited, for a person's word."""

    mail: int
    ticket: int | None
    agent: str
    because: str
    text: str
    digest: str
    asked_at: datetime
    until: datetime
    state: Word


@dataclass(frozen=True, slots=True)
class Load:
    """An agent's load: how many open tickets he has, and the number of the last one that he was given."""

    open: int = 0
    last: int = 0


NO_LOAD = Load()


class Want(NamedTuple):
    """Something that a command asks of the store: a ticket by its number, a list by words, the mails of this ticket."""

    what: str  # ticket, list, mails, history, promise, files, newest files, held
    which: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a ticket, as commands show it; row is its number in the store."""

    row: int
    direction: Direction
    visibility: Visibility
    kind: Kind
    message_id: str
    party: str
    party_name: str
    at: datetime
    text: str
    intake_id: int | None = None

    @property
    def is_customers(self) -> bool:
        """Whether a person of the customer's side wrote it who is known in the ticket."""
        return self.direction is Direction.IN and self.visibility is Visibility.PUBLIC and self.kind is Kind.HUMAN


@dataclass(frozen=True, slots=True)
class Asked:
    """What the store said to what the commands of a mail ask for."""

    tickets: Mapping[int, Ticket] = field(default_factory=dict, hash=False)
    histories: Mapping[int, tuple[Entry, ...]] = field(default_factory=dict, hash=False)  # by ticket
    promised: Mapping[int, tuple[Entry, ...]] = field(default_factory=dict, hash=False)  # of each what sets targets
    mails: Mapping[int, tuple[Said, ...]] = field(default_factory=dict, hash=False)  # by ticket
    lists: Mapping[str, tuple[int, ...]] = field(default_factory=dict, hash=False)  # by what was asked: tickets
    files: Mapping[int, tuple[Part, ...]] = field(default_factory=dict, hash=False)  # by ticket
    held: Mapping[int, str] = field(default_factory=dict, hash=False)  # by held mail: who sent it


NOTHING_ASKED = Asked()


@dataclass(frozen=True, slots=True)
class Leaving:
    """An agent's answer that may still be taken back: its mails wait in the outbox."""

    mails: tuple[int, ...]
    message_id: str  # of his own mail
    text: str
    for_him: bool = True  # they wait so that he may take it back, and not for a clock that was set back


@dataclass(frozen=True, slots=True)
class Versions:
    """What a plan was made from: filing looks again, and plans anew where one of them changed."""

    ids: tuple[str, ...] = ()  # the Message-IDs that were looked up,
    refs: tuple[int, ...] = ()  # and the rows that were found under them
    contact: str = ""
    contact_version: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at the store."""

    past: Past
    contact: Contact
    reported: Outgoing | None = None  # the mail of ours that a report is about
    parent_text: str = ""  # the text of the mail that is answered
    sent: str = ""  # that mail, where it is ours: with what stands around its writer's words
    sent_subject: str = ""  # and its subject
    last: Last | None = None  # what the customer's side wrote last
    loads: Mapping[str, Load] = field(default_factory=dict, hash=False)  # by agent, where rules ask for it
    versions: Versions = Versions()
    asked: Asked = NOTHING_ASKED
    spent: bool = False  # the address works once, and did
    held: Held | None = None  # the held mail that an answer is about, or that was released
    notes: tuple[str, ...] = ()  # of the ticket, what its fields keep and rules noted, where an agent writes
    noted_by: str = ""  # the colleague whose note is the newest but for those of the agent who writes
    newer: tuple[Last, ...] = ()  # what others wrote after the copy that an agent answers
    absorbed: tuple[int, ...] = ()  # tickets that ended in this one after that copy
    endings: tuple[tuple[str, ...], ...] = ()  # with which the last mails ended of the agent who writes
    told_of: tuple[str, ...] = ()  # what he was told once
    beat: bool = False  # the mail is one that we sent to ourselves to see it come back
    leaving: Leaving | None = None  # an answer of the agent who writes that has not left yet
    inside: bool = False  # what an agent answers, by an address that carries nothing, is for no customer
    touched_at: datetime | None = None  # when the tickets were last changed that an old mail may belong to
    no_copies: frozenset[str] = frozenset()  # those in To and Cc who asked to be left alone


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a new ticket or message needs and no pure function may draw: a number and a handle."""

    number: int
    handle: int


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """A mail as its real author's: who passed it on, and what he wrote beside it."""

    message: Message
    by: Agent | Form | Queue
    above: str = ""
    ordered: tuple[Change, ...] = ()  # by commands above it

    @property
    def agent(self) -> Agent | None:
        return self.by if isinstance(self.by, Agent) else None


@dataclass(frozen=True, slots=True)
class Facts:
    """One received mail and everything that bears on it."""

    message: Message
    envelope: Envelope
    classified: Classified
    match: Match
    proof: Proof
    cut: Cut
    queue: Queue  # of the ticket; of a mail without one, the queue that it was addressed to
    seen: Seen
    evidence: Evidence
    desk: Desk
    fresh: Fresh
    now: datetime
    language: str
    desk_language: str = "en"  # for people whose own is not known
    spoken: str = ""  # the language of the mail, where that may be one in which nobody is written to
    intake_id: int | None = None
    report: Report | None = None
    ticket: Ticket | None = None
    agent: Agent | None = None  # whom the From field names, proved or not
    token: Token | None = None
    own_token: bool = False  # the token is that of the customer who wrote
    on_behalf: OnBehalf | None = None  # who passed the mail on: an agent, or a web form
    authenticated: bool = False  # something shows that the mail is its sender's, or did before
    import_only: bool = False  # old mail: filed, and nobody is told
    to_role_address: bool = False  # to postmaster@ or abuse@ alone
    ready: Callable[[str], str] | None = None  # a ready answer's words for this ticket, by its name
    released_by: str = ""  # who let a held mail go on
    code: str = ""  # of the held mail that an answer is about
    ours: str = ""  # why the mail is one of our own come back; "" for any other
    came_back: bool = False  # to the return address of one of our mails, which its recipient's server alone knows
    answers_no_ticket: bool = False  # a program's answer to a mail of ours that is about none

    @property
    def name(self) -> str:
        return self.message.sender.name or self.seen.contact.name

    @property
    def by_person(self) -> bool:
        """Whether a person wrote the mail, as far as anybody can tell."""
        return self.classified.kind is Kind.HUMAN

    @property
    def has_files(self) -> bool:
        """Whether it brings files that a person must look at: no picture of a signature, and nothing that signs it."""
        return any(not one.inline and not one.signs for one in self.message.attachments)

    @property
    def keeps_subject(self) -> bool:
        """Whether a mail of ours is answered under its own subject, which may be "We have received your email"."""
        sent = subject.base(self.seen.sent_subject).text
        return bool(sent) and subject.base(self.message.subject).text == sent

    @property
    def is_believed(self) -> bool:
        """Whether an agent without a reply address is who he says: he logged in, or his domain signed the mail."""
        return self.proof.level is Level.PROVED or is_signed(self.evidence, self.message, self.now)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A fact that is asked for: the name of its field, and the words of the question by language."""

    name: str
    words: Mapping[str, str] = field(default_factory=dict, hash=False)

    def said(self, language: str) -> str:
        """Return the words of the question, in another language if that one has none."""
        return self.words.get(language) or next(iter(self.words.values()), self.name)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules say about a mail; the first word on each matter stands, tags and notes add up."""

    queue: str = ""
    priority: Priority | None = None
    assign: str = ""
    tags: tuple[str, ...] = ()
    untags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tell: tuple[str, ...] = ()
    acknowledge: str | None = None  # another template; "" for none; None: as usual
    answers: tuple[str, ...] = ()
    promise: str = ""
    forward: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict, hash=False)
    asks_for: tuple[Wanted, ...] = ()  # what is missing
    discard: str = ""
    hold: str = ""
    status: Status | None = None
    because: tuple[str, ...] = ()


NO_RULES = Decision()
