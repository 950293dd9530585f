"""Who is asked about senders keeps nobody waiting."""

import threading
import time

import pytest

from maild.identity import witnesses
from maild.identity.evidence import Trust
from maild.identity.witnesses import LOOKUPS, Witnesses


def test_a_batch_waits_for_silent_name_servers_as_long_as_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails with five signatures each held up everybody for five times as long."""
    monkeypatch.setattr(witnesses, "PATIENCE_SECONDS", 1.0)
    silent = threading.Event()

    def lookup(name: str) -> bytes | None:
        if name == "mx1._domainkey.agents.example":
            return b"a key"
        silent.wait(10)
        return None

    many = [f"s{n}._domainkey.evil.example" for n in range(LOOKUPS - 1)]
    began = time.monotonic()
    asked = Witnesses(lambda _: Trust(), lookup)
    found = asked.keys(["mx1._domainkey.agents.example", *many, "late._domainkey.evil.example"])
    assert time.monotonic() - began < 5
    silent.set()
    assert found == {"mx1._domainkey.agents.example": b"a key"}
