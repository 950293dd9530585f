"""The words with which customers may order something."""

import pytest

from maild.ticket.customer import Word, word


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("status", Word.STATUS),
        ("  Status?\n", Word.STATUS),
        ("Statuss.", Word.STATUS),
        ("«Статус»", Word.STATUS),
        ("SOLVED!", Word.SOLVED),
        ("close", Word.SOLVED),
        ("Atrisināts", Word.SOLVED),
        ("Please close this ticket.", Word.SOLVED),
        ("Lūdzu, slēgt!", None),
        ("Lūdzu slēgt!", Word.SOLVED),
        ("Решено", Word.SOLVED),
        ("stop  copies", Word.NO_COPIES),
        ("Nesūtīt kopijas", Word.NO_COPIES),
        ("не присылать копии", Word.NO_COPIES),
        ("", None),
        ("solved?\nNot at all.", None),
        ("It is not solved", None),
        ("please close the door", None),
        ("status " * 20, None),
    ],
)
def test_a_word_counts_alone(text: str, means: Word | None) -> None:
    assert word(text) is means
