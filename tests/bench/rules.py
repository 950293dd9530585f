"""Measure rules: to read and check 1,000 of them, to ask all of them about one mail, to rehearse mails by them.

Run it as `python -m tests.bench.rules`.  All figures are of one run on one machine, the best of several
rounds; the words of the trace, which `explain` and the ticket's history show, are counted apart.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from timeit import Timer
from typing import Any

from click.testing import CliRunner

from maild.cli import maild
from maild.opened import inspected
from maild.rules import actions, conditions
from maild.rules.evaluate import Rule, evaluate
from maild.site import new, rulefiles, settings
from maild.ticket.facts import Facts
from tests.bench.table import Row, alone
from tests.rules.making import facts

COUNT = 1_000
REHEARSED = 300
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


def main() -> None:
    mail = facts("Pasūtījums 123456: kur tas ir?", TEXT)
    print(f"{COUNT} rules, a mail of {len(TEXT) / 1000:.1f} KB; aim {AIM_MS} ms\n")
    print(f"{'':34} {'read':>8} {'asked':>8} {'with trace':>11}  (ms)")
    for name, one in KINDS.items():
        read = of(lambda one=one: made(one), 3)
        rules = made(one)
        ask = of(lambda rules=rules: evaluate(rules, mail))
        told = of(lambda rules=rules: len(evaluate(rules, mail).trace))
        print(f"{name:34} {read:8.1f} {ask:8.2f} {told:11.2f}")
    long = facts("Kur tas ir?", TEXT * 20)
    print(f"\nthe mix over a text of {len(TEXT) * 20 / 1000:.0f} KB: {of_mix(long):.2f} ms")
    whole_site()


def rows() -> Iterator[Row]:
    """Return the rows of `make bench`; the rest of what is measured here is printed alone."""
    mail = facts("Pasūtījums 123456: kur tas ir?", TEXT)
    for name, one in KINDS.items():
        rules = made(one)
        took = of(lambda rules=rules: evaluate(rules, mail))
        yield alone(f"{COUNT} rules over a mail: {name}", f"aim {AIM_MS:.0f} ms", [took], " ms")


def files_of(folder: Path) -> None:
    """Write a desk and the mix as rule files, with a test for every tenth rule."""
    folder.mkdir()
    (folder / "desk.yaml").write_text(DESK)
    rules = [{"name": f"rule {n}", "when": mix(n), "then": [{"tag": f"t{n}"}], **tests_of(n)} for n in range(COUNT)]
    (folder / "rules.yaml").write_text("rules:\n" + "".join(f"- {json.dumps(rule)}\n" for rule in rules))


def tests_of(n: int) -> dict[str, Any]:
    mail = {"subject": f"{WORDS[0]}-{n}"}
    return {"tests": [{"mail": mail, "then": [{"tag": f"t{n}"}]}]} if n % 10 == 1 else {}


def whole_site() -> None:
    """Load and check 1,000 rules with 100 tests; rehearse mails by them."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "site"
        new.write_site(folder, "lv", "example.com")
        for path in (folder / "rules").iterdir():
            path.unlink()
        (folder / "rules").rmdir()
        files_of(folder / "rules")
        found = settings.load(folder)
        load = of(lambda: rulefiles.load(folder / "rules", timezone="UTC"), 3)
        check = of(lambda: inspected(folder, found), 3)
        print(
            f"\nload {COUNT} rules from files: {load:.0f} ms; check them, 100 tests and all templates: {check:.0f} ms"
        )
        mails = Path(place) / "mails"
        mails.mkdir()
        for n in range(REHEARSED):
            (mails / f"{n:04}.eml").write_bytes(mail_of(n))
        began = perf_counter()
        done = CliRunner().invoke(maild, ["rehearse", str(mails), "--json", "--site", str(folder)])
        seconds = perf_counter() - began
        assert done.exit_code == 0, done.output
        events = [json.loads(line)["event"] for line in done.stdout.splitlines()]
        print(
            f"rehearse {events.count('received')} mails by {COUNT} rules, clock and {events.count('mail')} mails sent: "
            f"{REHEARSED / seconds:.0f} mails/s"
        )


def mail_of(n: int) -> bytes:
    head = f"From: c{n}@customer.example\r\nTo: support@example.com\r\nSubject: Question {n}\r\n"
    date = f"Date: Mon, 23 Nov 2026 {8 + n // 60 % 12:02}:{n % 60:02}:00 +0000\r\n"
    return f"{head}{date}Message-ID: <b{n}@customer.example>\r\n\r\n{TEXT[:500]}\r\n".encode()


def of_mix(mail: Facts) -> float:
    rules = made(mix)
    return of(lambda: evaluate(rules, mail), 5)


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
    main()
