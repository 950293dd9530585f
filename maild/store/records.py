"""Values to JSON and back: letters in the outbox, changes in the history, evidence on the intake row."""

import dataclasses
import json
from datetime import datetime
from functools import lru_cache
from typing import Any, get_args

from maild.message.model import Kind, Letter, Part
from maild.ticket.change import AddMessage, Change
from maild.ticket.model import Direction, Participant, Priority, Relation, Role, Status, Visibility
from maild.ticket.proof import NO_EVIDENCE, Evidence

_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Change)}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_IN_MESSAGE_ROW = ("new_text", "text")


def letter_to_json(letter: Letter) -> str:
    return _encode(_plain(letter))


def letter_from_json(text: str) -> Letter:
    data = json.loads(text)
    data["headers"] = tuple((name, value) for name, value in data["headers"])
    data["attachments"] = tuple(Part(**part) for part in data["attachments"])
    return Letter(**data)


def change_to_json(change: Change) -> str:
    data = _plain(change)
    if isinstance(change, AddMessage):
        for name in _IN_MESSAGE_ROW:
            del data[name]
    return _encode(data)


def change_from_json(kind: str, text: str) -> Change:
    """Return the change that a history row tells of; a message's texts are those of its message row."""
    data: dict[str, Any] = json.loads(text)
    made = _KINDS[kind]
    for field in dataclasses.fields(made):
        if field.name in data:
            data[field.name] = _revive(field.name, data[field.name])
    if made is AddMessage:
        data |= dict.fromkeys(_IN_MESSAGE_ROW, "")
    revived: Change = made(**data)
    return revived


def evidence_to_json(evidence: Evidence) -> str:
    return json.dumps(dataclasses.asdict(evidence), separators=(",", ":"))


def evidence_from_json(text: str | None) -> Evidence:
    if not text:
        return NO_EVIDENCE
    data = json.loads(text)
    data["dkim"] = tuple(data["dkim"])
    return Evidence(**data)


def _plain(value: Any) -> dict[str, Any]:
    return {name: _one(getattr(value, name)) for name in _names(value.__class__)}


@lru_cache(maxsize=128)
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def _one(value: Any) -> Any:
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, tuple | list):
        return [_one(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return _plain(value) if dataclasses.is_dataclass(value) else value


_ENUMS = {
    "direction": Direction,
    "visibility": Visibility,
    "kind": Kind,
    "status": Status,
    "priority": Priority,
    "relation": Relation,
}


def _revive(name: str, value: Any) -> Any:
    if name in _ENUMS:
        return _ENUMS[name](value)
    if name in ("until", "due", "received_at", "since") and value is not None:
        return datetime.fromisoformat(value)
    if name in ("person", "requester"):
        return Participant(value["address"], value["name"], Role(value["role"]))
    if isinstance(value, list):
        return tuple(tuple(item) if isinstance(item, list) else item for item in value)
    return value
