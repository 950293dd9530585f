"""Where mails go in a mailbox, once they are kept: by MOVE (RFC 6851), else copied and expunged (RFC 4315)."""

import time
from collections.abc import Collection, Sequence

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from maild.inbound.account import BROKEN, Mailbox, spellings

UIDS_A_COMMAND = 500  # servers read 8 KB of a line, some more (RFC 7162 section 4)
AGAIN_SECONDS = 600.0  # after a server refused to move mails: its quota is full, the folder is another's


class Moves:
    """The folders of a mailbox to which mails are moved, by the names of its server; "" leaves mails where they are.

    A move that the server refuses ends nothing, nor does a folder that is not there and cannot be made: what comes in
    is worth more than a tidy mailbox.  The mails stay, `refused` says why, and it is tried again later.
    """

    def __init__(self, client: IMAPClient, mailbox: Mailbox, may_write: bool) -> None:
        self._client = client
        self._can_move = may_write and client.has_capability("MOVE")
        self._can_expunge = may_write and client.has_capability("UIDPLUS")
        self._not_before = 0.0  # by the monotonic clock
        self._gone: set[int] = set()  # what was moved
        self._stays = ""  # said about what is there all the same
        self.refused = "" if may_write or not mailbox.done else f"to {mailbox.done}: {mailbox.folder} may only be read"
        self.done = self._folder(mailbox.done)
        self.failed = self._folder(mailbox.failed)

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move mails, or copy and expunge just them; where neither is possible, their UIDs are remembered."""
        if not uids or not folder or time.monotonic() < self._not_before:
            return
        left = [uid for uid in uids if uid not in self._gone]
        if len(left) < len(uids):  # each time there would be one copy more
            self._stays = f"to {folder}: the server lets them stand where they were, too"
        try:
            for start in range(0, len(left), UIDS_A_COMMAND):
                self._move_some(left[start : start + UIDS_A_COMMAND], folder)
            self.refused = self._stays
        except BROKEN:
            raise
        except IMAPClientError as error:
            self.refused = f"to {folder}: {error}"
            self._not_before = time.monotonic() + AGAIN_SECONDS

    def forget_others(self, there: Collection[int]) -> None:
        """Remember of what was moved only what is there all the same: a connection may last for months."""
        self._gone.intersection_update(there)

    def _move_some(self, uids: Sequence[int], folder: str) -> None:
        try:
            self._moved(uids, folder)
        except IMAPClientError as error:
            if "[TRYCREATE]" not in str(error):
                raise
            self._client.create_folder(folder)  # somebody has deleted it
            self._moved(uids, folder)

    def _moved(self, uids: Sequence[int], folder: str) -> None:
        if self._can_move:
            self._client.move(list(uids), folder)
        elif self._can_expunge:
            self._client.copy(list(uids), folder)
            self._client.delete_messages(list(uids), silent=True)
            self._client.expunge(list(uids))
        self._gone.update(uids)

    def _folder(self, name: str) -> str:
        """Return a folder's name as this server writes it; made if it is not there."""
        if not name or not (self._can_move or self._can_expunge):
            return ""
        why = ""
        for candidate in spellings(self._client, name):
            try:
                if not self._client.folder_exists(candidate):
                    self._client.create_folder(candidate)
            except BROKEN:
                raise
            except IMAPClientError as error:
                why = str(error)
            else:
                return candidate
        self.refused = f"to {name}: it is not there and cannot be made: {why}"
        return ""
