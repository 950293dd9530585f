"""Instants as people write them at the terminal."""

from datetime import UTC, datetime

import click

ISO = "%Y-%m-%dT%H:%M:%SZ"


class Instant(click.ParamType[datetime]):
    """An ISO 8601 instant; without an offset it is UTC."""

    name = "instant"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        except ValueError:
            self.fail(f"{value!r} is no instant; write 2026-11-23T10:00:00Z or 2026-11-23T12:00:00+02:00", param, ctx)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
