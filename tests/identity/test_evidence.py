"""Whose Authentication-Results are believed: by how many Received lines stand above them."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from maild.identity.dkim import key_names
from maild.identity.evidence import HEAD_BYTES, Trust, gather
from maild.message.model import Envelope
from maild.ticket.proof import Evidence

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


def heard(results: str, head: bytes = b"", protocol: str = "ESMTP", client: str = "127.0.0.1") -> Evidence:
    """Return what speaks for a mail of which our relay says so."""
    envelope = Envelope("a@agents.example", ("support@example.com",), NOW, "x:1", client, protocol=protocol)
    said = f"Authentication-Results: mx.example.com; {results}\r\n".encode()
    return gather(OURS + said + head + REST, envelope, Trust(("mx.example.com",), 0, ("127.0.0.0/8",)))


@pytest.mark.parametrize(
    ("results", "found"),
    [
        ("dkim=pass header.d=Agents.example", {"dkim": ("agents.example",)}),
        ("dkim=pass header.i=anna@agents.example", {"dkim": ("agents.example",)}),
        ("dkim=pass header.d=a.example; dkim=pass header.d=b.example", {"dkim": ("a.example", "b.example")}),
        ("dkim=fail header.d=agents.example", {}),
        ("dkim=pass header.from=agents.example", {}),
        ("dkim=pass policy.d=agents.example", {}),
        ("dkim=pass", {}),
        ("spf=pass smtp.mailfrom=anna@agents.example", {"spf": "agents.example"}),
        ("spf=softfail smtp.mailfrom=agents.example", {}),
        ("spf=pass smtp.helo=agents.example", {}),
        ("spf=pass header.mailfrom=agents.example", {}),
        ("dmarc=pass header.from=agents.example", {"dmarc": "agents.example"}),
        ("dmarc=pass header.d=agents.example", {}),
        ("dmarc=pass smtp.from=agents.example", {}),
        ("auth=pass smtp.auth=anna", {"auth_user": "anna"}),
        ("auth=fail smtp.auth=anna", {}),
        ("auth=pass smtp.mailfrom=anna", {}),
        ("auth=pass header.auth=anna", {}),
        ("dkim=pass header.d=agents.example smtp.auth=anna", {"dkim": ("agents.example",)}),
        ("none", {}),
        ("<<<", {}),
    ],
)
def test_a_result_says_what_its_own_property_says(results: str, found: dict[str, Any]) -> None:
    assert replace(heard(results), because="") == Evidence(**found, because="")


PASSES = "dkim=pass header.d=agents.example"
COVERS = "h=from:to:subject:date:message-id:in-reply-to:references:content-type:content-transfer-encoding:cc"


def signature(tags: str, domain: str = "agents.example") -> bytes:
    return f"DKIM-Signature: v=1; a=rsa-sha256; d={domain}; s=x; {tags}; bh=x; b=x\r\n".encode()


@pytest.mark.parametrize(
    ("head", "counts"),
    [
        (signature(COVERS), True),
        (signature(COVERS.replace(":cc", "")), True),
        (signature(COVERS.replace(":cc", "")) + b"Cc: b@x.example\r\n", False),  # somebody may have put it there
        (signature(f"{COVERS}; l=10"), False),  # anything may stand below
        (signature(COVERS.replace(":subject", "")), False),
        (signature(COVERS) + signature("h=from", "list.example"), True),
        (signature(COVERS) + signature("h=from"), False),  # which of them holds is not said
        (signature(COVERS) + b"From: eve@evil.example\r\n", False),
        (signature(COVERS) + b"Subject: a\r\nSubject: b\r\n", False),
    ],
)
def test_a_signature_that_holds_counts_where_it_covers_what_is_read_whoever_says_that_it_holds(
    head: bytes, counts: bool
) -> None:
    assert heard(PASSES, head).dkim == ("agents.example",) * counts


def test_a_signature_for_somebody_below_its_domain_counts_where_it_covers_what_is_read() -> None:
    """Servers write `header.i` alone: d= may be a domain above (RFC 6376 section 3.5)."""
    said = "dkim=pass header.i=@desk.agents.example"
    assert heard(said, signature(f"i=@desk.agents.example; {COVERS}")).dkim == ("desk.agents.example",)
    assert heard(said, signature("i=anna@Desk.agents.example; h=from")).dkim == ()


def test_a_signature_below_what_is_read_of_a_head_counts_for_nothing() -> None:
    """What it covers is not seen, and its server takes heads that are longer."""
    padding = b"X-Padding: x\r\n" * (HEAD_BYTES // 14)
    assert heard(PASSES, padding + signature("h=from")).dkim == ()


def test_a_signature_in_a_head_that_is_not_read_to_its_end_is_not_verified() -> None:
    """dkimpy copies a field for each of its lines: a million took an hour."""
    raw = signature(COVERS) + b"X-Padding: x\r\n" + b" x\r\n" * 300_000 + REST
    envelope = Envelope("a@agents.example", (), NOW, "x:1", protocol="ESMTP")
    began = time.process_time()
    assert gather(raw, envelope, Trust(), lambda _name: None).dkim == ()
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    ("protocol", "client", "believed"),
    [
        ("ESMTP", "127.0.0.1", True),
        ("SMTP", "192.0.2.1", False),
        ("ESMTPS", "192.0.2.1", False),
        ("UTF8SMTP", "192.0.2.1", False),
        ("ESMTP", "", True),  # a socket in the file system
        ("IMAP", "192.0.2.1", False),  # nothing of ours stands above it there
    ],
)
def test_what_a_relay_says_is_believed_where_it_handed_the_mail_over(
    protocol: str, client: str, believed: bool
) -> None:
    assert heard(PASSES, signature(COVERS), protocol, client).dkim == ("agents.example",) * believed
    assert heard("auth=pass smtp.auth=anna", b"", protocol, client).auth_user == "anna" * believed


def test_where_the_dns_is_not_asked_no_signature_holds() -> None:
    unsaid = gather(signature(COVERS) + REST, Envelope("a@agents.example", (), NOW, "x:1", protocol="ESMTP"), Trust())
    assert (unsaid.dkim, unsaid.because) == ((), "nothing known")


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
