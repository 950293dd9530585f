"""Where something large is made ready: a folder that goes with the work, or with the next one if it was killed.

Whoever works in one holds a lock on it, which the system takes from a process whatever ends it.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

YOUNG_SECONDS = 60.0  # whoever made a folder just now may be about to lock it


@contextmanager
def inside(folder: Path, prefix: str) -> Iterator[Path]:
    """Give a new folder inside another one, whose names begin alike; those that are left of works that died go first.

    Where the disk knows no locks nothing is removed, for nobody could tell what is still worked in.
    """
    for left in folder.glob(f"{prefix}*"):
        with suppress(OSError):
            _remove_unless_held(left)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=folder) as name, _opened(Path(name)) as place:
        with suppress(OSError):
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield Path(name)


def _remove_unless_held(left: Path) -> None:
    with _opened(left) as place:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if time.time() - os.fstat(place).st_mtime > YOUNG_SECONDS:
            shutil.rmtree(left)


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
