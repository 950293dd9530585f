"""What an agent does to a ticket by one press: mailto addresses, signed, each of which works once.

Standards: RFC 6068 (mailto).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import quote

from maild.ticket import token
from maild.ticket.desk import Desk
from maild.ticket.token import Keyring


def with_actions(
    items: Sequence[Mapping[str, object]], party: str, epoch: int, keys: Keyring, desk: Desk, day: date
) -> tuple[Mapping[str, object], ...]:
    """Give each ticket of a list its addresses; none where its queue has no signed addresses."""
    return tuple({**item, "actions": _of(item, party, epoch, keys, desk, day)} for item in items)


def _of(
    item: Mapping[str, object], party: str, epoch: int, keys: Keyring, desk: Desk, day: date
) -> tuple[Mapping[str, str], ...]:
    queue = desk.queue_called(str(item["queue"]))
    handle = item["handle"]
    if queue.reply_address == "none" or not isinstance(handle, int):
        return ()
    made: list[Mapping[str, str]] = []
    for kind, word in token.ACTIONS.items():
        if word == "take" and item["mine"]:
            continue
        text = token.mint(keys, kind, handle, token.party_of(keys, party), day, epoch)
        address = quote(queue.reply_address.replace("{token}", text), safe="@")
        subject = quote(f"{word} {item['tag']}")
        made.append({"word": word, "url": f"mailto:{address}?subject={subject}&body=%23{word}"})
    return tuple(made)
