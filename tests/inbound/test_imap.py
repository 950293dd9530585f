"""A mailbox whose server answers what no server should: the other mails come in all the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from threading import Event
from typing import Any

import pytest
from imapclient.exceptions import IMAPClientError

from maild.inbound import imap
from maild.inbound.account import Mailbox
from maild.inbound.fetch_tries import TRIES, FetchTries
from maild.inbound.imap import Fetched, Session
from maild.inbound.trace import with_return_path
from maild.message.model import Envelope

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
LARGE = 3 * imap.CHUNK_BYTES


@dataclass
class Server:
    """As imapclient shows one; `about` is what it says of each mail."""

    about: dict[int, dict[bytes, Any]]
    longest_line: int = 8192
    moved: list[int] = field(default_factory=list)
    expunged_after: int = 1000  # so many answers about large mails, and they are gone
    searches: list[int] = field(default_factory=list)  # how many numbers each answer had

    def has_capability(self, _name: str) -> bool:
        return True

    def list_folders(self, *_: str) -> list[Any]:
        return [((), b"/", "")]

    def folder_exists(self, _name: str) -> bool:
        return True

    def select_folder(self, _name: str) -> dict[bytes, int]:
        return {b"UIDVALIDITY": 1, b"UIDNEXT": max(self.about, default=0) + 1, b"EXISTS": len(self.about)}

    def search(self, words: list[Any]) -> list[int]:
        if "LARGER" in words:
            return [uid for uid, about in self.about.items() if about.get(b"RFC822.SIZE", LARGE) > words[-1]]
        first, _, last = words[1].partition(":")
        found = [uid for uid in self.about if int(first) <= uid <= (2**32 if last == "*" else int(last))]
        self.searches.append(len(found))
        return found

    def fetch(self, uids: list[int], what: list[str]) -> dict[int, dict[bytes, Any]]:
        if "<" in what[0]:
            self.expunged_after -= 1
            if self.expunged_after < 0:
                self.about = {uid: about for uid, about in self.about.items() if uid not in uids}
        return {uid: {**self.about[uid], b"BODY[HEADER]": b"Subject: x\r\n"} for uid in uids if uid in self.about}

    def move(self, uids: list[int], _folder: str) -> None:
        if len(",".join(map(str, uids))) > self.longest_line:
            raise IMAPClientError("UID command error: BAD [b'Too long argument']")
        self.moved += uids
        self.about = {uid: about for uid, about in self.about.items() if uid not in uids}


@dataclass
class Kept:
    """What was made durable, and what was held."""

    known: set[int] = field(default_factory=set)
    asked: list[list[int]] = field(default_factory=list)  # of which UIDs it was asked whether they are known
    mails: list[Fetched] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)

    def begin(self, _uidvalidity: int) -> None: ...

    def kept(self, uids: Sequence[int]) -> set[int]:
        self.asked += [[*uids]] if uids else []
        return self.known.intersection(uids)

    def is_first(self) -> bool:
        return False

    def shown(self, _uids: Sequence[int]) -> None: ...

    def piece(self, _transfer: str, sequence: int, _data: bytes) -> None:
        self.pieces.append(sequence)

    def keep(self, mails: Sequence[Fetched]) -> Callable[[], None]:
        self.mails += mails
        return lambda: None

    @property
    def uids(self) -> dict[int, bool]:
        """Return what was kept, and whether it is to be held."""
        return {mail.uid: bool(mail.hold) for mail in self.mails}


def session(server: Server, kept: Kept) -> Session:
    box = Mailbox("x", "x", 993, "implicit", lambda _: None, done="Done", failed="Failed")
    return Session(server, box, kept, FetchTries())  # type: ignore[arg-type]


def small(**more: Any) -> dict[bytes, Any]:
    about = {"BODY[]": b"Subject: x\r\n\r\nx", "RFC822.SIZE": 15, "INTERNALDATE": AT} | more
    return {name.encode(): value for name, value in about.items() if value is not ...}


FAR_EAST = datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))  # before the first instant that Python knows


@pytest.mark.parametrize("at", [None, ..., FAR_EAST], ids=["no date", "nothing", "the year 1"])
@pytest.mark.parametrize("size", [15, 100_000], ids=["small", "larger"])
def test_a_mail_without_a_date_of_arrival_arrives_now(at: Any, size: int) -> None:
    """It kept all mails of its mailbox from coming in, for ever."""
    kept, server = Kept(), Server({1: small(INTERNALDATE=at, **{"RFC822.SIZE": size}), 2: small()})
    session(server, kept).fetch_all(Event())
    assert kept.uids == {1: False, 2: False}
    assert sorted(server.moved) == [1, 2]


@pytest.mark.parametrize(
    "about",
    [
        small(**{"RFC822.SIZE": ...}),
        small(**{"RFC822.SIZE": LARGE, "BODY[]": None}),
        small(**{"RFC822.SIZE": LARGE, "BODY[]": ...}),
    ],
    ids=["no size", "no such thing", "nothing"],
)
def test_a_mail_that_a_server_does_not_give_is_held_after_three_tries(about: dict[bytes, Any]) -> None:
    kept, server = Kept(), Server({1: about, 2: small()})
    one = session(server, kept)
    for _ in range(TRIES + 1):
        one.fetch_all(Event())
    assert kept.uids == {1: True, 2: False}
    assert sorted(server.moved) == [1, 2]


def test_a_mail_that_somebody_deletes_while_it_is_fetched_is_not_kept_in_half() -> None:
    large = small(**{"RFC822.SIZE": LARGE, "BODY[]": b"x" * imap.CHUNK_BYTES})
    kept, server = Kept(), Server({1: large, 2: small()}, expunged_after=2)
    one = session(server, kept)
    for _ in range(TRIES + 1):
        one.fetch_all(Event())
    assert kept.pieces == [0, 1]
    assert kept.uids == {2: False}


def test_many_mails_are_moved_in_lines_that_a_server_reads() -> None:
    """As after a quota that was full for weeks: Dovecot reads no more than 11,000 numbers in a line, others fewer."""
    uids = range(1_000_000, 1_003_000)
    kept, server = Kept({*uids}), Server({uid: small() for uid in uids})
    one = session(server, kept)
    one.fetch_all(Event())
    assert one.unmoved == ""
    assert server.moved == [*uids]
    assert kept.mails == []


def test_a_return_path_is_kept_in_characters_that_every_database_takes() -> None:
    """PostgreSQL takes no NUL: one such mail kept all of its batch from being kept."""
    envelope = with_return_path(Envelope(None, (), AT, "x"), b"Return-Path: <a\0b@x.example>\r\nSubject: x\r\n\r\n")
    assert envelope.mail_from == "a?b@x.example"


class Estimating(Server):
    """Exchange: RFC822.SIZE is what it reckons, and the mail that it then makes is another size."""

    def fetch(self, uids: list[int], what: list[str]) -> dict[int, dict[bytes, Any]]:
        answers = super().fetch(uids, what)
        if "<" not in what[0]:
            return answers
        first, _, count = what[0].partition("<")[2].rstrip(">").partition(".")
        whole = {uid: about[b"BODY[]"] for uid, about in answers.items()}
        return {uid: {b"BODY[]<0>": octets[int(first) :][: int(count)] or self.end} for uid, octets in whole.items()}

    end: bytes | None = b""


@pytest.mark.parametrize("end", [b"", None], ids=["nothing", "NIL"])
@pytest.mark.parametrize("true_size", [LARGE - 7, LARGE, LARGE + imap.CHUNK_BYTES, LARGE + imap.CHUNK_BYTES + 7])
def test_a_mail_is_fetched_to_its_end_whatever_size_a_server_says(true_size: int, end: bytes | None) -> None:
    """What is behind that size was lost, and nobody told."""
    kept = Kept()
    server = Estimating({1: small(**{"RFC822.SIZE": LARGE, "BODY[]": b"x" * true_size}), 2: small()})
    server.end = end
    session(server, kept).fetch_all(Event())
    assert kept.uids == {1: False, 2: False}
    assert [mail.size_bytes for mail in kept.mails if mail.uid == 1] == [true_size]


def test_a_mail_without_end_is_held() -> None:
    kept = Kept()
    size = 2 * imap.CHUNK_BYTES
    server = Estimating({1: small(**{"RFC822.SIZE": size, "BODY[]": b"x" * (36_700_160 + 1)}), 2: small()})
    session(server, kept).fetch_all(Event())
    assert kept.uids == {1: True, 2: False}


def test_a_few_mails_with_large_numbers_are_found_at_once() -> None:
    """There are servers that number by the second, or all their users' mails together: each look took a search for
    every 20,000 numbers that there might have been."""
    kept, server = Kept(), Server({3_999_999_999: small(), 4_000_000_000: small()})
    one = session(server, kept)
    one.fetch_all(Event())
    one.fetch_all(Event())
    assert len(kept.uids) == 2
    assert server.searches == [2, 0]


def test_many_mails_are_asked_for_in_answers_that_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "UIDS_A_SEARCH", 20)
    kept, server = Kept(), Server({uid: small() for uid in range(1, 101)})
    one = session(server, kept)
    one.fetch_all(Event())
    one.fetch_all(Event())
    assert len(kept.uids) == 100
    assert max(server.searches) == 20


def test_a_mail_that_stays_where_it_was_is_moved_once() -> None:
    """In Google's "All Mail" it does, and where we may not delete: there was one copy more at each look."""

    class Stays(Server):
        def move(self, uids: list[int], _folder: str) -> None:
            self.moved += uids

    kept, server = Kept(), Stays({1: small(), 2: small()})
    one = session(server, kept)
    for _ in range(3):
        one.fetch_all(Event())
    server.about[3] = small()
    one.fetch_all(Event())
    assert server.moved == [1, 2, 3], "and what came since"
    assert one.unmoved == "to Done: the server lets them stand where they were, too"


def test_what_is_gone_is_forgotten_however_long_a_connection_lasts() -> None:
    """Some last for months: each mail that was ever moved was remembered."""
    kept, server = Kept(), Server({1: small(), 2: small()})
    one = session(server, kept)
    for uid in range(3, 50):
        one.fetch_all(Event())
        server.about[uid] = small()
    for _ in range(2):
        one.fetch_all(Event())
    assert len(kept.uids) == 49
    assert (one._kept, one._moves._gone) == (set(), set())


def test_whether_it_is_kept_is_asked_once_of_each_mail_that_is_there() -> None:
    """And of none that went years ago."""
    kept, server = Kept({1, 2, 3}), Server({2: small(), 4: small()})
    box = Mailbox("x", "x", 993, "implicit", lambda _: None)
    one = Session(server, box, kept, FetchTries())  # type: ignore[arg-type]
    for _ in range(2):
        one.fetch_all(Event())
    server.about[5] = small()
    one.fetch_all(Event())
    assert kept.asked == [[2, 4], [5]]
    assert kept.uids == {4: False, 5: False}
