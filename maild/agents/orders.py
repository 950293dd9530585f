"""What the commands of one mail do together: all of them, or nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from maild.agents import command
from maild.agents.model import ROLES, UNPROVED, Aside, Begin, Command, Deed, Insert, View, Where
from maild.agents.syntax import CommandError, Given
from maild.message.model import Part
from maild.ticket import effects, handover
from maild.ticket.change import Assign, Change
from maild.ticket.evolve import after
from maild.ticket.facts import Last
from maild.ticket.plan import Absence, Beside, SendMail

Kind = TypeVar("Kind", bound=Deed)


@dataclass(frozen=True, slots=True)
class Ordered:
    """What several commands amount to, sorted by what is to be done with it."""

    changes: tuple[Change, ...] = ()
    inside: bool = False  # the text beside them is a note
    beside: tuple[Beside, ...] = ()
    asides: tuple[Aside, ...] = ()
    views: tuple[View, ...] = ()
    inserts: tuple[str, ...] = ()
    begins: str = ""  # the address to which the text begins a conversation
    absences: tuple[Absence, ...] = ()


def plan(given: Sequence[Given], where: Where, text: str = "") -> Ordered:
    """Return what the commands amount to.

    Args:
        text: what is below them.

    Raises:
        CommandError: one of them is unknown, impossible or not allowed; nothing may be done then.
    """
    before = where.ticket
    made: list[Deed] = []
    inside = False
    if sum(command.opens((one,)) for one in given) > 1:  # one number is drawn for a mail
        raise CommandError("one mail begins one ticket: write the other #split or #to in a mail of its own")
    for one in given:
        row = command.find(one.word)
        _allow(row, where)
        if row.only and (len(given) > 1 or text.strip()):
            raise CommandError("#{} comes alone: send it by itself, then the rest in another mail", row.word)
        deeds_of_one = row.make(where, one.rest)
        made += deeds_of_one
        where = replace(where, ticket=after(where.ticket, _changes(deeds_of_one), where.now))
        inside = inside or row.note
    if not any(isinstance(one, Assign) for one in made):
        made += effects.left_behind(before, where.ticket, where.desk)
    made += effects.retargeted(before, where.ticket, where.desk, where.asked.histories.get(before.number, ()))
    return Ordered(
        _changes(made),
        inside,
        _of(Beside, made),
        _of(Aside, made),
        _of(View, made),
        tuple(one.text for one in _of(Insert, made)),
        next((one.address for one in _of(Begin, made)), ""),
        _of(Absence, made),
    )


def _of(kind: type[Kind], made: Iterable[Deed]) -> tuple[Kind, ...]:
    return tuple(deed for deed in made if isinstance(deed, kind))


def _changes(made: Iterable[Deed]) -> tuple[Change, ...]:
    return tuple(deed for deed in made if isinstance(deed, Change))


def _allow(row: Command, where: Where) -> None:
    """See that the one who gives a command may give it.

    Raises:
        CommandError: it is not for him, or not on such proof.
    """
    agent = where.agent
    if agent is not None and ROLES.index(agent.role) < ROLES.index(row.role):
        raise CommandError("#{} is for {}: ask one, or write #note to him", row.word, command.ROLE_NAMES[row.role])
    if row.proved and not where.proved:
        raise CommandError("#{} cannot be undone by mail, and {}", row.word, UNPROVED)


def handed(where: Where, changes: Iterable[Change], last: Last | None) -> list[SendMail]:
    """The ticket, for the agent to whom commands give it, with the files of the mail that was written last."""
    now = after(where.ticket, changes, where.now)
    return handover.mails(where.ticket, now, where.desk, last, where.usual, giver=where.agent, files=_files(where))


def _files(where: Where) -> tuple[Part, ...]:
    """Return the files of the newest mail of the customer's side, where the commands ask for them."""
    said = where.asked.mails.get(where.ticket.number, ())
    newest = next((one for one in reversed(said) if one.is_customers), None)
    files = where.asked.files.get(where.ticket.number, ())
    return tuple(part for part in files if newest is not None and part.intake_id == newest.intake_id)
