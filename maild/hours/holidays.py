"""Which dates are holidays where: the rule files' words, and the `holidays` package, made into a calendar's mapping.

The only importer of `holidays`, and only while rule files are read: the engine knows no country.  What the package
says becomes plain values (RuleDays), which are kept beside the rule files that were accepted (FILE): what was a holiday
by them stays one, and another version of the package shows as a list of differences, never as a silent change.

Three kinds of dates are told apart.  Statutory holidays, which make the day before shorter if the desk wants so.
Observed ones, such as the Monday after 4 May in Latvia, which are closed and shorten nothing.  Swaps: a working day
that is moved to a Saturday by a government's order; a desk follows them or not, for the order binds only the state's
own bodies.
"""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Literal, NamedTuple, Protocol

from maild.hours.calendar import Calendar, CalendarError, Problem
from maild.hours.schedule import WEEKDAYS, Path

LANGUAGES = ("en", "lv", "ru")
YEARS = range(2015, 2051)
FILE = "holidays.json"  # beside the rule files that were accepted
ONE_DAY = timedelta(days=1)
MOVED = {"en": "day off", "lv": "pārcelta brīvdiena", "ru": "перенесённый выходной"}

Swaps = Literal["follow", "ignore"]
Names = Mapping[str, str]  # language, name
Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RuleDays:
    """The days of a country, or of a part of one.

    holidays has every closed date with its names; statutory are those that law names for their own sake; swaps leads
    from a day off to the Saturday on which it is worked.  known_until is the last date that was looked up.
    """

    holidays: Mapping[date, Names] = field(default_factory=dict)
    statutory: frozenset[date] = frozenset()
    swaps: Mapping[date, date] = field(default_factory=dict)
    known_until: date | None = None
    source: str = "none"


class Difference(NamedTuple):
    """A date that another version of the package sees differently; texts are "" where the date is nothing special."""

    day: date
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.day} is {self.after or 'no holiday'}, and was {self.before or 'none'}"


class CalendarRules(Protocol):
    """calendars.KEY of the rule files."""

    timezone: str
    hours: Any
    holidays: str
    swaps: Any
    pre_holiday: str
    dates: Any


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
        raise CalendarError([_in_rule_files(one, places) for one in error.problems]) from None
    warnings = tuple(_in_rule_files(one, places) for one in calendar.warnings)
    return Calendar(calendar.versions, warnings), {str(day): names for day, names in days.holidays.items()}


def name_of(rules: CalendarRules) -> str:
    """Return under what name a calendar's days are kept, "" for none."""
    return f"{rules.holidays} {rules.swaps}" if rules.holidays else ""


def days_of(rules: CalendarRules, kept: Mapping[str, RuleDays], years: range = YEARS) -> RuleDays:
    """Return the days of a calendar's country: those that were kept, else what the package says."""
    return kept.get(name_of(rules)) or country_days(rules.holidays, rules.swaps, years)


@lru_cache(maxsize=64)
def country_days(place: str, swaps: Swaps = "ignore", years: range = YEARS) -> RuleDays:
    """Look up the days of a country ("LV") or of a part of one ("DE-BY"); "" has none.

    Raises:
        CalendarError: the package knows no such place.
    """
    if not place:
        return RuleDays()
    import holidays  # 70 ms and 14 MB: only sites whose rule files name a country pay for it

    country, _, part = place.partition("-")
    _check(country, part, holidays.list_supported_countries())

    def look_up(**how: Any) -> Any:
        return holidays.country_holidays(country, subdiv=part or None, years=years, **how)

    known = look_up()
    moved = _moved(known)
    kept = {day for day in known if swaps == "follow" or day not in moved}
    translated = {language: look_up(language=_nearest_language(known, language)) for language in LANGUAGES}
    return RuleDays(
        {day: _names(day, translated, moved) for day in sorted(kept)},
        frozenset(look_up(observed=False)) - moved.keys(),
        moved if swaps == "follow" else {},
        date(years[-1], 12, 31),
        f"holidays {version('holidays')} {place}",
    )


def calendar_from_rules(
    zone: str,
    hours: Mapping[str, str],
    days: RuleDays,
    dates: Mapping[date, Mapping[str, str]] | None = None,
    shorter_by: int = 0,
    places: dict[Path, Path] | None = None,
) -> Plain:
    """Return the mapping for Calendar.from_mapping.

    A Saturday worked for a day off has that day's hours.  What the rule files say of a date beats what follows from
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


def differences(before: RuleDays, after: RuleDays) -> tuple[Difference, ...]:
    """Return what another version of the package changes, up to where both look."""
    ends = [days.known_until for days in (before, after) if days.known_until]
    until = min(ends, default=date.max)
    old, new = _told(before), _told(after)
    dates = sorted(day for day in {*old, *new} if day <= until and old.get(day) != new.get(day))
    return tuple(Difference(day, old.get(day, ""), new.get(day, "")) for day in dates)


def missing(days: RuleDays, swaps: Swaps, own: Iterable[date], today: date) -> tuple[Problem, ...]:
    """Return what is not known yet of the coming year; own are dates that the rule files themselves give.

    Latvia's order for the coming year is due by 1 July; until then nothing is missing.
    """
    coming = today.year + 1
    found = []
    if days.known_until and days.known_until < date(coming, 12, 31):
        found.append(Problem(("holidays",), f"holidays of {coming} are not known", "update the holidays package"))
    given = any(day.year == coming for day in (*days.swaps, *days.swaps.values()))
    given = given or any(day.year == coming and day.weekday() >= 5 for day in own)
    if swaps == "follow" and (today.month, today.day) >= (7, 1) and days.swaps and not given:
        remedy = "add the days off and the working Saturdays to dates, or update the holidays package"
        found.append(Problem(("swaps",), f"no moved working day of {coming} is known", remedy))
    return tuple(found)


def write(kept: Mapping[str, RuleDays]) -> str:
    """Return days as the text that is kept beside the rule files, "" for none."""
    return json.dumps({name: _to_plain(days) for name, days in kept.items()}, ensure_ascii=False) if kept else ""


def read(text: str) -> dict[str, RuleDays]:
    return {name: _from_plain(plain) for name, plain in json.loads(text or "{}").items()}


def _to_plain(days: RuleDays) -> Plain:
    return {
        "source": days.source,
        "known_until": str(days.known_until) if days.known_until else None,
        "holidays": {str(day): dict(names) for day, names in days.holidays.items()},
        "statutory": sorted(map(str, days.statutory)),
        "swaps": {str(day): str(worked) for day, worked in days.swaps.items()},
    }


def _from_plain(plain: Mapping[str, Any]) -> RuleDays:
    day = date.fromisoformat
    return RuleDays(
        {day(one): names for one, names in plain["holidays"].items()},
        frozenset(map(day, plain["statutory"])),
        {day(one): day(worked) for one, worked in plain["swaps"].items()},
        day(plain["known_until"]) if plain["known_until"] else None,
        plain["source"],
    )


# What the package knows


def _check(country: str, part: str, supported: Mapping[str, Sequence[str]]) -> None:
    if country not in supported:
        near = _called(country)
        remedy = f"did you mean {' or '.join(near)}?" if near else "write a country's two letters, such as LV"
        raise CalendarError([Problem(("holidays",), f'no holidays are known for "{country}"', remedy)])
    if part and part not in supported[country]:
        what = f'"{country}" has no part "{part}" with holidays of its own'
        remedy = f"write {country} or one of {', '.join(f'{country}-{one}' for one in supported[country])}"
        raise CalendarError([Problem(("holidays",), what, remedy)])


def _called(name: str) -> list[str]:
    """Return the two letters of the countries that are called nearly so in English, else of those with such letters."""
    from holidays.registry import COUNTRIES

    letters = {name.replace("_", " "): codes[1] for name, codes in COUNTRIES.items()}
    names = difflib.get_close_matches(name.lower(), letters, n=1, cutoff=0.8)
    return [letters[one] for one in names] or difflib.get_close_matches(name.upper(), letters.values(), n=3, cutoff=0.5)


def _moved(known: Any) -> dict[date, date]:
    """Return the Saturdays worked for days off, by day off.  The package tells them in the day off's name only."""
    label, form = getattr(known, "substituted_label", None), getattr(known, "substituted_date_format", None)
    if not label or not form:
        return {}
    name = re.compile(re.escape(known.tr(label)).replace("%s", "(.+)"))
    moved = {}
    for day in known:
        for one in known.get_list(day):
            found = name.fullmatch(one)
            if found:
                moved[day] = datetime.strptime(found[1], known.tr(form)).date()  # noqa: DTZ007 - a date only
    return {day: worked for day, worked in moved.items() if worked in known.weekend_workdays}


def _nearest_language(known: Any, language: str) -> str | None:
    """Return the package's own code for a language, else English, else the country's own (None)."""
    for wanted in (language, "en"):
        for code in known.supported_languages:
            if code.partition("_")[0] == wanted:
                return str(code)
    return None


def _names(day: date, translated: Mapping[str, Any], moved: Mapping[date, date]) -> Names:
    if day in moved:
        return MOVED
    return {language: ", ".join(map(_plain_name, days.get_list(day))) for language, days in translated.items()}


def _plain_name(name: str) -> str:
    """Leave out "(observed)", "(brīvdiena)": who reads that we are closed knows enough."""
    return re.sub(r" \([^()]*\)$", "", name)


def _told(days: RuleDays) -> dict[date, str]:
    told = {day: names.get("en", "") for day, names in days.holidays.items()}
    return told | {worked: f"worked for {day}" for day, worked in days.swaps.items()}


# What the rule files say


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
                near = difflib.get_close_matches(name, WEEKDAYS, n=1)
                remedy = f'did you mean "{near[0]}"?' if near else "write mon, tue, … or mon-fri"
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
            raise _wrong(path, f'"{part.strip()}" are no hours', 'write "09:00-18:00"')
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
    return [max(begin, f"{start // 60:02}:{start % 60:02}"), end]


def _before_midnight(span: Sequence[str]) -> list[str]:
    begin, end = span
    return [begin, end if begin < end else "24:00"]


def _own(day: date, changes: Mapping[str, str], made: Mapping[str, Any]) -> Plain:
    own: Plain = {key: _spans(text, ("dates", str(day), key)) for key, text in changes.items()}
    if "open" in own:
        return own
    return {**made, "closed": [*made.get("closed", []), *own.get("closed", [])]}


RENAMED: Mapping[Path, Path] = {("zone",): ("timezone",), ("weekly",): ("hours",)}


def _in_rule_files(problem: Problem, places: Mapping[Path, Path]) -> Problem:
    """Give a problem the path that it has in the rule files; intervals share one text there."""
    path = places.get(problem.path[:2], problem.path)
    path = RENAMED.get(path, path)
    return Problem(path[:3] if path[:1] == ("dates",) else path, problem.what, problem.remedy)


def _wrong(path: Path, what: str, remedy: str) -> CalendarError:
    return CalendarError([Problem(path, what, remedy)])
