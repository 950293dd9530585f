"""Agents' passwords: never readable, and guessed ever more slowly."""

from maild.identity import password
from maild.identity.password import Storm


def test_a_password_is_kept_as_an_argon2_hash_and_nothing_else_matches_it() -> None:
    kept = password.hashed("correct horse battery")
    assert kept.startswith("$argon2id$")
    assert password.matches(kept, "correct horse battery")
    assert not password.matches(kept, "correct horse batterz")
    assert not password.matches("", "correct horse battery")
    assert not password.matches("no hash at all", "correct horse battery")


def test_who_is_wrong_waits_ever_longer_and_others_do_not() -> None:
    storm = Storm()
    waits = []
    for second in range(8):
        waits.append(storm.wait_seconds("eve", second))
        storm.wrong("eve", second)
    assert waits == [0, 0, 1, 2, 4, 8, 16, 30]
    assert storm.wait_seconds("anna", 8) == 0
    assert storm.wait_seconds("eve", 8 + password.FORGET_SECONDS) == 0
    storm.right("eve")
    assert storm.wait_seconds("eve", 9) == 0


def test_a_storm_from_very_many_clients_does_not_fill_the_memory() -> None:
    storm = Storm()
    for number in range(password.MOST_CLIENTS + 100):
        storm.wrong(f"client {number}", 1)
    assert len(storm._wrong) == password.MOST_CLIENTS
