"""Conditions of rules: `FIELD: {OPERATOR: value}`, joined by `all`, `any` and `not`.

OPERATORS and FIELDS, in modules of these names, are the whole language; the manual and the schemas are made from
them.  Texts are compared without regard to case.  Regular expressions are RE2's: their time grows with the text's
length and with nothing else, so that nobody can write one that stands still (this is the door to re2).  What its
parentheses hold, actions use as {1} or {name}.
"""

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import re2

from maild.hours import duration
from maild.message.letters import composed
from maild.nearest import did_you_mean
from maild.rules import fields
from maild.rules.case import Case, fold, fold_part
from maild.rules.fields import FIELDS, Field, Shape
from maild.rules.mistakes import Mistake, Path, as_yaml, is_list, shown
from maild.rules.operators import OPERATORS, Operator, fitting

DEEPEST = 24  # steps from the rule
LONGEST_PATTERN = 2_000  # characters
LARGEST_PATTERN = 10_000  # instructions of RE2; 64 KiB of text then take seconds at the very worst
PATTERN_MEMORY_BYTES = 4 << 20
NOBODY = "nobody"
SIZES = {"b": 1, "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30}
JOINS = {
    "all": "every condition of a list holds",
    "any": "at least one condition of a list holds",
    "not": "the condition does not hold",
}


@dataclass(frozen=True, slots=True)
class Compare:
    """One field, one operator, and what it is compared with: as written, and as it is compared.

    Two are equal where the same is written.
    """

    field: Field
    operator: str
    written: tuple[Any, ...]
    wanted: Any = dataclasses.field(compare=False)
    holds: Callable[[Case], bool] = dataclasses.field(compare=False, repr=False)
    said: str = dataclasses.field(compare=False)
    path: Path = dataclasses.field(default=(), compare=False)

    def fails(self, case: Case) -> "Condition | None":
        """Return the part that does not hold, or None: it holds."""
        return None if self.holds(case) else self

    def __str__(self) -> str:
        return self.said


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; without parts, always."""

    parts: tuple["Condition", ...] = ()

    def fails(self, case: Case) -> "Condition | None":
        for part in self.parts:
            failed = part.fails(case)
            if failed is not None:
                return failed
        return None

    def __str__(self) -> str:
        return " and ".join(f"({part})" if isinstance(part, AnyOf) else str(part) for part in self.parts) or "always"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds; what is captured is the first one's that does."""

    parts: tuple["Condition", ...]

    def fails(self, case: Case) -> "Condition | None":
        kept = case.captures, case.named
        for part in self.parts:
            if part.fails(case) is None:
                return None
            case.captures, case.named = kept
        return self

    def __str__(self) -> str:
        return " or ".join(f"({part})" if isinstance(part, AllOf) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold; it captures nothing."""

    part: "Condition"

    def fails(self, case: Case) -> "Condition | None":
        kept = case.captures, case.named
        failed = self.part.fails(case)
        case.captures, case.named = kept
        return self if failed is None else None

    def __str__(self) -> str:
        return f"not ({self.part})"


Condition = Compare | AllOf | AnyOf | Not
ALWAYS = AllOf()


def compile(node: object, mistakes: list[Mistake], path: Path = ("when",)) -> Condition:
    """Return what a condition of the rule files means; nothing at all is always.

    Args:
        mistakes: is given everything that cannot be meant; the condition then must not be used.
        path: to the node, from its rule on.
    """
    if node is None:
        return ALWAYS
    if not isinstance(node, Mapping):
        mistakes.append(Mistake(path, f"is not a condition; found {shown(node)}: write FIELD: {{OPERATOR: value}}"))
        return ALWAYS
    parts = tuple(part for key, value in node.items() for part in _one(str(key), value, mistakes, (*path, str(key))))
    return parts[0] if len(parts) == 1 else AllOf(parts)


def _one(key: str, value: object, mistakes: list[Mistake], path: Path) -> Iterator[Condition]:
    if len(path) > DEEPEST:
        mistakes.append(Mistake(path, "is nested too deeply"))
    elif key == "not":
        yield Not(compile(value, mistakes, path))
    elif key in JOINS:
        parts = tuple(_listed(value, mistakes, path))
        yield AllOf(parts) if key == "all" else AnyOf(parts)
    elif field := fields.called(key):
        yield from _compared(field, value, mistakes, path)
    elif key.lower().startswith("header"):
        mistakes.append(
            Mistake(path, "there is no such field; a field of the mail's head is written as header.List-Id")
        )
    else:
        mistakes.append(Mistake(path, f"there is no such field; {did_you_mean(key, (*FIELDS, *JOINS))}"))


def _listed(value: object, mistakes: list[Mistake], path: Path) -> Iterator[Condition]:
    """Read the parts of all and any: a list of conditions, or a mapping whose entries are meant."""
    if isinstance(value, Mapping) and value:
        for key, one in value.items():
            yield from _one(str(key), one, mistakes, (*path, str(key)))
    elif is_list(value) and value:
        for i, one in enumerate(value):
            yield compile(one, mistakes, (*path, i))
    else:
        mistakes.append(Mistake(path, f"write a list of conditions here; found {shown(value)}"))


def _compared(field: Field, value: object, mistakes: list[Mistake], path: Path) -> Iterator[Condition]:
    given = value if isinstance(value, Mapping) else _short(field, value)
    if not given:
        how = " or ".join(f"{{{name}: …}}" for name in fitting(field))
        mistakes.append(Mistake(path, f"say how it is compared: {how}; found {shown(value)}"))
    for key, one in given.items():
        place = (*path, str(key)) if given is value else path
        if str(key) not in fitting(field):
            mistakes.append(Mistake(place, f"{field.name} cannot be compared so; {did_you_mean(key, fitting(field))}"))
            continue
        try:
            wanted = _wanted(field, OPERATORS[str(key)], one)
        except ValueError as error:
            mistakes.append(Mistake(place, str(error)))
            continue
        written = tuple(one) if is_list(one) else (one,)
        said = f"{field.name} {key} {' or '.join(map(as_yaml, written))}"
        yield Compare(field, str(key), written, wanted, OPERATORS[str(key)].make(field, wanted), said, place)


def _short(field: Field, value: object) -> Mapping[str, object]:
    """Read `kind: bulk` as is, and `kind: [bulk, automatic]` as in."""
    operator = "in" if is_list(value) and "in" in fitting(field) else "is"
    return {operator: value} if operator in fitting(field) and value is not None else {}


def _wanted(field: Field, operator: Operator, value: object) -> Any:
    """Return a value as it is compared.

    Raises:
        ValueError: it cannot be meant.
    """
    if not operator.several:
        return _value(field, value)
    values: Sequence[object] = value if is_list(value) else [value]
    if not values:
        raise ValueError("an empty list never holds")
    if operator.name == "matches":
        return tuple(pattern(one) for one in values)
    if operator.name == "contains":
        return tuple(_part(one) for one in values)
    return tuple(str(_value(field, one)) for one in values)


def _value(field: Field, value: object) -> Any:
    match field.shape:
        case Shape.FLAG:
            if not isinstance(value, bool):
                raise ValueError(f"write true or false here; found {shown(value)}")
            return str(value).lower()
        case Shape.NUMBER:
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"write a number here; found {shown(value)}")
            return value
        case Shape.SIZE:
            return _size(value)
        case Shape.AGE:
            if not isinstance(value, str):
                raise ValueError(f"{shown(value)} has no unit; {duration.UNITS}")
            return duration.parse(value)
        case _:
            return _word(field, value)


def _part(value: object) -> str:
    if not fold(_text(value)):
        raise ValueError("nothing stands in every text; write what must stand there")
    return fold_part(_text(value))


def _text(value: object) -> str:
    if not isinstance(value, str):
        remedy = "" if is_list(value) or isinstance(value, Mapping) else ": write it in quotation marks"
        raise ValueError(f"write text here; found {shown(value)}{remedy}")
    return value


def _word(field: Field, value: object) -> str:
    value = _text(value)
    if field.words and value not in field.words:
        raise ValueError(f"there is no such {field.name}: {shown(value)}; {did_you_mean(value, field.words)}")
    if field.form and not re.fullmatch(field.form, fold(value)):
        raise ValueError(f"{shown(value)} is not a {field.name}; write one such as {field.example}")
    return fold(value)


def _size(value: object) -> int:
    found = re.fullmatch(r"(\d{1,12})\s*([kmg]b|[km]ib|b)", str(value).strip().lower())
    if not found:
        raise ValueError(f'write a size here, such as "5 MB"; found {shown(value)}')
    return int(found[1]) * SIZES[found[2]]


def pattern(value: object) -> Any:
    """Return a regular expression as it is used, on UTF-8.

    Raises:
        ValueError: RE2 has no such one, or it would be slow.
    """
    value = composed(_text(value))
    if len(value) > LONGEST_PATTERN:
        raise ValueError(f"is a regular expression of more than {LONGEST_PATTERN} characters")
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = PATTERN_MEMORY_BYTES
    try:
        made = re2.compile(value, options)
    except re2.error as error:
        said = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise ValueError(f"{shown(value)} is not a regular expression as RE2 has them: {said}") from None
    if made.programsize > LARGEST_PATTERN:
        raise ValueError(f"{shown(value)} repeats too much to be fast; write it with smaller numbers in {{}}")
    return made
