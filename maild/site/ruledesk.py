"""From what was read to what is meant: the desk's plain values, and rules that can be asked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple
from datetime import date, timedelta
from typing import Any

from maild.hours import duration, holidays, opening, special
from maild.hours.calendar import Calendar, CalendarError
from maild.hours.clocks import CLOCKS
from maild.hours.holidays import RuleDays
from maild.nearest import did_you_mean
from maild.rules import actions, analysis, conditions
from maild.rules.actions import Action
from maild.rules.evaluate import Every, Rule, RuleTest
from maild.rules.mistakes import Mistake, Path
from maild.rules.people import CHOOSE
from maild.site import rulemodels, rulenames
from maild.site.errors import Problem
from maild.site.rulemodels import FormModel, PromiseModel, QueueModel, StepModel, TestModel
from maild.site.ruleread import Read
from maild.site.ruleyaml import place
from maild.ticket.desk import PLACES, Agent, Desk, Form, Ladder, PromisePolicy, Queue, Step, Team
from maild.ticket.model import Priority

Names = dict[str, Mapping[str, Mapping[str, str]]]  # calendar, date, language
CUSTOMER = "customer"  # in a step's tell
NOT_TOLD = (
    "a step tells no customer: customers are told once that a promise was not kept (late_mail of the queue); for words "
    "of your own write then: [{answer: TEMPLATE}]"
)


def desk(read: Read, timezone: str) -> Desk:
    """Return the desk; what cannot be meant is added to what was read."""
    entries = read.entries
    calendars, names = _calendars(read, timezone)
    promises = {key: _promise(key, promise) for key, promise in entries["promises"].items()}
    ladders = {key: _ladder(read, key, steps) for key, steps in entries["ladders"].items()}
    read.warnings += _never_coming(read, promises.values(), ladders)
    read.warnings += _warned_too_late(read)
    return Desk(
        agents={key: _agent(key, agent) for key, agent in entries["agents"].items()},
        teams={key: Team(key, tuple(team.members), team.lead, team.manager) for key, team in entries["teams"].items()},
        queues={key: _queue(key, queue) for key, queue in entries["queues"].items()},
        calendars=calendars,
        promises=promises,
        ladders=ladders,
        holidays=names,
        zones={key: calendar.zone for key, calendar in calendars.items()},
        forms={key: _form(key, form) for key, form in entries["forms"].items()},
        fields={key: one.about for key, one in entries["fields"].items()},
    )


def _agent(key: str, model: Any) -> Agent:
    values = model.model_dump(exclude={"name", "addresses", "languages", "away"})
    several: dict[str, Any] = {name: tuple(getattr(model, name)) for name in ("addresses", "languages", "away")}
    return Agent(key, name=model.name or key, **values, **several)


def _queue(key: str, model: QueueModel) -> Queue:
    values = model.model_dump(exclude={"addresses", "reopen_within", "undo"})
    return Queue(
        key,
        tuple(model.addresses),
        reopen_within=timedelta(seconds=duration.parse(model.reopen_within).clock),
        undo=timedelta(seconds=duration.parse(model.undo).clock if model.undo else 0),
        **values,
    )


def _form(key: str, model: FormModel) -> Form:
    return Form(key, model.from_address, model.requester)


def _promise(key: str, model: PromiseModel) -> PromisePolicy:
    targets: dict[tuple[str, Priority], int] = {
        (clock, Priority(priority)): duration.parse(text).working
        for clock in CLOCKS
        for priority, text in getattr(model, clock).items()
    }
    return PromisePolicy(key, targets, model.ladder)


def _calendars(read: Read, timezone: str) -> tuple[dict[str, Calendar], Names]:
    made: dict[str, Calendar] = {}
    names: Names = {}
    for key, model in read.entries["calendars"].items():
        if not model.timezone and not timezone:
            read.wrong_at("calendars", key, ("timezone",), "is missing; write one such as Europe/Riga")
            continue
        try:
            dates = {**model.dates, **special.dates_of(read.special_hours, key)}
            whole = model.model_copy(update={"dates": dates})
            made[key], names[key] = opening.calendar_of_rules(whole, timezone, kept=read.kept_days)
        except CalendarError as error:
            for one in error.problems:
                read.wrong_at("calendars", key, one.path, f"{one.what}; {one.remedy}")
            continue
        read.warnings += [
            read.at("calendars", key, one.path, f"{one.what}; {one.remedy}") for one in made[key].warnings
        ]
    return made, names


def days(read: Read) -> dict[str, RuleDays]:
    """Return the days of countries by which the calendars were made, to be kept."""
    models = [model for model in read.entries["calendars"].values() if holidays.name_of(model)]
    return {holidays.name_of(model): holidays.days_of(model, read.kept_days) for model in models}


def missing(read: Read, today: date) -> Iterator[Problem]:
    """Return what is not known yet of the coming year, at its place in the rule files."""
    for key, model in read.entries["calendars"].items():
        if holidays.name_of(model):
            known = holidays.days_of(model, read.kept_days)
            for one in holidays.missing(known, model.swaps, model.dates, today):
                yield read.at("calendars", key, one.path, f"{one.what}; {one.remedy}")


def _ladder(read: Read, key: str, steps: list[StepModel]) -> Ladder:
    made: list[Step] = []
    offered = [*PLACES, *read.names("agents")]
    for i, step in enumerate(steps):
        file, node = read.places["ladders", key]
        tell = (step.tell,) if isinstance(step.tell, str) else tuple(step.tell)
        for one in tell:
            if one not in (*offered, CUSTOMER) and "@" not in one and not read.broken:
                read.wrong(
                    file, node, ("ladders", key, i, "tell"), f"nobody is called {one!r}; {did_you_mean(one, offered)}"
                )
            if one == CUSTOMER:
                read.warnings.append(read.at("ladders", key, (i, "tell"), NOT_TOLD))
        mistakes: list[Mistake] = []
        then = actions.compile(step.then, mistakes)
        mistakes += analysis.done_with_a_mail(then, "a step")
        mistakes += () if read.broken else _unknown(read, Rule(f"ladders.{key}", conditions.ALWAYS, then))
        for mistake in mistakes:
            read.wrong(file, node, ("ladders", key, i, *mistake.path), f"ladders.{key}: {mistake.what}")
        made.append(Step(step.at, tell, step.repeat, step.at_most, step.notify, tuple(step.then)))
    return Ladder(key, tuple(made))


def _never_coming(read: Read, promises: Iterable[PromisePolicy], ladders: Mapping[str, Ladder]) -> Iterator[Problem]:
    """Return the steps that would lie before their clock begins: "-1wh" of a promise of 30 minutes."""
    for policy in promises:
        steps = ladders[policy.ladder].steps if policy.ladder in ladders else ()
        for i, step in enumerate(steps):
            late = [
                priority
                for (_, priority), target in policy.targets.items()
                if duration.parse_offset(step.at).seconds(target) <= 0
            ]
            if late:
                who = ", ".join(dict.fromkeys(late))
                what = f"never comes with promises.{policy.key} ({who}): it would be before the time begins to count"
                yield read.at("ladders", policy.ladder, (i, "at"), what)


def _warned_too_late(read: Read) -> Iterator[Problem]:
    """Return the queues that would warn a customer of the end of his ticket when it has ended."""
    for key, queue in read.entries["queues"].items():
        if queue.warn_before_close:
            warns, closes = (duration.parse(one) for one in (queue.warn_before_close, queue.close_after))
            if any(0 < b <= a for a, b in zip(astuple(warns), astuple(closes), strict=True)):
                what = f"never comes, for the ticket is closed after {queue.close_after}: write less than close_after"
                yield read.at("queues", key, ("warn_before_close",), what)


def rules(read: Read) -> tuple[Rule, ...]:
    """Return the rules; what cannot be meant is added to what was read."""
    return tuple(_rule(read, file, node, model) for file, node, model in read.rules)


def _rule(read: Read, file: str, node: Any, model: Any) -> Rule:
    mistakes: list[Mistake] = []
    when = conditions.compile(model.when, mistakes)
    then = actions.compile(model.then, mistakes)
    tests = tuple(_test(file, node, i, test, mistakes) for i, test in enumerate(model.tests))
    line, _ = place(node, ("name",))
    every = Every(*rulemodels.parse_every(model.every), model.at_most, model.every) if model.every else None
    rule = Rule(model.name, when, then, model.stop, every, tests, f"{file}:{line}")
    if every is not None:
        mistakes += analysis.needs_a_mail(when, then)
        mistakes += [Mistake(("tests",), "a time rule sees no mail: it cannot be tested with one")] if tests else []
    mistakes += analysis.uncaptured(when, then)
    mistakes += analysis.unmeant(then)
    mistakes += () if read.broken else (*_unknown(read, rule), *_to_ourselves(read, rule))
    if not model.then and not model.stop:
        mistakes.append(Mistake(("name",), "does nothing; write what it does in then"))
    for path, what in mistakes:
        read.problems.append(Problem(file, *place(node, path), f"rule {model.name!r}: {_where(path)}{what}"))
    return rule


def _test(file: str, node: Any, number: int, model: TestModel, mistakes: list[Mistake]) -> RuleTest:
    path: Path = ("tests", number)
    then = _expected(model.then, mistakes, (*path, "then"))
    never = _expected(model.never, mistakes, (*path, "not"))
    mail = model.mail.model_dump(by_alias=True) if model.mail else {}
    line, _ = place(node, path)
    return RuleTest(mail, model.file, model.at, then, never, f"{file}:{line}")


def _expected(listed: list[Any], mistakes: list[Mistake], path: Path) -> tuple[Action, ...]:
    return actions.compile(listed, mistakes, path) if listed else ()


def _unknown(read: Read, rule: Rule) -> list[Mistake]:
    """Tell of names that no section gives; templates are known when they are rendered."""
    mistakes: list[Mistake] = []
    for path, section, name in rulenames.in_rule(rule):
        known = read.names(section)
        if section == "fields" and not known:
            continue  # a site that names none may keep any
        if section != "templates" and name not in known:
            offered = [*known, *(PLACES if "tell" in path else CHOOSE)] if section == "agents" else known
            mistakes.append(
                Mistake(path, f"there is no such name in {section}: {name!r}; {did_you_mean(name, offered)}")
            )
    return mistakes


def _to_ourselves(read: Read, rule: Rule) -> Iterator[Mistake]:
    """Tell of mail that would be sent on to where it came from."""
    owners = {one.lower(): key for key, queue in read.entries["queues"].items() for one in queue.addresses}
    for action in rule.then:
        if action.verb.name in ("forward", "tell"):
            for address in (one for one in action.value if one.lower() in owners):
                key = owners[address.lower()]
                yield Mistake(action.path, f"{address} is an address of queue {key}; write `queue: {key}`")


def _where(path: Path) -> str:
    words = ".".join(str(part) for part in path if isinstance(part, str))
    return f"{words}: "
