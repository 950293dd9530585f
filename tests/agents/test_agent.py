"""What an agent's mail does: whom his words go to, what they mean for the ticket, and what never leaves."""

from dataclasses import replace
from typing import Any

import pytest

from maild.agents import agent, held
from maild.message.model import Address, Attachment, Cut, Enclosed, Kind
from maild.ticket.change import AddMessage, Assign, SetQueue, SetStatus
from maild.ticket.facts import Facts, Held, Last
from maild.ticket.model import Participant, Role, Status, Ticket, Visibility
from maild.ticket.plan import Fate, Plan, Word
from maild.ticket.proof import Level, Proof
from maild.ticket.token import ACTIONS, Token, TokenKind
from tests.rules.making import DESK, MONDAY_NOON, facts, ticket

JANIS = DESK.agents["janis"]
PROVED = Proof(Level.PROVED, "token and AUTH", strong=True)
TAKEN = ticket(assignee="janis")
SIGNATURE = Attachment(1, "smime.p7s", "application/pkcs7-signature", 900)
PICTURE = Attachment(2, "lamp.jpg", "image/jpeg", 900)


def mail(text: str, of: Ticket = TAKEN, by: str = "janis", to: TokenKind = TokenKind.AGENT, **more: Any) -> Facts:
    """Return the facts of an agent's mail in a ticket, to an address of his."""
    me = more.get("desk", DESK).agents[by]
    written = facts(text=text, of=of, sender=Address(me.name, me.address), **more)
    token = Token(to, 70, 1, MONDAY_NOON.date(), "t" * 40)
    return replace(written, agent=me, proof=PROVED, token=token, intake_id=5)


def did(written: Facts) -> Plan:
    return agent.plan(written, written.agent)


def answers(plan: Plan) -> list[str]:
    """Return what leaves for customers."""
    return [str(one.values["text"]) for one in plan.mails if one.template == "answer"]


def changes(plan: Plan, *kinds: type) -> list[Any]:
    return [one for one in plan.changes if isinstance(one, kinds)]


def test_his_words_go_to_the_customer_and_the_ticket_waits() -> None:
    plan = did(mail("Yes."))
    assert answers(plan) == ["Yes."]
    assert [one.status for one in changes(plan, SetStatus)] == [Status.WAITING]
    assert [one.status for one in changes(did(mail("#solve\n\nYes.")), SetStatus)] == [Status.SOLVED]


@pytest.mark.parametrize("to", ACTIONS)
def test_what_a_button_s_mail_says_leaves_for_nobody(to: TokenKind) -> None:
    """His program puts a signature below it, and a logo beside it."""
    plan = did(mail("Jānis Bērziņš, +371 20 000 000", to=to, attachments=(PICTURE,)))
    assert answers(plan) == []
    assert changes(plan, AddMessage) == []
    assert plan.spends == "t" * 40
    assert plan.changes, "but what it stands for is done"


@pytest.mark.parametrize("text", ["#note\n\n#promise mon 12:00", "#note #promise", "#note\n#promise tomorrow 12:00"])
def test_nothing_is_promised_to_a_customer_who_does_not_hear_of_it(text: str) -> None:
    plan = did(mail(f"{text}\n\nHe is difficult."))
    assert answers(plan) == []
    assert [one for one in plan.changes if type(one).__name__ == "Promised"] == []


@pytest.mark.parametrize(
    ("written", "takes"),
    [
        (mail("Yes.", ticket()), True),
        (mail("Yes.", ticket(assignee="gone")), True),
        (mail("Yes.", ticket(assignee="zane")), False),
        (mail("#assign zane\n\nYes.", ticket()), False),
        (mail("Yes.", ticket(queue="billing")), True),  # he is of no team of its, and it stays where it is
        (mail("#queue billing\n\nYes.", ticket()), False),  # it is theirs now
        (mail("#queue billing\n\nYes.", ticket(), "olga"), True),
    ],
)
def test_who_answers_first_takes_the_ticket_unless_he_hands_it_over(written: Facts, takes: bool) -> None:
    plan = did(written)
    assert answers(plan) == ["Yes."]
    assert any(one.because == "first to answer" for one in changes(plan, Assign)) is takes
    assert len(changes(plan, SetQueue)) == ("#queue" in written.message.text)


def test_nobody_takes_a_ticket_by_an_answer_where_the_queue_says_no() -> None:
    queue = replace(DESK.default_queue, take_on_reply=False)
    desk = replace(DESK, queues={**DESK.queues, queue.key: queue})
    assert changes(did(mail("Yes.", ticket(), desk=desk)), Assign) == []


@pytest.mark.parametrize(
    ("text", "of"),
    [
        ("#spam\n\nHe never pays.", TAKEN),
        ("#close\n\nHe never pays.", ticket(tags=("spam",))),
        ("#note\n\nHe never pays.", TAKEN),
    ],
)
def test_what_stands_below_such_an_order_leaves_for_nobody(text: str, of: Ticket) -> None:
    plan = did(mail(text, of))
    assert answers(plan) == []
    assert [one.visibility for one in changes(plan, AddMessage)] == [Visibility.NOTE]


@pytest.mark.parametrize(
    "signature",
    ["Jānis", "Ar cieņu,\nJānis\n+371 20000000", "Kind regards, Jānis", "____\nAr cieņu / Best regards\nJānis"],
)
@pytest.mark.parametrize("order", ["#assign zane", "#solve", "#spam"])
def test_a_signature_below_an_order_is_for_nobody(order: str, signature: str) -> None:
    """The customer got a mail with nothing but a signature in it, and the ticket was answered."""
    plan = did(mail(f"{order}\n\n{signature}", TAKEN))
    assert answers(plan) == []
    assert changes(plan, AddMessage) == []


@pytest.mark.parametrize(
    "text",
    [
        "Paldies / Thanks\nJānis",
        "Hello!",
        "Hello, Anna! Tomorrow.\n\nAr cieņu,\nJānis",
        "Jānis, the courier, calls you.",
    ],
)
def test_what_only_looks_like_a_signature_is_an_answer(text: str) -> None:
    assert answers(did(mail(f"#solve\n\n{text}", TAKEN))) == [text]


@pytest.mark.parametrize(("to", "inside"), [(TokenKind.NOTE, False), (TokenKind.AGENT, True)])
def test_an_answer_to_what_is_for_no_customer_stays_inside(to: TokenKind, inside: bool) -> None:
    written = mail("He never pays.", to=to)
    plan = did(replace(written, seen=replace(written.seen, inside=inside)))
    assert answers(plan) == []
    assert [one.visibility for one in changes(plan, AddMessage)] == [Visibility.NOTE]
    thumb = mail("[like] Janis reacted to your message:", to=to)
    assert changes(did(replace(thumb, seen=replace(thumb.seen, inside=inside))), AddMessage)
    assert did(mail(thumb.message.text)).because.startswith("refused"), "a customer is not sent a thumb"


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.HUMAN])
def test_what_an_agent_s_program_sends_by_itself_is_kept_inside(kind: Kind) -> None:
    plan = did(mail("I am away.", kind=kind))
    assert plan.mails == ()
    assert [one.visibility for one in changes(plan, AddMessage)] == [Visibility.NOTE]


@pytest.mark.parametrize("level", [Level.CONFIRM, Level.REFUSED, Level.NONE])
def test_what_nothing_proves_waits_for_a_word(level: Level) -> None:
    plan = did(replace(mail("Pay here."), proof=Proof(level, "a test says so")))
    assert answers(plan) == []
    assert (plan.fate, plan.holds is not None) == (Fate.HELD, True)


SECRET = "The key of zane@agents.example."
ASKED = Held(5, 7, "janis", "x", SECRET, held.digest(SECRET), MONDAY_NOON, MONDAY_NOON, Word.RELEASED)


@pytest.mark.parametrize(
    ("released_by", "asked", "leaves"),
    [
        ("", None, False),
        ("", ASKED, False),  # nobody has said a word
        ("janis", ASKED, True),
        ("janis", None, False),
        ("janis", replace(ASKED, digest=held.digest("Something harmless.")), False),  # he was shown something else
    ],
)
def test_what_must_not_leave_leaves_by_the_word_of_who_was_shown_it(
    released_by: str, asked: Held | None, leaves: bool
) -> None:
    written = mail(SECRET)
    plan = did(replace(written, released_by=released_by, seen=replace(written.seen, held=asked)))
    assert answers(plan) == [SECRET] * leaves
    assert (plan.holds is None) is leaves


@pytest.mark.parametrize(
    ("newer", "absorbed", "others", "leaves"),
    [
        ((Last("Anna", "Never mind.", MONDAY_NOON),), (), (), False),
        ((), (3,), (), True),  # there is nobody but her in both
        ((), (3,), (Participant("boss@klients.example", "", Role.PARTICIPANT),), False),
        ((), (3,), (Participant("eve@evil.example", "", Role.THIRD_PARTY),), True),  # she is sent nothing
        ((), (), (Participant("boss@klients.example", "", Role.PARTICIPANT),), True),
    ],
)
@pytest.mark.parametrize("released_by", ["", "janis"])
def test_nothing_leaves_unasked_after_somebody_wrote_or_others_came_in(
    newer: tuple[Last, ...], absorbed: tuple[int, ...], others: tuple[Participant, ...], leaves: bool, released_by: str
) -> None:
    written = mail("Yes.", replace(TAKEN, others=others))
    asked = replace(ASKED, digest=held.digest("Yes.")) if released_by else None
    seen = replace(written.seen, newer=newer, absorbed=absorbed, held=asked)
    assert bool(answers(did(replace(written, seen=seen, released_by=released_by)))) is leaves


def test_the_signature_of_his_mail_stays_behind_and_he_is_not_told_of_it() -> None:
    enclosed = (Enclosed("application/pkcs7-signature", f"janis {JANIS.address}", 1),)
    plan = did(mail("Yes.", attachments=(SIGNATURE, PICTURE), enclosed=enclosed))
    (answer,) = [one for one in plan.mails if one.template == "answer"]
    assert [part.filename for part in answer.attachments] == ["lamp.jpg"]
    assert (plan.told_of, plan.holds) == ((), None)


def test_what_stands_below_two_dashes_stays_behind() -> None:
    text = f"Yes.\n\n-- \nJānis\n{JANIS.address}"
    written = mail(text)
    cut = Cut(text, "", "nothing quoted", 1.0, signature=f"-- \nJānis\n{JANIS.address}")
    assert answers(did(replace(written, cut=cut))) == ["Yes."]
