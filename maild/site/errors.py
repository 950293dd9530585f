"""What cannot be meant in a site's files: the place, what was found, what to write instead."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maild.nearest import did_you_mean


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


# What pydantic says about a value, in our words; {names} are its own.
_WORDS = {
    "string_type": "write text here",
    "int_type": "write a whole number here",
    "int_parsing": "write a whole number here",
    "int_from_float": "write a whole number here",
    "bool_type": "write true or false here",
    "bool_parsing": "write true or false here",
    "list_type": "write a list here, in [brackets]",
    "tuple_type": "write a list here, in [brackets]",
    "dict_type": "write names with their values here",
    "model_type": "write names with their values here",
    "date_from_datetime_parsing": "write a date here, such as 2026-11-23",
    "date_type": "write a date here, such as 2026-11-23",
    "datetime_from_date_parsing": "write an instant here, such as 2026-11-23T10:00:00Z",
    "datetime_type": "write an instant here, such as 2026-11-23T10:00:00Z",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must not be empty",
    "literal_error": "must be {expected}",
    "invalid_key": "write a name here",
    "enum": "must be {expected}",
    "missing": "is missing",
}


def in_words(error: Mapping[str, Any], allowed: Sequence[str] = ()) -> str:
    """Return what is wrong with a value of which a pydantic model told, and what was found.

    Args:
        error: one of ValidationError.errors().
        allowed: the keys that may stand where an unknown one does.
    """
    kind, found = error["type"], error.get("input")
    if kind == "extra_forbidden":
        return f"there is no such key; {did_you_mean(error['loc'][-1], allowed)}"
    words = _WORDS.get(kind, "").format(**error.get("ctx", {})) or str(error["msg"]).removeprefix("Value error, ")
    shown = isinstance(found, str | int | float) and repr(found) not in words
    return f"{words}; found {found!r}" if shown else words


def not_utf8(file: str, error: UnicodeDecodeError) -> Problem:
    """Return where a file's text ends to be UTF-8, and what to do about it."""
    before = error.object[: error.start].decode(errors="replace")
    column = len(before) - before.rfind("\n")
    return Problem(file, before.count("\n") + 1, column, "is not UTF-8 text; save the file with the encoding UTF-8")


def refuse_unreadable(folder: Path) -> None:
    """Make sure that one may look into a folder, if it is there: a search finds nothing in any other, and says nothing.

    Raises:
        ConfigErrors: one may not.
    """
    try:
        os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise ConfigErrors([Problem(str(folder), 0, 0, f"cannot be read: {error.strerror}")]) from None


def missing_file(path: Path, remedy: str) -> ConfigErrors:
    return ConfigErrors([Problem(str(path), 0, 0, f"is not there; {remedy}")])
