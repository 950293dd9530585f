"""`#merge` and `#split`: two tickets that are one conversation, and one ticket that is two.

The mails move; each history stays where it was written and says what went where.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from maild.agents.model import Deed, Where
from maild.agents.syntax import CommandError, number
from maild.message.model import Kind
from maild.ticket import answers, change, effects, notify, recipients, timers
from maild.ticket.change import ASKED_ELSEWHERE, TO_ANOTHER, Change, Entry
from maild.ticket.desk import Desk
from maild.ticket.evolve import after, folded, opened
from maild.ticket.facts import Fresh, Said
from maild.ticket.model import (
    ASKED,
    NEEDED,
    SNOOZED,
    Direction,
    Participant,
    Relation,
    Role,
    Status,
    Ticket,
    Visibility,
)
from maild.ticket.plan import Beside, Plan, SendMail


def merge(where: Where, rest: str) -> Sequence[Deed]:
    """End this ticket in another: its mails, people, tags and fields go there, and its addresses lead there."""
    ticket, other = where.ticket, where.asked.tickets.get(number(rest, "merge"))
    if other is None:
        raise CommandError("there is no ticket {}", rest)
    if other.number == ticket.number:
        raise CommandError("this is #{}: name the other ticket, in which this one is to end", other.number)
    if other.merged_into is not None:
        raise CommandError("#{} ended in #{} already: name that one", other.number, other.merged_into)
    because = where.by
    here, there = where.asked.histories.get(ticket.number, ()), where.asked.histories.get(other.number, ())
    since = None if answers.is_on_its_way(here) else timers.unanswered_since(here, where.now)
    newest = ticket.last_message_id if _newest(here) > _newest(there) else ""
    changes: list[Change] = []
    if since is not None and other.status not in (Status.NEW, Status.OPEN):  # first: its clock goes on
        changes.append(change.SetStatus(Status.OPEN, f"#{ticket.number} is not answered"))
    changes.append(change.Absorbed(ticket.number, since, because, newest))
    changes += [change.AddPerson(person, f"wrote in #{ticket.number}") for person in _newcomers(ticket, other)]
    changes += [change.AddTag(tag, f"of #{ticket.number}") for tag in ticket.tags if tag not in other.tags]
    changes += [change.SetField(name, value, f"of #{ticket.number}") for name, value in _kept(ticket, other)]
    changes += _given_words(here, ticket, other, where.now)
    changes.append(change.Link(ticket.number, Relation.MERGED, because))
    told = _told(where, after(other, changes, where.now)) if since is not None else []
    into = Plan(other.number, tuple(changes), tuple(told), actor=because)
    ended = change.SetStatus(Status.CLOSED, f"merged into #{other.number}")
    closed = () if ticket.status is Status.CLOSED else (ended,)
    return [*closed, change.Merged(other.number, because), Beside(into, other)]


def _told(where: Where, into: Ticket) -> list[SendMail]:
    """What nobody has answered, for those who have the other ticket and did not see it; not for the one who merges."""
    queue = where.desk.queue_called(into.queue)
    saw = (where.agent, *recipients.watchers(where.ticket, where.desk, where.queue))
    to = [one for one in recipients.watchers(into, where.desk, queue) if one not in saw]
    said = where.asked.mails.get(where.ticket.number, ())
    asked = next((mail for mail in reversed(said) if mail.is_customers), None)
    if asked is None:
        return []
    writer = Participant(asked.party, asked.party_name, Role.PARTICIPANT)
    return notify.ticket_for(into, queue, to, asked.text, where.usual, writer)


def _newcomers(ticket: Ticket, other: Ticket) -> Iterable[Participant]:
    """Return those who take part there and not here; one for whom nobody vouched stays a third party."""
    for person in ticket.people:
        there = other.person(person.address)
        role = Role.THIRD_PARTY if person.role is Role.THIRD_PARTY else Role.PARTICIPANT
        is_known = there is not None and (there.role is not Role.THIRD_PARTY or role is Role.THIRD_PARTY)
        if person.address and not is_known:
            yield Participant(person.address, person.name, role)


def _kept(ticket: Ticket, other: Ticket) -> Iterable[tuple[str, str]]:
    """Return what is kept here and not there; of questions to colleagues and to the customer, both.

    For their answers come there now.  Whoever let the one rest until some morning did not let the other.
    """
    there = dict(other.fields)
    for name, value in ticket.fields:
        known = there.get(name, "")
        joined = name == NEEDED or name.startswith(ASKED)
        both = " ".join(dict.fromkeys((*known.split(), *value.split()))) if joined else known or value
        if both != known and not name.startswith(SNOOZED):
            yield name, both


def _given_words(here: Sequence[Entry], ticket: Ticket, other: Ticket, now: datetime) -> Iterable[change.Promised]:
    """Return what agents promised here and have still to keep: whoever gave his word is reminded of it there."""
    same = ticket.requester.address.lower() == other.requester.address.lower()
    for _, at, promise in timers.promises(here):
        if promise.by and promise.until > now and not answers.written_after(here, at):
            yield change.Promised(promise.until, f"#{ticket.number}" if same else TO_ANOTHER, promise.by)


def _newest(history: Sequence[Entry]) -> float:
    """Return when the customer's side wrote last, 0 for never."""
    log = timers.events(history)
    return max((event.at for event in log if event.what in ("in", "in_auto")), default=0)


def split(where: Where, rest: str) -> Sequence[Deed]:
    """Begin a separate ticket with a mail of this one: the newest from outside, or the one named."""
    ticket, mails = where.ticket, where.asked.mails.get(where.ticket.number, ())
    incoming = [mail for mail in mails if mail.is_customers or _from_stranger(mail, where.desk)]
    if len(incoming) < 2:
        raise CommandError("this ticket has one mail of the customer's side only: there is nothing to split")
    mail = _named(mails, incoming, rest)
    if mail.row == incoming[0].row:
        raise CommandError("the first mail began this ticket: it stays; name a later one, as #show counts them")
    assert where.fresh is not None
    because, stays = where.by, [one for one in incoming if one.row != mail.row]
    newest = next((one.message_id for one in reversed(stays) if one.is_customers), "")
    changes: list[Change] = [change.SplitOff(where.fresh.number, mail.message_id, because, newest)]
    if _alone_unanswered(mail, stays, mails):
        why = f"{ASKED_ELSEWHERE}{where.fresh.number} now"
        changes += [change.NothingOwed(why), *_as_before(where, mail, why)]
    changes.append(change.Link(where.fresh.number, Relation.SPLIT, because))
    return [*changes, Beside(_begun(where, ticket, mail, where.fresh))]


def _begun(where: Where, ticket: Ticket, mail: Said, fresh: Fresh) -> Plan:
    queue = where.queue
    writer = Participant(mail.party, mail.party_name, Role.REQUESTER)
    start = change.OpenTicket(
        fresh.handle, ticket.queue, ticket.subject, writer, ticket.language, ticket.priority, where.by
    )
    changes: list[Change] = [start, *effects.targets(where.desk, queue, ticket.priority)]
    changes.append(change.SplitFrom(ticket.number, mail.message_id, mail.row, mail.at, where.by))
    changes.append(change.Link(ticket.number, Relation.SPLIT, where.by))
    begun = opened(fresh.number, changes, where.now)
    to = recipients.watchers(begun, where.desk, queue)
    return Plan(
        fresh.number, tuple(changes), tuple(notify.ticket_for(begun, queue, to, mail.text, where.usual)), actor=where.by
    )


def _named(mails: Sequence[Said], incoming: Sequence[Said], rest: str) -> Said:
    if not rest:
        return incoming[-1]
    at = number(rest, "split")
    if not 1 <= at <= len(mails) or mails[at - 1] not in incoming:
        raise CommandError("mail {} of this ticket is none of the customer's side; #show counts them", at)
    return mails[at - 1]


def _alone_unanswered(mail: Said, stays: Sequence[Said], mails: Sequence[Said]) -> bool:
    """Tell whether a mail is the only one that was not answered yet."""
    answered = [one.at for one in mails if one.direction is Direction.OUT and one.visibility is Visibility.PUBLIC]
    return bool(answered) and mail.at >= max(answered) and all(one.at < max(answered) for one in stays)


def _as_before(where: Where, mail: Said, because: str) -> Iterable[Change]:
    """Return what makes a ticket again what it was before a mail opened it, unless somebody said otherwise since.

    Where nothing tells, as of a mail that came with a ticket that ended here, it waits for its customer.
    """
    history = where.asked.histories.get(where.ticket.number, ())
    ids = [past.change.message_id if isinstance(past.change, change.AddMessage) else "" for past in history]
    came = max((n for n, one in enumerate(ids) if one and one == mail.message_id), default=None)
    if where.ticket.status is not Status.OPEN:
        return
    if came is None:
        yield change.SetStatus(Status.WAITING, because)
        return
    before, since = history[:came], history[came:]
    was = folded(where.ticket.number, before)
    if was is None or [past.at for past in since if isinstance(past.change, change.SetStatus)] != [since[0].at]:
        return
    yield change.SetStatus(was.status, because)
    until = timers.rests_until(before)
    if until is not None and until > where.now:
        yield change.WakeAt(until, because)


def _from_stranger(mail: Said, desk: Desk) -> bool:
    """Tell whether the writer is not known in the ticket: what he wrote is a note there, and may be his own ticket."""
    inside = mail.direction is Direction.IN and mail.visibility is Visibility.NOTE
    return inside and mail.kind is Kind.HUMAN and not desk.is_ours(mail.party)
