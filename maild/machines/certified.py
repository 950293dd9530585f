"""Read what a provider of Italian certified mail (PEC) says of a mail of ours that did not arrive.

It writes from the address that carries its people's mail, too; a field of its own tells its receipts from that.

Standard: decreto ministeriale of 2 November 2005 (receipts, and the fields that name them).
"""

from maild.machines import returned
from maild.message import references
from maild.message.model import Message, Report

NOT_DELIVERED = frozenset({"errore-consegna", "preavviso-errore-consegna", "rilevazione-virus", "non-accettazione"})
MOST_LINES = 100


def read(message: Message) -> Report | None:
    """Return the report that such a receipt is, None for what tells of success, and for any other mail."""
    kind = message.header("x-ricevuta").strip().lower()
    if kind not in NOT_DELIVERED:
        return None
    late = kind.startswith("preavviso")
    of_ours = references.ids(message.header("x-riferimento-message-id"))
    return Report(
        recipients=_named(message),
        status=returned.status_of(message.text[: returned.LONGEST]),
        action="delayed" if late else "failed",
        permanent=not late,
        diagnostic=" ".join(message.text.split())[: returned.DIAGNOSTIC],
        original_message_id=next(iter(of_ours), ""),
    )


def _named(message: Message) -> tuple[str, ...]:
    """Who is named beside us and the provider: for whom the mail was."""
    own = {one.address.lower() for one in (message.sender, *message.to)}
    named = [one for line in message.text.splitlines()[:MOST_LINES] for one in returned.addresses(line)]
    return tuple(dict.fromkeys(one for one in named if one.lower() not in own))
