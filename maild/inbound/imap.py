"""IMAP: fetch what is in a mailbox, have it made durable, and only then move it (RFC 9051, 3501, 2177).

One connection, used by one thread: imapclient is not thread-safe.  Nothing is ever marked or moved before its
raw bytes are kept, under the name (account, folder, UIDVALIDITY, UID) that the server gave it; so a crash at any
point leads to a mail being fetched again, recognised, and moved.  Flags say nothing here: people read mail too.
"""

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any, Protocol, cast

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from maild.inbound.account import (
    BROKEN,
    TROUBLE,
    Mailbox,
    OldMail,
    connected,
    cut_off,
    is_for_now,
    logged_out,
    selected,
)
from maild.inbound.fetch_tries import FetchTries
from maild.inbound.idle import Watch
from maild.inbound.moves import Moves

CHUNK_BYTES = 1_048_576  # larger mails are fetched and kept in pieces of this size
BATCH_MAILS = 128
SMALL_BYTES = 65_536  # smaller ones are fetched without asking for their size first, a batch at once
BYTES_A_FETCH = BATCH_MAILS * SMALL_BYTES  # what is in memory at once
MANY = 50  # mails that may lie in a folder at the first look, however old
OLD = timedelta(days=7)
UIDS_A_SEARCH = 20_000  # an answer with more numbers than this may be longer than imaplib reads


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail as it lies on the server.

    raw is its beginning where the pieces were kept under `transfer`, and no more than its head where `hold`
    says why the whole could not be fetched.
    """

    uid: int
    raw: bytes
    size_bytes: int
    received_at: datetime
    import_only: bool
    transfer: str = ""
    hold: str = ""
    sha256: str = ""  # of the whole; "" where raw is the whole


class Keeper(Protocol):
    """What the store does for a folder; each function returns when it is durable, but for `keep`."""

    def begin(self, uidvalidity: int) -> None:
        """Begin to keep what a server numbers under a UIDVALIDITY."""

    def kept(self, uids: Sequence[int]) -> set[int]:
        """Return which of some UIDs are kept already."""

    def is_first(self) -> bool:
        """Tell whether nothing was ever shown of the folder."""

    def shown(self, uids: Sequence[int]) -> None:
        """Count what the server has shown for the first time."""

    def piece(self, transfer: str, sequence: int, data: bytes) -> None:
        """Keep a piece of a mail that is still being fetched."""

    def keep(self, mails: Sequence[Fetched]) -> Callable[[], None]:
        """Begin to keep mails, and return what waits until they are.

        One with a reason to hold it is held at once, for a person to see.
        """


class Session:
    """A folder of a mailbox, open.  Closes with the `with` block that opened it.

    What is kept and cannot be moved stays where it is, and is not fetched again; `unmoved` says why.
    """

    def __init__(self, client: IMAPClient, mailbox: Mailbox, keeper: Keeper, tries: FetchTries) -> None:
        self._client, self._mailbox, self._keeper, self._tries = client, mailbox, keeper, tries
        status, may_write = selected(client, mailbox.folder)
        self._moves = Moves(client, mailbox, may_write)
        self.uidvalidity = int(status[b"UIDVALIDITY"])
        keeper.begin(self.uidvalidity)
        self._kept: set[int] = set()  # of what was there last
        self._keeping: tuple[Sequence[Fetched], Callable[[], None]] | None = None
        self._next = 1
        self._status_next = int(status.get(b"UIDNEXT", 0))
        self._mails = int(status.get(b"EXISTS", 0))  # about: others write to it and take from it
        self._watch = Watch(client, mailbox)

    @property
    def unmoved(self) -> str:
        """Why mails that are kept stay where they are, "" if they need not."""
        return self._moves.refused

    @classmethod
    @contextlib.contextmanager
    def opened(cls, mailbox: Mailbox, keeper: Keeper, tries: FetchTries) -> Iterator["Session"]:
        """Connect, log in and select.

        Raises:
            Refused: the log-in is wrong, or the server will not have us.
            OSError, IMAPClientError: the server cannot be reached or does not behave.
        """
        client = connected(mailbox)
        try:
            yield cls(client, mailbox, keeper, tries)
        except BROKEN:
            cut_off(client)
            raise
        except BaseException:
            logged_out(client)
            raise
        logged_out(client)

    def fetch_all(self, stop: Event) -> int:
        """Fetch and keep everything that is there and new, oldest first; return how many mails that were."""
        there = self._there()
        self._kept = self._known(there)
        before = len(self._kept)
        self._tries.forget_others(there)
        self._moves.forget_others(there)
        waiting = [uid for uid in there if uid not in self._kept]
        self._moves.move([uid for uid in there if uid in self._kept], self._moves.done)
        self._see_that_it_is_new(waiting)
        self._keeper.shown(waiting)
        for batch in self._batches(waiting):
            if stop.is_set():
                break
            self._fetch_batch(batch)
        self._finish()
        if not self._moves.done and not self._tries:
            self._next = max([self._next, *(uid + 1 for uid in there)])
        return len(self._kept) - before

    def wait(self, stop: Event) -> None:
        """Return when something has come, the time to look again has, or `stop` is set.

        Raises:
            Gone: the connection cannot be used any more.
        """
        self._watch.wait(stop)

    # ---- what is there -------------------------------------------------------------------------

    def _there(self) -> list[int]:
        """Return the UIDs that are in the folder from the first that may be new on, in order.

        Too many for one answer are asked for a range at a time; fewer never, for there are servers that number a few
        mails in thousands of millions.
        """
        found: set[int] = set()
        first = self._next
        if self._mails > UIDS_A_SEARCH:
            first = max(self._status_next, first)
            for start in range(self._next, first, UIDS_A_SEARCH):
                found.update(self._client.search(["UID", f"{start}:{start + UIDS_A_SEARCH - 1}"]))
        found.update(uid for uid in self._client.search(["UID", f"{first}:*"]) if uid >= self._next)
        self._status_next = max([self._status_next, *(uid + 1 for uid in found)])
        self._mails = len(found)
        return sorted(found)

    def _see_that_it_is_new(self, waiting: Sequence[int]) -> None:
        """Take nothing from a mailbox of years, whose writers would all be told that their mail has come, before
        somebody has said from when on they are to be told.

        Raises:
            OldMail: nobody has.
        """
        if self._mailbox.import_before is not None or len(waiting) <= MANY or not self._keeper.is_first():
            return
        for _, at in self._about([waiting[MANY]]).values():
            if at < datetime.now(UTC) - OLD:
                today = f'import_before = "{datetime.now(UTC):%Y-%m-%d}"'
                raise OldMail(
                    f"{len(waiting)} mails lie there, more than {MANY} of them older than a week: {today} in [[imap]] "
                    'files what is older and tells nobody; "1970-01-01" answers all of it'
                )

    def _known(self, there: Sequence[int]) -> set[int]:
        """Return which of the mails that are there are kept; of those that are gone nothing is remembered."""
        known = self._kept.intersection(there)
        return known | self._keeper.kept([uid for uid in there if uid not in known])

    def _batches(self, uids: Sequence[int]) -> Iterator[list[int]]:
        """What has failed before is fetched alone, for the others of its batch are innocent, and what failed most comes
        last: while a server gives nothing at all, no mail is blamed for it before all were tried as often."""
        once_failed = sorted((uid for uid in uids if self._tries.count(uid)), key=self._tries.count)
        others = [uid for uid in uids if not self._tries.count(uid)]
        yield from (others[i : i + BATCH_MAILS] for i in range(0, len(others), BATCH_MAILS))
        yield from ([uid] for uid in once_failed)

    def _fetch_batch(self, uids: Sequence[int]) -> None:
        """Fetch some mails; a try counts against those that the server does not give, whatever it does instead."""
        self._tries.begin(uids)
        try:
            self._fetch_counted(uids)
        except Exception as error:
            if not isinstance(error, TROUBLE) or is_for_now(str(error)):
                self._tries.take_back(uids)  # ours, as when the database is gone, or the server's: no fault of theirs
            raise

    def _fetch_counted(self, uids: Sequence[int]) -> None:
        worn_out = [uid for uid in uids if self._tries.worn_out(uid)]
        for uid in worn_out:
            self._set_aside(uid, f"it could not be fetched, {self._tries.count(uid) - 1} times")
        small, larger = self._by_size([uid for uid in uids if uid not in worn_out])
        self._settle(self._small(small))
        about = self._about(larger)
        for uid, (size_bytes, _) in about.items():
            if size_bytes > self._mailbox.largest_bytes:
                self._set_aside(uid, f"its {size_bytes} bytes are more than max_message_bytes")
        large = [uid for uid, (size, _) in about.items() if CHUNK_BYTES < size <= self._mailbox.largest_bytes]
        for some in _within(BYTES_A_FETCH, {uid: size for uid, (size, _) in about.items() if size <= CHUNK_BYTES}):
            self._settle(self._small(some))
        for uid in large:
            if (whole := self._large(uid, *about[uid])) is not None:
                self._settle([whole])

    def _asked(self, uids: Sequence[int], what: Sequence[str]) -> Mapping[int, Mapping[bytes, Any]]:
        """Return what the server says about those mails that are still there.

        Raises:
            IMAPClientError, OSError: it says nothing, or nothing that can be read.
        """
        try:
            answer: Mapping[int, Mapping[bytes, Any]] = self._client.fetch(list(uids), what)
        except TROUBLE:
            raise
        except Exception as error:  # imapclient takes dates and numbers as they come
            raise IMAPClientError(f"the server's answer cannot be read: {error!r}") from error
        if "BODY" in what[-1]:  # sizes and dates it knows without its storage
            self._tries.answered()
        return answer

    def _about(self, uids: Sequence[int]) -> dict[int, tuple[int, datetime]]:
        """Return size and arrival of the mails that are still there."""
        if not uids:
            return {}
        answer = self._asked(uids, ["RFC822.SIZE", "INTERNALDATE"])
        found = ((uid, answer.get(uid, {})) for uid in uids)
        return {
            uid: (int(about[b"RFC822.SIZE"]), _arrived(about))
            for uid, about in found
            if about.get(b"RFC822.SIZE") is not None
        }

    def _by_size(self, uids: Sequence[int]) -> tuple[list[int], list[int]]:
        """Part what can be fetched at once from what the server says is larger."""
        if not uids:
            return [], []
        larger = {*self._client.search(["UID", f"{min(uids)}:{max(uids)}", "LARGER", SMALL_BYTES])}
        return [uid for uid in uids if uid not in larger], [uid for uid in uids if uid in larger]

    def _small(self, uids: Sequence[int]) -> list[Fetched]:
        if not uids:
            return []
        answer = self._asked(uids, ["INTERNALDATE", "BODY.PEEK[]"])
        found = []
        for uid in uids:
            about = answer.get(uid, {})
            if (raw := about.get(b"BODY[]")) is not None:
                at = _arrived(about)
                found.append(Fetched(uid, raw, len(raw), at, self._is_old(at)))
        return found

    def _large(self, uid: int, size_bytes: int, received_at: datetime) -> Fetched | None:
        """Fetch a mail piece by piece, None if it is gone; what was kept of an attempt that broke off is swept.

        The end is where a piece is short: Exchange only reckons a mail's size (EnableExactRFC822Size), often too small.
        """
        transfer = f"imap:{self._mailbox.name}:{uid}:{time.monotonic_ns()}"
        offset = sequence = 0
        beginning, sha256 = b"", hashlib.sha256()
        last = CHUNK_BYTES
        while offset < size_bytes or last == CHUNK_BYTES:
            piece = self._piece(uid, offset)
            if piece is None and offset < size_bytes and last == CHUNK_BYTES:
                return None
            if not piece:
                break
            if offset + len(piece) > self._mailbox.largest_bytes:
                self._set_aside(uid, "it is larger than max_message_bytes, and than the server said")
                return None
            self._keeper.piece(transfer, sequence, piece)
            beginning = beginning or piece
            sha256.update(piece)
            offset, sequence, last = offset + len(piece), sequence + 1, len(piece)
        return Fetched(
            uid, beginning, offset, received_at, self._is_old(received_at), transfer, sha256=sha256.hexdigest()
        )

    def _piece(self, uid: int, offset: int) -> bytes | None:
        """Return what stands at a place of a mail, b"" behind its end; None if it is gone, or is not given."""
        about = self._asked([uid], [f"BODY.PEEK[]<{offset}.{CHUNK_BYTES}>"]).get(uid, {})
        return next((value for key, value in about.items() if key.startswith(b"BODY[]")), None)

    def _is_old(self, received_at: datetime) -> bool:
        return self._mailbox.import_before is not None and received_at.date() < self._mailbox.import_before

    # ---- what becomes of it --------------------------------------------------------------------

    def _settle(self, mails: Sequence[Fetched]) -> None:
        """Have mails made durable while the next ones are fetched; what the last ones were waiting for is done."""
        if not mails:
            return
        self._tries.forget(mail.uid for mail in mails)
        self._finish()
        self._keeping = mails, self._keeper.keep(mails)

    def _finish(self) -> None:
        """Wait until what was fetched last is durable, then move it."""
        if self._keeping is None:
            return
        (mails, durable), self._keeping = self._keeping, None
        durable()
        self._kept.update(mail.uid for mail in mails)
        self._moves.move([mail.uid for mail in mails], self._moves.done)

    def _set_aside(self, uid: int, why: str) -> None:
        """Hold what cannot be fetched, so that a person sees it, and go on with the next."""
        head = b""
        with contextlib.suppress(*TROUBLE):  # it may be what breaks the connection, each time
            head = self._asked([uid], ["BODY.PEEK[HEADER]"]).get(uid, {}).get(b"BODY[HEADER]") or b""
        held = Fetched(uid, head[:CHUNK_BYTES], len(head), datetime.now(UTC), import_only=False, hold=why)
        self._keeper.keep([held])()
        self._kept.add(uid)
        self._tries.forget([uid])
        self._moves.move([uid], self._moves.failed)


def _arrived(about: Mapping[bytes, Any]) -> datetime:
    """Return when a server says that a mail came; now, where it says nothing that can be meant."""
    try:
        return cast(datetime, about.get(b"INTERNALDATE")).astimezone(UTC)
    except (AttributeError, OverflowError):  # imapclient gives None for what is not a date
        return datetime.now(UTC)


def _within(limit: int, sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """Part mails, in order, so that those of a part are together not larger than a limit."""
    some: list[int] = []
    left = limit
    for uid, size in sizes.items():
        if some and size > left:
            yield some
            some, left = [], limit
        some.append(uid)
        left -= size
    if some:
        yield some
