"""What rules do: each action a row of ACTIONS and a small function that writes it into the draft.

The first word on each matter stands: a rule further down cannot take it back, only see it.  What a
customer wrote comes into an action through `{1}` or `{name}` alone, and only where it can do no harm:
never as an address, a queue or a person.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from maild.nearest import did_you_mean
from maild.rules import needs, people, values
from maild.rules.captures import fill, filled
from maild.rules.case import Case, Values
from maild.rules.draft import Draft
from maild.rules.mistakes import Mistake, Path, is_list, shown
from maild.ticket.model import Priority, Status

Act = Callable[[Draft, Case, Any], str]


@dataclass(frozen=True, slots=True)
class Verb:
    """A row of the manual: what an action takes, and what it does.

    read returns the value as it is used, and raises ValueError for what cannot be meant; act returns
    "" or why nothing was done.  section gives the names that may be there.
    """

    name: str
    takes: str
    about: str
    read: Callable[[object], Any]
    act: Act
    section: str = ""
    fills: bool = False  # {1} and {name} stand for what was captured


@dataclass(frozen=True, slots=True)
class Action:
    verb: Verb
    value: Any
    path: Path = ()

    def act(self, draft: Draft, case: Case) -> str:
        return self.verb.act(draft, case, self.value)

    def __str__(self) -> str:
        if self.verb.name == "stop":
            return "stop"
        if isinstance(self.value, Mapping):
            each = (f"{name}={one}" if isinstance(one, str) else name for name, one in self.value.items())
            return f"{self.verb.name} {', '.join(each)}"
        value = self.value if isinstance(self.value, str) else ", ".join(self.value)
        return f"{self.verb.name} {value or 'none'}"


def _queue(draft: Draft, case: Case, value: str) -> str:
    why_not = draft.set("queue", value)
    if not why_not:
        case.queue = case.facts.desk.queues.get(value, case.queue)
        case.forget("queue")
        case.forget("hours")
    return why_not


def _priority(draft: Draft, case: Case, value: str) -> str:
    why_not = draft.set("priority", Priority(value))
    if not why_not:
        case.priority = Priority(value)
        case.forget("priority")
    return why_not


def _tag(draft: Draft, case: Case, values: Values) -> str:
    for value in filled(values, case):
        draft.add("tags", value)
        if value in draft.lists.get("untags", ()):
            draft.lists["untags"].remove(value)
        case.tags = (*case.tags, value) if value not in case.tags else case.tags
    case.forget("tags")
    return ""


def _untag(draft: Draft, case: Case, values: Values) -> str:
    gone = filled(values, case)
    for value in gone:
        if value in draft.lists.get("tags", ()):
            draft.lists["tags"].remove(value)
        if case.ticket and value in case.ticket.tags:
            draft.add("untags", value)
    case.tags = tuple(tag for tag in case.tags if tag not in gone)
    case.forget("tags")
    return ""


def _assign(draft: Draft, case: Case, value: str) -> str:
    if case.assignee:
        return f"{case.assignee} has it already"
    chosen = people.CHOOSE[value](case) if value in people.CHOOSE else value
    if not chosen:
        return "nobody of the queue's team is there"
    case.assignee = chosen
    case.forget("assignee")
    return draft.set("assign", chosen)


def _status(draft: Draft, case: Case, value: str) -> str:
    why_not = draft.set("status", Status(value))
    if not why_not:
        case.status = Status(value)
        case.forget("status")
    return why_not


def _note(draft: Draft, case: Case, value: str) -> str:
    note = fill(value, case)
    return draft.add("notes", note) if note else "nothing was captured"


def _tell(draft: Draft, _: Case, values: Values) -> str:
    draft.tell += values
    return ""


def _field(draft: Draft, case: Case, values: Mapping[str, str]) -> str:
    said = {name: fill(value, case) for name, value in values.items()}
    for name, value in said.items():
        if value:  # of what was not captured a rule further down may know more
            draft.fields.setdefault(name, value)
    case.keep({name: draft.fields[name] for name in values if name in draft.fields})
    return "" if any(said.values()) else "nothing was captured"


def _ask_for(draft: Draft, case: Case, values: Mapping[str, needs.Need]) -> str:
    """Machines are asked nothing, nor who wrote old mail; what their mail says is kept where it begins the ticket."""
    facts = case.facts
    if not facts.match.known or (case.ticket is not None and not facts.by_person):
        return "neither a machine nor a stranger says it for the customer"
    found, asks = needs.keep(values, case, draft), facts.by_person and not facts.import_only
    needs.want(values if asks else {name: values[name] for name in found}, case, draft)
    return "" if asks or found else "nothing was found, and nobody is asked"


def _let_in(case: Case) -> str:
    """Say who let a mail in that was held: what the rules below make of it is done as if it had just come."""
    return f"{case.facts.released_by} let it in" if case.facts.released_by else ""


def _forward(draft: Draft, _: Case, values: Values) -> str:
    for value in values:
        draft.add("forward", value)
    return ""


def _stop(draft: Draft, _case: Case, _value: bool) -> str:
    draft.ended = True
    return ""


_VERBS = (
    Verb("queue", "a queue", "opens the ticket there", values.text, _queue, "queues"),
    Verb(
        "priority",
        "a priority",
        "gives the ticket a priority; where a time rule or a ladder gives it, due times stay as they are",
        values.priority,
        _priority,
    ),
    Verb("tag", "a tag or a list", "adds tags", values.tags, _tag, fills=True),
    Verb("untag", "a tag or a list", "takes tags away", values.tags, _untag, fills=True),
    Verb(
        "assign",
        "an agent, round-robin, least-loaded or on-duty",
        "gives a ticket that nobody has to somebody.  round-robin takes whoever in the queue's team has waited "
        "longest for a ticket, least-loaded whoever has the fewest open ones: among those who are on duty and speak "
        "the customer's language, else among those on duty, else among all.  on-duty is round-robin among those on "
        "duty alone",
        values.text,
        _assign,
        "agents",
    ),
    Verb("status", "open, waiting, on_hold or solved", "gives the ticket another status", values.status, _status),
    Verb("note", "a text", "leaves a note that only agents see", values.text, _note, fills=True),
    Verb(
        "tell",
        "assignee, team, lead, manager, an agent, an address, or a list",
        "sends them what came in",
        values.people,
        _tell,
        "agents",
    ),
    Verb(
        "answer",
        "a template",
        "sends the writer a ready answer, besides the acknowledgement; never to a machine, never to a stranger",
        values.template,
        lambda draft, _, value: draft.add("answers", value),
        "templates",
    ),
    Verb(
        "acknowledge",
        "a template, or none",
        "acknowledges with another template, or not at all",
        values.template_or_none,
        lambda draft, _, value: draft.set("acknowledge", value),
        "templates",
    ),
    Verb(
        "promise",
        "a promise",
        "promises the answer by another promise's targets",
        values.text,
        lambda draft, _, value: draft.set("promise", value),
        "promises",
    ),
    Verb("field", "{name: text}", "keeps something from the mail with the ticket", values.fields, _field, fills=True),
    Verb(
        "ask_for",
        needs.EXAMPLE,
        "names facts that such an inquiry needs: what the subject or the new text says of them is kept as fields and "
        "stands at the top of the agent's mail; the acknowledgement asks for the missing ones, in these words, and "
        "later mails from the customer are searched for them, too",
        needs.read,
        _ask_for,
    ),
    Verb(
        "discard",
        "the reason",
        "throws the mail away; the rules below are not asked",
        values.text,
        lambda draft, case, why: _let_in(case) or draft.end("discard", fill(why, case)),
        fills=True,
    ),
    Verb(
        "hold",
        "the reason",
        "keeps the mail apart for a person; the rules below are not asked",
        values.text,
        lambda draft, case, why: _let_in(case) or draft.end("hold", fill(why, case)),
        fills=True,
    ),
    Verb(
        "forward",
        "an address or a list",
        "sends the mail on, whole; an answer to it comes back into the ticket",
        values.addresses,
        _forward,
    ),
    Verb("stop", "nothing", "ends the rules here; those below are not asked", values.true, _stop),
)
ACTIONS: Mapping[str, Verb] = {verb.name: verb for verb in _VERBS}


def compile(node: object, mistakes: list[Mistake], path: Path = ("then",)) -> tuple[Action, ...]:
    """Return the actions that a list in the rule files means: `stop`, or one name and its value each.

    Args:
        mistakes: is given everything that cannot be meant.
    """
    made: list[Action] = []
    nodes = node if is_list(node) else [node]
    for i, one in enumerate(nodes):
        place = (*path, i) if nodes is node else path
        if one == "stop":
            made.append(Action(ACTIONS["stop"], True, place))
        elif isinstance(one, Mapping) and one:
            made += _compiled(one, mistakes, place)
        else:
            mistakes.append(Mistake(place, f"an action is written as ACTION: value; found {shown(one)}"))
    return tuple(made)


def _compiled(node: Mapping[Any, Any], mistakes: list[Mistake], path: Path) -> Iterator[Action]:
    for key, value in node.items():
        verb = ACTIONS.get(str(key))
        if verb is None:
            mistakes.append(Mistake((*path, str(key)), f"there is no such action; {did_you_mean(key, ACTIONS)}"))
            continue
        try:
            yield Action(verb, verb.read(value), (*path, str(key)))
        except ValueError as error:
            mistakes.append(Mistake((*path, str(key)), str(error)))
