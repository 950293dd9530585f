"""Mails about maild itself, of no ticket: to the operator, to a lead, to ourselves."""

from datetime import datetime

from maild.hours import wording
from maild.ticket import reason
from maild.ticket.desk import Desk, Queue
from maild.ticket.particulars import LONGEST_QUOTE, shortened
from maild.ticket.plan import Person, SendMail
from maild.ticket.recipients import whoever


def rules_refused(operator: str, desk: Desk, problems: str, now: datetime, language: str) -> SendMail:
    """Tell the operator that new rules are not in force, and why."""
    return SendMail(
        "rules_refused",
        whoever(operator, language),
        desk.default_queue.key,
        values={
            "problems": shortened(problems, LONGEST_QUOTE),
            "since": wording.moment(now, now, desk.timezone, language),
        },
    )


def heartbeat(to: str, queue: str, desk: Desk, now: datetime, language: str) -> SendMail:
    """A mail to ourselves, by the way that customers' mail comes."""
    person = whoever(to, language)
    values = {"sent": wording.moment(now, now, desk.timezone, language)}
    return SendMail("heartbeat", person, queue, values=values)


def alarm(
    to: Person, queue: Queue, desk: Desk, what: str, since: datetime, now: datetime, recovered: bool = False
) -> SendMail:
    """Tell the operator, or a lead, that something stands still, or is well again."""
    values = {
        "what": reason.said(what, to.language),
        "since": wording.until(since, now, desk.timezone, to.language),
        "recovered": recovered,
    }
    return SendMail("alarm", to, queue.key, values=values)
