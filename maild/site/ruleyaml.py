"""A rule file's text to values with places: YAML 1.2, of which a few lines can never mean gigabytes.

Anchors and aliases are refused, and so is deep nesting.  A place is a line and a column, counting from 1.
"""

import re
from datetime import date
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.parser import Parser
from ruamel.yaml.scanner import Scanner

from maild.rules.mistakes import Path
from maild.site.errors import Problem

DEEPEST = 40
A_KEY = "while scanning a simple key"  # ruamel tells where it gave up; the colon is missing where the key began

# What ruamel says, in our words; groups of the expression are in them.
_WORDS = (
    (r"found character '\\t' that cannot", "a tab cannot indent; write spaces"),
    (r"found character '(.)' that cannot", 'a text cannot begin with {0}; write it in "quotes"'),
    (
        r"found unknown escape character '(.)'",
        "in \"double quotes\" \\{0} means nothing; write the text in 'single quotes'",
    ),
    (r'found duplicate key "([^"]*)"', "{0} stands here twice; write it once"),
    (r"could not find expected ':'", "neither a key nor a part of the text above; write KEY: value, or indent it more"),
    (
        r"mapping values are not allowed",
        'a ": " cannot stand here; write the text in "quotes", or mend the indentation',
    ),
    (r"found unexpected end of stream", "ends within a text in quotes; close them"),
    (r"expected ',' or '([\]}])'", "a comma or {0} is missing before this"),
    (
        r"expected <block end>, but found '<block (mapping|sequence) start>'",
        "is indented more or less than what it belongs to; give both the same number of spaces",
    ),
    (
        r"expected <block end>",
        "does not go with what stands before it; mend the indentation, or close a quote or bracket above",
    ),
)
Place = tuple[int, int]


class _Composer(Composer):
    """Composes plain trees only."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            problem = "anchors and aliases are not allowed; write it out"
            raise MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
        if self.depth > DEEPEST:
            raise MarkedYAMLError(problem="is nested too deeply", problem_mark=event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _Constructor(RoundTripConstructor):
    """Says where a date stands that there is not."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except ValueError as error:
            problem = f"{node.value!r} is not a date, though it looks like one: {error}"
            raise MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from None


def read(name: str, text: str) -> tuple[Any, Problem | None]:
    """Return what a text holds, with places, or what is wrong with it."""
    reader = YAML(typ="rt", pure=True)
    reader.Composer, reader.Constructor = _Composer, _Constructor
    reader.Scanner, reader.Parser = Scanner, Parser  # no comments: a fifth of the time
    try:
        return reader.load(text), None
    except MarkedYAMLError as error:
        mark = (error.context_mark if error.context == A_KEY else error.problem_mark) or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        return None, Problem(name, line, column, _in_words(str(error.problem or error.context or "is not YAML")))
    except (YAMLError, ValueError, RecursionError) as error:
        return None, Problem(name, 0, 0, f"is not YAML: {str(error).splitlines()[0]}")


def _in_words(problem: str) -> str:
    for pattern, words in _WORDS:
        found = re.match(pattern, problem)
        if found:
            return words.format(*found.groups())
    return " ".join(problem.split("\n")[0].split())


def place(node: Any, path: Path) -> Place:
    """Return where the deepest part of a path stands that the file has."""
    found = (1, 1)
    for part in path:
        marks = getattr(node, "lc", None)
        try:
            line, column = marks.item(part) if isinstance(part, int) else marks.key(part)  # type: ignore[union-attr]
            node = node[part]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
        found = (line + 1, column + 1)
    return found


_A_DATE = re.compile(r"datetime\.date\((\d+), (\d+), (\d+)\)")


def _key(part: str | int) -> Any:
    """Return a part of pydantic's path as the file has it: it shows a date as Python writes one."""
    found = _A_DATE.fullmatch(str(part))
    return date(*map(int, found.groups())) if found else part


def known(node: Any, path: Path) -> Path:
    """Return a path without the parts that the file does not have, its last part apart.

    Which of several types was tried is in pydantic's paths too.
    """
    kept: list[Any] = []
    for i, part in enumerate(map(_key, path)):
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            if i < len(path) - 1 or not isinstance(part, str) or "[" in part:
                continue
        kept.append(part)
    return tuple(kept)
