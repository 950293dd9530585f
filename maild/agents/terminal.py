"""What commands at the terminal do: the same table as by mail, with words for colleagues but none for the customer."""

from maild.agents import absence, aside, orders, syntax
from maild.agents.model import View, Where
from maild.agents.orders import Ordered
from maild.agents.syntax import CommandError, Split
from maild.ticket import notify
from maild.ticket.change import AddMessage, Change
from maild.ticket.evolve import after
from maild.ticket.facts import Last
from maild.ticket.plan import Plan, SendMail


def plan(written: Split, where: Where, last: Last | None) -> tuple[Plan, tuple[View, ...]]:
    """Return what commands do, and what they show.

    Args:
        last: what the customer's side wrote last.

    Raises:
        CommandError: one of them is unknown or impossible, or there are words that are for no colleague.
    """
    written = syntax.notes_as_text(written)
    ordered = orders.plan(written.given, where, written.text)
    _check(written, ordered)
    changes, told = _noted(written.text, where, ordered, last) if ordered.inside else (ordered.changes, [])
    done = Plan(
        where.ticket.number,
        changes,
        (
            *told,
            *orders.handed(where, ordered.changes, last),
            *notify.if_solved(where.ticket, where.desk, ordered.changes, last, where.now),
            *absence.told(ordered.absences, where.desk, where.agent, where.now, where.usual),
        ),
        actor=where.agent.key if where.agent else "operator",
        beside=ordered.beside,
        absences=ordered.absences,
    )
    return done, ordered.views


def _check(written: Split, ordered: Ordered) -> None:
    """See that nothing here needs a mail.

    Raises:
        CommandError: something does.
    """
    if ordered.begins:
        raise CommandError("#to begins a conversation with the text of a mail: write it as a mail")
    if ordered.inserts:
        raise CommandError("#use and #promise go into an answer to the customer: write it as a mail")
    if written.text and not ordered.inside:
        raise CommandError("words for the customer: write it as a mail; #note keeps them inside")
    if ordered.inside and not ordered.asides and not written.text:
        raise CommandError("#note takes a text at the terminal, such as '#note she called'")


def _noted(text: str, where: Where, ordered: Ordered, last: Last | None) -> tuple[tuple[Change, ...], list[SendMail]]:
    """Keep a note or a question, and tell colleagues as by mail."""
    ticket, who, changes = where.ticket, where.agent, ordered.changes
    if ordered.asides and who is not None:
        asked = aside.asked(ordered.asides, text)
        added = AddMessage.note(who.key, who.name, aside.as_note(asked, where.desk))
        now = after(ticket, changes, where.now)
        return (added, *changes), aside.mails(asked, now, where.desk, who, last, where.usual)
    added = AddMessage.note(who.key if who else "operator", who.name if who else "", text)
    others = aside.hearing(where, changes)
    return (added, *changes), notify.told(ticket, where.queue, who, others, text, where.usual, note=True)
