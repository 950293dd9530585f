"""Old mail in: kept like any other, filed, and owed nothing.

A mail is known by its text, whatever file it comes from: an import that was interrupted is simply done
again.  Live mail never waits behind more old mail than is filed in a second or two.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import NamedTuple

from maild.inbound.trace import with_return_path
from maild.message import parse
from maild.message.model import Envelope
from maild.store import intake
from maild.store.write import Store

BATCH = 64
BACKLOG = 256  # mails that may wait before more are put behind them
LOOK_EVERY_SECONDS = 0.1


class Kept(NamedTuple):
    """What became of some mails."""

    new: int
    known: int
    size_bytes: int


def keep(store: Store, raws: Iterable[bytes], now: datetime, make_room: Callable[[], None]) -> Iterator[Kept]:
    """Keep old mails in order, a batch a commit, and say after each what it came to.

    Args:
        make_room: called before each batch; returns when few mails wait.
    """
    mails = iter(raws)
    while batch := list(islice(mails, BATCH)):
        make_room()
        fresh = store.write(partial(intake.put_old, mails=[(_named(raw, now), raw) for raw in batch]))
        yield Kept(fresh, len(batch) - fresh, sum(map(len, batch)))


def wait_for_room(store: Store) -> None:
    """Wait until another process has filed most of what waits."""
    while store.read(intake.waiting) >= BACKLOG:
        time.sleep(LOOK_EVERY_SECONDS)


def _named(raw: bytes, now: datetime) -> Envelope:
    """Return an envelope whose source is the mail's own text."""
    source = f"import:{_hash(raw)}"
    return with_return_path(Envelope(None, (), arrived_at(raw, now), source, protocol="import"), raw)


def arrived_at(raw: bytes, now: datetime) -> datetime:
    """Return when an old mail came, by its topmost Received, else its Date; never in the future."""
    message = parse.parse(raw)
    claimed = message.arrived or message.date or now
    aware = claimed.replace(tzinfo=UTC) if claimed.tzinfo is None else claimed
    return min(aware.astimezone(UTC).replace(microsecond=0), now)


def _hash(raw: bytes) -> str:
    """The same mail has CRLF in one file and LF in another, and mbox files differ in empty lines at its end."""
    return hashlib.sha256(raw.replace(b"\r\n", b"\n").rstrip(b"\n")).hexdigest()
