"""Those who get a ticket because it was given to them, by a colleague's command or by a rule: each once."""

from collections.abc import Sequence

from maild.message.model import Part
from maild.ticket import notify, particulars, recipients
from maild.ticket.desk import Agent, Desk
from maild.ticket.facts import Last
from maild.ticket.model import Participant, Role, Ticket
from maild.ticket.plan import SendMail


def mails(
    before: Ticket,
    now: Ticket,
    desk: Desk,
    last: Last | None,
    language: str,
    giver: Agent | None = None,
    files: Sequence[Part] = (),
) -> list[SendMail]:
    """The ticket, for its new assignee, and for those of the queue to which it was moved; never for the giver.

    Args:
        last: what the customer's side wrote last.
        language: of colleagues who have named none.
        giver: None where a rule or the operator gives.
        files: that came with it.
    """
    moved = now.queue != before.queue and not now.status.ended
    if now.assignee == before.assignee and not moved:
        return []
    queue = desk.queue_called(now.queue)
    heard = recipients.watchers(before, desk, desk.queue_called(before.queue))
    new = [
        one
        for one in recipients.watchers(now, desk, queue)
        if one != giver and (one not in heard or one.key == now.assignee != before.assignee)
    ]
    passed = particulars.with_room(files, queue.attach_up_to_bytes)
    if last is None:
        return notify.ticket_for(now, queue, new, "", language, files=passed)
    writer = Participant(last.address, last.name if last.name != last.address else "", Role.PARTICIPANT)
    return notify.ticket_for(now, queue, new, last.text, language, writer, passed)
