"""`hours close` and `hours open`: one date of a calendar, at once."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import click

from maild.cli import progress, show, site_options
from maild.cli.instant import WallTime, iso_of
from maild.hours import instants, special
from maild.hours.calendar import Calendar
from maild.hours.schedule import Interval, Intervals
from maild.hours.special import SpecialHours
from maild.opened import now_utc, open_site
from maild.special_hours import Moved, say
from maild.ticket.desk import Desk


class _Word(NamedTuple):
    """What is said of a date: a part of it, what becomes of its hours there, and why."""

    span: Interval
    change: Callable[[Intervals, Interval], Intervals]
    because: str


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """Add what both commands take."""
    for add in (
        site_options,
        click.option("--because", required=True, help="Why: for the log, the history and your colleagues."),
        click.option("--all", "everything", is_flag=True, help="All calendars."),
        click.argument("when", nargs=-1, required=True, metavar="[CALENDAR] DAY"),
    ):
        command = add(command)
    return command


@click.command("close", short_help="Close a calendar on one date, or for a part of it.")
@click.option("--from", "begin", type=WallTime(), default="00:00", help="Closed from this time on.")
@click.option("--until", "end", type=WallTime(), default="24:00", help="Closed until then.")
@_options
def hours_close(
    when: tuple[str, ...], begin: int, end: int, everything: bool, because: str, folder: Path, as_json: bool
) -> None:
    """Close on a date: DAY is today, tomorrow, a weekday to come, or such as 2026-12-23.

    It is in force at once, also in a daemon that runs, and stays so over restarts and reloads, until something else is
    said of that date. Due times of open tickets move, and each ticket's history tells it. What has passed counts as it
    was, and promises that customers were given do not move.

    \b
    Example:  maild hours close today --until 15:00 --because "power cut"
    """
    _say(_Word((begin, end), special.closed, because), when, everything, folder, as_json)


@click.command("open", short_help="Open a calendar on one date when it would be closed.")
@click.option("--from", "begin", type=WallTime(), required=True, help="Open from this time on.")
@click.option("--until", "end", type=WallTime(), required=True, help="Open until then.")
@_options
def hours_open(
    when: tuple[str, ...], begin: int, end: int, everything: bool, because: str, folder: Path, as_json: bool
) -> None:
    """Open on a date besides its usual hours, even on a holiday; the same as `hours close` otherwise.

    \b
    Example:  maild hours open office 2026-11-28 --from 10:00 --until 14:00 --because "launch"
    """
    _say(_Word((begin, end), special.opened, because), when, everything, folder, as_json)


def _say(word: _Word, when: tuple[str, ...], everything: bool, folder: Path, as_json: bool) -> None:
    if word.span[0] >= word.span[1]:
        raise click.ClickException(
            "--from must be before --until; a night is said as two dates, until 24:00 and from 00:00"
        )
    now = now_utc()
    with open_site(folder) as site:
        opened = site.in_force(now)
        desk = opened.office.desk
        *named, day = when
        said_now = [_said(word, desk, key, day, now) for key in _calendars(desk, named, everything)]
        with progress("due times", as_json) as tell:
            moved = say(opened, said_now, now, tell)
    _tell(said_now, moved, as_json)


def _calendars(desk: Desk, named: list[str], everything: bool) -> list[str]:
    if len(named) > 1 or (named and everything):
        raise click.ClickException("name one calendar and a day, or --all and a day")
    if not named and not everything and len(desk.calendars) != 1:
        known = ", ".join(desk.calendars) or "none"
        raise click.ClickException(f"name the calendar before the day, or say --all; there are {known}")
    return named or list(desk.calendars)


def calendar_called(desk: Desk, key: str) -> Calendar:
    if key not in desk.calendars:
        raise click.ClickException(f"there is no calendar {key!r}; there are {', '.join(desk.calendars) or 'none'}")
    return desk.calendars[key]


def _said(word: _Word, desk: Desk, key: str, named: str, now: datetime) -> SpecialHours:
    calendar = calendar_called(desk, key)
    local = now.astimezone(ZoneInfo(calendar.zone))
    day = _day(named, local.date())
    if (day, word.span[1]) <= (local.date(), local.hour * 60 + local.minute):
        raise click.ClickException(
            f"{day} {special.in_words((word.span,))} has passed; what has passed counts as it was"
        )
    hours = calendar.hours_on(day)
    changed = word.change(hours, word.span)
    if changed == hours:
        raise click.ClickException(f"that changes nothing: {key} is {special.in_words(hours) or 'closed'} on {day}")
    return SpecialHours(key, day, special.in_words(changed), word.because)


def _day(word: str, today: date) -> date:
    day = instants.date_of(word.lower(), today)
    if day is None:
        raise click.ClickException(f"{word!r} is not a day; write today, tomorrow, friday, or one such as {today}")
    return day


def _tell(said_now: list[SpecialHours], moved: tuple[Moved, ...], as_json: bool) -> None:
    for one in said_now:
        shown = {"calendar": one.calendar, "date": str(one.day), "open": one.hours, "because": one.because}
        show(as_json, shown, f"{one.calendar}: {one.hours or 'closed'} on {one.day}")
    for each in moved:
        due = {"due_at": iso_of(each.due), "was_due_at": iso_of(each.was_due)}
        words = f"   #{each.ticket} {each.clock} due {due['due_at']}, was due {due['was_due_at']}"
        show(as_json, {"ticket": each.ticket, "clock": each.clock, **due}, words)
    if not moved and not as_json:
        click.echo("   no due time moves")
