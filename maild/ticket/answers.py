"""What a history tells about our answers to a customer: which were written, which arrived, which were taken back."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from maild.message.model import Kind
from maild.ticket.change import NOT_ARRIVED, AddMessage, Change, Delivered, Entry, SetStatus, Undelivered, Withdrawn
from maild.ticket.model import Direction, Visibility


def taken_back(history: Iterable[Entry]) -> list[Entry]:
    """Return the answers that were taken back before they left."""
    ids = {past.change.message_id for past in history if isinstance(past.change, Withdrawn)} - {""}
    return [past for past in history if isinstance(past.change, AddMessage) and past.change.message_id in ids]


def arrived_after(history: Sequence[Entry], at: datetime) -> datetime | None:
    """Return when the first answer had arrived that was written after a moment and did not come back; None: not yet."""
    written = next((past.at for past in history if past.at > at and is_one(past.change)), None)
    if written is None:
        return None
    missed = [past.change for past in history if isinstance(past.change, Undelivered)]
    came_back = {one.message_id for one in missed if one.permanent}
    arrived = ((past.at, past.change) for past in history if past.at >= written)
    return next((at for at, one in arrived if isinstance(one, Delivered) and one.message_id not in came_back), None)


def is_on_its_way(history: Sequence[Entry]) -> bool:
    """Tell whether the last word is an answer that has not left yet, and was not refused either."""
    back = taken_back(history)
    words = (past.change for past in reversed(history) if past not in back and _is_word(past.change))
    last = next(words, None)
    return last is not None and is_one(last)


def _is_word(change: Change) -> bool:
    """Tell whether a change says something to or of a customer: a person's mail, or what became of an answer."""
    match change:
        case AddMessage(visibility=Visibility.PUBLIC, kind=Kind.HUMAN) | Delivered():
            return True
        case SetStatus(because=because):
            return because == NOT_ARRIVED
        case _:
            return False


def written_after(history: Sequence[Entry], at: datetime) -> bool:
    """Tell whether an answer was written after a moment and not taken back, be it on its way or there."""
    back = taken_back(history)
    return any(past.at > at and is_one(past.change) and past not in back for past in history)


def is_one(change: Change) -> bool:
    """Tell whether a change is an agent's words to the customer."""
    return (
        isinstance(change, AddMessage) and change.direction is Direction.OUT and change.visibility is Visibility.PUBLIC
    )
