"""What keeps a second daemon off a SQLite site: a file that whoever works on it holds."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


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
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SiteBusy(_who(file, path)) from None
        file.truncate(0)
        file.write(f"maild {what}, process {os.getpid()}")
        file.flush()
        yield
        file.truncate(0)


def server(var: Path) -> int | None:
    """Return the process of the daemon that holds a SQLite site; None where none does, whatever one that died left."""
    with contextlib.suppress(FileNotFoundError), (var / "lock").open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            words = file.read(200).split()
            return int(words[-1]) if "serve," in words else None
    return None


def _who(file: IO[str], path: Path) -> str:
    file.seek(0)
    holder = file.read(200) or "another process"
    return f"{holder} works on this site already (it holds {path}); stop it first, or use PostgreSQL for several"
