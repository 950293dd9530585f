"""Carry out a plan: with `changes`, the only code that changes a ticket, and it writes history of each change.

Everything happens in the caller's transaction.  First what the plan was made from is looked at again;
if it changed, nothing is written and the caller plans anew.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from maild.agents import signoff
from maild.store import agents, beats, browse, changes, held, histories, intake, outbox, snapshot, timers, upsert
from maild.store.filing import Filing, NumberTaken, Settled, Stale
from maild.store.prepared import Prepared
from maild.store.records import change_to_json
from maild.store.snapshot import refs_of
from maild.store.tables import AGENT, CONTACT, HISTORY, SPENT_TOKEN, TICKET
from maild.ticket.change import AddMessage, Change, Entry, StageReached
from maild.ticket.evolve import after, opened
from maild.ticket.model import Ticket
from maild.ticket.plan import Fate, Verb
from maild.ticket.proof import NO_EVIDENCE
from maild.ticket.timers import Timer

Retime = Callable[[Ticket, Sequence[Entry], datetime], Sequence[Timer]]

_INSERT_TICKET = Prepared.insert(TICKET)
_INSERT_HISTORY = Prepared.insert(HISTORY)
_CONTACT_VERSION = Prepared(select(CONTACT.c.version).where(CONTACT.c.address == bindparam("contact")))
_STAGE = ("clock", "instance", "stage", "repeat")  # the columns of a history that are set for stages alone
_LAST_SEQUENCE = Prepared(select(func.max(HISTORY.c.sequence)).where(HISTORY.c.ticket == bindparam("its_number")))


def file(connection: Connection, filing: Filing, retime: Retime | None = None) -> Ticket | None:
    """File a plan and return the ticket as it is afterwards, None where none is concerned.

    Args:
        retime: makes a ticket's timers anew from its history.

    Raises:
        Settled: there is nothing to be done any more.
        NumberTaken: plan anew with another number.
        Stale: take a new snapshot and plan anew.
    """
    plan = filing.plan
    _settle(connection, filing)
    _recheck(connection, filing)
    _obey(connection, filing)
    for other in filing.beside:  # first, for a ticket that opens there may be named here
        file(connection, other, retime)
    ticket = _carry_out(connection, filing, retime) if plan.changes else filing.ticket
    outbox.put(connection, plan.ticket, filing.letters, filing.now)
    if plan.holds is not None and filing.intake_id is not None:
        held.put(connection, filing.intake_id, plan.ticket, plan.holds, plan.because, filing.now)
    if plan.fate is Fate.FILED and filing.intake_id is not None and plan.ticket is not None:
        _remember_mail(connection, filing)
    return ticket


def _settle(connection: Connection, filing: Filing) -> None:
    """Write the mail's fate, once, with the evidence of its sender; and that of our mail on which it reports."""
    plan, number = filing.plan, filing.intake_id
    if plan.fate is not None and number is not None:
        if not intake.settle(connection, number, plan.fate, plan.because, plan.ticket):
            raise Settled(f"mail {number} was dealt with by somebody else")
        if filing.evidence is not None and filing.evidence != NO_EVIDENCE:
            intake.keep_evidence(connection, number, filing.evidence)
        if plan.fate is Fate.DISCARDED and filing.message_id:  # a heartbeat, perhaps
            beats.came_back(connection, filing.message_id, filing.now)
    if filing.returned is not None:
        outbox.bounced(connection, *filing.returned, now=filing.now)


def _obey(connection: Connection, filing: Filing) -> None:
    """Do what an agent's mail says besides what it does to tickets: addresses used up, held mails, senders blocked."""
    plan = filing.plan
    if plan.ends:
        _keep_ending(connection, plan.actor, plan.ends)
    if plan.told_of:
        _keep_told(connection, plan.actor, plan.told_of)
    for absence in plan.absences:
        agents.say_absence(connection, absence, filing.now.date())
    if plan.spends:
        _spend(connection, plan.spends, filing.now)
    if plan.settles is not None and not held.settle(connection, plan.settles, filing.now):
        raise Stale(f"{plan.settles} is too late")
    for order in plan.orders:
        sender = held.order(connection, order)
        if sender and order.verb is Verb.BLOCK:
            changes.mark_contact(connection, sender, filing, "blocked", True)


def _keep_ending(connection: Connection, agent: str, ends: Sequence[str]) -> None:
    """Keep how an agent's last mails ended, as hashes."""
    kept = [*snapshot.writer(connection, agent).endings, ends][-signoff.KEPT :]
    upsert.replace(connection, AGENT, {"key": agent, "endings": "\n".join(map(" ".join, kept))}, ("endings",))


def _keep_told(connection: Connection, agent: str, told_of: Sequence[str]) -> None:
    """Keep what an agent is told once."""
    kept = dict.fromkeys((*snapshot.writer(connection, agent).told_of, *told_of))
    upsert.replace(connection, AGENT, {"key": agent, "told_of": " ".join(kept)}, ("told_of",))


def _spend(connection: Connection, token: str, now: datetime) -> None:
    if connection.execute(select(SPENT_TOKEN.c.token).where(SPENT_TOKEN.c.token == token)).first():
        raise Stale("the address was used meanwhile, and it works once")
    connection.execute(insert(SPENT_TOKEN), {"token": token, "at": now})


def forget_spent(connection: Connection, before: datetime) -> int:
    """Forget addresses that worked once, so long ago that they would not work any more; return how many."""
    return connection.execute(delete(SPENT_TOKEN).where(SPENT_TOKEN.c.at < before)).rowcount


def _remember_mail(connection: Connection, filing: Filing) -> None:
    """Know a mail again that left no message behind, commands alone: a copy of it must do nothing."""
    plan, own = filing.plan, filing.message_id
    if not own or not plan.changes or any(isinstance(one, AddMessage) and one.message_id for one in plan.changes):
        return
    assert plan.ticket is not None
    changes.refer(connection, plan.ticket, filing.versions.contact, filing, own)


def _recheck(connection: Connection, filing: Filing) -> None:
    versions = filing.versions
    if versions.ids:
        now = tuple(row.id for row in refs_of(connection, versions.ids))
        if now != versions.refs:
            raise Stale("a mail of the same conversation was filed meanwhile")
    if versions.contact:
        version = _CONTACT_VERSION(connection, {"contact": versions.contact}).scalar()
        if (version or 0) != versions.contact_version:
            raise Stale(f"{versions.contact} did something else meanwhile")


def _carry_out(connection: Connection, filing: Filing, retime: Retime | None) -> Ticket:
    """Write the ticket as evolve makes it, then what each change has beside it."""
    plan, at = filing.plan, filing.now
    assert plan.ticket is not None
    if plan.opens:
        ticket = opened(plan.ticket, plan.changes, at)
        _insert_ticket(connection, ticket, filing)
    else:
        assert filing.ticket is not None
        ticket = after(filing.ticket, plan.changes, at)
        _update_ticket(connection, filing.ticket, ticket, at)
    for change in plan.changes:
        changes.write(connection, ticket, change, filing)
    _remember(connection, ticket.number, filing)
    _touch_contact(connection, ticket, filing)
    if retime is not None:
        _set_timers(connection, ticket, filing, retime)
    return ticket


def _set_timers(connection: Connection, ticket: Ticket, filing: Filing, retime: Retime) -> None:
    """Write the timers that follow from the history as it is now."""
    if filing.plan.opens:
        history = [Entry(filing.now, change) for change in filing.plan.changes]
        timers.put(connection, ticket.number, retime(ticket, history, filing.now))
    else:
        past = histories.of(connection, ticket.number)
        timers.replace(connection, ticket.number, retime(ticket, past, filing.now))


def _insert_ticket(connection: Connection, ticket: Ticket, filing: Filing) -> None:
    values = {
        "number": ticket.number,
        "handle": ticket.handle,
        "opened_at": filing.now,
        "base_subject": filing.base_subject,
        "thread_index": filing.thread_index,
        "version": ticket.version + 1,
        "updated_at": filing.now,
        **_columns(ticket),
    }
    try:
        _INSERT_TICKET(connection, values)
    except IntegrityError:
        # PostgreSQL gives no number twice, and answers nothing more in this transaction.
        if connection.dialect.name == "sqlite" and browse.ticket_row(connection, ticket.number) is not None:
            raise NumberTaken(f"there is a ticket #{ticket.number} by now") from None
        raise


def _update_ticket(connection: Connection, before: Ticket, ticket: Ticket, at: datetime) -> None:
    """A version that moved on says that the plan is stale."""
    former = _columns(before)
    changed = {name: value for name, value in _columns(ticket).items() if value != former[name]}
    changed |= {"version": before.version + 1, "updated_at": at}
    values = {"its_number": ticket.number, "its_version": before.version, **changed}
    if not _update_of(tuple(changed))(connection, values).rowcount:
        raise Stale(f"ticket #{ticket.number} changed meanwhile")


def rewrite(connection: Connection, kept: Ticket, folded: Ticket) -> None:
    """Write a ticket as its history makes it; nothing is added to that, for nothing happened."""
    columns = {**_columns(folded), "handle": folded.handle, "opened_at": folded.opened_at, "version": kept.version + 1}
    connection.execute(update(TICKET).where(TICKET.c.number == kept.number).values(**columns))
    changes.write_anew(connection, folded)


@lru_cache(maxsize=256)
def _update_of(columns: tuple[str, ...]) -> Prepared:
    """Return what sets some columns of a ticket.

    To set one to what it is costs more than it seems: its indexes are written anew, for the subject that of all words
    said in the ticket, and in SQLite all of them for merged_into, which names a row of the same table.
    """
    those = (TICKET.c.number == bindparam("its_number"), TICKET.c.version == bindparam("its_version"))
    return Prepared(update(TICKET).where(*those), dict.fromkeys(columns))


def _columns(ticket: Ticket) -> dict[str, Any]:
    return {
        "queue": ticket.queue,
        "status": ticket.status.value,
        "priority": ticket.priority.value,
        "assignee": ticket.assignee,
        "subject": ticket.subject,
        "requester_address": ticket.requester.address,
        "requester_name": ticket.requester.name,
        "language": ticket.language,
        "solved_at": ticket.solved_at,
        "closed_at": ticket.closed_at,
        "merged_into": ticket.merged_into,
        "last_message_id": ticket.last_message_id,
        "fields": json.dumps(dict(ticket.fields), ensure_ascii=False) if ticket.fields else "",
        "silent": " ".join(ticket.silent),
        "rating": ticket.rating,
    }


def _remember(connection: Connection, number: int, filing: Filing) -> None:
    """Append the plan to the ticket's history, in order."""
    last = 0 if filing.plan.opens else _LAST_SEQUENCE(connection, {"its_number": number}).scalar() or 0
    _INSERT_HISTORY(
        connection,
        *(
            {
                "ticket": number,
                "sequence": last + 1 + i,
                "at": filing.now,
                "actor": filing.plan.actor,
                "change": type(change).__name__,
                "text": str(change),
                "detail": change_to_json(change),
                "ruleset": filing.ruleset,
                **_stage(change),
            }
            for i, change in enumerate(filing.plan.changes)
        ),
    )


def _stage(change: Change) -> dict[str, Any]:
    if isinstance(change, StageReached):
        return {name: getattr(change, name) for name in _STAGE}
    return dict.fromkeys(_STAGE)


def _touch_contact(connection: Connection, ticket: Ticket, filing: Filing) -> None:
    """Remember who wrote; the version tells plans made meanwhile that he did."""
    address = filing.versions.contact
    if not address or filing.plan.fate is not Fate.FILED:
        return
    name = next((p.name for p in ticket.people if p.address.lower() == address), "")
    values = {
        "address": address,
        "name": name,
        "language": ticket.language if address == ticket.requester.address.lower() else "",
        "first_seen_at": filing.now,
        "version": filing.versions.contact_version + 1,
        "authenticated_at": filing.now if filing.authenticated else None,
    }
    changed = ["version"] + [column for column in ("name", "language", "authenticated_at") if values[column]]
    upsert.replace(connection, CONTACT, values, tuple(changed))
