"""Servers that answer nonsense, or not at all, about one mail: the others come in, and that one is held."""

import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Event
from typing import Any

import pytest
from imapclient.exceptions import IMAPClientError

from maild.inbound import imap
from maild.inbound.account import Mailbox
from maild.inbound.fetch_tries import ILL_SECONDS, TRIES, FetchTries
from maild.inbound.imap import Fetched, Session

BAD, GOOD = 1, 2
AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
Answer = dict[bytes, Any]


class Kept:
    """A keeper with all that it was given to keep."""

    def __init__(self) -> None:
        self.mails: list[Fetched] = []

    def begin(self, uidvalidity: int) -> None:
        pass

    def kept(self, uids: Sequence[int]) -> set[int]:
        return {mail.uid for mail in self.mails}.intersection(uids)

    def is_first(self) -> bool:
        return False

    def shown(self, uids: Sequence[int]) -> None:
        pass

    def piece(self, transfer: str, sequence: int, data: bytes) -> None:
        pass

    def keep(self, mails: Sequence[Fetched]) -> Callable[[], None]:
        self.mails += mails
        return lambda: None


class Client:
    """What a session needs of a connection; `answers` is asked for what a mail is, by what was asked of it."""

    def __init__(self, size: int, answers: Callable[[str, Answer], Answer]) -> None:
        self._size, self._answers = size, answers

    def has_capability(self, _name: str) -> bool:
        return False

    def select_folder(self, _name: str) -> Answer:
        return {b"UIDVALIDITY": 7, b"UIDNEXT": 3}

    def search(self, criteria: Sequence[object]) -> list[int]:
        return ([BAD] if self._size > imap.SMALL_BYTES else []) if "LARGER" in criteria else [BAD, GOOD]

    def fetch(self, uids: Sequence[int], what: Sequence[str]) -> dict[int, Answer]:
        whole = {b"INTERNALDATE": AT, b"RFC822.SIZE": self._size, b"BODY[]": b"x", b"BODY[]<0>": b"x" * self._size}
        found = {uid: self._answers(what[-1], whole) if uid == BAD else whole for uid in uids}
        return {uid: answer for uid, answer in found.items() if answer}


def unreadable(_what: str, _whole: Answer) -> Answer:
    raise ValueError("time data '31-Feb-2026' does not match")


def hangs(_what: str, _whole: Answer) -> Answer:
    raise TimeoutError("timed out")


def without(*keys: bytes) -> Callable[[str, Answer], Answer]:
    return lambda _what, whole: {key: value for key, value in whole.items() if key not in keys}


def without_pieces(what: str, whole: Answer) -> Answer:
    return {} if what.startswith("BODY") else whole


def fetch(client: Client, keeper: Kept, tries: FetchTries, sessions: int) -> None:
    """Open the mailbox so many times; what goes wrong ends a session."""
    mailbox = Mailbox("support", "imap.example", 993, "implicit", lambda _client: None)
    for _ in range(sessions):
        with contextlib.suppress(IMAPClientError, OSError):
            Session(client, mailbox, keeper, tries).fetch_all(Event())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("size", "answers"),
    [
        (100, unreadable),
        (100, hangs),
        (100_000, without(b"RFC822.SIZE")),
        (2_000_000, without_pieces),
        (2_000_000, without(b"BODY[]", b"BODY[]<0>")),
    ],
)
def test_a_mail_of_which_the_server_says_nonsense_is_held_and_hinders_no_other(
    size: int, answers: Callable[[str, Answer], Answer]
) -> None:
    """Else such a mail would end each session, for ever, and all that came later would lie there."""
    keeper = Kept()
    fetch(Client(size, answers), keeper, FetchTries(), TRIES + 2)
    assert {mail.uid: bool(mail.hold) for mail in keeper.mails} == {BAD: True, GOOD: False}


class Ill(Client):
    """A server that gives no mail at all, as where its storage is away."""

    def __init__(self, mails: int, says: str) -> None:
        super().__init__(100, unreadable)
        self.mails, self.says = mails, says

    def search(self, criteria: Sequence[object]) -> list[int]:
        return [] if "LARGER" in criteria else [*range(1, self.mails + 1)]

    def fetch(self, uids: Sequence[int], what: Sequence[str]) -> dict[int, Answer]:
        raise IMAPClientError(f"fetch failed: {self.says}")


@pytest.mark.parametrize(
    ("mails", "says"),
    [
        (20, "[SERVERBUG] Internal error occurred."),
        (1, "[SERVERBUG] Internal error occurred."),
        (1, "[UNAVAILABLE] Temporary System Error"),
        (1, "[OVERQUOTA] Account exceeded command or bandwidth limits."),
        (1, "UID command error: BAD [b'Request is throttled. Suggested Backoff Time: 201317 milliseconds']"),
        (1, "Server Unavailable. 15"),
        (1, "UID command error: BAD [b'User is authenticated but not connected.']"),
    ],
)
def test_while_a_server_gives_nothing_no_mail_is_blamed(mails: int, says: str) -> None:
    """One after the other was held, as the mail that breaks the connection, until the server was well again."""
    keeper, tries = Kept(), FetchTries()
    fetch(Ill(mails, says), keeper, tries, 3 * TRIES)
    assert keeper.mails == []
    fetch(Client(100, lambda _what, whole: whole), keeper, tries, 1)
    assert {mail.uid: mail.hold for mail in keeper.mails} == {BAD: "", GOOD: ""}


def test_a_mail_that_is_alone_is_blamed_when_no_server_would_be_ill_for_so_long() -> None:
    """One new mail is what most mailboxes have: after half a minute without a storage it was held, without its text."""
    now = [0.0]
    keeper, tries = Kept(), FetchTries(lambda: now[0])
    for now[0] in (0.0, 5.0, 15.0, 35.0, 75.0, ILL_SECONDS):
        fetch(Ill(1, "[SERVERBUG] Internal error occurred."), keeper, tries, 1)
        assert keeper.mails == []
    now[0] += 1
    fetch(Ill(1, "[SERVERBUG] Internal error occurred."), keeper, tries, 1)
    assert [mail.hold for mail in keeper.mails] == ["it could not be fetched, 6 times"]


def test_a_server_that_was_ill_and_is_well_again_blames_no_mail_for_that() -> None:
    keeper, tries = Kept(), FetchTries()
    fetch(Ill(2, "[SERVERBUG] Internal error occurred."), keeper, tries, 5 * TRIES)
    fetch(Client(100, lambda _what, whole: whole), keeper, tries, 1)
    assert {mail.uid: mail.hold for mail in keeper.mails} == {BAD: "", GOOD: ""}
