"""What a ticket makes of a mail of ours that did not arrive: who is told, and whom we leave in peace."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from maild.message.model import Report
from maild.ticket import outgoing
from maild.ticket.change import Muted, SetStatus, Undelivered
from maild.ticket.facts import Outgoing
from maild.ticket.model import Status, Ticket
from maild.ticket.outgoing import Missed
from maild.ticket.plan import Fate, Plan
from tests.rules.making import ANNA, DESK, MONDAY_NOON, facts, ticket

ANSWER = Outgoing(3, 7, ANNA, "<a@example.com>", automatic=False, author="zane")
WAITING = ticket(status=Status.WAITING, assignee="janis")


def missed(mail: Outgoing = ANSWER, of: Ticket | None = WAITING, permanent: bool = True, refused: bool = True) -> Plan:
    return outgoing.undelivered(DESK, of, Missed(mail, permanent, "no such mailbox", refused), MONDAY_NOON, "lv")


def told(plan: Plan) -> list[str]:
    return [mail.to.party for mail in plan.mails]


def kinds(plan: Plan) -> list[type]:
    return [type(change) for change in plan.changes]


def test_who_wrote_it_is_told_and_the_ticket_is_open_again() -> None:
    plan = missed()
    assert kinds(plan) == [Undelivered, Muted, SetStatus]
    assert told(plan) == ["zane"]
    assert plan.ticket == 7
    (mail,) = plan.mails
    assert mail.values.items() >= {"number": 7, "recipient": ANNA, "permanent": True, "in_doubt": False}.items()
    assert Muted(ANNA, MONDAY_NOON + timedelta(days=7), "its mailbox refused us") in plan.changes


@pytest.mark.parametrize(
    ("mail", "values", "expected"),
    [
        (ANSWER, {"permanent": False}, [Undelivered]),  # it is tried again
        (ANSWER, {"refused": False}, [Undelivered, SetStatus]),  # nobody said no: the mailbox may be sound
        (replace(ANSWER, recipient="janis@agents.example"), {}, [Undelivered, SetStatus]),
        (replace(ANSWER, automatic=True), {}, [Undelivered, Muted]),
        (replace(ANSWER, failed=True), {}, [Undelivered, Muted]),  # it was told already
    ],
)
def test_a_mailbox_is_left_in_peace_where_it_refused_for_good_and_is_none_of_ours(
    mail: Outgoing, values: dict[str, Any], expected: list[type]
) -> None:
    assert kinds(missed(mail, **values)) == expected


@pytest.mark.parametrize(
    ("author", "assignee", "expected"),
    [
        ("zane", "janis", ["zane"]),
        ("gone", "janis", ["janis"]),
        ("gone", "", ["janis", "zane", "olga"]),
        ("", "gone", ["janis", "zane", "olga"]),
    ],
)
def test_whoever_is_still_with_us_is_told(author: str, assignee: str, expected: list[str]) -> None:
    assert told(missed(replace(ANSWER, author=author), replace(WAITING, assignee=assignee))) == expected


@pytest.mark.parametrize("mail", [replace(ANSWER, automatic=True), replace(ANSWER, failed=True)])
def test_nobody_is_told_of_what_a_machine_said_nor_twice(mail: Outgoing) -> None:
    assert told(missed(mail)) == []


def test_a_mail_of_no_ticket_changes_none() -> None:
    plan = missed(of=None)
    assert (plan.ticket, plan.changes, plan.mails) == (None, (), ())


def reported(action: str, permanent: bool | None = True, **more: str) -> Plan:
    heard = replace(facts(), ticket=WAITING, report=Report((ANNA,), more.pop("status", ""), action, permanent, **more))
    return outgoing.reported(replace(heard, seen=replace(heard.seen, reported=ANSWER)))


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", ""])
def test_a_report_of_anything_but_a_failure_changes_nothing(action: str) -> None:
    plan = reported(action)
    assert (plan.changes, plan.mails, plan.fate) == ((), (), Fate.FILED)


def test_a_report_of_a_failure_is_final_and_says_what_the_server_said() -> None:
    plan = reported("failed", status="5.1.1", diagnostic="no such user")
    assert kinds(plan) == [Undelivered, Muted, SetStatus]
    assert plan.mails[0].values["why"] == "5.1.1 no such user"
    assert kinds(reported("failed", None)) == [Undelivered, Muted, SetStatus]
    assert reported("failed").mails[0].values["why"] == "a delivery report"


def test_who_gave_up_after_days_of_trouble_did_not_refuse_the_mailbox() -> None:
    assert kinds(reported("failed", permanent=False)) == [Undelivered, SetStatus]


def test_anybody_can_write_a_report() -> None:
    heard = facts()
    report = Report((ANNA,), "5.1.1", "failed", True)
    plan = outgoing.reported(replace(heard, ticket=WAITING, report=report))
    assert (plan.changes, plan.mails, plan.fate) == ((), (), Fate.DISCARDED)
    known = outgoing.reported(replace(heard, ticket=WAITING, seen=replace(heard.seen, reported=ANSWER)))
    assert (known.changes, known.mails, known.fate) == ((), (), Fate.FILED)
