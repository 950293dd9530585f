"""Names in rule files: each that is used must be given, and what is given should be used."""

from collections.abc import Iterator

from maild.nearest import did_you_mean
from maild.rules import analysis
from maild.rules.evaluate import Rule
from maild.rules.mistakes import Path
from maild.site.errors import Problem
from maild.site.ruleread import Read
from maild.site.ruleyaml import place

UNUSED = (
    ("calendars", "nobody uses this calendar"),
    ("promises", "nobody makes this promise"),
    ("ladders", "no promise has this ladder"),
    ("agents", "is in no team"),
    ("teams", "no queue has this team"),
)
RATED_WHERE = (
    "needs a reply_address with {token}, such as support+{token}@example.com: a rating counts only at the customer's "
    "own address"
)


def check(read: Read) -> None:
    """Every name that is used must be given; an address belongs to one place alone."""
    for section, key, path, used, among in _uses(read):
        known = read.names(among)
        if used and used not in known:
            read.wrong_at(
                section, key, path, f"there is no such name in {among}: {used!r}; {did_you_mean(used, known)}"
            )
    queues = read.entries["queues"]
    if not read.names("queues"):
        read.problems.append(Problem("rules", 0, 0, "there is no queue: mail has nowhere to go; write one in queues"))
    defaults = [key for key, queue in queues.items() if queue.default]
    for other in defaults[1:]:
        read.wrong_at("queues", other, ("default",), f"{defaults[0]} is the default queue already")
    for key, queue in queues.items():
        if queue.ask_rating and queue.reply_address == "none":
            read.wrong_at("queues", key, ("ask_rating",), RATED_WHERE)
    _check_addresses(read)


def _uses(read: Read) -> Iterator[tuple[str, str, Path, str, str]]:
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


def _check_addresses(read: Read) -> None:
    owners: dict[str, str] = {}
    for section, key, path, address in _addresses(read):
        other = owners.setdefault(address.lower(), f"{section}.{key}")
        if other != f"{section}.{key}":
            read.wrong_at(section, key, path, f"{address} belongs to {other} already")


def _addresses(read: Read) -> Iterator[tuple[str, str, Path, str]]:
    for key, queue in read.entries["queues"].items():
        yield from (("queues", key, ("addresses", i), one) for i, one in enumerate(queue.addresses))
    for key, agent in read.entries["agents"].items():
        yield "agents", key, ("address",), agent.address
        yield from (("agents", key, ("addresses", i), one) for i, one in enumerate(agent.addresses))


def in_rule(rule: Rule) -> Iterator[tuple[Path, str, str]]:
    """Return the names that a rule uses, and where below it they stand."""
    yield from analysis.names(rule.when)
    yield from analysis.names_of_actions(rule.then)
    for test in rule.tests:
        yield from analysis.names_of_actions((*test.then, *test.never))


def templates(rules: tuple[Rule, ...]) -> Iterator[tuple[str, str]]:
    """Return the templates that rules ask for: the name, and where."""
    for rule in rules:
        for _, section, name in analysis.names_of_actions(rule.then):
            if section == "templates":
                yield name, rule.place


def unused(read: Read, rules: tuple[Rule, ...]) -> Iterator[Problem]:
    """Warn of what is allowed and what nobody can have meant."""
    used = {(among, name) for _, _, _, name, among in _uses(read)}
    used |= {(section, name) for rule in rules for _, section, name in in_rule(rule)}
    used |= {("agents", one) for steps in read.entries["ladders"].values() for step in steps for one in step.tell}
    for section, what in UNUSED:
        yield from (read.at(section, key, (), what) for key in read.entries[section] if (section, key) not in used)
    yield from _never(read, rules)


def _never(read: Read, rules: tuple[Rule, ...]) -> Iterator[Problem]:
    """Warn of rules that no mail can reach, and of those that throw away every mail."""
    ended_by = ""
    for (file, node, _), rule in zip(read.rules, rules, strict=True):
        verbs = {action.verb.name for action in rule.then}
        takes_all = analysis.always(rule.when) and not rule.every
        key, what = "when", ""
        if ended_by and not rule.every:
            key, what = "name", f"is never asked: rule {ended_by!r} ends before it"
        elif why := analysis.why_never(rule.when):
            what = f"can never match: {why}"
        elif takes_all and "discard" in verbs:
            what = "throws away every mail; `maild rehearse --archive 30d` says which"
        if what:
            yield Problem(file, *place(node, (key,)), f"rule {rule.name!r} {what}")
        if not ended_by and takes_all and (rule.stop or verbs & {"discard", "hold", "stop"}):
            ended_by = rule.name
