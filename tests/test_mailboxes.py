"""Mailboxes on a real Dovecot: nothing is lost, nothing is taken twice, whoever dies."""

import contextlib
import json
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from uuid import uuid4

import pytest
from imapclient.exceptions import IMAPClientError
from sqlalchemy.exc import OperationalError

from maild import mailboxes, maillog
from maild.inbound import imap
from maild.inbound.account import Mailbox, Refused
from maild.inbound.fetch_tries import TRIES
from maild.inbound.imap import Session
from maild.mailboxes import Fetcher
from maild.opened import Opened, open_site
from maild.store import intake, pieces, schema
from maild.store.write import Store
from tests.conftest import missing
from tests.running import SETTINGS, Daemon, free_port, mail, maild, make_site, outgoing, rows, running, wait_for
from tests.servers.dovecot import PASSWORD, USER, Dovecot, Missing
from tests.servers.dovecot_conf import quota
from tests.servers.postgres import Cluster

MAILBOX = """
[[imap]]
name = "support"
host = "127.0.0.1"
port = {port}
tls = "none"
user = "{user}"
password_file = "imap-password"
poll_seconds = 5
{more}
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that an ordinary user may enter: pytest's own is root's alone, and Dovecot refuses to be root."""
    folder = Path(tempfile.mkdtemp(prefix="maild-dovecot-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def dovecot(place: Path, request: pytest.FixtureRequest) -> Iterator[Dovecot]:
    try:
        with Dovecot.started(place, getattr(request, "param", ())) as server:
            yield server
    except Missing as why:
        missing(str(why))


def site_of(folder: Path, dovecot: Dovecot, more: str = "", url: str = "") -> tuple[Path, int]:
    port = free_port()
    text = SETTINGS + MAILBOX.format(port=dovecot.port, user=USER, more=more)
    site = make_site(folder, port, url, more=text)
    (site / "imap-password").write_text(PASSWORD + "\n")
    return site, port


def tickets(site: Path) -> list[str]:
    """Return the subjects of what was filed; who waits for them need begin no process for each look."""
    return sorted(str(subject) for (subject,) in rows(site, "select subject from ticket"))


def listed(site: Path) -> list[str]:
    """Return the same as the command line tells it, of any database."""
    shown = maild("list", "--json", "--site", str(site)).stdout.splitlines()
    return sorted(json.loads(line)["subject"] for line in shown)


def kept(site: Path) -> int:
    return int(rows(site, "select count(*) from intake where source like 'imap:%'")[0][0])


def balances(site: Path) -> str:
    done = maild("check", "--ledger", "--site", str(site), check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.mark.parametrize("dovecot", [(), ("MOVE",), ("IDLE",)], indirect=True, ids=["whole", "no MOVE", "no IDLE"])
def test_a_mail_in_a_mailbox_is_a_ticket_and_moves(tmp_path: Path, dovecot: Dovecot) -> None:
    """What was there and what comes later is filed, acknowledged and moved; the customer is told as ever."""
    site, port = site_of(tmp_path / "site", dovecot)
    dovecot.deliver(mail(1), mail(2))
    with running(site, port) as daemon:
        wait_for(lambda: tickets(site) == ["Question 1", "Question 2"], "two tickets")
        dovecot.deliver(mail(3))
        wait_for(lambda: tickets(site) == ["Question 1", "Question 2", "Question 3"], "three tickets")
        wait_for(lambda: dovecot.count("maild.Processed") == 3, "three mails moved")
        wait_for(lambda: len(outgoing(site)) == 6, "six mails out")
        assert daemon.stop() == 0
    assert dovecot.count("INBOX") == 0
    assert "support, INBOX: 3 shown, 3 kept" in balances(site)


@pytest.mark.parametrize("dovecot", [("MOVE", "UIDPLUS")], indirect=True)
def test_a_server_that_can_move_nothing_is_only_read(tmp_path: Path, dovecot: Dovecot) -> None:
    site, port = site_of(tmp_path / "site", dovecot)
    dovecot.deliver(mail(1))
    for _ in range(2):
        with running(site, port) as daemon:
            wait_for(lambda: tickets(site) == ["Question 1"], "a ticket")
            assert daemon.stop() == 0
    dovecot.deliver(mail(2))
    maild("once", "--site", str(site))
    assert tickets(site) == ["Question 1", "Question 2"]
    assert dovecot.count("INBOX") == 2
    with dovecot.client() as client:
        client.select_folder("INBOX", readonly=True)
        assert not client.search("SEEN"), "nobody's unread mail was marked as read"
    balances(site)


def test_mail_that_is_left_alone_is_not_moved(tmp_path: Path, dovecot: Dovecot) -> None:
    site, _ = site_of(tmp_path / "site", dovecot, 'done = ""')
    dovecot.deliver(mail(1), mail(2))
    maild("once", "--site", str(site))
    maild("once", "--site", str(site))
    assert tickets(site) == ["Question 1", "Question 2"]
    assert dovecot.count("INBOX") == 2
    assert kept(site) == 2


def test_old_mail_is_imported_and_junk_is_not_acknowledged(tmp_path: Path, dovecot: Dovecot) -> None:
    site, _ = site_of(tmp_path / "site", dovecot, 'import_before = "2026-01-01"\njunk = "Junk"')
    with dovecot.client() as client:
        client.append("INBOX", mail(1), msg_time=datetime(2025, 6, 1, tzinfo=UTC))
    dovecot.deliver(mail(2), folder="Junk")
    maild("once", "--site", str(site))
    assert tickets(site) == ["Question 1", "Question 2"]
    out = [raw.decode() for raw in outgoing(site)]
    assert [one for one in out if "To: <you@example.com>" in one or '"You"' in one], "an agent sees junk"
    assert not [one for one in out if "We have received" in one], "neither is acknowledged"
    assert len(out) == 1, "nobody is told of old mail"
    assert (dovecot.count("INBOX"), dovecot.count("maild.Processed")) == (0, 1)
    assert dovecot.count("Junk") == 1, "who takes it out of there tells the server's filter that it was no junk"
    maild("once", "--site", str(site))
    assert kept(site) == 2


def test_a_large_mail_comes_in_pieces(tmp_path: Path, dovecot: Dovecot) -> None:
    site, _ = site_of(tmp_path / "site", dovecot)
    dovecot.deliver(mail(1, text="A line of a large mail.\r\n" * 120_000))
    maild("once", "--site", str(site))
    assert tickets(site) == ["Question 1"]
    ((pieces, size),) = rows(site, "select chunks, size_bytes from intake")
    assert pieces == 3
    assert size > 2_900_000
    balances(site)


def test_a_mail_over_the_limit_is_held_and_set_aside(tmp_path: Path, dovecot: Dovecot) -> None:
    """It is not fetched, the others go on, and a person finds it in the list of what is held."""
    site, _ = site_of(tmp_path / "site", dovecot)
    settings = site / "maild.toml"
    settings.write_text(settings.read_text().replace("[smtp]\n", "[smtp]\nmax_message_bytes = 100000\n", 1))
    dovecot.deliver(mail(1, text="x" * 70 + "\r\n" * 200_000), mail(2))
    maild("once", "--site", str(site))
    assert tickets(site) == ["Question 2"]
    assert dovecot.count("maild.Failed") == 1
    held = maild("intake", "list", "--json", "--site", str(site)).stdout.decode()
    assert "more than max_message_bytes" in held
    balances(site)


def test_a_server_that_dies_is_waited_for(tmp_path: Path, dovecot: Dovecot) -> None:
    """Killed while we wait for mail: what comes afterwards is fetched, and nothing twice."""
    site, port = site_of(tmp_path / "site", dovecot)
    dovecot.deliver(mail(1))
    daemon = Daemon(site, port, program=("tests.hasty",))
    try:
        assert daemon.wait_until_ready()
        wait_for(lambda: tickets(site) == ["Question 1"], "a ticket")
        dovecot.kill()
        wait_for(lambda: "mailbox in trouble" in daemon.log_text(), "that it is noticed")
        dovecot.start()
        dovecot.deliver(mail(2))
        wait_for(lambda: tickets(site) == ["Question 1", "Question 2"], "the next ticket")
        wait_for(lambda: "mailbox is well again" in daemon.log_text(), "that it is said")
        assert daemon.stop() == 0
    finally:
        if daemon.process.poll() is None:
            daemon.kill()
    assert kept(site) == 2
    balances(site)


@pytest.mark.parametrize("step", ["before:keep", "after:keep", "before:move", "after:move", "after:shown"])
def test_death_between_commit_and_move_loses_nothing(tmp_path: Path, dovecot: Dovecot, step: str) -> None:
    """Killed while it fetches: what was kept is recognised and moved, what was not is fetched again."""
    site, port = site_of(tmp_path / "site", dovecot)
    dovecot.deliver(*(mail(number) for number in range(5)))
    dying = Daemon(site, port, crash=(step, 1))
    wait_for(lambda: dying.process.poll() is not None, f"death {step}", 20)
    dying.log.close()
    maild("once", "--site", str(site))
    assert tickets(site) == [f"Question {number}" for number in range(5)]
    assert kept(site) == 5
    assert (dovecot.count("INBOX"), dovecot.count("maild.Processed")) == (0, 5)
    balances(site)


def test_a_new_uidvalidity_brings_no_mail_twice(tmp_path: Path, dovecot: Dovecot, place: Path) -> None:
    """The server has lost its numbers (a restored backup): mails are known by their bytes."""
    site, _ = site_of(tmp_path / "site", dovecot, 'done = ""')
    dovecot.deliver(mail(1), mail(2))
    maild("once", "--site", str(site))
    for path in (place / "mail").glob("dovecot*"):
        path.unlink()
    time.sleep(1.1)  # Dovecot numbers by the second
    dovecot.deliver(mail(3))
    maild("once", "--site", str(site))
    assert tickets(site) == ["Question 1", "Question 2", "Question 3"]
    assert "5 shown, 5 kept" in balances(site)
    maild("once", "--site", str(site))
    assert "5 shown, 5 kept" in balances(site), "what is known is looked at once"


def test_what_cannot_be_fetched_three_times_is_held_and_the_loop_goes_on(
    tmp_path: Path, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, _ = site_of(tmp_path / "site", dovecot)
    dovecot.deliver(mail(1), mail(2), mail(3))
    whole = Session._small

    def breaks(self: Session, uids: "list[int]") -> "list[imap.Fetched]":
        if 2 in uids:
            raise IMAPClientError("the server cannot read this mail")
        return whole(self, uids)

    monkeypatch.setattr(Session, "_small", breaks)
    opened: Opened = open_site(site)
    fetcher: Fetcher = mailboxes.fetchers(opened.settings, opened.store, lambda: None, "test")[0]
    for _ in range(TRIES):
        with pytest.raises(IMAPClientError):
            fetcher.fetch_once()
    fetcher.fetch_once()
    opened.close()
    assert kept(site) == 3
    maild("once", "--site", str(site))
    assert tickets(site) == ["Question 1", "Question 3"]
    assert (dovecot.count("maild.Processed"), dovecot.count("maild.Failed")) == (2, 1)
    balances(site)


def test_a_database_that_is_gone_is_no_mails_fault(
    tmp_path: Path, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it fails to keep them, and in pieces too: they come in when it is back, and are held by nobody."""
    site, _ = site_of(tmp_path / "site", dovecot)
    large = mail(3) + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 40_000
    dovecot.deliver(mail(1), mail(2), large)
    opened = open_site(site)
    fetcher = mailboxes.fetchers(opened.settings, opened.store, lambda: None, "test")[0]
    for broken in (intake, pieces):

        def gone(*_: object, **__: object) -> None:
            raise OperationalError("insert", {}, sqlite3.OperationalError("the database is gone"))

        with monkeypatch.context() as patch:
            patch.setattr(broken, "put", gone)
            for _ in range(2 * TRIES):
                with pytest.raises(OperationalError):
                    fetcher.fetch_once()
    fetcher.fetch_once()
    opened.close()
    assert kept(site) == 3
    maild("once", "--site", str(site))
    assert tickets(site) == ["Question 1", "Question 2", "Question 3"]
    assert (dovecot.count("maild.Processed"), dovecot.count("maild.Failed")) == (3, 0)
    balances(site)


def test_a_full_quota_stops_the_moving_and_not_the_mail(tmp_path: Path, dovecot: Dovecot) -> None:
    """A copy counts twice until its original is expunged: the server refuses it, and mail comes in all the same."""
    dovecot.kill()
    dovecot.configure(without=("MOVE",), more=quota(5))
    dovecot.start()
    site, port = site_of(tmp_path / "site", dovecot)
    dovecot.deliver(mail(1), mail(2), mail(3))
    with running(site, port) as daemon:
        wait_for(lambda: len(tickets(site)) == 3, "three tickets")
        wait_for(lambda: "mails stay where they are" in daemon.log_text(), "word of it")
        dovecot.deliver(mail(4), mail(5))
        wait_for(lambda: len(tickets(site)) == 5, "five tickets, from a full mailbox")
        assert daemon.log_text().count("mails stay where they are") == 1
        assert (dovecot.count("INBOX"), dovecot.count("maild.Processed")) == (5, 0)
        assert "in trouble" not in daemon.log_text()
        dovecot.kill()
        dovecot.configure(without=("MOVE",), more=quota(50))
        dovecot.start()
        wait_for(lambda: dovecot.count("maild.Processed") == 5, "the moves made up for")
    assert dovecot.count("INBOX") == 0
    assert len(tickets(site)) == 5
    assert "5 shown, 5 kept" in balances(site)


def test_two_daemons_share_a_mailbox_one_after_the_other(
    tmp_path: Path, dovecot: Dovecot, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("cluster").new_database()
    daemons = []
    for name in ("one", "two"):
        site, port = site_of(tmp_path / name, dovecot, url=url)
        if name == "two":
            shutil.copy(tmp_path / "one" / "var" / "site.key", site / "var" / "site.key")
        daemons.append(Daemon(site, port))
        assert daemons[-1].wait_until_ready()
    try:
        first = tmp_path / "one"
        dovecot.deliver(*(mail(number) for number in range(10)))
        wait_for(lambda: len(listed(first)) == 10, "ten tickets")
        assert sum(" fetched " in one.log_text() for one in daemons) == 1, "one has the mailbox"
        having, other = sorted(daemons, key=lambda one: " fetched " not in one.log_text())
        assert having.stop() == 0
        dovecot.deliver(mail(10))
        wait_for(lambda: len(listed(first)) == 11, "the other takes it over")
        assert " fetched " in other.log_text()
        balances(first)
    finally:
        for one in daemons:
            if one.process.poll() is None:
                one.kill()


def test_check_tells_what_is_wrong_with_a_mailbox(tmp_path: Path, dovecot: Dovecot) -> None:
    site, _ = site_of(tmp_path / "site", dovecot)
    dovecot.deliver(mail(1))
    assert b"1 mail, IDLE" in maild("check", "--connect", "--site", str(site)).stdout
    (site / "imap-password").write_text("wrong\n")
    done = maild("check", "--connect", "--site", str(site), check=False)
    assert done.returncode == 1
    assert b"the log-in is refused: [AUTHENTICATIONFAILED] Authentication failed.; look at user" in done.stderr
    dovecot.kill()
    done = maild("check", "--connect", "--site", str(site), check=False)
    assert b"look at host, port and tls" in done.stderr


def test_a_mailbox_of_years_is_left_alone_until_somebody_says_what_is_old(tmp_path: Path, dovecot: Dovecot) -> None:
    """Else hundreds of people are told today that the mail has come which they wrote last year."""
    site, _ = site_of(tmp_path / "site", dovecot)
    with dovecot.client() as client:
        for number in range(60):
            client.append("INBOX", mail(number), msg_time=datetime(2025, 6, 1, tzinfo=UTC))
    assert b"60 mails, IDLE; if old ones are among them" in maild("check", "--connect", "--site", str(site)).stdout
    for _ in range(2):
        done = maild("once", "--site", str(site), check=False)
        assert b"more than 50 of them older than a week" in done.stderr
        assert (dovecot.count("INBOX"), kept(site), outgoing(site)) == (60, 0, [])
    settings = (site / "maild.toml").read_text().replace("[[imap]]", '[[imap]]\nimport_before = "2026-01-01"')
    (site / "maild.toml").write_text(settings)
    maild("once", "--site", str(site))
    assert (dovecot.count("INBOX"), kept(site), outgoing(site)) == (0, 60, [])


def test_a_pile_of_new_mail_is_no_old_mail(tmp_path: Path, dovecot: Dovecot) -> None:
    site, _ = site_of(tmp_path / "site", dovecot)
    dovecot.deliver(*(mail(number) for number in range(60)))
    maild("once", "--site", str(site))
    assert kept(site) == 60


def test_old_mail_owes_nothing(tmp_path: Path, dovecot: Dovecot) -> None:
    """A mailbox of years does not wake anybody: its tickets have no due times, and nobody is escalated to."""
    site, _ = site_of(tmp_path / "site", dovecot, 'import_before = "2026-01-01"')
    with dovecot.client() as client:
        client.append("INBOX", mail(1), msg_time=datetime(2025, 6, 1, tzinfo=UTC))
    maild("once", "--site", str(site))
    maild("once", "--now", "2027-06-01T10:00:00Z", "--site", str(site))
    (ticket,) = [json.loads(line) for line in maild("list", "--json", "--site", str(site)).stdout.splitlines()]
    assert ticket["first_reply_due_at"] is None
    sent = [raw.decode() for raw in outgoing(site)]
    assert not [one for one in sent if "\nSubject: Overdue" in one or "\nSubject: Due soon" in one]


def test_a_mail_that_the_server_leaves_out_of_its_answer_is_not_asked_for_for_ever(
    tmp_path: Path, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three times, then it is held, and the others were filed at once."""
    site, _ = site_of(tmp_path / "site", dovecot)
    dovecot.deliver(mail(1), mail(2))
    whole = Session._small

    def leaves_out(self: Session, uids: "list[int]") -> "list[imap.Fetched]":
        return whole(self, [uid for uid in uids if uid != 1])

    monkeypatch.setattr(Session, "_small", leaves_out)
    opened = open_site(site)
    fetcher = mailboxes.fetchers(opened.settings, opened.store, lambda: None, "test")[0]
    for _ in range(TRIES + 1):
        fetcher.fetch_once()
    opened.close()
    assert kept(site) == 2
    assert (dovecot.count("maild.Processed"), dovecot.count("maild.Failed")) == (1, 1)
    balances(site)


def test_a_mailbox_stays_one_daemons_whatever_another_ones_clock_shows(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Ahead":
            return super().now(tz) + timedelta(hours=1)

    url = cluster.new_database()
    mailbox = Mailbox("support", "imap.example", 143, "none", lambda _client: None)
    with contextlib.closing(Store(url)) as store:
        schema.make_ready(store.engine, url)
        first, second = (Fetcher(mailbox, store, lambda: None, lease) for lease in ("one", "two"))
        assert first._claim()
        monkeypatch.setattr(mailboxes, "datetime", Ahead)
        assert not second._claim()


def test_a_mailbox_stays_one_daemons_however_long_a_fetch_takes(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each piece renews the lease; who lost it all the same keeps nothing more: the other one does."""
    monkeypatch.setattr(mailboxes, "LEASE", timedelta(seconds=1))
    url = cluster.new_database()
    mailbox = Mailbox("support", "imap.example", 143, "none", lambda _client: None, poll_seconds=0)
    whole = imap.Fetched(7, b"Subject: x\r\n\r\n", 14, datetime.now(UTC), False)
    with contextlib.closing(Store(url)) as store:
        schema.make_ready(store.engine, url)
        first, second = (Fetcher(mailbox, store, lambda: None, lease) for lease in ("one", "two"))
        assert first._claim()
        fetching = first._keeper()
        fetching.begin(1)
        for sequence in range(4):
            time.sleep(0.4)
            fetching.piece("transfer", sequence, b"x")
        assert not second._claim()
        time.sleep(1.1)
        assert second._claim()
        for keep in (lambda: fetching.piece("transfer", 4, b"x"), fetching.keep([whole])):
            with pytest.raises(mailboxes.Lost):
                keep()
        second._keeper().keep([whole])()


def test_a_server_that_numbers_and_dates_its_refusals_is_told_of_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Microsoft gives each a name and an instant: the log had a line for every try, until somebody logged in."""
    told = list[str]()
    monkeypatch.setattr(maillog, "mailbox_trouble", lambda _name, why, _seconds: told.append(why))
    opened = open_site(make_site(tmp_path / "site", 2525))
    mailbox = Mailbox("support", "imap.example", 993, "implicit", lambda _client: None)
    fetcher = Fetcher(mailbox, opened.store, lambda: None, "test")
    said = "invalid_grant AADSTS700082: The refresh token has expired. Trace ID: {} Correlation ID: {} Timestamp: {}"
    for minute in range(10):
        now = datetime.now(UTC) + timedelta(minutes=minute)
        fetcher._troubled(Refused(said.format(uuid4(), uuid4(), now.isoformat(" ", "seconds"))), 300)
        assert str(now)[:16] in fetcher.trouble, "what is shown is what was said last"
    fetcher._troubled(Refused("invalid_client"), 300)
    opened.close()
    assert [why.split()[1] for why in told] == ["invalid_grant", "invalid_client"]
