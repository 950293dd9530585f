"""Files that are whole and on the disk, or as they were before: the power may go at any moment."""

import os
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, in the place of the one that is there.

    Several processes may write the same one at the same time; the last to come stays.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make durable what was made, moved or renamed in a folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
