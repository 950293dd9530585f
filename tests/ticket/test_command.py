"""The words with which agents steer tickets."""

from datetime import UTC, datetime

import pytest

from maild.ticket import command
from maild.ticket.command import CommandError, Given, Where
from maild.ticket.desk import Agent, Desk, Queue, Team
from maild.ticket.model import Participant, Priority, Role, Status, Ticket

ANNA = Agent("anna", "anna@agents.example", "Anna Kalniņa")
DESK = Desk({"anna": ANNA}, {"t": Team("t", ("anna",))}, {"q": Queue("q", ("support@example.com",), team="t")})
TICKET = Ticket(
    7,
    1,
    1,
    "q",
    Status.OPEN,
    Priority.NORMAL,
    "",
    "Lamp",
    Participant("c@x.example", "C", Role.REQUESTER),
    "en",
    datetime(2026, 11, 23, tzinfo=UTC),
)
WHERE = Where(TICKET, DESK, ANNA)


@pytest.mark.parametrize(
    ("text", "given", "rest"),
    [
        ("Hello", (), "Hello"),
        ("#solve", (Given("solve"),), ""),
        ("\n\n#Solve.\n#tag a b\n\nHello\n#close", (Given("solve"), Given("tag", "a b")), "Hello\n#close"),
        ("#1 is broken", (), "#1 is broken"),
        ("# heading", (), "# heading"),
        ("Hello\n#solve", (), "Hello\n#solve"),
        ("#assign Anna Kalniņa\n\nThanks", (Given("assign", "Anna Kalniņa"),), "Thanks"),
    ],
)
def test_only_the_first_lines_are_commands(text: str, given: tuple[Given, ...], rest: str) -> None:
    assert command.split(text) == command.Split(given, rest)


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        (Given("solve"), ["status=solved because anna"]),
        (Given("close"), ["status=closed because anna"]),
        (Given("open"), ["status=open because anna"]),
        (Given("wait"), ["status=waiting because anna"]),
        (Given("hold"), ["status=on_hold because anna"]),
        (Given("queue", "q"), ["queue=q because anna"]),
        (Given("assign", "ANNA"), ["assign anna because anna"]),
        (Given("assign", "anna@agents.example"), ["assign anna because anna"]),
        (Given("assign", "nobody"), ["assign nobody because anna"]),
        (Given("take"), ["assign anna because anna"]),
        (Given("priority", "High"), ["priority=high because anna"]),
        (Given("tag", "vip, -Spam"), ["tag +vip because anna", "tag -spam because anna"]),
        (Given("note", "call him"), ["add note  from=anna"]),
    ],
)
def test_each_command_makes_its_changes(given: Given, lines: list[str]) -> None:
    changes, _ = command.plan((given,), WHERE)
    assert [str(change) for change in changes] == lines


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (Given("slove"), "did you mean #solve?"),
        (Given("assign", "ana"), "did you mean anna?"),
        (Given("priority", "asap"), "urgent, high, normal, low"),
        (Given("tag"), "one or more words"),
        (Given("solve", "the problem"), "write your text on the next line"),
    ],
)
def test_a_wrong_command_says_what_to_write_instead(given: Given, says: str) -> None:
    with pytest.raises(CommandError, match=says.replace("?", r"\?").replace("(", r"\(")):
        command.plan((given,), WHERE)


def test_a_wrong_command_undoes_the_right_ones_before_it() -> None:
    with pytest.raises(CommandError):
        command.plan((Given("solve"), Given("slove")), WHERE)


def test_note_keeps_the_text_inside() -> None:
    assert command.plan((Given("note"),), WHERE)[1]
    assert not command.plan((Given("solve"),), WHERE)[1]
