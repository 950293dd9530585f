"""What an agent wrote, as it may leave: his new words without his signature and without any address of his own."""

from maild.message import html
from maild.message.model import Kind, Part
from maild.ticket import ending, notify
from maild.ticket.change import AddMessage
from maild.ticket.desk import Agent, Queue
from maild.ticket.ending import Parted
from maild.ticket.facts import Facts
from maild.ticket.model import Direction, Visibility


def own_words(facts: Facts, agent: Agent) -> str:
    """Return what he wrote, fit for others."""
    text = parted(facts, agent).text
    for address in (agent.address, *agent.addresses):
        text = _masked(text, address, facts.queue.address)
    return text


def parted(facts: Facts, agent: Agent) -> Parted:
    """Return what he wrote, and the signature that ended his earlier mails too."""
    return ending.part(unsigned(facts), agent.name, facts.seen.endings)


def unsigned(facts: Facts) -> str:
    """Return his new text down to "-- "; what is less surely a signature may be his words."""
    text = facts.cut.new_text
    signature = facts.cut.signature.rstrip()
    if signature.startswith("--") and text.rstrip().endswith(signature):
        return text.rstrip()[: -len(signature)].rstrip()
    return text


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


def parts(facts: Facts, queue: Queue) -> tuple[Part, ...]:
    """Return the files that go along with his words; of the images in his mail those that the new ones show."""
    shown = html.own_content_ids(facts.message.html)
    files = tuple(one for one in facts.message.attachments if not one.inline or one.content_id in shown)
    return notify.split_attachments(files, facts.intake_id, queue.attach_up_to_bytes)[0]


def _masked(text: str, address: str, by: str) -> str:
    at = text.lower().find(address.lower())
    while at >= 0:
        text = text[:at] + by + text[at + len(address) :]
        at = text.lower().find(address.lower(), at + len(by))
    return text
