"""The desk as the rule files describe it: queues, teams, agents, promises and ladders.

Plain values; `site.rulefiles` makes them from YAML, and everything below the edges reads them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from maild.hours import spans
from maild.hours.spans import Days, Spell
from maild.message.model import domain_of
from maild.ticket.model import Priority

if TYPE_CHECKING:
    from maild.hours.calendar import Calendar

PLACES = ("assignee", "team", "lead", "manager")  # who is told of a ticket, besides agents and addresses
Participants = Literal["ask", "cc", "never"]  # what becomes of the people in copy of a customer's mail
ROLE_ADDRESSES = ("postmaster", "abuse")  # every domain has them: RFC 5321 section 4.5.1, RFC 2142


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who answers; key is his name in the rule files."""

    key: str
    address: str
    name: str
    addresses: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    language: str = ""  # of his mails: the first of his in which there are templates
    role: Literal["agent", "lead", "manager", "admin"] = "agent"
    hours: str = ""  # key of a calendar
    notify: Literal["every", "mine", "none"] = "every"
    away: tuple[date, ...] = ()  # by the rule files
    said: tuple[Spell, ...] = ()  # what he or his lead said about days since, which stands over it
    epoch: int = 0

    def owns(self, address: str) -> bool:
        """Tell whether an address is his, in whatever case."""
        return address.lower() in (self.address.lower(), *(other.lower() for other in self.addresses))

    def is_away_on(self, day: date) -> bool:
        return next((one.away for one in self.said if one.days.first <= day <= one.days.last), day in self.away)

    def absences(self, today: date) -> tuple[Days, ...]:
        """Return the days from today on at which he is away, those that follow each other as one stretch."""
        said = (day for one in self.said for day in one.days)
        return spans.stretches(day for day in (*self.away, *said) if day >= today and self.is_away_on(day))

    def language_or(self, usual: str) -> str:
        """Return the language of his mails: his own, else the desk's usual one."""
        return self.language or usual


@dataclass(frozen=True, slots=True)
class Team:
    key: str
    members: tuple[str, ...]
    lead: str = ""
    manager: str = ""


@dataclass(frozen=True, slots=True)
class PromisePolicy:
    """What a queue promises: for each clock and priority a target, and who is told when it runs out."""

    key: str
    targets: Mapping[tuple[str, Priority], int]  # (clock, priority) -> working seconds
    ladder: str = ""

    def of(self, priority: Priority) -> tuple[tuple[str, int], ...]:
        """Return (clock, seconds) for one priority, in a fixed order."""
        return tuple(sorted((clock, s) for (clock, p), s in self.targets.items() if p is priority))


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a ladder; `at` is as written ("75%", "100% + 2wh", "-30wm")."""

    at: str
    tell: tuple[str, ...]
    repeat: str = ""
    at_most: int = 1
    notify: Literal["open", "always"] = "open"  # open: at the recipient's next opening; always: at once
    then: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Ladder:
    key: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Queue:
    """Where tickets wait for a team.  Defaults are those of the rule files' manual."""

    key: str
    addresses: tuple[str, ...]
    from_name: str = ""
    tag: str = ""
    team: str = ""
    calendar: str = ""
    promise: str = ""
    default: bool = False
    reply_address: str = "none"  # "support+{token}@example.com", or "none"
    envelope_sender: Literal["verp", "queue"] = "verp"
    acknowledge: Literal["always", "authenticated", "never"] = "always"
    take_on_reply: bool = True
    participants: Participants = "ask"
    reopen_within: timedelta = timedelta(days=14)
    close_after: str = "5 working days"
    warn_before_close: str = ""
    undo: timedelta = timedelta(seconds=30)
    late_mail: bool = True
    weekly_mail: bool = False
    ask_rating: bool = False
    attach_up_to_bytes: int = 10_485_760
    signature: str = ""
    mode: Literal["live", "shadow"] = "live"

    @property
    def address(self) -> str:
        return self.addresses[0]

    @property
    def return_pattern(self) -> str:
        """The envelope sender of its mails; {token} in it stands for one of them."""
        return self.reply_address if self.envelope_sender == "verp" and self.reply_address != "none" else self.address


@dataclass(frozen=True, slots=True)
class Form:
    """A web form that mails in the name of others: the requester is named in reply_to, or in a field."""

    key: str
    from_address: str
    requester: Literal["reply_to", "field"] = "reply_to"


@dataclass(frozen=True)
class Desk:
    """Everything that the rule files say about people, places and time; immutable."""

    agents: Mapping[str, Agent]
    teams: Mapping[str, Team]
    queues: Mapping[str, Queue]
    calendars: Mapping[str, "Calendar"] = field(default_factory=dict)
    promises: Mapping[str, PromisePolicy] = field(default_factory=dict)
    ladders: Mapping[str, Ladder] = field(default_factory=dict)
    holidays: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)  # calendar, date, language
    zones: Mapping[str, str] = field(default_factory=dict)  # calendar, IANA zone
    forms: Mapping[str, Form] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)  # that tickets may have, and what each is; {}: any
    timezone: str = "UTC"  # of the site

    @cached_property
    def default_queue(self) -> Queue:
        return next((q for q in self.queues.values() if q.default), next(iter(self.queues.values())))

    @cached_property
    def _queue_of_address(self) -> dict[str, Queue]:
        return {address.lower(): queue for queue in self.queues.values() for address in queue.addresses}

    @cached_property
    def _agent_of_address(self) -> dict[str, Agent]:
        return {
            address.lower(): agent for agent in self.agents.values() for address in (agent.address, *agent.addresses)
        }

    @cached_property
    def own_addresses(self) -> frozenset[str]:
        return frozenset(self._queue_of_address)

    @cached_property
    def domains(self) -> frozenset[str]:
        """The domains for which we take mail: those of queues and of their reply addresses."""
        replies = (q.reply_address for q in self.queues.values() if q.reply_address != "none")
        return frozenset(map(domain_of, (*self._queue_of_address, *replies)))

    def queue_called(self, key: str) -> Queue:
        """Return the queue of a key; the default one if the rule files no longer have it."""
        return self.queues.get(key, self.default_queue)

    def queue_at(self, address: str) -> Queue | None:
        """Return the queue that an address belongs to; a `+suffix` or `-suffix` of ours is not looked at."""
        return self._queue_of_address.get(address.lower())

    def is_role(self, address: str) -> bool:
        """Tell whether an address is postmaster@ or abuse@ of ours, and no queue's."""
        local, _, domain = address.lower().partition("@")
        return local in ROLE_ADDRESSES and domain in ("", *self.domains) and self.queue_at(address) is None

    def agent_at(self, address: str) -> Agent | None:
        return self._agent_of_address.get(address.lower())

    def agent_named(self, name: str) -> Agent | None:
        """Return the agent of a key or an address, as somebody types it who logs in."""
        return self.agents.get(name) or self.agents.get(name.lower()) or self.agent_at(name)

    def name_of(self, key: str) -> str:
        """Return what people call an agent, his key where he has no name or is no longer with us."""
        agent = self.agents.get(key)
        return (agent.name if agent else "") or key

    def is_ours(self, address: str) -> bool:
        """Tell whether an address is an agent's, a queue's, or a reply address of ours."""
        local, _, domain = address.lower().rpartition("@")
        reply = domain in self.domains and ("+" in local or "-" in local) and len(local) > 40
        return reply or self.agent_at(address) is not None or self.queue_at(address) is not None

    def team_of(self, queue: Queue) -> tuple[Agent, ...]:
        """Return the agents of a queue's team, in the order of the rule files."""
        team = self.teams.get(queue.team)
        return tuple(self.agents[key] for key in team.members if key in self.agents) if team else ()

    def is_of_team(self, agent: Agent, queue: Queue) -> bool:
        """Tell whether an agent belongs to a queue's team, or leads it."""
        team = self.teams.get(queue.team)
        return team is not None and agent.key in (*team.members, team.lead, team.manager)

    def calendar_of(self, queue: Queue) -> "Calendar | None":
        return self.calendars.get(queue.calendar)

    def is_away(self, key: str, queue: Queue, now: datetime) -> bool:
        """Tell whether an agent is away on the day that it is at a queue."""
        agent = self.agents.get(key)
        return agent is not None and agent.is_away_on(now.astimezone(ZoneInfo(self.zone_of(queue))).date())

    def zone_of(self, queue: Queue) -> str:
        """Return the IANA zone in which a queue speaks of time."""
        return self.zones.get(queue.calendar, self.timezone)
