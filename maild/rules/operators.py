"""How a field can be compared: the table of operators, a row and a small function each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from maild.hours import duration
from maild.rules.case import Case
from maild.rules.fields import Field, Shape


def _is(field: Field, wanted: Any) -> Callable[[Case], bool]:
    name, read = field.name, field.read
    if field.shape is Shape.NUMBER:
        return lambda case: any(float(value) == wanted for value in case.raw(name, read))
    return lambda case: wanted in case.folded(name, read)


def _in(field: Field, wanted: Any) -> Callable[[Case], bool]:
    name, read, words = field.name, field.read, frozenset(wanted)
    return lambda case: not words.isdisjoint(case.folded(name, read))


def _contains(field: Field, wanted: Any) -> Callable[[Case], bool]:
    name, read = field.name, field.read

    def holds(case: Case) -> bool:
        for value in case.folded(name, read):
            for word in wanted:
                if word in value:
                    return True
        return False

    return holds


def _matches(field: Field, wanted: Any) -> Callable[[Case], bool]:
    name, read = field.name, field.read

    def holds(case: Case) -> bool:
        for value in case.encoded(name, read):
            for pattern in wanted:
                found = pattern.search(value)
                if found is not None:
                    _capture(case, found)
                    return True
        return False

    return holds


def _capture(case: Case, found: Any) -> None:
    """Keep what the parentheses hold; the first expression of a rule that has any numbers them."""
    case.captures = case.captures or tuple(_decoded(group) for group in found.groups())
    case.named = {**{name: _decoded(group) for name, group in found.groupdict().items()}, **case.named}


def _decoded(group: bytes | None) -> str:
    return (group or b"").decode("utf-8", "replace")


def _over(field: Field, wanted: Any) -> Callable[[Case], bool]:
    name, read = field.name, field.read
    if field.shape is Shape.AGE:
        return lambda case: _passed(case, int(case.raw(name, read)[0]), wanted)
    return lambda case: any(float(value) > wanted for value in case.raw(name, read))


def _under(field: Field, wanted: Any) -> Callable[[Case], bool]:
    name, read = field.name, field.read
    if field.shape is Shape.AGE:
        return lambda case: not _passed(case, int(case.raw(name, read)[0]), wanted)
    return lambda case: any(float(value) < wanted for value in case.raw(name, read))


def _passed(case: Case, since: int, span: duration.Duration) -> bool:
    end = duration.later(case.facts.desk.calendar_of(case.queue), since, span)
    return end is not None and end < case.facts.now.timestamp()


@dataclass(frozen=True, slots=True)
class Operator:
    """A row of the manual: which fields it fits, and whether it takes one value or several."""

    name: str
    about: str
    shapes: frozenset[Shape]
    several: bool
    make: Callable[[Field, Any], Callable[[Case], bool]]


_WORDS = frozenset({Shape.TEXT, Shape.WORD, Shape.NAME})
_AMOUNTS = frozenset({Shape.NUMBER, Shape.SIZE, Shape.AGE})
_TEXTS = frozenset({Shape.TEXT})
_OPERATORS = (
    Operator("is", "the same, upper and lower case apart", _WORDS | {Shape.FLAG, Shape.NUMBER}, False, _is),
    Operator("in", "one of a list", _WORDS, True, _in),
    Operator("contains", "it, or one of a list, stands somewhere in it", _TEXTS, True, _contains),
    Operator("matches", "a regular expression (RE2), or one of a list, finds something", _TEXTS, True, _matches),
    Operator("over", "more than", _AMOUNTS, False, _over),
    Operator("under", "less than", _AMOUNTS, False, _under),
)
OPERATORS: Mapping[str, Operator] = {operator.name: operator for operator in _OPERATORS}


def fitting(field: Field) -> list[str]:
    """Return the operators by which a field can be asked."""
    return [operator.name for operator in _OPERATORS if field.shape in operator.shapes]
