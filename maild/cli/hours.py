"""`hours`: the calendars in words."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from maild.cli import maild, show, site_options
from maild.cli.instant import Instant, iso_of
from maild.cli.special_hours import calendar_called, hours_close, hours_open
from maild.hours.calendar import Calendar
from maild.hours.special import SpecialHours
from maild.opened import now_utc, open_site
from maild.ticket.desk import Desk


@maild.group("hours")
def hours_() -> None:
    """See when the desk is open, and when it opens next; close it, or open it, on one date."""


hours_.add_command(hours_close)
hours_.add_command(hours_open)


@hours_.command("show")
@click.argument("calendar", default="")
@click.option("--days", default=14, show_default=True, type=click.IntRange(1, 3660), help="How many days from today.")
@site_options
def hours_show(calendar: str, days: int, folder: Path, as_json: bool) -> None:
    """Show the coming days of a calendar, with its holidays by name.

    \b
    Example:  maild hours show office --days 30
    """
    with open_site(folder) as opened:
        desk, said = opened.office.desk, opened.files.ruleset.special_hours
    for key in [calendar] if calendar else list(desk.calendars):
        found = calendar_called(desk, key)
        zone = ZoneInfo(found.zone)
        if not as_json:
            click.secho(f"{key} ({found.zone})", bold=True)
        today = now_utc().astimezone(zone).date()
        for day in (today + timedelta(days=n) for n in range(days)):
            spans = _spans(found, day, zone)
            reasons = _reasons(desk, said, key, day)
            words = ", ".join(f"{begin}-{end}" for begin, end in spans) or "closed"
            item = {"calendar": key, "date": str(day), "open": spans, **reasons}
            show(as_json, item, f"   {day:%a %Y-%m-%d}  {words}{_in_words(reasons)}")


@hours_.command("next")
@click.argument("calendar", default="")
@click.option("--at", type=Instant(), default=None, help="From this instant on.")
@site_options
def hours_next(calendar: str, at: datetime | None, folder: Path, as_json: bool) -> None:
    """Say whether a calendar is open, and when that changes; which holiday it is, or why hours were said of the day.

    \b
    Example:  maild hours next office --at 2026-12-24T10:00:00+02:00
    """
    with open_site(folder) as opened:
        desk, said = opened.office.desk, opened.files.ruleset.special_hours
    now = int((at or now_utc()).timestamp())
    for key in [calendar] if calendar else list(desk.calendars):
        found = calendar_called(desk, key)
        zone = ZoneInfo(found.zone)
        is_open = found.is_open(now)
        change = found.next_close(now) if is_open else found.next_open(now)
        until = f"until {_local(change, zone)}" if change is not None else "for ever"
        reasons = _reasons(desk, said, key, datetime.fromtimestamp(now, zone).date())
        words = f"{key}: {'open' if is_open else 'closed'} {until}{_in_words(reasons)}"
        show(as_json, {"calendar": key, "open": is_open, "until": iso_of(change), **reasons}, words)


def _reasons(desk: Desk, said: Iterable[SpecialHours], key: str, day: date) -> dict[str, str | None]:
    """Return why a date is none of the usual ones: the holiday that it is, and what was said of it at the terminal."""
    name = desk.holidays.get(key, {}).get(str(day), {}).get("en")
    return {"holiday": name, "because": next((o.because for o in said if (o.calendar, o.day) == (key, day)), None)}


def _in_words(reasons: Mapping[str, str | None]) -> str:
    name, because = reasons["holiday"], reasons["because"]
    return (f"   ({name})" if name else "") + (f"   because {because}" if because else "")


def _spans(calendar: Calendar, day: date, zone: ZoneInfo) -> list[tuple[str, str]]:
    """Return the open stretches of a local date as wall times."""
    midnight = int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
    after = day + timedelta(days=1)
    next_midnight = int(datetime(after.year, after.month, after.day, tzinfo=zone).timestamp())
    spans = calendar.stretches(midnight, next_midnight)
    return [(_wall(a, zone), "24:00" if b == next_midnight else _wall(b, zone)) for a, b in spans]


def _wall(seconds: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(seconds, zone):%H:%M}"


def _local(seconds: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(seconds, zone):%a %Y-%m-%d %H:%M}"
