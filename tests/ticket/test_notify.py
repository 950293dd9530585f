"""Who is sent what."""

from dataclasses import replace
from pathlib import Path

from maild.ticket import notify
from tests.rules.making import DESK, facts, ticket


def test_a_closed_ticket_is_named_as_its_own_queue_names_it() -> None:
    tagged = {key: replace(queue, tag=key[:2].upper()) for key, queue in DESK.queues.items()}
    desk = replace(DESK, queues=tagged)
    closed, new = ticket(queue="billing"), ticket(number=8)
    mails = notify.agents(facts(of=closed, desk=desk), new, tagged["support"])
    assert {mail.values["follows"] for mail in mails} == {"[#BI-7]"}
    mails = notify.agents(facts(of=new, desk=desk), new, tagged["support"])
    assert {mail.values["follows"] for mail in mails} == {""}


def test_whatever_says_that_an_answer_stays_inside_is_known_to() -> None:
    """Where addresses carry nothing, an answer is known by what it answers."""
    folder = Path(__file__).parents[2] / "templates/en"
    said = {path.name.partition(".")[0] for path in folder.glob("*.j2") if "stays inside" in path.read_text()}
    said -= {"welcome", "escalation"}  # which say it of others, or to who is no agent
    assert said <= notify.STAY_INSIDE
    assert {path.name.partition(".")[0] for path in folder.glob("*.j2")} >= notify.STAY_INSIDE
