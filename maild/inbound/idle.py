"""Wait for new mail in a folder: by IDLE, where the server has it (RFC 2177), else for a while."""

import imaplib
import time
from threading import Event

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from maild.inbound.account import BROKEN, READ_SECONDS, Mailbox

IDLE_SECONDS = 540.0  # below the 29 minutes of RFC 2177 section 3, and below what NATs forget


class Gone(ConnectionError):
    """The connection came to its end while we waited, and nothing was left to fetch: a new one shows if it is trouble.

    Servers end it every half an hour (Exchange) or with the token of the log-in (Google), and networks as they like.
    """


class Watch:
    """One folder that is open, and watched."""

    def __init__(self, client: IMAPClient, mailbox: Mailbox) -> None:
        self._client = client
        self._poll_seconds = mailbox.poll_seconds
        self._idles = mailbox.idle and client.has_capability("IDLE")

    def wait(self, stop: Event) -> None:
        """Return when something has come, the time to look again has, or `stop` is set.

        Raises:
            Gone: the connection cannot be used any more.
        """
        try:
            if self._begin_to_idle():
                self._idle(stop)
            else:
                stop.wait(self._poll_seconds)
                self._client.noop()
        except Exception as error:  # half a line, a reply to nothing: imapclient says it in many ways
            raise Gone(f"{type(error).__name__}: {error}") from error

    def _begin_to_idle(self) -> bool:
        """Say IDLE; a server that offers it and will not is asked now and then."""
        try:
            if self._idles:
                self._client.idle()
        except BROKEN:
            raise
        except IMAPClientError as error:
            if "b'* " in str(error):  # Exchange tells of new mail first: where its "+" will come is not known any more
                raise
            self._idles = False
        return self._idles

    def _idle(self, stop: Event) -> None:
        until = time.monotonic() + min(self._poll_seconds, IDLE_SECONDS)
        told = _heard_at_once(self._client)
        while not told and not stop.is_set() and time.monotonic() < until:
            asked = time.monotonic()
            answers = self._client.idle_check(timeout=1)
            if not answers and time.monotonic() - asked < 0.5:
                raise Gone("the connection ended")  # idle_check swallows the end of the stream
            if any(answer[0] == b"BYE" for answer in answers):
                raise Gone("the server said BYE")
            told = any(len(answer) > 1 and answer[1] in (b"EXISTS", b"RECENT") for answer in answers)
        self._client.idle_done()


def _heard_at_once(client: IMAPClient) -> bool:
    """Tell whether a server told of mail in one breath with the "+" to our IDLE, as Dovecot does of what came before.

    That was read together with it, and `idle_check` waits for what is still to be read.
    """
    told, sock = False, client.socket()
    sock.setblocking(False)  # what is not there already is not waited for
    try:
        while True:
            line: bytes = client._imap._get_line()
            if not line.startswith(b"* "):
                raise imaplib.IMAP4.abort(f"no answer to IDLE: {line[:80]!r}")
            told |= line.endswith((b" EXISTS", b" RECENT"))
    except imaplib.IMAP4.abort as error:
        if "EOF" not in str(error):  # which it says where there is nothing
            raise
    except OSError:  # under TLS
        pass
    finally:
        sock.settimeout(READ_SECONDS)
    return told
