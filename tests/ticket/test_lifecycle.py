"""What a mail from outside does: it opens a ticket, continues one, or is put away, and who hears of it."""

from dataclasses import replace
from typing import Any

import pytest

from maild.message.model import JUNK, Address, Attachment, Classified, Kind, Report
from maild.ticket import lifecycle
from maild.ticket.change import AddMessage, AddPerson, NothingOwed, OpenTicket, Remark, SetStatus
from maild.ticket.facts import NO_RULES, Contact, Decision, Facts, Outgoing
from maild.ticket.model import Participant, Role, Status, Visibility
from maild.ticket.plan import Fate, Plan
from maild.ticket.proof import Level, Proof
from maild.ticket.token import Token, TokenKind
from tests.rules.making import ANNA, DESK, MONDAY_NOON, facts, ticket

WAITING = ticket(status=Status.WAITING, others=(Participant("eve@evil.example", "Eve", Role.THIRD_PARTY),))
TOKEN = Token(TokenKind.CUSTOMER, 70, 1, MONDAY_NOON.date(), "t" * 40)


def did(written: Facts, decision: Decision = NO_RULES) -> Plan:
    return lifecycle.plan(written, decision)


def templates(plan: Plan) -> list[str]:
    return [mail.template for mail in plan.mails]


def kinds(plan: Plan) -> list[type]:
    return [type(change) for change in plan.changes]


def unknown(written: Facts) -> Facts:
    return replace(written, match=replace(written.match, known=False))


FIRST = facts()


@pytest.mark.parametrize(
    ("written", "fate"),
    [
        (replace(FIRST, match=replace(FIRST.match, duplicate=True)), Fate.FILED),
        (replace(FIRST, ours="our own mail came back"), Fate.HELD),
        (replace(FIRST, ours="our own mail came back", seen=replace(FIRST.seen, beat=True)), Fate.DISCARDED),
        (replace(FIRST, answers_no_ticket=True), Fate.DISCARDED),
        (facts(contact=Contact(ANNA, blocked=True)), Fate.DISCARDED),
    ],
)
def test_what_is_put_away_does_nothing_else(written: Facts, fate: Fate) -> None:
    plan = did(written)
    assert (plan.changes, plan.mails, plan.fate) == ((), (), fate)


@pytest.mark.parametrize(("decision", "fate"), [({"discard": "x"}, Fate.DISCARDED), ({"hold": "x"}, Fate.HELD)])
def test_what_a_rule_puts_away_does_nothing_else(decision: dict[str, str], fate: Fate) -> None:
    plan = did(FIRST, Decision(**decision))  # type: ignore[arg-type]
    assert (plan.changes, plan.mails, plan.fate, plan.because) == ((), (), fate, "x")


def test_what_somebody_lets_go_on_goes_on_though_its_sender_is_blocked() -> None:
    plan = did(replace(facts(contact=Contact(ANNA, blocked=True)), released_by="liga"))
    assert plan.opens


def test_a_person_s_first_mail_is_acknowledged() -> None:
    assert templates(did(FIRST)) == ["acknowledge", *["ticket"] * len(DESK.teams["support"].members)]
    assert templates(did(FIRST, Decision(acknowledge="short")))[0] == "short"


@pytest.mark.parametrize(
    "written",
    [
        replace(FIRST, import_only=True),
        replace(FIRST, envelope=replace(FIRST.envelope, protocol=JUNK)),
        *(facts(kind=kind) for kind in Kind if kind not in (Kind.HUMAN, Kind.BOUNCE)),
        replace(FIRST, classified=Classified(Kind.HUMAN, "a test says so", acknowledge=False)),
        facts(sender=Address("", "")),
        replace(FIRST, envelope=replace(FIRST.envelope, mail_from="")),
        replace(FIRST, agent=DESK.agents["olga"]),
        replace(FIRST, to_role_address=True),
        facts(contact=Contact(ANNA, muted=True)),
    ],
)
def test_nobody_else_s_is(written: Facts) -> None:
    assert "acknowledge" not in templates(did(written))
    assert did(written).opens


@pytest.mark.parametrize(
    ("how", "authenticated", "acknowledged"),
    [
        ("always", False, True),
        ("authenticated", True, True),
        ("authenticated", False, False),
        ("never", True, False),
    ],
)
def test_a_queue_says_who_is_acknowledged(how: str, authenticated: bool, acknowledged: bool) -> None:
    queue = replace(DESK.default_queue, acknowledge=how)
    written = facts(desk=replace(DESK, queues={**DESK.queues, queue.key: queue}), authenticated=authenticated)
    plan = did(written)
    assert ("acknowledge" in templates(plan)) is acknowledged
    assert any(isinstance(one, Remark) for one in plan.changes) is not acknowledged, "the history says why not"
    assert "acknowledge" not in templates(did(written, Decision(acknowledge="")))


@pytest.mark.parametrize("status", [Status.WAITING, Status.ON_HOLD, Status.SOLVED, Status.CLOSED])
def test_a_person_s_answer_opens_again_what_waited_and_a_machine_s_does_not(status: Status) -> None:
    of = ticket(status=status)
    assert kinds(did(facts(of=of))) == [AddMessage, SetStatus]
    assert kinds(did(facts(of=of, kind=Kind.AUTOMATIC))) == [AddMessage]
    assert kinds(did(facts(of=of, kind=Kind.AUTOMATIC, text="Paldies!"))) == [AddMessage]
    assert kinds(did(facts(of=of, text="Paldies!"))) == [
        AddMessage,
        SetStatus if status is Status.ON_HOLD else NothingOwed,
    ]


def test_a_stranger_in_a_ticket_is_a_third_party_and_what_he_says_a_note() -> None:
    plan = did(unknown(facts(of=WAITING)))
    assert kinds(plan)[:2] == [AddPerson, AddMessage]
    assert plan.changes[0].person.role is Role.THIRD_PARTY  # type: ignore[union-attr]
    assert plan.changes[1].visibility is Visibility.NOTE  # type: ignore[union-attr]
    assert kinds(did(unknown(facts(of=WAITING, kind=Kind.AUTOMATIC)))) == [AddMessage], "a machine is nobody"


LONG = "Labdien, " + "lampa " * 20
ABOUT = (("Lampa\nnedeg", "Lampa nedeg"), (LONG, f"Labdien,{' lampa' * 8}…"), ("灯" * 99, "灯" * 60 + "…"))


def test_a_mail_that_is_nothing_but_a_picture_is_called_by_its_name() -> None:
    """What a telephone puts below a picture was the subject of its ticket."""
    by_telephone = "Sent from my iPhone"
    picture = facts("", by_telephone, attachments=(Attachment(1, "IMG_0012.jpg", "image/jpeg", 3000),))
    sent = replace(picture, cut=replace(picture.cut, signature=by_telephone))
    assert [one.subject for one in did(sent).changes if isinstance(one, OpenTicket)] == ["IMG_0012.jpg"]


@pytest.mark.parametrize("subject", ["", "Re:", "Fwd: Re: ", "[#EX-4]"])
@pytest.mark.parametrize(("text", "about"), ABOUT)
def test_a_mail_without_a_subject_is_called_by_its_first_words(subject: str, text: str, about: str) -> None:
    """Nobody finds a ticket in a list where it has no name."""
    plan = did(facts(subject, text))
    opened = plan.changes[0]
    assert isinstance(opened, OpenTicket)
    assert opened.subject == about
    assert next(mail.subject for mail in plan.mails if mail.template == "ticket") == about
    assert plan.mails[0].subject == "", "to whom it is not known to be his, nothing of his own words is sent"


@pytest.mark.parametrize(
    ("written", "banner"),
    [
        (unknown(facts(of=WAITING, authenticated=True)), "third_party"),
        (facts(of=WAITING, authenticated=True), ""),
        (facts(of=WAITING), "unauthenticated"),
        (replace(facts(of=WAITING), proof=Proof(Level.PROVED, "token and AUTH")), ""),
    ],
)
def test_agents_are_told_how_sure_it_is_who_wrote(written: Facts, banner: str) -> None:
    assert {mail.values["banner"] for mail in did(written).mails} == {banner}


def test_old_mail_is_filed_and_nobody_is_told() -> None:
    old = replace(facts(of=WAITING), import_only=True)
    assert (kinds(did(old)), did(old).mails) == ([AddMessage, NothingOwed], ())
    assert did(replace(FIRST, import_only=True)).mails == ()
    added = did(replace(old, agent=DESK.agents["janis"])).changes[0]
    assert added.visibility is Visibility.NOTE, "nothing tells whom it was for"  # type: ignore[union-attr]
    assert did(old).changes[0].visibility is Visibility.PUBLIC  # type: ignore[union-attr]


def bounced(
    action: str = "failed", token: Token | None = TOKEN, recipient: str = "x@far.example", **values: Any
) -> Facts:
    heard = facts(kind=Kind.BOUNCE, of=WAITING, **values)
    return replace(heard, token=token, report=Report((recipient,), "5.1.1", action, True))


@pytest.mark.parametrize(
    ("written", "filed"),
    [
        (bounced(), True),  # a filter refused our answer where a customer answers
        (bounced("delayed"), False),
        (replace(bounced(), report=None), False),
        (bounced(token=None), True),  # a postmaster writes of our filter: but words make it a report
        (bounced(token=replace(TOKEN, kind=TokenKind.AGENT)), True),
        (bounced(token=None, recipient="janis@agents.example"), False),  # of what we told one of us
        (bounced(token=None, sender=Address("", "postmaster@agents.example")), False),
        (bounced(token=None, headers=(("auto-submitted", "auto-replied"),)), True),
    ],
)
def test_a_report_about_no_mail_of_ours_is_a_letter_where_a_person_may_have_written_it(
    written: Facts, filed: bool
) -> None:
    plan = did(written)
    assert (AddMessage in kinds(plan)) is filed
    ours = Outgoing(3, 7, ANNA, "<a@example.com>", automatic=False, author="janis")
    assert AddMessage not in kinds(did(replace(written, seen=replace(written.seen, reported=ours))))
