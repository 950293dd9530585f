"""Where mails go in a mailbox, once they are kept: by MOVE (RFC 6851), else copied and expunged (RFC 4315)."""

import contextlib
import time
from collections.abc import Sequence

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from maild.inbound.account import BROKEN, Mailbox

UIDS_A_COMMAND = 500  # servers read 8 KB of a line, some more (RFC 7162 section 4)
AGAIN_SECONDS = 600.0  # after a server refused to move mails: its quota is full, the folder is another's


class Moves:
    """The folders of a mailbox to which mails are moved, by the names of its server; "" leaves mails where they are.

    A move that the server refuses ends nothing: the mails stay, `refused` says why, and it is tried again later.

    Raises:
        IMAPClientError: a folder is not there and cannot be made.
    """

    def __init__(self, client: IMAPClient, mailbox: Mailbox) -> None:
        self._client = client
        self._can_move = client.has_capability("MOVE")
        self._can_expunge = client.has_capability("UIDPLUS")
        self._not_before = 0.0  # by the monotonic clock
        self.refused = ""
        self.done = self._folder(mailbox.done)
        self.failed = self._folder(mailbox.failed)

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move mails, or copy and expunge just them; where neither is possible, their UIDs are remembered."""
        if not uids or not folder or time.monotonic() < self._not_before:
            return
        try:
            for start in range(0, len(uids), UIDS_A_COMMAND):
                self._move_some(uids[start : start + UIDS_A_COMMAND], folder)
            self.refused = ""
        except BROKEN:
            raise
        except IMAPClientError as error:  # what comes in is worth more than a tidy mailbox
            self.refused = f"to {folder}: {error}"
            self._not_before = time.monotonic() + AGAIN_SECONDS

    def _move_some(self, uids: Sequence[int], folder: str) -> None:
        if self._can_move:
            self._client.move(list(uids), folder)
        elif self._can_expunge:
            self._client.copy(list(uids), folder)
            self._client.delete_messages(list(uids), silent=True)
            self._client.expunge(list(uids))

    def _folder(self, name: str) -> str:
        """Return a folder's name as this server writes it; made if it is not there."""
        if not name or not (self._can_move or self._can_expunge):
            return ""
        ((_, delimiter, _), *_) = self._client.list_folders("", "") or [((), b"/", "")]
        written = name.replace("/", (delimiter or b"/").decode())
        for candidate in (written, f"INBOX{(delimiter or b'/').decode()}{written}"):
            with contextlib.suppress(IMAPClientError):
                if not self._client.folder_exists(candidate):
                    self._client.create_folder(candidate)
                return candidate
        raise IMAPClientError(f"the folder {name} is not there and cannot be made")
