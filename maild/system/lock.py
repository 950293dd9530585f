"""What keeps a second daemon off a SQLite site: a file that whoever works on it holds."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PATIENCE_SECONDS = 0.2
LOOK_SECONDS = 0.02


class SiteBusy(Exception):
    """Another maild works on this SQLite site; the text says which."""


@contextmanager
def held(var: Path, what: str) -> Iterator[None]:
    """Hold the state of a SQLite site for this process.

    Raises:
        SiteBusy: another process holds it.
    """
    path = var / "lock"
    with path.open("a+") as file:
        _take(file, path)
        file.truncate(0)
        file.write(f"maild {what}, process {os.getpid()}")
        file.flush()
        yield
        file.truncate(0)


def _take(file: IO[str], path: Path) -> None:
    """Lock the file; whoever only looks (`_holder`) holds it for a moment, too."""
    if not locked(file, PATIENCE_SECONDS):
        file.seek(0)
        raise SiteBusy(_who(file.read(200), path))


def locked(file: IO[str], patience_seconds: float) -> bool:
    """Lock a file until it is closed; False where another holds it for as long as we are patient."""
    until = time.monotonic() + patience_seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(LOOK_SECONDS)
        else:
            return True


def refuse_busy(var: Path) -> None:
    """Make sure that nobody holds a SQLite site now; whoever changes it holds it himself then.

    Raises:
        SiteBusy: another process holds it.
    """
    if (holder := _holder(var)) is not None:
        raise SiteBusy(_who(holder, var / "lock"))


def server(var: Path) -> int | None:
    """Return the process of the daemon that holds a SQLite site; None where none does, whatever one that died left."""
    holder = _holder(var) or ""
    return int(holder.split()[-1]) if _serves(holder) else None


def _serves(holder: str) -> bool:
    return "serve," in holder.split()


def _holder(var: Path) -> str | None:
    """Return what is in the file that another process holds; None where none does."""
    with contextlib.suppress(FileNotFoundError), (var / "lock").open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return file.read(200)
    return None


def _who(holder: str, path: Path) -> str:
    then = "stop it first, or use PostgreSQL for several" if _serves(holder) else "wait until it is done"
    return f"{holder or 'another process'} works on this site already (it holds {path}); {then}"
