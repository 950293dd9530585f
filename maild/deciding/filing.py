"""A decided plan as the store files it: its letters written, what is beside it, the maker of its timers."""

import os
import random
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from maild.deciding.office import Office
from maild.outbound.compose import Job, compose
from maild.rules import timed
from maild.store.file import Retime, file
from maild.store.filing import Addressed, Filing
from maild.ticket import timers
from maild.ticket.model import Ticket
from maild.ticket.plan import Plan, SendMail


def carry_out(connection: Connection, plan: Plan, ticket: Ticket | None, office: Office, now: datetime) -> None:
    """Write a plan's letters and file it, all in the caller's transaction.

    Raises:
        Stale: what it was made from has changed.
    """
    file(connection, of_plan(plan, ticket, ticket.handle if ticket else None, office, now), retime(office))


def post(connection: Connection, mails: Sequence[SendMail], office: Office, now: datetime) -> None:
    """Put mails into the outbox that concern no ticket."""
    carry_out(connection, Plan(None, mails=tuple(mails)), None, office, now)


def of_plan(plan: Plan, ticket: Ticket | None, handle: int | None, office: Office, now: datetime) -> Filing:
    """Return a plan as the store files it, its letters written, with what it does beside.

    Args:
        ticket: what it was made from, None where it opens one.
        handle: of the ticket that its letters are about, None for letters about none.
    """
    return Filing(
        plan,
        now,
        office.ruleset,
        None if plan.opens else ticket,
        _letters(plan, handle, office, now),
        beside=tuple(of_plan(one.plan, one.ticket, one.handle, office, now) for one in plan.beside),
    )


_RANDOM = random.Random()  # nobody need be kept from guessing: a Message-ID of ours is proved by its HMAC
os.register_at_fork(after_in_child=_RANDOM.seed)


def _letters(plan: Plan, handle: int | None, office: Office, now: datetime) -> tuple[Addressed, ...]:
    """Return a plan's letters with what the outbox keeps beside each; a queue in shadow sends nothing of tickets."""
    shadows = {key for key, queue in office.desk.queues.items() if queue.mode == "shadow"}
    made: list[Addressed] = []
    for mail in plan.mails:
        seed = _RANDOM.randbytes(8)  # asking the system each time would hand Python's lock to another thread
        job = Job(mail, None if mail.apart else plan.ticket, handle, seed, now)
        letter = compose(job, office.house, office.templates)
        actor = "" if mail.automatic else plan.actor
        shadowed = plan.ticket is not None and mail.queue in shadows
        made.append(Addressed(letter, str(mail.to.audience), actor, mail.not_before, shadowed))
    return tuple(made)


def retime(office: Office) -> Retime:
    """Return what makes a ticket's timers from its history by the rules in force."""
    desk, rules = office.desk, tuple(rule for rule in office.rules if rule.every)
    return lambda ticket, history, now: (
        *timers.of_ticket(ticket, history, desk, now),
        *timed.timers(rules, ticket, history, desk),
    )
