"""The file with the keys that sign reply addresses and Message-IDs: without it, what was sent before means nothing."""

import base64
import json
import secrets
from datetime import date
from pathlib import Path

from maild.site import secret
from maild.site.errors import ConfigErrors, Problem, missing_file
from maild.site.settings import Settings
from maild.system import durable
from maild.ticket.token import Keyring

LOST = (
    "restore it from the backup: without it, reply addresses sent before mean nothing; "
    "a site that has sent no mail yet may have that of a new one (`maild init`)"
)
MOST_KEYS = 15  # as many as reply addresses can tell apart


def path_of(found: Settings) -> Path:
    """Return where the keys are read from: a credential of systemd, else the file that the settings name."""
    return secret.path(found.site.key_file.name, found.site.key_file.parent)


def read(found: Settings) -> Keyring:
    """Return the keys that sign reply addresses and Message-IDs.

    Raises:
        ConfigErrors: there is no key file, or it holds none.
    """
    path = path_of(found)
    if not path.is_file():
        raise missing_file(path, LOST)
    try:
        text = path.read_text(encoding="ascii")
        written = {int(number): str(line).split(" since ") for number, line in json.loads(text).items()}
        keys = {number: base64.b64decode(parts[0], validate=True) for number, parts in written.items()}
        since = {number: date.fromisoformat(parts[1]) for number, parts in written.items() if len(parts) > 1}
        if not keys or any(len(key) < 32 or not 1 <= number <= MOST_KEYS for number, key in keys.items()):
            raise ValueError
    except OSError as error:
        raise ConfigErrors([Problem(str(path), 0, 0, f"cannot be read: {error.strerror}")]) from None
    except (ValueError, AttributeError, TypeError):
        raise ConfigErrors([Problem(str(path), 0, 0, "holds no keys; restore it from the backup")]) from None
    return Keyring(keys, since)


def rotate(found: Settings, today: date) -> int:
    """Add a key that signs from today on; the older ones verify what they signed until then.  Return its number.

    Raises:
        ConfigErrors: the keys are a credential of systemd, or there is no room for another.
    """
    ring = read(found)
    path = found.site.key_file
    if not path.is_file():
        raise ConfigErrors([Problem(str(path), 0, 0, "is handed over by systemd; add the key where it keeps it")])
    number = ring.current + 1
    if number > MOST_KEYS:
        raise ConfigErrors(
            [Problem(str(path), 0, 0, f"holds {MOST_KEYS} keys, as many as reply addresses can tell apart")]
        )
    ring = Keyring({**ring.keys, number: secrets.token_bytes(32)}, {**ring.since, number: today})
    durable.write(path, json.dumps(_key_lines(ring)))
    return number


def create(path: Path) -> None:
    """Write a new key, readable by its owner alone.

    Raises:
        FileExistsError: there is one, and it must not be lost.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with durable.new(path) as file:
        file.write(json.dumps(_key_lines(Keyring({1: secrets.token_bytes(32)}))).encode())


def _key_lines(ring: Keyring) -> dict[str, str]:
    """Return what the key file holds: by number, the key and since when it signs where that is known."""
    since = {number: f" since {day}" for number, day in ring.since.items()}
    return {str(number): base64.b64encode(key).decode() + since.get(number, "") for number, key in ring.keys.items()}
