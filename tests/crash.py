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

import maild.attempts
import maild.inbound.moves
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
    "move": (maild.inbound.moves.Moves, "move"),
    "send": (maild.outbound.maildir.MaildirSender, "send"),  # a mail is to leave … has left, and is not settled
    "settle": (maild.attempts, "settle"),
}


def wrapped(function: Callable[..., Any], side: str, nth: int) -> Callable[..., Any]:
    """Return a function that dies; after a claim only where it found something, or nothing would be in hand."""
    calls = 0
    seeks = function.__name__ == "_claim"

    def die_if_it_is_the_one() -> None:
        nonlocal calls
        calls += 1
        if calls == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    if asyncio.iscoroutinefunction(function):

        @functools.wraps(function)
        async def later(*args: Any, **named: Any) -> Any:
            if side == "before":
                die_if_it_is_the_one()
            result = await function(*args, **named)
            if side == "after":
                die_if_it_is_the_one()
            return result

        return later

    @functools.wraps(function)
    def at_once(*args: Any, **named: Any) -> Any:
        if side == "before":
            die_if_it_is_the_one()
        result = function(*args, **named)
        if side == "after" and (result or not seeks):
            die_if_it_is_the_one()
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
