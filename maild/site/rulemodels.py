"""The shape of rule files: what may be in each section, as pydantic models.

Conditions and actions of `rules` are checked by the rules room itself; here they are left as they are.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from maild.hours import duration
from maild.site.values import Address, Language
from maild.ticket.model import Priority, Status

EVERY = re.compile(r"(?P<span>.*?) (?P<status>new|open|waiting(?: on customer)?|on[ _]hold|solved|closed)")
LONGEST_AWAY = timedelta(days=366)
KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


def _each_day(given: object) -> object:
    """Return a list of dates with every date of its spans, such as 2026-12-21..2027-01-03."""
    if not isinstance(given, list):
        return given
    return [day for one in given for day in (_span_of_days(one) if _is_longer_than_a_day(one) else [one])]


def _is_longer_than_a_day(one: object) -> bool:
    return isinstance(one, str) and len(one.strip()) > len("2026-12-21")


def _span_of_days(written: str) -> list[date]:
    try:
        first, last = (date.fromisoformat(day.strip()) for day in written.split(".."))
    except ValueError:
        raise ValueError(f"{written!r} is not a span of days; write it as 2026-12-21..2027-01-03") from None
    if not timedelta(0) <= last - first <= LONGEST_AWAY:
        raise ValueError(f"{written!r} ends before it begins, or after more than a year")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _offset(value: str) -> str:
    duration.parse_offset(value)
    return value


def _every(value: str) -> str:
    parse_every(value)
    return value


def parse_every(text: str) -> tuple[duration.Duration, Status]:
    """Read a time rule: "3 working days waiting on customer" is a length of time and a status.

    Raises:
        ValueError: it cannot be meant; show the text to the operator.
    """
    found = EVERY.fullmatch(text.strip().lower())
    if not found:
        raise ValueError(
            f"{text!r} is not a time rule; write a length of time and a status, as in '3 working days waiting'"
        )
    status = found["status"].replace(" ", "_").removesuffix("_on_customer")
    return duration.parse(found["span"]), Status(status)


def _pattern(value: str) -> str:
    if value == "none":
        return value
    if value.count("{token}") != 1 or "@" not in value.partition("{token}")[2]:
        raise ValueError(f'{value!r} is not a reply address; write "support+{{token}}@example.com", or none')
    return value


def _tag(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,9}", value):
        raise ValueError(f"{value!r} is not a tag; write up to ten letters and digits, a letter first")
    return value


def _span(value: str) -> str:
    duration.parse(value)
    return value


def _clock(value: str) -> str:
    if not duration.parse(value).clock:
        raise ValueError(f"{value!r} is working time; here only clock time counts: write 14d, 2h, 30s")
    return value


def _working(value: str) -> str:
    if not duration.parse(value).working:
        raise ValueError(f"{value!r} is not working time; a promise counts it: write 8wh or 30wm")
    return value


def _or_empty(check: Callable[[str], str]) -> AfterValidator:
    return AfterValidator(lambda value: check(value) if value else value)


def _with_unit(what_to_write: str) -> BeforeValidator:
    def check(value: object) -> object:
        if isinstance(value, int | float):
            raise ValueError(f"{value!r} has no unit; write {what_to_write.format(value)}")
        return value

    return BeforeValidator(check)


def _mapping(what_to_write: str) -> BeforeValidator:
    def check(value: object) -> object:
        if not isinstance(value, Mapping):
            raise ValueError(what_to_write)
        return value

    return BeforeValidator(check)


_OF_TIME = _with_unit("8wh (working hours), 30wm, 4h, 2d")
Duration = Annotated[str, _OF_TIME, AfterValidator(_span)]
MaybeDuration = Annotated[str, _OF_TIME, _or_empty(_span)]
WorkingTime = Annotated[str, _OF_TIME, AfterValidator(_working)]
ClockTime = Annotated[str, _OF_TIME, AfterValidator(_clock)]
MaybeClockTime = Annotated[str, _OF_TIME, _or_empty(_clock)]
Offset = Annotated[str, _with_unit('"{}%" of the target, or -2wh before it'), AfterValidator(_offset)]

_EACH_PRIORITY = _mapping("a promise is made for each priority: write {urgent: 1wh, high: 4wh, normal: 8wh, low: 16wh}")
Targets = Annotated[dict[Priority, WorkingTime], _EACH_PRIORITY]
_OPEN_OR_CLOSED = _mapping('write {closed: "00:00-24:00"}, or {open: "09:00-17:00"}')
OfADate = Annotated[dict[Literal["open", "closed"], str], _OPEN_OR_CLOSED]


def _as_called_now(value: object) -> object:
    return "mine" if value == "digest" else value  # a second name, which rule files in force may have


Notify = Annotated[Literal["every", "mine", "none"], BeforeValidator(_as_called_now)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class AgentModel(_Section):
    """agents.KEY: somebody who answers"""

    address: Address
    name: str = ""
    addresses: list[Address] = []
    languages: list[Language] = []
    role: Literal["agent", "lead", "manager", "admin"] = "agent"
    hours: str = ""
    notify: Notify = "every"
    away: Annotated[list[date], BeforeValidator(_each_day, json_schema_input_type=list[date | str])] = []


class TeamModel(_Section):
    """teams.KEY"""

    members: list[str]
    lead: str = ""
    manager: str = ""


class CalendarModel(_Section):
    """calendars.KEY"""

    timezone: str = ""
    hours: dict[str, str]
    holidays: str = ""
    swaps: Literal["follow", "ignore"] = "ignore"
    pre_holiday: Annotated[str, _with_unit("-60m or -1h")] = ""
    dates: dict[date, OfADate] = {}


class PromiseModel(_Section):
    """promises.KEY"""

    first_reply: Targets = {}
    next_reply: Targets = {}
    update: Targets = {}
    resolution: Targets = {}
    ladder: str = ""


class StepModel(_Section):
    """One step of ladders.KEY"""

    at: Offset
    tell: str | list[str] = []
    repeat: MaybeDuration = ""
    at_most: int = Field(default=1, ge=1, le=100)
    notify: Literal["open", "always"] = "open"
    then: list[Any] = []


class QueueModel(_Section):
    """queues.KEY"""

    addresses: list[Address] = Field(min_length=1)
    from_name: str = Field(default="", alias="from")
    tag: Annotated[str, _or_empty(_tag)] = ""
    team: str = ""
    calendar: str = ""
    promise: str = ""
    default: bool = False
    reply_address: Annotated[str, AfterValidator(_pattern)] = "none"
    envelope_sender: Literal["verp", "queue"] = "verp"
    acknowledge: Literal["always", "authenticated", "never"] = "always"
    take_on_reply: bool = True
    participants: Literal["ask", "cc", "never"] = "ask"
    reopen_within: ClockTime = "14d"
    close_after: Duration = "5 working days"
    warn_before_close: MaybeDuration = ""
    undo: MaybeClockTime = "30s"
    late_mail: bool = True
    weekly_mail: bool = False
    ask_rating: bool = False
    attach_up_to_bytes: int = Field(default=10_485_760, ge=0)
    signature: str = ""
    mode: Literal["live", "shadow"] = "live"


class FormModel(_Section):
    """forms.KEY"""

    from_address: Address = Field(alias="from")
    requester: Literal["reply_to", "field"] = "reply_to"
    kind: Literal["human"] = "human"


class TicketFieldModel(_Section):
    """fields.KEY: something that is kept with a ticket"""

    about: str = ""


class MailModel(_Section):
    """A mail as rule tests write it down."""

    from_address: Address = Field(default="customer@customer.example", alias="from")
    name: str = ""
    to: list[Address] = []
    cc: list[Address] = []
    subject: str = ""
    text: str = ""
    headers: dict[str, str] = {}
    attachments: list[str] = []
    authenticated: bool = False
    imported: bool = False


class TestModel(_Section):
    """One test of a rule: a mail, and what the rules must and must not do with it."""

    __test__ = False  # pytest: nothing to collect

    mail: MailModel | None = None
    file: str = ""
    at: datetime | None = None
    then: list[Any] = []
    never: list[Any] = Field(default=[], alias="not")

    @model_validator(mode="after")
    def _one_mail(self) -> "TestModel":
        if (self.mail is None) == (not self.file):
            raise ValueError("a test has either a mail or a file")
        if not self.then and not self.never:
            raise ValueError("a test says what the rules do (then) or must not do (not)")
        if self.at is not None and self.at.tzinfo is None:
            raise ValueError("an instant has a zone: 2026-11-23T10:00:00Z")
        return self


class RuleModel(_Section):
    """One of rules"""

    name: str = Field(min_length=1, max_length=80)
    when: Any = None
    then: list[Any] = []
    stop: bool = False
    every: Annotated[str, _or_empty(_every)] = ""
    at_most: int = Field(default=10, ge=1, le=1000)
    tests: list[TestModel] = []


class FileModel(_Section):
    """One rule file: any of the sections."""

    agents: dict[str, AgentModel] = {}
    teams: dict[str, TeamModel] = {}
    calendars: dict[str, CalendarModel] = {}
    promises: dict[str, PromiseModel] = {}
    ladders: dict[str, list[StepModel]] = {}
    queues: dict[str, QueueModel] = {}
    forms: dict[str, FormModel] = {}
    fields: dict[str, TicketFieldModel] = {}
    rules: list[RuleModel] = []


SECTIONS = tuple(FileModel.model_fields)
