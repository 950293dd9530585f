"""Promises that agents give, tickets that rest, and who is told in place of whom: pure folds over a history."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from maild.agents import daily
from maild.message.model import Kind
from maild.ticket import answers, escalate, timers
from maild.ticket.change import (
    CUSTOMER_SAID_SO,
    NOT_ARRIVED,
    TO_ANOTHER,
    Absorbed,
    AddMessage,
    Assign,
    Change,
    ClockSet,
    Delivered,
    Entry,
    Muted,
    NothingOwed,
    OpenTicket,
    Promised,
    PromiseJudged,
    SetStatus,
    SplitFrom,
    StageReached,
    Undelivered,
    WakeAt,
    Withdrawn,
)
from maild.ticket.desk import Agent, Desk, Ladder, PromisePolicy, Queue, Step, Team
from maild.ticket.escalate import Moment
from maild.ticket.evolve import after, begin
from maild.ticket.facts import Contact
from maild.ticket.model import Direction, Participant, Role, Status, Ticket, Visibility
from maild.ticket.plan import Plan
from maild.ticket.timers import Timer
from tests.conftest import ALWAYS, OFFICE

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEAM = Team("support", ("janis", "zane"), lead="liga", manager="maris")
QUEUE = Queue("support", ("support@example.com",), team="support", calendar="always", promise="standard")
CLOSES = replace(QUEUE, close_after="2d")
AGENTS = {key: Agent(key, f"{key}@agents.example", key) for key in ("janis", "zane", "liga", "maris")}
LADDER = Ladder("usual", (Step("100%", ("assignee",)), Step("100% + 2wh", ("lead",))))
POLICY = PromisePolicy("standard", {}, "usual")
DESK = Desk(
    AGENTS,
    {"support": TEAM},
    {"support": QUEUE},
    {"always": ALWAYS},
    {"standard": POLICY},
    {"usual": LADDER},
)
OPENED = OpenTicket(1, "support", "A lamp", Participant("anna@customer.example", "", Role.REQUESTER), "en")


def said(message_id: str, direction: Direction = Direction.OUT) -> AddMessage:
    return AddMessage(direction, Visibility.PUBLIC, Kind.HUMAN, message_id, "janis", "", "Hello", "Hello", None)


def told(*changes: tuple[float, Change]) -> tuple[Ticket, list[Entry]]:
    """Return a ticket and its history; each change with the hours after the beginning."""
    every = [(0.0, OPENED), (0.0, said("<a@x>", Direction.IN)), *changes]
    past = [Entry(MONDAY + at * HOUR, change) for at, change in every]
    ticket = begin(1, OPENED, MONDAY)
    for one in past[1:]:
        ticket = after(ticket, (one.change,), one.at)
    return ticket, past


def due(ticket: Ticket, past: list[Entry]) -> list[tuple[str, str, float]]:
    now = MONDAY + 100 * HOUR
    found: list[Timer] = sorted(timers.of_ticket(ticket, past, DESK, now), key=lambda timer: timer.fire_at)
    return [(timer.clock, timer.stage, (timer.fire_at - MONDAY) / HOUR) for timer in found]


def promised(at: float, until: float, by: str = "janis") -> tuple[float, Promised]:
    return at, Promised(MONDAY + until * HOUR, by, by)


def test_who_gave_his_word_is_reminded_an_hour_before_and_maild_reminds_itself_of_nothing() -> None:
    assert due(*told(promised(1, 5))) == [("promise", "soon", 4.0), ("promise", "until", 5.0)]
    assert due(*told(promised(1, 1.5))) == [("promise", "until", 1.5)]
    assert due(*told(promised(0, 5, by=""))) == [("promise", "until", 5.0)]


def test_the_answer_that_gives_a_promise_does_not_keep_it_and_the_next_one_does() -> None:
    giving = [(1, said("<b@x>")), promised(1, 5), (1.1, Delivered("<b@x>", "anna@customer.example"))]
    _, past = told(*giving)
    assert answers.arrived_after(past, MONDAY + HOUR) is None
    _, past = told(*giving, (2, said("<c@x>")), (2.5, Delivered("<c@x>", "anna@customer.example")))
    assert answers.arrived_after(past, MONDAY + HOUR) == MONDAY + 2.5 * HOUR


def test_a_promise_whose_answer_was_taken_back_was_never_given() -> None:
    taken_back = Withdrawn((1,), "<b@x>", "Hello", "janis")
    assert due(*told((1, said("<b@x>")), promised(1, 5), (1.01, taken_back))) == []
    assert due(*told((1, said("<b@x>")), promised(1, 5), (1.01, taken_back), (2, said("<c@x>")), promised(2, 6))) == [
        ("promise", "soon", 5.0),
        ("promise", "until", 6.0),
    ]


def rest(at: float, until: float) -> list[tuple[float, Change]]:
    return [(at, SetStatus(Status.WAITING, "janis")), (at, WakeAt(MONDAY + until * HOUR, "janis"))]


def test_a_ticket_rests_until_its_time_or_until_its_status_changes() -> None:
    assert due(*told(*rest(1, 5))) == [("wake", "until", 5.0)]
    assert due(*told(*rest(1, 5), (2, SetStatus(Status.OPEN, "anna replied")))) == []
    assert due(*told(*rest(1, 5), *rest(2, 7))) == [("wake", "until", 7.0)]
    woken = [(5, StageReached("wake", 1, "until", 0, "told janis")), (5, SetStatus(Status.OPEN, "it rested until now"))]
    assert due(*told(*rest(1, 5), *woken)) == []


@pytest.mark.parametrize(
    ("away", "whom"),
    [
        ((), "told janis"),
        (("janis",), "told zane; away: janis"),
        (("janis", "zane"), "told liga; away: janis, zane"),
        (("janis", "zane", "liga"), "told maris; away: janis, zane, liga"),
        (("janis", "zane", "liga", "maris"), "told janis, zane, liga, maris"),
    ],
)
def test_the_next_in_line_is_told_for_who_is_away(away: tuple[str, ...], whom: str) -> None:
    agents = {key: replace(one, away=(date(2026, 11, 23),) if key in away else ()) for key, one in AGENTS.items()}
    desk = replace(DESK, agents=agents)
    clock = ClockSet((("first_reply", 3600),), "standard", "queue support")
    ticket, past = told((0, clock), (0, Assign("janis", "rule")))
    plan = escalate.plan(Moment(ticket, past, desk, "en", None, MONDAY + 1.5 * HOUR))
    assert plan is not None
    assert [str(change) for change in plan.changes] == [f"stage first_reply#1 100% because {whom}"]
    assert [mail.to.party for mail in plan.mails] == whom.split(";")[0].removeprefix("told ").split(", ")


FOUR_HOURS = ClockSet((("first_reply", 4 * 3600), ("next_reply", 4 * 3600)), "standard", "queue support")


def running(past: list[Entry], at: float) -> dict[str, float]:
    """Return the clocks that run after some hours, each with the hours after which it is due."""
    found = timers.states(past, DESK, QUEUE, MONDAY + at * HOUR)
    beginning = MONDAY.timestamp()
    return {clock: (one.due - beginning) / 3600 for clock, one in found.items() if one.state == "running" and one.due}


def test_who_waited_in_a_ticket_that_was_merged_goes_on_waiting_in_the_other() -> None:
    """Else his question would stand in an answered ticket, and nobody would be told that it waits."""
    answered = ((0, FOUR_HOURS), (1, said("<b@x>")), (1, Delivered("<b@x>", "anna@customer.example")))
    assert running(told(*answered)[1], at=5) == {}
    merged = told(*answered, (5, Absorbed(2, MONDAY + 3 * HOUR, "janis")))
    assert running(merged[1], at=5) == {"next_reply": 7.0}
    assert running(told(*answered, (5, Absorbed(2, None, "janis")))[1], at=5) == {}


def test_a_mail_that_was_split_off_waits_for_an_answer_from_its_arrival_on() -> None:
    began = [Entry(MONDAY + 2 * HOUR, one) for one in (OPENED, FOUR_HOURS)]
    split = Entry(MONDAY + 2 * HOUR, SplitFrom(1, "<c@x>", 7, MONDAY + 1 * HOUR, "janis"))
    assert running([*began, split], at=2) == {"first_reply": 5.0}


def test_a_warning_names_the_moment_of_closing() -> None:
    """It said the whole silence, though some of it had passed when the warning left."""
    queue = replace(QUEUE, close_after="5d", warn_before_close="3d")
    desk = replace(DESK, queues={"support": queue})
    ticket, past = told((1, SetStatus(Status.SOLVED, "janis")))
    planned = escalate.plan(Moment(ticket, past, desk, "en", None, MONDAY + 74 * HOUR))
    assert planned is not None
    (warning,) = planned.mails
    assert warning.values["when"] == "on Saturday 28 November at 09:00"
    assert warning.subject == "Re: A lamp", "who has two tickets knows which"
    never = replace(DESK, queues={"support": replace(queue, close_after="")})
    silent = escalate.plan(Moment(ticket, past, never, "en", None, MONDAY + 74 * HOUR))
    assert silent is not None
    assert silent.mails == (), "what never closes is not said to close"


def answered(at: float, *copies: float, message_id: str = "<b@x>") -> list[tuple[float, Change]]:
    """Return an answer, and when each of its copies left."""
    return [(at, said(message_id)), *((one, Delivered(f"<tk1.{one}@x>", f"{one}@customer.example")) for one in copies)]


TARGETS = ClockSet((("first_reply", 8 * 3600), ("next_reply", 8 * 3600)), "standard", "")


def test_what_a_customer_writes_while_an_answer_is_on_its_way_is_not_answered_by_it() -> None:
    """Else nobody would be told that it waits: the clock would be stopped by words that were written before."""
    asked_again = (1.2, said("<c@x>", Direction.IN))
    late_copy = sorted([*answered(1, 1.5, 3), asked_again], key=lambda one: one[0])
    _, past = told((0, TARGETS), *late_copy)
    shown = timers.states(past, DESK, QUEUE, MONDAY + 4 * HOUR)
    assert (shown["first_reply"].state, shown["next_reply"].state) == ("stopped", "running")
    assert shown["next_reply"].stretches == ((int((MONDAY + 1.2 * HOUR).timestamp()), None),)
    _, past = told((0, TARGETS), *late_copy, *answered(5, 5.1, message_id="<d@x>"))
    assert timers.states(past, DESK, QUEUE, MONDAY + 6 * HOUR)["next_reply"].state == "stopped"


def test_an_answer_in_a_ticket_that_ended_here_answers_nothing_of_this_one() -> None:
    """It may leave after they were merged: half a minute later, or when the next server is there again."""
    late = (1.5, Delivered("<tk2.0123@x>", "anna@customer.example"))
    _, past = told((0, TARGETS), (1, Absorbed(2, None, "janis")), late)
    assert timers.states(past, DESK, QUEUE, MONDAY + 4 * HOUR)["first_reply"].state == "running"


def test_an_answer_is_on_its_way_until_it_has_left_or_something_is_asked_again() -> None:
    copy = (1.5, Delivered("<tk1.b@x>", "anna@customer.example"))
    again = (1.2, said("<c@x>", Direction.IN))
    back = (1.1, Withdrawn((1,), "<b@x>", "Hello", "janis"))
    answer: tuple[float, Change] = (1, said("<b@x>"))
    refused = (1.1, SetStatus(Status.OPEN, NOT_ARRIVED))
    for others, on_its_way in (((), True), ((copy,), False), ((again,), False), ((back,), False), ((refused,), False)):
        assert answers.is_on_its_way(told(answer, *others)[1]) is on_its_way
    assert not answers.is_on_its_way(told()[1])


def test_thanks_for_an_answer_on_its_way_ask_for_nothing() -> None:
    thanks = ((1.2, said("<c@x>", Direction.IN)), (1.2, NothingOwed("only thanks")))
    _, past = told((0, TARGETS), (1, said("<b@x>")), *thanks, (1.5, Delivered("<tk1.b@x>", "anna@customer.example")))
    assert "next_reply" not in timers.states(past, DESK, QUEUE, MONDAY + 4 * HOUR)


def test_of_a_promise_nothing_is_said_where_nothing_is_owed_any_more() -> None:
    """Else spam would be counted as broken promises, and customers be told longer times for it."""
    ticket, past = told(promised(0, 5, by=""), (1, NothingOwed("spam")), (1, SetStatus(Status.CLOSED, "spam")))
    plan = escalate.plan(Moment(ticket, past, DESK, "en", None, MONDAY + 6 * HOUR))
    assert plan is not None
    assert [str(change) for change in plan.changes] == ["stage promise#1 until because nothing is owed"]


@pytest.mark.parametrize(
    ("before", "mails"),
    [
        ((), ["late"]),
        ((4.9, said("<b@x>")), []),  # it waits to leave, or for the next server
        ((0.1, Muted("Anna@customer.example", MONDAY + 100 * HOUR, "its mailbox refused us")), []),
        ((0.1, Muted("ivo@customer.example", MONDAY + 100 * HOUR, "its mailbox refused us")), ["late"]),
    ],
)
def test_nobody_is_told_that_we_are_late_while_the_answer_is_on_its_way_or_nothing_arrives(
    before: tuple[float, Change] | tuple[()], mails: list[str]
) -> None:
    ticket, past = told(promised(0, 5, by=""), *((before,) if before else ()))
    plan = escalate.plan(Moment(ticket, past, DESK, "en", None, MONDAY + 5 * HOUR))
    assert plan is not None
    assert [mail.template for mail in plan.mails] == mails


@pytest.mark.parametrize(("authenticated", "subject"), [(True, "Re: A lamp"), (False, "")])
def test_that_we_are_late_names_the_subject_to_whom_it_is_known_to_be_his(authenticated: bool, subject: str) -> None:
    """Whoever writes in another's name has words of his own choice sent to him by nobody but a person."""
    ticket, past = told(promised(0, 5, by=""))
    requester = Contact("anna@customer.example", seen_before=True, authenticated_before=authenticated)
    plan = escalate.plan(Moment(ticket, past, DESK, "en", None, MONDAY + 5 * HOUR, requester))
    assert plan is not None
    assert [mail.subject for mail in plan.mails] == [subject]


def test_an_answer_that_came_back_keeps_no_promise() -> None:
    sent: tuple[float, Change] = (1, said("<b@x>"))
    left = (promised(0, 5, by=""), sent, (1.1, Delivered("<tk1.b@x>", "anna@customer.example")))
    back = (2, Undelivered("<tk1.b@x>", "anna@customer.example", True, "5.1.1"))
    copy = (3, Delivered("<tk1.c@x>", "boss@customer.example"))
    assert answers.arrived_after(told(*left)[1], MONDAY) == MONDAY + 1.1 * HOUR
    assert answers.arrived_after(told(*left, back)[1], MONDAY) is None
    assert answers.arrived_after(told(*left, back, copy)[1], MONDAY) == MONDAY + 3 * HOUR


@pytest.mark.parametrize(
    ("since", "judged"),
    [
        (((2, SetStatus(Status.SOLVED, CUSTOMER_SAID_SO)),), "nothing is owed"),
        (
            ((2, SetStatus(Status.SOLVED, CUSTOMER_SAID_SO)), (3, SetStatus(Status.CLOSED, "silence"))),
            "nothing is owed",
        ),
        (((2, SetStatus(Status.SOLVED, CUSTOMER_SAID_SO)), (3, SetStatus(Status.OPEN, "anna replied"))), "broken"),
        (((2, SetStatus(Status.CLOSED, "janis")),), "broken"),
        ((), "broken"),
    ],
)
def test_who_gave_his_word_broke_none_where_the_customer_has_solved_it_himself(
    since: tuple[tuple[float, Change], ...], judged: str
) -> None:
    ticket, past = told((1, said("<b@x>")), promised(1, 5), *since)
    plan = escalate.plan(Moment(ticket, past, DESK, "en", None, MONDAY + 6 * HOUR))
    assert plan is not None
    assert f"stage promise#1 until because {judged}" in map(str, plan.changes)


def test_of_a_promise_that_was_given_to_somebody_else_the_requester_is_told_nothing() -> None:
    """It came with a ticket that ended in his: its giver is reminded, and of being late he would hear for no reason."""
    for because, mails in (("#2", ["late"]), (TO_ANOTHER, [])):
        ticket, past = told((1, Promised(MONDAY + 5 * HOUR, because, "janis")))
        plan = escalate.plan(Moment(ticket, past, DESK, "en", None, MONDAY + 5 * HOUR))
        assert plan is not None
        assert [mail.template for mail in plan.mails] == mails


def heard(at: float, past: list[Entry], ticket: Ticket) -> tuple[list[str], list[Entry]]:
    """Return what the customer is told of promises at a moment, and the history after it."""
    now = MONDAY + at * HOUR
    plan = escalate.plan(Moment(ticket, past, DESK, "en", None, now))
    assert plan is not None
    told = [mail.template for mail in plan.mails if mail.template == "late"]
    return told, [*past, *(Entry(now, change) for change in plan.changes)]


@pytest.mark.parametrize("rounds", [(4, 6), (6,)])
def test_who_heard_that_we_are_late_does_not_hear_it_again_of_another_promise(
    rounds: tuple[int, ...],
) -> None:
    """It came with another ticket of his, which ended in this one; or both fell due while nobody worked."""
    ticket, past = told(promised(0, 6, by=""), (2, Promised(MONDAY + 4 * HOUR, "#2", "janis")))
    mails = list[str]()
    for at in rounds:
        told_now, past = heard(at, past, ticket)
        mails += told_now
    assert mails == ["late"]
    assert sum(isinstance(one.change, PromiseJudged) and not one.change.kept for one in past) == 2, "both were broken"


def test_who_got_an_answer_in_between_hears_of_the_next_promise_that_is_not_kept() -> None:
    answer = ((4.5, said("<b@x>")), (4.6, Delivered("<b@x>", "anna@customer.example")), promised(4.5, 7))
    ticket, past = told(promised(0, 4, by=""))
    _, past = heard(4, past, ticket)
    past += [Entry(MONDAY + at * HOUR, change) for at, change in (*answer, (5, said("<c@x>", Direction.IN)))]
    assert heard(7, past, ticket)[0] == ["late"]


def test_a_closed_ticket_that_is_solved_again_closes_again() -> None:
    """An answer with #solve to what came behind the end: its second end is a new one."""
    ended = ((1, SetStatus(Status.SOLVED, "janis")), (200, SetStatus(Status.CLOSED, "silence")))
    solved_at = int((MONDAY + HOUR).timestamp())
    closed = (200, StageReached("close", solved_at, "close", 0, "silence"))
    ticket, _ = told(*ended, closed)
    assert ticket.solved_at == MONDAY + HOUR
    ticket, past = told(*ended, closed, (300, SetStatus(Status.SOLVED, "janis")))
    assert (ticket.solved_at, ticket.closed_at) == (MONDAY + 300 * HOUR, None)
    assert [stage for clock, stage, _ in due(ticket, past) if clock == "close"] == ["close"]


def test_silence_is_counted_from_the_last_time_that_a_ticket_was_solved() -> None:
    """An agent who adds something, with #solve, is not heard of the day after."""
    for at in ((1,), (1, 50)):
        ticket, past = told(*((one, SetStatus(Status.SOLVED, "janis")) for one in at))
        closes = timers.of_ticket(ticket, past, replace(DESK, queues={"support": CLOSES}), MONDAY + 200 * HOUR)
        assert [(one.fire_at - MONDAY) / HOUR for one in closes if one.clock == "close"] == [at[-1] + 48]


@pytest.mark.parametrize(
    ("away", "operator", "reads"),
    [
        ((), "op@example.com", "liga"),
        (("liga",), "op@example.com", "maris"),
        (("liga", "maris"), "op@example.com", "op@example.com"),
        (("liga", "maris"), "", "liga"),
    ],
)
def test_held_mail_is_told_to_somebody_who_is_there(away: tuple[str, ...], operator: str, reads: str) -> None:
    """A customer's mail may be among it: it would wait until the lead is back."""
    agents = {key: replace(one, away=(MONDAY.date(),) if key in away else ()) for key, one in AGENTS.items()}
    (person,) = daily.reader(QUEUE, replace(DESK, agents=agents), operator, "en", MONDAY)
    assert person.party == reads


def test_held_mail_of_a_team_with_a_manager_alone_is_told_to_him() -> None:
    """So is what its customers think of it."""
    teams = {key: replace(team, lead="") for key, team in DESK.teams.items()}
    (person,) = daily.reader(QUEUE, replace(DESK, teams=teams), "op@example.com", "en", MONDAY)
    assert person.party == "maris"


def at_once(ticket: Ticket, past: list[Entry], hours: float, desk: Desk = DESK) -> Plan:
    plan = escalate.plan(Moment(ticket, past, desk, "en", None, MONDAY + hours * HOUR))
    assert plan is not None
    return plan


def test_an_answer_that_was_only_delayed_has_arrived_and_one_at_the_last_moment_is_in_time() -> None:
    late = (2, Undelivered("<b@x>", "anna@customer.example", False, "try again"))
    there = (5, Delivered("<b@x>", "anna@customer.example"))
    ticket, past = told(promised(0, 5, by=""), (1, said("<b@x>")), late, there)
    assert answers.arrived_after(past, MONDAY) == MONDAY + 5 * HOUR
    plan = at_once(ticket, past, 6)
    assert [one.kept for one in plan.changes if isinstance(one, PromiseJudged)] == [True]
    assert plan.mails == ()


@pytest.mark.parametrize(
    ("history", "mails"),
    [
        (((0.1, Muted("anna@customer.example", MONDAY + 4 * HOUR, "it refused us")),), ["late"]),  # long ago
        (((0.1, Muted("anna@customer.example", MONDAY + 5 * HOUR, "it refused us")),), ["late"]),
        (((0.1, Muted("anna@customer.example", MONDAY + 6 * HOUR, "it refused us")),), []),
        (((1, SetStatus(Status.SOLVED, "janis")),), []),
    ],
)
def test_whose_mailbox_takes_mail_again_and_who_waits_is_told_that_we_are_late(
    history: tuple[tuple[float, Change], ...], mails: list[str]
) -> None:
    plan = at_once(*told(promised(0, 5), *history), 5)
    assert [mail.template for mail in plan.mails if mail.template == "late"] == mails


def test_who_has_asked_nothing_waits_for_nothing() -> None:
    """An agent wrote to her first, and gave his word."""
    past = [Entry(MONDAY, one) for one in (OPENED, said("<b@x>"), promised(0, 5)[1])]
    stranger = AddMessage(Direction.IN, Visibility.NOTE, Kind.HUMAN, "<c@x>", "eve@evil.example", "", "Buy", "Buy")
    ticket = begin(1, OPENED, MONDAY)
    assert at_once(ticket, past, 5).mails == ()
    assert at_once(ticket, [*past, Entry(MONDAY + HOUR, stranger)], 5).mails == ()
    asked = Entry(MONDAY + HOUR, said("<d@x>", Direction.IN))
    assert [mail.template for mail in at_once(ticket, [*past, asked], 5).mails] == ["late"]


@pytest.mark.parametrize(
    ("since", "away", "reminds"),
    [
        ((), (), ["janis"]),
        ((), ("janis",), ["zane"]),  # somebody must keep it
        ((), ("janis", "zane"), ["zane", "janis"]),  # nobody is there, and somebody must be told
        (((2, said("<b@x>")),), (), []),
        (((2, said("<b@x>")), (2, Withdrawn((1,), "<b@x>", "Hello", "janis"))), (), ["janis"]),
        (((2, SetStatus(Status.SOLVED, "zane")),), (), []),
    ],
)
def test_who_gave_his_word_is_reminded_or_who_watches_in_his_place(
    since: tuple[tuple[float, Change], ...], away: tuple[str, ...], reminds: list[str]
) -> None:
    agents = {key: replace(one, away=(date(2026, 11, 23),) if key in away else ()) for key, one in AGENTS.items()}
    ticket, past = told((0.5, Assign("zane", "liga")), promised(1, 5), *since)
    plan = at_once(ticket, past, 4, replace(DESK, agents=agents))
    assert [mail.to.party for mail in plan.mails if mail.template == "remind"] == reminds


def test_of_a_promise_whose_moment_has_come_too_nobody_is_reminded() -> None:
    plan = at_once(*told(promised(1, 5)), 5)
    assert [mail.template for mail in plan.mails] == ["late"]


NIGHT = 12.0  # 20:00 UTC on Monday, 22:00 in Riga


@pytest.mark.parametrize(
    ("hours", "notify", "leaves_at"),
    [
        ("", "open", NIGHT + 30 / 3600),  # the queue is always open
        ("office", "open", 23.0),  # Tuesday 09:00 in Riga
        ("office", "always", NIGHT + 30 / 3600),  # he is on call
        ("gone", "open", NIGHT + 30 / 3600),
    ],
)
def test_what_tells_an_agent_that_time_runs_out_leaves_when_he_is_there(
    hours: str, notify: str, leaves_at: float
) -> None:
    agents = {key: replace(one, hours=hours) for key, one in AGENTS.items()}
    ladder = Ladder("usual", (Step("100%", ("assignee",), notify=notify),))
    desk = replace(DESK, agents=agents, ladders={"usual": ladder}, calendars={"always": ALWAYS, "office": OFFICE})
    clock = ClockSet((("first_reply", 8 * 3600),), "standard", "queue support")
    ticket, past = told((0.5, Assign("janis", "liga")), (0, clock))
    (mail,) = at_once(ticket, past, NIGHT, desk).mails
    assert mail.not_before == MONDAY + leaves_at * HOUR
    assert mail.values["late"] is True
