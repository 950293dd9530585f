"""Conditions of rules: `{subject: {contains: [refund]}}`, `{all: […]}`, `{any: […]}`, `{not: …}`.

One small function a field, one an operator, each in a literal table: the manual is made from the tables.
Text is compared without regard to case.  `matches` is RE2 (linear time, whatever the pattern; the only
importer of re2), and what its groups caught can be used in actions as {1} or {name}.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import re2

from maild.hours import duration
from maild.hours.duration import DurationError
from maild.ticket.facts import Facts
from maild.ticket.model import Priority


class RuleError(ValueError):
    """Something in a rule that cannot be meant; path leads to it from the rule on."""

    def __init__(self, path: tuple[str | int, ...], problem: str) -> None:
        super().__init__(problem)
        self.path = path
        self.problem = problem


@dataclass(frozen=True, slots=True)
class State:
    """The ticket as earlier rules left it."""

    queue: str
    priority: str
    assignee: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Test:
    """One field, one operator, and what it is compared with."""

    field: str
    operator: str
    wanted: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{self.field} {self.operator} {', '.join(str(getattr(one, 'pattern', one)) for one in self.wanted)}"


@dataclass(frozen=True)
class AllOf:
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True)
class AnyOf:
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True)
class Not:
    part: "Condition"


Condition = Test | AllOf | AnyOf | Not


class Outcome(NamedTuple):
    """Whether a condition holds, which part decided, and what patterns caught."""

    holds: bool
    because: str
    caught: Mapping[str, str] = {}


class Field(NamedTuple):
    """One row of the table of fields."""

    values: Callable[[Facts, State], list[Any]]
    kind: str  # text, number, word
    says: str
    words: tuple[str, ...] = ()


def _text(value: str) -> list[Any]:
    return [value]


def _age_seconds(facts: Facts, _: State) -> list[Any]:
    return [int((facts.now - facts.ticket.opened_at).total_seconds())] if facts.ticket else [0]


def _hours(facts: Facts, _: State) -> list[Any]:
    calendar = facts.desk.calendar_of(facts.queue)
    return [] if calendar is None else ["open" if calendar.is_open(int(facts.now.timestamp())) else "closed"]


def _spam(facts: Facts, _: State) -> list[Any]:
    """The verdict that a spam filter in front of us wrote into the head; it must strip what others wrote there."""
    message = facts.message
    flagged = (
        message.header("x-spam-flag").lower().startswith("yes")
        or message.header("x-spam-status").lower().startswith("yes")
        or message.header("x-spam").lower().startswith("yes")
        or message.header("x-rspamd-action").lower() in ("reject", "add header", "rewrite subject")
    )
    return ["yes" if flagged else "no"]


FIELDS: Mapping[str, Field] = {
    "sender": Field(lambda f, _: _text(f.message.sender.address), "text", "address of the From field"),
    "domain": Field(lambda f, _: _text(f.message.sender.domain), "text", "domain of the sender"),
    "to": Field(
        lambda f, _: [*f.envelope.rcpt_to, *(a.address for a in f.message.to)], "text", "addresses it was sent to"
    ),
    "cc": Field(lambda f, _: [a.address for a in f.message.cc], "text", "addresses in Cc"),
    "queue": Field(lambda _, s: _text(s.queue), "text", "key of the queue"),
    "subject": Field(lambda f, _: _text(f.message.subject), "text", "the subject"),
    "text": Field(lambda f, _: _text(f.cut.new_text), "text", "what was written now, without quotes"),
    "attachment.name": Field(
        lambda f, _: [a.filename for a in f.message.attachments], "text", "name of any attachment"
    ),
    "attachment.type": Field(
        lambda f, _: [a.content_type for a in f.message.attachments], "text", "content type of any attachment"
    ),
    "attachment.size": Field(
        lambda f, _: [a.size_bytes for a in f.message.attachments], "size", 'size of any attachment: "10 MB"'
    ),
    "kind": Field(
        lambda f, _: _text(str(f.classified.kind)), "word", "who wrote it", ("human", "automatic", "bounce", "bulk")
    ),
    "language": Field(lambda f, _: _text(f.language), "text", "language of the conversation: en, lv"),
    "proof": Field(
        lambda f, _: ["authenticated" if f.authenticated else "none"],
        "word",
        "whether the sender's domain stands behind the mail",
        ("authenticated", "none"),
    ),
    "first_contact": Field(
        lambda f, _: ["no" if f.seen.contact.seen_before else "yes"], "word", "he never wrote before", ("yes", "no")
    ),
    "open_tickets": Field(lambda f, _: [f.seen.contact.open_tickets], "number", "open tickets of the sender"),
    "hours": Field(_hours, "word", "the queue's calendar now", ("open", "closed")),
    "age": Field(_age_seconds, "age", 'age of the ticket: "3d"'),
    "status": Field(
        lambda f, _: [str(f.ticket.status) if f.ticket else "new"],
        "word",
        "status of the ticket before this mail",
        ("new", "open", "waiting", "on_hold", "solved", "closed"),
    ),
    "priority": Field(lambda _, s: _text(s.priority), "word", "priority of the ticket", tuple(Priority)),
    "tags": Field(lambda _, s: list(s.tags), "text", "tags of the ticket"),
    "assignee": Field(lambda _, s: _text(s.assignee or "nobody"), "text", "agent who has the ticket, or nobody"),
    "spam": Field(_spam, "word", "verdict of the spam filter in front of us", ("yes", "no")),
}

OPERATORS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "is": (("text", "word", "number"), "one value is just this"),
    "in": (("text", "word", "number"), "one value is one of these"),
    "contains": (("text",), "one value has one of these in it"),
    "matches": (("text",), "one value matches this regular expression (RE2)"),
    "over": (("number", "size", "age"), "one value is greater"),
    "under": (("number", "size", "age"), "one value is smaller"),
}
_SIZES = {"b": 1, "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000}


# ---- from YAML ----------------------------------------------------------------------------------------


def compile(tree: object, path: tuple[str | int, ...] = ("when",)) -> Condition:
    """Return the condition of a mapping of the rule files; an empty one always holds.

    Raises:
        RuleError: it cannot be meant.
    """
    if not isinstance(tree, Mapping):
        raise RuleError(path, f"a condition is a mapping such as {{subject: {{contains: refund}}}}; found {tree!r}")
    parts = tuple(_part(str(key), value, (*path, str(key))) for key, value in tree.items())
    return parts[0] if len(parts) == 1 else AllOf(parts)


def _part(key: str, value: object, path: tuple[str | int, ...]) -> Condition:
    if key in ("all", "any"):
        if not isinstance(value, list) or not value:
            raise RuleError(path, f"{key} takes a list of conditions")
        parts = tuple(compile(one, (*path, i)) for i, one in enumerate(value))
        return AllOf(parts) if key == "all" else AnyOf(parts)
    if key == "not":
        return Not(compile(value, path))
    field = field_of(key)
    if field is None:
        raise RuleError(
            path, f"there is no field {key!r}{_nearest(key, [*FIELDS, 'header.NAME', 'all', 'any', 'not'])}"
        )
    if not isinstance(value, Mapping):
        return _test(key, field, "is" if not isinstance(value, list) else "in", value, path)
    tests = tuple(_test(key, field, str(operator), one, (*path, str(operator))) for operator, one in value.items())
    if not tests:
        raise RuleError(path, f"{key} is compared with nothing; write {{{key}: {{is: …}}}}")
    return tests[0] if len(tests) == 1 else AllOf(tests)


def _test(key: str, field: Field, operator: str, value: object, path: tuple[str | int, ...]) -> Test:
    kinds, _ = OPERATORS.get(operator, ((), ""))
    allowed = [name for name, (kinds_, _) in OPERATORS.items() if field.kind in kinds_]
    if field.kind not in kinds:
        raise RuleError(path, f"{key} cannot be compared by {operator!r}{_nearest(operator, allowed)}")
    values = value if isinstance(value, list) else [value]
    return Test(key, operator, tuple(_wanted(field, operator, one, path) for one in values))


def _wanted(field: Field, operator: str, value: object, path: tuple[str | int, ...]) -> Any:
    if operator == "matches":
        return _pattern(str(value), path)
    if field.kind == "size":
        return _size(str(value), path)
    if field.kind == "age":
        return _age(str(value), path)
    if field.kind == "number":
        if not isinstance(value, int) or isinstance(value, bool):
            raise RuleError(path, f"a number is wanted; found {value!r}")
        return value
    word = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
    if field.words and str(word) not in field.words:
        raise RuleError(path, f"{word!r} is none of its values{_nearest(str(word), list(field.words))}")
    return str(word).casefold()


def _pattern(text: str, path: tuple[str | int, ...]) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    try:
        return re2.compile(text, options)
    except re2.error as error:
        raise RuleError(path, f"{text!r} is no regular expression of RE2: {error}") from None


def _size(text: str, path: tuple[str | int, ...]) -> int:
    found = re.fullmatch(r"(\d+)\s*(b|kb|mb|gb)", text.strip().lower())
    if not found:
        raise RuleError(path, f'{text!r} is no size; write "10 MB"')
    return int(found[1]) * _SIZES[found[2]]


def _age(text: str, path: tuple[str | int, ...]) -> int:
    try:
        span = duration.parse(text)
    except DurationError as error:
        raise RuleError(path, str(error)) from None
    if not span.clock:
        raise RuleError(path, f'{text!r} is working time; an age is clock time such as "3d"')
    return span.clock


def field_of(key: str) -> Field | None:
    """Return a field by its key; `header.NAME` is any field of the head."""
    if key.startswith("header.") and len(key) > 7:
        name = key.removeprefix("header.").lower()
        return Field(lambda facts, _: list(facts.message.fields(name)), "text", "a field of the head")
    return FIELDS.get(key)


def _nearest(found: str, allowed: list[str]) -> str:
    import difflib

    near = difflib.get_close_matches(found, allowed, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; allowed: {', '.join(allowed)}"


# ---- over facts ---------------------------------------------------------------------------------------


def holds(condition: Condition, facts: Facts, state: State) -> Outcome:
    """Say whether a condition holds, and which part of it decided."""
    match condition:
        case Test():
            return _holds_test(condition, facts, state)
        case Not(part):
            inner = holds(part, facts, state)
            return Outcome(not inner.holds, f"not {inner.because}")
        case AllOf(parts):
            caught: dict[str, str] = {}
            because: list[str] = []
            for part in parts:
                one = holds(part, facts, state)
                if not one.holds:
                    return one
                caught |= one.caught
                because.append(one.because)
            return Outcome(True, " and ".join(because) or "always", caught)
        case AnyOf(parts):
            outcomes = [holds(part, facts, state) for part in parts]
            return next((o for o in outcomes if o.holds), Outcome(False, " nor ".join(o.because for o in outcomes)))


def _holds_test(test: Test, facts: Facts, state: State) -> Outcome:
    field = field_of(test.field)
    assert field is not None
    for value in field.values(facts, state):
        caught = _compare(test.operator, value, test.wanted)
        if caught is not None:
            return Outcome(True, str(test), caught)
    return Outcome(False, str(test))


def _compare(operator: str, value: Any, wanted: tuple[Any, ...]) -> Mapping[str, str] | None:
    """Return what patterns caught ({} for other operators), or None where the comparison fails."""
    if operator == "matches":
        for pattern in wanted:
            found = pattern.search(str(value))
            if found:
                numbered = {str(i + 1): group or "" for i, group in enumerate(found.groups())}
                return {**numbered, **{name: text or "" for name, text in found.groupdict().items()}}
        return None
    if operator in ("over", "under"):
        good = any(value > one if operator == "over" else value < one for one in wanted)
    else:
        plain = str(value).casefold() if isinstance(value, str) else value
        good = any(one in plain for one in wanted) if operator == "contains" else plain in wanted
    return {} if good else None
