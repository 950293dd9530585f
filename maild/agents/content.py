"""What an agent wrote, as it may leave: his new words without his signature and without any address of his own."""

import re

from maild.agents import card, signoff
from maild.agents.card import Own
from maild.agents.signoff import Parted
from maild.agents.syntax import CommandError
from maild.message.model import Attachment, Kind, Part
from maild.quoting import marked
from maild.ticket import particulars
from maild.ticket.change import AddMessage
from maild.ticket.desk import Agent, Queue
from maild.ticket.facts import Facts
from maild.ticket.model import Direction, Visibility

MEGABYTE = 1_048_576
_EMPTY_PARAGRAPHS = re.compile(r"(?:\n\n[ \xa0]+)+\n\n")  # as Outlook puts an empty line into text


def own_words(facts: Facts, agent: Agent) -> str:
    """Return what he wrote, fit for others."""
    text = _EMPTY_PARAGRAPHS.sub("\n\n", parted(facts, agent).text)
    for address in (agent.address, *agent.addresses):
        text = _masked(text, address, facts.queue.address)
    return text


def parted(facts: Facts, agent: Agent) -> Parted:
    """Return what he wrote, and the signature that ended his earlier mails too."""
    return signoff.part(unsigned(facts), agent.name, facts.seen.endings)


def unsigned(facts: Facts) -> str:
    """Return his new text down to "-- "; what is less surely a signature may be his words."""
    text = facts.cut.new_text
    signature = facts.cut.signature.rstrip()
    if signature.startswith("--") and text.rstrip().endswith(signature):
        return text.rstrip()[: -len(signature)].rstrip()
    return text


def only_signs(facts: Facts, agent: Agent, text: str) -> bool:
    """Tell whether what is left of a mail is the signature that his program adds to each: it is for nobody."""
    brings = any(not one.inline for one in files(facts))  # a logo stands in a signature
    return not brings and signoff.is_all(text, agent.name)


def message(facts: Facts, agent: Agent, text: str, visibility: Visibility) -> AddMessage:
    """Return what becomes part of a ticket of his mail."""
    return AddMessage(
        Direction.OUT,
        visibility,
        Kind.HUMAN,
        facts.message.message_id,
        agent.key,
        agent.name,
        text,
        facts.message.text,
        facts.intake_id,
    )


def files(facts: Facts) -> tuple[Attachment, ...]:
    """Return what he himself attached; of the images in his mail those that his new words show."""
    shown = marked.own_content_ids(facts.message.html)
    about_him = [one.file for one in left_out(facts)]
    his = (one for one in facts.message.attachments if not one.signs and one not in about_him)
    return tuple(one for one in his if not one.inline or one.content_id in shown)


def left_out(facts: Facts) -> tuple[Own, ...]:
    """Return what his program attached about him, and what is not plainly the signature of the mail."""
    found = card.own(facts.message, facts.desk, facts.agent) if facts.agent and facts.message.enclosed else ()
    return tuple(one for one in found if not one.file.signs)


def parts(facts: Facts, queue: Queue) -> tuple[Part, ...]:
    """Return the files that go along with what he wrote.

    Raises:
        CommandError: they are larger than may leave; a customer would read of a file that is not there.
    """
    going, left_out = particulars.split_attachments(files(facts), facts.intake_id, queue.attach_up_to_bytes)
    if left_out and facts.intake_id is not None:
        most = f"{queue.attach_up_to_bytes / MEGABYTE:.3g}"
        raise CommandError(
            "what is attached may have {} MB together, and {} would be left out: send smaller files, or say where they "
            "can be fetched",
            most,
            ", ".join(left_out),
        )
    return going


def _masked(text: str, address: str, by: str) -> str:
    """Put an address of ours in the place of his; karina@ is not ina@."""
    return re.sub(rf"(?<![\w.+-]){re.escape(address)}", lambda _: by, text, flags=re.IGNORECASE)
