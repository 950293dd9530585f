"""Thanks are no answer, and answers are no thanks."""

import pytest

from maild.message.gratitude import is_reaction, is_thanks, is_thanks_of, may_be_thanks
from maild.message.model import Cut


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
        "[like]  Anna Ozola reacted to your message:",
        "Anna Ozola hat auf Ihre Nachricht reagiert:",
        "Paldies, Jāni!",
        "Paldies, viss kārtībā!",
        "Skaidrs, paldies.",
        "Labi, paldies!",
        "Paldies, saņēmu.",
        "Paldies par ātro rīcību, lai jauka diena!",
        "Got it, thanks.",
        "Thank you for your quick response - Anna",
        "It's working now, thanks for letting me know!",
        "Спасибо, всё понятно!",
        "Хорошо, спасибо",
        "Thank you kindly!",
        "Much appreciated, thanks!",
        "Informāciju saņēmu, paldies",
        "Thank you, Jānis, for the quick reply. Much good work!",
    ],
)
def test_thanks(text: str) -> None:
    assert is_thanks(text, "Anna Liepa <anna@customer.example>")


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
        "[sad]  Anna Ozola reacted to your message:",
        "My boss reacted to your message: he wants his money back",
        "thanks " * 20,
        "No, thanks",
        "Nē, paldies.",
        "Нет, спасибо",
        "Nestrādā. Paldies.",
        "Paldies. Nestrādā.",
        "Paldies!\n\nNestrādā",
        "Gaidu. Paldies!",
        "Atceliet, paldies",
        "Broken again, thanks",
        "Cancel it, thanks",
        "Problem again. Thanks",
        "Let me know. Thanks",
        "Жду. Спасибо.",
        "Kindly update. Thanks",
        "Thanks, help me",
        "Help me now. Thanks!",
        "A quick response is appreciated. Thanks",
        "Atbildi ātri, paldies",
        "Спасибо! Ответ быстро",
        "Thanks, Monday works for me",
        "Danke, Mittwoch",
    ],
)
def test_no_thanks(text: str) -> None:
    assert not is_thanks(text, "Anna Liepa <anna@customer.example>")


def test_what_may_be_thanks_is_seen_above_what_is_quoted() -> None:
    assert may_be_thanks("Labdien!\n\nPaldies!\n\n2026. gada 23. novembrī Jānis rakstīja:\n> Lampa ir ceļā.\n")
    assert not may_be_thanks("Labdien!\nLampa atkal nedeg.\nKo darīt?\nAnna\n\n> Paldies!\n")
    assert not may_be_thanks("")


@pytest.mark.parametrize(
    ("signature", "thanks"),
    [
        ("-- \nAnna Liepa\nSIA Klients\nTālr. 26123456", True),
        ("Ar cieņu,\nAnna Liepa\nhttps://klients.example/?par=mums", True),
        ("Ar cieņu,\nAnna\nP.S. Lampa atkal nedeg.", False),
        ("Best regards\nAnna\nPS it is dark again", False),
        ("Best regards\nAnna\nWhen will the chair come?", False),
    ],
)
def test_a_signature_makes_no_answer_of_thanks_and_what_is_added_below_it_does(signature: str, thanks: bool) -> None:
    assert is_thanks_of(Cut(f"Paldies!\n\n{signature}", "", "nothing quoted", 1.0, signature), "Anna Liepa") is thanks


GMAIL = "Anna Ozola reacted via Gmail\n<https://www.google.com/gmail/about/?utm_campaign=emojireactionemail#app>\n"


@pytest.mark.parametrize(
    "text",
    [
        "[heart]   Ozola, Anna reacted to your message:\n________________________________\nFrom: Us <us@x.example>",
        "[like]\nAnna Ozola reacted to your message:\n",
        "Anna Ozola a réagi à votre message :\n",
        f"👍\n\n{GMAIL}",
        f"🥴\n\n{GMAIL}",
    ],
)
def test_what_programs_write_of_a_tap(text: str) -> None:
    assert is_reaction(text)


@pytest.mark.parametrize(
    "text",
    ["", "👍", f"Yes, it works.\n\n{GMAIL}", "My boss reacted to your message\nand is content.", "[like]\nAnna"],
)
def test_what_somebody_wrote_is_no_reaction(text: str) -> None:
    assert not is_reaction(text)
