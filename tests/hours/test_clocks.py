"""The clocks: the vectors, and what they do not cover."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.hours.calendar import Calendar
from maild.hours.clocks import CLOCKS, Clock, ClockState, Event, fold
from maild.hours.duration import parse, parse_offset
from maild.hours.ladders import Step, stages
from tests.vectors import run_clock_vector

ROWS = [json.loads(line) for line in Path(__file__).with_name("clock_vectors.jsonl").read_text("utf-8").splitlines()]
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
WEEK = {day: [["09:00", "18:00"]] for day in WORKDAYS}
OFFICE = Calendar.from_mapping({"zone": "Europe/Riga", "weekly": WEEK})
NEVER = Calendar.from_mapping({"zone": "Europe/Riga", "weekly": {}})
HOUR = 3600


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_vectors(row: dict[str, Any]) -> None:
    assert run_clock_vector(row) == row["out"], row["note"]


def at(text: str) -> int:
    """Return an instant of March 2025 in Riga: "10 14:00" is a Monday."""
    return int(
        datetime.fromisoformat(f"2025-03-{text.replace(' ', 'T')}").replace(tzinfo=ZoneInfo("Europe/Riga")).timestamp()
    )


def log(*entries: tuple[Any, ...]) -> list[Event]:
    return [Event(at(when), what, *value) for when, what, *value in entries]


def state(
    clock: Clock, hours: float, now: str, *entries: tuple[Any, ...], calendar: Calendar | None = OFFICE
) -> ClockState:
    return fold(clock, int(hours * HOUR), calendar, log(*entries), at(now))


def retarget(when: str, seconds: int) -> tuple[Any, ...]:
    """Return a policy that gives each clock the same target."""
    return (when, "policy", tuple((clock, seconds) for clock in CLOCKS))


ASKED = ("10 10:00", "in")
ANSWERED = ("10 11:00", "out")


def test_an_answer_that_came_back_never_was_one() -> None:
    shown = state("first_reply", 4, "11 10:00", ASKED, ANSWERED, ("10 12:00", "out_bounced"))
    assert (shown.state, shown.due, shown.late, shown.elapsed) == ("running", at("10 14:00"), True, 9 * HOUR)


def test_of_two_answers_the_one_that_came_back_is_taken_back() -> None:
    entries = (ASKED, ("10 11:00", "out", "<a@x>"), ("10 12:00", "out", "<b@x>"), ("10 13:00", "out_bounced", "<a@x>"))
    assert state("first_reply", 4, "10 15:00", *entries).stopped == at("10 12:00")
    assert state("first_reply", 4, "10 15:00", *entries[:3], ("10 13:00", "out_bounced")).stopped == at("10 11:00")


def test_after_thanks_a_question_is_a_next_reply() -> None:
    entries = (ASKED, ("10 11:00", "no_reply_needed"), ("10 12:00", "in"))
    assert state("first_reply", 4, "10 13:00", *entries).state == "cancelled"
    assert state("next_reply", 4, "10 13:00", *entries).due == at("10 16:00")


@pytest.mark.parametrize("what", ["note", "in_auto", "something new"])
def test_machines_and_notes_neither_start_nor_stop_a_reply_clock(what: str) -> None:
    assert state("first_reply", 4, "10 12:00", ("10 10:00", what)).state == "none"
    assert state("first_reply", 4, "10 12:00", ASKED, ("10 11:00", what)).state == "running"
    assert state("next_reply", 4, "10 15:00", ASKED, ANSWERED, ("10 12:00", what)).state == "none"


def test_a_mail_fetched_late_has_not_been_seen_by_who_answered() -> None:
    shown = state("next_reply", 4, "10 12:00", ("10 09:00", "in"), ("10 10:00", "out"), ("10 09:55", "in"))
    assert (shown.instance, shown.state, shown.due) == (1, "running", at("10 13:55"))


def test_solved_unanswered_is_paused_and_owes_nothing_yet() -> None:
    shown = state("first_reply", 4, "12 10:00", ASKED, ("10 11:00", "status", "solved"))
    assert (shown.state, shown.due, shown.late, shown.elapsed) == ("paused", None, False, HOUR)


def test_solved_after_the_due_time_stays_late() -> None:
    shown = state("first_reply", 4, "12 10:00", ASKED, ("10 16:00", "status", "solved"))
    assert (shown.state, shown.due, shown.late) == ("paused", at("10 14:00"), True)


def test_an_answer_to_a_solved_ticket_that_was_not_due_is_not_late() -> None:
    shown = state("first_reply", 4, "12 10:00", ASKED, ("10 11:00", "status", "solved"), ("11 15:00", "out"))
    assert (shown.state, shown.due, shown.late, shown.stopped) == ("stopped", None, False, at("11 15:00"))


def test_solving_while_waiting_is_in_time_however_long_the_customer_took() -> None:
    entries = (ASKED, ("10 12:00", "status", "waiting"), ("14 12:00", "status", "solved"))
    shown = state("resolution", 6, "17 10:00", *entries)
    assert (shown.state, shown.late, shown.elapsed) == ("stopped", False, 2 * HOUR)


def test_closing_what_is_solved_changes_nothing() -> None:
    entries = (ASKED, ("10 12:00", "status", "solved"), ("12 12:00", "status", "closed"))
    assert state("resolution", 6, "17 10:00", *entries).stopped == at("10 12:00")


def test_a_solved_ticket_that_goes_back_to_waiting_is_paused() -> None:
    entries = (
        ASKED,
        ("10 12:00", "status", "solved"),
        ("10 13:00", "status", "waiting"),
        ("10 14:00", "status", "open"),
    )
    assert state("resolution", 6, "10 13:30", *entries[:3]).state == "paused"
    assert state("resolution", 6, "10 15:00", *entries).elapsed == 3 * HOUR


def test_the_update_clock_pauses_while_the_customer_is_asked() -> None:
    entries = (ASKED, ANSWERED, ("10 11:00", "status", "waiting"), ("11 10:00", "in"), ("11 10:00", "status", "open"))
    assert state("update", 8, "10 17:00", *entries[:3]).state == "paused"
    assert state("update", 8, "11 12:00", *entries).due == at("11 18:00")


def test_a_lowered_target_makes_nobody_late_before_it_existed() -> None:
    entries = (ASKED, retarget("10 13:00", 2 * HOUR))
    assert state("first_reply", 8, "10 13:00", *entries).late is False
    shown = state("first_reply", 8, "10 13:30", *entries)
    assert (shown.due, shown.late) == (at("10 13:00"), True)
    assert [stage.at for stage in ladder(shown, "10 13:30", "75%", "100%")] == [at("10 13:00")] * 2


def test_raising_a_target_again_does_not_bring_the_due_time_forward() -> None:
    entries = (ASKED, retarget("10 13:00", 2 * HOUR), retarget("10 13:30", int(2.5 * HOUR)))
    assert state("first_reply", 8, "10 14:00", *entries).due == at("10 13:00")


def test_a_target_set_after_the_answer_does_not_judge_it() -> None:
    shown = state("first_reply", 4, "11 10:00", ASKED, ("10 13:00", "out"), retarget("10 14:00", HOUR))
    assert (shown.due, shown.late) == (at("10 14:00"), False)


def test_a_policy_gives_each_clock_its_target() -> None:
    entries = (ASKED, ("10 10:00", "policy", (("first_reply", 2 * HOUR), ("resolution", 18 * HOUR))))
    assert fold("first_reply", None, OFFICE, log(*entries), at("10 11:00")).due == at("10 12:00")
    assert fold("resolution", None, OFFICE, log(*entries), at("10 11:00")).due == at("12 10:00")
    assert fold("update", None, OFFICE, log(*entries), at("10 11:00")) == ClockState()


def test_targets_introduced_later_find_nobody_late() -> None:
    shown = fold("first_reply", None, OFFICE, log(ASKED, retarget("11 12:00", HOUR)), at("11 12:00"))
    assert (shown.due, shown.late, shown.elapsed) == (at("11 12:00"), False, 11 * HOUR)


def test_a_merge_lets_nothing_fall_due_before_it() -> None:
    entries = (ASKED, ("10 11:00", "merged", at("06 09:00")))
    shown = state("first_reply", 4, "10 11:00", *entries)
    assert (shown.due, shown.late) == (at("10 11:00"), False)


def test_an_unanswered_ticket_merged_into_an_answered_one_starts_the_next_reply() -> None:
    entries = (ASKED, ANSWERED, ("10 15:00", "merged", at("10 14:00")))
    shown = state("next_reply", 4, "10 15:00", *entries)
    assert (shown.instance, shown.state, shown.due, shown.elapsed) == (1, "running", at("10 18:00"), HOUR)


@pytest.mark.parametrize(("when", "late", "due"), [("10 12:00", False, None), ("10 15:00", True, at("10 14:00"))])
def test_the_clocks_of_a_ticket_that_went_into_another_end(when: str, late: bool, due: int | None) -> None:
    shown = state("first_reply", 4, "12 10:00", ASKED, (when, "merged"), ("11 10:00", "in"), ("11 11:00", "out"))
    assert (shown.state, shown.late, shown.due, shown.stopped) == ("merged", late, due, None)


def test_a_split_off_mail_counts_from_its_arrival_but_is_not_late_before_the_split() -> None:
    entries = (("11 12:00", "split", at("10 10:00")),)
    shown = state("first_reply", 4, "11 12:00", *entries)
    assert (shown.state, shown.due, shown.late, shown.elapsed) == ("running", at("11 12:00"), False, 11 * HOUR)
    assert state("resolution", 18, "11 12:00", *entries).due == at("12 10:00")


def test_a_person_may_set_the_due_time_of_one_instance() -> None:
    entries = (ASKED, ANSWERED, ("10 12:00", "in"), ("10 12:30", "adjust", at("14 12:00")))
    shown = state("next_reply", 4, "12 10:00", *entries)
    assert (shown.due, shown.late) == (at("14 12:00"), False)
    assert [stage.at for stage in ladder(shown, "17 10:00", "100%", "+2h", "100% + 1wh")] == [
        at("14 12:00"),
        at("14 14:00"),
        at("14 13:00"),
    ]
    again = state("next_reply", 4, "17 10:00", *entries, ("13 10:00", "out"), ("17 09:00", "in"))
    assert (again.instance, again.due) == (2, at("17 13:00"))


@pytest.mark.parametrize("calendar", [None, NEVER])
def test_without_working_time_nothing_is_due(calendar: Calendar | None) -> None:
    shown = state("first_reply", 4, "17 10:00", ASKED, calendar=calendar)
    assert (shown.state, shown.due, shown.late, shown.elapsed) == ("no_calendar", None, False, 0)
    assert state("first_reply", 4, "17 10:00", ASKED, ANSWERED, calendar=calendar).state == "stopped"


def test_a_due_time_beyond_the_known_holidays_is_uncertain() -> None:
    calendar = Calendar.from_mapping({"zone": "Europe/Riga", "weekly": WEEK, "known_until": "2025-03-10"})
    assert state("first_reply", 4, "10 11:00", ASKED, calendar=calendar).uncertain is False
    assert state("first_reply", 12, "10 11:00", ASKED, calendar=calendar).uncertain is True


def test_a_holiday_declared_that_morning_moves_the_due_time() -> None:
    holiday = Calendar.from_mapping({"zone": "Europe/Riga", "weekly": WEEK, "holidays": ["2025-03-11"]})
    known = Calendar.versioned([(0, OFFICE), (at("11 00:00"), holiday)])
    assert state("first_reply", 12, "11 09:00", ASKED).due == at("11 13:00")
    assert state("first_reply", 12, "11 09:00", ASKED, calendar=known).due == at("12 13:00")


def test_an_event_of_the_future_happens_now() -> None:
    """The clock of the machine that received it was ahead, or ours was set back."""
    assert state("first_reply", 4, "10 12:00", ("10 13:00", "in")).due == at("10 16:00")


# Stages


def ladder(shown: ClockState, now: str, *places: str) -> list[Any]:
    return list(stages(shown, OFFICE, [Step(parse_offset(place)) for place in places], at(now)))


@pytest.mark.parametrize(
    ("place", "when"),
    [
        ("50%", "10 12:00"),
        ("100%", "10 14:00"),
        ("-30wm", "10 13:30"),
        ("-2h", "10 12:00"),
        ("+2wh", "10 16:00"),
        ("+2h", "10 16:00"),
        ("100% + 8wh", "11 13:00"),
        ("100% + 8h", "10 22:00"),
    ],
)
def test_stages_lie_where_the_ladder_says(place: str, when: str) -> None:
    shown = state("first_reply", 4, "10 11:00", ASKED)
    assert ladder(shown, "10 11:00", place) == [(0, 0, at(when))]


def test_repeats_are_told_until_the_next_one_or_the_last() -> None:
    shown = state("first_reply", 4, "11 17:00", ASKED)
    step = Step(parse_offset("100%"), parse("4wh"), at_most=5)
    assert stages(shown, OFFICE, [step], at("11 17:00")) == (
        (0, 0, at("10 14:00")),
        (0, 1, at("10 18:00")),
        (0, 2, at("11 13:00")),
        (0, 3, at("11 17:00")),
        (0, 4, at("12 12:00")),
    )
    assert len(stages(shown, OFFICE, [step], at("21 17:00"))) == 5
    assert len(stages(shown, OFFICE, [step], at("10 15:00"))) == 2


def test_repeats_by_working_days_are_told_at_their_closing() -> None:
    """All of them were due at once."""
    shown = state("first_reply", 4, "11 17:00", ASKED)
    step = Step(parse_offset("100%"), parse("2 working days"), at_most=3)
    assert stages(shown, OFFICE, [step], at("13 10:00")) == (
        (0, 0, at("10 14:00")),
        (0, 1, at("12 18:00")),
        (0, 2, at("14 18:00")),
    )


def test_what_lies_beyond_the_end_never_comes() -> None:
    shown = state("first_reply", 4, "11 17:00", ASKED, ("10 14:30", "out"))
    assert [stage.step for stage in ladder(shown, "11 17:00", "75%", "100%", "+1wh", "+1h")] == [0, 1]


def test_a_paused_clock_has_no_stages_to_come() -> None:
    shown = state("resolution", 4, "10 14:00", ASKED, ("10 12:00", "status", "waiting"))
    assert [stage.at for stage in ladder(shown, "10 14:00", "50%", "75%")] == [at("10 12:00")]


def test_a_stage_before_the_start_never_comes() -> None:
    assert ladder(state("first_reply", 0.5, "10 10:10", ASKED), "10 10:10", "-1wh") == []


# Laws

kinds = st.one_of(
    st.tuples(st.sampled_from(["in", "in_auto", "out", "out_bounced", "note", "no_reply_needed"])),
    st.tuples(st.just("status"), st.sampled_from(["open", "waiting", "on_hold", "solved", "closed"])),
    st.tuples(st.just("policy"), st.dictionaries(st.sampled_from(CLOCKS), st.integers(1, 30 * HOUR)).map(dict.items)),
    st.tuples(st.just("merged"), st.one_of(st.none(), st.integers(at("05 00:00"), at("14 00:00")))),
    st.tuples(st.just("adjust"), st.integers(at("05 00:00"), at("30 00:00"))),
)
histories = st.lists(st.tuples(st.integers(at("07 00:00"), at("20 00:00")), kinds), max_size=12)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(CLOCKS), st.integers(1, 40 * HOUR), histories, st.integers(0, 10 * 86_400))
def test_any_history_gives_a_sound_state(clock: Clock, target: int, entries: list[Any], wait: int) -> None:
    events = [Event(when, *kind) for when, kind in entries]
    now = max([at("07 00:00"), *(event.at for event in events)]) + wait
    shown = fold(clock, target, OFFICE, events, now)
    assert fold(clock, target, OFFICE, list(events), now) == shown
    assert shown.elapsed >= 0
    assert (shown.stopped is not None) == (shown.state == "stopped")
    assert shown.state != "none" or shown == ClockState()
    assert shown.state != "running" or shown.due is not None
    if shown.state == "running" and shown.floor is None and shown.adjusted is None:
        assert shown.target is not None
        assert (shown.elapsed < shown.target) == (now < (shown.due or 0))
    dues = [stage.at for stage in stages(shown, OFFICE, [Step(parse_offset("100%"))], now)]
    assert shown.ended is not None or not dues or dues == [shown.due]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(CLOCKS), histories, st.integers(0, 86_400))
def test_a_larger_target_is_never_due_earlier(clock: Clock, entries: list[Any], wait: int) -> None:
    events = [Event(when, *kind) for when, kind in entries if kind[0] != "policy"]
    now = max([at("07 00:00"), *(event.at for event in events)]) + wait
    small, large = (fold(clock, hours * HOUR, OFFICE, events, now) for hours in (4, 9))
    assert replace(small, due=None, late=False, target=0) == replace(large, due=None, late=False, target=0)
    assert small.due is None or large.due is None or small.due <= large.due
