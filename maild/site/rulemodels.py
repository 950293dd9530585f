"""The shape of rule files: what may stand in each section, as pydantic models.

Conditions and actions of `rules` are checked by the rules room itself; here they are left as they are.
"""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from maild.hours import duration

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


def _address(value: str) -> str:
    if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", value):
        raise ValueError(f"{value!r} is no mail address")
    return value


def _pattern(value: str) -> str:
    if value == "none":
        return value
    if value.count("{token}") != 1 or "@" not in value.partition("{token}")[2]:
        raise ValueError(f'{value!r} is no reply address; write "support+{{token}}@example.com", or none')
    return value


def _duration(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError(f"{value!r} has no unit; write 8wh (working hours), 30wm, 4h, 2d")
    return value


def _span(value: str) -> str:
    duration.parse(value)
    return value


def _clock(value: str) -> str:
    if not duration.parse(value).clock:
        raise ValueError(f"{value!r} is working time; here only clock time counts: write 14d, 2h, 30s")
    return value


Address = Annotated[str, AfterValidator(_address)]
Duration = Annotated[str, BeforeValidator(_duration), AfterValidator(_span)]
ClockTime = Annotated[str, BeforeValidator(_duration), AfterValidator(_clock)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class AgentModel(_Section):
    """agents.KEY"""

    address: Address
    name: str = ""
    addresses: list[Address] = []
    languages: list[str] = []
    role: Literal["agent", "lead", "manager", "admin"] = "agent"
    hours: str = ""
    notify: Literal["every", "mine", "digest", "none"] = "every"
    away: list[date] = []


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
    pre_holiday: str = ""
    dates: dict[date, dict[Literal["open", "closed"], str]] = {}


class PromiseModel(_Section):
    """promises.KEY"""

    first_reply: dict[str, Duration] = {}
    next_reply: dict[str, Duration] = {}
    update: dict[str, Duration] = {}
    resolution: dict[str, Duration] = {}
    ladder: str = ""


class StepModel(_Section):
    """One step of ladders.KEY"""

    at: str
    tell: str | list[str] = []
    repeat: str = ""
    at_most: int = Field(default=1, ge=1, le=100)
    notify: Literal["open", "always"] = "open"
    then: list[Any] = []


class QueueModel(_Section):
    """queues.KEY"""

    addresses: list[Address] = Field(min_length=1)
    from_name: str = Field(default="", alias="from")
    tag: str = Field(default="", pattern=r"^([A-Za-z][A-Za-z0-9]{0,9})?$")
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
    warn_before_close: str = ""
    undo: ClockTime = "30s"
    late_mail: bool = True
    attach_up_to_bytes: int = Field(default=10_485_760, ge=0)
    signature: str = ""
    mode: Literal["live", "shadow"] = "live"


class FormModel(_Section):
    """forms.KEY"""

    from_address: Address = Field(alias="from")
    requester: str = "reply_to"
    kind: Literal["human"] = "human"


class RuleModel(_Section):
    """One of rules"""

    name: str
    when: Any = None
    then: list[Any] = []
    stop: bool = False
    every: str = ""
    tests: list[dict[str, Any]] = []


class FileModel(_Section):
    """One rule file: any of the sections."""

    agents: dict[str, AgentModel] = {}
    teams: dict[str, TeamModel] = {}
    calendars: dict[str, CalendarModel] = {}
    promises: dict[str, PromiseModel] = {}
    ladders: dict[str, list[StepModel]] = {}
    queues: dict[str, QueueModel] = {}
    forms: dict[str, FormModel] = {}
    rules: list[RuleModel] = []


SECTIONS = tuple(FileModel.model_fields)
