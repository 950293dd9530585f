"""What a rule test expects, against what the rules decided: a row an action.

Texts (of notes, of reasons) need only stand somewhere in what was said; everything else must be the same.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from maild.rules import people
from maild.rules.actions import Action
from maild.rules.case import Case
from maild.rules.evaluate import Evaluated, RuleTest
from maild.ticket.facts import Decision, Facts
from maild.ticket.model import Priority

Done = Callable[[Decision, Any], bool]


def differences(test: RuleTest, facts: Facts, said: Evaluated) -> Iterator[str]:
    """Tell what the rules did not do that a test expects, and did that it forbids."""
    for action in test.then:
        if not done(action, facts, said):
            yield f"expects {str(action)!r}, and the rules do {_in_words(said)}"
    for action in test.never:
        if done(action, facts, said):
            yield f"forbids {str(action)!r}, and the rules do {_in_words(said)}"


def done(action: Action, facts: Facts, said: Evaluated) -> bool:
    """Tell whether the rules did what an action says."""
    match action.verb.name:
        case "stop":
            return any(one.failed is None and _stops(one.rule.stop, one.done) for one in said.asked)
        case "queue":
            return bool((said.decision.queue or facts.queue.key) == action.value)
        case "tell":
            case = Case(facts)
            case.queue = facts.desk.queues.get(said.decision.queue, case.queue)
            case.assignee = said.decision.assign or case.assignee
            return set(filter(None, people.told(action.value, case))) <= set(said.decision.tell)
        case name:
            return DONE[name](said.decision, action.value)


DONE: Mapping[str, Done] = {
    "priority": lambda decision, value: (decision.priority or Priority.NORMAL) == value,
    "tag": lambda decision, values: set(values) <= set(decision.tags),
    "untag": lambda decision, values: not set(values) & set(decision.tags),
    "assign": lambda decision, value: bool(decision.assign) if value in people.CHOOSE else decision.assign == value,
    "status": lambda decision, value: decision.status == value,
    "note": lambda decision, value: any(value in note for note in decision.notes),
    "answer": lambda decision, value: value in decision.answers,
    "acknowledge": lambda decision, value: decision.acknowledge == value,
    "promise": lambda decision, value: decision.promise == value,
    "field": lambda decision, values: values.items() <= decision.fields.items(),
    "ask_for": lambda decision, values: values.keys() <= {one.name for one in decision.asks_for},
    "discard": lambda decision, value: value in decision.discard,
    "hold": lambda decision, value: value in decision.hold,
    "forward": lambda decision, values: set(values) <= set(decision.forward),
}


def _stops(stop: bool, actions: tuple[tuple[Action, str], ...]) -> bool:
    return stop or any(action.verb.name == "stop" for action, _ in actions)


def _in_words(said: Evaluated) -> str:
    words = [str(action) for one in said.asked for action, why_not in one.done if not why_not]
    return ", ".join(words) or "nothing"
