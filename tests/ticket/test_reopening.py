"""What opens an ended ticket again, what begins a new one, and what does neither."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from maild.message.model import Address, Attachment, Kind
from maild.ticket import reopening
from maild.ticket.change import AddMessage, Delivered, Entry
from maild.ticket.facts import Asked
from maild.ticket.model import Direction, Status, Visibility
from tests.rules.making import ANNA, DESK, MONDAY_NOON, facts, ticket

WITHIN = DESK.default_queue.reopen_within
ENDED = ticket(status=Status.CLOSED, solved_at=MONDAY_NOON - 2 * WITHIN, closed_at=MONDAY_NOON - WITHIN)
PHOTO = Attachment(1, "lamp.jpg", "image/jpeg", 10)
LOGO = replace(PHOTO, inline=True)
MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("text", "late", "values", "anew"),
    [
        ("Es gribu krēslu.", MOMENT, {}, True),
        ("Es gribu krēslu.", timedelta(0), {}, False),
        ("Es gribu krēslu.", MOMENT, {"kind": Kind.AUTOMATIC}, False),
        ("Paldies!", MOMENT, {}, False),
        ("Paldies!", MOMENT, {"attachments": (PHOTO,)}, True),  # he shows us something
        ("Paldies!", MOMENT, {"attachments": (LOGO,)}, False),
    ],
)
def test_what_a_person_asks_too_late_begins_anew(
    text: str, late: timedelta, values: dict[str, Any], anew: bool
) -> None:
    assert reopening.begins_anew(facts(text=text, now=MONDAY_NOON + late, of=ENDED, **values), ENDED) is anew


def test_what_has_not_ended_is_never_too_late_and_a_solved_ticket_ended_when_it_was_solved() -> None:
    queue = DESK.default_queue
    assert not reopening.is_too_late(ticket(), queue, MONDAY_NOON + 9 * WITHIN)
    assert reopening.is_too_late(replace(ENDED, closed_at=None), queue, MONDAY_NOON)


IN = AddMessage(Direction.IN, Visibility.PUBLIC, Kind.HUMAN, "<q@klients.example>", ANNA, "", "Well?", "Well?")
OUT = AddMessage(Direction.OUT, Visibility.PUBLIC, Kind.HUMAN, "<a@agents.example>", "janis", "", "Yes.", "Yes.")
ANSWERED = (IN, OUT, Delivered(OUT.message_id, ANNA))


@pytest.mark.parametrize(
    ("status", "history", "only"),
    [
        (Status.NEW, (IN,), False),  # thanks in advance
        (Status.OPEN, (IN,), False),
        (Status.ON_HOLD, (IN,), False),
        (Status.OPEN, ANSWERED, True),
        (Status.ON_HOLD, ANSWERED, True),
        (Status.OPEN, None, False),
        *((status, None, True) for status in (Status.WAITING, Status.SOLVED, Status.CLOSED)),
    ],
)
def test_thanks_ask_for_nothing_where_nothing_is_owed(status: Status, history: Any, only: bool) -> None:
    of = ticket(status=status)
    thanks = facts(text="Paldies!", of=of)
    told = {of.number: [Entry(of.opened_at + n * MOMENT, one) for n, one in enumerate(history)]} if history else {}
    thanks = replace(thanks, seen=replace(thanks.seen, asked=Asked(histories=told)))
    assert reopening.only_thanks(thanks, of) is only


def test_what_the_domain_of_a_writer_says_is_no_name_of_his() -> None:
    of = ticket(status=Status.SOLVED)
    kari, no = Address("Kari Nordmann", "kari@firma.no"), facts(text="No, thanks", of=of)
    assert not reopening.only_thanks(replace(no, message=replace(no.message, sender=kari)), of)
