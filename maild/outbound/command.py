"""Run a program of the operator's: no shell, a time limit, and nothing of ours that is secret in its environment."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

LONGEST_SECONDS = 20.0
MOST_SAID = 300
OURS = ("CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID")


def is_there(program: Sequence[str], folder: Path) -> bool:
    """Whether a program may be run, seen from the folder that it runs in."""
    name = program[0]
    return shutil.which(folder / name if "/" in name else name) is not None


def run(
    program: Sequence[str], folder: Path, text: str, environment: Mapping[str, str], seconds: float = LONGEST_SECONDS
) -> str:
    """Hand a text to a program; return why it failed, or "".

    Args:
        folder: where it runs.
        environment: what it is told besides our own environment.
        seconds: it and what it has started are killed after so long.
    """
    around = {name: value for name, value in os.environ.items() if name not in OURS} | dict(environment)
    try:
        with _sheet() as given, _sheet() as said:
            given.write(text.encode())
            given.seek(0)
            process = subprocess.Popen(
                program,
                cwd=folder,
                env=around,
                stdin=given,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )
            return _ended(process, said, seconds)
    except OSError as error:
        return f"it cannot be run: {error.strerror}"


def _sheet() -> IO[bytes]:
    """Return a file that has no name and, where the system knows such, no place on a disk: that may be what is full."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("alarm"), "w+b")
    return tempfile.TemporaryFile()


def _ended(process: "subprocess.Popen[bytes]", said: IO[bytes], seconds: float) -> str:
    """Wait for a program, for so long; return why it failed, or ""."""
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return f"it was killed after {seconds:g} seconds"
    said.seek(0)
    words = said.read(MOST_SAID).decode("utf-8", "replace").strip()
    return f"it ended with {code}: {words}" if code else ""
