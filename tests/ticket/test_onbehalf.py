"""A web form's mail is its visitor's, who writes what he likes into it."""

import time

import pytest

from maild.message import parse
from maild.message.model import Message
from maild.ticket import onbehalf
from maild.ticket.desk import Form

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
