"""How much may leave without a person having written it.

Every automatic mail is counted, to customers, agents and operators alike; what is over a limit is not
sent, and the ticket says so.  The counts are made again from the outbox at each start, so a restart
gives nobody a second allowance.  A person's own mail is never held back here.
"""

from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from maild.ticket.change import Audience, SendMail
from maild.ticket.thread import FREEMAIL

LONGEST = timedelta(days=1)
EVERYBODY = "all:customers"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many in a time."""

    count: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """Each tuple's limits must all be kept."""

    customer: tuple[Limit, ...] = (Limit(3, timedelta(hours=1)), Limit(10, timedelta(days=1)))
    domain: tuple[Limit, ...] = (Limit(50, timedelta(hours=1)),)
    agent: tuple[Limit, ...] = (Limit(60, timedelta(minutes=10)), Limit(240, timedelta(hours=1)))
    ticket: tuple[Limit, ...] = (Limit(30, timedelta(minutes=10)), Limit(100, timedelta(hours=10)))
    breaker: tuple[Limit, ...] = (Limit(600, timedelta(minutes=10)),)


class Spent:
    """When automatic mail was last decided on, by whom it went to.

    Each method does one thing to one deque at a time, which threads may do side by side.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._times: dict[str, deque[datetime]] = defaultdict(deque)

    def over(self, mail: SendMail, ticket: int | None, now: datetime) -> str:
        """Return which limit a mail would break, or "" if it may go; nothing is counted."""
        for name, key, limits in self._scopes(mail, ticket):
            for limit in limits:
                times = self._times.get(key, ())
                if len(times) >= limit.count and now - times[-limit.count] < limit.within:
                    return f"{name}: {limit.count} automatic mails in {_words(limit.within)}"
        return ""

    def tripped(self, now: datetime) -> str:
        """Return the limit of all automatic mail to customers that is reached, or ""."""
        times = self._times.get(EVERYBODY, ())
        for limit in self.limits.breaker:
            if len(times) >= limit.count and now - times[-limit.count] < limit.within:
                return f"{limit.count} automatic mails in {_words(limit.within)}"
        return ""

    def count(self, mail: SendMail, ticket: int | None, now: datetime) -> None:
        for _, key, _ in self._scopes(mail, ticket):
            self._add(key, now)

    def remember(self, recipient: str, ticket: int | None, audience: Audience, at: datetime) -> None:
        """Count a mail of former times; called in order of time when the daemon starts."""
        for key in _keys(recipient, ticket, audience):
            self._add(key, at)

    def _add(self, key: str, at: datetime) -> None:
        times = self._times[key]
        times.append(at)
        while times and at - times[0] > LONGEST:
            times.popleft()

    def _scopes(self, mail: SendMail, ticket: int | None) -> list[tuple[str, str, tuple[Limit, ...]]]:
        keys = _keys(mail.to.address, ticket, mail.to.audience)
        own = self.limits.customer if mail.to.audience is Audience.CUSTOMER else self.limits.agent
        limits = {"to": own, "domain": self.limits.domain, "ticket": self.limits.ticket, "all": self.limits.breaker}
        return [(key, key, limits[key.partition(":")[0]]) for key in keys]


def _keys(recipient: str, ticket: int | None, audience: Audience) -> list[str]:
    keys = [f"to:{recipient.lower()}"]
    if audience is Audience.CUSTOMER:
        domain = recipient.rpartition("@")[2].lower()
        keys += [EVERYBODY] if domain in FREEMAIL else [f"domain:{domain}", EVERYBODY]
    if ticket is not None:
        keys.append(f"ticket:{ticket}:{audience}")
    return keys


def _words(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
