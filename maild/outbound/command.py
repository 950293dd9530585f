"""Run a program of the operator's: no shell, a time limit, and nothing of ours that is secret in its environment."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

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
    around = {name: value for name, value in os.environ.items() if name not in OURS}
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(text.encode())
        given.seek(0)
        try:
            process = subprocess.Popen(
                program,
                cwd=folder,
                env={**around, **environment},
                stdin=given,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )
        except OSError as error:
            return f"it cannot be run: {error.strerror}"
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return f"it was killed after {seconds:g} seconds"
        said.seek(0)
        words = said.read(MOST_SAID).decode("utf-8", "replace").strip()
    return f"it ended with {code}: {words}" if code else ""
