"""Measure rules: milliseconds to read 1,000 of them, and to ask all of them about one mail.

Run it as `python -m tests.bench.rules`.  All figures are of one run on one machine, the best of several
rounds; the words of the trace, which `explain` and the ticket's history show, are counted apart.
"""

from timeit import Timer
from typing import Any

from maild.rules import actions, conditions
from maild.rules.evaluate import Rule, evaluate
from maild.ticket.facts import Facts
from tests.rules.making import facts

COUNT = 1_000
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
