"""Whose Authentication-Results are believed: by how many Received lines stand above them."""

from datetime import UTC, datetime

import pytest

from maild.identity.dkim import key_names
from maild.identity.evidence import Trust, gather
from maild.message.model import Envelope

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
OURS = b"Received: from relay by maild\r\n"  # written when the mail was kept
RELAY = b"Received: from customer by mx.example.com\r\n"
BEFORE = b"Received: from anywhere by customer\r\n"
RESULTS = b"Authentication-Results: mx.example.com; dkim=pass header.d=agents.example\r\n"
OTHERS = b"Authentication-Results: mx.example.com; dkim=pass header.d=evil.example\r\n"
REST = b"From: a@agents.example\r\n\r\nHello\r\n"


@pytest.mark.parametrize(
    ("above", "head", "believed"),
    [
        (0, OURS + RESULTS + RELAY, ("agents.example",)),
        (0, OURS + RELAY + RESULTS, ()),
        (1, OURS + RELAY + RESULTS, ("agents.example",)),
        (1, OURS + RESULTS + RELAY + OTHERS, ("agents.example",)),
        (1, OURS + RELAY + RESULTS + OTHERS, ("agents.example",)),
        (1, OURS + RELAY + BEFORE + OTHERS, ()),
    ],
)
def test_results_are_believed_only_above_what_others_wrote(above: int, head: bytes, believed: tuple[str, ...]) -> None:
    envelope = Envelope("a@agents.example", ("support@example.com",), NOW, "listener:1", protocol="ESMTP")
    found = gather(head + REST, envelope, Trust(("mx.example.com",), above, ("127.0.0.0/8",)))
    assert found.dkim == believed


@pytest.mark.parametrize(
    ("signature", "names"),
    [
        ("v=1; s=MX; d=Customer.example; h=from", ("mx._domainkey.customer.example",)),
        ("s=mx; d=customer.example.", ("mx._domainkey.customer.example",)),
        ("s=mx", ()),
        ("s=mx; d=kõrts.example", ()),
        (f"s={'x' * 300}; d=customer.example", ()),
        ("nonsense", ()),
    ],
)
def test_only_what_may_be_a_name_is_looked_up(signature: str, names: tuple[str, ...]) -> None:
    """A name of a hundred thousand letters would be remembered like any other that no server answers for."""
    assert key_names((signature,)) == names


def test_a_head_that_begins_in_the_middle_of_a_field_is_signed_by_nobody() -> None:
    """It is somebody's mail all the same, and is to be read."""
    raw = b" folded: from nothing\r\nDKIM-Signature: v=1; d=a.example; s=x; h=from; bh=; b=\r\n" + REST
    found = gather(raw, Envelope(None, (), NOW), Trust(), lambda _name: b"v=DKIM1; p=")
    assert found.dkim == ()
