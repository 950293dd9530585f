"""Loop 3: takes timers that are due, and files what follows.

Where maild itself fails, at a ticket or a report, the rest goes on, the operator is told, and it tries again.
A timer is a cache: what is due is folded anew from the ticket's history in the transaction that files it,
and a stage's row in the history is unique, so that it fires once whatever dies and however many daemons
look at the same time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from maild import maillog, setaside
from maild.agents import held as holding
from maild.chores import experience, gathering, heartbeat, mornings, reports, weeks
from maild.chores.heartbeat import Heartbeat
from maild.deciding.filing import carry_out, post, retime
from maild.deciding.office import Office
from maild.keeping import forgetting
from maild.keeping.forgetting import FOR_EVER, Keep
from maild.retiming import Retiming
from maild.rules import timed
from maild.setaside import SetAside
from maild.spending import Spending
from maild.store import beats, held, histories, intake, outbox, pieces, snapshot, tickets, timers
from maild.store import mornings as marks
from maild.store.file import forget_spent
from maild.store.filing import Stale
from maild.store.vitals import Ahead, not_ahead
from maild.store.write import Store
from maild.system.timepiece import Timepiece
from maild.ticket import budget, escalate, notices, recipients
from maild.ticket.change import Change
from maild.ticket.escalate import Moment
from maild.ticket.facts import Held, Seen
from maild.ticket.plan import Plan
from maild.ticket.thread import Past
from maild.ticket.token import LIFETIME

SWEEP_EVERY = timedelta(hours=1)
BATCH = 100
LEAP = timedelta(hours=1)  # of the machine's clock, of which the operator is told
LEAPT = (
    "the clock of this machine leapt from {before:%Y-%m-%d %H:%M} to {now:%Y-%m-%d %H:%M} UTC, and all that falls due "
    "between is done now; if it is wrong, set it right"
)
AHEAD = (intake.recall, outbox.recall, marks.recall, beats.recall)  # what a clock that ran ahead has written


class Clock:
    """Does what no mail causes.

    Args:
        learned: is awaited when there may be new experience, another daemon's too.
        ahead: by how much our clock is ahead of the database's.
    """

    def __init__(
        self,
        store: Store,
        office: Callable[[], Office],
        spending: Spending,
        timepiece: Timepiece | None = None,
        keep: Keep = FOR_EVER,
        beats: Heartbeat = heartbeat.NONE,
        learned: Callable[[], Awaitable[None]] | None = None,
        retiming: Retiming | None = None,
        ahead: Ahead = not_ahead,
    ) -> None:
        self._store = store
        self._office = office
        self._spending = spending
        self._timepiece = timepiece or Timepiece()
        self._keep = keep
        self._beats = beats
        self._learned = learned
        self._ahead = ahead
        self._set_aside = SetAside()
        self._swept_at: datetime | None = None
        self._forgets = False  # there may be more that is old enough
        self._works: Mapping[str, Callable[[datetime], int]] = {
            "forgetting": self._forget,
            "due times": (retiming or Retiming(store, office)).work,
            "reports": lambda at: reports.send_due(store, office(), at),
            "morning lists": lambda at: mornings.send_due(store, office(), at),
            "weekly mail": lambda at: weeks.send_due(store, office(), at),
            "heartbeat": lambda at: heartbeat.send_due(store, office(), beats, at),
            "held mail": self._expire,
            "timers": self._fire_all,
            "gathered escalations": lambda at: gathering.gather(store, office(), at),
        }

    def begin(self, now: datetime) -> None:
        """Look before a daemon's first round whether its clock may be wrong: then nothing is forgotten yet."""
        self._timepiece.begin(now, self._store.read(intake.last_received_at))

    async def round(self, now: Callable[[], datetime]) -> int:
        """Do what is due; return how many tickets it concerned."""
        at = now()
        if moved := self._timepiece.set_by(at):
            self._swept_at = None
        if moved >= LEAP:
            tell = partial(self._tell_of_leap, moved)
            await asyncio.to_thread(self._set_aside.attempt, "word of the clock", tell, at)
        if self._swept_at is None or abs(at - self._swept_at) >= SWEEP_EVERY:  # or it was set back
            self._swept_at, self._forgets = at, True
            await asyncio.to_thread(self._set_aside.attempt, "sweeping", self._sweep, at)
            await asyncio.to_thread(self._set_aside.attempt, "experience", self._learn, at)
            if self._learned:
                await self._learned()
        return await asyncio.to_thread(self._do_works, at)

    def _do_works(self, now: datetime) -> int:
        return sum(self._set_aside.attempt(what, work, now) for what, work in self._works.items())

    @property
    def failing(self) -> Mapping[str, str]:
        """What maild itself fails at, and why: it is tried again from time to time."""
        return self._set_aside.reasons

    def next_due(self, connection: Connection) -> datetime | None:
        """Return the next instant at which something is due, None for never."""
        office = self._office()
        moments = (
            timers.next_due(connection),
            held.next_due(connection),
            reports.next_due(connection, office),
            mornings.next_due(connection, office),
            weeks.next_due(connection, office),
            heartbeat.next_due(connection, self._beats),
        )
        return min((moment for moment in moments if moment is not None), default=None)

    def _tell_of_leap(self, moved: timedelta, now: datetime) -> int:
        """Tell the operator why so much is late at once, before it is told that it is."""
        office, before = self._office(), now - moved
        if office.operator:
            operator, desk = recipients.whoever(office.operator, office.language), office.desk
            what = LEAPT.format(before=before, now=now)
            mail = notices.alarm(operator, desk.default_queue, desk, what, before, now)
            self._store.write(partial(post, mails=(mail,), office=office, now=now))
        return 0

    def _sweep(self, now: datetime) -> int:
        swept = 0 if self._timepiece.is_doubted else self._store.write(partial(pieces.sweep, now=now))  # still arriving
        there = now - self._store.read(lambda connection: self._ahead(connection, now))
        latest = max(now, there)  # to a clock that is behind, all that others write is far ahead
        gone = swept + sum(self._store.write(partial(recall, now=latest)) for recall in AHEAD)
        return gone + self._store.write(partial(forget_spent, before=now - LIFETIME["agent"]))

    def _learn(self, now: datetime) -> int:
        """Reckon once a day how long answers take."""
        if experience.is_due(self._store, now):
            experience.reckon(self._store, self._office(), now)
        return 0

    def _forget(self, now: datetime) -> int:
        if self._forgets and not self._timepiece.is_doubted:
            self._forgets = bool(forgetting.sweep(self._store, self._keep, now))
        return 0

    def _expire(self, now: datetime) -> int:
        """Tell of held mails on which nobody said a word in time."""
        return setaside.each(partial(self._expire_one, now=now), self._store.read(partial(held.due, now=now)))

    def _expire_one(self, one: Held, now: datetime) -> int:
        office = self._office()
        plan = holding.expired(one, office.desk, office.operator, office.language)
        try:
            self._store.write(partial(carry_out, plan=plan, ticket=None, office=office, now=now))
        except Stale:
            return 0  # somebody said a word meanwhile
        maillog.expired(one.mail, one.agent, one.because)
        return 1

    def _fire_all(self, now: datetime) -> int:
        """Fire what is due of the tickets that are next; one on which maild fails is left for later."""
        self._store.read(partial(self._spending.read_on, now=now))
        left = self._set_aside.tickets(now)
        numbers = self._store.read(partial(timers.due_tickets, now=now, count=BATCH, but=left))
        self._set_aside.forget_tickets_but({*left, *numbers})
        futures = [self._store.submit(partial(self._fire, number=number, now=now)) for number in numbers]
        return sum(
            self._set_aside.attempt(number, partial(_fired, number, future), now)
            for number, future in zip(numbers, futures, strict=True)
        )

    def _fire(self, connection: Connection, number: int, now: datetime) -> Sequence[Change] | None:
        """Fold one ticket anew and file what is due; a timer that was not true any more is corrected.

        Returns the changes, None if another daemon has the ticket in hand.
        """
        if not timers.claim(connection, number, now):
            return None
        office = self._office()
        ticket = tickets.get(connection, number)
        assert ticket is not None
        history, last = histories.of(connection, number), snapshot.last_from_customer(connection, number)
        requester = snapshot.contact(connection, ticket.requester.address, now)
        plan = _due(connection, Moment(ticket, history, office.desk, office.language, last, now, requester), office)
        if plan is None:
            timers.replace(connection, number, retime(office)(ticket, history, now))
            return ()
        plan = budget.within(plan, self._spending.spent, now)
        carry_out(connection, plan, ticket, office, now)
        return plan.changes


def _due(connection: Connection, moment: Moment, office: Office) -> Plan | None:
    """Return what is due: by clocks, with what the steps of ladders do besides telling; else by a rule that waited."""
    plan = escalate.plan(moment)
    if plan is None:
        return timed.plan(office.rules, moment, _seen(connection, moment, office))
    if any(step.then for ladder in moment.desk.ladders.values() for step in ladder.steps):
        return timed.with_steps(plan, moment, _seen(connection, moment, office))
    return plan


def _seen(connection: Connection, moment: Moment, office: Office) -> Seen:
    """Return what rules may ask of the requester, and how much the agents have."""
    return Seen(Past(), moment.requester, loads=snapshot.loads(connection, office.takers))


def _fired(number: int, future: "Future[Sequence[Change] | None]", _now: datetime) -> int:
    """Wait for a ticket's turn; return 1 if it was ours."""
    try:
        changes = future.result()
    except (IntegrityError, Stale):
        return 0  # somebody else was faster, or the ticket changed: the next round looks again
    for change in changes or ():
        maillog.stage(number, str(change))
    return int(changes is not None)
