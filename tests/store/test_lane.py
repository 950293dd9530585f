"""Which mails are filed in the order in which they came: those of one sender. It is asked before 250 is said."""

import time

import pytest

from maild.store.intake import HEAD_BYTES, lane_of

ANNA = lane_of(b"From: anna@customer.example\r\n\r\n", None)


@pytest.mark.parametrize(
    ("field", "same"),
    [
        (b"FROM : Anna <Anna@Customer.example>", True),
        (b'From: "anna@shop.example (Anna)"\r\n <anna@customer.example>', True),
        (b"From: @ a@ @b <anna@customer.example>", True),
        (b"From: anna@customer.example, bob@customer.example", False),
        (b"From: Anna @", False),
        (b"X-From: anna@customer.example", False),
    ],
)
def test_a_lane_is_that_of_the_last_address_in_from(field: bytes, same: bool) -> None:
    assert (lane_of(b"To: x@y.example\r\n" + field + b"\r\n\r\n", "eve@evil.example") == ANNA) is same


def test_without_one_it_is_that_of_the_envelope() -> None:
    assert lane_of(b"Subject: x\r\n\r\nFrom a friend", "Anna@customer.example") == ANNA


@pytest.mark.parametrize("filling", [b"a", b"a@", b"@", b"<", b"\r\n a"])
def test_a_long_from_field_keeps_nobody_waiting(filling: bytes) -> None:
    """All the daemon stands still meanwhile."""
    began = time.process_time()
    lane_of(b"From: " + filling * (HEAD_BYTES // len(filling)), None)
    assert time.process_time() - began < 1
