"""The forms in which each language tells of time, one table a language: English, Latvian, Russian.

Tables of our own: the patterns of the usual locale data give nominatives ("pirmdiena, 24. novembris"), which are wrong
inside a sentence.  A new language is one more table, and its code in GRAMMARS.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Grammar:
    """A language's forms.  {when} and the like are filled in; see the functions of wording.py for what each holds."""

    weekday: Sequence[str]  # from Monday, in the case that answers "when"
    weekday_name: Sequence[str]  # from Monday, as it is called
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
    our_hours: str  # week
    every_day: str
    day_and_night: str
    closed_now: str  # when
    closed_on: str  # days
    closed_on_named: str  # days, names
    seen_late: str  # when
    wrote: str  # day, month, year, time, name
    last_and: str


def of(language: str) -> Grammar:
    """Return the forms of a language such as "lv" or "lv-LV"; the English ones of any other."""
    return GRAMMARS.get(code(language), ENGLISH)


def code(language: str) -> str:
    """Return the language of a tag such as "lv_LV", without its country."""
    return language.replace("_", "-").partition("-")[0].lower()


_ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

ENGLISH = Grammar(
    weekday=_ENGLISH_DAYS,
    weekday_name=_ENGLISH_DAYS,
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
        "longer": "Answers are taking longer than usual at the moment; we will answer",
    },
    usually=(
        "Most people get an answer within {hours} working hour.",
        "Most people get an answer within {hours} working hours.",
    ),
    plural=lambda count: int(count != 1),
    no_time="We will write to you.",
    our_hours="Our business hours: {week}.",
    every_day="every day",
    day_and_night="We are here day and night.",
    closed_now="We are closed now; we open again {when}.",
    closed_on="We are closed on {days}.",
    closed_on_named="We are closed on {days} ({names}).",
    seen_late="Your email arrived {when}; we are sorry that we are only seeing it now.",
    wrote="On {day} {month} {year} at {time}, {name} wrote:",
    last_and=" and ",
)

LATVIAN = Grammar(
    weekday=("pirmdien", "otrdien", "trešdien", "ceturtdien", "piektdien", "sestdien", "svētdien"),
    weekday_name=("pirmdiena", "otrdiena", "trešdiena", "ceturtdiena", "piektdiena", "sestdiena", "svētdiena"),
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
    our_hours="Darba laiks: {week}.",
    every_day="katru dienu",
    day_and_night="Strādājam visu diennakti.",
    closed_now="Šobrīd nestrādājam; darbu atsāksim {when}.",
    closed_on="{days} nestrādājam.",
    closed_on_named="{days} nestrādājam ({names}).",
    seen_late="Tā pienāca {when}; atvainojamies, ka redzam to tikai tagad.",
    wrote="{year}. gada {day}. {month} plkst. {time} {name} rakstīja:",
    last_and=" un ",
)

RUSSIAN = Grammar(
    weekday=(
        *("в понедельник", "во вторник", "в среду", "в четверг"),
        *("в пятницу", "в субботу", "в воскресенье"),
    ),
    weekday_name=("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"),
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
    our_hours="Часы работы: {week}.",
    every_day="ежедневно",
    day_and_night="Мы работаем круглосуточно.",
    closed_now="Сейчас мы не работаем; откроемся {when}.",
    closed_on="{days} мы не работаем.",
    closed_on_named="{days} мы не работаем ({names}).",
    seen_late="Оно пришло {when}; извините, что мы видим его только сейчас.",
    wrote="{day} {month} {year} г. в {time} {name} пишет:",
    last_and=" и ",
)

GRAMMARS: Mapping[str, Grammar] = {"en": ENGLISH, "lv": LATVIAN, "ru": RUSSIAN}
