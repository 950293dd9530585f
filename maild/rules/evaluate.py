"""Rules in order over the facts of one mail: what they decide, and why.

A later rule sees the ticket as earlier ones left it; actions never start rules again.  The first word on
queue, priority, assignee, acknowledgement and promise stands; tags, notes and tellings add up.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from maild.rules.conditions import Condition, RuleError, State, holds
from maild.ticket.facts import NO_RULES, Decision, Facts
from maild.ticket.model import Priority


@dataclass(frozen=True)
class Action:
    """One thing that a rule does: a word of the table, and what stands beside it."""

    name: str
    argument: str | Mapping[str, str]


@dataclass(frozen=True)
class Rule:
    """One rule; place is "file:line"."""

    name: str
    when: Condition
    then: tuple[Action, ...]
    stop: bool = False
    every: str = ""
    tests: tuple[Mapping[str, object], ...] = ()
    place: str = ""


@dataclass(frozen=True)
class Evaluated:
    """What the rules decided, and a line for each of them."""

    decision: Decision
    trace: tuple[str, ...]


class Does(NamedTuple):
    """One row of the table of actions."""

    apply: Callable[[Decision, str], Decision]
    says: str


def _first(name: str) -> Callable[[Decision, str], Decision]:
    def apply(decision: Decision, value: str) -> Decision:
        changed: dict[str, Any] = {} if getattr(decision, name) else {name: value}
        return replace(decision, **changed)

    return apply


def _more(name: str) -> Callable[[Decision, str], Decision]:
    def apply(decision: Decision, value: str) -> Decision:
        changed: dict[str, Any] = {name: (*getattr(decision, name), value)}
        return replace(decision, **changed)

    return apply


def _priority(d: Decision, value: str) -> Decision:
    return d if d.priority else replace(d, priority=Priority(value))


def _acknowledge(d: Decision, value: str) -> Decision:
    return d if d.acknowledge is not None else replace(d, acknowledge="" if value == "none" else value)


ACTIONS: Mapping[str, Does] = {
    "queue": Does(_first("queue"), "put the ticket into this queue"),
    "priority": Does(_priority, "urgent, high, normal or low"),
    "tag": Does(_more("tags"), "put a tag on"),
    "untag": Does(_more("untags"), "take a tag off"),
    "assign": Does(_first("assign"), "give the ticket to this agent"),
    "note": Does(_more("notes"), "write a note into the ticket"),
    "tell": Does(_more("tell"), "send the mail on to an agent or an address, for his information"),
    "acknowledge": Does(_acknowledge, "use another template, or none"),
    "discard": Does(_first("discard"), "file nothing, with this reason; the mail itself is kept"),
    "hold": Does(_first("hold"), "hold the mail for a person to see, with this reason"),
    "stop": Does(lambda d, _: d, "look at no further rule"),
}
ENDS = ("discard", "hold", "stop")


def compile_actions(listed: object, path: tuple[str | int, ...] = ("then",)) -> tuple[Action, ...]:
    """Return the actions of a list of the rule files: `[{tag: refund}, {priority: high}, stop]`.

    Raises:
        RuleError: one of them cannot be meant.
    """
    if not isinstance(listed, list):
        raise RuleError(path, f"then takes a list such as [{{tag: refund}}]; found {listed!r}")
    return tuple(action for i, one in enumerate(listed) for action in _actions(one, (*path, i)))


def _actions(one: object, path: tuple[str | int, ...]) -> list[Action]:
    if isinstance(one, str):
        one = {one: ""}
    if not isinstance(one, Mapping):
        raise RuleError(path, f"an action is a mapping such as {{tag: refund}}; found {one!r}")
    made: list[Action] = []
    for name, value in one.items():
        if name not in ACTIONS:
            raise RuleError((*path, str(name)), f"there is no action {name!r}{_nearest(str(name))}")
        if name == "priority" and str(value) not in set(Priority):
            raise RuleError((*path, str(name)), f"{value!r} is no priority; allowed: {', '.join(Priority)}")
        if name not in ("stop",) and value in ("", None):
            raise RuleError((*path, str(name)), f"{name} needs a value")
        made += [Action(str(name), str(text)) for text in (value if isinstance(value, list) else [value])]
    return made


def _nearest(found: str) -> str:
    import difflib

    near = difflib.get_close_matches(found, ACTIONS, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; allowed: {', '.join(ACTIONS)}"


def evaluate(rules: tuple[Rule, ...], facts: Facts) -> Evaluated:
    """Return what the rules decide of a mail."""
    decision, trace = NO_RULES, []
    for rule in rules:
        outcome = holds(rule.when, facts, _state(facts, decision))
        if not outcome.holds:
            trace.append(f"{rule.name} ({rule.place}): no: {outcome.because}")
            continue
        trace.append(f"{rule.name} ({rule.place}): yes: {outcome.because}")
        decision = replace(decision, because=(*decision.because, f"rule {rule.name}"))
        for action in rule.then:
            decision = ACTIONS[action.name].apply(decision, _filled(str(action.argument), outcome.caught))
        if rule.stop or any(action.name in ENDS for action in rule.then):
            break
    return Evaluated(decision, tuple(trace))


def _state(facts: Facts, decision: Decision) -> State:
    """Return the ticket as the rules so far leave it."""
    ticket = facts.ticket
    tags = {*(ticket.tags if ticket else ()), *decision.tags} - set(decision.untags)
    return State(
        decision.queue or (ticket.queue if ticket else facts.queue.key),
        str(decision.priority or (ticket.priority if ticket else Priority.NORMAL)),
        decision.assign or (ticket.assignee if ticket else ""),
        tuple(sorted(tags)),
    )


def _filled(text: str, caught: Mapping[str, str]) -> str:
    """Put what patterns caught into an action's words; what was not caught stays as it stands."""
    return re.sub(r"\{(\w+)\}", lambda found: caught.get(found[1], found[0]), text)
