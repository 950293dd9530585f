"""What becomes of a mail of ours, and what its ticket makes of that: it arrived, or it did not.

The next server says so at the attempt, or a delivery report later (RFC 3464).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from maild.ticket import recipients
from maild.ticket.change import NOT_ARRIVED, Change, Delivered, Muted, SetStatus, Undelivered
from maild.ticket.desk import Agent, Desk
from maild.ticket.facts import Facts, Outgoing
from maild.ticket.model import Status, Ticket
from maild.ticket.particulars import about
from maild.ticket.plan import Fate, Plan, SendMail

MUTE_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Missed:
    """That a mail of ours did not arrive: for good, or not yet.

    refused: somebody said no; else it was given up, as where no next server was there for days.
    in_doubt: perhaps it did; nobody refused it, the connection was lost each time that it had been said.
    proved: it was the next server that said so, or a report of what a server did; else anybody may have written it.
    """

    mail: Outgoing
    permanent: bool
    why: str
    refused: bool = True
    in_doubt: bool = False
    proved: bool = True


def delivered(ticket: Ticket, mail: Outgoing) -> Plan:
    """The next server took over an answer: that stops the clocks."""
    change = Delivered(mail.message_id, mail.recipient)
    return Plan(ticket.number, (change,), because="delivered", actor=mail.author)


def undelivered(desk: Desk, ticket: Ticket | None, missed: Missed, now: datetime, desk_language: str) -> Plan:
    """A mail of ours did not arrive; its writer is told, once, and a dead address is left in peace.

    Of an automatic one those hear who have yet to answer: their words to the customer would come back as well.
    """
    mail = missed.mail
    if ticket is None:
        return Plan(None, because=f"{mail.message_id} to {mail.recipient}: {missed.why}")
    changes: list[Change] = [Undelivered(mail.message_id, mail.recipient, missed.permanent, missed.why)]
    mails: Iterable[SendMail] = ()
    to_agent = desk.agent_at(mail.recipient) is not None
    is_dead = missed.permanent and missed.refused and not to_agent
    if is_dead and missed.proved:
        changes.append(Muted(mail.recipient, now + MUTE_FOR, "its mailbox refused us"))
    if mail.automatic and is_dead and not mail.failed and _is_to_be_answered(ticket, mail):
        watching = recipients.reached(ticket, desk, desk.queue_called(ticket.queue), now)
        mails = _told(watching, desk, ticket, missed, desk_language)
    elif not mail.automatic and not mail.failed:
        mails = _told(_writers(desk, ticket, mail), desk, ticket, missed, desk_language)
        if missed.permanent:
            changes.append(SetStatus(Status.OPEN, NOT_ARRIVED))
    return Plan(ticket.number, tuple(changes), tuple(mails), because=f"a report on {mail.message_id}")


def _is_to_be_answered(ticket: Ticket, mail: Outgoing) -> bool:
    return ticket.status is Status.NEW and ticket.requester.address.lower() == mail.recipient.lower()


def _writers(desk: Desk, ticket: Ticket, mail: Outgoing) -> Sequence[Agent]:
    """Return the agent whose answer a mail is; his team where he is no longer with us."""
    author = desk.agents.get(mail.author) or desk.agents.get(ticket.assignee)
    return (author,) if author else desk.team_of(desk.queue_called(ticket.queue))


def _told(
    agents: Sequence[Agent], desk: Desk, ticket: Ticket, missed: Missed, desk_language: str
) -> Iterable[SendMail]:
    queue = desk.queue_called(ticket.queue)
    values = {
        **about(ticket, queue),
        "recipient": missed.mail.recipient,
        "automatic": missed.mail.automatic,
        "why": missed.why,
        "permanent": missed.permanent,
        "in_doubt": missed.in_doubt,
    }
    for agent in agents:
        yield SendMail("undelivered", recipients.colleague(agent, desk_language), queue.key, values=values)


def reported(facts: Facts) -> Plan:
    """Say what a delivery report does: only one about a mail of ours says anything, for anybody can write one."""
    mail, report, actor = facts.seen.reported, facts.report, facts.message.sender.address
    if mail is None:
        return Plan(None, fate=Fate.DISCARDED, because="a delivery report about no mail of ours", actor=actor)
    if report is None or report.action != "failed":
        because = f"a report of {report.action if report else 'no kind'} on {mail.message_id}"
        return Plan(None, fate=Fate.FILED, because=because, actor=actor)
    why = " ".join(part for part in (report.status, report.diagnostic[:300]) if part) or "a delivery report"
    # Whoever reports a failure has given up, if only after days of 4yz: that is final, and no dead address.
    # Its Message-ID know all to whom the customer writes; where no return address is its own, there is no better proof.
    proved = facts.came_back or "{token}" not in facts.queue.return_pattern
    missed = Missed(mail, permanent=True, why=why, refused=report.permanent is not False, proved=proved)
    return replace(undelivered(facts.desk, facts.ticket, missed, facts.now, facts.desk_language), fate=Fate.FILED)
