"""What a history tells of our answers to a customer: which were written, which arrived, which were taken back."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from maild.message.model import Kind
from maild.ticket.change import AddMessage, Change, Delivered, Entry, Withdrawn
from maild.ticket.model import Direction, Visibility


def taken_back(history: Iterable[Entry]) -> list[Entry]:
    """Return the answers that were taken back before they left."""
    ids = {past.change.message_id for past in history if isinstance(past.change, Withdrawn)} - {""}
    return [past for past in history if isinstance(past.change, AddMessage) and past.change.message_id in ids]


def arrived_after(history: Sequence[Entry], at: datetime) -> datetime | None:
    """Return when the first answer had arrived that was written after a moment; None for not yet."""
    written = next((past.at for past in history if past.at > at and is_one(past.change)), None)
    if written is None:
        return None
    return next((past.at for past in history if past.at >= written and isinstance(past.change, Delivered)), None)


def is_on_its_way(history: Sequence[Entry]) -> bool:
    """Tell whether the last word is an answer that has not left yet."""
    back = taken_back(history)
    said = (AddMessage, Delivered)
    words = [past.change for past in history if isinstance(past.change, said) and past not in back]
    last = next((one for one in reversed(words) if not isinstance(one, AddMessage) or _is_word(one)), None)
    return last is not None and is_one(last)


def _is_word(message: AddMessage) -> bool:
    return message.visibility is Visibility.PUBLIC and message.kind is Kind.HUMAN


def written_after(history: Sequence[Entry], at: datetime) -> bool:
    """Tell whether an answer was written after a moment and not taken back, be it on its way or there."""
    back = taken_back(history)
    return any(past.at > at and is_one(past.change) and past not in back for past in history)


def is_one(change: Change) -> bool:
    """Tell whether a change is an agent's words to the customer."""
    return (
        isinstance(change, AddMessage) and change.direction is Direction.OUT and change.visibility is Visibility.PUBLIC
    )
