"""Who else is in a conversation: the people in To and Cc of a customer's mail, as the queue's `participants` says."""

from maild.message.model import Kind
from maild.ticket import thread
from maild.ticket.change import AddPerson
from maild.ticket.desk import Participants
from maild.ticket.facts import Facts
from maild.ticket.model import Participant, Role, Ticket
from maild.ticket.proof import aligned

MOST = 20  # whoever writes to more than these writes to a list


def named(facts: Facts, ticket: Ticket) -> tuple[Participant, ...]:
    """Return the people in To and Cc who are neither ours nor in the ticket, and have not asked to be left alone."""
    message = facts.message
    others = {one.address.lower(): one for one in (*message.to, *message.cc) if "@" in one.address}
    if len(others) > MOST:
        return ()
    return tuple(
        Participant(one.address, one.name, Role.PARTICIPANT)
        for key, one in others.items()
        if ticket.person(key) is None
        and key != message.sender.address.lower()
        and key not in facts.seen.no_copies
        and not facts.desk.is_ours(key)
    )


def answered(ticket: Ticket) -> tuple[Participant, ...]:
    """Return those to whom an agent's answer is sent."""
    roles = (Role.REQUESTER, Role.PARTICIPANT)
    return tuple(person for person in ticket.people if person.role in roles and person.address)


def answered_beside(ticket: Ticket, writer: str) -> tuple[str, ...]:
    """Return the recipients of the answer where the writer, whom agents would think to answer, is not one; else ().

    Such a writer is known here by his domain alone: he may write, and has never been let in.
    """
    addresses = tuple(person.address for person in answered(ticket))
    return () if writer.lower() in map(str.lower, addresses) else addresses


def wants_answers(facts: Facts, ticket: Ticket) -> str:
    """Return where a writer asks for answers (RFC 5322 section 3.6.2), "" where they go there anyhow.

    Such is the visitor of a form that the rule files do not know.  They go where he wrote from: whoever can put a name
    into a mail could send our answers to anybody.
    """
    wanted = {one.address.lower(): one.address for one in facts.message.reply_to if "@" in one.address}
    key, address = next(iter(wanted.items()), ("", ""))
    is_writers = key == facts.message.sender.address.lower()
    known = is_writers or ticket.person(key) is not None or facts.desk.is_ours(key)
    return address if len(wanted) == 1 and not known and facts.classified.kind is not Kind.BULK else ""


def added(facts: Facts, ticket: Ticket, mode: Participants) -> list[AddPerson]:
    """Return the people who take part from now on: where the queue says `cc`, by the word of somebody known here."""
    if mode != "cc" or not _is_vouched_for(facts):
        return []
    because = f"in copy of {facts.message.sender.address}"
    return [AddPerson(person, because) for person in named(facts, ticket)]


def offered(facts: Facts, ticket: Ticket, mode: Participants) -> tuple[str, ...]:
    """Return the people about whom agents are asked: where the queue says `ask`, or where a stranger names them."""
    asks = mode == "ask" or (mode == "cc" and not _is_vouched_for(facts))
    return tuple(person.address for person in named(facts, ticket)) if asks else ()


def _is_vouched_for(facts: Facts) -> bool:
    """Tell whether it is certain that somebody wrote who takes part: anybody can write a From field and an id.

    His own reply address was sent to nobody else; his domain's signature is his alone.  With a mail that begins a
    ticket there is nothing yet that anybody could be let into.
    """
    if facts.ticket is None:
        return facts.match.known
    sender = facts.message.sender
    return facts.own_token or (bool(aligned(facts.evidence, sender)) and thread.is_known(facts.ticket, sender.address))
