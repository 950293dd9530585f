"""What left of itself, of all daemons on a database together: read on from the outbox before each decision.

The outbox is the only account.  So what a restarted daemon, another one or the terminal put there counts like
one's own; only what several have in hand at the same moment may together pass a limit.
"""

import threading
from collections import Counter, deque
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from maild.store import outbox
from maild.store.filing import Filing
from maild.store.write import Store
from maild.ticket import budget
from maild.ticket.budget import Spent
from maild.ticket.plan import Audience, Plan

AHEAD = timedelta(hours=1)  # of us, only a clock that was wrong has written anything
LATE = timedelta(seconds=3)  # on PostgreSQL a row may appear so much later than one with a higher number


class Spending:
    """Keeps a `Spent` that is as new as the last look; threads may share it."""

    def __init__(self, store: Store, limits: budget.Limits, now: datetime) -> None:
        self.spent = Spent(limits)
        self._late = timedelta(0) if store.sqlite else LATE
        self._lock = threading.Lock()
        self._seen: set[int] = set()  # numbers above `_settled`
        self._since: deque[tuple[datetime, int]] = deque()  # when each of those was seen
        with store.reading() as connection:
            last = outbox.last_number(connection)  # first: what others add meanwhile is read on
            known = outbox.automatic_since(connection, now - budget.LONGEST)
            rows = [row for row in known if row.id <= last and row.created_at < now + AHEAD]
            fresh = [row.id for row in rows if row.created_at > now - self._late]
            self._settled = min([*fresh, last + 1]) - 1  # below it no row appears any more
        for row in rows:
            self._count(row, now)

    def read_on(self, connection: Connection, now: datetime) -> Spent:
        """Count what was decided since the last look, by whomever."""
        with self._lock:
            for row in outbox.decided_after(connection, self._settled):
                if row.id not in self._seen:
                    self._count(row, now)
            self._settle(now)
        return self.spent

    def _count(self, row: Any, now: datetime) -> None:
        if row.id > self._settled:
            self._seen.add(row.id)
            self._since.append((now, row.id))
        if row.automatic and row.state != "shadow":
            self.spent.count(row.recipient, row.ticket, Audience(row.audience), row.created_at)

    def _settle(self, now: datetime) -> None:
        """Read no more what was seen so long ago that nothing before it is still to come."""
        while self._since and abs(now - self._since[0][0]) >= self._late:  # or the clock was set back
            self._settled = max(self._settled, self._since.popleft()[1])
        self._seen = {number for number in self._seen if number > self._settled}


def within_budget(drafted: Filing, spent: Spent, now: datetime, planned: Counter[str]) -> Filing:
    """Take the automatic mails that are over a budget out of what is to be filed, and say so in it."""
    return _with_plan(drafted, budget.within(drafted.plan, spent, now, planned))


def _with_plan(drafted: Filing, plan: Plan) -> Filing:
    """Return a filing by a plan that has lost some of its mails."""
    if plan is drafted.plan:
        return drafted
    kept = {id(mail) for mail in plan.mails}
    letters = zip(drafted.plan.mails, drafted.letters, strict=True)
    beside = zip(drafted.beside, plan.beside, strict=True)
    return replace(
        drafted,
        plan=plan,
        letters=tuple(letter for mail, letter in letters if id(mail) in kept),
        beside=tuple(_with_plan(one, other.plan) for one, other in beside),
    )
