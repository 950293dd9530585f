"""Rules: to load and check 1,000 of them, and to ask all of them about one mail.

    python -m tests.bench.rules

All figures are the best of several rounds; the words of the trace, which `explain` and the ticket's history show, are
counted apart.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from timeit import Timer
from typing import Any

from maild.opened import inspected
from maild.rules import actions, conditions
from maild.rules.evaluate import Rule, evaluate
from maild.site import new, rulefiles, settings
from tests.bench.table import Row, alone, show
from tests.rules.making import facts

COUNT = 1_000
DESK = """
agents: {janis: {address: janis@agents.example}}
teams: {support: {members: [janis]}}
calendars: {office: {timezone: Europe/Riga, hours: {mon-fri: "09:00-18:00"}}}
promises: {standard: {first_reply: {normal: 8wh}}}
queues: {support: {addresses: [support@example.com], team: support, calendar: office, promise: standard}}
"""
AIM_MS = 3.0
WORDS = "lampa rēķins piegāde atgriešana refund invoice order delivery broken password".split()
TEXT = "Labdien! Mana lampa nedeg, un pasūtījums Nr. 123456 vēl nav atnācis. Ko man darīt? " * 40  # 3.3 KB


def rows() -> Iterator[Row]:
    mail = facts("Pasūtījums 123456: kur tas ir?", TEXT)
    for name, one in KINDS.items():
        rules = made(one)
        took = of(lambda rules=rules: evaluate(rules, mail))
        yield alone(f"{COUNT} rules over a mail: {name}", f"aim {AIM_MS:.0f} ms", [took], " ms")
        told = of(lambda rules=rules: evaluate(rules, mail).trace)
        yield alone("the same, with the words of the trace", "–", [told], " ms")
    yield from whole_site()


def files_of(folder: Path) -> None:
    """Write a desk and the mix as rule files, with a test for every tenth rule."""
    folder.mkdir()
    (folder / "desk.yaml").write_text(DESK)
    rules = [{"name": f"rule {n}", "when": mix(n), "then": [{"tag": f"t{n}"}], **tests_of(n)} for n in range(COUNT)]
    (folder / "rules.yaml").write_text("rules:\n" + "".join(f"- {json.dumps(rule)}\n" for rule in rules))


def tests_of(n: int) -> dict[str, Any]:
    mail = {"subject": f"{WORDS[0]}-{n}"}
    return {"tests": [{"mail": mail, "then": [{"tag": f"t{n}"}]}]} if n % 10 == 1 else {}


def whole_site() -> Iterator[Row]:
    """Load and check the mix as files, with 100 tests."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "site"
        new.write_site(folder, "lv", "example.com")
        shutil.rmtree(folder / "rules")
        files_of(folder / "rules")
        found = settings.load(folder)
        yield alone(f"load {COUNT} rules", "–", [of(lambda: rulefiles.load(folder / "rules", "UTC"), 3)], " ms")
        check = of(lambda: inspected(folder, found), 3)
        yield alone("check them, 100 tests and all templates", "–", [check], " ms")


def subject(n: int) -> Any:
    return {"subject": {"contains": [f"{word}-{n}" for word in WORDS[:3]]}}


def text(n: int) -> Any:
    return {"text": {"contains": [f"{word} {n}" for word in WORDS[:3]]}}


def expression(n: int) -> Any:
    return {"text": {"matches": rf"\b{WORDS[n % 10]}\s+Nr\. (\d+)-{n}\b"}}


def words(n: int) -> Any:
    return {"kind": "human", "sender": {"in": [f"a{n}@x.example", f"b{n}@x.example"]}}


def mix(n: int) -> Any:
    """What a site has: mostly senders and subjects, some texts, one expression in twenty."""
    if n % 20 == 0:
        return expression(n)
    return text(n) if n % 5 == 0 else {"kind": "human", **(subject(n) if n % 2 else words(n))}


KINDS: dict[str, Any] = {
    "the mix": mix,
    "words and senders": words,
    "subject contains one of three": subject,
    "text contains one of three": text,
    "text matches an expression": expression,
}


def made(when: Any) -> tuple[Rule, ...]:
    return tuple(_rule(n, when(n)) for n in range(COUNT))


def _rule(n: int, when: Any) -> Rule:
    condition, then = conditions.compile(when, []), actions.compile([{"tag": f"t{n}"}], [])
    return Rule(f"rule {n}", condition, then, place=f"rules.yaml:{n}")


def of(operation: Any, rounds: int = 20) -> float:
    """Return milliseconds, the best of some rounds."""
    return min(Timer(operation).repeat(rounds, 1)) * 1000


if __name__ == "__main__":
    show(rows())
