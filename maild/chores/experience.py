"""What experience says about the time of an answer: reckoned once a day from the history, told to customers.

A desk promises its target.  Where nine answers in ten take longer, the promise is what they take; where there is
no experience yet, it is said as an aim.  See hours.estimate for how, and why those that still wait must count.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from maild import maillog
from maild.agents import daily
from maild.deciding.filing import post
from maild.deciding.office import Office
from maild.hours import estimate
from maild.hours.estimate import Estimate
from maild.site import rulefiles
from maild.site.errors import ConfigErrors
from maild.store import estimates, histories, rulesets
from maild.store.estimates import Key
from maild.store.write import Store
from maild.ticket import timers
from maild.ticket.change import PromiseJudged
from maild.ticket.desk import Desk, Queue
from maild.ticket.model import Priority
from maild.ticket.plan import SendMail
from maild.ticket.reason import Reason

EVERY = timedelta(days=1)
REMEMBERED = timedelta(days=60)
MOST_ANSWERED = 100
DAYS_JUDGED = 3
FEW, FORGOTTEN = 4, 0.1  # so many, or such a part of all, may have been forgotten


@dataclass
class _Sample:
    """Working seconds to the first answers of one queue and priority, and the ages of those that wait."""

    answered: list[int] = field(default_factory=list)
    unanswered: list[int] = field(default_factory=list)


def is_due(store: Store, now: datetime) -> bool:
    before = store.read(estimates.reckoned_at)
    return before is None or abs(now - before) >= EVERY  # or the clock ran ahead


def reckon(store: Store, office: Office, now: datetime) -> bool:
    """Reckon anew what may be promised; False if another daemon did."""
    before, former = store.read(estimates.reckoned_at), store.read(estimates.known)
    desk = office.desk
    samples, rates = store.read(partial(_samples, desk=desk, now=now))
    settled = _settled_for(store, desk, now)
    found = {
        (queue.key, priority): _estimate(
            samples[queue.key, priority],
            target,
            settled.get(queue.key, 0),
            former.get((queue.key, priority)),
            rates.get(queue.key, {}),
            now.date(),
        )
        for queue in desk.queues.values()
        for priority, target in _targets(desk, queue).items()
    }
    if not store.write(partial(_keep, found=found, former=former, before=before, office=office, now=now)):
        return False
    for (queue_key, priority), one in found.items():
        if one.manner != "aim" or one.alarm:
            maillog.estimated(queue_key, priority, one.seconds, one.manner, one.answered, one.unanswered)
    return True


def _targets(desk: Desk, queue: Queue) -> dict[Priority, int]:
    """Return what the queue promises for a first answer, in working seconds."""
    policy = desk.promises.get(queue.promise)
    targets = policy.targets.items() if policy else ()
    return {priority: seconds for (clock, priority), seconds in targets if clock == "first_reply"}


def _estimate(
    sample: _Sample,
    target: int,
    settled: int,
    former: Estimate | None,
    rates: Mapping[date, tuple[int, int]],
    today: date,
) -> Estimate:
    previous = former.seconds if former and former.manner != "aim" else None
    waiting = sample.unanswered if _too_many(sample, target) else [age for age in sample.unanswered if age <= target]
    one = estimate.estimate(sample.answered, waiting, target, settled, previous)
    days = [rates.get(today - timedelta(days=back), (0, 0)) for back in range(DAYS_JUDGED, 0, -1)]
    judged = [good / (good + bad) for good, bad in days if good + bad]
    seconds = estimate.widened(one.seconds, judged)
    return one if seconds == one.seconds else replace(one, seconds=seconds, manner="measured", usually=None)


def _too_many(sample: _Sample, target: int) -> bool:
    """Tell whether those that wait longer than the target say something of the next ones: a forgotten one does not."""
    late = sum(1 for age in sample.unanswered if age > target)
    return late > max(FEW, FORGOTTEN * (len(sample.answered) + len(sample.unanswered)))


def _samples(
    connection: Connection, desk: Desk, now: datetime
) -> tuple[dict[Key, _Sample], dict[str, dict[date, tuple[int, int]]]]:
    """Return how long answers took, and by queue and day how many promises were kept and broken."""
    samples: dict[Key, _Sample] = defaultdict(_Sample)
    rates: dict[str, dict[date, tuple[int, int]]] = defaultdict(dict)
    for one in estimates.candidates(connection, now - REMEMBERED):
        sample, queue = samples[one.queue, one.priority], desk.queues.get(one.queue)
        if queue is None or len(sample.answered) >= MOST_ANSWERED:
            continue
        past = histories.of(connection, one.number)
        state = timers.states(past, desk, queue, now).get("first_reply")
        if state is not None and state.state == "stopped":
            sample.answered.append(state.elapsed)
        elif state is not None and state.state in ("running", "paused"):
            sample.unanswered.append(state.elapsed)
        for entry in past:
            if isinstance(entry.change, PromiseJudged):
                good, bad = rates[one.queue].get(entry.at.date(), (0, 0))
                kept_one = entry.change.kept
                rates[one.queue][entry.at.date()] = (good + kept_one, bad + (not kept_one))
    return samples, rates


def _settled_for(store: Store, desk: Desk, now: datetime) -> dict[str, int]:
    """Return since how many seconds each queue has the promise and the hours that it has."""
    accepted = store.read(partial(rulesets.since, moment=now - timedelta(seconds=estimate.SETTLED)))
    since: dict[str, datetime] = dict.fromkeys(desk.queues, datetime.fromtimestamp(0, UTC))
    later: datetime | None = None  # when the version after the one that is looked at was accepted
    for at, files in reversed(accepted):
        if later is not None:
            then = _desk_of(files, desk.timezone)
            others = (one.key for one in desk.queues.values() if since[one.key] < later and not _same(one, desk, then))
            since.update(dict.fromkeys(others, later))
        later = at
    return {key: int((now - at).total_seconds()) for key, at in since.items()}


def _desk_of(files: Mapping[str, str], timezone: str) -> Desk | None:
    try:
        return rulefiles.from_texts(files, timezone=timezone).desk
    except ConfigErrors:
        return None  # written for another version of maild


def _same(queue: Queue, desk: Desk, then: Desk | None) -> bool:
    """Tell whether a queue had the same promise and hours then."""
    former = then.queues.get(queue.key) if then else None
    if then is None or former is None:
        return False
    mine, its = desk.calendar_of(queue), then.calendar_of(former)
    hours = None if mine is None else mine.versions[-1][1], None if its is None else its.versions[-1][1]
    return hours[0] == hours[1] and desk.promises.get(queue.promise) == then.promises.get(former.promise)


def _keep(
    connection: Connection,
    found: Mapping[Key, Estimate],
    former: Mapping[Key, Estimate],
    before: datetime | None,
    office: Office,
    now: datetime,
) -> bool:
    if not estimates.replace(connection, found, before, now):
        return False
    slow = {key: one for key, one in found.items() if _is_slow(one) and not (key in former and _is_slow(former[key]))}
    mails = [mail for (queue, priority), one in slow.items() for mail in _told(queue, priority, one, office, now)]
    post(connection, mails, office, now)
    return True


def _is_slow(one: Estimate) -> bool:
    """Tell whether experience says so; of a single ticket that is late the ladders tell."""
    return bool(one.alarm) and one.manner != "aim"


def _told(key: str, priority: Priority, one: Estimate, office: Office, now: datetime) -> list[SendMail]:
    """Tell the lead that answers take longer than was promised; once, while it is so."""
    desk = office.desk
    queue = desk.queues[key]
    takes, target = one.seconds / 3600, _targets(desk, queue)[priority] / 3600
    what = Reason(
        "{}: answers to mail of {} priority take {:.1f} working hours, {:.1f} are the target; customers are told the "
        "longer time",
        queue.from_name or key,
        priority.value,
        takes,
        target,
    )
    return daily.slow(queue, desk, what, office.operator, office.language, now)
