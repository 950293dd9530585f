"""The schema.  Rows only: no queries, no relationships, no behaviour.

What must hold is a constraint in the database, for SQLModel's table classes do not validate.  Instants
are UTC; words of closed lists are kept as lower-case strings with a CHECK.
"""

from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from maild.message.model import Kind
from maild.ticket.model import Direction, Priority, Relation, Role, Status, Visibility
from maild.ticket.plan import Audience, Fate, Word

SQLModel.metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
SQLModel.model_config["defer_build"] = True  # validators, which no row needs: a tenth of a verb's start

OPEN_AND_ASSIGNED = "assignee <> '' and status not in ('solved', 'closed')"
OutboxState = Literal["queued", "sent", "deferred", "failed", "in_doubt", "held", "shadow", "withdrawn"]
OUTBOX_STATES: tuple[OutboxState, ...] = get_args(OutboxState)
UNTOLD = "fate = 'held' and told_at is null"
HAS_BYTES = "raw is not null or chunks > 0"
SAYS_SOMETHING = "status = 'closed' and requester_address <> 'forgotten@invalid'"
NAMES_ITS_SENDER = "fate = 'discarded' and mail_from <> 'forgotten@invalid'"
UNREPORTED = "state = 'shadow' and done_at is null"
IS_STAGE = "stage is not null"
REQUESTER = "lower(requester_address)"  # an address is one, however it is written
ADDRESS = "lower(address)"
NEVER_AGAIN = {"sqlite_autoincrement": True}  # a number that was given away is not used for another row
BY_ITS_KEY = {"sqlite_with_rowid": False}  # a row is in the tree of its key, and not in another one besides
BY_BYTES = String(collation="C").with_variant(String(), "sqlite")  # which knows no other order
BIG = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by INTEGER alone


def _one_of(column: str, words: Any) -> CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} in ({listed})", name=column)


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of the rows alone for which a condition holds: it stays small, however old the site."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


def _id() -> Any:
    return Field(default=None, sa_column=Column("id", BIG, primary_key=True, autoincrement=True))


class IntakeRow(SQLModel, table=True):
    """A mail that was accepted, and what became of it.

    The raw mail is the archive: attachments are read from it, never copied.  source is unique, so an
    IMAP message or a retried SMTP transaction is dealt with once, wherever a crash falls.  fate is
    written in the plan's transaction.
    """

    __tablename__ = "intake"
    __table_args__ = (
        _one_of("fate", Fate),
        _partial("ix_intake_waiting", "lane", "id", where="fate = 'waiting'"),
        Index("ix_intake_fate_id", "fate", "id"),
        _partial("ix_intake_bytes", "received_at", where=HAS_BYTES),  # of mails that may be forgotten
        # With the fate, or SQLite takes another index and looks at all that were discarded.
        _partial("ix_intake_discarded", "fate", "received_at", where=NAMES_ITS_SENDER),
        _partial("ix_intake_untold", "id", where=UNTOLD),
        _partial("ix_intake_ticket", "ticket", where="ticket is not null"),
        NEVER_AGAIN,
    )

    id: int = _id()
    # In the order of its bytes, whatever language a database sorts by: those of a mailbox are beside each other.
    source: str = Field(sa_column=Column("source", BY_BYTES, unique=True, nullable=False))
    sha256: str
    mail_from: str | None
    rcpt_to: str  # JSON list
    received_at: datetime
    client: str = ""
    helo: str = ""
    protocol: str = ""
    auth_user: str = ""
    import_only: bool = False
    lane: int  # mails of one sender are filed in order
    evidence: str | None = None  # JSON, gathered once
    fate: str = Fate.WAITING.value
    because: str = ""
    ticket: int | None = None
    attempts: int = 0
    retry_at: datetime | None = None
    lease: str | None = None
    leased_until: datetime | None = None
    traceback: str = ""
    released_by: str = ""  # who let it go on after it was held
    told_at: datetime | None = None  # when the lead was told that it is held
    size_bytes: int
    chunks: int = 0  # of the raw mail in the chunk table; 0: it is in raw
    raw: bytes | None = Field(default=None, sa_column=Column("raw", LargeBinary))


class HeldRow(SQLModel, table=True):
    """A mail in an agent's name that waits for a person's word, until then; its bytes are the intake row's."""

    __tablename__ = "held"
    __table_args__ = (_one_of("state", Word), _partial("ix_held_until", "until", where="state = 'waiting'"))

    mail: int = Field(sa_column=Column("mail", BIG, ForeignKey("intake.id"), primary_key=True, autoincrement=False))
    ticket: int | None = Field(default=None, foreign_key="ticket.number")
    agent: str
    because: str
    text: str  # that he was shown
    digest: str
    asked_at: datetime
    until: datetime
    state: str = Word.WAITING.value
    settled_by: str = ""
    settled_at: datetime | None = None


class ChunkRow(SQLModel, table=True):
    """A piece of a large mail, written while it still arrives; intake makes the mail exist."""

    __tablename__ = "chunk"
    __table_args__ = (UniqueConstraint("transfer", "sequence"),)

    id: int = _id()
    transfer: str
    sequence: int
    intake: int | None = Field(default=None, foreign_key="intake.id", index=True)
    written_at: datetime
    data: bytes = Field(sa_column=Column("data", LargeBinary, nullable=False))


class TicketRow(SQLModel, table=True):
    """A conversation; number is what people see, handle what is in addresses."""

    __tablename__ = "ticket"
    __table_args__ = (
        _one_of("status", Status),
        _one_of("priority", Priority),
        CheckConstraint("rating between 1 and 5", name="rating"),
        # With the address itself, else it would be read from the row of each ticket of one customer.
        Index("ix_ticket_requester", text(REQUESTER), "updated_at", "status", "merged_into", "requester_address"),
        Index("ix_ticket_status_updated_at", "status", "updated_at", "merged_into"),
        Index("ix_ticket_assignee_number", "assignee", "number"),
        _partial("ix_ticket_load", "assignee", where=OPEN_AND_ASSIGNED),
        # With the status, or SQLite takes another index and looks at all that are closed.
        _partial("ix_ticket_closed", "status", "updated_at", where=SAYS_SOMETHING),
        NEVER_AGAIN,
    )

    number: int = Field(sa_column=Column("number", BIG, primary_key=True, autoincrement=False))
    handle: int = Field(sa_column=Column("handle", BigInteger, unique=True, nullable=False))
    version: int
    queue: str = Field(index=True)
    status: str
    priority: str
    assignee: str = ""
    subject: str
    base_subject: str
    thread_index: str = ""
    requester_address: str
    requester_name: str
    language: str
    opened_at: datetime
    updated_at: datetime
    solved_at: datetime | None = None
    closed_at: datetime | None = None
    merged_into: int | None = Field(default=None, foreign_key="ticket.number")
    last_message_id: str = ""
    fields: str = ""  # JSON: name -> value
    silent: str = ""  # keys of agents who want no mail about it, with spaces between
    rating: int | None = None  # by the requester


class MessageRow(SQLModel, table=True):
    """A message filed under a ticket.

    message_id is not unique: some programs reuse theirs, and anyone may forge one.  Whether a known id
    makes a duplicate is judged in ticket.thread.  text is what was written and quoted, "" where nothing was quoted.
    """

    __tablename__ = "message"
    __table_args__ = (_one_of("direction", Direction), _one_of("visibility", Visibility), _one_of("kind", Kind))

    id: int = _id()
    ticket: int = Field(foreign_key="ticket.number", index=True)
    direction: str
    visibility: str
    kind: str
    message_id: str
    party: str
    party_name: str
    at: datetime
    intake: int | None = Field(default=None, foreign_key="intake.id", index=True)
    new_text: str
    text: str


class MessageRefRow(SQLModel, table=True):
    """That a Message-ID belongs to a ticket: filed there, or mentioned by a mail of `sender`."""

    __tablename__ = "message_ref"

    id: int = _id()
    message_id: str = Field(index=True)
    ticket: int = Field(foreign_key="ticket.number", index=True)
    filed: bool
    sender: str
    content_hash: str = ""


class ContactRow(SQLModel, table=True):
    """What is remembered of an address beyond one ticket; address is in lower case."""

    __tablename__ = "contact"
    __table_args__ = BY_ITS_KEY

    address: str = Field(primary_key=True)
    name: str = ""
    language: str = ""
    version: int = 1
    first_seen_at: datetime
    authenticated_at: datetime | None = None
    muted_until: datetime | None = None
    blocked: bool = False  # what he sends is put away
    no_copies: bool = False  # he asked not to be sent copies


class ParticipantRow(SQLModel, table=True):
    """Somebody of the customer's side besides the requester."""

    __tablename__ = "participant"
    __table_args__ = (_one_of("role", Role), Index("ix_participant_address", text(ADDRESS), "ticket"), BY_ITS_KEY)

    ticket: int = Field(foreign_key="ticket.number", primary_key=True)
    address: str = Field(primary_key=True)
    name: str = ""
    role: str


class TagRow(SQLModel, table=True):
    __tablename__ = "tag"
    __table_args__ = BY_ITS_KEY

    ticket: int = Field(foreign_key="ticket.number", primary_key=True)
    tag: str = Field(primary_key=True, index=True)


class LinkRow(SQLModel, table=True):
    """That a ticket has to do with another."""

    __tablename__ = "link"
    __table_args__ = (_one_of("relation", Relation),)

    ticket: int = Field(foreign_key="ticket.number", primary_key=True)
    other: int = Field(foreign_key="ticket.number", primary_key=True, index=True)
    relation: str = Field(primary_key=True)


class AgentRow(SQLModel, table=True):
    """What is kept of an agent apart from the rule files; raising epoch voids his reply addresses."""

    __tablename__ = "agent"

    key: str = Field(primary_key=True)
    epoch: int = 0
    password_hash: str = ""
    told_at: datetime | None = None  # of his tickets, in the morning; or when he was seen first
    welcomed: bool = False
    endings: str = ""  # hashes of the lines with which his last mails ended
    week_told_at: datetime | None = None  # of how a week went, as a lead; or when he was seen first as one
    told_of: str = ""  # what he is told once, and was: words with spaces between
    away: str = ""  # on which days he is away, or here after all, as he or his lead said


class SpentTokenRow(SQLModel, table=True):
    """A signed address that works once, and did."""

    __tablename__ = "spent_token"

    token: str = Field(primary_key=True)
    at: datetime


class HistoryRow(SQLModel, table=True):
    """One change of one ticket: append-only.

    clock, instance, stage and repeat are set for stages alone: their uniqueness is what makes a stage
    fire once, whatever crashes and however many daemons run.
    """

    __tablename__ = "history"
    __table_args__ = (
        UniqueConstraint("ticket", "sequence"),
        _partial("uq_history_stage", "ticket", "clock", "instance", "stage", "repeat", where=IS_STAGE, unique=True),
    )

    id: int = _id()
    ticket: int = Field(foreign_key="ticket.number")
    sequence: int
    at: datetime
    actor: str
    change: str  # the name of its class
    text: str
    detail: str  # JSON
    ruleset: int
    clock: str | None = None
    instance: int | None = None
    stage: str | None = None
    repeat: int | None = None


class RulesetRow(SQLModel, table=True):
    """A set of rule files as it was accepted, whole: any past moment's calendars can be rebuilt."""

    __tablename__ = "ruleset"

    version: int = Field(sa_column=Column("version", Integer, primary_key=True, autoincrement=False))
    at: datetime
    sha256: str
    files: str  # JSON: name -> text
    hours: str | None = None  # its calendars' (hours/written.py); "" as of the version before, NULL of an older maild


class CheckpointRow(SQLModel, table=True):
    """How far a mailbox's folder was read: shown counts the mails that its server has shown us; each is in intake."""

    __tablename__ = "checkpoint"

    account: str = Field(primary_key=True)
    folder: str = Field(primary_key=True)
    uidvalidity: int = Field(sa_column=Column("uidvalidity", BigInteger, nullable=False))
    uid: int = Field(sa_column=Column("uid", BigInteger, nullable=False))  # the highest that was shown
    shown: int = 0
    lease: str | None = None
    leased_until: datetime | None = None


class AlarmRow(SQLModel, table=True):
    """A trouble that the operator was told of, until he is told that it is over."""

    __tablename__ = "alarm"

    trouble: str = Field(primary_key=True)
    what: str
    since: datetime
    seen_at: datetime  # by any daemon


class BeatRow(SQLModel, table=True):
    """A mail that we sent to ourselves through the outside; slot counts the intervals in which one is sent."""

    __tablename__ = "beat"

    slot: int = Field(sa_column=Column("slot", BigInteger, primary_key=True, autoincrement=False))
    message_id: str = Field(unique=True)
    sent_at: datetime
    returned_at: datetime | None = None


class EstimateRow(SQLModel, table=True):
    """How long first answers take, as it was reckoned last: what customers are promised until the next night."""

    __tablename__ = "estimate"
    __table_args__ = (_one_of("priority", Priority),)

    queue: str = Field(primary_key=True)
    priority: str = Field(primary_key=True)
    at: datetime
    seconds: int  # of working time
    manner: str
    usually: int | None = None
    answered: int
    unanswered: int
    alarm: str = ""


class TimerRow(SQLModel, table=True):
    """When a stage falls due: a cache of the fold over history, rebuilt by `maild check --rebuild`."""

    __tablename__ = "timer"

    ticket: int = Field(foreign_key="ticket.number", primary_key=True)
    clock: str = Field(primary_key=True)
    instance: int = Field(primary_key=True)
    stage: str = Field(primary_key=True)
    repeat: int = Field(primary_key=True)
    fire_at: datetime = Field(index=True)


class OutboxRow(SQLModel, table=True):
    """A mail that was decided and is to leave: one recipient, one row, whatever becomes of it."""

    __tablename__ = "outbox"
    __table_args__ = (
        _one_of("state", OUTBOX_STATES),
        _one_of("audience", Audience),
        _partial("ix_outbox_due", "due_at", where="state in ('queued', 'deferred', 'in_doubt')"),
        _partial("ix_outbox_shadow", "id", where=UNREPORTED),
        _partial("ix_outbox_automatic", "created_at", where="automatic"),
        NEVER_AGAIN,
    )

    id: int = _id()
    ticket: int | None = Field(default=None, foreign_key="ticket.number", index=True)
    recipient: str
    audience: str
    author: str = ""  # the agent whose words it carries
    message_id: str = Field(index=True)
    automatic: bool
    created_at: datetime
    due_at: datetime
    state: str = "queued"
    attempts: int = 0
    lease: str | None = None
    leased_until: datetime | None = None
    replies: str = ""  # what the next server said at each attempt, a line each
    done_at: datetime | None = None
    letter: str  # JSON; last, so that SQLite finds what is beside it without reading through it


def _table(row: type[SQLModel]) -> Table:
    """Return the Core table of a row class: the hot path speaks Core."""
    return SQLModel.metadata.tables[str(row.__tablename__)]


INTAKE = _table(IntakeRow)
CHUNK = _table(ChunkRow)
HELD = _table(HeldRow)
TICKET = _table(TicketRow)
MESSAGE = _table(MessageRow)
REF = _table(MessageRefRow)
CONTACT = _table(ContactRow)
PARTICIPANT = _table(ParticipantRow)
TAG = _table(TagRow)
LINK = _table(LinkRow)
AGENT = _table(AgentRow)
SPENT_TOKEN = _table(SpentTokenRow)
HISTORY = _table(HistoryRow)
RULESET = _table(RulesetRow)
CHECKPOINT = _table(CheckpointRow)
ALARM = _table(AlarmRow)
BEAT = _table(BeatRow)
ESTIMATE = _table(EstimateRow)
TIMER = _table(TimerRow)
OUTBOX = _table(OutboxRow)
