"""What `maild check` says of the keys that we sign with."""

from collections.abc import Iterable, Iterator

from maild.identity.signing import KeyTrouble, SigningKey


def unusable(keys: Iterable[SigningKey]) -> Iterator[str]:
    """Tell which domains have a key that cannot sign: nothing leaves from them."""
    for key in keys:
        try:
            key.record()
        except KeyTrouble as trouble:
            yield str(trouble)


def too_open(keys: Iterable[SigningKey]) -> Iterator[str]:
    for key in keys:
        if key.is_open():
            yield f"DKIM key of {key.domain}: others may read {key.path}: chmod 600 {key.path}"


def to_publish(keys: Iterable[SigningKey]) -> Iterator[str]:
    """Say what the DNS must hold for each key; all of them can be used."""
    for key in keys:
        yield f"DKIM of {key.domain}, to stand in the DNS: {key.in_zone_file()}"
