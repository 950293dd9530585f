"""Rules over facts: from top to bottom, once; what they decide, and why.

A rule sees the ticket as those before it left it.  Actions never ask rules again: what a rule did is
done when the last one was asked, and nothing goes round in circles.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple

from maild.hours.duration import Duration
from maild.rules import needs
from maild.rules.actions import Action
from maild.rules.case import Case
from maild.rules.conditions import Compare, Condition
from maild.rules.draft import Draft
from maild.rules.fields import Shape
from maild.ticket.facts import NO_RULES, Decision, Facts
from maild.ticket.model import Status

SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class RuleTest:
    """A mail that a rule file itself names, and what the rules must and must not do with it."""

    mail: Mapping[str, Any] = field(default_factory=dict, hash=False)
    file: str = ""
    at: datetime | None = None
    then: tuple[Action, ...] = ()
    never: tuple[Action, ...] = ()
    place: str = ""  # file:line


@dataclass(frozen=True, slots=True)
class Every:
    """When a time rule is asked: each time that a ticket was so long in a status, at most so many times."""

    span: Duration
    status: Status
    at_most: int
    text: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; every is None for those that see mails."""

    name: str
    when: Condition
    then: tuple[Action, ...] = ()
    stop: bool = False
    every: Every | None = None
    tests: tuple[RuleTest, ...] = ()
    place: str = ""  # file:line


class Asked(NamedTuple):
    """How one rule fared: what failed and what was found there, or None and what each action came to."""

    rule: Rule
    failed: Condition | None = None
    found: tuple[str, ...] = ()
    done: tuple[tuple[Action, str], ...] = ()

    def __str__(self) -> str:
        rule = f"{self.rule.name} ({self.rule.place})" if self.rule.place else self.rule.name
        if self.failed is not None:
            found = _shown(self.failed, self.found) if isinstance(self.failed, Compare) else ""
            return f"{rule}: no: {self.failed}{found}"
        did = "; ".join(f"{action} (not done: {why})" if why else str(action) for action, why in self.done)
        stop = "; stop" if self.rule.stop else ""
        return f"{rule}: yes: {self.rule.when}: {did or 'nothing'}{stop}"


@dataclass(frozen=True)
class Evaluated:
    """What the rules decided, and how each fared that was asked."""

    decision: Decision
    asked: tuple[Asked, ...] = ()

    @cached_property
    def trace(self) -> tuple[str, ...]:
        """The same in words, a line a rule."""
        return tuple(map(str, self.asked))


def evaluate(rules: tuple[Rule, ...], facts: Facts) -> Evaluated:
    """Ask each rule in order, until one of them ends it."""
    if not rules:
        return Evaluated(NO_RULES)
    case, draft = Case(facts), Draft()
    _seek(rules, case, draft)
    asked = tuple(_ask(rules, case, draft))
    return Evaluated(draft.decision(case), asked)


def evaluate_alone(rule: Rule, facts: Facts) -> Evaluated:
    """Ask one rule, a time rule too."""
    case, draft = Case(facts), Draft()
    asked = _ask_one(rule, case, draft)
    return Evaluated(draft.decision(case), (asked,))


def _seek(rules: tuple[Rule, ...], case: Case, draft: Draft) -> None:
    """Find in a later mail of the customer's what rules have asked him for."""
    if not case.missing or not case.facts.match.known or not case.facts.by_person:
        return
    for rule in rules:
        for action in rule.then:
            sought = action.value if action.verb.name == "ask_for" else {}
            if needs.keep({name: need for name, need in sought.items() if name in case.missing}, case, draft):
                draft.because.append(f"rule {rule.name}")


def _ask(rules: tuple[Rule, ...], case: Case, draft: Draft) -> Iterator[Asked]:
    for rule in rules:
        if rule.every is None:
            asked = _ask_one(rule, case, draft)
            yield asked
            if asked.failed is None and (rule.stop or draft.ended):
                return


def _ask_one(rule: Rule, case: Case, draft: Draft) -> Asked:
    case.captures, case.named = (), {}
    failed = rule.when.fails(case)
    if failed is not None:
        return Asked(rule, failed, _found(failed, case))
    done = tuple((action, action.act(draft, case)) for action in rule.then)
    if any(not why for _, why in done):
        draft.because.append(f"rule {rule.name}")
    return Asked(rule, done=done)


def _found(failed: Condition, case: Case) -> tuple[str, ...]:
    return case.raw(failed.field.name, failed.field.read) if isinstance(failed, Compare) else ()


def _shown(failed: Compare, found: tuple[str, ...]) -> str:
    if failed.field.shape is Shape.AGE:
        return f" (opened {datetime.fromtimestamp(int(found[0]), UTC):%Y-%m-%d %H:%M} UTC)"
    text = ", ".join(" ".join(one[: 2 * SHOWN_CHARACTERS].split()) for one in found[:SHOWN_CHARACTERS])
    return f" (found {text[:SHOWN_CHARACTERS]!r})" if text else " (found nothing)"
