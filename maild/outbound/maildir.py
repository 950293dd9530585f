"""Into a Maildir instead of to a server: for trying out, for tests, and where something else sends."""

import asyncio
import itertools
import os
import socket
import time
from pathlib import Path

from maild.outbound.outcome import Deferred, Outcome, Sent
from maild.system.durable import sync_folder

_number = itertools.count(1)


class MaildirSender:
    """Delivers every mail into one Maildir; the envelope is on top, as a final delivery would write it."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    async def send(self, sender: str, recipient: str, raw: bytes, smtputf8: bool = False) -> Outcome:
        """Keep the mail durably; the file is whole once it is in new/."""
        try:
            name = await asyncio.to_thread(self._deliver, _envelope(sender, recipient) + raw)
        except OSError as error:  # a full disk, a missing right: it may pass
            return Deferred(f"{self.path}: {error.strerror or error}")
        return Sent(f"250 2.0.0 {name}")

    async def close(self) -> None:
        return None

    def _deliver(self, content: bytes) -> str:
        """Write to tmp/, sync, move to new/, sync the folder (maildir(5))."""
        for folder in ("tmp", "new", "cur"):
            (self.path / folder).mkdir(parents=True, exist_ok=True)
        name = _unique_name()
        written, kept = self.path / "tmp" / name, self.path / "new" / name
        try:
            with written.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            written.rename(kept)
        except OSError:
            written.unlink(missing_ok=True)
            raise
        sync_folder(kept.parent)
        return name


def _unique_name() -> str:
    """Return a name that no other process of any host makes; names sort by their time."""
    nanoseconds = time.time_ns()
    host = socket.gethostname().replace("/", "\\057").replace(":", "\\072")
    return f"{nanoseconds // 10**9}.M{nanoseconds // 1000 % 10**6:06}P{os.getpid()}Q{next(_number)}.{host}"


def _envelope(sender: str, recipient: str) -> bytes:
    lines = f"Return-Path: <{_one_line(sender)}>\r\nDelivered-To: {_one_line(recipient)}\r\n"
    return lines.encode(errors="replace")


def _one_line(address: str) -> str:
    return "".join(c for c in address if c.isprintable())
