"""Rules that wait: since when, and for whom."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from maild.hours.duration import Duration
from maild.message.model import Kind
from maild.rules import timed
from maild.rules.evaluate import Every
from maild.ticket import escalate
from maild.ticket.change import (
    IMPORTED,
    AddMessage,
    AddTag,
    Change,
    Entry,
    NothingOwed,
    OpenTicket,
    SetStatus,
    StageReached,
)
from maild.ticket.desk import Ladder, PromisePolicy, Step
from maild.ticket.escalate import Moment
from maild.ticket.facts import Contact, Seen
from maild.ticket.model import Direction, Participant, Role, Status, Visibility
from maild.ticket.plan import Plan
from maild.ticket.thread import Past
from tests.rules.making import DESK, rule, ticket

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
OPENED = OpenTicket(1, "support", "A lamp", Participant("anna@customer.example", "", Role.REQUESTER), "en")
THANKS = NothingOwed("only thanks")


def wrote(
    kind: Kind = Kind.HUMAN, visibility: Visibility = Visibility.PUBLIC, direction: Direction = Direction.IN
) -> AddMessage:
    return AddMessage(direction, visibility, kind, "<b@x>", "anna@customer.example", "", "Thanks!", "Thanks!")


@pytest.mark.parametrize(
    ("since", "after"),
    [
        ((), 1 + 48),
        (((5, wrote()), (5, THANKS)), 5 + 48),
        (((5, wrote(direction=Direction.OUT)), (5, SetStatus(Status.WAITING, "janis"))), 5 + 48),
        (((5, AddMessage.note("janis", "", "He called.")),), 1 + 48),
        (((5, wrote(Kind.AUTOMATIC)),), 1 + 48),
        (((5, wrote(visibility=Visibility.NOTE)),), 1 + 48),
        (((5, wrote()), (5, NothingOwed(IMPORTED))), 1 + 48),
    ],
)
def test_who_is_waited_for_is_silent_from_the_last_word_on(since: tuple[tuple[float, Change], ...], after: int) -> None:
    """Else he would read that he was not heard of."""
    begun: tuple[tuple[float, Change], ...] = ((0, OPENED), (0, wrote()), (1, SetStatus(Status.WAITING, "janis")))
    past = [Entry(MONDAY + at * HOUR, change) for at, change in (*begun, *since)]
    waits = timed.Rule("silent", rule({}).when, every=Every(Duration(clock=48 * 3600), Status.WAITING, 1))
    (timer,) = timed.timers((waits,), ticket(status=Status.WAITING), past, DESK)
    assert (timer.fire_at - MONDAY) / HOUR == after


def test_no_rule_waits_for_a_ticket_that_ended_in_another() -> None:
    waits = timed.Rule("silent", rule({}).when, every=Every(Duration(clock=48 * 3600), Status.WAITING, 1))
    past = [Entry(MONDAY, OPENED), Entry(MONDAY, wrote()), Entry(MONDAY, SetStatus(Status.WAITING, "janis"))]
    assert len(list(timed.timers((waits,), ticket(status=Status.WAITING), past, DESK))) == 1
    assert not list(timed.timers((waits,), ticket(status=Status.WAITING, merged_into=8), past, DESK))


STEPS = (Step("50%", ("assignee",), then=({"tag": "half"},)), Step("75%", ("assignee",), then=({"tag": "late"},)))


@pytest.mark.parametrize(
    ("reached", "tags"),
    [
        ({"50%": "told janis"}, ["half"]),
        ({"50%": "passed over for 75%", "75%": "told janis"}, ["late", "half"]),
        ({"50%": "told janis", "75%": escalate.OVER}, ["half"]),
        ({"50%": escalate.OVER, "75%": escalate.OVER}, []),
    ],
)
def test_a_step_does_what_it_says_unless_its_time_was_over(reached: dict[str, str], tags: list[str]) -> None:
    """After an outage: the answer had come while nobody was at work."""
    queue = replace(DESK.queues["support"], promise="standard")
    desk = replace(
        DESK,
        queues={**DESK.queues, "support": queue},
        promises={"standard": PromisePolicy("standard", {}, "usual")},
        ladders={"usual": Ladder("usual", STEPS)},
    )
    moment = Moment(ticket(), [Entry(MONDAY, OPENED)], desk, "en", None, MONDAY + HOUR)
    told = Plan(7, tuple(StageReached("first_reply", 1, stage, 0, why) for stage, why in reached.items()))
    done = timed.with_steps(told, moment, Seen(Past(), Contact("anna@klients.example")))
    assert [one.tag for one in done.changes if isinstance(one, AddTag)] == tags
