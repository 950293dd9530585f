"""Loop 3: takes timers whose time has come, and files what follows.

Where maild itself fails, at a ticket or a report, the rest goes on, the operator is told, and it tries again.
A timer is a cache: what is due is folded anew from the ticket's history in the transaction that files it,
and a stage's row in the history is unique, so that it fires once whatever dies and however many daemons
look at the same time.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from maild import durable, maillog
from maild.chores import experience, gathering, heartbeat, mornings, reports, weeks
from maild.chores.heartbeat import Heartbeat
from maild.filing import budgeted, carry_out, retime
from maild.keeping import forgetting
from maild.keeping.forgetting import FOR_EVER, Keep
from maild.office import Office
from maild.rules import timed
from maild.spending import Spending
from maild.store import held, intake, look, outbox, pieces, snapshot, timers
from maild.store.draft import Stale
from maild.store.file import forget_spent
from maild.store.write import Store, is_outage
from maild.ticket import escalate
from maild.ticket import held as holding
from maild.ticket.change import Change
from maild.ticket.escalate import Moment
from maild.ticket.facts import Seen
from maild.ticket.plan import Plan
from maild.ticket.thread import Past
from maild.ticket.token import LIFETIME

MARK = "timed"  # in the folder of a site's state
SWEEP_EVERY = timedelta(hours=1)
BATCH = 100
AGAIN = timedelta(minutes=15)  # until what maild failed at is tried again
WAS_SET = timedelta(minutes=1)  # a clock that runs otherwise than time itself by so much was set
SPARED_SECONDS = 86_400.0  # nothing is forgotten for so long after the clock was set forward: what if it is wrong?
QUIET = timedelta(days=7)  # a daemon that begins so long after the last mail cannot tell a pause from a wrong clock


class Clock:
    """Does what no mail causes.

    Args:
        learned: is awaited when there may be new experience, another daemon's too.
        steady: seconds of a clock that nobody sets; None where the time that is told is not the machine's.
        mark: a file that says by which rule set all due times were made; None where nobody goes on after us.
    """

    def __init__(
        self,
        store: Store,
        office: Callable[[], Office],
        spending: Spending,
        learned: Callable[[], Awaitable[None]] | None = None,
        keep: Keep = FOR_EVER,
        beats: Heartbeat = heartbeat.NONE,
        steady: Callable[[], float] | None = None,
        mark: Path | None = None,
    ) -> None:
        self._keep = keep
        self._beats = beats
        self._learned = learned
        self._store = store
        self._office = office
        self._spending = spending
        self._swept_at: datetime | None = None
        self._forgets = False  # there may be more that is old enough
        self._steady = steady
        self._noticed: tuple[datetime, float] | None = None  # what the machine's clock and the steady one said last
        self._spared_until = 0.0  # by the steady one
        self._mark, self._marked = mark, _read(mark)
        self._timed_by = None if office().rules_changed else self._marked or office().ruleset
        self._untimed: list[int] = []  # tickets whose due times are still by former rules
        self._failed: dict[str | int, tuple[datetime, str]] = {}  # a work or a ticket, when to try again, and why
        self._works: Mapping[str, Callable[[datetime], int]] = {
            "forgetting": self._forget,
            "due times": self._retime,
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
        last = self._store.read(intake.last_received_at)
        if self._steady and last is not None and now - last > QUIET:
            self._spared_until = self._steady() + SPARED_SECONDS

    async def round(self, now: Callable[[], datetime]) -> int:
        """Do what is due; return how many tickets it concerned."""
        at = now()
        if self._steady:
            self._notice(at, self._steady())
        if self._swept_at is None or abs(at - self._swept_at) >= SWEEP_EVERY:  # or it was set back
            self._swept_at, self._forgets = at, True
            await asyncio.to_thread(self._guarded, "sweeping", self._sweep, at)
            await asyncio.to_thread(self._guarded, "experience", self._learn, at)
            if self._learned:
                await self._learned()
        done = 0
        for what, work in self._works.items():
            done += await asyncio.to_thread(self._guarded, what, work, at)
        return done

    def _notice(self, now: datetime, steady: float) -> None:
        """Notice that the machine's clock was set."""
        if self._noticed is not None:
            was, then = self._noticed
            moved = now - was - timedelta(seconds=steady - then)
            if abs(moved) >= WAS_SET:
                maillog.clock_was_set(moved.total_seconds())
                self._swept_at = None
                self._spared_until = steady + SPARED_SECONDS if moved > timedelta(0) else 0.0
        self._noticed = now, steady

    @property
    def failing(self) -> Mapping[str, str]:
        """What maild itself fails at, and why: it is tried again from time to time."""
        return {_named(what): why for what, (_, why) in self._failed.items()}

    def next_due(self) -> datetime | None:
        """Return the next instant at which something is due, None for never."""
        store, office = self._store, self._office()
        moments = (
            store.read(timers.next_due),
            store.read(held.next_due),
            reports.next_due(store, office),
            mornings.next_due(store, office),
            weeks.next_due(store, office),
            heartbeat.next_due(store, self._beats),
        )
        return min((moment for moment in moments if moment is not None), default=None)

    def _guarded(self, what: str | int, work: Callable[[datetime], int], now: datetime) -> int:
        """Do a work; if maild itself fails at it, the others go on, somebody is told, and it is tried again later."""
        if self._is_left_aside(what, now):
            return 0
        try:
            done = work(now)
        except Exception as error:
            if is_outage(error):
                raise
            self._failed[what] = (now + AGAIN, f"{type(error).__name__}: {error}")
            maillog.failed_at(_named(what), error)
            return 0
        self._failed.pop(what, None)
        return done

    def _is_left_aside(self, what: str | int, now: datetime) -> bool:
        again, _ = self._failed.get(what, (now, ""))
        return again - AGAIN <= now < again  # before that, the clock was set back

    def _sweep(self, now: datetime) -> int:
        gone = self._store.write(partial(pieces.sweep, now=now))
        gone += self._store.write(partial(intake.recall, now=now)) + self._store.write(partial(outbox.recall, now=now))
        return gone + self._store.write(partial(forget_spent, before=now - LIFETIME["agent"]))

    def _learn(self, now: datetime) -> int:
        """Reckon once a day how long answers take."""
        if experience.is_due(self._store, now):
            experience.reckon(self._store, self._office(), now)
        return 0

    def _forget(self, now: datetime) -> int:
        spared = self._steady is not None and self._steady() < self._spared_until
        if self._forgets and not spared:
            self._forgets = bool(forgetting.sweep(self._store, self._keep, now))
        return 0

    def _expire(self, now: datetime) -> int:
        """Tell of held mails on which nobody said a word in time."""
        found = self._store.read(partial(held.due, now=now))
        for one in found:
            office = self._office()
            plan = holding.expired(one, office.house.desk, office.operator, office.language)
            try:
                self._store.write(partial(carry_out, plan=plan, ticket=None, office=office, now=now))
            except Stale:
                continue  # somebody said a word meanwhile
            maillog.expired(one.mail, one.agent, one.because)
        return len(found)

    def _retime(self, now: datetime) -> int:
        """Other hours, other due times; a ticket on which maild fails is left for later, and hinders no other."""
        office, failures = self._office(), {}
        if self._timed_by != office.ruleset:
            statuses = {str(rule.every.status) for rule in office.rules if rule.every}
            self._untimed, self._timed_by = self._store.read(partial(timers.timed, statuses=statuses)), office.ruleset
        while self._untimed:
            try:
                rebuild(self._store, office, self._untimed[-1:], now)
            except Exception as error:
                if is_outage(error):
                    raise
                failures[self._untimed[-1]] = error
            self._untimed.pop()
        if failures:
            self._untimed, (number, first) = list(failures), next(iter(failures.items()))
            raise RuntimeError(f"ticket {number}: {type(first).__name__}: {first}") from first
        if self._mark and self._marked != self._timed_by:  # killed before, we begin anew at the next start
            durable.write(self._mark, str(self._timed_by))
            self._marked = self._timed_by
        return 0

    def _fire_all(self, now: datetime) -> int:
        """Fire what is due of the tickets that are next; one on which maild fails is left for later."""
        self._store.read(partial(self._spending.read_on, now=now))
        left = [what for what in self._failed if isinstance(what, int) and self._is_left_aside(what, now)]
        numbers = self._store.read(partial(timers.due_tickets, now=now, count=BATCH, but=left))
        self._forget_failures({*left, *numbers})
        futures = [self._store.submit(partial(self._fire, number=number, now=now)) for number in numbers]
        return sum(
            self._guarded(number, partial(_fired, number, future), now)
            for number, future in zip(numbers, futures, strict=True)
        )

    def _forget_failures(self, due: Collection[int]) -> None:
        """Fail no more at tickets of which nothing is due any more: a mail or a word moved their timers meanwhile."""
        for what in [what for what in self._failed if isinstance(what, int) and what not in due]:
            del self._failed[what]

    def _fire(self, connection: Connection, number: int, now: datetime) -> Sequence[Change] | None:
        """Fold one ticket anew and file what is due; a timer that was not true any more is corrected.

        Returns the changes, None if another daemon has the ticket in hand.
        """
        if not timers.claim(connection, number, now):
            return None
        office = self._office()
        ticket = snapshot.ticket(connection, number)
        assert ticket is not None
        history, last = look.history(connection, number), snapshot.last_from_customer(connection, number)
        plan = _due(connection, Moment(ticket, history, office.house.desk, office.language, last, now), office)
        if plan is None:
            timers.replace(connection, number, retime(office)(ticket, history, now))
            return ()
        plan = budgeted(plan, self._spending.spent, now)
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
    contact = snapshot.contact(connection, moment.ticket.requester.address, moment.now)
    return Seen(Past(), contact, loads=snapshot.loads(connection, office.takers))


def _named(what: str | int) -> str:
    return what if isinstance(what, str) else f"ticket {what}"


def _fired(number: int, future: "Future[Sequence[Change] | None]", _now: datetime) -> int:
    """Wait for a ticket's turn; return 1 if it was ours."""
    try:
        changes = future.result()
    except (IntegrityError, Stale):
        return 0  # somebody else was faster, or the ticket changed: the next round looks again
    for change in changes or ():
        maillog.stage(number, str(change))
    return int(changes is not None)


def _read(mark: Path | None) -> int | None:
    """Return by which rule set all due times were made, None where nothing says so."""
    with contextlib.suppress(OSError, ValueError):
        return int(mark.read_text()) if mark else None
    return None


def rebuild(store: Store, office: Office, numbers: Iterable[int], now: datetime) -> None:
    """Make the timers of some tickets anew from their histories."""
    for number in numbers:
        store.write(partial(_rebuild_one, number=number, office=office, now=now))


def _rebuild_one(connection: Connection, number: int, office: Office, now: datetime) -> None:
    ticket = snapshot.ticket(connection, number)
    assert ticket is not None
    timers.replace(connection, number, retime(office)(ticket, look.history(connection, number), now))
