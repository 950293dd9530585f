"""Values to JSON and back: letters in the outbox, changes in the history, evidence on the intake row."""

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Any, get_args

import orjson

from maild.message.model import Kind, Letter, Part
from maild.ticket.change import AddMessage, Change
from maild.ticket.model import Direction, Participant, Priority, Relation, Role, Status, Visibility
from maild.ticket.proof import NO_EVIDENCE, Evidence

_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Change)}
_IN_MESSAGE_ROW = ("new_text", "text")


def letter_to_json(letter: Letter) -> str:
    return _encode(letter)


def letter_from_json(text: str) -> Letter:
    """Return the letter of an outbox row."""
    data = orjson.loads(text)
    data["headers"] = tuple((name, value) for name, value in data["headers"])
    data["attachments"] = tuple(Part(**part) for part in data["attachments"])
    return Letter(**data)


def change_to_json(change: Change) -> str:
    """Return a change as a history row keeps it: a message without its texts, which its own row has."""
    if not isinstance(change, AddMessage):
        return _encode(change)
    names = (field.name for field in dataclasses.fields(change) if field.name not in _IN_MESSAGE_ROW)
    return _encode({name: getattr(change, name) for name in names})


def change_from_json(kind: str, text: str) -> Change:
    """Return the change that a history row tells of; a message's texts are those of its message row."""
    made = _KINDS[kind]
    values = {name: _revived(name, value) for name, value in orjson.loads(text).items()}
    if made is AddMessage:
        values |= dict.fromkeys(_IN_MESSAGE_ROW, "")
    change: Change = made(**values)
    return change


def evidence_to_json(evidence: Evidence) -> str:
    return _encode(evidence)


def evidence_from_json(text: str | None) -> Evidence:
    """Return the evidence of an intake row; that there is none where nothing was gathered."""
    if not text:
        return NO_EVIDENCE
    data = orjson.loads(text)
    data["dkim"] = tuple(data["dkim"])
    return Evidence(**data)


def _encode(value: object) -> str:
    return orjson.dumps(value, default=_like_a_tuple).decode()


def _like_a_tuple(value: object) -> list[Any]:
    """Named tuples are not known to the library."""
    if isinstance(value, tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON")


def _revived(name: str, value: Any) -> Any:
    if value is None:
        return value
    if isinstance(value, list):
        return tuple(tuple(item) if isinstance(item, list) else item for item in value)
    return _REVIVED[name](value) if name in _REVIVED else value


def _participant(value: dict[str, str]) -> Participant:
    return Participant(value["address"], value["name"], Role(value["role"]))


# What is not in JSON as it is in a change, by the names of fields; no two changes mean different things by one.
_REVIVED: dict[str, Callable[[Any], Any]] = {
    "direction": Direction,
    "visibility": Visibility,
    "kind": Kind,
    "status": Status,
    "priority": Priority,
    "relation": Relation,
    **dict.fromkeys(("until", "due", "received_at", "since"), datetime.fromisoformat),
    **dict.fromkeys(("person", "requester"), _participant),
}
