"""Thanks are no answer, and answers are no thanks."""

import pytest

from maild.message.gratitude import is_thanks


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!",
        "Thank you very much for the quick help!\n\nAnna",
        "Paldies!",
        "Labdien! Liels paldies par ātro atbildi, viss strādā.\n\nAnna Liepa",
        "Спасибо большое!",
        "Thanks, it works now. Have a nice day!",
        "👍",
        "🙏🏽 ❤️",
    ],
)
def test_thanks(text: str) -> None:
    assert is_thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No",
        "Thanks, but it still does not work",
        "Thanks! When will it come?",
        "Paldies, bet lampa atkal nedeg",
        "Thank you. My number is 26123456.",
        "Thanks for nothing, I want my money back",
        "Paldies, bet gaidu naudu atpakaļ",
        "It works",
        "👎",
        "👍?",
        "😡",
        "thanks " * 20,
    ],
)
def test_no_thanks(text: str) -> None:
    assert not is_thanks(text)
