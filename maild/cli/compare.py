"""Two runs of the same mails: what differs, as a diff of plans and as a table."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

_OPENED = re.compile(r"open queue=(\S+)")
_FATE = re.compile(r"(held|discarded)\b")
OVERDUE = ("escalation", "late")


@dataclass
class Run:
    """What happened in one run: the plan of each mail, and the mails that left."""

    plans: dict[str, list[str]] = field(default_factory=dict)  # mail -> lines
    subjects: dict[str, str] = field(default_factory=dict)
    sent: Counter[str] = field(default_factory=Counter)  # template -> count
    overdue: dict[tuple[Any, ...], list[str]] = field(default_factory=dict)  # (ticket, template, to) -> instants


class Changed(NamedTuple):
    """One mail that would be dealt with differently."""

    mail: str
    subject: str
    diff: tuple[str, ...]


class Line(NamedTuple):
    """One line of the table."""

    what: str
    before: int
    after: int
    said: str


def run(events: Iterable[Mapping[str, Any]]) -> Run:
    """Sort the events of a rehearsal."""
    found = Run()
    for event in events:
        if event["event"] == "received":
            found.plans[event["file"]] = list(event["plan"] or [event["because"]])
            found.subjects[event["file"]] = event.get("subject", "")
        elif event["event"] == "mail":
            found.sent[event["template"]] += 1
            if event["template"] in OVERDUE:
                key = (event["ticket"], event["template"], event["to"])
                found.overdue.setdefault(key, []).append(event["at"])
    return found


def changed(old: Run, new: Run) -> Iterator[Changed]:
    """Return the mails whose plans differ in what is done; other reasons alone are no difference."""
    for mail, before in old.plans.items():
        after = new.plans.get(mail, [])
        if _done(before) != _done(after):
            yield Changed(mail, old.subjects.get(mail, ""), tuple(_diff(before, after)))


def _done(plan: Sequence[str]) -> list[str]:
    return [line.partition(" because ")[0] for line in plan]


def _diff(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    old, new = _done(before), _done(after)
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from (f"- {line}" for line in before[i:j])
            yield from (f"+ {line}" for line in after[k:m])


def table(old: Run, new: Run) -> Iterator[Line]:
    """Return what the runs come to, where it differs."""
    yield from _counts("tickets opened in {}", _queues(old), _queues(new))
    yield from _moved(old, new)
    yield from _counts("mails {}", _fates(old), _fates(new))
    yield from _counts("{} mails sent", old.sent, new.sent)
    yield from _sooner(old, new)


def _counts(what: str, before: Mapping[str, int], after: Mapping[str, int]) -> Iterator[Line]:
    for name in sorted({*before, *after}):
        one, other = before.get(name, 0), after.get(name, 0)
        if one != other:
            more = f"{abs(other - one)} {'more' if other > one else 'fewer'}"
            yield Line(what.format(name), one, other, more)


def _queue(plan: Sequence[str]) -> str:
    found = next(filter(None, (_OPENED.match(line) for line in plan)), None)
    return found[1] if found else ""


def _queues(one: Run) -> Counter[str]:
    return Counter(filter(None, map(_queue, one.plans.values())))


def _moved(old: Run, new: Run) -> Iterator[Line]:
    moves = Counter(
        (_queue(before), _queue(new.plans.get(mail, []))) for mail, before in old.plans.items() if _queue(before)
    )
    for (source, target), count in sorted(moves.items()):
        if target and source != target:
            yield Line(f"mails that move from {source} to {target}", 0, count, f"of {len(old.plans)} mails")


def _fates(one: Run) -> Counter[str]:
    found = (_FATE.match(plan[-1]) for plan in one.plans.values() if plan)
    return Counter(match[1] for match in found if match)


def _sooner(old: Run, new: Run) -> Iterator[Line]:
    """Count the overdue mails that come at another time."""
    earlier = later = 0
    for key, before in old.overdue.items():
        for one, other in zip(before, new.overdue.get(key, ()), strict=False):
            earlier += other < one
            later += other > one
    if earlier:
        yield Line("escalations and late mails that come earlier", 0, earlier, f"{earlier} earlier")
    if later:
        yield Line("escalations and late mails that come later", 0, later, f"{later} later")
