"""Loop 2: takes due mails from the outbox, makes one attempt each, and files what came of it.

A mail leaves under a lease and with the Message-ID that it was decided with: what is sent twice, because
a connection broke after the last dot, can be seen to be the same (RFC 1047), and is sent no third time.
Trouble that is about us (a log-in refused, TLS that fails) stops the sending and fails no mail; a next
server that takes nothing now is asked again with one mail, ever later.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from sqlalchemy import Connection

from maild import attempts, maillog
from maild.attempts import Attempt
from maild.deciding.office import Office
from maild.identity.signing import KeyTrouble, Signer
from maild.message import parse
from maild.message.model import Letter
from maild.outbound.assemble import assemble
from maild.outbound.compose import return_address
from maild.outbound.maildir import MaildirSender
from maild.outbound.outcome import Busy, Deferred, Outcome, Sent, Stop
from maild.outbound.route import Route
from maild.outbound.smtp import MOST_CONNECTIONS, SmtpSender
from maild.outbound.standing import Standing
from maild.site.settings import Settings
from maild.store import outbox, pieces
from maild.store.outbox import Due
from maild.store.vitals import Ahead, not_ahead
from maild.store.write import Store, is_outage

BATCH = 64
MOST_READY = 2 * MOST_CONNECTIONS  # mails that are held whole, with their attachments: being sent, or next
ROUND_SECONDS = 1.0  # for as long, what was begun is waited for before more is
OUTAGE_SECONDS = 1.0
LEASE = timedelta(seconds=60)  # renewed while a mail is being sent
LONG_TEXT = 100_000  # characters, of which a mail is made in one or two milliseconds

NO_KEYS = Signer()


class Sender(Protocol):
    async def send(self, sender: str, recipient: str, raw: bytes, smtputf8: bool = False) -> Outcome: ...

    async def close(self) -> None: ...


def sender_of(settings: Settings) -> Sender:
    """Return what a site's mails leave by: a Maildir, or an SMTP server."""
    way = settings.outgoing
    if way.url.startswith("maildir:"):
        return MaildirSender(way.maildir)
    tokens = way.tokens()
    helo = way.helo or settings.site.domain
    if tokens is not None:
        return SmtpSender(Route.parse(way.url), tokens.access, helo, tokens.discard)
    return SmtpSender(Route.parse(way.url), way.password, helo)


class Delivery:
    """Sends what is due; `per_minute` of 0 sets no limit.

    Args:
        ahead: by how much our clock is ahead of the database's, by which leases are.
    """

    def __init__(
        self,
        store: Store,
        office: Callable[[], Office],
        sender: Sender,
        per_minute: int = 0,
        lease: str = "maild",
        signer: Signer = NO_KEYS,
        ahead: Ahead = not_ahead,
    ) -> None:
        self._store = store
        self._office = office
        self._sender = sender
        self._signer = signer
        self._lease = lease
        self._ahead = ahead
        self._per_minute = per_minute
        # And until when each is surely ours: by a clock that nobody sets, though it may stand still while a machine is
        # suspended, and by the other.
        self._in_hand: dict[int, tuple[float, datetime]] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        self._probe: asyncio.Task[None] | None = None
        self._ready, self._slots = asyncio.Semaphore(MOST_READY), asyncio.Semaphore(MOST_CONNECTIONS)
        self.standing = Standing()
        self._told: str | None = None  # why nothing leaves, None while it does
        self._ending = asyncio.Event()

    async def round(self, now: Callable[[], datetime]) -> int:
        """Make one attempt for each due mail of a batch; return how many there were, or still are under way.

        What the next server lets us wait for, as where its scanner hangs at a mail, goes on while others leave.
        """
        if not self._under_way:
            self._ready, self._slots = asyncio.Semaphore(MOST_READY), asyncio.Semaphore(MOST_CONNECTIONS)
        claimed = await self._next(now())
        begun = [asyncio.create_task(self._attempt(due, now)) for due in claimed]
        if begun and self.standing.asks_again:
            self._probe = begun[0]
        self._under_way.update(begun)
        count = len(self._under_way)
        if count:
            done, self._under_way = await asyncio.wait(self._under_way, timeout=ROUND_SECONDS)
            for attempt in done:
                attempt.result()
        if self._per_minute and claimed:
            await self._rest(60 * len(claimed) / self._per_minute)
        return count

    async def finish(self) -> None:
        """Let what is under way come to its end."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _next(self, now: datetime) -> list[Due]:
        """Take the mails that are to be tried now."""
        count = BATCH - len(self._under_way)
        if self._per_minute:
            count = min(count, self._per_minute)
        if self.standing.asks_again:
            count = min(count, self._probe is None or self._probe.done())
        if count <= 0 or self._pauses(now):
            return []
        surely_until = time.monotonic() + (LEASE / 2).total_seconds(), now + LEASE / 2
        claimed = await asyncio.to_thread(self._claim, now, count)
        self._in_hand |= {due.id: surely_until for due in claimed}
        return claimed

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), seconds)

    def end(self) -> None:
        """Rest no longer between mails: the daemon ends."""
        self._ending.set()

    def _pauses(self, now: datetime) -> bool:
        """Whether nothing is to leave: nobody takes it, or that it has left could not be written down."""
        return self.standing.pauses(now) or bool(self._store.trouble)

    def renew(self, now: datetime) -> None:
        """Keep the leases of what is being sent."""
        if self._in_hand and not self._store.sqlite:
            self._store.write(partial(self._renew, ids=tuple(self._in_hand), now=now))

    def _renew(self, connection: Connection, ids: Sequence[int], now: datetime) -> int:
        return outbox.renew(connection, ids, self._lease, until=now - self._ahead(connection, now) + LEASE)

    async def _is_ours(self, number: int, now: datetime) -> bool:
        """Whether no other daemon has a mail now: since we took it we may have slept, or lost the database."""
        steady, told = self._in_hand[number]
        if self._store.sqlite or (time.monotonic() < steady and now < told):
            return True
        return bool(await asyncio.wrap_future(self._store.submit(partial(self._renew, ids=(number,), now=now))))

    def _claim(self, now: datetime, count: int) -> list[Due]:
        work = partial(self._claimed, now=now, count=count)
        take = self._store.read if self._store.sqlite else self._store.write
        if self.standing.suspects:
            others = take(partial(work, busy=(*self._in_hand, *self.standing.suspects)))
            if others:
                return others
        return take(partial(work, busy=tuple(self._in_hand)))

    def _claimed(self, connection: Connection, now: datetime, count: int, busy: Sequence[int]) -> list[Due]:
        there = now - self._ahead(connection, now)
        return outbox.claim(connection, self._lease, now, there + LEASE, count, busy, there)

    async def _attempt(self, due: Due, now: Callable[[], datetime]) -> None:
        try:
            async with self._ready:
                outcome = await self._outcome(due, now)
            if outcome is not None and not isinstance(outcome, Stop):
                attempt = Attempt(due, outcome, now())
                await self._settled(attempt)
                attempts.log(attempt)
        finally:
            del self._in_hand[due.id]

    async def _outcome(self, due: Due, now: Callable[[], datetime]) -> Outcome | None:
        """Make one attempt; None where another was just told to wait, or the database is away: this mail stays due."""
        try:
            return await self._handed_over(due, now)
        except KeyTrouble as error:  # unsigned it would be refused, or taken for spam
            refused = Stop(str(error))
            self._heard(due.id, refused, now())
            return refused
        except Exception as error:  # ours, not the mail's: it is tried again later
            if is_outage(error):
                await self._rest(OUTAGE_SECONDS)
                return None
            maillog.refused_for_now(error)
            return Deferred(f"local trouble: {type(error).__name__}: {error}")

    async def _handed_over(self, due: Due, now: Callable[[], datetime]) -> Outcome | None:
        """Hand a mail to the next server, unless it has just told another to wait, or another daemon has taken the mail
        over; note what that says of the server.

        Raises:
            KeyTrouble: it cannot be signed.
        """
        raw = await self._final(due)
        back = return_address(self._office().house.keys, due.letter.envelope_sender, due.id, due.created_at.date())
        async with self._slots:
            if self._pauses(now()) or not await self._is_ours(due.id, now()):
                return None
            outcome = await self._sender.send(back, due.letter.recipient, raw, _needs_utf8(due.letter.recipient))
            if isinstance(outcome, Stop) and self.standing.is_of_mail(due.id, outcome):
                outcome = Deferred(outcome.reply)
            self._heard(due.id, outcome, now())
            return outcome

    def _heard(self, number: int, outcome: Outcome, now: datetime) -> None:
        """Note, and tell the log, what an answer says about the next server."""
        pause = self.standing.heard(number, outcome, now)
        if isinstance(outcome, Sent) and self._told is not None:
            self._told = None
            maillog.next_server_well()
        elif pause and isinstance(outcome, Stop | Busy):
            self._tell(outcome, pause)

    def _tell(self, outcome: Stop | Busy, pause: timedelta) -> None:
        """Say in the log why nothing leaves for a while: each reason once, until something does."""
        if (gist := maillog.gist(outcome.reply)) != self._told:
            self._told = gist
            tell = maillog.sending_stopped if isinstance(outcome, Stop) else maillog.next_server_busy
            tell(outcome.reply, pause.total_seconds())

    async def _settled(self, attempt: Attempt) -> None:
        """Write what became of a mail; what has left is remembered through an outage, else it would leave again."""
        try:
            await self._written(partial(attempts.settle, attempt=attempt, lease=self._lease, office=self._office))
        except Exception as error:
            maillog.failed_at(f"what follows of the outgoing mail {attempt.due.id}", error)
            await self._written(partial(attempts.settle_alone, attempt=attempt, lease=self._lease))

    async def _written(self, work: Callable[[Connection], None]) -> None:
        """Return when a work is durable, however long the database is away."""
        while True:
            try:
                return await asyncio.wrap_future(self._store.submit(work))
            except Exception as error:
                if not is_outage(error):
                    raise
                await asyncio.sleep(OUTAGE_SECONDS)

    async def _final(self, due: Due) -> bytes:
        """Return the bytes that leave: at once what is little work, and by a thread what would keep others waiting."""
        letter = due.letter
        if letter.attachments or self._signer.keys or len(letter.text) + len(letter.html) > LONG_TEXT:
            return await asyncio.to_thread(self._signed, due)
        return self._signed(due)

    def _signed(self, due: Due) -> bytes:
        return self._signer.signed(self._assembled(due.letter), due.created_at)

    def _assembled(self, letter: Letter) -> bytes:
        """Return the bytes of a letter; its attachments are read from the mails that they came with."""
        wanted: dict[int, list[int]] = {}
        for part in letter.attachments:
            wanted.setdefault(part.intake_id, []).append(part.index)
        contents: dict[tuple[int, int], bytes] = {}
        for mail, indexes in wanted.items():
            raw = self._store.read(partial(pieces.raw_of, number=mail))
            contents |= {(mail, index): octets for index, octets in parse.contents(raw, indexes).items()}
        return assemble(letter, contents)


def _needs_utf8(address: str) -> bool:
    return not address.rpartition("@")[0].isascii()
