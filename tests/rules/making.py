"""Facts and rules for tests: a mail from Anna to a desk of two queues, unless told otherwise."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from maild.message.model import Address, Classified, Cut, Envelope, Kind, Message
from maild.rules import actions, conditions
from maild.rules.conditions import Condition
from maild.rules.evaluate import Evaluated, Rule, evaluate
from maild.rules.mistakes import Mistake
from maild.ticket.desk import Agent, Desk, Queue, Team
from maild.ticket.facts import Contact, Decision, Facts, Fresh, Seen
from maild.ticket.model import Participant, Priority, Role, Status, Ticket
from maild.ticket.proof import NO_EVIDENCE, NOT_AN_AGENT
from maild.ticket.thread import How, Match, Past
from tests.conftest import OFFICE

MONDAY_NOON = datetime(2026, 11, 23, 10, tzinfo=UTC)  # 12:00 in Riga
MONDAY_NIGHT = datetime(2026, 11, 23, 20, tzinfo=UTC)
ANNA = "Anna@Klients.example"
DESK = Desk(
    agents={
        "janis": Agent("janis", "janis@agents.example", "Jānis", languages=("lv", "en")),
        "zane": Agent("zane", "zane@agents.example", "Zane", languages=("en",)),
        "olga": Agent("olga", "olga@agents.example", "Olga", languages=("ru",), away=(date(2026, 11, 23),)),
    },
    teams={
        "support": Team("support", ("janis", "zane", "olga"), "zane", "olga"),
        "billing": Team("billing", ("olga",)),
    },
    queues={
        "support": Queue("support", ("support@example.com",), team="support", calendar="office", default=True),
        "billing": Queue("billing", ("billing@example.com",), team="billing"),
    },
    calendars={"office": OFFICE},
    zones={"office": "Europe/Riga"},
)


def ticket(**values: Any) -> Ticket:
    """Return a ticket of Anna's that was opened last Friday at 10 o'clock."""
    one = Ticket(
        *(7, 70, 1, "support", Status.OPEN, Priority.NORMAL, "", "Lampa"),
        Participant(ANNA, "Anna", Role.REQUESTER),
        "lv",
        datetime.combine(date(2026, 11, 20), time(8), UTC),
    )
    return replace(one, **values)


def facts(
    subject: str = "Lampa nedeg",
    text: str = "Labdien! Pasūtījums 12345.",
    *,
    kind: Kind = Kind.HUMAN,
    contact: Contact | None = None,
    desk: Desk = DESK,
    of: Ticket | None = None,
    now: datetime = MONDAY_NOON,
    language: str = "lv",
    authenticated: bool = False,
    **mail: Any,
) -> Facts:
    """Return the facts of a mail; whatever is not named here is a field of Message."""
    read: dict[str, Any] = {"sender": Address("Anna", ANNA), "to": (Address("", "support@example.com"),), **mail}
    message = Message("<1@klients.example>", subject=subject, text=text, html="", **read)
    return Facts(
        message,
        Envelope(ANNA, ("support@example.com",), now),
        Classified(kind, "a test says so"),
        Match(of.number if of else None, How.NONE, "a test says so"),
        NOT_AN_AGENT,
        Cut(text, "", "nothing quoted", 1.0),
        desk.queues[of.queue] if of else desk.default_queue,
        Seen(Past(), contact or Contact(ANNA)),
        NO_EVIDENCE,
        desk,
        Fresh(8, 80),
        now,
        language,
        ticket=of,
        authenticated=authenticated,
    )


def headed(**fields: str) -> tuple[tuple[str, str], ...]:
    """Return header fields: X_Spam="Yes" is X-Spam: Yes."""
    return tuple((name.replace("_", "-").lower(), value) for name, value in fields.items())


def condition(when: object) -> Condition:
    mistakes: list[Mistake] = []
    made = conditions.compile(when, mistakes)
    assert not mistakes
    return made


def rule(when: object, *then: object, name: str = "r", **values: Any) -> Rule:
    """Return a rule as the loader makes it."""
    mistakes: list[Mistake] = []
    made = actions.compile(list(then), mistakes)
    assert not mistakes
    return Rule(name, condition(when), made, place=f"rules.yaml:{len(name)}", **values)


def asked(of: Facts, *rules: Rule) -> Evaluated:
    return evaluate(rules, of)


def decided(of: Facts, *rules: Rule) -> Decision:
    return evaluate(rules, of).decision


def holds(when: object, of: Facts) -> bool:
    """Tell whether a condition holds for a mail."""
    return bool(decided(of, rule(when, {"tag": "yes"})).tags)


def wrongs(when: object) -> list[tuple[str, str]]:
    """Return what cannot be meant in a condition: the place below the rule, and what is said of it."""
    mistakes: list[Mistake] = []
    conditions.compile(when, mistakes)
    return [(".".join(map(str, one.path)), one.what) for one in mistakes]


def wrongs_of_actions(then: object) -> list[tuple[str, str]]:
    mistakes: list[Mistake] = []
    actions.compile(then, mistakes)
    return [(".".join(map(str, one.path)), one.what) for one in mistakes]
