"""What is remembered of the DNS: answers for minutes, silence for seconds."""

from collections.abc import Iterator
from pathlib import Path

import dns.resolver
import pytest

from maild.identity import dns as ours
from tests.resolver import NameServer


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    known: dict[str, str] = {}
    server = NameServer(known)
    monkeypatch.setattr(dns.resolver, "default_resolver", asking(server))
    monkeypatch.setattr(ours, "LIFETIME_SECONDS", 0.3)
    monkeypatch.setattr(ours, "_silent_until", {})
    yield known
    server.close()


def asking(server: NameServer) -> dns.resolver.Resolver:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], server.port
    return resolver


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
    with pytest.raises(ours.NoAnswer):
        ours.txt("key.down.example")
    records["key.down.example"] = "v=DKIM1"
    with pytest.raises(ours.NoAnswer, match="a moment ago"):
        ours.txt("key.down.example")  # others do not wait for it again
    later = ours.time.monotonic() + ours.SILENCE_SECONDS
    monkeypatch.setattr(ours.time, "monotonic", lambda: later)
    assert ours.txt("key.down.example") == b"v=DKIM1"


def test_name_servers_are_those_of_the_machine_as_they_are_now(
    records: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A network may come up after us, or be another tomorrow: no signature could be checked until a restart."""
    servers = tmp_path / "resolv.conf"
    monkeypatch.setattr(ours, "SERVERS", servers)
    monkeypatch.setattr(ours, "_seen", 0)
    records["key.dns.example"] = "old"
    assert ours.txt_now("key.dns.example") == (b"old",), "there need be no such file"
    other = NameServer({"key.dns.example": "new"})
    asked_now = asking(other)
    monkeypatch.setattr(dns.resolver, "Resolver", lambda: asked_now)
    assert ours.txt_now("key.dns.example") == (b"old",)
    servers.write_text("nameserver 192.0.2.1\n")
    assert ours.txt_now("key.dns.example") == (b"new",)
    other.close()
