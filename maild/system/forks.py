"""How worker processes start: as forks of one that has loaded all that they need and does nothing else."""

import multiprocessing
import multiprocessing.forkserver
import multiprocessing.resource_tracker
import signal
from multiprocessing.context import ForkServerContext


def context() -> ForkServerContext:
    """Return what begins processes by forking the one that has loaded what drafts mails."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["maild.deciding.drafting"])
    return found


def load_beside() -> None:
    """Begin that one process now: it loads what it needs while this one loads what is needed here.

    A Ctrl-C reaches it, too, and is for this one alone: it would end while loading, with a traceback.
    """
    context()
    multiprocessing.resource_tracker.ensure_running()  # it would lift the block
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # is inherited; one that comes now waits
    try:
        multiprocessing.forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
