"""What is told once a day: what a queue in shadow would have sent, and what was held.

A day's report goes out at the queue's first opening after the day has ended, to the lead of its team,
else to the operator; a day on which there was nothing has none.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from maild.agents.morning import MORNING
from maild.hours import wording
from maild.ticket import notices, recipients
from maild.ticket.desk import Desk, Queue
from maild.ticket.plan import Person, SendMail

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Unsent:
    """A mail that a queue in shadow would have sent."""

    id: int
    at: datetime
    template: str
    to: str
    subject: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A mail that was held."""

    mail: int
    at: datetime
    sender: str
    subject: str
    because: str


def due_at(first: datetime, desk: Desk, queue: Queue) -> datetime:
    """Return when the report of a day is due whose first event was then."""
    zone = ZoneInfo(desk.zone_of(queue))
    tomorrow = first.astimezone(zone).date() + timedelta(days=1)
    calendar = desk.calendar_of(queue)
    midnight = datetime.combine(tomorrow, time(0), zone)
    opens = calendar.next_open(int(midnight.timestamp())) if calendar else None
    return datetime.fromtimestamp(opens, first.tzinfo) if opens else datetime.combine(tomorrow, MORNING, zone)


def report(
    template: str,
    queue: Queue,
    desk: Desk,
    mails: Sequence[Unsent | Quarantined],
    count: int,
    operator: str,
    language: str,
    now: datetime,
) -> list[SendMail]:
    """Tell of mails of a queue, the first of so many; no mails where nobody is there to read them."""
    zone, shown = desk.zone_of(queue), [asdict(one) for one in mails[:MOST_SHOWN]]
    values = {"queue_name": queue.from_name or queue.key, "count": count, "more": count - len(shown)}
    told: list[SendMail] = []
    for person in reader(queue, desk, operator, language, now):
        items = tuple({**one, "at": wording.moment(one["at"], now, zone, person.language)} for one in shown)
        told.append(SendMail(template, person, queue.key, {**values, "items": items}))
    return told


def slow(queue: Queue, desk: Desk, what: str, operator: str, language: str, now: datetime) -> list[SendMail]:
    """Tell that a queue does not keep up."""
    readers = reader(queue, desk, operator, language, now)
    return [notices.alarm(person, queue, desk, what, now, now) for person in readers]


def reader(queue: Queue, desk: Desk, operator: str, language: str, now: datetime) -> list[Person]:
    """Return who reads the reports of a queue: its team's lead, while he is away the manager, else the operator."""
    lead = recipients.lead(desk, queue, now)
    if lead is not None and not (operator and desk.is_away(lead.key, queue, now)):
        return [recipients.colleague(lead, language)]
    return [recipients.whoever(operator, language)] if operator else []
