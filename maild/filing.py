"""A decided plan as the store files it: its letters written, what stands beside it, the maker of its timers."""

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from maild.judge import Judged
from maild.message import subject
from maild.message.model import Kind, Letter
from maild.office import Mail, Office
from maild.outbound.compose import Job, compose
from maild.rules import timed
from maild.store.draft import Addressed, Filing
from maild.store.file import Retime, file
from maild.ticket import thread, timers
from maild.ticket.facts import Facts
from maild.ticket.model import Ticket
from maild.ticket.plan import Fate, Plan, SendMail


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
    shadows = {key for key, queue in office.house.desk.queues.items() if queue.mode == "shadow"}
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


def of_mail(judged: Judged, mail: Mail, office: Office, made: Sequence[Letter], now: datetime) -> Filing:
    """Return what a mail did as the store files it."""
    facts, plan = judged.facts, judged.plan
    returned = facts.seen.reported if plan.fate is Fate.FILED and _says_of_failure(facts) else None
    plain = of_plan(plan, judged.ticket, made, office, now)
    return replace(
        plain,
        beside=tuple(replace(one, content_hash=judged.keys.content_hash) for one in plain.beside),
        versions=facts.seen.versions,
        intake_id=mail.intake_id,
        references=_newly_mentioned(judged),
        content_hash=judged.keys.content_hash,
        message_id=mail.message.message_id,
        base_subject=subject.base(facts.message.subject).text.casefold()[:200],
        thread_index=thread.thread_index(facts.message),
        authenticated=facts.authenticated,
        returned=(returned.outbox_id, plan.because) if returned else None,
        evidence=mail.evidence,
    )


def _says_of_failure(facts: Facts) -> bool:
    """Tell whether a mail reports that one of ours did not arrive, whether that was about a ticket or not."""
    failed = facts.report is not None and facts.report.action == "failed"
    return failed and facts.classified.kind is Kind.BOUNCE


def _newly_mentioned(judged: Judged) -> tuple[str, ...]:
    """Return the ids that a mail mentions, but ours, and those that its ticket is known by already."""
    keys, refs, ticket = judged.keys, judged.facts.seen.past.refs, judged.plan.ticket
    sender = keys.sender.lower()
    return tuple(
        one
        for one in keys.candidates
        if one not in keys.own
        and not any(ref.ticket == ticket and (ref.filed or ref.sender == sender) for ref in refs.get(one, ()))
    )


def retime(office: Office) -> Retime:
    """Return what makes a ticket's timers from its history by the rules in force."""
    desk, rules = office.house.desk, tuple(rule for rule in office.rules if rule.every)
    return lambda ticket, history, now: (
        *timers.of_ticket(ticket, history, desk, now),
        *timed.timers(rules, ticket, history, desk),
    )


def handle_of(judged: Judged) -> int | None:
    """Return the handle of the ticket of a mail's letters, None for mails about no ticket."""
    if judged.plan.opens:
        return judged.facts.fresh.handle
    return judged.ticket.handle if judged.ticket else None
