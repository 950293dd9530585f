"""Working time: the vectors, the laws, two oracles, and what a calendar refuses."""

import json
import pickle
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import workclock
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from maild.hours.calendar import Calendar, CalendarError
from maild.hours.zones import LAST_YEAR
from tests.hours.oracle import NAMES, Oracle
from tests.vectors import run_calendar_vector

ROWS = [json.loads(line) for line in Path(__file__).with_name("vectors.jsonl").read_text("utf-8").splitlines()]


def days(names: Sequence[str], *spans: tuple[str, str]) -> dict[str, list[list[str]]]:
    return {name: [list(span) for span in spans] for name in names}


OFFICE = days(NAMES[:5], ("09:00", "18:00"))
ALWAYS = days(NAMES, ("00:00", "24:00"))
RIGA = Calendar.from_mapping({"zone": "Europe/Riga", "weekly": OFFICE})
DAY = 86_400


def at(text: str, zone: str = "Europe/Riga") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_vectors(row: dict[str, Any]) -> None:
    assert run_calendar_vector(row) == row["out"], row["note"]


# Around clock changes of every kind: an hour, half an hour, at midnight, two hours, a day that never was.
CHANGES = [
    ("Europe/Riga", "2025-03-30"),
    ("Europe/Riga", "2025-10-26"),
    ("Europe/Riga", "2026-06-23"),
    ("America/New_York", "2025-03-09"),
    ("America/New_York", "2025-11-02"),
    ("Australia/Lord_Howe", "2025-10-05"),
    ("Australia/Lord_Howe", "2025-04-06"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Havana", "2025-11-02"),
    ("Africa/Cairo", "2025-04-25"),
    ("Africa/Casablanca", "2025-02-23"),
    ("Pacific/Apia", "2011-12-30"),
    ("Antarctica/Troll", "2025-03-30"),
    ("Europe/Dublin", "2025-10-26"),
    ("Asia/Kathmandu", "2025-05-01"),
    ("UTC", "2025-01-01"),
]
clocks = st.integers(0, 96).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
spans = st.tuples(clocks, clocks).filter(lambda pair: pair[0] != pair[1] and pair[0] != "24:00").map(list)
day_spans = spans.filter(lambda pair: pair[0] < pair[1])


@st.composite
def mappings(draw: st.DrawFn) -> tuple[dict[str, Any], int]:
    """A calendar, and a moment around which something happens to the clock."""
    zone, day = draw(st.sampled_from(CHANGES))
    centre = at(day + "T12:00", "UTC")
    near = st.integers(-4, 4).map(
        lambda n: datetime.fromtimestamp(centre + n * DAY, ZoneInfo("UTC")).date().isoformat()
    )
    own = st.fixed_dictionaries(
        {}, optional={"open": st.lists(day_spans, max_size=2), "closed": st.lists(day_spans, max_size=2)}
    )
    mapping = {
        "zone": zone,
        "weekly": draw(st.dictionaries(st.sampled_from(NAMES), st.lists(spans, max_size=3))),
        "holidays": draw(st.lists(near, max_size=2)),
        "dates": draw(st.dictionaries(near, own, max_size=3)),
    }
    return mapping, centre


moments = st.integers(-5 * DAY, 5 * DAY)
amounts = st.one_of(st.integers(0, 40 * 3600), st.integers(0, 160).map(lambda quarter: quarter * 900))


@settings(max_examples=500, deadline=None)
@given(mappings(), moments, moments, amounts)
def test_the_engine_agrees_with_looking_at_every_minute(
    drawn: tuple[dict[str, Any], int], p: int, q: int, amount: int
) -> None:
    mapping, centre = drawn
    calendar, oracle = Calendar.from_mapping(mapping), Oracle(mapping)
    t, u = centre + p, centre + q
    assert calendar.is_open(t) == oracle.is_open(t)
    assert calendar.between(t, u) == oracle.between(t, u)
    for ask in (
        lambda one: one.next_open(t),
        lambda one: one.next_close(t),
        lambda one: one.add(t, amount),
        lambda one: one.add(t, -amount),
    ):
        found, expected = ask(calendar), ask(oracle)
        if expected is None:  # never, or beyond the oracle's horizon
            assert found is None or abs(found - t) >= oracle.reach
        else:
            assert found == expected


@settings(max_examples=200, deadline=None)
@given(mappings(), moments, moments, moments, amounts, amounts)
def test_the_laws_hold(drawn: tuple[dict[str, Any], int], p: int, q: int, r: int, d: int, e: int) -> None:
    mapping, centre = drawn
    calendar = Calendar.from_mapping(mapping)
    a, b, c = centre + p, centre + q, centre + r
    assert calendar.between(a, c) == calendar.between(a, b) + calendar.between(b, c)
    assert calendar.is_open(a) == (calendar.between(a, a + 1) == 1)
    due, opening = calendar.add(a, d), calendar.next_open(a)
    if opening is not None:
        assert calendar.next_open(opening) == opening
        assert calendar.is_open(opening)
        assert calendar.between(a, opening) == 0
    if due is not None:
        assert calendar.between(a, due) == d
        assert calendar.add(due, e) == calendar.add(a, d + e)
        later = calendar.add(max(a, b), d + e)
        assert later is None or due <= later
    back = calendar.add(a, -d)
    assert back is None or calendar.between(back, a) == d


@settings(max_examples=100, deadline=None)
@given(mappings(), moments, amounts, st.integers(-4, 4))
def test_a_holiday_more_never_makes_anything_due_earlier(
    drawn: tuple[dict[str, Any], int], p: int, d: int, n: int
) -> None:
    mapping, centre = drawn
    day = datetime.fromtimestamp(centre + n * DAY, ZoneInfo("UTC")).date().isoformat()
    before = Calendar.from_mapping(mapping).add(centre + p, d)
    after = Calendar.from_mapping({**mapping, "holidays": [*mapping["holidays"], day]}).add(centre + p, d)
    assert after is None or (before is not None and before <= after)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["Europe/Riga", "America/New_York", "Australia/Lord_Howe", "UTC"]),
    st.dictionaries(st.sampled_from(NAMES), day_spans.filter(lambda s: s[0] >= "04:00"), min_size=1),
    st.lists(st.dates(date(2025, 1, 1), date(2026, 12, 31)), max_size=20),
    st.integers(at("2025-01-01T00:00"), at("2026-06-30T00:00")),
    st.integers(1, 1000 * 3600),
)
@example("Europe/Riga", {"mon": ["04:00", "04:15"]}, [], 1_756_515_562, 3_595_501)
def test_the_engine_agrees_with_workclock_over_long_spans(
    zone: str, weekly: dict[str, list[str]], holidays: list[Any], t: int, seconds: int
) -> None:
    """Edges inside a skipped or repeated hour are left out: workclock maps end points, we look at the wall.

    So is what lies beyond our tables: a quarter of an hour a week makes 1000 hours in 77 years.
    """
    mapping = {"zone": zone, "weekly": {day: [span] for day, span in weekly.items()}, "holidays": holidays}
    ours = Calendar.from_mapping(mapping)
    rules = [workclock.WorkDay(*map(_wall, span), days=[NAMES.index(day)]) for day, span in weekly.items()]
    theirs = workclock.Schedule([*rules, workclock.Holidays(holidays)], time_zone=zone)
    start = datetime.fromtimestamp(t, ZoneInfo(zone))
    due = theirs.add(start, seconds=seconds)
    assume(due.year < LAST_YEAR)
    assert ours.add(t, seconds) == int(due.timestamp())
    assert (
        ours.between(t, int(due.timestamp()) + 5 * DAY)
        == theirs.between(start, datetime.fromtimestamp(due.timestamp() + 5 * DAY, ZoneInfo(zone))).total_seconds()
    )


def _wall(text: str) -> time:
    return time(0) if text == "24:00" else time.fromisoformat(text)


# What becomes known later


def test_a_version_rules_from_its_instant_on() -> None:
    shorter = Calendar.from_mapping({"zone": "Europe/Riga", "weekly": days(NAMES[:5], ("10:00", "12:00"))})
    noon = at("2025-03-12T12:00")
    both = Calendar.versioned([(0, RIGA), (noon, shorter)])
    assert both.between(at("2025-03-11T00:00"), at("2025-03-12T00:00")) == 9 * 3600
    assert both.between(at("2025-03-12T00:00"), at("2025-03-13T00:00")) == 3 * 3600
    assert both.between(at("2025-03-13T00:00"), at("2025-03-14T00:00")) == 2 * 3600
    assert both.add(at("2025-03-12T11:00"), 3600 + 7200) == at("2025-03-13T12:00")
    assert both.next_close(at("2025-03-12T10:00")) == noon


def test_a_version_dated_back_rules_from_its_date_on() -> None:
    """29 May 2023: at 8:00 the day was declared a holiday, and the clocks of that morning are taken back."""
    holiday = Calendar.from_mapping({"zone": "Europe/Riga", "weekly": OFFICE, "holidays": ["2023-05-29"]})
    other = Calendar.from_mapping({"zone": "Europe/Riga", "weekly": {"mon": [["01:00", "02:00"]]}})
    known = Calendar.versioned([(0, RIGA), (at("2023-06-05T00:00"), other), (at("2023-05-29T00:00"), holiday)])
    assert known.between(at("2023-05-29T00:00"), at("2023-05-30T00:00")) == 0
    assert known.between(at("2023-06-05T00:00"), at("2023-06-06T00:00")) == 9 * 3600


@settings(max_examples=60, deadline=None)
@given(mappings(), mappings(), moments, moments, moments)
def test_versions_add_up_to_their_parts(
    one: tuple[dict[str, Any], int], two: tuple[dict[str, Any], int], p: int, q: int, r: int
) -> None:
    first, second = Calendar.from_mapping(one[0]), Calendar.from_mapping(two[0])
    change, a, b = one[1] + p, one[1] + q, one[1] + r
    both = Calendar.versioned([(0, first), (change, second)])
    a, b = sorted((a, b))
    parts = first.between(min(a, change), min(b, change)) + second.between(max(a, change), max(b, change))
    assert both.between(a, b) == parts
    due = both.add(a, parts)
    assert due is not None
    assert due <= b or parts == 0


# A value


def test_a_calendar_is_a_value() -> None:
    same = Calendar.from_mapping({"zone": "Europe/Riga", "weekly": OFFICE, "holidays": [], "dates": {}})
    assert same == RIGA
    assert hash(same) == hash(RIGA)
    again = pickle.loads(pickle.dumps(RIGA))
    assert again == RIGA
    assert again.add(at("2025-03-10T17:00"), 7200) == at("2025-03-11T10:00")
    with pytest.raises(AttributeError):
        RIGA.versions = ()  # type: ignore[misc]


def test_what_people_ask_a_calendar() -> None:
    calendar = Calendar.from_mapping(
        {
            "zone": "Europe/Riga",
            "weekly": OFFICE,
            "holidays": ["2025-11-18", "2025-11-22"],
            "dates": {"2025-11-17": {"open": []}, "2025-11-20": {"closed": [["15:00", "24:00"]]}},
            "known_until": "2025-12-31",
        }
    )
    a, b = at("2025-11-14T16:40"), at("2025-11-24T10:00")
    assert [str(day) for day in calendar.closings(a, b)] == ["2025-11-17", "2025-11-18"]
    assert [str(day) for day in calendar.closings(at("2025-11-18T01:00"), b)] == ["2025-11-18"]
    assert calendar.hours_on(calendar.day(at("2025-11-20T12:00"))) == ((540, 900),)
    assert calendar.hours_on(calendar.day(at("2025-11-21T12:00"))) == ((540, 1080),)
    assert calendar.is_certain(at("2025-12-31T23:59"))
    assert not calendar.is_certain(at("2026-01-01T00:00"))
    assert list(calendar.stretches(a, at("2025-11-20T09:30"))) == [
        (a, at("2025-11-14T18:00")),
        (at("2025-11-19T09:00"), at("2025-11-19T18:00")),
        (at("2025-11-20T09:00"), at("2025-11-20T09:30")),
    ]


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2025-11-10T10:00", 1, "2025-11-11T18:00"),  # the day itself does not count
        ("2025-11-10T20:00", 1, "2025-11-11T18:00"),
        ("2025-11-14T17:59:30", 1, "2025-11-19T18:00"),
        ("2025-11-10T10:00", 5, "2025-11-19T18:00"),
    ],
)
def test_working_days_end_at_their_last_closing(start: str, days: int, end: str) -> None:
    calendar = Calendar.from_mapping(
        {"zone": "Europe/Riga", "weekly": OFFICE, "holidays": ["2025-11-17", "2025-11-18"]}
    )
    assert calendar.end_of_working_day(at(start), days) == at(end)


def test_a_day_around_the_clock_ends_at_midnight_even_when_the_clocks_change() -> None:
    calendar = Calendar.from_mapping({"zone": "Europe/Riga", "weekly": ALWAYS})
    assert calendar.end_of_working_day(at("2025-10-24T12:00"), 2) == at("2025-10-27T00:00")
    assert calendar.end_of_working_day(at("2025-03-28T12:00"), 2) == at("2025-03-31T00:00")
    assert calendar.end_of_working_day(at("2025-10-26T12:00"), 1) == at("2025-10-28T00:00")


@pytest.mark.parametrize("ask", [RIGA.next_close, Calendar.from_mapping({"zone": "UTC", "weekly": ALWAYS}).next_close])
def test_what_never_closes_says_so(ask: Callable[[int], int | None]) -> None:
    assert ask(at("2025-03-10T10:00")) in (None, at("2025-03-10T18:00"))


# What cannot be meant

WRONG: list[tuple[dict[str, Any], tuple[str | int, ...], str]] = [
    ({"weekly": {"mon": [["09:00", "09:00"]]}}, ("weekly", "mon", 0), "00:00-24:00"),
    ({"weekly": {"mon": [["09:00", "18:00"], ["24:00", "06:00"]]}}, ("weekly", "mon", 1), "empty"),
    ({"weekly": {"mon": [["9:00", "18:00"]]}}, ("weekly", "mon", 0), "not a time of day"),
    ({"weekly": {"mon": [["09:00", "24:01"]]}}, ("weekly", "mon", 0), "not a time of day"),
    ({"weekly": {"mon": [["09:00:00", "18:00"]]}}, ("weekly", "mon", 0), "not a time of day"),
    ({"weekly": {"mon": [[540, 1080]]}}, ("weekly", "mon", 0), "not a time of day"),
    ({"weekly": {"mon": ["09:00-18:00"]}}, ("weekly", "mon", 0), "not an interval"),
    ({"weekly": {"mon": "09:00-18:00"}}, ("weekly", "mon"), "not a list of intervals"),
    ({"weekly": {"mom": [["09:00", "18:00"]]}}, ("weekly", "mom"), "did you mean 'mon'"),
    ({"weekly": []}, ("weekly",), "not a mapping"),
    ({"zone": "Europe/Rigga"}, ("zone",), "did you mean 'Europe/Riga'"),
    ({"zone": None}, ("zone",), "needs a time zone"),
    ({"holidays": ["2025-02-30"]}, ("holidays", 0), "not a date"),
    ({"holidays": ["2025-02-03", "1970-12-31"]}, ("holidays", 1), "out of reach"),
    ({"holidays": ["2101-01-01"]}, ("holidays", 0), "out of reach"),
    ({"holidays": "2025-01-01"}, ("holidays",), "not a list of dates"),
    ({"dates": {"2025-13-01": {}}}, ("dates", "2025-13-01"), "not a date"),
    ({"dates": {"2025-12-01": {"opened": []}}}, ("dates", "2025-12-01", "opened"), "did you mean 'open'"),
    ({"dates": {"2025-12-01": {"open": [["22:00", "06:00"]]}}}, ("dates", "2025-12-01", "open", 0), "cross midnight"),
    ({"known_until": "soon"}, ("known_until",), "not a date"),
    ({"weekday": {}}, ("weekday",), "unknown key"),
]


@pytest.mark.parametrize(("wrong", "path", "text"), WRONG)
def test_what_cannot_be_meant_is_refused_with_its_place(
    wrong: dict[str, Any], path: tuple[str | int, ...], text: str
) -> None:
    with pytest.raises(CalendarError, match=text) as refused:
        Calendar.from_mapping({"zone": "Europe/Riga", **wrong})
    assert refused.value.path == path
    assert refused.value.remedy


def test_all_errors_are_told_at_once() -> None:
    with pytest.raises(CalendarError) as refused:
        Calendar.from_mapping({"zone": "Mars", "weekly": {"mon": [["1", "2"]]}, "holidays": ["x"]})
    assert [problem.path[0] for problem in refused.value.problems] == ["zone", "weekly", "weekly", "holidays"]
    assert pickle.loads(pickle.dumps(refused.value)).problems == refused.value.problems


@pytest.mark.parametrize(
    ("odd", "path", "text"),
    [
        ({"weekly": {"mon": [["09:00", "12:00"], ["11:00", "15:00"]]}}, ("weekly", "mon", 1), "overlaps or touches"),
        ({"weekly": {"mon": [["09:00", "12:00"], ["12:00", "15:00"]]}}, ("weekly", "mon", 1), "overlaps or touches"),
        (
            {"weekly": {"mon": [["13:00", "12:00"]], "tue": [["09:00", "12:30"]]}},
            ("weekly", "tue", 0),
            "09:00-12:30 overlaps or touches 00:00-12:00; they count once; write one interval (what ends",
        ),
        (
            {"weekly": {"mon": [["22:00", "06:00"]], "tue": [["05:00", "15:00"]]}},
            ("weekly", "tue", 0),
            "overlaps or touches",
        ),
        ({"weekly": {}}, ("weekly",), "never opens"),
        (
            {"weekly": {"mon": [["22:00", "06:00"]]}, "dates": {"2025-03-11": {"open": [["09:00", "12:00"]]}}},
            ("dates", "2025-03-11", "open"),
            "ends at 00:00, not at 06:00",
        ),
    ],
)
def test_what_is_odd_is_accepted_with_a_warning(odd: dict[str, Any], path: tuple[str | int, ...], text: str) -> None:
    calendar = Calendar.from_mapping({"zone": "Europe/Riga", **odd})
    assert [problem.path for problem in calendar.warnings] == [path]
    assert text in str(calendar.warnings[0])


def test_a_plain_calendar_has_no_warnings() -> None:
    assert Calendar.from_mapping({"zone": "UTC", "weekly": OFFICE}).warnings == ()
