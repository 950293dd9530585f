"""Why something was not done, in the agent's language."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from maild.agents import command, deeds, orders
from maild.agents.model import Where
from maild.agents.syntax import CommandError, Given
from maild.ticket.evolve import begin
from maild.ticket.reason import LATVIAN, Reason, said
from tests.ticket.test_timers import DESK, MONDAY, OPENED

MAILD = Path(command.__file__).parents[1]
TOLD = ("CommandError", "MomentError", "Reason")
AT_THE_TERMINAL = re.compile(r"terminal|write it as a mail|#use goes into")
WHERE = Where(begin(1, OPENED, MONDAY), DESK, DESK.agents["janis"], MONDAY)
PLACE = re.compile(r"\{[^{}]*\}")


def sentences() -> Iterator[str]:
    """Every sentence of which one of these is made, wherever in the code of tickets and of agents' mails."""
    hours = (MAILD / "hours" / name for name in ("instants.py", "spans.py"))
    rooms = (path for room in ("ticket", "agents") for path in (MAILD / room).glob("*.py"))
    for path in (*rooms, *hours, MAILD / "chores" / "experience.py", MAILD / "deciding" / "judge.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(node, "func", None)
            if isinstance(node, ast.Call) and (getattr(name, "id", "") or getattr(name, "attr", "")) in TOLD:
                assert not isinstance(node.args[0], ast.JoinedStr), f"{path}:{node.lineno}: its values go beside it"
                found = ast.walk(node.args[0])
                yield from (str(one.value) for one in found if isinstance(one, ast.Constant) and one.value)


@pytest.mark.parametrize("words", sorted({one for one in sentences() if not AT_THE_TERMINAL.search(one)}))
def test_every_reason_has_latvian_words(words: str) -> None:
    assert words in LATVIAN


@pytest.mark.parametrize("words", LATVIAN)
def test_the_same_values_stand_in_both(words: str) -> None:
    assert PLACE.findall(LATVIAN[words]) == PLACE.findall(words)


@pytest.mark.parametrize(
    ("line", "english", "latvian"),
    [
        (
            "queue suport",
            "there is no queue 'suport'; did you mean support?",
            "rindas 'suport' nav; vai domājāt support?",
        ),
        (
            "assign",
            "#assign takes an agent, me, or nobody; there are janis",
            "#assign vajadzīgs kolēģis, me vai nobody; ir janis",
        ),
        ("wait someday", "'someday' is no moment; write it as", "'someday' nav laiks; rakstiet, piemēram, \"rīt"),
        ("sollve", "#sollve is no command; did you mean #solve?", "#sollve nav komanda; vai domājāt #solve?"),
        ("block", "#block is for a lead: ask one", "#block drīkst tikai vadītājs: lūdziet"),
        ("tag", "#tag takes one or more words", "#tag vajadzīgs vismaz viens vārds"),
    ],
)
def test_a_refused_command_is_explained_in_his_language(line: str, english: str, latvian: str) -> None:
    word, _, rest = line.partition(" ")
    with pytest.raises(CommandError) as refused:
        orders.plan([Given(word, rest)], WHERE)
    assert str(refused.value).startswith(english)
    assert said(refused.value.reason, "lv").startswith(latvian)
    assert said(refused.value.reason, "ru") == str(refused.value)


def test_what_nobody_translated_is_told_as_it_is() -> None:
    assert said(Reason("as {} is", "it"), "lv") == "as it is"
    assert said("a card number", "lv") == "kartes numurs"


def test_an_assignment_names_somebody() -> None:
    """A bare #assign took the ticket from who had it."""
    with pytest.raises(CommandError):
        deeds.assign(WHERE, "")
    assert deeds.assign(WHERE, "nobody")
