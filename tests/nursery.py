"""Processes of maild for tests, as forks of one that has loaded it: loading takes longer than all else that most do.

Each has a keeper, who begins it, waits for it, and says how it ended; for `Process` is no parent of theirs.
"""

import contextlib
import functools
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

LARGEST_ORDER = 262_144  # bytes: a program's words and its environment
LOADED = (
    "maild.daemon",
    "maild.cli.serve",
    "maild.inbound.imap",
    "maild.outbound.smtp",
    "maild.identity.oauth",
    "psycopg",
)


class Process:
    """What a test does with a process, in the words of subprocess.Popen."""

    def __init__(
        self, program: Sequence[str], stdout: IO[bytes], stderr: IO[bytes], stdin: IO[bytes] | None = None
    ) -> None:
        """Begin `python -m` a program with its arguments, as this process would: its folder, its environment."""
        told, tells = os.pipe()
        order = {"argv": [*program], "cwd": os.getcwd(), "environ": dict(os.environ)}
        with Path(os.devnull).open("rb") as nothing:
            standard = [one.fileno() for one in (stdin or nothing, stdout, stderr)]
            socket.send_fds(_nursery(), [json.dumps(order).encode()], [*standard, tells])
        os.close(tells)
        self._told = os.fdopen(told, "rb", buffering=0)
        self.returncode: int | None = None
        self.pid = int(self._told.readline())

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("maild", timeout or 0)
            self.returncode = int(self._told.readline())
            self._told.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@functools.cache
def _nursery() -> socket.socket:
    """Begin it; it ends with this process."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LARGEST_ORDER)
    subprocess.Popen(
        [sys.executable, "-m", "tests.nursery", str(its.fileno())], pass_fds=[its.fileno()], stdin=subprocess.DEVNULL
    )
    its.close()
    return ours


def _obey(orders: socket.socket) -> list[str]:
    """Fork for each order; return, in a process that is to become a program, its name and arguments."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers go unnoticed
    while True:
        text, (*fds,), _, _ = socket.recv_fds(orders, LARGEST_ORDER, 4)
        if not text:
            os._exit(0)
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            orders.close()
            return _begun(json.loads(text), fds)
        for fd in fds:
            os.close(fd)


def _begun(order: dict[str, Any], fds: Sequence[int]) -> list[str]:
    """Fork once more; who stays is the keeper."""
    *standard, tells = fds
    program = os.fork()
    if program:
        for fd in (0, 1, 2, *standard):  # who reads what it writes waits for no keeper
            os.close(fd)
        os.write(tells, f"{program}\n".encode())
        _, status = os.waitpid(program, 0)
        os.write(tells, f"{os.waitstatus_to_exitcode(status)}\n".encode())
        os._exit(0)
    os.close(tells)
    for number, fd in enumerate(standard):
        os.dup2(fd, number)
        os.close(fd)
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["environ"])
    time.tzset()
    argv: list[str] = order["argv"]
    return argv


def _load() -> None:
    """Load what a daemon needs, and open a site as it does: what is compiled then is known to all forks."""
    from maild import opened
    from maild.site import new

    for name in LOADED:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory() as place:
        new.write_site(Path(place) / "site", "en", "example.com")
        opened.open_for_work(Path(place) / "site").close()
    gc.collect()
    gc.freeze()  # else each fork looks through all of it at its end, and has it copied thereby: a second of its time


if __name__ == "__main__":
    _load()
    sys.argv = _obey(socket.socket(fileno=int(sys.argv[1])))
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
