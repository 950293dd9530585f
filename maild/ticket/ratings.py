"""What the requester's rating of a solved ticket does: it is kept, opens nothing, and the lead hears of a low one.

It counts only where the queue asks for it, as the answer of the requester himself to his own reply address, and not
in a ticket that was closed as spam.
"""

import re
from collections.abc import Iterable

from maild.message import rating
from maild.ticket import notify, recipients
from maild.ticket.desk import Queue
from maild.ticket.facts import Facts
from maild.ticket.model import Role, Ticket
from maild.ticket.plan import SendMail

_QUESTION = re.compile(r"\?(?:\s|$)")


def of(facts: Facts) -> int | None:
    """Return how a mail rates its ticket, from 1 to 5; None for a mail like any other."""
    ticket = facts.ticket
    if ticket is None or not ticket.status.ended or ticket.is_spam:
        return None
    if not facts.queue.ask_rating or not _is_his(facts, ticket):
        return None
    said = rating.read(facts.cut.unsigned)
    return said.figure if said else None


def asks(facts: Facts) -> bool:
    """Tell whether beside the rating something is asked, which a person must answer."""
    said = rating.read(facts.cut.unsigned)
    return said is not None and _QUESTION.search(said.comment) is not None


def told(facts: Facts, ticket: Ticket, queue: Queue, mails: Iterable[SendMail]) -> list[SendMail]:
    """Tell the lead of a low rating, or the manager while the lead is away.

    Args:
        mails: that tell of the same mail.
    """
    figure = of(facts)
    lead = recipients.lead(facts.desk, queue, facts.now) if figure is not None and figure <= rating.LOW else None
    if lead is None or any(mail.to.party == lead.key for mail in mails):
        return []
    return [notify.told_by_rule(facts, ticket, queue, lead.key)]


def _is_his(facts: Facts, ticket: Ticket) -> bool:
    """A machine rates nothing; nor does a mail with files, which a person must look at."""
    person = ticket.person(facts.message.sender.address)
    is_requester = person is not None and person.role is Role.REQUESTER
    answers = facts.own_token and facts.by_person
    return is_requester and answers and not (facts.import_only or facts.has_files)
