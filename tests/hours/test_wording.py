"""What a customer reads, in three languages."""

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.hours import grammars, wording
from maild.hours.calendar import Calendar
from maild.hours.estimate import Manner
from maild.hours.promise import Promise, make

RIGA = ZoneInfo("Europe/Riga")
WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
NAMES = {
    "2025-11-18": {
        "en": "Proclamation Day",
        "lv": "Latvijas Republikas Proklamēšanas diena",
        "ru": "День провозглашения Республики",
    },
    "2025-12-31": {"en": "New Year's Eve", "lv": "Vecgada diena", "ru": "Канун Нового года"},
    "2026-01-01": {"en": "New Year's Day", "lv": "Jaungada diena", "ru": "Новый год"},
}
HOLIDAYS = ["2025-11-17", "2025-11-18", "2025-12-24", "2025-12-25", "2025-12-26", "2025-12-31", "2026-01-01"]
OFFICE = Calendar.from_mapping(
    {"zone": "Europe/Riga", "weekly": WEEK, "holidays": HOLIDAYS, "known_until": "2026-12-31"}
)
FROM_RIGA = datetime(2025, 11, 10, 9, 0, tzinfo=RIGA)


def told(now: str, hours: float, language: str, sender: datetime | None = FROM_RIGA, manner: Manner = "latest") -> str:
    at = datetime.fromisoformat(now).replace(tzinfo=RIGA)
    return wording.phrases(made(at, hours, manner), at, "Europe/Riga", language, sender)["text"]


def made(at: datetime, hours: float, manner: Manner = "latest") -> Promise:
    moment = int(at.timestamp())
    promise = make(OFFICE, moment, moment, int(hours * 3600), NAMES, manner=manner)
    assert promise is not None
    return promise


@pytest.mark.parametrize(
    ("now", "hours", "language", "text"),
    [
        ("2025-11-10T10:00", 4, "en", "We will answer today, Monday 10 November, by 14:00."),
        ("2025-11-10T10:00", 4, "lv", "Atbildēsim šodien, pirmdien, 10. novembrī, līdz plkst. 14.00."),
        ("2025-11-10T10:00", 4, "ru", "Ответим сегодня, в понедельник, 10 ноября, до 14:00."),
        ("2025-11-10T16:00", 4, "en", "We will answer tomorrow, Tuesday 11 November, by 11:00."),
        ("2025-11-10T16:00", 4, "lv", "Atbildēsim rīt, otrdien, 11. novembrī, līdz plkst. 11.00."),
        ("2025-11-10T16:00", 4, "ru", "Ответим завтра, во вторник, 11 ноября, до 11:00."),
        ("2025-11-10T16:00", 12, "en", "We will answer by Wednesday 12 November, 10:00."),
        (
            "2025-11-14T16:40",
            8,
            "en",
            "We will answer by Wednesday 19 November, 15:45. We are closed on 17 and 18 November (Proclamation Day).",
        ),
        (
            "2025-11-14T16:40",
            8,
            "lv",
            "Atbildēsim trešdien, 19. novembrī, līdz plkst. 15.45. "
            "17. un 18. novembrī nestrādājam (Latvijas Republikas Proklamēšanas diena).",
        ),
        (
            "2025-11-14T16:40",
            8,
            "ru",
            "Ответим в среду, 19 ноября, до 15:45. 17 и 18 ноября мы не работаем (День провозглашения Республики).",
        ),
        (
            "2025-12-23T19:12",
            8,
            "en",
            "We are closed now; we open again on Monday 29 December at 09:00. "
            "We will answer by Monday 29 December, 17:00. We are closed on 24, 25 and 26 December.",
        ),
        (
            "2025-12-23T19:12",
            8,
            "lv",
            "Šobrīd nestrādājam; darbu atsāksim pirmdien, 29. decembrī, plkst. 9.00. "
            "Atbildēsim pirmdien, 29. decembrī, līdz plkst. 17.00. 24., 25. un 26. decembrī nestrādājam.",
        ),
        (
            "2025-12-23T19:12",
            8,
            "ru",
            "Сейчас мы не работаем; откроемся в понедельник, 29 декабря, в 9:00. "
            "Ответим в понедельник, 29 декабря, до 17:00. 24, 25 и 26 декабря мы не работаем.",
        ),
        (
            "2025-12-30T16:00",
            4,
            "en",
            "We will answer by Friday 2 January 2026, 11:00. "
            "We are closed on 31 December and 1 January 2026 (New Year's Eve; New Year's Day).",
        ),
        (
            "2025-12-30T16:00",
            4,
            "lv",
            "Atbildēsim piektdien, 2026. gada 2. janvārī, līdz plkst. 11.00. "
            "31. decembrī un 2026. gada 1. janvārī nestrādājam (Vecgada diena; Jaungada diena).",
        ),
        (
            "2025-12-30T16:00",
            4,
            "ru",
            "Ответим в пятницу, 2 января 2026 года, до 11:00. "
            "31 декабря и 1 января 2026 года мы не работаем (Канун Нового года; Новый год).",
        ),
        ("2025-12-03T14:00", 80, "en", "We will answer by Tuesday 16 December."),
        ("2025-12-03T14:00", 80, "lv", "Atbildēsim ne vēlāk kā otrdien, 16. decembrī."),
        ("2025-12-03T14:00", 80, "ru", "Ответим не позднее чем во вторник, 16 декабря."),
        (
            "2025-11-10T20:00",
            1,
            "lv",
            "Šobrīd nestrādājam; darbu atsāksim rīt, otrdien, 11. novembrī, plkst. 9.00. "
            "Atbildēsim rīt, otrdien, 11. novembrī, līdz plkst. 10.00.",
        ),
    ],
)
def test_sentences(now: str, hours: float, language: str, text: str) -> None:
    assert told(now, hours, language) == text


@pytest.mark.parametrize("language", ["en", "lv", "ru"])
def test_every_weekday_and_month_has_its_form(language: str) -> None:
    forms = set()
    for month in range(1, 13):
        for day in range(1, 8):
            at = datetime(2026, month, day, 12, 0, tzinfo=RIGA)
            forms.add(wording.moment(at, FROM_RIGA, "Europe/Riga", language))
    assert len(forms) == 84
    words = {word.strip(",") for form in forms for word in form.split() if word.strip(",").isalpha()}
    assert len(words) >= 19


@pytest.mark.parametrize(
    ("offset", "language", "text"),
    [
        (-5, "en", "by 14:00 Riga time (07:00 your time, UTC-05:00)."),
        (-5, "lv", "līdz plkst. 14.00 pēc Rīgas laika (pēc Jūsu laika 7.00, UTC-05:00)."),
        (-5, "ru", "до 14:00 по рижскому времени (7:00 по вашему времени, UTC-05:00)."),
        (12, "en", "by 14:00 Riga time (Tuesday 11 November at 00:00 your time, UTC+12:00)."),
        (5.5, "en", "by 14:00 Riga time (17:30 your time, UTC+05:30)."),
        (0, "en", "by 14:00 (Riga time)."),
        (2, "en", "by 14:00."),
        (23, "en", "by 14:00 (Riga time)."),
    ],
)
def test_the_customers_own_time_follows_in_brackets(offset: float, language: str, text: str) -> None:
    sender = datetime(2025, 11, 10, 7, 0, tzinfo=timezone(timedelta(hours=offset)))
    assert told("2025-11-10T10:00", 4, language, sender).endswith(text)


@pytest.mark.parametrize("sender", [None, datetime(2025, 11, 10, 7, 0)])  # noqa: DTZ001 - "-0000" is such a date
def test_without_the_customers_zone_ours_is_named(sender: datetime | None) -> None:
    assert told("2025-11-10T10:00", 4, "en", sender).endswith("by 14:00 (Riga time).")


def test_zones_without_a_name_of_ours_are_told_by_offset() -> None:
    at = datetime(2025, 11, 10, 10, 0, tzinfo=UTC)
    said = [wording.answer_by(made(at, 1), at, "America/New_York", code, None) for code in ("en", "lv")]
    assert said[0].endswith("by 06:00 (New York time).")
    assert said[1].endswith("līdz plkst. 6.00 (UTC-05:00).")


@pytest.mark.parametrize(
    ("manner", "text"),
    [
        ("aim", "We aim to answer today"),
        ("measured", "We will answer today"),
        ("longer", "Answers are taking longer than usual at the moment; we will answer today"),
    ],
)
def test_how_surely_it_is_said(manner: Manner, text: str) -> None:
    assert told("2025-11-10T10:00", 4, "en", manner=manner).startswith(text)


@pytest.mark.parametrize(("language", "text"), [("en", "We will write to you."), ("lv", "Mēs Jums atrakstīsim.")])
def test_no_time_is_told_that_has_passed_or_is_not_certain(language: str, text: str) -> None:
    promise = made(datetime(2025, 11, 10, 10, 0, tzinfo=RIGA), 4)
    late = datetime(2025, 11, 10, 14, 0, tzinfo=RIGA)
    assert wording.phrases(promise, late, "Europe/Riga", language)["text"] == text
    beyond = made(datetime(2026, 12, 31, 17, 0, tzinfo=RIGA), 4)
    assert beyond.uncertain
    assert wording.phrases(beyond, late, "Europe/Riga", language)["text"] == text


def test_languages_we_do_not_speak_are_answered_in_english() -> None:
    assert told("2025-11-10T10:00", 4, "de").startswith("We will")
    assert told("2025-11-10T10:00", 4, "lv-LV").startswith("Atbildēsim")


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "On 24 November 2025 at 18:05, Anna wrote:"),
        ("lv", "2025. gada 24. novembrī plkst. 18.05 Anna rakstīja:"),
        ("ru", "24 ноября 2025 г. в 18:05 Анна пишет:".replace("Анна", "Anna")),
    ],
)
def test_the_line_above_a_quotation(language: str, line: str) -> None:
    assert wording.wrote(datetime(2025, 11, 24, 16, 5, tzinfo=UTC), "Anna", "Europe/Riga", language) == line


MONTHS = {month: number for number, month in enumerate(grammars.ENGLISH.in_month, 1)}


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 60 * 86_400), st.integers(0, 5 * 86_400), st.integers(0, 3 * 86_400), st.integers(60, 60 * 3600))
def test_a_time_in_the_past_is_never_named(start: int, fetched: int, composed: int, seconds: int) -> None:
    """Whatever was late: the mail, its fetching, or the making of the acknowledgement."""
    received = int(datetime(2025, 11, 1, tzinfo=UTC).timestamp()) + start
    promise = make(OFFICE, received, received + fetched, seconds, NAMES)
    assert promise is not None
    now = datetime.fromtimestamp(received + fetched + composed, RIGA)
    text = wording.phrases(promise, now, "Europe/Riga", "en", FROM_RIGA)["text"]
    for day, month, year, time in _named(text):
        named = datetime(int(year or now.year), MONTHS[month], int(day), *map(int, (time or "23:59").split(":")))  # noqa: DTZ001
        assert named.replace(tzinfo=RIGA) > now, text


def _named(text: str) -> list[tuple[str, str, str, str]]:
    return re.findall(r"(\d+) ([A-Z][a-z]+)(?: (\d{4}))?(?:(?:,? (?:by|at) |, )(\d\d:\d\d))?", text)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Your email arrived on Friday 7 November at 17:05; we are sorry that we are only seeing it now."),
        ("lv", "Tā pienāca piektdien, 7. novembrī, plkst. 17.05; atvainojamies, ka redzam to tikai tagad."),
        ("ru", "Оно пришло в пятницу, 7 ноября, в 17:05; извините, что мы видим его только сейчас."),
    ],
)
def test_what_was_fetched_late_is_said_to_be(language: str, said: str) -> None:
    received, now = datetime(2025, 11, 7, 15, 5, tzinfo=UTC), datetime(2025, 11, 10, 7, tzinfo=UTC)
    assert wording.seen_late(received, now, "Europe/Riga", language) == said
    assert wording.seen_late(now - timedelta(minutes=59), now, "Europe/Riga", language) == ""


@pytest.mark.parametrize(
    ("seconds", "language", "said"),
    [
        (60, "en", "Most people get an answer within 1 working hour."),
        (7200, "en", "Most people get an answer within 2 working hours."),
        (3600, "lv", "Parasti atbildam 1 darba stundas laikā."),
        (11 * 3600, "lv", "Parasti atbildam 11 darba stundu laikā."),
        (21 * 3600, "lv", "Parasti atbildam 21 darba stundas laikā."),
        (3600, "ru", "Обычно отвечаем в течение 1 рабочего часа."),
        (5 * 3600, "ru", "Обычно отвечаем в течение 5 рабочих часов."),
    ],
)
def test_how_soon_most_are_answered(seconds: int, language: str, said: str) -> None:
    now = datetime(2025, 11, 10, 7, tzinfo=UTC)
    until = int(now.timestamp()) + 28_800
    assert wording.usually(Promise(until, "", until, usually=seconds), now, language) == said
    assert wording.usually(Promise(until, "", until), now, language) == ""
