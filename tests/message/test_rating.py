"""A rating is a figure or its word in the first line; anything else is an answer that a person must read."""

import pytest

from maild.message.rating import WORDS, Rating, read


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("5", 5),
        (" 5. \n", 5),
        ("*4*", 4),
        ("5/5", 5),
        ("3 / 5!", 3),
        ("4 out of 5", 4),
        ("2 no 5", 2),
        ("1 из 5", 1),
        ("5 stars", 5),
        ("Rating: 4", 4),
        ("Vērtējums: 4", 4),
        ("моя оценка - 2", 2),
        ("5️⃣", 5),
        ("★★★★☆", 4),
        ("⭐⭐⭐", 3),
        ("5, paldies!", 5),
        ("5 - thank you very much", 5),
        ("5 👍", 5),
        ("2 (slikti)", 2),
        ("good", 4),
        ("Labi.", 4),
        ("loti labi", 5),
        ("Ļoti slikti!", 1),
        ("слабо", 2),
        ("Очень хорошо", 5),
        ("Labdien!\n\n4", 4),
        ("Hello Jānis,\n5", 5),
        ("Здравствуйте!\n3", 3),
    ],
)
def test_a_rating_alone(text: str, figure: int) -> None:
    assert read(text) == Rating(figure)


def test_what_stands_below_is_its_comment() -> None:
    assert read("2\n\nIt took three weeks.\nNobody told me why.") == Rating(
        2, "It took three weeks.\nNobody told me why."
    )


@pytest.mark.parametrize("text", ["Labi.\n\nBet lampa joprojām nedeg.", "Good\nPlease send the invoice", "хорошо\nЖду"])
def test_a_word_that_also_means_all_right_is_no_rating_above_other_words(text: str) -> None:
    """Else a lamp that is dark again would stay solved; what says one thing alone may have a comment."""
    assert read(text) is None
    assert read("Labi\n\nPaldies!") == Rating(4, "Paldies!")
    assert read("Ļoti labi\nĀtri.") == Rating(5, "Ātri.")


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        ("5 - ļoti ātri", Rating(5, "ļoti ātri")),
        ("2/5, I waited for a week, and nobody told me", Rating(2, "I waited for a week, and nobody told me")),
        ("Rating: 1 – neviens neatbildēja", Rating(1, "neviens neatbildēja")),
        ("2 - Vai tas ir viss?\nJānis", Rating(2, "Vai tas ir viss?\nJānis")),
    ],
)
def test_what_is_said_behind_a_figure_is_a_comment_as_below_it(text: str, rating: Rating) -> None:
    """Such an answer opened the ticket again, and rated nothing."""
    assert read(text) == rating


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5 lamps are broken",
        "5 lampas nedeg, paldies",
        "5?",
        "6",
        "0",
        "10",
        "5/10",
        "5.5",
        "4,5",
        "5%",
        "5:30",
        "-5",
        "1. The lamp is broken\n2. So is the switch",
        "Good morning",
        "Good, but the lamp is broken",
        "Labi, paldies",
        "Not good",
        "5 - bad",
        "Bad, 5",
        "5 €",
        "5, 6 and 7 do not work",
        "5 lampas nedeg - ko darīt",
        "2-3 lamps",
        "It was good.",
        "Everything is fine.\n5",
        "2 or 3",
        "Labdien!",
        "★★★★★★",
        "★★☆",
        "ok",
        "5 " + "thanks " * 20,
    ],
)
def test_no_rating(text: str) -> None:
    assert read(text) is None


def test_no_word_has_two_meanings() -> None:
    words = [word for said in WORDS.values() for word in said.split("|")]
    assert len(words) == len(set(words))
