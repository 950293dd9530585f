"""Orders on mails that rules hold: given by who proves who he is, by nobody's program, and all of them or none."""

from dataclasses import replace

import pytest

from maild.agents import quarantine
from maild.message.model import Address, Kind
from maild.ticket.facts import Asked
from maild.ticket.plan import Fate, Order, Plan, Verb
from maild.ticket.proof import Level, Proof
from tests.rules.making import DESK, facts

ZANE, JANIS = DESK.agents["zane"], DESK.agents["janis"]
HELD = {5: "eve@evil.example", 6: ""}


def did(text: str, level: Level = Level.PROVED, kind: Kind = Kind.HUMAN, by: str = "zane", owner: str = "zane") -> Plan:
    """Return what a mail does to the address of the list that Zane was sent."""
    answer = facts(text=text, kind=kind, sender=Address("", f"{by}@agents.example"))
    seen = replace(answer.seen, asked=Asked(held=HELD))
    agent, proof = DESK.agents.get(by), Proof(level, "a test says so")
    return quarantine.answered(replace(answer, seen=seen, agent=agent, proof=proof), DESK.agents.get(owner))


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("#release 5", [(Verb.RELEASE, 5)]),
        ("#block 5, #6", [(Verb.BLOCK, 5), (Verb.BLOCK, 6)]),
        ("#release 5\n#block 6\n\nZane", [(Verb.RELEASE, 5), (Verb.BLOCK, 6)]),
    ],
)
def test_what_is_ordered_is_done(text: str, orders: list[tuple[Verb, int]]) -> None:
    plan = did(text)
    assert plan.orders == tuple(Order(verb, number, "zane") for verb, number in orders)
    assert [mail.to.party for mail in plan.mails] == ["zane"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Yes, please.",
        "Please #release 5",
        "#release",
        "#release all",
        "#release 5 and 6",
        "#solve 5",
        "#release 7",  # it is held no longer
        "#release 5 7",
        "#release 5\n#release 999999999999",
    ],
)
def test_what_is_no_order_orders_nothing_and_is_given_back(text: str) -> None:
    plan = did(text)
    assert (plan.orders, plan.fate) == ((), Fate.FILED)
    assert [mail.to.party for mail in plan.mails] == ["zane"]


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.HUMAN])
def test_a_program_orders_nothing_and_is_not_answered(kind: Kind) -> None:
    plan = did("#release 5", kind=kind)
    assert (plan.orders, plan.mails) == ((), ())


@pytest.mark.parametrize(
    ("level", "by", "owner", "told"),
    [
        (Level.CONFIRM, "zane", "zane", ["zane"]),
        (Level.REFUSED, "janis", "zane", ["zane"]),  # whose address somebody else has
        (Level.REFUSED, "eve", "zane", ["zane"]),
        (Level.CONFIRM, "zane", "nobody", ["zane"]),
        (Level.NONE, "eve", "nobody", []),
        (Level.PROVED, "eve", "nobody", []),
    ],
)
def test_what_nothing_proves_is_held_and_its_address_s_owner_told(
    level: Level, by: str, owner: str, told: list[str]
) -> None:
    plan = did("#release 5", level, by=by, owner=owner)
    assert (plan.orders, plan.fate) == ((), Fate.HELD)
    assert [mail.to.party for mail in plan.mails] == told
