"""Days as people write them, and the last word on each."""

from datetime import date

import pytest

from maild.hours import spans
from maild.hours.instants import MomentError
from maild.hours.spans import Days, Spell

WEDNESDAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("", "2026-11-25"),
        ("today", "2026-11-25"),
        ("Tomorrow.", "2026-11-26"),
        ("rīt", "2026-11-26"),
        ("fri", "2026-11-27"),
        ("until fri", "2026-11-25..2026-11-27"),
        ("līdz piektdienai", "2026-11-25..2026-11-27"),
        ("до пятницы", "2026-11-25..2026-11-27"),
        ("until wed", "2026-11-25..2026-12-02"),
        ("until tomorrow", "2026-11-25..2026-11-26"),
        ("from mon to wed", "2026-11-30..2026-12-02"),
        ("no pirmdienas līdz trešdienai", "2026-11-30..2026-12-02"),
        ("mon - wed", "2026-11-30..2026-12-02"),
        ("2026-12-21..2027-01-03", "2026-12-21..2027-01-03"),
        ("2026-12-21 – 2027-01-03", "2026-12-21..2027-01-03"),
        ("21.12.-3.1.", "2026-12-21..2027-01-03"),
        ("21.12.2026 - 3.1.2027", "2026-12-21..2027-01-03"),
        ("3d", "2026-11-25..2026-11-27"),
        ("for 2 weeks", "2026-11-25..2026-12-08"),
        ("3 dienas", "2026-11-25..2026-11-27"),
        ("2026-11-20..2026-11-26", "2026-11-25..2026-11-26"),  # what has passed needs no word
    ],
)
def test_days(text: str, days: str) -> None:
    assert str(spans.parse(text, WEDNESDAY)) == days


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("soon", "is no day"),
        ("0d", "is no day"),
        ("31.2.", "is no day"),
        ("until", "is no day"),
        ("tomorrow 12:00", "is no day"),
        ("2026-11-20", "has passed"),
        ("2028-01-01", "more than a year"),
        ("2026-12-21..2026-12-20", "ends before it begins"),
    ],
)
def test_what_is_no_span_says_why(text: str, why: str) -> None:
    with pytest.raises(MomentError, match=why):
        spans.parse(text, WEDNESDAY)


def test_the_last_word_on_a_day_counts_and_what_has_passed_is_forgotten() -> None:
    day = [date(2026, 11, one) for one in range(20, 31)]
    said = spans.joined((), Spell(Days(day[0], day[8]), away=True), day[0])
    said = spans.joined(said, Spell(Days(day[7], day[8]), away=False), day[5])
    assert spans.read(spans.write(said)) == said
    assert spans.write(said) == "away 2026-11-25..2026-11-26\nhere 2026-11-27..2026-11-28"
