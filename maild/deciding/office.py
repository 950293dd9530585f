"""What deciding works with: the site as one unchanging value, and a mail that was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from maild.agents.syntax import CommandError, hint
from maild.hours import weekly
from maild.hours.estimate import Estimate
from maild.message.model import Envelope, Message, Reading
from maild.rules import analysis
from maild.rules.evaluate import Rule
from maild.ticket import particulars
from maild.ticket.desk import Desk, Queue
from maild.ticket.house import House
from maild.ticket.model import Priority, Ticket
from maild.ticket.plan import Audience
from maild.ticket.proof import NO_EVIDENCE, Evidence, ProofMode

if TYPE_CHECKING:
    from maild.outbound.compose import Templates


@dataclass(frozen=True)
class Office:
    """Everything that deciding on a mail needs of the site, as one unchanging value."""

    house: House
    rules: tuple[Rule, ...]
    templates: "Templates"
    proof_mode: ProofMode
    language: str
    ruleset: int
    languages: tuple[str, ...] = ("en", "lv")  # in which there are templates
    relays: tuple[str, ...] = ()  # networks whose mail servers the site trusts
    operator: str = ""  # who is told what concerns no ticket
    ready: tuple[str, ...] = ()  # templates that are ready answers
    expected: Mapping[tuple[str, Priority], Estimate] = field(default_factory=dict)  # by queue: see experience
    rules_changed: bool = False  # since the last time that this site was opened: its timers must be made anew

    @property
    def desk(self) -> Desk:
        return self.house.desk

    @cached_property
    def heard(self) -> tuple[str, ...]:
        """The languages that are told apart: those of templates, and those that agents speak or rules ask for."""
        spoken = (word for agent in self.desk.agents.values() for word in agent.languages)
        asked = (word for rule in self.rules for word in analysis.languages(rule.when))
        return tuple(dict.fromkeys((*self.languages, *spoken, *asked)))

    @cached_property
    def takers(self) -> tuple[str, ...]:
        """The agents among whom rules choose by how much each has; () where no rule does."""
        steps = [step for ladder in self.desk.ladders.values() for step in ladder.steps]
        if not any(analysis.chooses(rule.then) for rule in self.rules) and not any(step.then for step in steps):
            return ()
        return tuple(dict.fromkeys(key for team in self.desk.teams.values() for key in team.members))

    @cached_property
    def gives_priorities(self) -> bool:
        """Whether rules give a priority: of a mail's ticket must then be known what was promised for it last."""
        return any(analysis.prioritises(rule.then) for rule in self.rules if rule.every is None)

    def words(
        self,
        template: str,
        language: str,
        queue: Queue,
        audience: Audience,
        values: Mapping[str, object],
        now: datetime,
    ) -> str:
        """Return the text of a template of which no letter is made."""
        of_no_letter = {"marker": "", "inside": False}
        given = particulars.complete({**of_no_letter, **values}, self.house, queue, audience, now)
        return self.templates.render(template, language, given).text

    def ready_answer(self, ticket: Ticket, queue: Queue, now: datetime, name: str) -> str:
        """Return the words of a ready answer in a ticket's language.

        Raises:
            CommandError: there is none of that name.
        """
        name = name if name in self.ready else name.lower()
        if name not in self.ready:
            raise CommandError("there is no ready answer {!r}{}", name, hint(name, self.ready))
        desk = self.desk
        values = {
            **particulars.about(ticket, queue),
            "authenticated": True,
            "received_at": ticket.opened_at,
            "sender_date": None,
            "promise": None,
            "seen_late": "",
            "asks_for": (),
            "hours": weekly.said(desk.calendar_of(queue), now, desk.zone_of(queue), ticket.language),
        }
        return self.words(name, ticket.language, queue, Audience.CUSTOMER, values, now).strip()


@dataclass(frozen=True, slots=True)
class Mail:
    """A received mail that was read: what the line begins with."""

    envelope: Envelope
    reading: Reading
    evidence: Evidence = NO_EVIDENCE
    intake_id: int | None = None
    import_only: bool = False
    released_by: str = ""  # who let it go on after it was held

    @property
    def message(self) -> Message:
        return self.reading.message
