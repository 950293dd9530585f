"""Two tickets that are made one: the customer who waits in the one goes on waiting in the other."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from maild.agents import orders
from maild.agents.model import Where
from maild.agents.syntax import CommandError, Given
from maild.message.model import Kind
from maild.ticket import notify, timers
from maild.ticket.change import (
    TO_ANOTHER,
    Absorbed,
    AddMessage,
    AddPerson,
    Change,
    ClockSet,
    Delivered,
    Entry,
    OpenTicket,
    Promised,
    SetField,
    SetStatus,
    SplitOff,
    WakeAt,
)
from maild.ticket.desk import Agent, Desk, Queue, Team
from maild.ticket.evolve import after, begin
from maild.ticket.facts import Asked, Fresh, Said
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


@pytest.mark.parametrize(("address", "because"), [("C@x.example", "#2"), ("d@y.example", TO_ANOTHER)])
def test_what_an_agent_promised_in_a_ticket_that_ends_is_still_to_be_kept(address: str, because: str) -> None:
    """He is reminded of it in the other; what was answered since, or is over, or maild reckoned, stays behind."""
    until = MONDAY + 9 * HOUR
    here = history(
        (0, OPENED),
        (0, Promised(until, "8 working hours")),
        (1, said("<a@x>", Direction.OUT)),
        (1, Promised(until, "anna", "anna")),
        (2, said("<b@x>", Direction.OUT)),
        (2, Promised(until + HOUR, "anna", "anna")),
        (2, Promised(MONDAY + 3 * HOUR, "anna", "anna")),
    )
    other = begin(1, replace(OPENED, requester=Participant(address, "", Role.REQUESTER)), MONDAY)
    where = Where(begin(2, OPENED, MONDAY), DESK, ANNA, MONDAY + 5 * HOUR, Asked({1: other}, {2: here}))
    (beside,) = orders.plan((Given("merge", "1"),), where).beside
    promises = [one for one in beside.plan.changes if isinstance(one, Promised)]
    assert promises == [Promised(until + HOUR, because, "anna")]


def test_who_was_a_stranger_there_takes_part_once_his_own_ticket_ends_there() -> None:
    """Else he would wait for an answer that goes to everybody but him."""
    stranger = Participant("d@y.example", "D", Role.THIRD_PARTY)
    other = replace(begin(1, OPENED, MONDAY), others=(stranger,))
    for role, comes in ((Role.REQUESTER, ["person +D@y.example participant"]), (Role.THIRD_PARTY, [])):
        his = begin(2, OPENED, MONDAY)
        person = Participant("D@y.example", "D", role)
        his = replace(his, requester=person) if role is Role.REQUESTER else replace(his, others=(person,))
        where = Where(his, DESK, ANNA, MONDAY, Asked({1: other}))
        (beside,) = orders.plan((Given("merge", "1"),), where).beside
        people = [str(one).partition(" because")[0] for one in beside.plan.changes if isinstance(one, AddPerson)]
        assert people == comes


def mail(row: int, party: str, visibility: Visibility = Visibility.PUBLIC) -> Said:
    return Said(row, Direction.IN, visibility, Kind.HUMAN, f"<{row}@x>", party, "", MONDAY + row * HOUR, "Hello")


def test_what_a_stranger_wrote_may_become_a_ticket_of_his_own_and_what_a_colleague_wrote_may_not() -> None:
    ticket = begin(1, OPENED, MONDAY)
    inside = (mail(3, "d@y.example", Visibility.NOTE), mail(4, ANNA.address, Visibility.NOTE))
    mails = (mail(1, "c@x.example"), mail(2, "c@x.example"), *inside)
    where = Where(ticket, DESK, ANNA, MONDAY + 5 * HOUR, Asked({}, mails={1: mails}), fresh=Fresh(2, 2))
    ordered = orders.plan((Given("split"),), where)
    (off,) = [one for one in ordered.changes if isinstance(one, SplitOff)]
    assert (off.message_id, off.last_message_id) == ("<3@x>", "<2@x>")
    (beside,) = ordered.beside
    begun = beside.plan.changes[0]
    assert isinstance(begun, OpenTicket)
    assert (begun.requester.address, begun.requester.role) == ("d@y.example", Role.REQUESTER)
    with pytest.raises(CommandError, match="none of the customer's side"):
        orders.plan((Given("split", "4"),), where)


SPLIT_AT = 5


def split_of(*changes: tuple[int, Change], then: tuple[Given, ...] = ()) -> tuple[list[str], int]:
    """Split the newest mail off a ticket with a history; return what becomes of the ticket itself, and how many times
    its customer is asked whether all is well."""
    here = history((0, OPENED), (0, said("<1@x>", Direction.IN)), *changes)
    ticket = after(begin(1, OPENED, MONDAY), (entry.change for entry in here), MONDAY)
    answer = replace(mail(2, "anna"), direction=Direction.OUT)
    asked = Asked({1: ticket}, {1: here}, mails={1: (mail(1, "c@x.example"), answer, mail(3, "c@x.example"))})
    where = Where(ticket, DESK, ANNA, MONDAY + SPLIT_AT * HOUR, asked, fresh=Fresh(2, 2))
    changed = orders.plan((Given("split"), *then), where).changes
    asked_now = notify.if_solved(ticket, DESK, changed, None, where.now)
    return [str(one) for one in changed if isinstance(one, SetStatus | WakeAt)], len(asked_now)


REPLIED = ((3, said("<3@x>", Direction.IN)), (3, SetStatus(Status.OPEN, "c@x.example replied")))


@pytest.mark.parametrize("status", [Status.WAITING, Status.SOLVED, Status.CLOSED])
def test_a_ticket_whose_last_question_becomes_another_is_again_what_it_was(status: Status) -> None:
    """It stayed open, owed nothing, and was in its agent's list every morning."""
    again = f"status={status} because what was asked last is #2 now"
    assert split_of((2, SetStatus(status, "anna")), *REPLIED) == ([again], 0), "nor is its customer asked again"


def test_who_solves_what_is_left_of_a_ticket_asks_its_customer() -> None:
    _, asked = split_of((2, SetStatus(Status.WAITING, "anna")), *REPLIED, then=(Given("solve"),))
    assert asked == 1


def test_a_ticket_that_rested_rests_again_for_as_long() -> None:
    for until, rests in ((SPLIT_AT + 1, 1), (SPLIT_AT - 1, 0)):
        rested = ((2, SetStatus(Status.ON_HOLD, "anna")), (2, WakeAt(MONDAY + until * HOUR, "anna")))
        (status, *more), _ = split_of(*rested, *REPLIED)
        assert status == "status=on_hold because what was asked last is #2 now"
        assert [one.partition(" ")[0] for one in more] == ["rest"] * rests


def test_what_an_agent_said_of_a_ticket_since_its_last_mail_stands() -> None:
    waited = (2, SetStatus(Status.WAITING, "anna"))
    assert split_of(waited, *REPLIED, (4, SetStatus(Status.OPEN, "anna"))) == ([], 0)
    assert split_of(waited, *REPLIED, (4, SetStatus(Status.ON_HOLD, "anna"))) == ([], 0)


def test_a_ticket_that_brought_its_question_along_waits_once_that_is_another_again() -> None:
    """The mail stands in the history of the ticket that ended here, and what that one was is over."""
    came = ((3, SetStatus(Status.OPEN, "#9 is not answered")), (3, Absorbed(9, MONDAY + 3 * HOUR, "anna")))
    became, _ = split_of((2, SetStatus(Status.SOLVED, "anna")), *came)
    assert became == ["status=waiting because what was asked last is #2 now"]
