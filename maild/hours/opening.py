"""When a desk is open: the rule files' words, and the days of its country, made into a calendar."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from maild.hours.calendar import Calendar, CalendarError, Problem
from maild.hours.holidays import YEARS, CalendarRules, Names, Plain, RuleDays, days_of
from maild.hours.schedule import WEEKDAYS, Path, clock
from maild.nearest import did_you_mean

ONE_DAY = timedelta(days=1)
RENAMED: Mapping[Path, Path] = {("zone",): ("timezone",), ("weekly",): ("hours",)}


def calendar_of_rules(
    rules: CalendarRules,
    zone: str = "",
    years: range = YEARS,
    kept: Mapping[str, RuleDays] | None = None,
) -> tuple[Calendar, Mapping[str, Names]]:
    """Return the calendar that rule files describe, and its holidays' names by ISO date and language.

    Args:
        rules: calendars.KEY.
        zone: the site's zone, for calendars that name none.
        years: for which to look up holidays.
        kept: days that were looked up when the rules were accepted, by `name_of`.

    Raises:
        CalendarError: with paths of the rule files, such as ("hours", "mon-thu").
    """
    days = days_of(rules, kept or {}, years)
    places: dict[Path, Path] = {}
    mapping = calendar_from_rules(
        rules.timezone or zone, rules.hours, days, rules.dates, pre_holiday(rules.pre_holiday), places
    )
    try:
        calendar = Calendar.from_mapping(mapping)
    except CalendarError as error:
        written = [one for one in error.problems if not _follows(one, rules.dates)]
        raise CalendarError([_in_rule_files(one, places) for one in written or error.problems]) from None
    warnings = tuple(_in_rule_files(one, places) for one in calendar.warnings)
    return Calendar(calendar.versions, warnings), {str(day): names for day, names in days.holidays.items()}


def calendar_from_rules(
    zone: str,
    hours: Mapping[str, str],
    days: RuleDays,
    dates: Mapping[date, Mapping[str, str]] | None = None,
    shorter_by: int = 0,
    places: dict[Path, Path] | None = None,
) -> Plain:
    """Return the mapping for Calendar.from_mapping.

    A Saturday worked for a day off has that day's hours.  What the rule files say about a date beats what follows from
    the country's days: `open` replaces it, `closed` is taken away from it.

    Args:
        zone: an IANA zone.
        hours: as in {"mon-thu": "09:00-18:00", "fri": "09:00-12:30, 13:00-17:00"}.
        days: of the country.
        dates: as in {date(2026, 12, 23): {"closed": "15:00-24:00"}}.
        shorter_by: minutes by which the working day before a statutory holiday is shorter.
        places: filled with the rule files' path for each path of the mapping.

    Raises:
        CalendarError: with paths of the rule files.
    """
    weekly = _weekly(hours, places if places is not None else {})
    made: dict[str, Plain] = {}
    if shorter_by:
        made.update(_shorter_days(weekly, days, shorter_by))
    made.update(_worked_saturdays(weekly, days, shorter_by))
    for day, changes in (dates or {}).items():
        made[str(day)] = _own(day, changes, made.get(str(day), {}))
    mapping: Plain = {"zone": zone, "weekly": weekly, "holidays": sorted(map(str, days.holidays)), "dates": made}
    return {**mapping, "known_until": str(days.known_until)} if days.known_until else mapping


def pre_holiday(text: str) -> int:
    """Return the minutes that "-60m" or "-1h" takes off the day before a holiday; 0 for "".

    Raises:
        CalendarError: it is no such length.
    """
    if not text.strip():
        return 0
    found = re.fullmatch(r"[-−–](\d+) *(m|h)", text.strip())
    minutes = int(found[1]) * (60 if found[2] == "h" else 1) if found else 0
    if not 0 < minutes < 24 * 60:
        raise CalendarError([Problem(("pre_holiday",), f'"{text}" does not make a day shorter', "write -60m or -1h")])
    return minutes


def _weekly(hours: Mapping[str, str], places: dict[Path, Path]) -> dict[str, list[list[str]]]:
    weekly: dict[str, list[list[str]]] = {}
    for key, text in hours.items():
        spans = _spans(text, ("hours", key))
        for name in _weekdays(key):
            if name in weekly:
                earlier = places["weekly", name][1]
                raise _wrong(("hours", key), f'"{name}" has hours already, in "{earlier}"', "name each weekday once")
            weekly[name] = spans
            places["weekly", name] = ("hours", key)
    return weekly


def _weekdays(key: str) -> Iterator[str]:
    """Read "mon", "mon-thu", "sat, sun", "daily"; a range may go over Sunday."""
    for part in key.lower().replace("daily", "mon-sun").split(","):
        first, _, last = (name.strip() for name in part.partition("-"))
        last = last or first
        for name in (first, last):
            if name not in WEEKDAYS:
                remedy = did_you_mean(name, WEEKDAYS, "write mon, tue, … or mon-fri")
                raise _wrong(("hours", key), f'unknown weekday "{name}"', remedy)
        begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last)
        yield from (WEEKDAYS[day % 7] for day in range(begin, end + 1 if end >= begin else end + 8))


def _spans(text: str, path: Path) -> list[list[str]]:
    """Read "09:00-12:30, 13:00-17:00"; "" and "closed" are no hours."""
    if text.strip().lower() in ("", "closed"):
        return []
    spans = []
    for part in text.split(","):
        begin, dash, end = re.sub("[−–]", "-", part).partition("-")
        if not dash:
            raise _wrong(path, f'"{part.strip()}" is not a span of hours', 'write "09:00-18:00"')
        spans.append([begin.strip(), end.strip()])
    return spans


def _shorter_days(weekly: Mapping[str, list[list[str]]], days: RuleDays, minutes: int) -> dict[str, Plain]:
    """Cut the working dates whose next date is a statutory holiday."""
    eves = (holiday - ONE_DAY for holiday in days.statutory)
    return {
        str(eve): {"closed": [cut]}
        for eve in sorted(eves)
        if eve not in days.holidays and (cut := _last_part(weekly.get(WEEKDAYS[eve.weekday()], []), minutes))
    }


def _worked_saturdays(weekly: Mapping[str, list[list[str]]], days: RuleDays, minutes: int) -> dict[str, Plain]:
    made: dict[str, Plain] = {}
    for day, worked in days.swaps.items():
        spans = weekly.get(WEEKDAYS[day.weekday()], [])
        if not spans:
            continue
        made[str(worked)] = {"open": [_before_midnight(span) for span in spans]}
        cut = _last_part(spans, minutes) if minutes and day + ONE_DAY in days.statutory else None
        if cut:
            made[str(worked)]["closed"] = [cut]
    return made


def _last_part(spans: Sequence[Sequence[str]], minutes: int) -> list[str] | None:
    """Return the last minutes of a day's hours; of a night shift nothing is cut."""
    if not spans:
        return None
    begin, end = max(tuple(span) for span in spans)
    if end <= begin:
        return None
    hour, minute = (int(part) for part in end.split(":")) if re.fullmatch(r"\d\d:\d\d", end) else (0, 0)
    start = max(0, hour * 60 + minute - minutes)
    return [max(begin, clock(start)), end]


def _before_midnight(span: Sequence[str]) -> list[str]:
    begin, end = span
    return [begin, end if begin < end else "24:00"]


def _own(day: date, changes: Mapping[str, str], made: Mapping[str, Any]) -> Plain:
    own: Plain = {key: _spans(text, ("dates", str(day), key)) for key, text in changes.items()}
    if "open" in own:
        return own
    return {**made, "closed": [*made.get("closed", []), *own.get("closed", [])]}


def _follows(problem: Problem, dates: Mapping[date, object]) -> bool:
    """Tell of a date that nobody wrote: it has a weekday's hours, and what is wrong with those is told of them."""
    match problem.path:
        case ("dates", day, *_):
            return day not in {str(one) for one in dates}
        case _:
            return False


def _in_rule_files(problem: Problem, places: Mapping[Path, Path]) -> Problem:
    """Give a problem the path that it has in the rule files; intervals share one text there."""
    path = places.get(problem.path[:2], problem.path)
    path = RENAMED.get(path, path)
    return Problem(path[:3] if path[:1] == ("dates",) else path, problem.what, problem.remedy)


def _wrong(path: Path, what: str, remedy: str) -> CalendarError:
    return CalendarError([Problem(path, what, remedy)])
