"""A private question to a colleague about a ticket (`#ask zane Is it still valid?`), and the answer to it.

Question and answer are notes: the customer is sent nothing of them, and no clock stops.  Who asked whom is kept with
the ticket, so that what the colleague writes there reaches the one who asked, whoever has the ticket.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from maild.agents.deeds import agent_called, agent_first
from maild.agents.model import Aside, Deed, Where
from maild.agents.syntax import CommandError, hint
from maild.message.model import Part
from maild.ticket import particulars, recipients
from maild.ticket.change import Change, SetField
from maild.ticket.desk import Agent, Desk
from maild.ticket.facts import Last
from maild.ticket.model import ASKED, Ticket
from maild.ticket.plan import SendMail

_LINKED = re.compile(r"<mailto:[^>]*>")


def ask(where: Where, rest: str) -> Sequence[Deed]:
    """Ask a colleague what follows his name, and the text below."""
    asker = where.agent_for("ask")
    colleague, question = _parted(where.desk, _LINKED.sub("", rest))
    if colleague == asker:
        raise CommandError("#ask goes to a colleague, and {} is you", asker.name)
    before = dict(where.ticket.fields).get(ASKED + colleague.key, "").split()
    askers = " ".join(dict.fromkeys((*before, asker.key)))
    return [SetField(ASKED + colleague.key, askers, where.by), Aside(colleague.key, question)]


def _parted(desk: Desk, rest: str) -> tuple[Agent, str]:
    """Return the colleague named at the beginning of a line, and the rest of it."""
    if not rest.split():
        raise CommandError("#ask takes a colleague and a question{}", hint("", desk.agents))
    first, *question = rest.split(maxsplit=1)
    address = first.strip(" <>,.:;")
    if "@" in address.strip("@") and desk.agent_at(address) is None:
        raise CommandError("{} is no colleague: a conversation with somebody outside begins with #to", address)
    return agent_first(desk, rest) or (agent_called(desk, address), "".join(question))


def asked(asides: Iterable[Aside], text: str, files: bool = False) -> tuple[Aside, ...]:
    """Return questions with the text that is below them.

    Args:
        files: something is attached, which may be the question.

    Raises:
        CommandError: one asks nothing.
    """
    whole = tuple(replace(one, question="\n\n".join(filter(None, (one.question, text)))) for one in asides)
    if not files and not all(one.question for one in whole):
        raise CommandError("#ask needs a question: write it behind the name, or below")
    return whole


def as_note(asides: Iterable[Aside], desk: Desk) -> str:
    """Return questions as notes of the ticket."""
    return "\n\n".join(f"#ask {desk.name_of(one.agent)}: {one.question}" for one in asides)


def mails(
    asides: Iterable[Aside],
    ticket: Ticket,
    desk: Desk,
    by: Agent,
    last: Last | None,
    language: str,
    parts: tuple[Part, ...] = (),
) -> list[SendMail]:
    """Return the questions as they are sent, with what the customer's side wrote last; an answer to one stays inside.

    Args:
        language: of colleagues who have named none.
        parts: files that go along.
    """
    queue = desk.queue_called(ticket.queue)
    return [
        SendMail(
            "question",
            recipients.colleague(desk.agents[one.agent], language),
            queue.key,
            values={
                **particulars.about(ticket, queue),
                **particulars.quoted(last),
                "text": one.question,
                "agent_name": by.name,
            },
            from_name=by.name,
            attachments=parts,
            note=True,
        )
        for one in asides
    ]


def hearing(where: Where, changes: Iterable[Change], note_of: str | None = None) -> list[Agent]:
    """Return those who are told what somebody notes: who watches the ticket, whoever asked, and whom he answers.

    Args:
        changes: what his commands beside the note come to.
        note_of: who wrote the note that he answers, "" where no colleague did; None where he answers none.
    """
    desk, ticket = where.desk, where.ticket
    watching = recipients.hearing(ticket, changes, desk, where.now)
    asked_by = askers(ticket, where.agent, desk, answers_note=note_of is not None)
    answered = (one for one in desk.agents.values() if one.key == note_of and one.key not in ticket.silent)
    return list(dict.fromkeys((*watching, *asked_by, *answered)))


def askers(ticket: Ticket, by: Agent | None, desk: Desk, answers_note: bool = False) -> list[Agent]:
    """Return those who are told of a note because they had asked its writer.

    Args:
        answers_note: he answers a note; then those whom he had asked himself hear it, too.
    """
    if by is None:
        return []
    fields = {name.removeprefix(ASKED): keys.split() for name, keys in ticket.fields if name.startswith(ASKED)}
    keys = fields.get(by.key, [])
    keys = [*keys, *(one for one, askers in fields.items() if by.key in askers)] if answers_note else keys
    return [desk.agents[key] for key in keys if key in desk.agents]
