"""Draft what is to be filed of received mails, many at a time.

Each is read, looked up in the store, decided on, and its letters are written.  Nothing is changed: the store's one
writer files the drafts.  In which process this is done: drafting.py.
"""

import traceback
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from maild.deciding import filing, lookup
from maild.deciding.judge import Judged, judge
from maild.deciding.office import Mail, Office
from maild.deciding.question import Question, ask
from maild.deciding.reading import read_mail
from maild.deciding.workers import WorkFailed
from maild.identity.evidence import Trust, gather
from maild.message import subject
from maild.message.model import Kind
from maild.store.filing import Filing
from maild.store.intake import Received
from maild.store.write import is_outage
from maild.ticket import thread
from maild.ticket.change import Assign
from maild.ticket.facts import Facts, Fresh, Load, Seen
from maild.ticket.plan import Fate
from maild.ticket.proof import Level

Result = TypeVar("Result")

PATIENCE = timedelta(minutes=10)  # with name servers that do not answer


class NotYet(WorkFailed):
    """What may prove that a mail is an agent's cannot be looked up now; the text names it."""


@dataclass(frozen=True, slots=True)
class Task:
    """A received mail, whole; what its ticket is if it opens one; and whose word on its sender counts."""

    received: Received
    fresh: Fresh
    trust: Trust = Trust()
    keys: Mapping[str, bytes] = field(default_factory=dict)  # the TXT records that its DKIM signatures name
    silent: tuple[str, ...] = ()  # of these names, those for which no name server answered

    @property
    def size_bytes(self) -> int:
        return self.received.size_bytes

    def key(self, name: str) -> bytes | None:
        return self.keys.get(name.rstrip(".").lower())


def draft(
    tasks: Sequence[Task],
    office: Office,
    reading: Callable[[], AbstractContextManager[Connection]],
    now: datetime,
    observe: Callable[[Mail, Judged], None] = lambda _mail, _judged: None,
) -> list[Filing | Exception]:
    """Return what is to be filed of each mail, or how we failed at it.

    Raises:
        OperationalError: the database is gone, which is no mail's fault.
    """
    mails = _each(_read, tasks)
    questions = _each(partial(ask, office=office, now=now), mails)
    seen = _seen(questions, reading, now)
    given: defaultdict[str, list[int]] = defaultdict(list)
    judged = _each(partial(_judge, office=office, given=given, now=now), tasks, questions, seen)
    judged = [_not_yet(task, one, now) or one for task, one in zip(tasks, judged, strict=True)]
    drafts: list[Filing | Exception] = [*_each(partial(_write, office=office), mails, judged)]
    for mail, one in zip(mails, judged, strict=True):
        if not isinstance(mail, WorkFailed) and not isinstance(one, WorkFailed):
            observe(mail, one)
    return drafts


def _each(step: Callable[..., Result], *of_mails: Sequence[object]) -> list[Result | WorkFailed]:
    """Take a step with every mail before any takes the next: the processor then finds most of the code at hand.

    Args:
        of_mails: what came of earlier steps.
    """
    return [_tried(step, *values) for values in zip(*of_mails, strict=True)]


def _tried(step: Callable[..., Result], *values: object) -> Result | WorkFailed:
    """Take a step, or return how we failed at it, or already at one before."""
    failed = next((one for one in values if isinstance(one, WorkFailed)), None)
    if failed is not None:
        return failed
    try:
        return step(*values)
    except Exception as error:  # that mail alone is held
        if is_outage(error):
            raise
        return WorkFailed(traceback.format_exc())


def _read(task: Task) -> Mail:
    mail = task.received
    reading = read_mail(mail.raw, mail.envelope)
    lookup = task.key if task.keys else None
    evidence = mail.evidence or gather(mail.raw, mail.envelope, task.trust, lookup, task.silent)
    return Mail(mail.envelope, reading, evidence, mail.id, mail.import_only, mail.released_by)


def _seen(
    questions: Sequence[Question | WorkFailed], reading: Callable[[], AbstractContextManager[Connection]], now: datetime
) -> list[Seen | WorkFailed]:
    """Take the snapshots, all in one view; PostgreSQL answers nothing more in one in which a statement failed."""
    seen: list[Seen | WorkFailed] = []
    with ExitStack() as views:
        connection = views.enter_context(reading())
        for one in questions:
            seen.append(_tried(partial(lookup.look, connection, now), one))
            if isinstance(seen[-1], WorkFailed):
                views.close()
                connection = views.enter_context(reading())
    return seen


def _judge(
    task: Task, question: Question, seen: Seen, office: Office, given: defaultdict[str, list[int]], now: datetime
) -> Judged:
    """Decide, knowing whom the mails before this one gave their tickets to, though nothing of that is filed."""
    if seen.loads and given:
        seen = replace(seen, loads={agent: _more(load, given.get(agent, ())) for agent, load in seen.loads.items()})
    judged = judge(question, seen, office, lambda: task.fresh, _as_of(question.mail, seen, now))
    for change in judged.plan.changes:
        if isinstance(change, Assign) and judged.plan.ticket is not None:
            given[change.agent].append(judged.plan.ticket)
    return judged


def _not_yet(task: Task, judged: Judged | WorkFailed, now: datetime) -> NotYet | None:
    """Let an agent's mail that nothing proves wait for his domain's key, for a while: else he is asked for a code."""
    if isinstance(judged, WorkFailed) or judged.facts.proof.level is not Level.CONFIRM:
        return None
    asked = [name for name in task.silent if name.endswith(f"._domainkey.{judged.facts.message.sender.domain}")]
    waits = asked and now - task.received.envelope.received_at < PATIENCE
    return NotYet(asked[0]) if waits else None


def _as_of(mail: Mail, seen: Seen, now: datetime) -> datetime:
    """Return when a mail is filed: an old one when it came, but never before what its ticket has seen already."""
    if not mail.import_only:
        return now
    return min(max(mail.envelope.received_at, seen.touched_at or mail.envelope.received_at), now)


def _more(load: Load, numbers: Collection[int]) -> Load:
    return Load(load.open + len(numbers), max((load.last, *numbers)))


def handle_of(judged: Judged) -> int | None:
    """Return the handle of the ticket of a mail's letters, None for mails about no ticket."""
    if judged.plan.opens:
        return judged.facts.fresh.handle
    return judged.ticket.handle if judged.ticket else None


def _write(mail: Mail, judged: Judged, office: Office) -> Filing:
    """Return what a mail did as the store files it."""
    facts, plan = judged.facts, judged.plan
    returned = facts.seen.reported if plan.fate is Fate.FILED and _says_of_failure(facts) else None
    plain = filing.of_plan(plan, judged.ticket, handle_of(judged), office, facts.now)
    return replace(
        plain,
        beside=tuple(replace(one, content_hash=judged.keys.content_hash) for one in plain.beside),
        versions=facts.seen.versions,
        intake_id=mail.intake_id,
        references=_newly_mentioned(judged),
        content_hash=judged.keys.content_hash,
        message_id=mail.message.message_id,
        base_subject=subject.base(facts.message.subject).text.casefold()[:200],
        thread_index=thread.thread_index(facts.message),
        authenticated=facts.authenticated,
        returned=(returned.outbox_id, plan.because) if returned else None,
        evidence=mail.evidence,
    )


def _says_of_failure(facts: Facts) -> bool:
    """Tell whether a mail reports that one of ours did not arrive, whether that was about a ticket or not."""
    failed = facts.report is not None and facts.report.action == "failed"
    return failed and facts.classified.kind is Kind.BOUNCE


def _newly_mentioned(judged: Judged) -> tuple[str, ...]:
    """Return the ids that a mail mentions, but ours, and those that its ticket is known by already."""
    keys, refs, ticket = judged.keys, judged.facts.seen.past.refs, judged.plan.ticket
    sender = keys.sender.lower()
    return tuple(
        one
        for one in keys.candidates
        if one not in keys.own
        and not any(ref.ticket == ticket and (ref.filed or ref.sender == sender) for ref in refs.get(one, ()))
    )
