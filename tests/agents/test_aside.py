"""How a colleague is asked, and who hears what he answers."""

from dataclasses import replace

import pytest

from maild.agents import aside, orders
from maild.agents.model import Aside
from maild.agents.syntax import CommandError, Given
from maild.ticket import words
from maild.ticket.change import AddMessage, SetField
from tests.agents.test_command import ANNA, DESK, OTHERS, TICKET, WHERE

JB = OTHERS[0]


@pytest.mark.parametrize(
    ("rest", "who", "question"),
    [
        ("jb Is it valid?", "jb", "Is it valid?"),
        ("Jānis Bērziņš Is it valid?", "jb", "Is it valid?"),
        ("janis berzins: is it valid?", "jb", "is it valid?"),
        ("Jānis, is  it valid?", "jb", "is  it valid?"),
        ("@jb is it valid?", "jb", "is it valid?"),
        ("jb@agents.example<mailto:jb@agents.example> is it valid?", "jb", "is it valid?"),
        ("<pk@agents.example>", "pk", ""),
    ],
)
def test_a_line_begins_with_whom_it_asks(rest: str, who: str, question: str) -> None:
    ordered = orders.plan((Given("ask", rest),), WHERE)
    assert ordered.asides == (Aside(who, question),)
    assert ordered.inside


@pytest.mark.parametrize(
    ("rest", "says"),
    [
        ("", "takes a colleague and a question; there are anna"),
        ("anna Am I right?", "Anna Kalniņa is you"),
        ("pēteris Is it valid?", "nobody is called 'pēteris'"),
        ("c@x.example Is it valid?", "begins with #to"),
    ],
)
def test_who_cannot_be_asked(rest: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        orders.plan((Given("ask", rest),), WHERE)


def test_several_are_asked_and_each_remembers_who_asked() -> None:
    given_ = (Given("ask", "jb Is it valid?"), Given("ask", "pk Who signed it?"))
    ordered = orders.plan(given_, replace(WHERE, ticket=replace(TICKET, fields=(("asked jb", "po"),))))
    assert ordered.changes == (SetField("asked jb", "po anna", "anna"), SetField("asked pk", "anna", "anna"))
    assert [one.question for one in aside.asked(ordered.asides, "She is in a hurry.")] == [
        "Is it valid?\n\nShe is in a hurry.",
        "Who signed it?\n\nShe is in a hurry.",
    ]


def test_a_file_may_be_the_question() -> None:
    assert aside.asked((Aside("jb", ""),), "", files=True)
    with pytest.raises(CommandError, match="needs a question"):
        aside.asked((Aside("jb", ""),), "")


def test_an_answer_goes_to_who_asked_and_a_note_about_one_to_who_was_asked() -> None:
    asked = replace(TICKET, fields=(("asked jb", "anna po gone"), ("asked pk", "po"), ("order", "jb")))
    assert aside.askers(asked, JB, DESK) == [ANNA, OTHERS[2]]
    assert aside.askers(asked, ANNA, DESK) == [], "her other notes are none of his business"
    assert aside.askers(asked, ANNA, DESK, answers_note=True) == [JB]
    assert aside.askers(asked, None, DESK) == []


def test_a_history_tells_a_note_from_an_answer() -> None:
    assert words.happened(AddMessage.note("jb", "Jānis", "Yes"), DESK, "UTC", "en") == "wrote a note"
    assert words.happened(SetField("asked jb", "anna", "anna"), DESK, "UTC", "en") == "asked Jānis Bērziņš"
