"""What cannot be meant in a site's files: the place, what was found, what to write instead."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; line and column count from 1, 0 where there is none."""

    file: str
    line: int
    column: int
    what: str

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        return f"{place}: {self.what}"


class ConfigErrors(Exception):
    """Everything that is wrong, at once; the text is shown to the operator as it stands.

    Raised only while starting, checking or reloading: what was in force before stays in force.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def nearest(found: object, allowed: Sequence[str]) -> str:
    """Return "; did you mean …?", or which words are allowed."""
    near = difflib.get_close_matches(str(found), allowed, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; allowed: {', '.join(allowed) or 'nothing'}"


def missing_file(path: Path, remedy: str) -> ConfigErrors:
    return ConfigErrors([Problem(str(path), 0, 0, f"is not there; {remedy}")])
