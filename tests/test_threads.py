"""Answers to our own mails, as mail clients and relays really make them, find their ticket by each key alone."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from maild.message.model import Letter
from maild.store import intake
from maild.store.tables import INTAKE, REF, TICKET
from tests.stories.play import Player

ANNA = "anna@klients.example"


def mail(
    number: int,
    subject: str = "Lampa nedeg",
    sender: str = ANNA,
    text: str = "Labdien!",
    message_id: str = "",
    **fields: str,
) -> bytes:
    head = {
        "From": f"Somebody <{sender}>",
        "To": "support@example.com",
        "Subject": subject,
        "Message-ID": message_id or f"<m{number}@klients.example>",
        **{name.replace("_", "-"): value for name, value in fields.items() if value},
    }
    return ("".join(f"{k}: {v}\r\n" for k, v in head.items()) + f"\r\n{text}\r\n").encode()


def ticket_of(player: Player, raw: bytes, sender: str = ANNA, to: str = "support@example.com") -> int | None:
    """Receive a mail and return the ticket that it was filed under."""
    player.now += timedelta(minutes=1)
    number = player.receive(raw, sender, (to,), f"test:{hash(raw)}:{to}:{player.now}")
    player.work()
    row = player.opened.store.read(lambda c: c.execute(select(INTAKE).where(INTAKE.c.id == number)).one())
    return int(row.ticket) if row.ticket is not None else None


def answered(player: Player) -> Letter:
    """Open ticket 1 and let Janis answer it; return what Anna got."""
    assert ticket_of(player, mail(1)) == 1
    notice = player.newest("janis@agents.example")
    to = notice.header("Reply-To").rpartition("<")[2].rstrip(">")
    reply = mail(2, "Re: Lampa nedeg [#EX-1]", "janis@agents.example", "Vai ir elektrība?", "<a1@agents.example>")
    assert ticket_of(player, reply, "janis@agents.example", to) == 1
    letter = player.newest(ANNA)
    assert letter.template == "answer"
    return letter


def reply_to(letter: Letter) -> str:
    return letter.header("Reply-To").rpartition("<")[2].rstrip(">")


# What is left of our mail in an answer to it, by client; `to` is where it goes.
CLIENTS = {
    "gmail": {"In_Reply_To": "{id}", "References": "{refs} {id}", "to": "{token}"},
    "apple mail": {"In_Reply_To": "{id}", "References": "{refs} {id}", "to": "{token}"},
    "outlook": {
        "In_Reply_To": "{id}",
        "References": "{id}",
        "Thread_Index": "AdxcQ2lkZXJpYmFzZTY0aGVyZQ==",
        "to": "{token}",
    },
    "outlook mobile, neither": {"to": "{token}"},
    "webmail without References": {"In_Reply_To": "{id}", "to": "support@example.com"},
    "References alone": {"References": "{refs} {id}", "to": "support@example.com"},
    "a relay rewrote our Message-ID: root alone": {
        "In_Reply_To": "<0100019@eu-west-1.amazonses.com>",
        "References": "{root} <0100019@eu-west-1.amazonses.com>",
        "to": "support@example.com",
    },
    "his own earlier mail alone": {"References": "<m1@klients.example>", "to": "support@example.com"},
    "token in capitals": {"to": "{TOKEN}"},
    "the tag in the subject alone": {"to": "support@example.com"},
}


def test_the_tag_alone_leads_whom_an_agent_wrote_to_first_to_his_ticket(player: Player) -> None:
    """It is the first mail that he ever sends, and his program has left nothing of ours but the subject."""
    janis, stock = "janis@agents.example", "stock@supplier.example"
    begun = mail(1, "Chairs", janis, f"#to {stock}\n\nWe need twenty chairs.")
    player.receive(begun, janis, ("support@example.com",), "test:begun", auth="janis")
    player.work()
    assert player.newest(stock).header("Subject") == "Chairs [#EX-1]"
    assert ticket_of(player, mail(2, "Re: Chairs [#EX-1]", stock), stock) == 1
    assert ticket_of(player, mail(3, "Re: Chairs [#EX-1]", "he@stranger.example"), "he@stranger.example") == 2


@pytest.mark.parametrize("client", CLIENTS)
def test_an_answer_finds_its_ticket(player: Player, client: str) -> None:
    letter = answered(player)
    refs = letter.header("References")
    places = {
        "id": letter.header("Message-ID"),
        "refs": refs,
        "root": refs.split()[0],
        "token": reply_to(letter),
        "TOKEN": reply_to(letter).upper(),
    }
    left = {name: value.format(**places) for name, value in CLIENTS[client].items()}
    to = left.pop("to")
    subject = f"Re: {letter.header('Subject')}" if "subject" in client else "Re: Lampa nedeg"
    assert ticket_of(player, mail(3, subject, **left), to=to) == 1


def test_bare_equality_of_subjects_joins_nobody(player: Player) -> None:
    assert ticket_of(player, mail(1)) == 1
    assert ticket_of(player, mail(2)) == 2, "the same sender, but no answer"
    assert ticket_of(player, mail(3, "Re: Lampa nedeg", "zoe@other.example"), "zoe@other.example") == 3
    assert ticket_of(player, mail(4, "Re: Lampa nedeg")) == 4, "two of his tickets fit: a hint says nothing"


def test_a_stranger_who_guesses_a_tag_gets_a_ticket_of_his_own(player: Player) -> None:
    assert ticket_of(player, mail(1)) == 1
    assert ticket_of(player, mail(2, "Re: x [#EX-1]", "eve@evil.example"), "eve@evil.example") == 2


def test_a_stranger_with_a_known_reference_is_a_third_party_and_is_sent_nothing(player: Player) -> None:
    letter = answered(player)
    raw = mail(5, "Re: Lampa nedeg", "eve@evil.example", In_Reply_To=letter.header("Message-ID"))
    assert ticket_of(player, raw, "eve@evil.example") == 1
    with pytest.raises(AssertionError, match="nothing was sent"):
        player.newest("eve@evil.example")
    to = reply_to(player.newest("janis@agents.example"))
    answer = mail(6, "Re: Lampa", "janis@agents.example", "Paldies!", "<a2@agents.example>")
    assert ticket_of(player, answer, "janis@agents.example", to) == 1
    assert player.newest(ANNA).text.startswith("Paldies!") or "Paldies!" in player.newest(ANNA).text
    with pytest.raises(AssertionError, match="nothing was sent"):
        player.newest("eve@evil.example")


def test_a_colleague_of_the_customer_is_known_by_his_domain_unless_everybody_lives_there(player: Player) -> None:
    assert ticket_of(player, mail(1)) == 1
    ieva = mail(2, "Re: Lampa", "ieva@klients.example", References="<m1@klients.example>")
    assert ticket_of(player, ieva, "ieva@klients.example") == 1
    assert ticket_of(player, mail(3, sender="a@gmail.com", message_id="<g1@gmail.com>"), "a@gmail.com") == 2
    other = mail(4, "Re: Lampa", "b@gmail.com", References="<g1@gmail.com>")
    assert ticket_of(player, other, "b@gmail.com") == 2
    people = player.opened.store.read(lambda c: c.execute(select(TICKET.c.number)).all())
    assert len(people) == 2
    shown = "\n".join(_history(player, 2))
    assert "b@gmail.com third_party" in shown


def test_a_parent_that_comes_late_joins_its_child(player: Player) -> None:
    child = mail(2, "Re: Lampa", References="<m1@klients.example>")
    assert ticket_of(player, child) == 1
    assert ticket_of(player, mail(1)) == 1
    assert ticket_of(player, mail(9, "Cits", "eve@evil.example", References="<zz@x.example>"), "eve@evil.example") == 2


def test_two_copies_of_one_mail_become_one_message(player: Player) -> None:
    raw = mail(1)
    assert ticket_of(player, raw) == 1
    copy = b"Received: from elsewhere by mx; Mon, 23 Nov 2026 10:00:00 +0000\r\n" + raw
    assert ticket_of(player, copy) is None
    rows = player.opened.store.read(lambda c: list(intake.listed(c)))
    assert [row.fate for row in rows] == ["filed", "filed"]
    assert "copy" in rows[0].because
    assert player.opened.store.read(lambda c: len(c.execute(select(TICKET)).all())) == 1


def test_a_message_id_used_again_for_another_text_is_kept(player: Player) -> None:
    assert ticket_of(player, mail(1)) == 1
    again = mail(1, "Pavisam kas cits", text="Cits teksts", message_id="<m1@klients.example>")
    assert ticket_of(player, again) == 2


def test_whoever_says_the_same_again_has_said_it_again(player: Player) -> None:
    assert ticket_of(player, mail(1)) == 1
    assert ticket_of(player, mail(2, In_Reply_To="<m1@klients.example>")) == 1
    assert ticket_of(player, mail(3, In_Reply_To="<m2@klients.example>", References="<m1@klients.example>")) == 1


def test_an_agent_who_asks_as_a_customer_goes_on_as_one_whatever_is_left_of_our_mail(player: Player) -> None:
    janis, zane = "janis@agents.example", "zane@agents.example"
    assert ticket_of(player, mail(1, sender=janis), janis) == 1
    answer = mail(2, "Re: Lampa nedeg", zane, "Vai ir elektrība?", "<a1@agents.example>")
    assert ticket_of(player, answer, zane, reply_to(player.newest(zane))) == 1
    letter = player.newest(janis, "answer")
    again = mail(3, "Re: Lampa nedeg", janis, "Ir.", In_Reply_To=letter.header("Message-ID"))
    assert ticket_of(player, again, janis) == 1
    once_more = mail(4, "Re: Lampa nedeg", janis, "Un vēl.")
    assert ticket_of(player, once_more, janis, reply_to(letter)) == 1
    assert player.newest(janis, "answer") == letter, "his words go to nobody but who answers him"
    added = [line.split()[1:3] for line in _history(player, 1) if line.startswith("add ")]
    assert added == [
        ["in", "<m1@klients.example>"],
        ["out", "<a1@agents.example>"],
        *(["in", f"<m{number}@klients.example>"] for number in (3, 4)),
    ]


def test_references_that_go_in_a_circle_end(player: Player) -> None:
    assert ticket_of(player, mail(1, References="<m2@klients.example>")) == 1
    assert ticket_of(player, mail(2, "Re: x", References="<m1@klients.example> <m2@klients.example>")) == 1


def _history(player: Player, number: int) -> list[str]:
    from maild.store import histories

    return [entry.text for entry in player.opened.store.read(lambda c: histories.of(c, number))]


def test_our_own_ids_do_not_tell_the_host(player: Player) -> None:
    letter = answered(player)
    assert re.fullmatch(r"<tk1\.[0-9a-f]{16}\.[0-9a-f]{8}@example\.com>", letter.header("Message-ID"))


def test_an_id_is_written_down_for_a_ticket_once(player: Player) -> None:
    """In a long conversation each mail names all before it: of ours, and of those that are filed, nothing is new."""
    root = answered(player).header("References").split()[0]
    named = [root, "<m1@klients.example>"]
    for number in range(10, 20):
        raw = mail(number, "Re: Lampa nedeg", References=" ".join([*named, "<lost@klients.example>"]))
        assert ticket_of(player, raw) == 1
        named.append(f"<m{number}@klients.example>")
    refs = player.opened.store.read(lambda c: c.execute(select(REF.c.message_id, REF.c.filed)).all())
    theirs = Counter(row for row in refs if "@klients.example" in row.message_id)
    assert set(theirs.values()) == {1}
    assert ("<lost@klients.example>", False) in theirs
    assert root not in {row.message_id for row in refs}
