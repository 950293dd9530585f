"""Time in finished sentences, for customers: English, Latvian, Russian.

The forms of each language are in grammars.py.  A time is told with weekday and date, for the mail may be read on
another day; without the time of day when it lies more than a week ahead; and not at all when it has passed or is not
certain.

The desk's zone is named unless the customer's own Date header shows the same offset.  If it shows another one, his
time follows in brackets; +0000 says nothing, for many programs write it for everybody.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import groupby
from zoneinfo import ZoneInfo

from maild.hours import grammars
from maild.hours.grammars import Grammar
from maild.hours.promise import Promise

HOUR = 3600
LATE = timedelta(hours=1)  # between the arrival of a mail and our dealing with it
WITH_TIME_WITHIN = timedelta(days=7)
FARTHEST = timedelta(hours=14)  # no place on earth is further from UTC


def phrases(
    promise: Promise, now: datetime, zone: str, language: str, sender_date: datetime | None = None
) -> Mapping[str, str]:
    """Return all that an acknowledgement says about time; what does not apply is "".

    Keys: answer_by, usually, closed_now, holidays, and text, which has them in the order in which they are read.

    Args:
        promise: what is promised.
        now: when the mail is made; aware.
        zone: the desk's IANA zone.
        language: "en", "lv" or "ru"; others are answered in English.
        sender_date: the customer's own Date header, for its offset.
    """
    said = {
        "closed_now": closed_now(promise, now, zone, language),
        "answer_by": answer_by(promise, now, zone, language, sender_date),
        "usually": usually(promise, now, language),
        "holidays": holidays_between(promise, now, zone, language),
    }
    return {**said, "text": " ".join(filter(None, said.values()))}


def answer_by(promise: Promise, now: datetime, zone: str, language: str, sender_date: datetime | None = None) -> str:
    """Return by when a person answers; without a time when that is not certain or no longer true."""
    grammar = grammars.of(language)
    until = promise.until_at
    if promise.uncertain or until <= now:
        return grammar.no_time
    verb = grammar.answer[promise.manner]
    local, today = until.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    if local.date() - today > WITH_TIME_WITHIN:
        return grammar.by_day.format(verb=verb, when=_date(grammar, local.date(), today))
    time = _time_with_zone(grammar, until, zone, sender_date)
    return _by(grammar, verb, local.date(), today, time)


def usually(promise: Promise, now: datetime, language: str) -> str:
    """Return in how many working hours most are answered, where that is much sooner than what is promised."""
    if promise.usually is None or promise.uncertain or promise.until_at <= now:
        return ""
    hours = -(-promise.usually // HOUR)
    grammar = grammars.of(language)
    return grammar.usually[grammar.plural(hours)].format(hours=hours)


def closed_now(promise: Promise, now: datetime, zone: str, language: str) -> str:
    """Return that the desk is closed and when it opens; "" when it is open."""
    if not promise.closed_now or promise.opens_at is None or promise.opens_at <= now.timestamp():
        return ""
    opens = datetime.fromtimestamp(promise.opens_at, UTC)
    return grammars.of(language).closed_now.format(when=moment(opens, now, zone, language))


def holidays_between(promise: Promise, now: datetime, zone: str, language: str) -> str:
    """Return on which days the desk is closed until then, with their names; "" when there are none."""
    grammar, today = grammars.of(language), now.astimezone(ZoneInfo(zone)).date()
    closings = [one for one in promise.closings if one.day >= today]
    if not closings or promise.uncertain or promise.until_at <= now:
        return ""
    days = _days(grammar, [one.day for one in closings], today)
    names = list(dict.fromkeys(name for one in closings if (name := one.name(grammars.code(language)))))
    if not names:
        return grammar.closed_on.format(days=days)
    return grammar.closed_on_named.format(days=days, names="; ".join(names))


def moment(at: datetime, now: datetime, zone: str, language: str) -> str:
    """Return a moment as it stands after "we open again": weekday, date and time on the desk's clock."""
    grammar = grammars.of(language)
    local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    when = _near(grammar, local.date(), today)
    return grammar.at_time.format(when=when, time=grammar.clock(local))


def until(at: datetime, now: datetime, zone: str, language: str) -> str:
    """Return a moment as it stands after "by" or "since": "Monday 23 November at 18:00"."""
    return moment(at, now, zone, language).removeprefix(grammars.of(language).on)


def day(one: date, today: date, language: str) -> str:
    """Return a day as it is written in a sentence: "today, Monday 23 November"."""
    grammar = grammars.of(language)
    return _near(grammar, one, today).removeprefix(grammar.on)


def seen_late(received: datetime, now: datetime, zone: str, language: str) -> str:
    """Return that a mail came a while before it is dealt with; "" where it did not."""
    if now - received < LATE:
        return ""
    return grammars.of(language).seen_late.format(when=moment(received, now, zone, language))


def wrote(at: datetime, name: str, zone: str, language: str) -> str:
    """Return the line above a quotation."""
    grammar, local = grammars.of(language), at.astimezone(ZoneInfo(zone))
    return grammar.wrote.format(
        day=local.day, month=grammar.in_month[local.month - 1], year=local.year, time=grammar.clock(local), name=name
    )


def in_zone(
    text: str, now: datetime, zone: str, language: str, sender_date: datetime | None = None, beside: str = ""
) -> str:
    """Return times of day with the zone that they are of; without it for a customer whose Date shows the same.

    Args:
        beside: what stands in the same mail: a zone that it names is not named again.
    """
    theirs, local, grammar = _customer_zone(sender_date), now.astimezone(ZoneInfo(zone)), grammars.of(language)
    named = _zone(grammar, zone, local)
    if named in beside or (theirs is not None and theirs.utcoffset(None) == local.utcoffset()):
        return text
    return grammar.zone.format(time=text, zone=named)


def _by(grammar: Grammar, verb: str, day: date, today: date, time: str) -> str:
    if day - today <= timedelta(days=1):
        return grammar.near.format(verb=verb, when=_near(grammar, day, today), time=time)
    return grammar.by_time.format(verb=verb, when=_date(grammar, day, today), time=time)


def _near(grammar: Grammar, day: date, today: date) -> str:
    """Return a date as it answers "when", with "today" or "tomorrow" before it where that is so."""
    word = {0: grammar.today, 1: grammar.tomorrow}.get((day - today).days)
    named = _date(grammar, day, today)
    return f"{word}, {named}" if word else f"{grammar.on}{named}"


def _date(grammar: Grammar, day: date, today: date) -> str:
    form = grammar.date if day.year == today.year else grammar.date_of_year
    weekday, month = grammar.weekday[day.weekday()], grammar.in_month[day.month - 1]
    return form.format(weekday=weekday, day=day.day, month=month, year=day.year)


def _days(grammar: Grammar, days: Sequence[date], today: date) -> str:
    """Return "24, 25 and 26 December", each month once, and its year where it is not this one."""
    parts: list[str] = []
    for (year, month), grouped in groupby(days, key=lambda day: (day.year, day.month)):
        form = grammar.days_of_month if year == today.year else grammar.days_of_month_and_year
        numbers = _listed(grammar, [grammar.day.format(day=day.day) for day in grouped])
        parts.append(form.format(days=numbers, month=grammar.in_month[month - 1], year=year))
    return _listed(grammar, parts) if grammar.last_and not in parts[-1] else ", ".join(parts)


def _listed(grammar: Grammar, parts: Sequence[str]) -> str:
    return grammar.last_and.join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def _time_with_zone(grammar: Grammar, at: datetime, zone: str, sender_date: datetime | None) -> str:
    local = at.astimezone(ZoneInfo(zone))
    time, named = grammar.clock(local), _zone(grammar, zone, local)
    theirs = _customer_zone(sender_date)
    if theirs is None or sender_date is None:
        return grammar.zone.format(time=time, zone=named)
    if theirs.utcoffset(None) == sender_date.astimezone(ZoneInfo(zone)).utcoffset():
        return time
    there = at.astimezone(theirs)
    shown = grammar.clock(there)
    if there.date() != local.date():
        shown = grammar.at_time.format(when=_date(grammar, there.date(), local.date()), time=shown)
    return grammar.zone_and_theirs.format(time=time, zone=named, theirs=shown, offset=_offset(there))


def _customer_zone(sender_date: datetime | None) -> timezone | None:
    """Return the offset that a customer's own Date shows; None when it shows none, or one that nobody lives in."""
    offset = sender_date.utcoffset() if sender_date is not None else None
    return timezone(offset) if offset and abs(offset) <= FARTHEST else None


def _zone(grammar: Grammar, zone: str, local: datetime) -> str:
    city = zone.rpartition("/")[2].replace("_", " ")
    return grammar.zones.get(zone) or grammar.any_zone.format(city=city, offset=_offset(local))


def _offset(local: datetime) -> str:
    text = local.strftime("%z")
    return f"UTC{text[:3]}:{text[3:5]}"
