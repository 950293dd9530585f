"""Who wrote a mail, and when: what the fields of its head say, however they are written."""

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.message import dates
from maild.message.model import NOBODY
from maild.message.parse import parse


def test_nobody_is_the_sender_of_an_empty_mail() -> None:
    message = parse(b"")
    assert (message.sender, message.text) == (NOBODY, "")


@pytest.mark.parametrize(
    ("head", "sender"),
    [
        (b"From: =?utf-8?Q?J=C4=81nis_<j=40customer.example>?=\r\n", ("Jānis", "j@customer.example")),
        (b"From: Anna <<anna@customer.example>>\r\n", ("Anna", "anna@customer.example")),
        (b"From: Anna <anna@customer.example>\r\n" * 2, ("Anna", "anna@customer.example")),
        (b"From: Anna <anna@customer.example>\r\nFrom: Eve <eve@x.example>\r\n", NOBODY),
        (b"From: Anna <anna@x.example>, Ozola <Anna@x.example>\r\n", ("Anna", "anna@x.example")),
        (b'From: "Anna <anna@x.example>\r\n', ("Anna", "anna@x.example")),
        (b'From: Anna Ozola" <anna@x.example>\r\n', ("Anna Ozola", "anna@x.example")),
        (b"From: Anna (Sales <anna@x.example>\r\n", ("Anna Sales", "anna@x.example")),
        (b"From: =?UTF-8? Q?J=C4=81nis?= <anna@x.example>\r\n", ("Jānis", "anna@x.example")),
        (b"From: Anna O&#039;Hara &amp; Co <anna@x.example>\r\n", ("Anna O'Hara & Co", "anna@x.example")),
    ],
    ids=[
        *("all in one encoded word", "brackets twice", "the same twice", "two", "the same in one field"),
        *("a quote begins", "a quote ends", "a comment begins", "a blank in the word"),
        "a web form",
    ],
)
def test_writer_is_found_where_there_is_no_doubt_who_is_meant(head: bytes, sender: tuple[str, str]) -> None:
    assert parse(head + b"Subject: s\r\n\r\nx").sender == sender


def test_bracket_that_was_forgotten_is_closed() -> None:
    assert parse(b"From: Anna Ozola <anna@x.example\r\n\r\nhi").sender == ("Anna Ozola", "anna@x.example")
    assert parse(b"From: Anna <anna@x.example <bob@y.example\r\n\r\nhi").sender == NOBODY


def test_date_keeps_its_offset_and_arrival_is_the_topmost_received() -> None:
    raw = (
        b"Received: from a by b; Mon, 23 Nov 2026 11:00:00 +0200\r\n"
        b"Received: from c by d; Mon, 23 Nov 2026 09:00:00 +0000\r\n"
        b"Date: Mon, 23 Nov 2026 10:00:00 +0200\r\n\r\n"
    )
    message = parse(raw)
    assert message.date is not None
    assert message.date.isoformat() == "2026-11-23T10:00:00+02:00"
    assert message.arrived is not None
    assert message.arrived.isoformat() == "2026-11-23T11:00:00+02:00"


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00+00:00"),
        ("2026-11-23 10:00:00+02:00", "2026-11-23T10:00:00+02:00"),
        ("2026-11-23 10:00", "2026-11-23T10:00:00+00:00"),
        ("2026-11-99 10:00", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_date_may_be_written_as_scripts_do(value: str, date: str | None) -> None:
    found = parse(f"From: a@b.example\r\nDate: {value}\r\n\r\nx".encode()).date
    assert (found and found.isoformat()) == date


@given(st.datetimes(datetime(1970, 1, 3), datetime(9990, 1, 1)), st.integers(-14 * 4, 14 * 4), st.booleans())  # noqa: DTZ001
def test_a_date_as_the_standard_writes_it_is_the_same_instant_by_the_short_way(
    local: datetime, quarters: int, named: bool
) -> None:
    zone = timezone(timedelta(minutes=15 * quarters))
    moment = local.replace(microsecond=0, tzinfo=zone)
    written = format_datetime(moment) + (" (EET)" if named else "")
    found = dates.plain(written)
    assert found == moment == dates.lenient(written)
    assert found.utcoffset() == zone.utcoffset(None)
