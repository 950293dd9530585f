"""Secrets are files or systemd credentials, never inline."""

import os
from pathlib import Path


def read(name: str, folder: Path) -> str:
    """Return a secret: the systemd credential of that name, else the file's first lines without their end.

    Raises:
        OSError: neither can be read.
    """
    return path(name, folder).read_text(encoding="utf-8").rstrip("\r\n")


def path(name: str, folder: Path) -> Path:
    """Return where a secret is read from."""
    credentials = os.environ.get("CREDENTIALS_DIRECTORY", "")
    named = Path(credentials) / name if credentials and "/" not in name else None
    return named if named and named.is_file() else folder / name
