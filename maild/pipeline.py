"""Loop 1: takes waiting mails and files their plans.

Workers read the bytes and write the letters, `judge` decides, the store's one writer files.  A mail that
fails three times is held with its traceback, and the loop goes on.
"""

import asyncio
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import accumulate, islice

from sqlalchemy import Connection

from maild import filing, maillog
from maild.identity import evidence as gathering
from maild.judge import Judged, deal_with
from maild.message.model import Envelope, Letter, Reading
from maild.office import Mail, Office
from maild.spending import Spending
from maild.store import asked, held, intake, outbox, snapshot
from maild.store.file import Stale, file
from maild.store.intake import Received
from maild.store.site import Numbers
from maild.store.snapshot import Keys
from maild.store.write import Store, is_outage
from maild.ticket.change import Assign, Fate, Plan, Remark
from maild.ticket.facts import Load, Seen
from maild.ticket.model import Ticket
from maild.ticket.proof import Evidence
from maild.workers import Workers

BATCH = 64
BATCH_BYTES = 33_554_432  # of mails in memory at once, but for one that alone is larger
STALE_TRIES = 5
LEASE = timedelta(seconds=60)  # renewed while a mail is in hand
NOTHING_GIVEN: Mapping[str, Collection[int]] = {}


def look(
    connection: Connection, mail: Mail, now: datetime, keys: Keys, given: Mapping[str, Collection[int]] = NOTHING_GIVEN
) -> Seen:
    """Take a snapshot, with the texts that an answer may quote.

    Args:
        given: tickets that agents were given and that are not filed yet.
    """
    seen = snapshot.take(connection, keys, now)
    if seen.loads and given:
        seen = replace(seen, loads={agent: _more(load, given.get(agent, ())) for agent, load in seen.loads.items()})
    if keys.held is not None:
        seen = replace(seen, held=held.get(connection, keys.held))
    numbers = list(seen.past.tickets)[:3]
    if keys.wants:
        seen = replace(seen, asked=asked.answer(connection, keys.wants, numbers, keys.agent))
    if not numbers or not (keys.candidates or keys.handle):
        return seen
    if keys.agent:
        number = seen.past.survivors.get(n := seen.past.handles.get(keys.handle or 0, numbers[0]), n)
        seen = replace(
            seen,
            notes=held.notes(connection, number),
            leaving=outbox.leaving(connection, number, keys.agent, now),
        )
        tickets = (number, *(one for one, survivor in seen.past.survivors.items() if survivor == number))
        asked_at = seen.held.asked_at if seen.held and mail.released_by else None
        since = asked_at or held.copy_made_at(connection, tickets, keys.candidates)
        if since is not None:  # else it cannot be told what he has seen
            newer, absorbed = (
                held.newer(connection, number, keys.agent, since),
                held.absorbed(connection, number, since),
            )
            seen = replace(seen, newer=newer, absorbed=absorbed)
    texts = "\n".join(snapshot.parent_text(connection, number) for number in numbers)
    return replace(seen, parent_text=texts, last=snapshot.last_from_customer(connection, numbers[0]))


def first_within(limit_bytes: int, mails: Sequence[Received]) -> Sequence[Received]:
    """Return the first of some mails that are together not larger than a limit, one at least; the others still wait."""
    sizes = accumulate(mail.size_bytes for mail in mails)
    return mails[: max(1, sum(size <= limit_bytes for size in sizes))]


def _more(load: Load, numbers: Collection[int]) -> Load:
    return Load(load.open + len(numbers), max((load.last, *numbers)))


class Pipeline:
    """Takes waiting mails and files them, in the order in which each sender's came."""

    def __init__(
        self,
        store: Store,
        office: Callable[[], Office],
        workers: Workers,
        numbers: Numbers,
        spending: Spending,
        gather: Callable[[bytes, Envelope], Evidence] = lambda raw, envelope: gathering.gather(raw, envelope, ()),
        lease: str = "maild",
        observe: Callable[[Mail, Judged], None] = lambda _mail, _judged: None,
    ) -> None:
        self._observe = observe
        self._store = store
        self._office = office
        self._workers = workers
        self._numbers = numbers
        self._spending = spending
        self._gather = gather
        self._lease = lease
        self._in_hand: set[int] = set()
        self._given: dict[str, list[int]] = {}  # by agent: tickets that are his when they are filed
        self._claiming = asyncio.Lock()

    async def round(self, now: Callable[[], datetime]) -> int:
        """Deal with one batch of waiting mails; return how many there were.

        Rounds may overlap: one is read and judged while the other is filed.  No mail is in two of them,
        and none whose sender has an older one in hand, for that one still waits.
        """
        async with self._claiming:
            claimed = await asyncio.to_thread(self._claim, now())
            self._in_hand |= {mail.id for mail in claimed}
        try:
            if claimed:
                await self._deal_with(claimed, now())
        finally:
            self._in_hand -= {mail.id for mail in claimed}
        return len(claimed)

    async def _deal_with(self, claimed: list[Received], now: datetime) -> None:
        """Read, decide, compose, file; what was decided on ground that shifted meanwhile is decided anew."""
        readings = await self._workers.read([(mail.raw, mail.envelope) for mail in claimed])
        mails = await asyncio.to_thread(self._read, claimed, readings, now)
        for _ in range(STALE_TRIES):
            office = self._office()
            decided = await asyncio.to_thread(self._decide, mails, office, now)
            jobs = [filing.jobs_of(one.plan, filing.handle_of(one), now, filing.random_seed) for _, one in decided]
            letters = await self._workers.compose([job for some in jobs for job in some], office.house, office.render)
            made = [list(islice(letters, len(some))) for some in jobs]
            mails = await asyncio.to_thread(self._file, decided, made, office, now)
            self._take_back(one.plan for _, one in decided)
            if not mails:
                return

    def renew(self, now: datetime) -> None:
        """Keep the leases of what is in hand."""
        if self._in_hand and not self._store.sqlite:
            self._store.write(partial(intake.renew, ids=tuple(self._in_hand), lease=self._lease, until=now + LEASE))

    def _claim(self, now: datetime) -> list[Received]:
        busy = tuple(self._in_hand)
        work = partial(intake.claim, lease=self._lease, now=now, until=now + LEASE, count=BATCH, busy=busy)
        claimed = self._store.read(work) if self._store.sqlite else self._store.write(work)
        return [
            mail if mail.raw else replace(mail, raw=self._store.read(partial(intake.raw_of, number=mail.id)))
            for mail in first_within(BATCH_BYTES, claimed)
        ]

    def _read(self, claimed: list[Received], readings: Sequence[Reading | Exception], now: datetime) -> list[Mail]:
        """Return the mails that could be read, with the evidence of who sent them."""
        mails: list[Mail] = []
        for received, reading in zip(claimed, readings, strict=True):
            if isinstance(reading, Exception):
                self._failed(received.id, reading, now)
                continue
            known = received.evidence or self._gather(received.raw, received.envelope)
            mails.append(
                Mail(received.envelope, reading, known, received.id, received.import_only, received.released_by)
            )
        return mails

    def _decide(self, mails: Sequence[Mail], office: Office, now: datetime) -> list[tuple[Mail, Judged]]:
        decided: list[tuple[Mail, Judged]] = []
        planned: Counter[str] = Counter()
        with self._store.reading() as connection:
            spent = self._spending.read_on(connection, now)
            for mail in mails:
                try:
                    glance = partial(look, connection, mail, now, given=self._given)
                    judged = deal_with(mail, office, glance, self._numbers.fresh, now)
                    judged = replace(judged, plan=filing.budgeted(judged.plan, spent, now, planned))
                    decided.append((mail, judged))
                    self._give(judged.plan)
                except Exception as error:
                    self._failed(mail.intake_id, error, now)
        return decided

    def _file(
        self,
        decided: Sequence[tuple[Mail, Judged]],
        made: Sequence[Sequence[Letter | Exception]],
        office: Office,
        now: datetime,
    ) -> list[Mail]:
        """File the plans in one go; return the mails whose ground had shifted."""
        submitted: list[tuple[Mail, Judged, Future[Ticket | None]]] = []
        for (mail, judged), letters in zip(decided, made, strict=True):
            failed = next((one for one in letters if isinstance(one, Exception)), None)
            if failed is not None:
                self._failed(mail.intake_id, failed, now)
                continue
            written = [one for one in letters if isinstance(one, Letter)]
            whole = filing.of_mail(judged, mail, office, written, now)
            submitted.append((mail, judged, self._store.submit(partial(file, filing=whole))))
        stale: list[Mail] = []
        for mail, judged, future in submitted:
            try:
                future.result()
                self._done(mail, judged)
            except Stale:
                stale.append(mail)
            except Exception as error:
                self._failed(mail.intake_id, error, now)
        return stale

    def _give(self, plan: Plan) -> None:
        """Remember whom a plan gives its ticket to: the mails beside it in a batch do not see it filed."""
        for change in plan.changes:
            if isinstance(change, Assign) and plan.ticket is not None:
                self._given.setdefault(change.agent, []).append(plan.ticket)

    def _take_back(self, plans: Iterable[Plan]) -> None:
        for plan in plans:
            for change in plan.changes:
                if isinstance(change, Assign) and plan.ticket is not None:
                    self._given[change.agent].remove(plan.ticket)

    def _done(self, mail: Mail, judged: Judged) -> None:
        plan = judged.plan
        for change in plan.changes:
            if isinstance(change, Remark) and change.what.startswith("not sent"):
                maillog.over_budget(plan.ticket, change.what, change.because)
        self._observe(mail, judged)
        number = mail.intake_id or 0
        match plan.fate:
            case Fate.HELD:
                maillog.held(number, plan.because)
            case Fate.DISCARDED:
                maillog.discarded(number, plan.because)
            case _:
                maillog.filed(number, plan.ticket, plan.because)

    def _failed(self, number: int | None, error: Exception, now: datetime) -> None:
        """Count a failure of ours against a mail; an outage is nobody's fault, and the loop waits for its end."""
        assert number is not None
        if is_outage(error):
            raise error
        maillog.failed_to_file(number, error)
        text = "".join(traceback.format_exception(error))
        self._store.write(partial(intake.failed, number=number, traceback=text, now=now))
