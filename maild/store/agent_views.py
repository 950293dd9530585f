"""What agents ask to see: other tickets, lists, mails, histories, files.  Reading only."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, false, or_, select

from maild.message import parse
from maild.message.model import Kind, Part
from maild.store import browse, held, histories, pieces, search, tickets
from maild.store.tables import MESSAGE, TICKET
from maild.ticket.change import Entry
from maild.ticket.facts import Asked, Said, Want
from maild.ticket.model import Direction, Status, Visibility

MOST_LISTED = 200
MOST_MAILS = 200
WITH_MAILS = {"mails", "conversation", "ticket", "files", "newest files"}
WITH_HISTORY = {"history", "conversation"}


def answer(connection: Connection, wants: Iterable[Want], numbers: Sequence[int], agent: str) -> Asked:
    """Look up what commands ask for.

    Args:
        numbers: the tickets that the mail may belong to.
        agent: the one who asks: "mine" means his.
    """
    asked = {what: [want.which for want in wants if want.what == what] for what in {want.what for want in wants}}
    lists = {words: _listed(connection, words, agent) for words in asked.get("list", ())}
    others = [int(which) for which in asked.get("ticket", ()) if which.isdecimal()]
    named = [number for found in lists.values() for number in found]
    wanted = list(dict.fromkeys((*named, *others, *(numbers if others or WITH_HISTORY & set(asked) else ()))))
    known = {ticket.number: ticket for ticket in tickets.of_numbers(connection, wanted)}  # what was named may be none
    with_mails = [*numbers, *(one for one in others if one in known)] if WITH_MAILS & set(asked) else []
    mails = {number: _mails(connection, number) for number in with_mails}
    return Asked(
        known,
        _histories(connection, [number for number in wanted if number in known]),
        {number: tuple(histories.targets(connection, number)) for number in numbers} if "promise" in asked else {},
        mails,
        lists,
        {number: _files(connection, _with_files(mails.get(number, ()), asked)) for number in numbers},
        held.senders(connection, [int(which) for which in asked.get("held", ())]),
    )


def listed(connection: Connection, numbers: Sequence[int]) -> Asked:
    """Return what a list of tickets is made from."""
    return Asked({one.number: one for one in tickets.of_numbers(connection, numbers)}, _histories(connection, numbers))


def waiting_for(
    connection: Connection, agent: str, here: Sequence[str], queues: Sequence[str], known: Sequence[str] = ()
) -> tuple[int, ...]:
    """Return the tickets that wait for an agent: his own, and those of his queues that nobody has who is there.

    Args:
        here: the agents who are there.
        known: all queues of the rule files, where what is in none of them is his, too.
    """
    his: ColumnElement[bool] = TICKET.c.queue.in_(queues)
    his = or_(his, TICKET.c.queue.not_in(known)) if known else his
    whose = or_(TICKET.c.assignee == agent, and_(TICKET.c.assignee.not_in(here), his))
    ours = TICKET.c.status.in_((Status.NEW.value, Status.OPEN.value))  # what waits for others needs nobody today
    query = browse.matching(connection, (), everything=False, count=MOST_LISTED).where(whose, ours)
    return tuple(connection.execute(query).scalars())


def _listed(connection: Connection, words: str, agent: str) -> tuple[int, ...]:
    """Return tickets that all words describe (see browse.tickets); what is overdue is seen by their clocks, later."""
    sought = [word for word in search.split(words) if word.lower() not in ("mine", "overdue")]
    query = browse.matching(connection, sought, everything=False, count=MOST_LISTED)
    if "mine" in words.lower().split():
        query = query.where(TICKET.c.assignee == agent if agent else false())
    return tuple(connection.execute(query).scalars())


def _histories(connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[Entry, ...]]:
    found = histories.of_several(connection, numbers)
    return {number: tuple(found.get(number, ())) for number in numbers}


def _mails(connection: Connection, number: int) -> tuple[Said, ...]:
    query = select(MESSAGE).where(MESSAGE.c.ticket == number).order_by(MESSAGE.c.at, MESSAGE.c.id).limit(MOST_MAILS)
    return tuple(_as_said(row) for row in connection.execute(query))


def _as_said(row: Any) -> Said:
    return Said(
        row=row.id,
        direction=Direction(row.direction),
        visibility=Visibility(row.visibility),
        kind=Kind(row.kind),
        message_id=row.message_id,
        party=row.party,
        party_name=row.party_name,
        at=row.at,
        text=row.new_text,
        intake_id=row.intake,
    )


def _with_files(mails: Sequence[Said], asked: Collection[str]) -> Sequence[Said]:
    """Return the mails of a ticket whose files are asked for: all, the newest of the customer's side, or none."""
    if "files" in asked or "newest files" not in asked:
        return mails if "files" in asked else ()
    return [one for one in mails if one.is_customers][-1:]


def _files(connection: Connection, mails: Iterable[Said]) -> tuple[Part, ...]:
    """Return every attachment of a ticket's mails."""
    found: list[Part] = []
    for number in dict.fromkeys(mail.intake_id for mail in mails if mail.intake_id is not None):
        attached = parse.parse(pieces.raw_of(connection, number)).attachments
        found += [Part(number, a.index, a.filename, a.content_type, a.size_bytes) for a in attached]
    return tuple(found)
