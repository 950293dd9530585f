"""A mail to each queue's reply address, by the way that answers take: what `maild check --probe` says."""

import time
from collections.abc import Iterator
from functools import partial
from typing import Any

from sqlalchemy import Connection

from maild.chores import heartbeat
from maild.cli.connect import Tried
from maild.message import parse
from maild.opened import Opened, now_utc
from maild.outbound.compose import return_address
from maild.store import beats, intake, outbox
from maild.store.intake import Received
from maild.ticket.desk import Queue

LOOK_AMONG = 200  # of the newest mails
EVERY_SECONDS = 0.5
NO_SUBADDRESSES = (
    'if mail to {address} comes, what receives it knows no addresses with "+": have it take them, or write '
    "reply_address: none, and answers find their ticket by their thread alone"
)
REWRITTEN = "the mail servers on the way write another one: let them send as {address}, or write what they write"


def all_of(opened: Opened, seconds: float) -> Iterator[Tried]:
    """Send a probe for each queue, and say of each how it came back."""
    if opened.settings.outgoing.url.startswith("maildir:"):
        nowhere = f"mail that leaves is put into the folder {opened.settings.outgoing.url.removeprefix('maildir:')}"
        yield Tried("probes", "", nowhere, "name the server that sends in [outgoing] url")
        return
    queues = [one for one in opened.office.desk.queues.values() if one.reply_address != "none"]
    live = [one for one in queues if one.mode == "live"]  # the others' mails do not leave
    sent = [
        opened.store.write(partial(heartbeat.probe, office=opened.office, queue=one, now=now_utc())) for one in live
    ]
    until = time.monotonic() + seconds
    for queue, number in zip(live, sent, strict=True):
        yield _came_to(opened, queue, number, until)


def _came_to(opened: Opened, queue: Queue, number: int, until: float) -> Tried:
    """Wait for a probe; say what became of it."""
    what = f"probe of the queue {queue.key} ({queue.reply_address})"
    while opened.store.read(partial(beats.has_returned, probe=number)) is None:
        row = opened.store.read(partial(outbox.get, number=number))
        if row.state == "failed" or time.monotonic() > until:
            return _missing(what, queue, row)
        time.sleep(EVERY_SECONDS)
    row, found = opened.store.read(partial(_both, number=number))
    if found is None:
        return Tried(what, "it came back, and is too far back by now to be looked at")
    changed = dict(_changed(opened, queue, row, found))
    if not changed:
        return Tried(what, "it came back to its address, From field and return address as they were")
    wrong = "; ".join(f"{name} came back as {value}" for name, value in changed.items())
    return Tried(what, "", wrong, REWRITTEN.format(address=queue.address))


def _missing(what: str, queue: Queue, row: Any) -> Tried:
    said = " ".join(row.replies.split())[-300:]
    if row.state == "sent":
        return Tried(what, "", "it left and has not come back", NO_SUBADDRESSES.format(address=queue.address))
    if row.state == "failed":
        return Tried(what, "", f"it could not be delivered: {said}", NO_SUBADDRESSES.format(address=queue.address))
    return Tried(what, "", f"it has not left: {said or 'nothing was tried'}", "see whether `maild serve` is running")


def _both(connection: Connection, number: int) -> tuple[Any, Received | None]:
    """Return a probe as it left and as it came."""
    row = outbox.get(connection, number)
    mails = intake.newest(connection, LOOK_AMONG)
    naming = (one for one in mails if row.message_id.encode() in one.raw)  # a report on it does so too
    return row, next((one for one in naming if parse.parse(one.raw).message_id == row.message_id), None)


def _changed(opened: Opened, queue: Queue, row: Any, came: Received) -> Iterator[tuple[str, str]]:
    """Tell what is not as it left."""
    message = parse.parse(came.raw)
    if message.sender.address.lower() != queue.address.lower():
        yield "the From field", message.sender.address or "nobody"
    left_with = return_address(opened.office.house.keys, queue.return_pattern, row.id, row.created_at.date())
    if came.envelope.mail_from is not None and came.envelope.mail_from.lower() != left_with.lower():
        yield "the return address", came.envelope.mail_from or "<>"
