"""What is remembered of the DNS: answers for minutes, silence for seconds."""

from collections.abc import Iterator

import dns.resolver
import pytest

from maild.identity import dns as ours
from tests.resolver import NameServer


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    known: dict[str, str] = {}
    server = NameServer(known)
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], server.port
    monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
    monkeypatch.setattr(ours, "LIFETIME_SECONDS", 0.3)
    monkeypatch.setattr(ours, "_silent_until", {})
    yield known
    server.close()


def test_an_answer_and_that_there_is_none_are_remembered(records: dict[str, str]) -> None:
    records["key.dns.example"] = "v=DKIM1"
    assert (ours.txt("Key.dns.example."), ours.txt("none.dns.example")) == (b"v=DKIM1", None)
    records |= {"key.dns.example": "changed", "none.dns.example": "new"}
    assert (ours.txt("key.dns.example"), ours.txt("none.dns.example")) == (b"v=DKIM1", None)
    assert ours.txt_now("key.dns.example") == (b"changed",)


def test_a_server_that_fails_is_asked_again_soon_and_not_at_once(
    records: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    records["key.down.example"] = NameServer.FAILS
    assert ours.txt("key.down.example") is None
    records["key.down.example"] = "v=DKIM1"
    assert ours.txt("key.down.example") is None, "others do not wait for it again"
    later = ours.time.monotonic() + ours.SILENCE_SECONDS
    monkeypatch.setattr(ours.time, "monotonic", lambda: later)
    assert ours.txt("key.down.example") == b"v=DKIM1"
