"""A decided plan as the store files it: its letters written, what stands beside it, the maker of its timers."""

import os
import random
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from maild.deciding.office import Office
from maild.message.model import Letter
from maild.outbound.compose import Job, compose
from maild.rules import timed
from maild.store.draft import Addressed, Filing
from maild.store.file import Retime, file
from maild.ticket import timers
from maild.ticket.model import Ticket
from maild.ticket.plan import Plan, SendMail


def carry_out(connection: Connection, plan: Plan, ticket: Ticket | None, office: Office, now: datetime) -> None:
    """Write a plan's letters and file it, all in the caller's transaction.

    Raises:
        Stale: what it was made from has changed.
    """
    made = letters(plan, office, ticket.handle if ticket else None, now, random_seed)
    file(connection, of_plan(plan, ticket, made, office, now), retime(office))


def post(connection: Connection, mails: Sequence[SendMail], office: Office, now: datetime) -> None:
    """Put mails into the outbox that concern no ticket."""
    carry_out(connection, Plan(None, mails=tuple(mails)), None, office, now)


_RANDOM = random.Random()  # nobody need be kept from guessing: a Message-ID of ours is proved by its HMAC
os.register_at_fork(after_in_child=_RANDOM.seed)


def random_seed() -> bytes:
    """Return what makes a letter's Message-ID one of its own."""
    return _RANDOM.randbytes(8)  # asking the system each time would hand Python's lock to another thread


def letters(plan: Plan, office: Office, handle: int | None, now: datetime, seed: Callable[[], bytes]) -> list[Letter]:
    """Write a plan's letters here and now."""
    return [compose(job, office.house, office.templates) for job in jobs_of(plan, handle, now, seed)]


def jobs_of(plan: Plan, handle: int | None, now: datetime, seed: Callable[[], bytes]) -> list[Job]:
    """Return what is to be composed for a plan and for what it does beside, everything drawn that must be."""
    own = [Job(mail, None if mail.apart else plan.ticket, handle, seed(), now) for mail in plan.mails]
    return own + [job for one in plan.beside for job in jobs_of(one.plan, one.handle, now, seed)]


def of_plan(plan: Plan, ticket: Ticket | None, made: Sequence[Letter], office: Office, now: datetime) -> Filing:
    """Return a plan as the store files it.

    Args:
        ticket: that it was made from, None where it opens one.
        made: the letters of `jobs_of`, in its order.
    """
    own, rest = made[: len(plan.mails)], list(made[len(plan.mails) :])
    beside: list[Filing] = []
    for one in plan.beside:
        count = len(jobs_of(one.plan, None, now, bytes))
        beside.append(of_plan(one.plan, one.ticket, rest[:count], office, now))
        del rest[:count]
    return Filing(
        plan,
        now,
        office.ruleset,
        None if plan.opens else ticket,
        _addressed_letters(plan, own, office),
        beside=tuple(beside),
    )


def _addressed_letters(plan: Plan, made: Sequence[Letter], office: Office) -> tuple[Addressed, ...]:
    """Return a plan's letters with what the outbox keeps beside each; a queue in shadow sends nothing of tickets."""
    shadows = {key for key, queue in office.desk.queues.items() if queue.mode == "shadow"}
    return tuple(
        Addressed(
            letter,
            str(mail.to.audience),
            "" if mail.automatic else plan.actor,
            mail.not_before,
            plan.ticket is not None and mail.queue in shadows,
        )
        for mail, letter in zip(plan.mails, made, strict=True)
    )


def retime(office: Office) -> Retime:
    """Return what makes a ticket's timers from its history by the rules in force."""
    desk, rules = office.desk, tuple(rule for rule in office.rules if rule.every)
    return lambda ticket, history, now: (
        *timers.of_ticket(ticket, history, desk, now),
        *timed.timers(rules, ticket, history, desk),
    )
