"""What an action in a rule file takes: each kind of value read as it is used, or refused in words by a ValueError."""

import re
from collections.abc import Mapping

from maild.nearest import did_you_mean
from maild.rules.captures import CAPTURE
from maild.rules.case import Values
from maild.rules.fields import NAME
from maild.rules.mistakes import is_list, shown
from maild.ticket.model import Priority

GIVEN_STATUSES = ("open", "waiting", "on_hold", "solved")
_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
_TAG = re.compile(r"[^\W_][\w.-]{0,39}")


def text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"write text here; found {shown(value)}")
    return value


def texts(value: object) -> Values:
    values = value if is_list(value) else [value]
    if not values:
        raise ValueError("an empty list does nothing")
    return tuple(text(one) for one in values)


def priority(value: object) -> str:
    if value not in tuple(Priority):
        raise ValueError(f"there is no such priority; {did_you_mean(value, map(str, Priority))}")
    return str(value)


def status(value: object) -> str:
    if value not in GIVEN_STATUSES:
        raise ValueError(f"there is no such status to give; {did_you_mean(value, GIVEN_STATUSES)}")
    return str(value)


def tags(value: object) -> Values:
    values = texts(value)
    for one in values:
        if not _TAG.fullmatch(CAPTURE.sub("x", one)):
            raise ValueError(f"a tag has letters, digits, - . and _ only; found {shown(one)}")
    return tuple(one if CAPTURE.search(one) else one.lower() for one in values)  # names of captures have case


def template(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z0-9_-]*", value):
        raise ValueError(f"write a template's name here; found {shown(value)}")
    return value


def template_or_none(value: object) -> str:
    return "" if value in ("none", False, None) else template(value)


def addresses(value: object) -> Values:
    values = texts(value)
    for one in values:
        if not _ADDRESS.fullmatch(one) or CAPTURE.search(one):
            raise ValueError(f"write a mail address here; found {shown(one)}")
    return values


def people(value: object) -> Values:
    """Read agents, places and addresses; whose name is whose, the loader knows."""
    values = texts(value)
    addresses([one for one in values if "@" in one] or "nobody@example.com")
    return values


def fields(value: object) -> Mapping[str, str]:
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f'write a name and a text here, such as {{order: "{{1}}"}}; found {shown(value)}')
    for name in value:
        if not NAME.fullmatch(str(name)):
            raise ValueError(f"a field's name has letters, digits, - and _ only; found {shown(name)}")
    return {str(name): text(one) for name, one in value.items()}


def true(value: object) -> bool:
    if value is not True:
        raise ValueError("write `stop` alone, or leave it out")
    return True
