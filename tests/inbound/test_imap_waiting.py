"""What a server may do to one who waits for mail, or lets him only read: all that is there is kept."""

import time
from pathlib import Path
from threading import Event

import pytest
from imapclient.exceptions import IMAPClientError

from maild import mailboxes, maillog
from maild.inbound import account
from maild.inbound.account import Mailbox, password_login
from maild.inbound.fetch_tries import FetchTries
from maild.inbound.idle import Gone
from maild.inbound.imap import Session
from maild.mailboxes import Fetcher
from maild.opened import open_site
from tests.inbound.test_imap import Kept
from tests.inbound.test_imap_broken import HANGS_UP, Answers, Last, serving
from tests.running import make_site

LOGIN = password_login("support", lambda: "secret")
MAIL = b"Subject: x\r\n\r\nx"
FETCHED = b'* 1 FETCH (UID 7 INTERNALDATE "23-Nov-2026 10:00:00 +0000" BODY[] {%d}\r\n%s)\r\n{tag} OK done\r\n'
BYE = Last(b"+ idling\r\n* BYE Session expired, please login again.\r\n")


def mailbox_with(mails: int, **said: bytes) -> Answers:
    """Return what a server says that has so many mails, one at most, and something else to some commands."""
    usual = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE\r\n{tag} OK done\r\n",
        "LIST": b'* LIST (\\Noselect) "/" ""\r\n{tag} OK done\r\n',
        "SELECT": b"* %d EXISTS\r\n* OK [UIDVALIDITY 1] 1\r\n* OK [UIDNEXT 8] 8\r\n{tag} OK [READ-WRITE] done\r\n"
        % mails,
        "UID SEARCH": b"* SEARCH%s\r\n{tag} OK done\r\n" % (b" 7" if mails else b""),
        "UID FETCH": FETCHED % (len(MAIL), MAIL),
    }
    answers = [*said.items(), *usual.items()]

    def answer(command: str) -> bytes:
        if "LARGER" in command:
            return b"* SEARCH\r\n{tag} OK done\r\n"
        found = (one for name, one in answers if command.startswith(name))
        return next(found, b"{tag} OK done\r\n")

    return answer


def wait(answers: Answers, poll_seconds: float = 0.2) -> list[str]:
    """Fetch and wait once; return what the server heard."""
    with serving(answers, LOGIN, b"IDLE") as (server, found):
        box = Mailbox("support", found.host, found.port, "none", LOGIN, poll_seconds=poll_seconds)
        with Session.opened(box, Kept(), FetchTries()) as session:
            assert session.fetch_all(Event()) == 0
            session.wait(Event())
        return server.heard


@pytest.mark.parametrize(
    "said",
    [
        BYE,
        HANGS_UP,
        Last(b"+ idling\r\n* 3 EX"),
        b"+ idling\r\nISTS\r\n",
        b"* 3 EXISTS\r\n+ IDLE accepted, awaiting DONE command.\r\n",
    ],
)
def test_whatever_ends_the_waiting_is_the_end_of_a_connection(said: bytes) -> None:
    with pytest.raises(Gone):
        wait(mailbox_with(0, IDLE=said))


def test_a_server_that_offers_to_push_and_will_not_is_asked() -> None:
    heard = wait(mailbox_with(0, IDLE=b"{tag} NO not for you\r\n"))
    assert "IDLE" in heard
    assert "NOOP" in heard


def test_mail_of_which_a_server_tells_in_one_breath_with_its_plus_is_not_waited_for() -> None:
    """So Dovecot tells of what came between our last look and IDLE; it was seen at the next poll, minutes later."""
    began = time.monotonic()
    heard = wait(mailbox_with(0, IDLE=b"+ idling\r\n* 1 EXISTS\r\n"), poll_seconds=60)
    assert time.monotonic() - began < 20
    assert "DONE" in heard


def test_a_connection_that_ends_while_nothing_is_there_is_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Google ends each with its token, Exchange after half an hour: each time the log said that the mailbox was in
    trouble and well again, and /healthz with it."""
    told = list[str]()
    monkeypatch.setattr(maillog, "mailbox_trouble", lambda _name, why, _seconds: told.append(why))
    monkeypatch.setattr(mailboxes, "FIRST_PAUSE", 0.05)
    opened = open_site(make_site(tmp_path / "site", 2525))
    with serving(mailbox_with(0, IDLE=BYE), LOGIN, b"IDLE") as (server, found):
        box = Mailbox("support", found.host, found.port, "none", LOGIN, poll_seconds=0.1)
        fetcher = Fetcher(box, opened.store, lambda: None, "test")
        fetcher.start()
        until = time.monotonic() + 30
        while server.heard.count("IDLE") < 4 and time.monotonic() < until:
            time.sleep(0.01)
        fetcher.stop()
        fetcher.join(30)
    opened.close()
    assert server.heard.count("IDLE") >= 4
    assert (told, fetcher.trouble) == ([], "")


@pytest.mark.parametrize(("done", "unmoved"), [("Done", "to Done: INBOX may only be read"), ("", "")])
def test_a_folder_that_may_only_be_read_is_read(done: str, unmoved: str) -> None:
    """As one that others share with us: it was not fetched at all."""
    select = b"* 1 EXISTS\r\n* OK [UIDVALIDITY 1] 1\r\n* OK [UIDNEXT 8] 8\r\n{tag} OK [READ-ONLY] done\r\n"
    kept = Kept()
    with serving(mailbox_with(1, SELECT=select, EXAMINE=select), LOGIN, b"MOVE") as (server, found):
        box = Mailbox("support", found.host, found.port, "none", LOGIN, done=done, failed="Failed")
        with Session.opened(box, kept, FetchTries()) as session:
            assert session.fetch_all(Event()) == 1
            assert session.unmoved == unmoved
    assert kept.uids == {7: False}
    assert not [said for said in server.heard if "MOVE" in said or "CREATE" in said]


def kept_and_heard(**said: bytes) -> tuple[str, list[str]]:
    """Fetch a mail that is to be moved; return why it was not, and what the server heard."""
    kept = Kept()
    with serving(mailbox_with(1, **said), LOGIN, b"MOVE") as (server, found):
        box = Mailbox("support", found.host, found.port, "none", LOGIN, done="Done")
        with Session.opened(box, kept, FetchTries()) as session:
            assert session.fetch_all(Event()) == 1
            unmoved = session.unmoved
    assert kept.uids == {7: False}
    return unmoved, server.heard


def test_a_folder_that_cannot_be_made_keeps_no_mail_from_coming_in() -> None:
    none = {'LIST "" "Done"': b"{tag} OK done\r\n", 'LIST "" "INBOX/Done"': b"{tag} OK done\r\n"}
    unmoved, heard = kept_and_heard(**none, CREATE=b"{tag} NO [NOPERM] Not yours.\r\n")
    assert unmoved == "to Done: it is not there and cannot be made: create failed: [NOPERM] Not yours."
    assert not [said for said in heard if "MOVE" in said]


def test_a_folder_that_somebody_deleted_is_made_again() -> None:
    """Who tidies up deletes it with all its mails, and every mail stayed in the inbox until maild was started anew."""
    answers = iter([b"{tag} NO [TRYCREATE] No such folder.\r\n", b"{tag} OK done\r\n"])

    whole = mailbox_with(1)
    kept = Kept()
    with serving(lambda said: next(answers) if "MOVE" in said else whole(said), LOGIN, b"MOVE") as (server, found):
        box = Mailbox("support", found.host, found.port, "none", LOGIN, done="Done")
        with Session.opened(box, kept, FetchTries()) as session:
            session.fetch_all(Event())
            assert session.unmoved == ""
    assert [said.split()[0] for said in server.heard if "MOVE" in said or "CREATE" in said] == ["UID", "CREATE", "UID"]


@pytest.mark.parametrize("there", ["Support/New", "Support.New", "INBOX.Support.New"])
def test_a_folder_is_found_as_its_server_writes_it(there: str) -> None:
    """As the folder is that mails are moved to: who had read how that is written wrote the other one so, too."""
    whole = mailbox_with(1)

    def answer(command: str) -> bytes:
        name = command.rpartition(" ")[2].strip('"')
        if command.startswith(("SELECT", "EXAMINE")) and name != there:
            return b"{tag} NO [NONEXISTENT] Unknown mailbox.\r\n"
        if command.startswith("LIST"):
            found = b'* LIST () "." "%s"\r\n' % name.encode() if name in ("", there) else b""
            return found + b"{tag} OK done\r\n"
        return whole(command.replace("EXAMINE", "SELECT"))

    kept = Kept()
    with serving(answer, LOGIN) as (_, found):
        box = Mailbox("support", found.host, found.port, "none", LOGIN, folder="Support/New")
        with Session.opened(box, kept, FetchTries()) as session:
            assert session.fetch_all(Event()) == 1
        assert account.probe(box).mails == 1
    assert kept.uids == {7: False}


def test_a_folder_that_is_nowhere_is_told_of_by_its_own_name() -> None:
    gone = b"{tag} NO [NONEXISTENT] Unknown mailbox.\r\n"
    answers = mailbox_with(0, **{"SELECT": gone, 'LIST "" "Support': b"{tag} OK done\r\n"})
    with serving(answers, LOGIN) as (_, found):
        box = Mailbox("support", found.host, found.port, "none", LOGIN, folder="Support/New")
        with pytest.raises(IMAPClientError, match="Unknown mailbox"), Session.opened(box, Kept(), FetchTries()):
            pass
