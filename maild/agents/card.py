"""What an agent's mail program adds about him to each mail: his card, his public key, the signature of the mail.

It names him, which no customer may read, and says nothing that he wrote: it is left out, and he is told once.  A card
or a key of somebody else is one that he chose, and goes through the guard.
"""

from typing import NamedTuple

from maild.agents import guard
from maild.message.model import Attachment, Enclosed, Message
from maild.ticket.desk import Agent, Desk

_BEGINS = "BEGIN:VCARD"
_KINDS = {
    **dict.fromkeys(("text/vcard", "text/x-vcard", "text/directory"), "card"),
    "application/pgp-keys": "key",
    **dict.fromkeys(("application/pgp-signature", "application/pkcs7-signature"), "signature"),
    "application/x-pkcs7-signature": "signature",
}


class Own(NamedTuple):
    """An attachment about its sender: what kind of thing, and the part."""

    kind: str
    file: Attachment


def own(message: Message, desk: Desk, agent: Agent) -> tuple[Own, ...]:
    """Return what a mail holds about the agent who sent it, and about no colleague."""
    files = {one.index: one for one in message.attachments}
    parts = ((_kind(part), part) for part in message.enclosed)
    found = [Own(kind, files[part.index]) for kind, part in parts if kind and guard.named(part, desk) == {agent}]
    return tuple(one for one in found if one.kind != "signature" or not _signs_another(one.file, message))


def _kind(part: Enclosed) -> str:
    """Return what a part is, "" for what may hold more than one person's data."""
    cards = part.text.upper().count(_BEGINS)
    return "card" if cards == 1 else "" if cards else _KINDS.get(part.content_type, "")


def _signs_another(file: Attachment, message: Message) -> bool:
    """Tell whether a signature is that of a file beside it, which its reader may want: contract.pdf.p7s."""
    stems = (one.filename.lower().partition(".")[0] for one in message.attachments if one.index != file.index)
    return any(stem and file.filename.lower().startswith(stem) for stem in stems)
