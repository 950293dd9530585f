"""Lengths of time: what is read, what is refused, and when a working day ends."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from maild.hours.duration import Duration, DurationError, Offset, in_words, later, parse, parse_offset
from tests.conftest import OFFICE


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("8wh", Duration(working=28_800)),
        ("30wm", Duration(working=1800)),
        ("1wh 30wm", Duration(working=5400)),
        ("2h", Duration(clock=7200)),
        ("1h30m", Duration(clock=5400)),
        ("3d", Duration(clock=259_200)),
        ("90 s", Duration(clock=90)),
        ("5 working days", Duration(days=5)),
        ("1 working day", Duration(days=1)),
        (" 2WH ", Duration(working=7200)),
    ],
)
def test_lengths_of_time_are_read(text: str, duration: Duration) -> None:
    assert parse(text) == duration


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("8", "has no unit"),
        ("", "is not a length of time"),
        ("soon", "is not a length of time"),
        ("8 wh please", "is not a length of time"),
        ("1.5h", "is not a length of time"),
        ("-2h", "is not a length of time"),
        ("8wh 2h", "mixes working time and clock time"),
        ("0wh", "no time at all"),
        ("0 working days", "no time at all"),
        ("8w", "is not a length of time"),
    ],
)
def test_what_nobody_can_mean_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(DurationError, match=complaint):
        parse(text)


@pytest.mark.parametrize(
    ("text", "offset", "seconds"),
    [
        ("75%", Offset(75), 21_600),
        ("100% + 2wh", Offset(100, working=7200), 36_000),
        ("100%+2wh", Offset(100, working=7200), 36_000),
        ("-30wm", Offset(100, working=-1800), 27_000),
        ("+2h", Offset(100, clock=7200), 28_800),
        ("50% - 1wh", Offset(50, working=-3600), 10_800),
        ("33%", Offset(33), 9504),
    ],
)
def test_places_on_a_ladder_are_read(text: str, offset: Offset, seconds: int) -> None:
    assert parse_offset(text) == offset
    assert offset.seconds(28_800) == seconds


@pytest.mark.parametrize("text", ["", "75", "2wh", "%", "75% 2wh", "0%", "100% + 2", "100% + 8wh 1h x"])
def test_other_places_are_refused(text: str) -> None:
    with pytest.raises(DurationError):
        parse_offset(text)


def test_a_part_of_a_target_is_rounded_up() -> None:
    """A place is the first instant by which as much has passed."""
    assert Offset(75).seconds(3601) == 2701


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2wh", "2025-03-17T10:00"),
        ("2h", "2025-03-14T19:00"),
        ("3d", "2025-03-17T17:00"),
        ("1 working day", "2025-03-17T18:00"),
        ("5 working days", "2025-03-21T18:00"),
    ],
)
def test_lengths_of_time_end(text: str, end: str) -> None:
    assert later(OFFICE, at("2025-03-14T17:00"), parse(text)) == at(end)


def test_working_time_never_passes_without_a_calendar() -> None:
    assert later(None, 0, parse("2wh")) is None
    assert later(None, 0, parse("2h")) == 7200


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Riga")).timestamp())


@pytest.mark.parametrize(
    ("text", "en", "lv"),
    [
        ("1 working day", "1 working day", "1 darba dienu"),
        ("5 working days", "5 working days", "5 darba dienas"),
        ("21 working days", "21 working days", "21 darba dienu"),
        ("11d", "11 days", "11 dienas"),
        ("36h", "36 hours", "36 stundas"),
        ("8wh", "8 working hours", "8 darba stundas"),
        ("", "", ""),
    ],
)
def test_lengths_of_time_are_told_in_words(text: str, en: str, lv: str) -> None:
    assert (in_words(text, "en"), in_words(text, "lv")) == (en, lv)
