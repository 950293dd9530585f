"""Signed addresses: what we wrote is found again, and nothing else."""

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.ticket import token
from maild.ticket.token import Keyring, TokenKind

KEYS = Keyring({1: b"k" * 32, 2: b"n" * 32})
DAY = date(2026, 11, 23)
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def anybody(_kind: TokenKind, _party: int) -> int:
    return 0


@given(
    st.sampled_from(TokenKind),
    st.integers(0, 2**40 - 1),
    st.integers(0, 2**24 - 1),
    st.dates(date(2024, 1, 1), date(2150, 1, 1)),
)
def test_what_was_minted_is_read_back(kind: TokenKind, handle: int, party: int, day: date) -> None:
    text = token.mint(KEYS, kind, handle, party, day)
    assert len(text) == token.LENGTH
    found = token.check(KEYS, text, anybody)
    assert found is not None
    assert (found.kind, found.handle, found.party, found.issued) == (kind, handle, party, day)


def test_mail_systems_that_change_the_case_do_no_harm() -> None:
    text = token.mint(KEYS, TokenKind.AGENT, 7, 9, DAY)
    assert token.check(KEYS, text.upper(), anybody) == token.check(KEYS, text, anybody) is not None


def test_no_single_character_can_be_changed() -> None:
    text = token.mint(KEYS, TokenKind.CUSTOMER, 123456, 42, DAY)
    forged = [text[:i] + c + text[i + 1 :] for i in range(token.LENGTH) for c in ALPHABET if c != text[i]]
    assert [one for one in forged if token.check(KEYS, one, anybody)] == []


@pytest.mark.parametrize("text", ["", "a", "a" * 39, "a" * 40, "a" * 41, "ā" * 40, "1" * 40, "=" * 40, "a" * 400])
def test_what_is_no_token_is_none(text: str) -> None:
    assert token.check(KEYS, text, anybody) is None


def test_a_raised_epoch_voids_what_was_minted_before() -> None:
    text = token.mint(KEYS, TokenKind.AGENT, 7, 9, DAY, epoch=3)
    assert token.check(KEYS, text, lambda *_: 3)
    assert token.check(KEYS, text, lambda *_: 4) is None
    assert token.check(KEYS, text, lambda *_: None) is None, "a party that is no more"


def test_a_key_that_was_taken_away_voids_its_tokens() -> None:
    text = token.mint(KEYS, TokenKind.AGENT, 7, 9, DAY)
    assert token.check(Keyring({1: KEYS.keys[1]}), text, anybody) is None
    older = token.mint(Keyring({1: KEYS.keys[1]}), TokenKind.AGENT, 7, 9, DAY)
    assert token.check(KEYS, older, anybody), "an old key still verifies"


def test_an_old_key_signs_nothing_of_a_later_day_than_its_successors_first() -> None:
    old = Keyring({1: KEYS.keys[1]})
    ring = Keyring({**KEYS.keys, 3: b"o" * 32}, {2: DAY, 3: DAY + timedelta(days=9)})

    def good(keys: Keyring, days: int) -> bool:
        text = token.mint(keys, TokenKind.AGENT, 7, 9, DAY + timedelta(days=days))
        return token.check(ring, text, anybody) is not None

    assert good(old, -400), "what was sent long ago"
    assert good(old, 1), "a daemon that got the new key a day later"
    assert not good(old, 2)
    assert good(KEYS, 10)
    assert not good(KEYS, 11)
    assert good(ring, 4000)


def test_parties_outlive_a_rotation_of_keys() -> None:
    assert token.party_of(KEYS, "Anna@x.example") == token.party_of(Keyring({1: KEYS.keys[1]}), "anna@X.example")


@pytest.mark.parametrize("before", ["reply+", "support-", "", "b.", "x="])
def test_a_token_is_found_in_an_address_whatever_stands_before_it(before: str) -> None:
    text = token.mint(KEYS, TokenKind.CUSTOMER, 7, 9, DAY)
    assert token.find(f"{before}{text.upper()}@example.com") == text


def test_age_is_counted_in_days() -> None:
    found = token.check(KEYS, token.mint(KEYS, TokenKind.AGENT, 7, 9, DAY), anybody)
    assert found is not None
    assert found.age(datetime(2026, 12, 3, 9, tzinfo=timezone(timedelta(hours=2)))) == timedelta(days=10)


def test_our_own_message_ids_name_their_ticket_and_forged_ones_do_not() -> None:
    one = token.message_id(KEYS, 7, b"12345678", "example.com")
    assert token.ticket_of_id(KEYS, one, "example.com") == 7
    assert token.ticket_of_id(KEYS, token.root_id(KEYS, 7, "example.com"), "example.com") == 7
    assert token.ticket_of_id(KEYS, one.upper(), "example.com") == 7
    assert token.ticket_of_id(KEYS, one.replace("tk7", "tk8"), "example.com") is None
    assert token.ticket_of_id(KEYS, one, "other.example") is None
    assert token.ticket_of_id(KEYS, "<q1@customer.example>", "example.com") is None
