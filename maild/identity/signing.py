"""The keys with which we sign what leaves from each of our domains, and what the DNS must say about them.

With `certificate` the only importer of cryptography.  A key is read from its file when a mail is to be signed and the
file has changed since: a new one needs no restart.  No text of ours shows what is in it.

Standards: RFC 6376 section 3.6.1 (the DNS record), RFC 8301 (rsa-sha256, 1024 bits at least).
"""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from maild.identity.policy import tags

FEWEST_BITS = 1024
PIECE = 255  # of a TXT record (RFC 1035 section 3.3)
_SENDER = re.compile(rb"^From:(?:[^\r\n]|\r\n[ \t])*@([A-Za-z0-9.-]+)>?\r\n(?![ \t])", re.MULTILINE | re.IGNORECASE)


class KeyTrouble(Exception):
    """A key cannot be used; the text names its domain and its file, and nothing of what is in it."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key of one domain, in a file."""

    domain: str
    selector: str
    path: Path

    @property
    def name(self) -> str:
        """Where the DNS says what our signatures are checked with."""
        return f"{self.selector}._domainkey.{self.domain}"

    def record(self) -> str:
        """Return the TXT record that belongs to the key.

        Raises:
            KeyTrouble: it cannot be used.
        """
        return _loaded(self)[1]

    def in_zone_file(self) -> str:
        """Return the record as a line of a zone file, in pieces that fit.

        Raises:
            KeyTrouble: it cannot be used.
        """
        text = self.record()
        pieces = " ".join(f'"{text[i : i + PIECE]}"' for i in range(0, len(text), PIECE))
        return f"{self.name}. IN TXT ( {pieces} )"

    def is_open(self) -> bool:
        """Tell whether others than the file's owner may read or change it."""
        try:
            return bool(self.path.stat().st_mode & 0o077)
        except OSError:
            return False


class Signer:
    """Signs the mails of those domains that have a key."""

    def __init__(self, keys: Iterable[SigningKey] = ()) -> None:
        self.keys = {key.domain: key for key in keys}

    def signed(self, raw: bytes, at: datetime) -> bytes:
        """Return a mail with its signature on top, or as it is where its domain has no key.

        Args:
            raw: the final bytes.
            at: when the mail was decided; a second attempt gives the same bytes.

        Raises:
            KeyTrouble: the domain has a key, and it cannot be used.
        """
        key = self._key_of(raw) if self.keys else None
        if key is None:
            return raw
        from maild.identity import dkim  # and with it all of the DNS: settings name keys, and sign nothing

        return dkim.signature(raw, key.domain, key.selector, _loaded(key)[0], at) + raw

    def _key_of(self, raw: bytes) -> SigningKey | None:
        """Return the key of the From field's domain, else of the nearest one above, which is as good (RFC 7489 3.1)."""
        found = _SENDER.search(raw[: raw.find(b"\r\n\r\n") + 2])
        domain = found[1].decode().lower() if found else ""
        while domain:
            if domain in self.keys:
                return self.keys[domain]
            domain = domain.partition(".")[2]
        return None


def same_key(record: str, ours: str) -> bool:
    """Tell whether a record of the DNS holds the key of ours."""
    theirs = tags(re.sub(r"\s", "", record))
    return theirs.get("p", "") == tags(ours)["p"] and theirs.get("v", "DKIM1") == "DKIM1"


def _loaded(key: SigningKey) -> tuple[bytes, str]:
    """Return the key as dkimpy reads it, and its record."""
    try:
        return _of_file(key.path, key.path.stat().st_mtime_ns)
    except OSError as error:
        raise KeyTrouble(f"DKIM key of {key.domain}: {key.path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise KeyTrouble(f"DKIM key of {key.domain}: {key.path} {error}") from None


@lru_cache(maxsize=64)
def _of_file(path: Path, _changed: int) -> tuple[bytes, str]:
    from cryptography.exceptions import UnsupportedAlgorithm  # few sites sign themselves, and every verb reads settings
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError):  # the library's words may quote what it read
        raise ValueError("holds no private key in PEM without a password") from None
    except UnsupportedAlgorithm:
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("is not an RSA key: `openssl genrsa -out FILE 2048` makes one")
    if key.key_size < FEWEST_BITS:
        raise ValueError(f"has {key.key_size} bits, and nobody believes a key of fewer than {FEWEST_BITS}")
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem, f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"
