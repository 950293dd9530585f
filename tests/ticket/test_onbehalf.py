"""A web form's mail is its visitor's, who writes what he likes into it."""

import time

import pytest

from maild.message import parse
from maild.message.model import Message
from maild.ticket import onbehalf
from maild.ticket.desk import Agent, Desk, Form, Queue

FIELD = Form("contact", "web@shop.example", "field")
SECONDS = 2.0  # of processor time; what grows with the square of the length takes minutes


def filled_in(text: str) -> Message:
    return parse.parse(f"From: web@shop.example\r\nSubject: contact\r\n\r\n{text}\r\n".encode())


@pytest.mark.parametrize(
    ("text", "address", "name"),
    [
        ("Name: Anna Liepa\nEmail: anna@visitor.example\n\nHello", "anna@visitor.example", "Anna Liepa"),
        ("*E-mail*: <mailto:anna@visitor.example>\n", "anna@visitor.example", ""),
        ("- Vārds, uzvārds: Anna\n- E-pasts:\n\n  anna@visitor.example\n", "anna@visitor.example", "Anna"),
        ("Имя = Анна\nЭл. почта = anna@visitor.example\n", "anna@visitor.example", "Анна"),
    ],
)
def test_the_visitor_is_whom_the_fields_name(text: str, address: str, name: str) -> None:
    found = onbehalf.of_form(filled_in(text), FIELD)
    assert found is not None
    assert (found.message.sender.address, found.message.sender.name) == (address, name)


@pytest.mark.parametrize(
    "text", ["Hello", "Email: none", "Email: a@b@visitor.example", "my email is anna@visitor.example"]
)
def test_whoever_is_not_named_is_nobody(text: str) -> None:
    assert onbehalf.of_form(filled_in(text), FIELD) is None


@pytest.mark.parametrize(
    "once", ["\n", "-\n", ":", "@", " ", "email:\n", "email::", "name: \n", "name: a  ", "email: a@b.c"]
)
def test_a_visitor_cannot_make_us_read_for_ever(once: str) -> None:
    """A form takes whatever is typed into it, and no worker may be lost to it."""
    message = filled_in(f"Email: {once * 20_000}\nName: {once * 20_000}x")
    begun = time.process_time()
    onbehalf.of_form(message, FIELD)
    assert time.process_time() - begun < SECONDS


DESK = Desk(
    queues={"support": Queue("support", addresses=("support@shop.example",))},
    agents={"zane": Agent("zane", "zane@shop.example", "Zane")},
    teams={},
)


def posted(reply_to: str, sender: str = "'Anna' via Support <support@shop.example>") -> Message:
    """A mail as a group hands it on for somebody whose domain lets nobody else write."""
    return parse.parse(f"From: {sender}\r\nReply-To: {reply_to}\r\nSubject: lamp\r\n\r\nHello\r\n".encode())


@pytest.mark.parametrize(
    ("reply_to", "name"), [("anna@visitor.example", "Anna"), ("Anna Liepa <anna@visitor.example>", "Anna Liepa")]
)
def test_a_groups_mail_is_its_writers(reply_to: str, name: str) -> None:
    found = onbehalf.of_list(posted(reply_to), DESK)
    assert found is not None
    assert (found.message.sender.address, found.message.sender.name) == ("anna@visitor.example", name)


@pytest.mark.parametrize(
    "message",
    [
        posted("zane@shop.example"),
        posted("support@shop.example"),
        posted("anna@visitor.example, carl@visitor.example"),
        posted("anna@visitor.example", sender="Carl <carl@visitor.example>"),
    ],
)
def test_a_group_speaks_for_none_of_us_and_for_nobody_who_wrote_himself(message: Message) -> None:
    assert onbehalf.of_list(message, DESK) is None


@pytest.mark.parametrize("post", ["<mailto:list@other.example>", "NO", "<mailto:" * 50_000, "<https://shop.example>"])
def test_only_a_list_that_is_our_own_address_is_overlooked(post: str) -> None:
    message = parse.parse(f"From: a@b.example\r\nList-Post: {post}\r\n\r\nHello\r\n".encode())
    begun = time.process_time()
    assert not onbehalf.over_our_list(message, DESK)
    assert time.process_time() - begun < SECONDS


SUPPORT = DESK.queues["support"]


def carried(reply_to: str, writer: str, kind: str = "posta-certificata") -> Message:
    """A mail as a provider of certified mail hands it on, with what somebody wrote enclosed."""
    head = 'From: "Per conto di: anna@pec.example" <posta-certificata@provider.example>\r\n'
    head += f"Reply-To: {reply_to}\r\nX-Trasporto: {kind}\r\nSubject: POSTA CERTIFICATA: lamp\r\n"
    inner = f"From: {writer}\r\nSubject: lamp\r\nMessage-ID: <p1@pec.example>\r\n\r\nIt is dark.\r\n"
    parts = f"--b\r\n\r\nE' in allegato.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}--b--\r\n"
    return parse.parse(f"{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n{parts}".encode())


@pytest.mark.parametrize("kind", ["posta-certificata", "Errore"])
def test_what_certified_mail_carries_is_its_writer_s(kind: str) -> None:
    """Else all who have one provider would be one customer, whom nobody can answer."""
    found = onbehalf.of_certified(carried("anna@pec.example", "Anna <anna@pec.example>", kind), DESK, SUPPORT)
    assert found is not None
    told = found.message
    assert (told.sender.address, told.sender.name, told.subject) == ("anna@pec.example", "Anna", "lamp")
    assert told.text.strip() == "It is dark."


def test_certified_mail_of_which_nothing_tells_who_wrote_is_whom_the_provider_names() -> None:
    found = onbehalf.of_certified(carried("anna@pec.example", "eve@evil.example"), DESK, SUPPORT)
    assert found is not None
    assert found.message.sender.address == "anna@pec.example"


@pytest.mark.parametrize(
    "message",
    [
        carried("zane@shop.example", "zane@shop.example"),
        carried("anna@pec.example, carl@pec.example", "anna@pec.example"),
        carried("anna@pec.example", "anna@pec.example", kind="avvenuta-consegna"),
        posted("anna@pec.example"),
    ],
)
def test_certified_mail_speaks_for_none_of_us_and_other_mail_for_nobody(message: Message) -> None:
    assert onbehalf.of_certified(message, DESK, SUPPORT) is None
