"""What commands are made of: a row of their table, what it is applied to, and what comes of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from maild.agents.syntax import CommandError
from maild.message.model import Part
from maild.ticket.change import Change
from maild.ticket.desk import Agent, Desk, Queue
from maild.ticket.facts import NOTHING_ASKED, Asked, Facts, Fresh, Leaving
from maild.ticket.model import Ticket
from maild.ticket.plan import Absence, Beside

UNPROVED = (
    "nothing but the reply address shows that it is you: send it through our submission server, or from a mailbox "
    "whose mails are signed"
)


@dataclass(frozen=True, slots=True)
class Where:
    """What a command is applied to, by whom, and with what at hand."""

    ticket: Ticket
    desk: Desk
    agent: Agent | None  # None: the operator at the terminal
    now: datetime
    asked: Asked = NOTHING_ASKED
    fresh: Fresh | None = None  # for a ticket that a command opens
    ready: Callable[[str], str] | None = None  # a ready answer's words, by its name
    proved: bool = True  # that it is he, by more than a reply address
    language: str = "en"
    usual: str = "en"  # the language of colleagues who have named none
    leaving: Leaving | None = None  # an answer of his that has not left yet
    written_at: datetime | None = None  # as of when words such as "tomorrow" are meant, None for now

    @property
    def by(self) -> str:
        return self.agent.key if self.agent else "the operator"

    @property
    def queue(self) -> Queue:
        return self.desk.queue_called(self.ticket.queue)

    def agent_for(self, word: str) -> Agent:
        """Return the agent who gives a command that is for agents alone.

        Raises:
            CommandError: it is the operator.
        """
        if self.agent is None:
            raise CommandError("#{} needs an agent: use --as NAME at the terminal", word)
        return self.agent


@dataclass(frozen=True, slots=True)
class AgentMail:
    """A mail in an agent's name, the ticket that it belongs to or would begin, and his words in it."""

    facts: Facts
    ticket: Ticket
    agent: Agent
    text: str

    @property
    def where(self) -> Where:
        """What its commands are applied to."""
        facts = self.facts
        return Where(
            ticket=self.ticket,
            desk=facts.desk,
            agent=self.agent,
            now=facts.now,
            asked=facts.seen.asked,
            fresh=facts.fresh,
            ready=facts.ready,
            proved=facts.proof.strong,
            language=self.agent.language_or(facts.desk_language),
            usual=facts.desk_language,
            leaving=facts.seen.leaving,
            written_at=facts.envelope.received_at,  # it may have been held since
        )


@dataclass(frozen=True, slots=True)
class View:
    """Something to be shown to the one who asked: a template, its values, and its files.

    of is the ticket that it shows, where the mail belongs to another one, or to none.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)
    attachments: tuple[Part, ...] = ()
    of: Ticket | None = None


@dataclass(frozen=True, slots=True)
class Insert:
    """Words that are put into the answer, below the agent's own."""

    text: str


@dataclass(frozen=True, slots=True)
class Begin:
    """The text beside the command begins a conversation with somebody."""

    address: str


@dataclass(frozen=True, slots=True)
class Aside:
    """A colleague is asked something, and the text beside the command with it; the customer is not."""

    agent: str
    question: str


Deed = Change | Aside | Beside | View | Insert | Begin | Absence
Make = Callable[[Where, str], Sequence[Deed]]

ROLES = ("agent", "lead", "manager", "admin")  # each may do what those before it may


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table.

    Args:
        takes: what stands after the word, as the manual shows it.
        does: what it does, in English; `lv` the same in Latvian.
        note: the mail's text stays inside.
        wants: what must be asked of the store before it can be carried out.
        proved: the writer must be proved, by more than a reply address.
        role: the least that may give it.
        alone: it changes nothing of a ticket, so it may come without one.
        others: it takes the number of a ticket, and given one it may come without a ticket, too.
        opens: it may open a ticket.
        only: neither another command nor a text may come with it.
    """

    word: str
    takes: str
    does: str
    make: Make
    note: bool = False
    lv: str = ""
    wants: str = ""
    proved: bool = False
    role: str = "agent"
    alone: bool = False
    others: bool = False
    opens: bool = False
    only: bool = False
