"""What a rule sees: one mail, and its ticket as the rules before it left it.

A Case lives as long as one evaluation.  What is read of the mail is read once, folded for comparing once
(case, composed characters and line breaks do not tell words apart), and bounded: rules look at the first
64 Ki characters of a text.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from maild.message.letters import composed
from maild.ticket import reopening
from maild.ticket.desk import Agent, Queue
from maild.ticket.facts import Facts
from maild.ticket.model import Priority, Status, Ticket

LONGEST_TEXT = 65_536  # characters
OF_TICKET = "field."  # begins the name of a field that is kept with a ticket, in conditions
LONGEST_FILLED = 200  # characters of a customer's words in an action or a field

Values = tuple[str, ...]
Read = Callable[["Case"], Values]


class Case:
    """One mail under the rules; queue, priority, tags, fields and assignee change as rules act."""

    __slots__ = (
        *("_bytes", "_folded", "_raw", "assignee", "captures", "facts", "fields", "missing", "named", "priority"),
        *("queue", "status", "tags"),
    )

    def __init__(self, facts: Facts) -> None:
        ticket = self.ticket_of(facts)
        self.facts = facts
        self.queue: Queue = facts.desk.queues.get(ticket.queue, facts.queue) if ticket else facts.queue
        self.priority = ticket.priority if ticket else Priority.NORMAL
        self.status = ticket.status if ticket else Status.NEW
        self.tags: Values = ticket.tags if ticket else ()
        self.assignee = ticket.assignee if ticket and ticket.assignee in facts.desk.agents else ""
        self.fields: dict[str, str] = dict(ticket.fields) if ticket else {}
        self.missing: Values = ticket.lacking if ticket else ()
        self.captures: Values = ()
        self.named: dict[str, str] = {}
        self._raw: dict[str, Values] = {}
        self._folded: dict[str, Values] = {}
        self._bytes: dict[str, tuple[bytes, ...]] = {}

    @staticmethod
    def ticket_of(facts: Facts) -> Ticket | None:
        """Return the ticket that the mail continues; None where it opens one."""
        ticket = facts.ticket
        return None if ticket is None or reopening.begins_anew(facts, ticket) else ticket

    @property
    def ticket(self) -> Ticket | None:
        return self.ticket_of(self.facts)

    @property
    def team(self) -> tuple[Agent, ...]:
        return self.facts.desk.team_of(self.queue)

    def raw(self, name: str, read: Read) -> Values:
        """Return a field's values as they are; () where there are none."""
        found = self._raw.get(name)
        if found is None:
            found = self._raw[name] = tuple(value[:LONGEST_TEXT] for value in read(self))
        return found

    def folded(self, name: str, read: Read) -> Values:
        """Return a field's values as they are compared; ("",) where there are none."""
        found = self._folded.get(name)
        if found is None:
            found = self._folded[name] = tuple(fold(value) for value in self.raw(name, read)) or ("",)
        return found

    def encoded(self, name: str, read: Read) -> tuple[bytes, ...]:
        """Return a field's values as regular expressions read them."""
        found = self._bytes.get(name)
        if found is None:
            values = self.raw(name, read)
            found = self._bytes[name] = tuple(composed(value).encode("utf-8", "replace") for value in values)
        return found

    def keep(self, said: Mapping[str, str]) -> None:
        """Something is kept with the ticket under these names; where it is "", nothing is."""
        known = {name: value for name, value in said.items() if value}
        self.fields |= known
        self.missing = tuple(name for name in self.missing if name not in known)
        for name in ("missing", *(f"{OF_TICKET}{name}" for name in known)):
            self.forget(name)

    def miss(self, names: Iterable[str]) -> None:
        """Some facts are needed, and nobody has said them."""
        self.missing = tuple(dict.fromkeys((*self.missing, *names)))
        self.forget("missing")

    def forget(self, name: str) -> None:
        """Read a field anew the next time: a rule changed it."""
        for kept in (self._raw, self._folded, self._bytes):
            kept.pop(name, None)


def one_line(text: str) -> str:
    """Return a customer's words as they may be in an action or a field: short, in one line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_FILLED]


def fold(text: str) -> str:
    """Return a text as it is compared: composed, without case, one space for any white space, none around it."""
    return " ".join(composed(text).casefold().split())


def fold_part(text: str) -> str:
    """Return a part of a text likewise; a space at its end stays, for it parts words."""
    return re.sub(r"\s+", " ", composed(text).casefold())
