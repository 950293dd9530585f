"""Servers that go away or let nobody in for now are told from those that refuse us."""

import contextlib
import socket
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator

import pytest

from maild.inbound import account
from maild.inbound.account import Login, Mailbox, Refused, connected, password_login, token_login

Answers = Callable[[str], bytes]  # a command to what is said to it, {tag} for its tag; "" for a line that is none


class Last(bytes):
    """Is said, and then the server hangs up."""


HANGS_UP = Last()


class Server:
    """One connection after the other; what it hears stands in `heard`, a line each, and "" where the client left."""

    def __init__(self, answers: Answers, can: bytes = b"AUTH=XOAUTH2") -> None:
        self._answers = answers
        self._can = can
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.heard: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                with client, client.makefile("rb") as lines:
                    client.sendall(b"* OK [CAPABILITY IMAP4rev1 %s] ready\r\n" % self._can)
                    tag = ""
                    for line in lines:
                        word, _, command = line.decode().strip().partition(" ")
                        self.heard.append(command or word)
                        tag = word if command else tag
                        answer = self._answers(command)
                        client.sendall(answer.replace(b"{tag}", tag.encode()))
                        if isinstance(answer, Last):
                            break
                    self.heard.append("")


def letting_in(answer: bytes) -> Answers:
    return lambda command: answer if command.startswith(("LOGIN", "AUTHENTICATE")) else b"{tag} OK done\r\n"


@contextlib.contextmanager
def serving(answers: Answers, login: Login, can: bytes = b"AUTH=XOAUTH2") -> Iterator[tuple[Server, Mailbox]]:
    server = Server(answers, can)
    try:
        yield server, Mailbox("support", "127.0.0.1", server.port, "none", login)
    finally:
        server.close()


@pytest.mark.parametrize("by", ["password", "token"])
@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        (b"{tag} NO [AUTHENTICATIONFAILED] Authentication failed.\r\n", True),
        (b"{tag} NO LOGIN failed.\r\n", True),
        (b"{tag} NO [UNAVAILABLE] Temporary authentication failure.\r\n", False),
        (b"{tag} NO [INUSE] Another session has it.\r\n", False),
        (b"{tag} NO [LIMIT] Too many connections.\r\n", False),
        (b"* BYE restarting\r\n", False),
        (HANGS_UP, False),
    ],
)
def test_a_server_that_lets_nobody_in_for_now_does_not_refuse_us(answer: bytes, refused: bool, by: str) -> None:
    """After a refusal maild waits five minutes, for servers lock out those who hammer (RFC 5530 section 3)."""
    discarded = list[bool]()
    login = {
        "password": password_login("support", lambda: "secret"),
        "token": token_login("support", lambda: "a token", lambda: discarded.append(True)),
    }[by]
    with serving(letting_in(answer), login) as (server, mailbox):
        with pytest.raises(account.TROUBLE) as trouble:
            connected(mailbox)
        assert isinstance(trouble.value, Refused) is refused
        assert bool(discarded) is (refused and by == "token"), "a token is good until it is refused"
        until = time.monotonic() + 30
        while server.heard[-1] != "" and time.monotonic() < until:
            time.sleep(0.01)
        assert server.heard[-1] == "", "the connection is closed"


def by_plain(command: str) -> bytes:
    return b"+ \r\n" if command == "AUTHENTICATE PLAIN" else b"{tag} OK done\r\n"


@pytest.mark.parametrize(
    ("can", "password", "said"),
    [
        (b"AUTH=PLAIN", "secret", 'LOGIN support "secret"'),
        (b"AUTH=PLAIN LOGINDISABLED", "secret", "AHN1cHBvcnQAc2VjcmV0"),
        (b"AUTH=PLAIN", "gaļa", "AHN1cHBvcnQAZ2HEvGE="),
        (b"LOGINDISABLED", "secret", "use tls"),
        (b"", "gaļa", "ASCII"),
    ],
)
def test_a_password_is_said_as_the_server_takes_it(can: bytes, password: str, said: str) -> None:
    """LOGIN takes ASCII alone, and some servers take no LOGIN (RFC 9051 sections 6.2.3 and 9)."""
    with serving(by_plain, password_login("support", lambda: password), can) as (server, mailbox):
        if can.startswith(b"AUTH"):
            connected(mailbox).shutdown()
            assert said in server.heard
        else:
            with pytest.raises(Refused, match=said):
                connected(mailbox)


def test_a_server_that_lets_in_by_tokens_alone_is_told_the_token() -> None:
    """That it takes no LOGIN says nothing of AUTHENTICATE."""
    answers = {"AUTHENTICATE XOAUTH2": b"+ \r\n"}
    login = token_login("support", lambda: "a token", lambda: None)
    can = b"AUTH=XOAUTH2 LOGINDISABLED"
    with serving(lambda said: answers.get(said, b"{tag} OK done\r\n"), login, can) as (_, mailbox):
        connected(mailbox).shutdown()


def test_a_token_that_was_withdrawn_is_replaced_at_once() -> None:
    """The mailbox was left alone for five minutes, and its operator alarmed, for a token that ended before its time."""
    tokens = ["old", "new"]
    said = list[str]()

    def answers(command: str) -> bytes:
        if command == "AUTHENTICATE XOAUTH2":
            return b"+ \r\n"
        if command:
            return b"{tag} OK done\r\n"
        said.append(server.heard[-1])
        return b"{tag} NO [AUTHENTICATIONFAILED] expired\r\n" if len(said) == 1 else b"{tag} OK done\r\n"

    login = token_login("support", lambda: tokens[0], lambda: tokens.remove("old"))
    with serving(answers, login) as (server, mailbox):
        connected(mailbox).shutdown()
    assert [b64decode(one).split(b"\x01")[1] for one in said] == [b"auth=Bearer old", b"auth=Bearer new"]
