"""Moments to come, as people write them: "tomorrow 12:00", "fri", "1.12. plkst. 9.30", "3d", "2 working days", "4wh".

Days have their names in English, Latvian and Russian.  A day alone is its first opening, or the next after it; where
something is to be done by then, its last closing.  So is "3d", for nobody counts days by the minute.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from maild.hours import duration
from maild.hours.calendar import Calendar
from maild.hours.duration import DurationError

FARTHEST = timedelta(days=366)
OPENS, CLOSES = 9, 17  # of a desk without hours
HOW = 'write it as "tomorrow 12:00", "fri", "2026-12-01 9:00", "3d", "2 working days" or "4wh"'
_TODAY = ("today", "šodien", "šodienai", "сегодня")
_TOMORROW = ("tomorrow", "rīt", "rītdienas", "rītdienai", "завтра")
_WEEKDAYS = (
    ("monday", "mon", "pirmdien", "pirmdiena", "pirmdienas", "pirmdienai", "понедельник", "понедельника"),
    ("tuesday", "tue", "otrdien", "otrdiena", "otrdienas", "otrdienai", "вторник", "вторника"),
    ("wednesday", "wed", "trešdien", "trešdiena", "trešdienas", "trešdienai", "среда", "среду", "среды"),
    ("thursday", "thu", "ceturtdien", "ceturtdiena", "ceturtdienas", "ceturtdienai", "четверг", "четверга"),
    ("friday", "fri", "piektdien", "piektdiena", "piektdienas", "piektdienai", "пятница", "пятницу", "пятницы"),
    ("saturday", "sat", "sestdien", "sestdiena", "sestdienas", "sestdienai", "суббота", "субботу", "субботы"),
    ("sunday", "sun", "svētdien", "svētdiena", "svētdienas", "svētdienai", "воскресенье", "воскресенья"),
)
_WEEKDAY = {word: number for number, words in enumerate(_WEEKDAYS) for word in words}
_UNTIL = re.compile(r"^\s*(?:until|till|by|on|līdz|до)\s+", re.IGNORECASE)  # as people go on after "wait"
_TIME = re.compile(r"(?:^|\s)(?:at |plkst\.? ?|в )?(\d{1,2})[:.](\d{2})$")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NUMERIC = re.compile(r"(\d{1,2})\.(\d{1,2})\.?(\d{4})?\.?")
_DOTTED = re.compile(r"\d{1,2}\.\d{1,2}\.")  # a day and a month; "9.30" is a time
_DAYS = re.compile(r"(\d{1,3}) ?(?:d|days?|dienas?|дн(?:я|ей)|день)")
_WEEKS = re.compile(r"(\d{1,2}) ?(?:w|weeks?|nedēļ(?:a|as|u|ām)|недел(?:я|ю|и|ь))")


class MomentError(ValueError):
    """A moment that cannot be meant; the text is shown to the one who wrote it."""

    def __init__(self, words: str, *values: object) -> None:
        self.words, self.values = words, values
        super().__init__(words.format(*values))


@dataclass(frozen=True, slots=True)
class Place:
    """Whose hours and clock are meant; calendar is None where there is none: a day then lasts from 9:00 to 17:00."""

    calendar: Calendar | None
    zone: str


def parse(text: str, now: datetime, place: Place, by: bool = False, written_at: datetime | None = None) -> datetime:
    """Return the moment that is meant.

    Args:
        by: something is to be done by then: a day alone is its closing.
        written_at: as of when the words are meant, None for now.

    Raises:
        MomentError: it cannot be meant, has passed, or lies more than a year ahead.
    """
    bare = _UNTIL.sub("", text)
    words = " ".join(bare.lower().strip(" .,;!").split())
    then = written_at or now
    found = _length(words, then, place, by) or _on_a_day(words, then, place, by, _is_date(bare, then, place))
    if found is None:
        raise MomentError("{!r} is no moment; {}", text, HOW)
    if found <= now:
        raise MomentError("{!r} has passed", text)
    if found - now > FARTHEST:
        raise MomentError("{!r} is more than a year ahead", text)
    if by and place.calendar is not None and not place.calendar.is_open(int(found.timestamp()) - 1):
        raise MomentError("the desk is closed then: {!r}", text)
    return found


def _length(words: str, now: datetime, place: Place, by: bool) -> datetime | None:
    days = days_of(words)
    if days is not None:
        return _day(_today(now, place) + timedelta(days=days), place, by)
    try:
        at = duration.later(place.calendar, int(now.timestamp()), duration.parse(words))
        return datetime.fromtimestamp(at, now.tzinfo) if at is not None else None
    except (DurationError, OverflowError, ValueError, OSError):
        return None


def days_of(words: str) -> int | None:
    """Return how many days a person means by "3d" or "2 weeks", None where he means something else."""
    days, weeks = _DAYS.fullmatch(words), _WEEKS.fullmatch(words)
    return int(days[1]) if days else 7 * int(weeks[1]) if weeks else None


def _is_date(text: str, now: datetime, place: Place) -> bool:
    """Tell whether a text is nothing but a day and a month: "23.12." is no time; "9.30." is, and ends a sentence."""
    bare = text.strip(" ,;!")
    return bool(_DOTTED.fullmatch(bare)) and date_of(bare, _today(now, place)) is not None


def _on_a_day(words: str, now: datetime, place: Place, by: bool, is_date: bool) -> datetime | None:
    clock = None if is_date else _TIME.search(words)
    named = words[: clock.start()].strip(" ,") if clock else words
    day = date_of(named, _today(now, place)) if named or not clock else _today(now, place)
    if day is None:
        return None
    if clock is None:
        at = _day(day, place, by)
        return at if at > now or named not in _WEEKDAY else _day(day + timedelta(days=7), place, by)
    hour, minute = int(clock[1]), int(clock[2])
    if hour > 23 or minute > 59:
        return None
    at = _wall(day, hour * 60 + minute, place)
    return at if at > now or named not in _WEEKDAY else _wall(day + timedelta(days=7), hour * 60 + minute, place)


def date_of(named: str, today: date) -> date | None:
    """Return the date that a person calls so, today or the next that is called so; None for no date."""
    if named in _TODAY or named in _TOMORROW:
        return today + timedelta(days=named in _TOMORROW)
    if named in _WEEKDAY:
        return today + timedelta(days=(_WEEKDAY[named] - today.weekday()) % 7)
    iso, numeric = _ISO.fullmatch(named), _NUMERIC.fullmatch(named)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if numeric:
            day = date(int(numeric[3] or today.year), int(numeric[2]), int(numeric[1]))
            return day if numeric[3] or day >= today else day.replace(year=today.year + 1)
    except ValueError:
        return None
    return None


def is_weekday(named: str) -> bool:
    return named in _WEEKDAY


def _day(day: date, place: Place, by: bool) -> datetime:
    """Return the first opening on a day or after it, or a day's last closing.

    Raises:
        MomentError: the desk is closed on that day.
    """
    if place.calendar is None:
        return _wall(day, (CLOSES if by else OPENS) * 60, place)
    if not by:
        opens = place.calendar.next_open(int(_wall(day, 0, place).timestamp()))
        return datetime.fromtimestamp(opens, UTC) if opens is not None else _wall(day, OPENS * 60, place)
    hours = place.calendar.hours_on(day)
    if not hours:
        raise MomentError("the desk is closed on {}", day)
    return _wall(day, hours[-1][1], place)


def _wall(day: date, minutes: int, place: Place) -> datetime:
    """Return when the desk's clock shows so many minutes after midnight.

    Raises:
        MomentError: no clock does: the day lies at an end of the calendar.
    """
    try:
        local = datetime.combine(day, time(), ZoneInfo(place.zone)) + timedelta(minutes=minutes)
        return datetime.fromtimestamp(local.timestamp(), UTC)
    except (ValueError, OverflowError):
        raise MomentError("{!r} is no moment; {}", str(day), HOW) from None


def _today(now: datetime, place: Place) -> date:
    return now.astimezone(ZoneInfo(place.zone)).date()
