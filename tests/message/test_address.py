"""Who is meant by an address field; what can be read in two ways means nobody."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mailparser.utils import get_addresses

from maild.message.address import _PLAIN, normal, parse_list, plain, same


@pytest.mark.parametrize(
    ("value", "mailboxes"),
    [
        ("anna@customer.example", [("", "anna@customer.example")]),
        ("Anna <Anna@Customer.EXAMPLE>", [("Anna", "Anna@customer.example")]),
        ('"Bērziņa, Anna" <anna@customer.example>', [("Bērziņa, Anna", "anna@customer.example")]),
        ("Bērziņa, Anna <anna@customer.example>", [("Bērziņa, Anna", "anna@customer.example")]),
        ("anna@customer.example (Anna)", [("Anna", "anna@customer.example")]),
        ("=?utf-8?Q?J=C4=81nis?= <j@customer.example>", [("Jānis", "j@customer.example")]),
        ('"=?utf-8?Q?J=C4=81nis?=" <j@customer.example>', [("Jānis", "j@customer.example")]),
        ("=?utf-8?Q?a=40b=2C_c?= <j@customer.example>", [("a@b, c", "j@customer.example")]),
        ("a@x.example, B <b@x.example>;c@x.example", [("", "a@x.example"), ("B", "b@x.example"), ("", "c@x.example")]),
        ("Team: a@x.example, b@x.example;", [("", "a@x.example"), ("", "b@x.example")]),
        ("undisclosed-recipients:;", []),
        ("<@relay.example:anna@customer.example>", [("", "anna@customer.example")]),
        ('"a b"@customer.example', [("", '"a b"@customer.example')]),
        ("anna@[192.0.2.1]", [("", "anna@[192.0.2.1]")]),
        ("jdoe@test   . example", [("", "jdoe@test.example")]),
        ("[Shop] Anna <anna@customer.example>", [("[Shop] Anna", "anna@customer.example")]),
        ("'Anna' <anna@customer.example>", [("Anna", "anna@customer.example")]),
        ("grāmata@grāmata.example", [("", "grāmata@grāmata.example")]),
        ("MAILER-DAEMON", []),
        ("", []),
    ],
)
def test_mailboxes_are_read(value: str, mailboxes: list[tuple[str, str]]) -> None:
    assert [tuple(address) for address in parse_list(value)] == mailboxes


@pytest.mark.parametrize(
    "value",
    [
        "alice@maild.example]<bob@evil.example>",
        "alice@maild.example><bob@evil.example>",
        "alice@maild.example bob@evil.example",
        "<alice@maild.example> <bob@evil.example>",
        "<alice@maild.example> bob@evil.example",
        "<alice@maild.example",
        '"alice@maild.example <bob@evil.example>',
        "alice@maild.example(<bob@evil.example>",
        "alice@maild.example@evil.example",
        "alice@=?utf-8?Q?maild.example?=",
        "=?utf-8?Q?alice=40maild.example?=",
        "<alice@maild.example\r\nBcc: bob@evil.example>",
        "alice@maild.example\u202e",
        "alice@\u200bmaild.example",
        "alice@maild..example",
        "alice@",
        "@maild.example",
    ],
)
def test_what_can_be_read_in_two_ways_is_nobody(value: str) -> None:
    """CVE-2023-27043 and its relatives: a domain that is checked must be the one that wrote."""
    assert parse_list(value) == ()


@pytest.mark.parametrize(
    ("value", "mailbox"),
    [
        ('"alice@maild.example" <mallory@evil.example>', "mallory@evil.example"),
        ("alice@maild.example <mallory@evil.example>", "mallory@evil.example"),
        ("mallory@evil.example (alice@maild.example)", "mallory@evil.example"),
        ("=?utf-8?Q?alice=40maild.example=3E?= <mallory@evil.example>", "mallory@evil.example"),
    ],
)
def test_a_name_is_never_an_address(value: str, mailbox: str) -> None:
    assert [address.address for address in parse_list(value)] == [mailbox]


def test_same_mailbox_in_any_case() -> None:
    assert same("Anna@Customer.example", "anna@customer.EXAMPLE.")
    assert not same("anna@customer.example", "anna@customer.example.evil.example")
    assert not same("", "")
    assert not same("nobody", "nobody")


@given(st.text(alphabet='ab@.<>()[],;:"\\ =?\r\n\x00ā\u202e', max_size=60))
def test_addresses_are_whole_and_on_one_line(value: str) -> None:
    for name, address in parse_list(value):
        assert normal(address) == address
        assert address.count("@") >= 1
        assert not set(name + address) & set("\r\n\x00\u202e")


@pytest.mark.parametrize("piece", ["(", "<", '"', "\\", "a@b.c,", 'x"', "a,", "=?a?q?"])
def test_hostile_fields_take_linear_time(piece: str) -> None:
    start = time.process_time()
    parse_list(piece * 30_000)
    assert time.process_time() - start < 2


@given(st.from_regex(_PLAIN, fullmatch=True))
def test_what_is_written_plainly_is_read_as_both_scanners_read_it(value: str) -> None:
    """They are asked about everything else, for what one of them reads otherwise is nobody."""
    found = plain(value)
    assert found is not None
    assert parse_list(value) == (found,)
    theirs = [spec for _, one in get_addresses(value) if (spec := normal(one))]
    assert not theirs or [spec.casefold() for spec in theirs] == [found.address.casefold()]


@pytest.mark.parametrize(
    "value",
    [
        "alice@a.example]<bob@b.example>",
        "a@a.example, b@b.example",
        "Doe, Anna <a@a.example>",
        "b@b.example <a@a.example>",
        "=?utf-8?q?Anna?= <a@a.example>",
        '"a@a.example" <b@b.example>',
        "Anna <a@a.example> (b@b.example)",
        "<@relay.example:a@a.example>",
        "a@a.example b",
        "a@@a.example",
        "Anna",
        "",
    ],
)
def test_what_may_be_read_in_two_ways_is_not_plain(value: str) -> None:
    assert plain(value) is None
