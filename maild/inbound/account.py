"""An account at an IMAP server: connect, log in, and look what is there (RFC 9051 sections 6.2 and 6.3.2)."""

import contextlib
import imaplib
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

CONNECT_SECONDS, READ_SECONDS = 15.0, 60.0
BROKEN = (imaplib.IMAP4.abort, OSError, ssl.SSLError)  # the connection is gone; imapclient has no common name for it

# RFC 5530 section 3; Google's quotas of an hour; and Exchange, which has no codes.
_NOT_NOW = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|LIMIT|OVERQUOTA|THROTTLED)\]|request is throttled|server unavailable|not connected",
    re.IGNORECASE,
)

Login = Callable[[IMAPClient], None]


class Refused(Exception):
    """The server does not let us in; trying often would lock us out."""


class OldMail(Exception):
    """Much lies in a folder at the first look that is not new, and nobody has said what is to become of it."""


TROUBLE = (Refused, OldMail, IMAPClientError, OSError)  # what may be wrong with a server


@dataclass(frozen=True, slots=True)
class Mailbox:
    """What is fetched, and what becomes of it there.

    done and failed are folders; "" leaves mails where they are.  Older mail than import_before is imported.
    """

    name: str
    host: str
    port: int
    tls: str  # implicit, starttls or none
    login: Login
    folder: str = "INBOX"
    done: str = ""
    failed: str = ""
    idle: bool = True
    poll_seconds: float = 60.0
    import_before: date | None = None
    largest_bytes: int = 36_700_160
    junk: bool = False

    @property
    def title(self) -> str:
        """What operators know it by; an account's junk is a separate mailbox."""
        return f"{self.name} ({self.folder})" if self.junk else self.name


def connected(mailbox: Mailbox) -> IMAPClient:
    """Connect and log in.

    Raises:
        Refused: the log-in is wrong, or the server will not have us.
        OSError, IMAPClientError: the server cannot be reached or does not behave.
    """
    timeout = SocketTimeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    context = ssl.create_default_context()
    client = IMAPClient(mailbox.host, mailbox.port, ssl=mailbox.tls == "implicit", ssl_context=context, timeout=timeout)
    client.normalise_times = False
    try:
        if mailbox.tls == "starttls":
            client.starttls(context)
        mailbox.login(client)
    except BaseException as error:
        cut_off(client)
        if isinstance(error, LoginError):
            raise _not_let_in(error) from error
        raise
    return client


def selected(client: IMAPClient, folder: str, readonly: bool = False) -> tuple[Mapping[bytes, Any], bool]:
    """Open a folder; return what the server says about it, and whether mails may be moved out of it.

    One that is not there by its name may be by another spelling of it.
    """
    try:
        return _selected(client, folder, readonly)
    except IMAPClientError as error:
        if isinstance(error, BROKEN) or is_for_now(str(error)):
            raise
        name = next((one for one in spellings(client, folder) if one != folder and client.folder_exists(one)), None)
        if name is None:
            raise
    return _selected(client, name, readonly)


def _selected(client: IMAPClient, name: str, readonly: bool) -> tuple[Mapping[bytes, Any], bool]:
    if not readonly:
        try:
            return client.select_folder(name), True
        except client.ReadOnlyError:
            pass
    return client.select_folder(name, readonly=True), False


def spellings(client: IMAPClient, name: str) -> tuple[str, str]:
    """Return how a server may write a folder's name: with its own mark between levels, and below its INBOX."""
    ((_, delimiter, _), *_) = client.list_folders("", "") or [((), b"/", "")]
    between = (delimiter or b"/").decode()
    written = name.replace("/", between)
    return written, f"INBOX{between}{written}"


def cut_off(client: IMAPClient) -> None:
    """End a connection on which a good-bye would not be heard, or its answer be waited for in vain."""
    with contextlib.suppress(*BROKEN, IMAPClientError):
        client.shutdown()


def logged_out(client: IMAPClient) -> None:
    """Say good-bye; a server that is gone already need not hear it."""
    with contextlib.suppress(*BROKEN, IMAPClientError):
        client.logout()


def _not_let_in(error: LoginError, more: str = "") -> Exception:
    """Return what a failed log-in says: of us, or only of the server as it is now."""
    words = f"{_words(error)} {more}".strip()
    for_now = isinstance(error.__context__, imaplib.IMAP4.abort) or is_for_now(words) or "[SERVERBUG]" in words
    return ConnectionError(words) if for_now else Refused(words)


def is_for_now(words: str) -> bool:
    """Tell whether a server says that it cannot just now, whatever it was asked."""
    return bool(_NOT_NOW.search(words))


def _words(error: LoginError) -> str:
    """Return a server's words, which imaplib tells as Python writes bytes."""
    return re.sub(r"""^b(['"])(.*)\1$""", r"\2", str(error))


def password_login(user: str, password: Callable[[], str]) -> Login:
    """Return a log-in with a password, which is asked for each time: it may have been changed."""

    def login(client: IMAPClient) -> None:
        secret = password()
        disabled = client.has_capability("LOGINDISABLED")
        if not disabled and f"{user}{secret}".isascii():
            client.login(user, secret)
        elif client.has_capability("AUTH=PLAIN"):
            client.plain_login(user, secret)  # which alone takes every letter (RFC 4616)
        elif disabled:
            raise Refused("the server allows no log-in on this connection; use tls")
        else:
            raise Refused("the server takes no user and password but in ASCII")

    return login


def token_login(user: str, access: Callable[[], str], refused: Callable[[], None]) -> Login:
    """Return a log-in by SASL XOAUTH2: the token once; to the server's account of what is wrong with it, nothing.

    Args:
        access: gives the token.
        refused: is called when it was not taken; the next one should be a new one, and is tried at once.
    """

    def login(client: IMAPClient) -> None:
        token = access()
        try:
            _say_token(client, user, token)
        except Refused:  # withdrawn before its end, as after a change of the password
            refused()
            _say_token(client, user, access())

    return login


def _say_token(client: IMAPClient, user: str, token: str) -> None:
    challenges: list[bytes] = []

    def answer(challenge: bytes) -> bytes:
        challenges.append(challenge)
        return f"user={user}\x01auth=Bearer {token}\x01\x01".encode() if len(challenges) == 1 else b""

    try:
        client.sasl_login("XOAUTH2", answer)
    except LoginError as error:
        raise _not_let_in(error, b" ".join(challenges[1:]).decode("utf-8", "replace")) from None


@dataclass(frozen=True, slots=True)
class About:
    """What a server can do, and how many mails a folder holds."""

    mails: int
    idles: bool
    moves: bool


def probe(mailbox: Mailbox) -> About:
    """Log in and look, and change nothing.

    Raises:
        Refused, OSError, IMAPClientError: what is wrong.
    """
    client = connected(mailbox)
    try:
        status, _ = selected(client, mailbox.folder, readonly=True)
        moves = client.has_capability("MOVE") or client.has_capability("UIDPLUS")
        return About(int(status[b"EXISTS"]), client.has_capability("IDLE"), moves)
    finally:
        logged_out(client)
