"""The mailboxes that are fetched: a supervised thread for each, and where it keeps what it finds.

A mailbox in trouble is tried again, later and later; the others go on.  On PostgreSQL one daemon at a time has a
mailbox, under a lease that it renews with all that it keeps.
"""

import contextlib
import hashlib
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from maild import maillog
from maild.identity import oauth
from maild.inbound import account
from maild.inbound.account import Mailbox
from maild.inbound.fetch_tries import FetchTries
from maild.inbound.idle import Gone
from maild.inbound.imap import Fetched, Session
from maild.inbound.trace import with_return_path
from maild.message.model import JUNK, Envelope
from maild.site.sections import ImapSection
from maild.site.settings import Settings
from maild.store import checkpoint, intake, pieces, vitals
from maild.store.checkpoint import Folder
from maild.store.write import Store
from maild.ticket.plan import Fate

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 600.0  # seconds between tries to reach a server
REFUSED_PAUSE = 300.0  # after a wrong password: servers lock out those who hammer
LEASE = timedelta(minutes=2)
PROTOCOL = "IMAP"
KNOWN = "fetched before, under another UIDVALIDITY"


class Lost(Exception):
    """Another daemon has the mailbox now: what was fetched last is its to keep."""


class Fetcher:
    """One folder of one mailbox, fetched until `stop`."""

    def __init__(self, mailbox: Mailbox, store: Store, wake: Callable[[], None], lease: str) -> None:
        self.mailbox = mailbox
        self._folder = Folder(mailbox.name, mailbox.folder)
        self._store = store
        self._wake = wake
        self._lease, self._lasts = lease, LEASE + timedelta(seconds=mailbox.poll_seconds)
        self._stop = threading.Event()
        self._tries = FetchTries()
        self.trouble = ""  # why it is not being fetched, in the server's words
        self.unmoved = ""  # why what was fetched stays where it was
        self.fetched_at: datetime | None = None  # when the folder was last seen to hold nothing new
        self._thread = threading.Thread(target=self._run, name=f"imap {mailbox.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def fetch_once(self) -> int:
        """Fetch what is there now, in the caller's thread; return how many mails there were.

        Raises:
            account.TROUBLE: it cannot be fetched.
        """
        if not self._claim():
            return 0
        count = 0
        try:
            with contextlib.suppress(Lost), Session.opened(self.mailbox, self._keeper(), self._tries) as session:
                count = self._fetch(session)
        finally:
            self._release()
        self._settled()
        return count

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            try:
                lasted = self._watch() if self._claim() else 0.0
                pause = FIRST_PAUSE
                self._stop.wait(self.mailbox.poll_seconds if lasted < self.mailbox.poll_seconds else FIRST_PAUSE)
            except Exception as error:  # whatever a server or a database may do to us, we come again
                if self.fetched_at is not None and not self.trouble:
                    pause = FIRST_PAUSE  # it was well until now
                if isinstance(error, account.Refused):
                    pause = max(pause, REFUSED_PAUSE)
                self._troubled(error, pause)
                self._stop.wait(pause * random.uniform(0.8, 1.2))
                pause = min(2 * pause, LONGEST_PAUSE)
        with contextlib.suppress(Exception):  # the database is gone: then the lease ends by itself
            self._release()

    def _watch(self) -> float:
        """Fetch and wait, over one connection, until it comes to its end, we are told to stop or the mailbox is another
        daemon's; return how many seconds that was."""
        began = time.monotonic()
        with contextlib.suppress(Lost, Gone), Session.opened(self.mailbox, self._keeper(), self._tries) as session:
            while not self._stop.is_set() and self._claim():
                if self._fetch(session):
                    self._wake()
                    continue
                self._settled()
                session.wait(self._stop)
        return time.monotonic() - began

    def _fetch(self, session: Session) -> int:
        count = session.fetch_all(self._stop)
        if session.unmoved and session.unmoved != self.unmoved:
            maillog.mailbox_unmoved(self.mailbox.title, session.unmoved)
        self.unmoved = session.unmoved
        return count

    def _claim(self) -> bool:
        return self._store.write(self._claimed)

    def _claimed(self, connection: Connection) -> bool:
        """Take the mailbox, or keep it for longer; False while another daemon has it."""
        now = datetime.now(UTC)
        there = now - vitals.ahead(connection, now)  # leases of all daemons go by the database's clock
        return checkpoint.claim(connection, self._folder, self._lease, there, until=there + self._lasts)

    def _keeper(self) -> "_Kept":
        return _Kept(self._store, self.mailbox, self._claimed)

    def _release(self) -> None:
        self._store.write(partial(checkpoint.release, folder=self._folder, lease=self._lease))

    def _settled(self) -> None:
        self.fetched_at = datetime.now(UTC)
        if self.trouble:
            self.trouble = ""
            maillog.mailbox_well(self.mailbox.title)

    def _troubled(self, error: Exception, pause: float) -> None:
        what = f"{type(error).__name__}: {error}"
        if maillog.gist(what) != maillog.gist(self.trouble):
            maillog.mailbox_trouble(self.mailbox.title, what, pause)
        self.trouble = what


class _Kept:
    """What the store does for a folder."""

    def __init__(self, store: Store, mailbox: Mailbox, claimed: Callable[[Connection], bool]) -> None:
        self._store = store
        self._mailbox = mailbox
        self._claimed = claimed
        self._folder = Folder(mailbox.name, mailbox.folder)
        self._uidvalidity = 0
        self._others: set[str] = set()

    def begin(self, uidvalidity: int) -> None:
        self._uidvalidity = uidvalidity
        self._others = self._store.read(partial(checkpoint.other_hashes, folder=self._folder, uidvalidity=uidvalidity))
        self._store.write(partial(checkpoint.begin, folder=self._folder, uidvalidity=uidvalidity))

    def kept(self, uids: Sequence[int]) -> set[int]:
        if not uids:
            return set()
        known = partial(checkpoint.kept, folder=self._folder, uidvalidity=self._uidvalidity, uids=uids)
        return self._store.read(known)

    def is_first(self) -> bool:
        return self._store.read(partial(checkpoint.is_first, folder=self._folder))

    def shown(self, uids: Sequence[int]) -> None:
        if uids:
            self._store.write(partial(checkpoint.shown, folder=self._folder, uids=uids))

    def piece(self, transfer: str, sequence: int, data: bytes) -> None:
        self._store.write(partial(self._keep_piece, transfer=transfer, sequence=sequence, data=data))

    def _keep_piece(self, connection: Connection, transfer: str, sequence: int, data: bytes) -> None:
        self._must_have_it(connection)
        pieces.put(connection, transfer=transfer, sequence=sequence, data=data, now=datetime.now(UTC))

    def keep(self, mails: Sequence[Fetched]) -> Callable[[], None]:
        kept = self._store.submit(partial(self._keep_all, mails=mails))

        def durable() -> None:
            kept.result()
            for mail in mails:
                maillog.fetched(self._mailbox.name, mail.uid, mail.size_bytes, mail.hold)

        return durable

    def _keep_all(self, connection: Connection, mails: Sequence[Fetched]) -> None:
        self._must_have_it(connection)
        for mail in mails:
            self._keep_one(connection, mail)

    def _must_have_it(self, connection: Connection) -> None:
        if not self._claimed(connection):
            raise Lost

    def _keep_one(self, connection: Connection, mail: Fetched) -> None:
        sha256 = mail.sha256 or hashlib.sha256(mail.raw).hexdigest()
        source = checkpoint.source(folder=self._folder, uidvalidity=self._uidvalidity, uid=mail.uid)
        protocol = JUNK if self._mailbox.junk else PROTOCOL
        envelope = with_return_path(Envelope(None, (), mail.received_at, source, protocol=protocol), mail.raw)
        number = intake.put(
            connection,
            envelope,
            mail.raw,
            transfer=mail.transfer,
            size_bytes=mail.size_bytes,
            sha256=sha256,
            import_only=mail.import_only,
        )
        if mail.hold:
            intake.settle(connection, number, Fate.HELD, mail.hold, None)
        elif sha256 in self._others:
            intake.settle(connection, number, Fate.DISCARDED, KNOWN, None)


def fetchers(settings: Settings, store: Store, wake: Callable[[], None], lease: str) -> list[Fetcher]:
    """Return what fetches the mailboxes of a site; not started."""
    found = [mailbox for section in settings.imap for mailbox in mailboxes(section, settings)]
    return [Fetcher(mailbox, store, wake, lease) for mailbox in found]


def login_of(section: ImapSection) -> account.Login:
    """Return what logs in to an account: by its password, or by a token that its provider gives."""
    tokens = section.tokens()
    if tokens is None:
        return account.password_login(section.user, section.password)

    def access() -> str:
        try:
            return tokens.access()
        except oauth.Void as error:
            raise account.Refused(str(error)) from None

    return account.token_login(section.user, access, tokens.discard)


def mailboxes(section: ImapSection, settings: Settings) -> list[Mailbox]:
    """Return the folders of one account that are fetched: the mailbox itself, and its junk, which stays where it is: to
    spam filters that learn (Google's, Dovecot's), whatever is moved out of there was none."""
    main = Mailbox(
        name=section.name,
        host=section.host,
        port=section.port,
        tls=section.tls,
        login=login_of(section),
        folder=section.folder,
        done=section.done,
        failed=section.failed,
        idle=section.idle,
        poll_seconds=section.poll_seconds,
        import_before=date.fromisoformat(section.import_before) if section.import_before else None,
        largest_bytes=settings.smtp.max_message_bytes,
    )
    junk = replace(main, folder=section.junk, done="", failed="", idle=False, junk=True)
    return [main, junk] if section.junk else [main]
