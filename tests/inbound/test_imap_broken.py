"""Servers that go away or let nobody in for now are told from those that refuse us."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from maild.inbound import account
from maild.inbound.account import Login, Mailbox, Refused, connected, password_login, token_login

Answers = Callable[[str], bytes]  # a command to what is said to it, {tag} for its tag
HANGS_UP = b""


class Server:
    """One connection after the other; what it hears stands in `heard`, a line each, and "" where the client left."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
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
                    client.sendall(b"* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] ready\r\n")
                    for line in lines:
                        tag, _, command = line.decode().strip().partition(" ")
                        self.heard.append(command or tag)
                        answer = self._answers(command)
                        if answer is HANGS_UP:
                            break
                        client.sendall(answer.replace(b"{tag}", tag.encode()))
                    self.heard.append("")


def letting_in(answer: bytes) -> Answers:
    return lambda command: answer if command.startswith(("LOGIN", "AUTHENTICATE")) else b"{tag} OK done\r\n"


@contextlib.contextmanager
def serving(answers: Answers, login: Login) -> Iterator[tuple[Server, Mailbox]]:
    server = Server(answers)
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
        until = time.monotonic() + 5
        while server.heard[-1] != "" and time.monotonic() < until:
            time.sleep(0.01)
        assert server.heard[-1] == "", "the connection is closed"
