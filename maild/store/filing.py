"""What is to be filed: a plan with all that filing it needs, and why it could not be."""

from dataclasses import dataclass
from datetime import datetime

from maild.message.model import Letter
from maild.ticket.facts import Versions
from maild.ticket.model import Ticket
from maild.ticket.plan import Plan
from maild.ticket.proof import Evidence


class Stale(Exception):
    """What the plan was made from has changed: take a new look and plan anew."""


class Settled(Stale):
    """Somebody else has dealt with the mail: nothing is left to be planned."""


class NumberTaken(Stale):
    """Somebody has opened a ticket under that number meanwhile: a command at the terminal, beside the daemon."""


@dataclass(frozen=True, slots=True)
class Addressed:
    """A letter, and what the outbox keeps beside it."""

    letter: Letter
    audience: str
    author: str = ""
    not_before: datetime | None = None
    shadow: bool = False  # it is kept, and never sent


@dataclass(frozen=True, slots=True)
class Filing:
    """A plan and everything that filing it needs and must not make up."""

    plan: Plan
    now: datetime
    ruleset: int
    ticket: Ticket | None = None  # that the plan was made from; None for a new one
    letters: tuple[Addressed, ...] = ()
    versions: Versions = Versions()
    intake_id: int | None = None
    references: tuple[str, ...] = ()  # ids that the mail mentions and its ticket is not known by
    content_hash: str = ""
    message_id: str = ""  # of the mail
    base_subject: str = ""
    thread_index: str = ""
    authenticated: bool = False
    returned: tuple[int, str] | None = None  # an outbox row that came back, and why
    evidence: Evidence | None = None  # to be kept with the mail
    beside: tuple["Filing", ...] = ()  # what the plan does to other tickets
