"""rules/*.yaml: read in name order, any section in any file, checked whole before anything is believed.

Every error says file:line:column, what was found and what is allowed; all of them are told at once.
All files are taken, or none.  YAML 1.2 with positions; anchors and aliases are refused, for a few lines
of them can mean gigabytes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from maild.hours import duration, holidays
from maild.hours.calendar import Calendar, CalendarError
from maild.rules import conditions, evaluate
from maild.rules.evaluate import Rule
from maild.site.errors import ConfigErrors, Problem, missing_file, nearest
from maild.site.rulemodels import KEY, SECTIONS, CalendarModel, FileModel, PromiseModel, QueueModel, StepModel
from maild.ticket.desk import Agent, Desk, Ladder, PromisePolicy, Queue, Step, Team
from maild.ticket.model import Priority

LARGEST_BYTES = 1_048_576
CLOCKS = ("first_reply", "next_reply", "update", "resolution")
TELL = ("assignee", "team", "lead", "manager", "customer")


@dataclass(frozen=True)
class RuleSet:
    """A set of rule files, understood."""

    desk: Desk
    rules: tuple[Rule, ...]
    files: Mapping[str, str]
    warnings: tuple[Problem, ...] = ()


@dataclass
class _Read:
    """What was read so far: each section's entries with their places, and what is wrong."""

    problems: list[Problem] = field(default_factory=list)
    entries: dict[str, dict[str, Any]] = field(default_factory=lambda: {section: {} for section in SECTIONS})
    places: dict[tuple[str, ...], tuple[str, Any]] = field(default_factory=dict)
    rules: list[tuple[str, Any, Any]] = field(default_factory=list)  # file, node, model

    def wrong(self, file: str, node: Any, path: tuple[str | int, ...], what: str) -> None:
        line, column = _position(node, path)
        self.problems.append(Problem(file, line, column, what))


def load(folder: Path) -> RuleSet:
    """Read the rule files of a folder.

    Raises:
        ConfigErrors: everything that is wrong with them.
    """
    if not folder.is_dir():
        raise missing_file(folder, "a site has its rule files there")
    files: dict[str, str] = {}
    problems: list[Problem] = []
    for path in sorted((*folder.glob("*.yaml"), *folder.glob("*.yml"))):
        if path.stat().st_size > LARGEST_BYTES:
            problems.append(Problem(path.name, 0, 0, f"is larger than {LARGEST_BYTES} bytes"))
            continue
        try:
            files[path.name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            problems.append(Problem(path.name, 0, 0, f"is not UTF-8: {error}"))
    if problems:
        raise ConfigErrors(problems)
    return from_texts(files)


def from_texts(files: Mapping[str, str]) -> RuleSet:
    """Understand rule files by their texts: those of a folder, or those that the store kept.

    Raises:
        ConfigErrors: everything that is wrong with them.
    """
    read = _Read()
    for name in sorted(files):
        _read_file(read, name, files[name])
    if read.problems:
        raise ConfigErrors(read.problems)
    _check_names(read)
    desk, rules = _desk(read), _rules(read)
    if read.problems:
        raise ConfigErrors(read.problems)
    return RuleSet(desk, rules, dict(files), tuple(_warnings(read)))


def json_schemas() -> dict[str, Any]:
    """Return a JSON Schema for each section, for editors."""
    whole = FileModel.model_json_schema(by_alias=True)
    return {section: {**whole["properties"][section], "$defs": whole["$defs"]} for section in SECTIONS}


# ---- reading ---------------------------------------------------------------------------------------


def _read_file(read: _Read, name: str, text: str) -> None:
    try:
        _refuse_aliases(text)
        node = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        read.problems.append(Problem(name, line, column, str(error.problem or error.context or error).strip()))
        return
    except (YAMLError, ValueError) as error:
        read.problems.append(Problem(name, 0, 0, f"is no YAML: {str(error).splitlines()[0]}"))
        return
    if node is None:
        return
    try:
        model = FileModel.model_validate(node)
    except ValidationError as error:
        _explain(read, name, node, error)
        return
    for section in SECTIONS[:-1]:
        for key, entry in getattr(model, section).items():
            _enter(read, name, node, section, key, entry)
    read.rules += [(name, node["rules"][i], rule) for i, rule in enumerate(model.rules)]


def _refuse_aliases(text: str) -> None:
    from ruamel.yaml.tokens import AliasToken, AnchorToken

    for token in YAML(typ="rt", pure=True).scan(text):
        if isinstance(token, AliasToken | AnchorToken):
            mark = token.start_mark
            raise MarkedYAMLError(problem="anchors and aliases are not allowed: write it out", problem_mark=mark)


def _explain(read: _Read, name: str, node: Any, error: ValidationError) -> None:
    for one in error.errors():
        path = tuple(part for part in one["loc"] if part not in ("[key]", "function-after[_address(), str]"))
        read.wrong(name, node, path, f"{'.'.join(map(str, path))}: {_said(one, path)}")


def _said(error: Any, path: tuple[str | int, ...]) -> str:
    if error["type"] == "extra_forbidden":
        return f"there is no such key{nearest(path[-1], _keys_beside(path))}"
    if error["type"] == "missing":
        return "is missing"
    found = error.get("input")
    shown = f"; found {found!r}" if isinstance(found, str | int | float | bool) else ""
    return f"{str(error['msg']).removeprefix('Value error, ')}{shown}"


def _keys_beside(path: tuple[str | int, ...]) -> list[str]:
    if len(path) == 1:
        return list(SECTIONS)
    annotation: Any = FileModel.model_fields[str(path[0])].annotation
    model = annotation.__args__[-1]
    model = getattr(model, "__args__", (model,))[0]
    return [info.alias or name for name, info in model.model_fields.items()]


def _enter(read: _Read, file: str, node: Any, section: str, key: str, entry: Any) -> None:
    if not KEY.fullmatch(key):
        read.wrong(file, node, (section, key), f"{section}.{key}: a name has letters, digits, - and _ only")
    elif (section, key) in read.places:
        other, elsewhere = read.places[section, key]
        line, column = _position(elsewhere, (section, key))
        read.wrong(file, node, (section, key), f"{section}.{key}: the name is taken at {other}:{line}:{column}")
    else:
        read.entries[section][key] = entry
        read.places[section, key] = (file, node)


def _position(node: Any, path: tuple[str | int, ...]) -> tuple[int, int]:
    """Return line and column of the deepest part of a path that the file has, counting from 1."""
    place = (1, 1)
    for part in path:
        marks = getattr(node, "lc", None)
        try:
            found = marks.item(part) if isinstance(part, int) else marks.key(part)  # type: ignore[union-attr]
            node = node[part]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
        place = (found[0] + 1, found[1] + 1)
    return place


# ---- names ------------------------------------------------------------------------------------------


def _check_names(read: _Read) -> None:
    """Every name that is used must be given; the nearest is told."""
    for section, key, path, used, among in _uses(read):
        known = list(read.entries[among])
        if used and used not in known:
            _wrong_at(read, section, key, path, f"there is no such name in {among}: {used!r}{nearest(used, known)}")
    queues = read.entries["queues"]
    if not queues:
        read.problems.append(Problem("rules", 0, 0, "there is no queue: mail has nowhere to go"))
    defaults = [key for key, queue in queues.items() if queue.default]
    if len(defaults) > 1:
        _wrong_at(read, "queues", defaults[1], ("default",), f"{defaults[0]} is the default queue already")
    _check_addresses(read)


def _uses(read: _Read) -> Iterator[tuple[str, str, tuple[str | int, ...], str, str]]:
    """Return where names are used: section, key, path below it, the name, and the section that must give it."""
    for key, agent in read.entries["agents"].items():
        yield "agents", key, ("hours",), agent.hours, "calendars"
    for key, team in read.entries["teams"].items():
        for i, member in enumerate(team.members):
            yield "teams", key, ("members", i), member, "agents"
        yield "teams", key, ("lead",), team.lead, "agents"
        yield "teams", key, ("manager",), team.manager, "agents"
    for key, promise in read.entries["promises"].items():
        yield "promises", key, ("ladder",), promise.ladder, "ladders"
    for key, queue in read.entries["queues"].items():
        for name, among in (("team", "teams"), ("calendar", "calendars"), ("promise", "promises")):
            yield "queues", key, (name,), getattr(queue, name), among


def _check_addresses(read: _Read) -> None:
    """An address belongs to one queue or one agent, never to two."""
    owners: dict[str, str] = {}
    for section in ("queues", "agents"):
        for key, entry in read.entries[section].items():
            own = entry.addresses if section == "queues" else [entry.address, *entry.addresses]
            for address in own:
                other = owners.setdefault(address.lower(), f"{section}.{key}")
                if other != f"{section}.{key}":
                    _wrong_at(read, section, key, ("addresses",), f"{address} belongs to {other} already")


def _wrong_at(read: _Read, section: str, key: str, path: tuple[str | int, ...], what: str) -> None:
    file, node = read.places[section, key]
    read.wrong(file, node, (section, key, *path), f"{'.'.join(map(str, (section, key, *path)))}: {what}")


# ---- values -----------------------------------------------------------------------------------------


def _desk(read: _Read) -> Desk:
    entries = read.entries
    calendars, names = _calendars(read)
    return Desk(
        agents={
            key: Agent(
                key,
                a.address,
                a.name or key,
                tuple(a.addresses),
                tuple(a.languages),
                a.role,
                a.hours,
                a.notify,
                tuple(a.away),
            )
            for key, a in entries["agents"].items()
        },
        teams={key: Team(key, tuple(t.members), t.lead, t.manager) for key, t in entries["teams"].items()},
        queues={key: _queue(key, q) for key, q in entries["queues"].items()},
        calendars=calendars,
        promises={key: _promise(read, key, p) for key, p in entries["promises"].items()},
        ladders={key: _ladder(read, key, steps) for key, steps in entries["ladders"].items()},
        holidays=names,
        zones={key: c.timezone for key, c in entries["calendars"].items() if c.timezone},
    )


def _queue(key: str, model: QueueModel) -> Queue:
    values = model.model_dump(exclude={"addresses", "reopen_within", "undo"})
    return Queue(
        key,
        tuple(model.addresses),
        reopen_within=timedelta(seconds=duration.parse(model.reopen_within).clock),
        undo=timedelta(seconds=duration.parse(model.undo).clock),
        **values,
    )


def _calendars(read: _Read) -> tuple[dict[str, Calendar], dict[str, Mapping[str, Mapping[str, str]]]]:
    made: dict[str, Calendar] = {}
    names: dict[str, Mapping[str, Mapping[str, str]]] = {}
    for key, model in read.entries["calendars"].items():
        try:
            made[key], names[key] = _calendar(model)
        except CalendarError as error:
            path = tuple(getattr(error, "path", ()))
            _wrong_at(read, "calendars", key, path, str(error))
    return made, names


def _calendar(model: CalendarModel) -> tuple[Calendar, Mapping[str, Mapping[str, str]]]:
    return holidays.calendar_of_rules(model)


def _promise(read: _Read, key: str, model: PromiseModel) -> PromisePolicy:
    targets: dict[tuple[str, Priority], int] = {}
    for clock in CLOCKS:
        for priority, text in getattr(model, clock).items():
            seconds = duration.parse(text).working
            if priority not in set(Priority):
                _wrong_at(
                    read, "promises", key, (clock, priority), f"is no priority{nearest(priority, list(Priority))}"
                )
            elif seconds <= 0:
                _wrong_at(
                    read,
                    "promises",
                    key,
                    (clock, priority),
                    f"a promise counts working time: write 8wh or 30wm; found {text!r}",
                )
            else:
                targets[clock, Priority(priority)] = seconds
    return PromisePolicy(key, targets, model.ladder)


def _ladder(read: _Read, key: str, steps: list[StepModel]) -> Ladder:
    made: list[Step] = []
    for i, step in enumerate(steps):
        tell = (step.tell,) if isinstance(step.tell, str) else tuple(step.tell)
        for one in tell:
            if one not in TELL and one not in read.entries["agents"] and "@" not in one:
                known = [*TELL, *read.entries["agents"]]
                file, node = read.places["ladders", key]
                read.wrong(file, node, ("ladders", key, i, "tell"), f"nobody is called {one!r}{nearest(one, known)}")
        try:
            duration.parse_offset(step.at)
        except ValueError as error:
            file, node = read.places["ladders", key]
            read.wrong(file, node, ("ladders", key, i, "at"), str(error))
        made.append(Step(step.at, tell, step.repeat, step.at_most, step.notify, tuple(step.then)))
    return Ladder(key, tuple(made))


def _rules(read: _Read) -> tuple[Rule, ...]:
    made: list[Rule] = []
    for file, node, model in read.rules:
        line, _ = _position(node, ("name",))
        try:
            when = conditions.compile(model.when if model.when is not None else {})
            then = evaluate.compile_actions(model.then)
        except conditions.RuleError as error:
            read.wrong(file, node, error.path, f"rule {model.name!r}: {error.problem}")
            continue
        made.append(Rule(model.name, when, then, model.stop, model.every, tuple(model.tests), f"{file}:{line}"))
    return tuple(made)


def _warnings(read: _Read) -> Iterator[Problem]:
    """Things that are allowed and that nobody can have meant."""
    used = {(among, name) for _, _, _, name, among in _uses(read)}
    say = partial(_warning, read)
    for section, what in (
        ("calendars", "no queue uses it"),
        ("promises", "no queue uses it"),
        ("ladders", "nobody uses it"),
        ("agents", "he is in no team"),
        ("teams", "no queue has it"),
    ):
        for key in read.entries[section]:
            if (section, key) not in used:
                yield say(section, key, what)


def _warning(read: _Read, section: str, key: str, what: str) -> Problem:
    file, node = read.places[section, key]
    line, column = _position(node, (section, key))
    return Problem(file, line, column, f"{section}.{key}: {what}")
