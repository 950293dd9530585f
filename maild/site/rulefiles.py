"""rules/*.yaml: read in name order, any section in any file, checked whole before anything is believed.

Every error says file:line:column, what was found and what is allowed; all of them are told at once.
All files are taken, or none.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from maild.hours import holidays, special
from maild.rules import mistakes
from maild.rules.evaluate import Rule
from maild.site import ruledesk, rulenames, ruleyaml
from maild.site.errors import ConfigErrors, Problem, in_words, missing_file, not_utf8, refuse_unreadable
from maild.site.meaning import RULE_KEYS
from maild.site.rulemodels import KEY, SECTIONS, FileModel
from maild.site.ruleread import Read
from maild.ticket.desk import Desk

LARGEST_BYTES = 1_048_576
MOST_FILES = 200


class Rules(tuple[Rule, ...]):
    """The rules of a set of files.  Another process that is handed them reads the same texts again, once."""

    files: Mapping[str, str]
    timezone: str

    def __reduce__(self) -> tuple[Callable[..., "Rules"], tuple[tuple[tuple[str, str], ...], str]]:
        return _read_again, (tuple(self.files.items()), self.timezone)


@lru_cache(maxsize=2)
def _read_again(files: tuple[tuple[str, str], ...], timezone: str) -> Rules:
    return from_texts(dict(files), timezone=timezone).rules


@dataclass(frozen=True)
class RuleSet:
    """A set of rule files, understood."""

    desk: Desk
    rules: Rules
    files: Mapping[str, str]  # and special hours, as `special.FILE`, and countries' days, as `holidays.FILE`
    warnings: tuple[Problem, ...] = ()
    missing: Callable[[date], Iterable[Problem]] = lambda _: ()  # what is not known of the coming year

    @property
    def special_hours(self) -> tuple[special.SpecialHours, ...]:
        return special.read(self.files.get(special.FILE, ""))

    @property
    def templates(self) -> tuple[tuple[str, str], ...]:
        """The templates that rules ask for: the name, and where it stands."""
        return tuple(dict.fromkeys(rulenames.templates(self.rules)))


def load(folder: Path, timezone: str) -> RuleSet:
    """Read the rule files of a folder.

    Args:
        timezone: of calendars that name none.

    Raises:
        ConfigErrors: everything that is wrong with them.
    """
    if not folder.is_dir():
        raise missing_file(folder, "a site has its rule files there")
    refuse_unreadable(folder)
    files: dict[str, str] = {}
    problems: list[Problem] = []
    paths = sorted((*folder.glob("*.yaml"), *folder.glob("*.yml")))
    if len(paths) > MOST_FILES:
        raise ConfigErrors([Problem(str(folder), 0, 0, f"has more than {MOST_FILES} rule files")])
    for path in paths:
        try:
            if path.stat().st_size > LARGEST_BYTES:
                problems.append(Problem(path.name, 0, 0, f"is larger than {LARGEST_BYTES} bytes; part it"))
            else:
                files[path.name] = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            continue  # an editor's: a lock that leads nowhere, or a copy that is gone by now
        except UnicodeDecodeError as error:
            problems.append(not_utf8(path.name, error))
        except OSError as error:
            problems.append(Problem(path.name, 0, 0, f"cannot be read: {error.strerror}"))
    if problems:
        raise ConfigErrors(problems)
    return from_texts(files, timezone)


def from_texts(files: Mapping[str, str], timezone: str) -> RuleSet:
    """Understand rule files by their texts: those of a folder, or those that the store kept.

    Raises:
        ConfigErrors: everything that is wrong with them.
    """
    kept_days = holidays.read(files.get(holidays.FILE, ""))
    read = Read(special_hours=special.read(files.get(special.FILE, "")), kept_days=kept_days)
    for name in sorted(set(files) - {special.FILE, holidays.FILE}):
        _read_file(read, name, files[name])
    if not read.broken:
        rulenames.check(read)
    desk = ruledesk.desk(read, timezone)
    rules = Rules(ruledesk.rules(read))
    if read.problems:
        raise ConfigErrors(_in_order(read.problems))
    days = holidays.write(ruledesk.days(read))
    rules.files, rules.timezone = {**files, holidays.FILE: days} if days else dict(files), timezone
    return RuleSet(
        desk,
        rules,
        rules.files,
        tuple(_in_order((*read.warnings, *rulenames.unused(read, rules)))),
        partial(ruledesk.missing, read),
    )


_OF_TESTS = {"tests": "TestModel", "mail": "MailModel"}  # what stands inside of rules


def json_schema() -> dict[str, Any]:
    """Return a JSON Schema of a rule file, with what each key means, for editors."""
    whole = FileModel.model_json_schema(by_alias=True)
    for key, means in RULE_KEYS.items():
        section, _, name = key.partition(".")
        model = _OF_TESTS.get(section) or re.findall(r"#/\$defs/(\w+)", json.dumps(whole["properties"][section]))[0]
        whole["$defs"][model]["properties"][name]["description"] = means
    return whole


def _read_file(read: Read, name: str, text: str) -> None:
    node, problem = ruleyaml.read(name, text)
    if problem is not None:
        read.problems.append(problem)
        read.broken = True
        return
    if node is None:
        return
    left = _checked(read, name, node)
    for section in SECTIONS[:-1]:
        for key, entry in getattr(left.model, section).items():
            _enter(read, name, node, section, key, entry)
    for i, rule in zip(left.rules, left.model.rules, strict=True):
        _enter_rule(read, name, node["rules"][i], rule)


class _Left(NamedTuple):
    """What remains of a file without the entries that are wrong; rules has the places of its rules there."""

    model: FileModel
    rules: tuple[int, ...]


def _checked(read: Read, name: str, node: Any) -> _Left:
    try:
        model = FileModel.model_validate(node)
        return _Left(model, tuple(range(len(model.rules))))
    except ValidationError as error:
        failed: set[tuple[Any, ...]] = set()
        for one in error.errors():
            path = ruleyaml.known(node, tuple(one["loc"]))
            read.wrong(name, node, path, f"{'.'.join(map(str, path))}: {_said(one, path)}".removeprefix(": "))
            failed.add(tuple(one["loc"][:2]))
    read.failed |= failed
    left = {section: _without(node[section], section, failed) for section in SECTIONS if _has(node, section, failed)}
    rules = left.get("rules", {})
    return _Left(FileModel.model_validate({**left, "rules": list(rules.values())}), tuple(rules))


def _has(node: Any, section: str, failed: set[tuple[Any, ...]]) -> bool:
    return isinstance(node, Mapping) and section in node and (section,) not in failed


def _without(entries: Any, section: str, failed: set[tuple[Any, ...]]) -> dict[Any, Any]:
    listed = enumerate(entries) if section == "rules" else entries.items()
    return {key: entry for key, entry in listed if (section, key) not in failed}


def _said(error: Any, path: mistakes.Path) -> str:
    if error["type"] == "model_type" and not path:
        return f"a rule file has sections: {', '.join(SECTIONS)}"
    return in_words(error, _keys_beside(tuple(error["loc"])))


def _keys_beside(path: mistakes.Path) -> list[str]:
    """Return the keys that are allowed where an unknown one stands."""
    model: Any = FileModel
    for part in path[:-1]:
        fields = getattr(model, "model_fields", {})
        named = next((info.annotation for name, info in fields.items() if part in (name, info.alias)), model)
        model = next(_models(named), model)
    return [info.alias or name for name, info in getattr(model, "model_fields", {}).items()]


def _models(annotation: Any) -> Iterator[Any]:
    """Return the models that are in a type, such as dict[str, list[StepModel]]."""
    if hasattr(annotation, "model_fields"):
        yield annotation
    for one in getattr(annotation, "__args__", ()):
        yield from _models(one)


def _enter(read: Read, file: str, node: Any, section: str, key: str, entry: Any) -> None:
    if not KEY.fullmatch(key):
        read.wrong(file, node, (section, key), f"{section}.{key}: a name has letters, digits, - and _ only")
    elif (section, key) in read.places:
        other, elsewhere = read.places[section, key]
        line, column = ruleyaml.place(elsewhere, (section, key))
        read.wrong(file, node, (section, key), f"{section}.{key}: the name is taken at {other}:{line}:{column}")
    else:
        read.entries[section][key] = entry
        read.places[section, key] = (file, node)


def _enter_rule(read: Read, file: str, node: Any, rule: Any) -> None:
    first = read.places.setdefault(("rules", rule.name), (file, node))
    if first[1] is not node:
        line, column = ruleyaml.place(first[1], ("name",))
        read.wrong(file, node, ("name",), f"rule {rule.name!r}: the name is taken at {first[0]}:{line}:{column}")
    read.rules.append((file, node, rule))


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(dict.fromkeys(problems), key=lambda one: (one.file, one.line, one.column))
