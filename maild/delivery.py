"""Loop 2: takes due mails from the outbox, makes one attempt each, and files what came of it.

A mail leaves under a lease and with the Message-ID that it was decided with: what is sent twice, because
a connection broke after the last dot, can be seen to be the same (RFC 1047), and is sent no third time.
Trouble that is about us (a log-in refused, TLS that fails) stops the sending and fails no mail; a next
server that takes nothing now is asked again with one mail, ever later.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, assert_never

from sqlalchemy import Connection

from maild import maillog
from maild.filing import carry_out
from maild.identity.signing import KeyTrouble, Signer
from maild.message import parse
from maild.message.model import Letter
from maild.office import Office
from maild.outbound import retry
from maild.outbound.assemble import assemble
from maild.outbound.backoff import Backoff
from maild.outbound.compose import return_address
from maild.outbound.maildir import MaildirSender
from maild.outbound.outcome import Busy, Deferred, Failed, InDoubt, Outcome, Sent, Stop
from maild.outbound.route import Route
from maild.outbound.smtp import MOST_CONNECTIONS, SmtpSender
from maild.site.settings import Settings
from maild.store import alarms, outbox, pieces, snapshot
from maild.store.alarms import Loss
from maild.store.outbox import Due
from maild.store.write import Store, is_outage
from maild.ticket import outgoing
from maild.ticket.model import Ticket
from maild.ticket.plan import Audience, Plan

BATCH = 64
MOST_READY = 2 * MOST_CONNECTIONS  # mails that are held whole, with their attachments: being sent, or next
ROUND_SECONDS = 1.0  # for as long, what was begun is waited for before more is
OUTAGE_SECONDS = 1.0
LEASE = timedelta(seconds=60)  # renewed while a mail is being sent
LONG_TEXT = 100_000  # characters, of which a mail is made in one or two milliseconds
TELL_AFTER = timedelta(hours=4)
AGAIN = timedelta(minutes=15)  # until what maild failed at is tried again
REFUSED = (timedelta(minutes=1), timedelta(minutes=15))  # the pauses, the first and the longest
BUSY = (timedelta(seconds=5), timedelta(minutes=5))
LONGEST_AWAY = timedelta(minutes=15)  # until a mail is tried again that no next server was there for

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
    """Sends what is due; `per_minute` of 0 sets no limit."""

    def __init__(
        self,
        store: Store,
        office: Callable[[], Office],
        sender: Sender,
        per_minute: int = 0,
        lease: str = "maild",
        signer: Signer = NO_KEYS,
    ) -> None:
        self._store = store
        self._office = office
        self._sender = sender
        self._signer = signer
        self._lease = lease
        self._per_minute = per_minute
        self._in_hand: set[int] = set()
        self._under_way: set[asyncio.Task[None]] = set()
        self._probe: asyncio.Task[None] | None = None
        self._ready, self._slots = asyncio.Semaphore(MOST_READY), asyncio.Semaphore(MOST_CONNECTIONS)
        self._refused, self._busy = Backoff(*REFUSED), Backoff(*BUSY)
        self._stopped_at: dict[int, int] = {}  # mails at which we were refused, and how many had left by then
        self._left = 0
        self._ending = asyncio.Event()
        self.losses: Mapping[str, Loss] = {}  # to which agents mails do not arrive, as whoever watches saw it last

    async def round(self, now: Callable[[], datetime]) -> int:
        """Make one attempt for each due mail of a batch; return how many there were, or still are under way.

        What the next server lets us wait for, as where its scanner hangs at a mail, goes on while others leave.
        """
        if not self._under_way:
            self._ready, self._slots = asyncio.Semaphore(MOST_READY), asyncio.Semaphore(MOST_CONNECTIONS)
        claimed = await self._next(now())
        begun = [asyncio.create_task(self._attempt(due, now)) for due in claimed]
        if begun and self._asks_again:
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
        if self._asks_again:
            count = min(count, self._probe is None or self._probe.done())
        if count <= 0 or self._pauses(now):
            return []
        claimed = await asyncio.to_thread(self._claim, now, count)
        self._in_hand |= {due.id for due in claimed}
        return claimed

    @property
    def _asks_again(self) -> bool:
        """Whether one mail is to show if the next server takes any again; what hangs since before shows nothing."""
        return bool(self._refused.why or self._busy.why)

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), seconds)

    def end(self) -> None:
        """Rest no longer between mails: the daemon ends."""
        self._ending.set()

    @property
    def stopped(self) -> str:
        """What the next server said when it would not have us; "" as soon as a mail has left."""
        return self._refused.why

    def away(self, now: datetime) -> tuple[datetime, str] | None:
        """Since when the next server takes nothing, and what was heard of it last; None as soon as it answers.

        Where nothing waits for it any more, as another daemon has sent it, nobody asks how it is.
        """
        busy = self._busy
        if busy.since is None or busy.heard_at is None or now - busy.heard_at > 2 * LONGEST_AWAY:
            return None
        return busy.since, busy.why

    def _pauses(self, now: datetime) -> bool:
        """Whether nothing is to leave: nobody takes it, or that it has left could not be written down."""
        return self._refused.holds(now) or self._busy.holds(now) or bool(self._store.trouble)

    def renew(self, now: datetime) -> None:
        """Keep the leases of what is being sent."""
        if self._in_hand and not self._store.sqlite:
            self._store.write(partial(outbox.renew, ids=tuple(self._in_hand), lease=self._lease, until=now + LEASE))

    def _claim(self, now: datetime, count: int) -> list[Due]:
        work = partial(outbox.claim, lease=self._lease, now=now, until=now + LEASE, count=count)
        take = self._store.read if self._store.sqlite else self._store.write
        if self._refused.why and self._stopped_at:  # perhaps it is these alone: then another shows it
            others = take(partial(work, busy=(*self._in_hand, *self._stopped_at)))
            if others:
                return others
        return take(partial(work, busy=tuple(self._in_hand)))

    async def _attempt(self, due: Due, now: Callable[[], datetime]) -> None:
        try:
            async with self._ready:
                outcome = await self._outcome(due, now)
            if outcome is not None and not isinstance(outcome, Stop):
                await self._settled(due, outcome, now())
                _log(due, outcome)
        finally:
            self._in_hand.discard(due.id)

    async def _outcome(self, due: Due, now: Callable[[], datetime]) -> Outcome | None:
        """Make one attempt; None where another was just told to wait, or the database is away: this mail stays due."""
        try:
            raw = await self._final(due)
            back = return_address(self._office().house.keys, due.letter.envelope_sender, due.id, due.created_at.date())
            async with self._slots:
                if self._pauses(now()):
                    return None
                outcome = await self._sender.send(back, due.letter.recipient, raw, _needs_utf8(due.letter.recipient))
                if (
                    isinstance(outcome, Stop)
                    and outcome.of_mail
                    and self._left > self._stopped_at.get(due.id, self._left)
                ):
                    outcome = Deferred(outcome.reply)  # others were taken meanwhile: it is this mail's own trouble
                self._heard(due.id, outcome, now())
                return outcome
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

    def _heard(self, number: int, outcome: Outcome, now: datetime) -> None:
        """Note what an answer says of the next server, whatever it says of the mail."""
        match outcome:
            case Stop(reply):
                self._stopped_at[number] = self._left
                if pause := self._refused.begin(reply, now):
                    maillog.sending_stopped(reply, pause.total_seconds())
            case Busy(reply):
                if pause := self._busy.begin(reply, now):
                    maillog.next_server_busy(reply, pause.total_seconds())
            case Sent():
                self._left += 1
                self._stopped_at.pop(number, None)
                self._refused.end(now)
                self._busy.end(now)
            case Failed():
                self._stopped_at.pop(number, None)
                self._busy.end(now)
            case Deferred():
                self._busy.end(now)  # it answers
            case InDoubt():
                pass
            case _:
                assert_never(outcome)

    async def _settled(self, due: Due, outcome: Outcome, now: datetime) -> None:
        """Write what became of a mail; what has left is remembered through an outage, else it would leave again."""
        work = partial(self._settle, due=due, outcome=outcome, now=now)
        while True:
            try:
                return await asyncio.wrap_future(self._store.submit(work))
            except Exception as error:
                if is_outage(error):
                    await asyncio.sleep(OUTAGE_SECONDS)
                elif work.func == self._settle_alone:
                    raise
                else:
                    maillog.failed_at(f"what follows of the outgoing mail {due.id}", error)
                    work = partial(self._settle_alone, due=due, outcome=outcome, now=now)

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

    def _settle(self, connection: Connection, due: Due, outcome: Outcome, now: datetime) -> None:
        """Write what an attempt came to, and what follows for the ticket, in one transaction."""
        state, due_at = self._state(due, outcome, now)
        held = outbox.settle(connection, due.id, state, outcome.reply, self._lease, now, due_at)
        if held and due.audience == Audience.AGENT.value:
            self._note_whether_it_arrived(connection, due, outcome, state, now)
        if not held or due.ticket is None or (state == "sent" and due.automatic):
            return
        ticket = snapshot.surviving(connection, due.ticket)
        if ticket is None or (state == "deferred" and not _is_to_be_told(connection, due, ticket.number, now)):
            return
        office = self._office()
        plan = _what_follows(ticket, due, outcome, state, office, now)
        if plan is not None and plan.changes:
            carry_out(connection, plan, ticket, office, now)

    def _note_whether_it_arrived(
        self, connection: Connection, due: Due, outcome: Outcome, state: str, now: datetime
    ) -> None:
        """Keep to which agents mails do not arrive: they cannot be told of that by mail, and others must."""
        address = due.letter.recipient
        if state == "failed" and isinstance(outcome, Failed | Deferred):
            alarms.lost(connection, address, outcome.reply, now, returned=False)
        elif state == "sent" and (loss := self.losses.get(address.lower())) and loss.is_over(now):
            alarms.arrived(connection, address)

    def _settle_alone(self, connection: Connection, due: Due, outcome: Outcome, now: datetime) -> None:
        """Write only what an attempt came to, maild having failed at what follows: for that no mail leaves twice."""
        state, due_at = self._state(due, outcome, now)
        if state == "failed" and not isinstance(outcome, InDoubt):
            state, due_at = "deferred", now + AGAIN  # it has not left, and nobody was told yet
        outbox.settle(connection, due.id, state, outcome.reply, self._lease, now, due_at)

    def _state(self, due: Due, outcome: Outcome, now: datetime) -> tuple[str, datetime | None]:
        """Return the outbox state of an outcome, and when to try again."""
        match outcome:
            case Sent():
                return "sent", None
            case Failed():
                return "failed", None
            case InDoubt() if due.state == "in_doubt":
                return "failed", None  # each try may have been a copy: the second was the last
            case Deferred() | Busy() | InDoubt():
                doubt = isinstance(outcome, InDoubt)
                attempts = max(due.attempts + 1, retry.ATTEMPTS_AFTER_DOUBT) if doubt else due.attempts + 1
                again = retry.next_attempt(due.created_at, attempts, now, due.patient, random.random())
                if isinstance(outcome, Busy) and again is not None:
                    again = min(again, now + LONGEST_AWAY)
                return ("in_doubt" if doubt else "deferred", again) if again is not None else ("failed", None)
            case Stop():
                raise AssertionError("a stop settles nothing")
            case _:
                assert_never(outcome)


def _is_to_be_told(connection: Connection, due: Due, ticket: int, now: datetime) -> bool:
    """Whether its author must hear that a mail has not left yet: after some hours, and once, however often it fails."""
    if due.automatic or now - due.created_at < TELL_AFTER:
        return False
    return not outbox.is_late_told(connection, ticket, due.outgoing)


def _what_follows(ticket: Ticket, due: Due, outcome: Outcome, state: str, office: Office, now: datetime) -> Plan | None:
    """Return what an attempt means for the ticket: an answer has arrived, or somebody must hear that it has not."""
    if state == "sent":
        return None if due.automatic else outgoing.delivered(ticket, due.outgoing)
    if state in ("failed", "deferred"):
        failed, refused = state == "failed", isinstance(outcome, Failed)
        in_doubt = failed and isinstance(outcome, InDoubt)
        missed = outgoing.Missed(due.outgoing, failed, outcome.reply, refused, in_doubt)
        return outgoing.undelivered(office.house.desk, ticket, missed, now, office.language)
    return None


def _needs_utf8(address: str) -> bool:
    return not address.rpartition("@")[0].isascii()


def _log(due: Due, outcome: Outcome) -> None:
    match outcome:
        case Sent(reply):
            maillog.sent(due.id, due.ticket, due.letter.template, reply)
        case Deferred(reply) | Busy(reply):
            maillog.deferred(due.id, due.ticket, reply, due.attempts + 1)
        case InDoubt(reply) if due.state == "in_doubt":
            maillog.failed(due.id, due.ticket, reply)
        case InDoubt(reply):
            maillog.in_doubt(due.id, due.ticket, reply)
        case Failed(reply):
            maillog.failed(due.id, due.ticket, reply)
        case Stop():
            pass
