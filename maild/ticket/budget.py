"""How much may leave without a person having written it.

Every automatic mail is counted, to customers, agents and operators alike; what is over a limit is not
sent, and the ticket says so.  What is counted is what is in the outbox (`maild.spending`), so neither a
restart nor another daemon gives anybody a second allowance.  A person's own mail is never held back here.
"""

import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from maild.message.model import domain_of
from maild.ticket.change import Change, Promised, Remark
from maild.ticket.freemail import FREEMAIL
from maild.ticket.plan import Audience, Plan, SendMail

LONGEST = timedelta(days=1)
EVERYBODY = "all:customers"
_QUOTING = re.compile(r'["\\]')  # quoted or not is the same (RFC 5321 section 4.1.2)
DOTLESS = ("gmail.com", "googlemail.com")  # where dots are nothing


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many within a time."""

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


NOTHING: Mapping[str, int] = {}


class Spent:
    """When automatic mail of the last day was decided on, by recipient.

    One thread at a time may count; any may ask meanwhile.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        every = (*limits.customer, *limits.domain, *limits.agent, *limits.ticket, *limits.breaker)
        self._most = max((limit.count for limit in every), default=1)  # times that any limit looks back on
        self._times: dict[str, list[datetime]] = {}
        self._counted: deque[tuple[datetime, list[str]]] = deque()

    def over(self, mail: SendMail, ticket: int | None, now: datetime, planned: Mapping[str, int] = NOTHING) -> str:
        """Return which limit a mail would break, or "" if it may go; nothing is counted.

        Args:
            planned: how many others are to go under each key, decided on but not counted yet.
        """
        for key in _keys(mail.to.address, ticket, mail.to.audience):
            for limit in self._limits_of(key, mail.to.audience):
                if self._is_reached(key, limit, now, planned.get(key, 0)):
                    return f"{key}: {limit.count} automatic mails in {_words(limit.within)}"
        return ""

    def tripped(self, now: datetime) -> str:
        """Return the limit of all automatic mail to customers that is reached, or ""."""
        for limit in self.limits.breaker:
            if self._is_reached(EVERYBODY, limit, now):
                return f"{limit.count} automatic mails in {_words(limit.within)}"
        return ""

    def count(self, recipient: str, ticket: int | None, audience: Audience, at: datetime) -> None:
        """Count a mail; called in order of time, unless the clock is set back."""
        named = _keys(recipient, ticket, audience)
        for key in named:
            times = self._times.setdefault(key, [])
            times.append(at)
            del times[: -self._most]
        self._counted.append((at, named))
        self._forget(at)

    def _forget(self, now: datetime) -> None:
        while abs(now - self._counted[0][0]) > LONGEST:  # a day ago, or by a clock that ran ahead
            at, named = self._counted.popleft()
            for key in named:
                if self._times.get(key, ())[-1:] == [at]:  # else it was counted again since, or is gone already
                    del self._times[key]

    def _is_reached(self, key: str, limit: Limit, now: datetime, planned: int = 0) -> bool:
        missing = limit.count - planned
        if missing <= 0:
            return True
        try:
            return abs(now - self._times.get(key, ())[-missing]) < limit.within
        except IndexError:  # there are fewer
            return False

    def _limits_of(self, key: str, audience: Audience) -> tuple[Limit, ...]:
        match key.partition(":")[0]:
            case "to":
                return self.limits.customer if audience is Audience.CUSTOMER else self.limits.agent
            case "domain":
                return self.limits.domain
            case "ticket":
                return self.limits.ticket
            case _:
                return self.limits.breaker


def within(plan: Plan, spent: Spent, now: datetime, planned: Counter[str] | None = None) -> Plan:
    """Take out of a plan the automatic mails that are over a budget, and say so in it.

    Args:
        planned: what was decided on with the same `spent`, by what it counts against; this plan's is added.
    """
    planned = Counter() if planned is None else planned
    beside = tuple(replace(one, plan=within(one.plan, spent, now, planned)) for one in plan.beside)
    plan = replace(plan, beside=beside) if beside else plan
    kept: list[SendMail] = []
    left_out: list[SendMail] = []
    remarks: list[Remark] = []
    for mail in plan.mails:
        over = spent.over(mail, plan.ticket, now, planned) if mail.automatic and not _is_gathered(mail) else ""
        if over:
            remarks.append(Remark(f"not sent: {mail.template} to {mail.to.address}", over))
            left_out.append(mail)
            continue
        kept.append(mail)
        if mail.automatic:
            planned.update(_keys(mail.to.address, plan.ticket, mail.to.audience))
    if not remarks:
        return plan
    changes = untold(plan.changes, kept, left_out)
    return replace(plan, mails=tuple(kept), changes=(*changes, *remarks) if changes else ())


def _is_gathered(mail: SendMail) -> bool:
    """Tell whether a mail may be gathered with others into one (chores.gathering): then none of them may be missing."""
    return mail.template == "escalation" and mail.to.audience is Audience.AGENT


def untold(changes: tuple[Change, ...], sent: Iterable[SendMail], left_out: Iterable[SendMail]) -> tuple[Change, ...]:
    """Return changes without the promise that no mail tells any more, since those are over a budget that told it.

    Else the customer would be told, when it is broken, of a promise of which he never heard.
    """
    if any(map(_promises, sent)) or not any(map(_promises, left_out)):
        return changes
    return tuple(change for change in changes if not isinstance(change, Promised) or change.by)


def _promises(mail: SendMail) -> bool:
    return mail.values.get("promise") is not None


def _keys(recipient: str, ticket: int | None, audience: Audience) -> list[str]:
    """Return what a mail counts against."""
    named = [f"to:{recipient.lower()}"]
    if audience is Audience.CUSTOMER:
        domain = domain_of(recipient)
        named = [f"to:{_mailbox(recipient)}"]
        named += [EVERYBODY] if domain in FREEMAIL else [f"domain:{domain}", EVERYBODY]
    if ticket is not None:
        named.append(f"ticket:{ticket}:{audience}")
    return named


def _mailbox(address: str) -> str:
    """Return what is the same of all addresses of a mailbox: whoever forges a sender takes another for each mail."""
    local, _, domain = address.lower().rpartition("@")
    named = _QUOTING.sub("", local)
    named = named.partition("+")[0] or named
    return f"{named.replace('.', '') if domain in DOTLESS else named}@{domain}"


def _words(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
