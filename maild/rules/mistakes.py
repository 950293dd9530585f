"""Mistakes in what an admin wrote: where each stands, what was found there, what may have been meant."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeGuard

Path = tuple[str | int, ...]


class Mistake(NamedTuple):
    """What cannot be meant, and where below its rule it stands."""

    path: Path
    what: str


def shown(value: object) -> str:
    """Return what was found, as a message shows it: short, and in the words of YAML."""
    if isinstance(value, Mapping) or is_list(value):
        return ("a mapping" if isinstance(value, Mapping) else "a list") if value else "an empty one"
    text = "nothing" if value is None else as_yaml(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def as_yaml(value: object) -> str:
    return repr(value) if isinstance(value, str) else str(value).lower()
