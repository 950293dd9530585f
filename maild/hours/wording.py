"""Time in finished sentences, for customers: English, Latvian, Russian.

Tables of our own: the patterns of the usual locale data give nominatives ("pirmdiena, 24. novembris"), which are wrong
inside a sentence.  A time is told with weekday and date, for the mail may be read on another day; without the time of
day when it lies more than a week ahead; and not at all when it has passed or is not certain.

The desk's zone is named unless the customer's own Date header shows the same offset.  If it shows another one, his
time follows in brackets; +0000 says nothing, for many programs write it for everybody.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import groupby
from zoneinfo import ZoneInfo

from maild.hours.promise import Promise

HOUR = 3600
LATE = timedelta(hours=1)  # between the arrival of a mail and our dealing with it
WITH_TIME_WITHIN = timedelta(days=7)
FARTHEST = timedelta(hours=14)  # no place on earth is further from UTC


@dataclass(frozen=True, slots=True)
class Grammar:
    """A language's forms.  {when} and the like are filled in; see the functions below for what each holds."""

    weekday: Sequence[str]  # from Monday, in the case that answers "when"
    in_month: Sequence[str]  # from January, as in "on 24 November"
    on: str  # what stands before a date that answers "when", as in "on Monday 24 November"
    date: str  # weekday, day, month
    date_of_year: str
    days_of_month: str  # days, month
    days_of_month_and_year: str
    day: str
    clock: Callable[[datetime], str]
    today: str
    tomorrow: str
    by_time: str  # when, time
    by_day: str  # when
    near: str  # what stands before "today, …": when
    at_time: str  # when, time
    zone: str  # time, zone
    zone_and_theirs: str  # time, zone, theirs, offset
    zones: Mapping[str, str]
    any_zone: str  # city, offset
    answer: Mapping[str, str]  # manner, verb
    usually: Sequence[str]  # by plural: hours
    plural: Callable[[int], int]
    no_time: str
    closed_now: str  # when
    closed_on: str  # days
    closed_on_named: str  # days, names
    seen_late: str  # when
    wrote: str  # day, month, year, time, name
    last_and: str


def phrases(
    promise: Promise, now: datetime, zone: str, language: str, sender_date: datetime | None = None
) -> Mapping[str, str]:
    """Return all that an acknowledgement says of time; what does not apply is "".

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
    grammar = _grammar(language)
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
    grammar = _grammar(language)
    return grammar.usually[grammar.plural(hours)].format(hours=hours)


def closed_now(promise: Promise, now: datetime, zone: str, language: str) -> str:
    """Return that the desk is closed and when it opens; "" when it is open."""
    if not promise.closed_now or promise.opens_at is None or promise.opens_at <= now.timestamp():
        return ""
    opens = datetime.fromtimestamp(promise.opens_at, UTC)
    return _grammar(language).closed_now.format(when=moment(opens, now, zone, language))


def holidays_between(promise: Promise, now: datetime, zone: str, language: str) -> str:
    """Return on which days the desk is closed until then, with their names; "" when there are none."""
    grammar, today = _grammar(language), now.astimezone(ZoneInfo(zone)).date()
    closings = [one for one in promise.closings if one.day >= today]
    if not closings or promise.uncertain or promise.until_at <= now:
        return ""
    days = _days(grammar, [one.day for one in closings], today)
    names = list(dict.fromkeys(name for one in closings if (name := one.name(_code(language)))))
    if not names:
        return grammar.closed_on.format(days=days)
    return grammar.closed_on_named.format(days=days, names="; ".join(names))


def moment(at: datetime, now: datetime, zone: str, language: str) -> str:
    """Return a moment as it stands after "we open again": weekday, date and time on the desk's clock."""
    grammar = _grammar(language)
    local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    when = _near(grammar, local.date(), today)
    return grammar.at_time.format(when=when, time=grammar.clock(local))


def day(one: date, today: date, language: str) -> str:
    """Return a day as it stands in a sentence: "today, Monday 23 November"."""
    grammar = _grammar(language)
    return _near(grammar, one, today).removeprefix(grammar.on)


def seen_late(received: datetime, now: datetime, zone: str, language: str) -> str:
    """Return that a mail came a while before it is dealt with; "" where it did not."""
    if now - received < LATE:
        return ""
    return _grammar(language).seen_late.format(when=moment(received, now, zone, language))


def wrote(at: datetime, name: str, zone: str, language: str) -> str:
    """Return the line above a quotation."""
    grammar, local = _grammar(language), at.astimezone(ZoneInfo(zone))
    return grammar.wrote.format(
        day=local.day, month=grammar.in_month[local.month - 1], year=local.year, time=grammar.clock(local), name=name
    )


def _code(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()


def _grammar(language: str) -> Grammar:
    return GRAMMARS.get(_code(language), ENGLISH)


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


ENGLISH = Grammar(
    weekday=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    in_month=(
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    on="on ",
    date="{weekday} {day} {month}",
    date_of_year="{weekday} {day} {month} {year}",
    days_of_month="{days} {month}",
    days_of_month_and_year="{days} {month} {year}",
    day="{day}",
    clock=lambda at: f"{at:%H:%M}",
    today="today",
    tomorrow="tomorrow",
    by_time="{verb} by {when}, {time}.",
    by_day="{verb} by {when}.",
    near="{verb} {when}, by {time}.",
    at_time="{when} at {time}",
    zone="{time} ({zone})",
    zone_and_theirs="{time} {zone} ({theirs} your time, {offset})",
    zones={"UTC": "UTC"},
    any_zone="{city} time",
    answer={
        "latest": "We will answer",
        "measured": "We will answer",
        "aim": "We aim to answer",
        "longer": "Answers take longer than usual at the moment; we will answer",
    },
    usually=("Most are answered within {hours} working hour.", "Most are answered within {hours} working hours."),
    plural=lambda count: int(count != 1),
    no_time="We will write to you.",
    closed_now="We are closed now; we open again {when}.",
    closed_on="We are closed on {days}.",
    closed_on_named="We are closed on {days} ({names}).",
    seen_late="It came {when}; we are sorry that we see it only now.",
    wrote="On {day} {month} {year} at {time}, {name} wrote:",
    last_and=" and ",
)

LATVIAN = Grammar(
    weekday=("pirmdien", "otrdien", "trešdien", "ceturtdien", "piektdien", "sestdien", "svētdien"),
    in_month=(
        *("janvārī", "februārī", "martā", "aprīlī", "maijā", "jūnijā"),
        *("jūlijā", "augustā", "septembrī", "oktobrī", "novembrī", "decembrī"),
    ),
    on="",
    date="{weekday}, {day}. {month}",
    date_of_year="{weekday}, {year}. gada {day}. {month}",
    days_of_month="{days} {month}",
    days_of_month_and_year="{year}. gada {days} {month}",
    day="{day}.",
    clock=lambda at: f"{at.hour}.{at:%M}",
    today="šodien",
    tomorrow="rīt",
    by_time="{verb} {when}, līdz plkst. {time}.",
    by_day="{verb} ne vēlāk kā {when}.",
    near="{verb} {when}, līdz plkst. {time}.",
    at_time="{when}, plkst. {time}",
    zone="{time} ({zone})",
    zone_and_theirs="{time} {zone} (pēc Jūsu laika {theirs}, {offset})",
    zones={
        "UTC": "UTC",
        "Europe/Riga": "pēc Rīgas laika",
        "Europe/Tallinn": "pēc Tallinas laika",
        "Europe/Vilnius": "pēc Viļņas laika",
        "Europe/Helsinki": "pēc Helsinku laika",
        "Europe/Stockholm": "pēc Stokholmas laika",
        "Europe/Warsaw": "pēc Varšavas laika",
        "Europe/Berlin": "pēc Berlīnes laika",
        "Europe/London": "pēc Londonas laika",
        "Europe/Kyiv": "pēc Kijivas laika",
    },
    any_zone="{offset}",
    answer={
        "latest": "Atbildēsim",
        "measured": "Atbildēsim",
        "aim": "Centīsimies atbildēt",
        "longer": "Šobrīd atbildes prasa vairāk laika nekā parasti; atbildēsim",
    },
    usually=("Parasti atbildam {hours} darba stundas laikā.", "Parasti atbildam {hours} darba stundu laikā."),
    plural=lambda count: int(count % 10 != 1 or count % 100 == 11),
    no_time="Mēs Jums atrakstīsim.",
    closed_now="Šobrīd esam slēgti; atsākam darbu {when}.",
    closed_on="{days} esam slēgti.",
    closed_on_named="{days} esam slēgti ({names}).",
    seen_late="Tā pienāca {when}; atvainojamies, ka redzam to tikai tagad.",
    wrote="{year}. gada {day}. {month} plkst. {time} {name} rakstīja:",
    last_and=" un ",
)

RUSSIAN = Grammar(
    weekday=(
        *("в понедельник", "во вторник", "в среду", "в четверг"),
        *("в пятницу", "в субботу", "в воскресенье"),
    ),
    in_month=(
        *("января", "февраля", "марта", "апреля", "мая", "июня"),
        *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
    ),
    on="",
    date="{weekday}, {day} {month}",
    date_of_year="{weekday}, {day} {month} {year} года",
    days_of_month="{days} {month}",
    days_of_month_and_year="{days} {month} {year} года",
    day="{day}",
    clock=lambda at: f"{at.hour}:{at:%M}",
    today="сегодня",
    tomorrow="завтра",
    by_time="{verb} {when}, до {time}.",
    by_day="{verb} не позднее чем {when}.",
    near="{verb} {when}, до {time}.",
    at_time="{when}, в {time}",
    zone="{time} ({zone})",
    zone_and_theirs="{time} {zone} ({theirs} по вашему времени, {offset})",
    zones={
        "UTC": "UTC",
        "Europe/Riga": "по рижскому времени",
        "Europe/Tallinn": "по таллинскому времени",
        "Europe/Vilnius": "по вильнюсскому времени",
        "Europe/Helsinki": "по хельсинкскому времени",
        "Europe/Stockholm": "по стокгольмскому времени",
        "Europe/Warsaw": "по варшавскому времени",
        "Europe/Berlin": "по берлинскому времени",
        "Europe/London": "по лондонскому времени",
        "Europe/Kyiv": "по киевскому времени",
    },
    any_zone="{offset}",
    answer={
        "latest": "Ответим",
        "measured": "Ответим",
        "aim": "Постараемся ответить",
        "longer": "Сейчас ответы занимают больше времени, чем обычно; ответим",
    },
    usually=(
        "Обычно отвечаем в течение {hours} рабочего часа.",
        "Обычно отвечаем в течение {hours} рабочих часов.",
    ),
    plural=lambda count: int(count % 10 != 1 or count % 100 == 11),
    no_time="Мы вам напишем.",
    closed_now="Сейчас мы не работаем; откроемся {when}.",
    closed_on="{days} мы не работаем.",
    closed_on_named="{days} мы не работаем ({names}).",
    seen_late="Оно пришло {when}; извините, что мы видим его только сейчас.",
    wrote="{day} {month} {year} г. в {time} {name} пишет:",
    last_and=" и ",
)

GRAMMARS: Mapping[str, Grammar] = {"en": ENGLISH, "lv": LATVIAN, "ru": RUSSIAN}
