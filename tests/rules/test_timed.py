"""Rules that wait: since when, and for whom."""

from datetime import UTC, datetime, timedelta

import pytest

from maild.hours.duration import Duration
from maild.message.model import Kind
from maild.rules import timed
from maild.rules.evaluate import Every
from maild.ticket.change import IMPORTED, AddMessage, Change, Entry, NothingOwed, OpenTicket, SetStatus
from maild.ticket.model import Direction, Participant, Role, Status, Visibility
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
