"""Run maild, and die with SIGKILL at a chosen step: `python -m tests.crash STEP NTH verb …`.

Steps are functions of the program, wrapped from outside; `before:` and `after:` say on which side of the
call the process dies, NTH at which call.
"""

import asyncio
import functools
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import maild.delivery
import maild.inbound.imap
import maild.mailboxes
import maild.outbound.maildir
import maild.pipeline
import maild.reception
import maild.store.write
from tests.hasty import hurry

PLACES: dict[str, tuple[Any, str]] = {
    "accept": (maild.reception.Reception, "_kept"),  # a mail has arrived … is durable, and 250 not yet said
    "commit": (maild.store.write._Writer, "_transact"),  # works begin … are durable
    "claim": (maild.pipeline.Pipeline, "_claim"),
    "file": (maild.pipeline.Pipeline, "_file"),
    "shown": (maild.mailboxes._Kept, "shown"),  # a mailbox's mails are counted … and not fetched
    "keep": (maild.mailboxes._Kept, "keep"),
    "move": (maild.inbound.imap.Session, "_move"),
    "send": (maild.outbound.maildir.MaildirSender, "send"),  # a mail is to leave … has left, and is not settled
    "settle": (maild.delivery.Delivery, "_settle"),
}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def wrapped(function: Callable[..., Any], side: str, nth: int) -> Callable[..., Any]:
    calls = 0

    def is_the_one() -> bool:
        nonlocal calls
        calls += 1
        return calls == nth

    if asyncio.iscoroutinefunction(function):

        @functools.wraps(function)
        async def later(*args: Any, **named: Any) -> Any:
            now = is_the_one()
            if now and side == "before":
                die()
            result = await function(*args, **named)
            if now:
                die()
            return result

        return later

    @functools.wraps(function)
    def at_once(*args: Any, **named: Any) -> Any:
        now = is_the_one()
        if now and side == "before":
            die()
        result = function(*args, **named)
        if now:
            die()
        return result

    return at_once


def main() -> None:
    side, _, step = sys.argv[1].partition(":")
    owner, name = PLACES[step]
    setattr(owner, name, wrapped(getattr(owner, name), side, int(sys.argv[2])))
    sys.argv = ["maild", *sys.argv[3:]]
    hurry()
    from maild.cli import main as maild_main

    maild_main()


if __name__ == "__main__":
    main()
