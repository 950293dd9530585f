"""How processes are begun: as forks of one that has loaded all that they need and does nothing else."""

import multiprocessing
import multiprocessing.forkserver
from multiprocessing.context import ForkServerContext


def context() -> ForkServerContext:
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["maild.clerk"])
    return found


def load_beside() -> None:
    """Begin that one process now: it loads what it needs while this one loads what is needed here."""
    context()
    multiprocessing.forkserver.ensure_running()
