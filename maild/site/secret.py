"""Secrets are files or systemd credentials, never inline."""

import os
from pathlib import Path

OF_THE_UNIT = Path("/run/credentials/maild.service")


def read(name: str, folder: Path) -> str:
    """Return a secret: the systemd credential of that name, else the file's first lines without their end.

    Raises:
        OSError: neither can be read.
    """
    return path(name, folder).read_text(encoding="utf-8").rstrip("\r\n")


def path(name: str, folder: Path) -> Path:
    """Return where a secret is read from.

    What systemd hands to our unit is for the commands at the terminal too, while the service runs; where a site has a
    file of that name, it is not that unit's.
    """
    if "/" in name:
        return folder / name
    handed = os.environ.get("CREDENTIALS_DIRECTORY")
    places = (Path(handed), folder, OF_THE_UNIT) if handed else (folder, OF_THE_UNIT)
    return next((place / name for place in places if os.access(place / name, os.R_OK)), folder / name)
