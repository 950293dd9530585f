"""What can be told of a rule without any mail: which names it uses, what it captures, whether it can ever match."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from maild.rules import needs
from maild.rules.actions import Action
from maild.rules.captures import CAPTURE
from maild.rules.case import OF_TICKET
from maild.rules.conditions import NOBODY, AllOf, AnyOf, Compare, Condition, Not
from maild.rules.fields import KEPT
from maild.rules.mistakes import Mistake, Path
from maild.rules.people import CHOOSE
from maild.ticket.desk import PLACES

# What time rules may ask and do, for which there is no mail.
TIMED_FIELDS = (
    *"sender domain queue subject text language hours age status priority tags assignee missing rating".split(),
    KEPT,
)
TIMED_ACTIONS = tuple("queue priority tag untag assign status note tell answer promise field stop".split())


def compares(condition: Condition) -> Iterator[Compare]:
    """Return the comparisons of a condition, in the order in which they stand."""
    match condition:
        case Compare():
            yield condition
        case Not(part=part):
            yield from compares(part)
        case AllOf(parts=parts) | AnyOf(parts=parts):
            for one in parts:
                yield from compares(one)


def names(condition: Condition) -> Iterator[tuple[Path, str, str]]:
    """Return the names that a condition uses: where, of which section of the rule files, and which."""
    for one in compares(condition):
        section = one.field.section
        if one.field.name.startswith(OF_TICKET):
            yield one.path, "fields", one.field.name.removeprefix(OF_TICKET)
        if section:
            named = (str(name) for name in one.written if (section, name) != ("agents", NOBODY))
            yield from ((one.path, section, name) for name in named)


def names_of_actions(actions: Sequence[Action]) -> Iterator[tuple[Path, str, str]]:
    """Return the names that actions use, likewise; those of templates among them."""
    for action in actions:
        if action.verb.name in ("field", "ask_for"):
            yield from ((action.path, "fields", name) for name in action.value)
        if action.verb.section and action.value:
            values = [action.value] if isinstance(action.value, str) else action.value
            named = (name for name in values if name not in CHOOSE and name not in PLACES and "@" not in name)
            yield from ((action.path, action.verb.section, name) for name in named)


def languages(condition: Condition) -> Iterator[str]:
    """Return the languages that a condition asks for by name."""
    for one in compares(condition):
        if one.field.name == "language" and one.operator in ("is", "in"):
            yield from (str(word).lower() for word in one.written)


def chooses(actions: Sequence[Action]) -> bool:
    """Tell whether actions choose an agent by how much each has."""
    return any(action.verb.name == "assign" and action.value in CHOOSE for action in actions)


def prioritises(actions: Sequence[Action]) -> bool:
    """Tell whether actions give a priority."""
    return any(action.verb.name == "priority" for action in actions)


def uncaptured(condition: Condition, actions: Sequence[Action]) -> Iterator[Mistake]:
    """Tell of every {1} and {name} in actions that no expression of the rule captures."""
    count, known = captures(condition)
    given = [f"{{{one}}}" for one in (*range(1, count + 1), *sorted(known))]
    allowed = f"allowed: {', '.join(given)}" if given else "no `matches` of this rule has parentheses"
    for action in actions:
        for found in (found for text in _texts(action) for found in CAPTURE.finditer(text)):
            if found[0] not in given:
                yield Mistake(action.path, f"nothing is captured as {found[0]}; {allowed}")


def needs_a_mail(condition: Condition, actions: Sequence[Action]) -> Iterator[Mistake]:
    """Tell what a time rule asks or does for which it would need a mail."""
    for one in compares(condition):
        if one.field.name not in TIMED_FIELDS and not one.field.name.startswith(OF_TICKET):
            yield Mistake(one.path, f"a time rule has no mail to ask; allowed: {', '.join(TIMED_FIELDS)}")
    yield from done_with_a_mail(actions, "a time rule")


def done_with_a_mail(actions: Sequence[Action], what: str) -> Iterator[Mistake]:
    """Tell which actions of a time rule, or of a ladder's step, need a mail."""
    for action in actions:
        if action.verb.name not in TIMED_ACTIONS:
            yield Mistake(action.path, f"{what} has no mail to do that with; allowed: {', '.join(TIMED_ACTIONS)}")


def unmeant(actions: Sequence[Action]) -> Iterator[Mistake]:
    """Tell of facts that a rule asks for as only a test may: by their names alone."""
    for action in actions:
        what = needs.unmeant(action.value) if action.verb.name == "ask_for" else ""
        if what:
            yield Mistake(action.path, what)


def unsaid(actions: Sequence[Action], languages: Collection[str]) -> Iterator[str]:
    """Tell of facts that rules ask for in some of a site's languages alone."""
    for action in actions:
        if action.verb.name == "ask_for":
            for name, lacking in needs.unsaid(action.value, languages):
                yield f"ask_for: {name} has no words in {lacking}: those who are written to in it read another language"


def _texts(action: Action) -> Sequence[str]:
    if not action.verb.fills:
        return ()
    value = action.value
    return tuple(value.values()) if isinstance(value, Mapping) else (value,) if isinstance(value, str) else value


def captures(condition: Condition) -> tuple[int, frozenset[str]]:
    """Return up to which number a rule's expressions may capture, and under which names."""
    patterns = [pattern for one in compares(condition) if one.operator == "matches" for pattern in one.wanted]
    given = (name for pattern in patterns for name in pattern.groupindex)
    known = frozenset(name.decode() if isinstance(name, bytes) else str(name) for name in given)
    return max((pattern.groups for pattern in patterns), default=0), known


def why_never(condition: Condition) -> str:
    """Return why a condition holds for no mail at all, or "" if it may hold for one."""
    match condition:
        case Not(part=AllOf(parts=())):
            return "it is the opposite of always"
        case AnyOf(parts=parts):
            reasons = [why_never(part) for part in parts]
            return reasons[0] if reasons and all(reasons) else ""
        case AllOf(parts=parts):
            return next((why for why in (*map(why_never, parts), *_contradictions(tuple(_flat(parts)))) if why), "")
        case _:
            return ""


def always(condition: Condition) -> bool:
    """Tell whether a condition holds for every mail, as far as can be seen."""
    match condition:
        case AllOf(parts=parts):
            return all(map(always, parts))
        case AnyOf(parts=parts):
            return any(map(always, parts))
        case Not(part=part):
            return bool(why_never(part))
        case _:
            return False


def _flat(parts: Sequence[Condition]) -> Iterator[Condition]:
    """Return the parts, those of an `all` among them too."""
    for one in parts:
        if isinstance(one, AllOf):
            yield from _flat(one.parts)
        else:
            yield one


def _contradictions(parts: Sequence[Condition]) -> Iterator[str]:
    """Return what cannot be true of one value at once."""
    allowed: dict[str, set[Any]] = {}
    between: dict[str, list[float]] = {}
    for one in parts:
        if not isinstance(one, Compare) or one.field.several:
            continue
        name = one.field.name
        if one.operator in ("is", "in"):
            words = set(one.wanted) if one.operator == "in" else {one.wanted}
            allowed[name] = allowed.get(name, words) & words
        elif one.operator in ("over", "under") and isinstance(one.wanted, int | float):
            low, high = between.get(name, [float("-inf"), float("inf")])
            over = one.operator == "over"
            between[name] = [max(low, one.wanted), high] if over else [low, min(high, one.wanted)]
    yield from (f"{name} cannot be two things at once" for name, words in allowed.items() if not words)
    yield from (f"{name} cannot be over {a:g} and under {b:g}" for name, (a, b) in between.items() if a >= b)
