"""What commands at the terminal do, where there is no mail."""

from dataclasses import replace

import pytest

from maild.agents import syntax, terminal
from maild.agents.syntax import CommandError
from maild.ticket.change import AddMessage
from maild.ticket.facts import Last
from maild.ticket.model import Visibility
from tests.agents.test_command import OTHERS, TICKET, WHERE

JB = OTHERS[0]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("#note", "#note takes a text at the terminal"),
        ("#solve\n\nWe have mended it", "write it as a mail"),
        ("#to boss@customer.example\nHello", "write it as a mail"),
    ],
)
def test_what_the_terminal_cannot_do_says_how_it_is_done(words: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        terminal.plan(syntax.split(words), WHERE, None)


def test_all_lines_of_a_note_at_the_terminal_are_kept() -> None:
    plan, _ = terminal.plan(syntax.split("#note She called.\n#tag lamp\n\nCall back!"), WHERE, None)
    (added,) = [one for one in plan.changes if isinstance(one, AddMessage)]
    assert added.text == "She called.\n\nCall back!"


def test_at_the_terminal_an_agent_asks_and_is_answered() -> None:
    last = Last("C", "Is my discount valid?", TICKET.opened_at, "c@x.example")
    plan, _ = terminal.plan(syntax.split("#ask jb Is it valid?"), WHERE, last)
    note, _ = plan.changes
    assert isinstance(note, AddMessage)
    assert note.visibility is Visibility.NOTE
    assert note.new_text == "#ask Jānis Bērziņš: Is it valid?"
    (mail,) = plan.mails
    assert (mail.template, mail.to.party, mail.note) == ("question", "jb", True)
    assert mail.values["quoted_text"] == "Is my discount valid?"
    asked = replace(TICKET, fields=(("asked jb", "anna"),))
    plan, _ = terminal.plan(syntax.split("#note Yes"), replace(WHERE, ticket=asked, agent=JB), last)
    assert [(one.template, one.to.party) for one in plan.mails] == [("note", "anna")]
    with pytest.raises(CommandError, match="--as NAME"):
        terminal.plan(syntax.split("#ask jb Is it valid?"), replace(WHERE, agent=None), last)


def test_the_question_whether_all_is_well_goes_to_whom_and_from_where_the_ticket_is_then() -> None:
    """The customer is told after how many days it closes: those of the queue to which the same words move it."""
    moved = replace(WHERE.desk.queues["q"], key="slow", close_after="9 working days")
    where = replace(WHERE, desk=replace(WHERE.desk, queues={**WHERE.desk.queues, "slow": moved}))
    words = "#solve\n#requester boss@x.example\n#queue slow"
    plan, _ = terminal.plan(syntax.split(words), where, None)
    (mail,) = [one for one in plan.mails if one.template == "solved"]
    assert (mail.to.address, mail.queue, mail.values["days"]) == ("boss@x.example", "slow", "9 working days")
    assert mail.values["status"] == "solved"
    for words in ("#solve\n#close", "#solve\n#open"):
        plan, _ = terminal.plan(syntax.split(words), where, None)
        assert not plan.mails, "it is not left solved"
