"""Who is sent what."""

from dataclasses import replace
from pathlib import Path

import pytest

from maild.message.model import Address, Kind
from maild.ticket import notify
from maild.ticket.change import ASKED_ELSEWHERE, SetStatus
from maild.ticket.facts import Contact, Last
from maild.ticket.model import Participant, Role, Status
from tests.conftest import NOON
from tests.rules.making import DESK, facts, ticket


def test_a_closed_ticket_is_named_as_its_own_queue_names_it() -> None:
    tagged = {key: replace(queue, tag=key[:2].upper()) for key, queue in DESK.queues.items()}
    desk = replace(DESK, queues=tagged)
    closed, new = ticket(queue="billing"), ticket(number=8)
    mails = notify.agents(facts(of=closed, desk=desk), new, tagged["support"])
    assert {mail.values["follows"] for mail in mails} == {"[#BI-7]"}
    mails = notify.agents(facts(of=new, desk=desk), new, tagged["support"])
    assert {mail.values["follows"] for mail in mails} == {""}


def test_whatever_says_that_an_answer_stays_inside_is_known_to() -> None:
    """Where addresses carry nothing, an answer is known by what it answers."""
    folder = Path(__file__).parents[2] / "templates/en"
    said = {path.name.partition(".")[0] for path in folder.glob("*.j2") if "stays inside" in path.read_text()}
    said -= {"welcome", "escalation"}  # which say it of others, or to who is no agent
    assert said <= notify.STAY_INSIDE
    assert {path.name.partition(".")[0] for path in folder.glob("*.j2")} >= notify.STAY_INSIDE


ANNA, BOSS, EVE = "anna@klients.example", "boss@klients.example", "eve@evil.example"
MINE = ticket(
    status=Status.SOLVED,
    requester=Participant(ANNA, "Anna", Role.REQUESTER),
    others=(Participant(BOSS, "Boss", Role.PARTICIPANT), Participant(EVE, "Eve", Role.THIRD_PARTY)),
)
JANIS = DESK.agents["janis"]


@pytest.mark.parametrize(
    ("has_it", "receivers"),
    [((), [ANNA, BOSS]), ((BOSS,), [ANNA]), ((ANNA, BOSS), [ANNA]), ((EVE,), [ANNA, BOSS])],
)
def test_an_answer_goes_once_to_everybody_who_takes_part_and_always_to_the_requester(
    has_it: tuple[str, ...], receivers: list[str]
) -> None:
    """What leaves from here carries the ticket's address: her next mail comes back with it."""
    mails = notify.answer(MINE, DESK.default_queue, JANIS, "Yes.", (), None, has_it)
    assert [mail.to.address for mail in mails] == receivers
    assert not any(mail.automatic for mail in mails)


@pytest.mark.parametrize(
    ("rates", "status", "asked"),
    [(True, Status.SOLVED, [ANNA]), (True, Status.WAITING, []), (False, Status.SOLVED, [])],
)
def test_only_the_requester_is_asked_how_it_was_once_it_is_over(rates: bool, status: Status, asked: list[str]) -> None:
    queue = replace(DESK.default_queue, ask_rating=rates)
    mails = notify.answer(replace(MINE, status=status), queue, JANIS, "Yes.", (), None)
    assert [mail.to.address for mail in mails if mail.values["ask_rating"]] == asked


@pytest.mark.parametrize(
    ("address", "last", "asked"),
    [
        (ANNA, None, True),
        (ANNA, Last("Anna", "Hello", NOON, ANNA), True),
        (ANNA, Last("", "Disk full", NOON, "Anna@klients.example", Kind.AUTOMATIC), False),  # she is a machine
        (ANNA, Last("", "I am away", NOON, BOSS, Kind.AUTOMATIC), True),
        ("", None, False),
        ("", Last("", "Hello", NOON, ANNA), False),
    ],
)
def test_whether_all_is_well_is_asked_of_a_person_who_can_be_asked(
    address: str, last: Last | None, asked: bool
) -> None:
    of = replace(MINE, requester=replace(MINE.requester, address=address))
    assert notify.is_asked(of, last) is asked
    changes = [SetStatus(Status.SOLVED, "janis")]
    opened = replace(of, status=Status.OPEN)
    assert bool(notify.if_solved(opened, DESK, changes, last, NOON)) is asked
    assert notify.if_solved(of, DESK, changes, last, NOON) == (), "it was asked when it was solved"
    assert notify.if_solved(opened, DESK, [SetStatus(Status.SOLVED, f"{ASKED_ELSEWHERE}8")], last, NOON) == ()


def heard(sender: str = JANIS.address, kind: Kind = Kind.HUMAN, unclosed: int = 0, **values: object) -> list[str]:
    """Return which agents hear of a mail that opens a ticket, or goes on in one."""
    of = values.get("of")
    contact = Contact(sender, unclosed=unclosed)
    written = facts(kind=kind, sender=Address("", sender), contact=contact, **values)  # type: ignore[arg-type]
    written = replace(written, agent=DESK.agent_at(sender))
    mails = notify.agents(written, of or ticket(), DESK.default_queue)  # type: ignore[arg-type]
    return sorted(mail.to.party for mail in mails)


def test_an_agent_hears_of_his_own_mail_once_and_only_where_it_may_be_forged() -> None:
    """His responder may be what writes, and would write again."""
    assert heard(ANNA) == ["janis", "olga", "zane"]
    assert heard() == ["janis", "olga", "zane"]
    assert heard(of=ticket()) == ["olga", "zane"]
    assert heard(unclosed=1) == ["olga", "zane"]
    assert heard(kind=Kind.AUTOMATIC) == ["olga", "zane"]
