"""When a rating counts, who hears of it, and what is counted."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from maild.message.model import Address, Attachment, Kind
from maild.ticket import ratings
from maild.ticket.facts import Facts
from maild.ticket.model import Participant, Role, Status
from tests.conftest import NOON
from tests.rules.making import DESK, facts, holds, ticket
from tests.stories.play import playing
from tests.verbs import run

BOSS = "boss@klients.example"
ASKS = replace(DESK, queues={key: replace(one, ask_rating=True) for key, one in DESK.queues.items()})
SOLVED = ticket(status=Status.SOLVED)
PHOTO = Attachment(1, "lamp.jpg", "image/jpeg", 10)


def rating(text: str = "4", own_token: bool = True, **values: Any) -> Facts:
    return replace(facts(text=text, **{"of": SOLVED, "desk": ASKS, **values}), own_token=own_token)


@pytest.mark.parametrize("status", [Status.SOLVED, Status.CLOSED])
def test_the_requester_rates_what_is_over(status: Status) -> None:
    assert ratings.of(rating(of=ticket(status=status))) == 4


@pytest.mark.parametrize("status", [one for one in Status if not one.ended])
def test_a_figure_may_be_the_answer_to_an_agents_question(status: Status) -> None:
    assert ratings.of(rating(of=ticket(status=status))) is None


@pytest.mark.parametrize(
    "values",
    [
        {"desk": DESK},
        {"of": None},
        {"of": ticket(status=Status.CLOSED, tags=("spam",))},
        {"own_token": False},
        {"kind": Kind.AUTOMATIC},
        {"attachments": (PHOTO,)},
        {
            "sender": Address("", BOSS),
            "of": replace(SOLVED, others=(Participant(BOSS, "", Role.PARTICIPANT),)),
        },
    ],
)
def test_what_is_no_rating(values: dict[str, Any]) -> None:
    assert ratings.of(rating(**values)) is None


def test_the_logo_of_a_signature_is_no_file() -> None:
    assert ratings.of(rating(attachments=(replace(PHOTO, inline=True),))) == 4


def test_a_rule_sees_the_rating_of_the_mail_or_the_one_before() -> None:
    assert holds({"rating": {"under": 3}}, rating("2"))
    assert not holds({"rating": {"under": 3}}, rating("4", of=replace(SOLVED, rating=1)))
    assert holds({"rating": 1}, rating("It is broken again.", of=replace(SOLVED, rating=1)))
    assert not holds({"rating": {"under": 6}}, rating("It is broken again.")), "nothing is less than no rating"


def test_a_low_rating_is_told_to_the_lead_or_while_she_is_away_to_the_manager() -> None:
    def told(**values: Any) -> list[str]:
        about = rating(**values)
        return [mail.to.party for mail in ratings.told(about, SOLVED, about.queue, ())]

    away = replace(DESK.agents["zane"], away=(NOON.date(),))
    here = replace(DESK.agents["olga"], away=())
    assert told(text="2") == ["zane"]
    assert told(text="3") == []
    assert told(text="1", desk=replace(ASKS, agents={**DESK.agents, "zane": away, "olga": here})) == ["olga"]
    assert told(text="1", desk=replace(ASKS, agents={**DESK.agents, "zane": away})) == ["zane"], "somebody must be told"
    assert told(text="1", desk=replace(ASKS, teams={})) == []


def test_who_is_sent_the_mail_anyhow_is_not_told_twice() -> None:
    about = rating("1")
    first = ratings.told(about, SOLVED, about.queue, ())
    assert ratings.told(about, SOLVED, about.queue, first) == []


def test_ratings_are_counted(tmp_path: Path) -> None:
    story = Path(__file__).parents[1] / "stories/how-it-was"
    with playing(tmp_path / "site", f"sqlite:///{tmp_path}/maild.db", NOON, story) as player:
        for step in ("01-anna-asks.eml", "02-janis-answers-and-solves.eml", "09-anna-rates-low.eml"):
            player.play(story / step)
    said = run(tmp_path / "site", "list", "--ratings", "--json")
    counted = {"5": 0, "4": 0, "3": 0, "2": 0, "1": 1}
    assert json.loads(said) == {"rated": 1, "average": 1.0, "ratings": counted}
    assert json.loads(run(tmp_path / "site", "list", "--all", "--json"))["rating"] == 1
    assert "rated 1 of 5" in run(tmp_path / "site", "show", "1")
