"""Files that are whole and on the disk, or as they were before: the power may go at any moment."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def new(path: Path) -> Iterator[BinaryIO]:
    """Open a new file that its owner alone may read; one that was not written whole does not stay.

    Raises:
        FileExistsError: there is one, which stays as it is.
    """
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


def write(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, in the place of the one that is there.

    Several processes may write the same one at the same time; the last to come stays.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)  # half of it, on a disk that is full
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make durable what was made, moved or renamed in a folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
