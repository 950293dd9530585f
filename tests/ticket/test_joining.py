"""Two tickets that are made one: the customer who waits in the one goes on waiting in the other."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from maild.message.model import Kind
from maild.ticket import orders, timers
from maild.ticket.change import AddMessage, Change, ClockSet, Delivered, Entry, OpenTicket, SetField, SetStatus
from maild.ticket.desk import Agent, Desk, Queue, Team
from maild.ticket.evolve import after, begin
from maild.ticket.facts import Asked
from maild.ticket.given import Given, Where
from maild.ticket.model import NEEDED, Direction, Participant, Role, Status, Visibility
from tests.conftest import ALWAYS

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANNA = Agent("anna", "anna@agents.example", "Anna")
QUEUE = Queue("q", ("support@example.com",), team="t", calendar="always")
DESK = Desk({"anna": ANNA}, {"t": Team("t", ("anna",))}, {"q": QUEUE}, {"always": ALWAYS})
OPENED = OpenTicket(1, "q", "Lamp", Participant("c@x.example", "C", Role.REQUESTER), "en")
TARGETS = ClockSet((("first_reply", 4 * 3600), ("next_reply", 4 * 3600)), "", "queue q")


def said(message_id: str, direction: Direction) -> AddMessage:
    return AddMessage(direction, Visibility.PUBLIC, Kind.HUMAN, message_id, "c@x.example", "", "Hello", "Hello")


def history(*changes: tuple[int, Change]) -> tuple[Entry, ...]:
    """Return a history; each change with the hours after the beginning."""
    return tuple(Entry(MONDAY + at * HOUR, change) for at, change in changes)


@pytest.mark.parametrize("status", [Status.WAITING, Status.SOLVED, Status.CLOSED])
def test_a_question_merged_into_an_answered_ticket_is_due_as_it_was(status: Status) -> None:
    answered = history(
        (0, OPENED),
        (0, TARGETS),
        (0, said("<a@x>", Direction.IN)),
        (1, Delivered("<b@x>", "c@x.example")),
        (1, SetStatus(status, "anna")),
    )
    asked = history((3, OPENED), (3, said("<c@x>", Direction.IN)))
    into = after(begin(1, OPENED, MONDAY), (entry.change for entry in answered), MONDAY)
    where = Where(begin(2, OPENED, MONDAY), DESK, ANNA, MONDAY + 5 * HOUR, Asked({1: into}, {1: answered, 2: asked}))
    (beside,) = orders.plan((Given("merge", "1"),), where).beside
    past = (*answered, *history(*((5, one) for one in beside.plan.changes)))
    shown = timers.states(past, DESK, QUEUE, where.now)["next_reply"]
    assert shown.state == "running"
    assert shown.due == int((MONDAY + 7 * HOUR).timestamp())


def test_what_is_kept_goes_along_so_that_who_asked_hears_the_answer() -> None:
    """What a colleague and the customer answer comes to the other ticket from then on."""
    there = (("asked jb", "po"), (NEEDED, "order"), ("level", "gold"))
    here = (
        ("asked jb", "anna po"),
        ("asked pk", "anna"),
        (NEEDED, "model"),
        ("level", "tin"),
        ("snoozed by jb", "2027"),
    )
    other = replace(begin(1, OPENED, MONDAY), fields=there)
    ticket = replace(begin(2, OPENED, MONDAY), fields=(*here, ("model", "X1")))
    where = Where(ticket, DESK, ANNA, MONDAY, Asked({1: other}))
    (beside,) = orders.plan((Given("merge", "1"),), where).beside
    fields = [(one.name, one.value) for one in beside.plan.changes if isinstance(one, SetField)]
    expected = [("asked jb", "po anna"), ("asked pk", "anna"), (NEEDED, "order model"), ("model", "X1")]
    assert fields == expected
