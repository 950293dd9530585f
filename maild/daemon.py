"""Build everything from a site, wire it, start it, reload it, stop it.

One asyncio loop runs the listeners and the three loops; a loop that dies ends the process, systemd
starts it again, and the database knows what was left.
"""

import asyncio
import contextlib
import os
import secrets
import signal
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from maild import mailboxes, maillog
from maild.chores.heartbeat import Heartbeat
from maild.clock import Clock
from maild.deciding.drafting import Drafting
from maild.deciding.judge import Judged
from maild.deciding.office import Mail
from maild.deciding.workers import Workers, collect_seldom
from maild.delivery import Delivery, Sender, sender_of
from maild.identity import dns
from maild.identity.signing import Signer
from maild.identity.witnesses import Witnesses
from maild.inbound import account
from maild.keeping.forgetting import Keep
from maild.loops import IDLE_SECONDS, Loops, Meanwhile
from maild.opened import Opened, now_utc, open_for_work
from maild.pipeline import Pipeline
from maild.reception import Reception
from maild.retiming import MARK, Retiming
from maild.rulebook import Rulebook
from maild.spending import Spending
from maild.store import intake, outbox, vitals
from maild.store.wakes import EVERYTHING, RULES, Ears
from maild.store.write import is_outage
from maild.system import supervisor
from maild.system.timepiece import Timepiece
from maild.watch.alarms import Alarms
from maild.watch.health import State, troubles
from maild.watch.http import Http
from maild.watch.look import Look, free_bytes

ROLES = ("inbound", "pipeline", "delivery", "clock")
RENEW_SECONDS = 15.0  # leases are renewed so often
WATCHDOG_SECONDS = 20.0
END_SECONDS = 30.0  # for what is in hand when we end
THREADS = 16  # below what the store has connections for: each may wait for a database that hangs
ALARM_SECONDS = 10.0  # how often we look for what stands still
FETCHER_SECONDS = 5.0  # mailboxes that are being waited for are left behind: what was kept is kept


class Daemon:
    """A site at work."""

    def __init__(
        self,
        opened: Opened,
        clock: Callable[[], datetime] = now_utc,
        dns_too: bool = True,
        sender: Sender | None = None,
        observe: Callable[[Mail, Judged], None] = lambda _mail, _judged: None,
        workers: Workers | None = None,
    ) -> None:
        store, found = opened.store, opened.settings
        self.now = clock
        self._loops = Loops(clock)
        self.workers = workers or Workers(found.workers.processes)
        self.spending = Spending(store, found.budgets, clock())
        # Not only by host and number: in containers of one host name each daemon may have the number 1.
        self._lease = f"{os.uname().nodename}:{os.getpid()}:{secrets.token_hex(4)}"
        self.reception = Reception(found, store, opened.office.house, self._mail_came)
        self.rulebook = Rulebook(opened, clock, self.reception.tell, self._loops.wake)
        office = self.rulebook.office
        self.fetchers: list[mailboxes.Fetcher] = []
        drafting = Drafting(store, self.workers, observe)
        witnesses = Witnesses(opened.trusted(), dns.txt if dns_too else lambda _name: None)
        self.look = Look(store, self.spending, clock)
        numbers, ahead = opened.numbers, vitals.ahead if clock is now_utc else vitals.not_ahead
        self.pipeline = Pipeline(store, office, drafting, numbers, self.spending, witnesses, self._lease, ahead)
        self.sender = sender or sender_of(found)
        per_minute = found.outgoing.per_minute if sender is None else 0
        signer = Signer(found.signing_keys)
        self.delivery = Delivery(store, office, self.sender, per_minute, self._lease, signer, ahead)
        timepiece = Timepiece(time.monotonic if clock is now_utc else None)
        beats = Heartbeat(found.heartbeat.to, timedelta(minutes=found.heartbeat.every_minutes))
        keep = Keep(*found.keep.spans)
        retiming = Retiming(store, office, found.site.var / MARK)
        self.clock = Clock(store, office, self.spending, timepiece, keep, beats, self.rulebook.learn, retiming, ahead)
        self.alarms = Alarms(store, office, found.outgoing.alarm_command, opened.folder)
        self._names_silent = ""
        self._running: asyncio.AbstractEventLoop | None = None
        collect_seldom()

    @property
    def opened(self) -> Opened:
        """The site as it is now."""
        return self.rulebook.opened

    # ---- all that is due, and then no more --------------------------------------------------

    async def once(self) -> int:
        """Do everything that is due; return how many works there were."""
        total = await asyncio.to_thread(self._fetch_once)
        while done := await self.file_and_send() + await self.clock.round(self.now):
            total += done
        return total

    async def file_and_send(self) -> int:
        """File all mail that waits, then send what is due: to be done before the clock says what is late."""
        total = 0
        while filed := await self.pipeline.round(self.now):
            total += filed
        await self.rulebook.notice()
        return total + await self.delivery.round(self.now)

    def _fetch_once(self) -> int:
        """Fetch what is in the mailboxes; one that cannot be reached is named, and hinders nothing."""
        count = 0
        for fetcher in mailboxes.fetchers(self.opened.settings, self.opened.store, lambda: None, self._lease):
            try:
                count += fetcher.fetch_once()
            except account.TROUBLE as error:
                maillog.mailbox_trouble(fetcher.mailbox.name, f"{type(error).__name__}: {error}", 0)
        return count

    def next_due(self) -> datetime | None:
        """Return the next instant at which something is due, None for never."""
        with self.opened.store.reading() as connection:
            moments = (intake.next_retry(connection), outbox.next_due(connection), self.clock.next_due(connection))
        return min((moment for moment in moments if moment is not None), default=None)

    # ---- the service --------------------------------------------------------------------------

    async def serve(
        self, ready: Callable[["Daemon", Reception], None] | None = None, roles: Collection[str] = ROLES
    ) -> None:
        """Run until SIGTERM or SIGINT; SIGHUP reloads.

        Args:
            roles: what of ROLES this daemon does; on PostgreSQL others may do the rest.
        """
        self._running = asyncio.get_running_loop()
        self._running.set_default_executor(ThreadPoolExecutor(THREADS))
        if "pipeline" in roles:
            self.pipeline.begin()
        await asyncio.to_thread(self.clock.begin, self.now())
        self._obey_signals()
        http = Http(self._state)
        if "inbound" in roles:
            await self._let_in()
        await self._open_http(http)
        ears = Ears(self.opened.store, self._heard)
        loops, beside = self._begin(roles), self._beside()
        await self._say_where()
        if ready:
            ready(self, self.reception)
        stop = asyncio.create_task(self._loops.stopping(), name="stop")
        done, _ = await asyncio.wait([*loops, *beside, stop], return_when=asyncio.FIRST_COMPLETED)
        supervisor.tell("STOPPING=1")
        await self.reception.close()
        await http.close()
        await self._end(loops, beside, ears)
        for task in done:
            task.result()  # a loop that died says why, and the process ends with it

    def _obey_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        until_now = signal.getsignal(signal.SIGHUP)
        loop.add_signal_handler(signal.SIGHUP, self.rulebook.reload_soon)
        if isinstance(until_now, _Early) and until_now.came:
            self.rulebook.reload_soon()

    async def _let_in(self) -> None:
        """Open every way in: listeners, and the mailboxes that are fetched."""
        await self.reception.open()
        self.fetchers = mailboxes.fetchers(self.opened.settings, self.opened.store, self._mail_came, self._lease)
        for fetcher in self.fetchers:
            fetcher.start()

    def _begin(self, roles: Collection[str]) -> list[asyncio.Task[None]]:
        """Begin the loops of some roles; each ends by itself when the daemon stops."""
        meanwhile = Meanwhile(partial(self._came_before, self.now()))
        works = {
            "pipeline": self.pipeline.round,
            "pipeline 2": self.pipeline.round,
            "delivery": self.delivery.round,
            "clock": meanwhile.then(self.clock.round),
        }
        return [self._loops.begin(name, work) for name, work in works.items() if name.split()[0] in roles]

    def _came_before(self, moment: datetime) -> bool:
        """Tell whether mail that came before a moment is still to be fetched or filed, or an answer to leave."""
        unseen, read = any(one.fetched_at is None and not one.trouble for one in self.fetchers), self.opened.store.read
        return unseen or read(partial(intake.waits_since, moment=moment)) or read(outbox.answers_wait)

    def _beside(self) -> list[asyncio.Task[None]]:
        """Begin what goes on beside the loops until it is cancelled."""
        works = {
            "receiver": self.reception.ended,
            "leases": self._renew,
            "words beside": self._words_beside,
            "watchdog": self._watchdog,
            "alarms": self._watch,
        }
        return [asyncio.create_task(work(), name=name) for name, work in works.items()]

    async def _say_where(self) -> None:
        """Say that all is open, and by which rules the work is done."""
        supervisor.tell(f"READY=1\nSTATUS=listening on {self.reception.where}")
        maillog.started(site=str(self.opened.folder), smtp=self.reception.where, ruleset=self.opened.office.ruleset)
        if self.opened.refused:
            maillog.reload_refused(self.opened.refused)
            await asyncio.to_thread(self.rulebook.tell_of_refusal)

    async def _end(self, loops: list[asyncio.Task[None]], beside: list[asyncio.Task[None]], ears: Ears) -> None:
        """Let what is in hand come to its end, for as long as that may take."""
        self._loops.stop()
        self.delivery.end()
        for fetcher in self.fetchers:
            fetcher.stop()
        for task in beside:
            task.cancel()
        await asyncio.to_thread(ears.close)
        until = time.monotonic() + FETCHER_SECONDS
        for fetcher in self.fetchers:
            await asyncio.to_thread(fetcher.join, max(0.0, until - time.monotonic()))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                await asyncio.gather(*loops, *beside, return_exceptions=True)
                await self.delivery.finish()
        self.workers.close()
        await self.sender.close()
        maillog.stopped()

    def stop(self) -> None:
        self._loops.stop()

    async def _open_http(self, http: Http) -> None:
        """Answer those who watch us; a port that is taken is no reason to take no mail."""
        where = self.opened.settings.http.listen
        try:
            if where:
                await http.open(where)
        except OSError as error:
            maillog.not_watched(where, error)

    async def _state(self) -> State:
        """Return what /healthz and /metrics tell."""
        vitals = await self.look.vitals()
        return State(
            now=self.now(),
            vitals=vitals,
            free_bytes=free_bytes(self.opened.settings.site.var),
            rules_refused=self.opened.refused,
            sending_stopped=self.delivery.standing.stopped,
            away=self.delivery.standing.away(self.now()),
            names_silent=self._names_silent,
            certificate=self.reception.doubt(self.now()),
            over_budget=self.spending.spent.tripped(self.now()),
            mailboxes={one.mailbox.title: one.trouble for one in self.fetchers},
            unmoved={one.mailbox.title: one.unmoved for one in self.fetchers},
            fetched_at={one.mailbox.title: one.fetched_at for one in self.fetchers},
            failing=self.clock.failing,
            agents={one.address.lower(): one.name for one in self.opened.office.desk.agents.values()},
            not_written=self.opened.store.trouble,
            ahead=self.look.ahead,
            ruleset=self.opened.office.ruleset,
        )

    def _mail_came(self) -> None:
        """The receiver or a mailbox brought something; said in a separate thread."""
        assert self._running is not None
        self._running.call_soon_threadsafe(self._loops.wake, "pipeline")

    def _heard(self, name: str) -> None:
        """Another daemon, or this one, has made work for a loop; said in the thread of the ears."""
        assert self._running is not None
        if name == RULES or (name == EVERYTHING and self.opened.is_behind()):
            self._running.call_soon_threadsafe(self.rulebook.agree_soon)
        wake = self._loops.wake_all if name == EVERYTHING else partial(self._loops.wake, name)
        self._running.call_soon_threadsafe(wake)

    async def _renew(self) -> None:
        """Keep the leases of what is in hand; an outage ends with the loops' own words."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            for loop in (self.pipeline, self.delivery):
                with contextlib.suppress(Exception):
                    await asyncio.to_thread(loop.renew, self.now())

    async def _words_beside(self) -> None:
        """Notice within a second what was said at the terminal, or by mail; an outage is the loops' matter."""
        while True:
            await asyncio.sleep(IDLE_SECONDS)
            with contextlib.suppress(Exception):
                await self.rulebook.notice()

    async def _watch(self) -> None:
        """Look every few seconds for what stands still, and tell the operator once."""
        while True:
            self.rulebook.reloaded.clear()
            self._names_silent = await asyncio.to_thread(dns.silence, self.opened.settings.site.domain)
            state = await self._state()
            try:
                if await asyncio.to_thread(self.alarms.look, tuple(troubles(state)), state.now):
                    self._loops.wake("delivery")
            except Exception as error:
                if not is_outage(error):
                    raise
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.rulebook.reloaded.wait(), ALARM_SECONDS)

    async def _watchdog(self) -> None:
        """Tell systemd that we live: this loop, and the receiver.

        The store is not asked: a database that is gone or hangs is not mended by starting us again.
        """
        while True:
            await self.reception.answers()
            supervisor.tell("WATCHDOG=1")
            await asyncio.sleep(WATCHDOG_SECONDS)


class _Early:
    """Takes a SIGHUP that comes before it can be obeyed: by itself it would end us, and systemd would leave it so."""

    came = False

    def __call__(self, *_what: object) -> None:
        self.came = True


def serve(folder: Path, roles: Collection[str] = ROLES) -> None:
    """Open a site and serve it; the way of `maild serve`."""
    signal.signal(signal.SIGHUP, _Early())
    with open_for_work(folder) as opened, opened.exclusive("serve"):
        asyncio.run(Daemon(opened).serve(roles=roles))
