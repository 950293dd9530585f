"""Loop 1: takes waiting mails, has drafted what is to be filed of them, and files it.

Drafting reads, decides and writes the letters (`deciding/clerk.py`); the store's one writer files, and checks again
whether what the draft was made from still holds.  A mail that fails three times is held with its traceback, and the
loop goes on.
"""

import asyncio
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import accumulate, chain, zip_longest

from sqlalchemy import Connection

from maild import maillog, spending
from maild.deciding import filing
from maild.deciding.clerk import NotYet, Task
from maild.deciding.drafting import Drafting
from maild.deciding.office import Office
from maild.identity.evidence import Trust, key_names
from maild.identity.witnesses import Witnesses
from maild.spending import Spending
from maild.store import claims, intake, pieces
from maild.store.file import file
from maild.store.filing import Filing, NumberTaken, Settled, Stale
from maild.store.intake import Received
from maild.store.numbers import Numbers
from maild.store.vitals import Ahead, not_ahead
from maild.store.write import Store, is_outage
from maild.ticket.change import Remark
from maild.ticket.plan import Fate, Plan

BATCH = 64
BATCH_BYTES = 33_554_432  # of mails in memory at once, but for one that alone is larger
STALE_TRIES = 5
LEASE = timedelta(seconds=60)  # renewed while a mail is in hand


def first_within(limit_bytes: int, mails: Sequence[Received]) -> Sequence[Received]:
    """Return the first of some mails that are together not larger than a limit, one at least; the others still wait."""
    sizes = accumulate(mail.size_bytes for mail in mails)
    return mails[: max(1, sum(size <= limit_bytes for size in sizes))]


class Pipeline:
    """Takes waiting mails and files them, in the order in which each sender's came.

    Args:
        ahead: by how much our clock is ahead of the database's, by which leases are.
    """

    def __init__(
        self,
        store: Store,
        office: Callable[[], Office],
        drafting: Drafting,
        numbers: Numbers,
        spending: Spending,
        witnesses: Witnesses,
        lease: str,
        ahead: Ahead = not_ahead,
    ) -> None:
        self._store = store
        self._office = office
        self._drafting = drafting
        self._numbers = numbers
        self._spending = spending
        self._witnesses = witnesses
        self._lease = lease
        self._ahead = ahead
        self._in_hand: set[int] = set()
        self._waits: set[int] = set()  # mails that were put off
        self._claiming = asyncio.Lock()

    def begin(self) -> None:
        """Get ready before the first mail comes."""
        self._drafting.begin(self._office())

    async def round(self, now: Callable[[], datetime]) -> int:
        """Deal with one batch of waiting mails; return how many there were.

        Rounds may overlap: one is drafted while the other is filed.  No mail is in two of them, and none whose
        sender has an older one in hand, for that one still waits.  Where agents are chosen by how much each has,
        rounds follow each other (see Drafting).
        """
        async with self._claiming:
            claimed = await asyncio.to_thread(self._claim, now())
            self._in_hand |= {mail.id for mail in claimed}
            if self._office().takers:
                return await self._deal_with(claimed, now())
        return await self._deal_with(claimed, now())

    async def _deal_with(self, claimed: list[Received], now: datetime) -> int:
        """Draft and file; what was drafted on ground that shifted meanwhile is drafted anew."""
        try:
            tasks = await asyncio.to_thread(self._tasks, claimed, now)
            for _ in range(STALE_TRIES):
                if not tasks:
                    break
                office = self._office()
                drafts = await self._drafting.draft(tasks, office, now)
                tasks = await asyncio.to_thread(self._file, tasks, drafts, office, now)
        finally:
            self._in_hand -= {mail.id for mail in claimed}
        return len(claimed)

    def renew(self, now: datetime) -> None:
        """Keep the leases of what is in hand."""
        if self._in_hand and not self._store.sqlite:
            self._store.write(partial(self._renew, ids=tuple(self._in_hand), now=now))

    def _renew(self, connection: Connection, ids: Sequence[int], now: datetime) -> None:
        claims.renew(connection, ids, self._lease, until=now - self._ahead(connection, now) + LEASE)

    def _claim(self, now: datetime) -> list[Received]:
        work = partial(self._claimed, now=now, busy=tuple(self._in_hand))
        claimed = self._store.read(work) if self._store.sqlite else self._store.write(work)
        return [
            mail if mail.raw else replace(mail, raw=self._store.read(partial(pieces.raw_of, number=mail.id)))
            for mail in first_within(BATCH_BYTES, claimed)
        ]

    def _claimed(self, connection: Connection, now: datetime, busy: Sequence[int]) -> list[Received]:
        there = now - self._ahead(connection, now)
        return claims.take(connection, self._lease, now, there + LEASE, BATCH, busy, there)

    def _tasks(self, claimed: Sequence[Received], now: datetime) -> list[Task]:
        """Look up the keys with which each mail was signed, and draw the number of the ticket that it may open."""
        known: list[tuple[Received, Trust, tuple[str, ...]]] = []
        for mail in claimed:
            try:
                trust = self._witnesses.trust(mail.envelope)
                names = () if mail.evidence else key_names(mail.raw, mail.envelope, trust)
            except Exception as error:
                self._failed(mail.id, error, now)
            else:
                known.append((mail, trust, names))
        by_turns = chain.from_iterable(zip_longest(*(names for _, _, names in known)))  # of each mail the first
        keys = self._witnesses.keys(dict.fromkeys(name for name in by_turns if name))
        fresh = self._numbers.take(len(known)) if known else []
        return [
            Task(
                mail,
                one,
                trust,
                {name: key for name in names if (key := keys.get(name))},
                tuple(name for name in names if name and name not in keys),
            )
            for (mail, trust, names), one in zip(known, fresh, strict=True)
        ]

    def _file(
        self, tasks: Sequence[Task], drafts: Sequence[Filing | Exception], office: Office, now: datetime
    ) -> list[Task]:
        """File what was drafted in one go; return the mails whose ground had shifted."""
        retime, planned = filing.retime(office), Counter[str]()
        with self._store.reading() as connection:
            spent = self._spending.read_on(connection, now)
        allowed: list[tuple[Task, Filing]] = []
        for task, drafted in zip(tasks, drafts, strict=True):
            if isinstance(drafted, NotYet):
                self._put_off(task, str(drafted), now)
            elif isinstance(drafted, Exception):
                self._failed(task.received.id, drafted, now)
            else:
                allowed.append((task, spending.within_budget(drafted, spent, now, planned)))
        # None is given to the store before all are counted: what is filed is counted from the outbox, too.
        submitted = [(*one, self._store.submit(partial(file, filing=one[1], retime=retime))) for one in allowed]
        wait(future for _, _, future in submitted)  # once, and not to be woken for each
        stale: list[Task] = []
        for task, filed, future in submitted:
            try:
                future.result()
                self._done(task, filed)
            except Settled:
                self._numbers.give_back(task.fresh)
            except NumberTaken:
                stale.append(replace(task, fresh=self._numbers.anew()))
            except Stale:
                stale.append(task)
            except Exception as error:
                self._failed(task.received.id, error, now)
        return stale

    def _done(self, task: Task, filed: Filing) -> None:
        plan, number = filed.plan, task.received.id
        self._waits.discard(number)
        if task.fresh.number not in _numbers_of(plan):
            self._numbers.give_back(task.fresh)
        for change in plan.changes:
            if isinstance(change, Remark) and change.what.startswith("not sent"):
                maillog.over_budget(plan.ticket, change.what, change.because)
        match plan.fate:
            case Fate.HELD:
                maillog.held(number, plan.because)
            case Fate.DISCARDED:
                maillog.discarded(number, plan.because)
            case _:
                maillog.filed(number, plan.ticket, plan.because)

    def _put_off(self, task: Task, name: str, now: datetime) -> None:
        """Let a mail wait for an answer of the DNS; `health` tells of it if that lasts."""
        number = task.received.id
        self._numbers.give_back(task.fresh)
        if number not in self._waits:
            self._waits.add(number)
            maillog.put_off(number, name)
        self._store.write(partial(intake.put_off, number=number, until=now + intake.RETRY_AFTER))

    def _failed(self, number: int, error: Exception, now: datetime) -> None:
        """Count a failure of ours against a mail; an outage is nobody's fault, and the loop waits for its end."""
        if is_outage(error):
            raise error
        maillog.failed_to_file(number, error)
        text = "".join(traceback.format_exception(error)).encode("utf-8", "replace").decode().replace("\0", "?")
        self._store.write(partial(intake.failed, number=number, traceback=text, now=now))


def _numbers_of(plan: Plan) -> set[int | None]:
    """Return the tickets that a plan is about."""
    return {plan.ticket}.union(*(_numbers_of(one.plan) for one in plan.beside))
