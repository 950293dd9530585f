"""Which dates are holidays where, as the `holidays` package has them.

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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Literal, NamedTuple, Protocol

from maild.hours.calendar import CalendarError, Problem

LANGUAGES = ("en", "lv", "ru")
YEARS = range(2015, 2051)
FILE = "holidays.json"  # beside the rule files that were accepted
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
    """Leave out "(observed)", "(brīvdiena)": a reader who is told that we are closed knows enough."""
    return re.sub(r" \([^()]*\)$", "", name)


def _told(days: RuleDays) -> dict[date, str]:
    told = {day: names.get("en", "") for day, names in days.holidays.items()}
    return told | {worked: f"worked for {day}" for day, worked in days.swaps.items()}
