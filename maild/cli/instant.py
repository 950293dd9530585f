"""Instants and lengths of time as people write them at the terminal, and as they are shown there."""

import re
from datetime import UTC, datetime, timedelta

import click

from maild.hours import duration
from maild.hours.schedule import MIDNIGHT


def iso(moment: datetime | None) -> str | None:
    """Return an instant as JSON has it, "2026-11-23T10:00:00Z"; None stays None."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def iso_of(seconds: int | None) -> str | None:
    """Return an instant in seconds since 1970 likewise."""
    return iso(datetime.fromtimestamp(seconds, UTC)) if seconds is not None else None


class Instant(click.ParamType[datetime]):
    """An ISO 8601 instant; without an offset it is UTC."""

    name = "instant"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        except ValueError:
            self.fail(f"{value!r} is not an instant; write 2026-11-23T10:00:00Z or 2026-11-23T12:00+02:00", param, ctx)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


class WallTime(click.ParamType[int]):
    """A time of day, as minutes since midnight."""

    name = "HH:MM"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        found = re.fullmatch(r"(\d\d?):([0-5]\d)", str(value))
        minutes = int(found[1]) * 60 + int(found[2]) if found else -1
        return minutes if 0 <= minutes <= MIDNIGHT else self.fail(f"{value!r} is not a time; write 15:00", param, ctx)


class Span(click.ParamType[timedelta]):
    """A length of time of the rule files' kind that any clock counts: 30d, 12h."""

    name = "span"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            seconds = duration.parse(str(value)).clock
        except ValueError as problem:
            self.fail(str(problem), param, ctx)
        return timedelta(seconds=seconds) if seconds else self.fail(f"{value!r} is working time; write 30d", param, ctx)
