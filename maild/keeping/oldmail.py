"""Old mail in: kept like any other, filed, and owed nothing.

A mail is known by its text, whatever file it comes from: an import that was interrupted is simply done
again.  Live mail never waits behind more old mail than is filed in a second or two.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import datetime
from functools import partial
from itertools import islice
from typing import NamedTuple

from maild.inbound import files
from maild.inbound.trace import with_return_path
from maild.message.model import Envelope
from maild.store import intake
from maild.store.write import Store

BATCH = 64
BACKLOG = 256  # mails that may wait before more are put behind them
LOOK_EVERY_SECONDS = 0.02


class Kept(NamedTuple):
    """What became of some mails."""

    new: int
    known: int
    size_bytes: int


async def keep(
    store: Store, raws: Iterable[bytes], now: datetime, is_ours: Callable[[str], bool]
) -> AsyncIterator[Kept]:
    """Keep old mails in order, a batch a commit, and say after each what it came to; others file them meanwhile."""
    mails = iter(raws)
    while batch := await asyncio.to_thread(lambda: [(_named(raw, now), raw) for raw in islice(mails, BATCH)]):
        while store.read(intake.waiting) >= BACKLOG:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
        fresh = await asyncio.to_thread(store.write, partial(intake.put_old, mails=batch, is_ours=is_ours))
        yield Kept(fresh, len(batch) - fresh, sum(len(raw) for _, raw in batch))


async def import_all(
    store: Store,
    raws: Iterable[bytes],
    now: Callable[[], datetime],
    tell: Callable[[Kept], None],
    file_some: Callable[[], Awaitable[int]] | None,
    is_ours: Callable[[str], bool],
) -> None:
    """Keep old mails, and file what waits until all is filed.

    Args:
        tell: is told what each batch came to.
        file_some: files some of what waits and returns of how many mails; None where another process does.
        is_ours: tells whether an address is an agent's or a queue's.
    """
    kept = asyncio.Event()

    async def keep_all() -> None:
        async for one in keep(store, raws, now(), is_ours):
            tell(one)
        kept.set()

    async def file_all(file_some: Callable[[], Awaitable[int]]) -> None:
        while True:
            were_all_kept = kept.is_set()
            if await file_some():
                continue
            if were_all_kept:
                return
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    filing = [file_all(file_some) for _ in range(2)] if file_some else []  # one is drafted while the other is filed
    await asyncio.gather(keep_all(), *filing)


def _named(raw: bytes, now: datetime) -> Envelope:
    """Return an envelope whose source is the mail's own text."""
    source = f"import:{_hash(raw)}"
    return with_return_path(Envelope(None, (), arrived_at(raw, now), source, protocol="import"), raw)


def arrived_at(raw: bytes, now: datetime) -> datetime:
    """Return when an old mail came, by what it says; never in the future."""
    return min(files.arrived(raw) or now, now)


def _hash(raw: bytes) -> str:
    """The same mail has CRLF in one file and LF in another, and mbox files differ in empty lines at its end."""
    return hashlib.sha256(raw.replace(b"\r\n", b"\n").rstrip(b"\n")).hexdigest()
