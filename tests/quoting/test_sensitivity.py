"""A company's label above or below a mail is no word of its writer's; whoever writes of such things is read whole."""

import pytest

from maild.message.model import Address, Message
from maild.quoting import body

SAID = "It works now.\n\nAnna"


def cut(text: str) -> str:
    sender = Address("Anna", "anna@customer.example")
    return body.cut(Message("<s1@customer.example>", sender, "Re: Printer", text, "")).new_text


LABELS = [
    "Classification: Internal",
    "Sensitivity: General",
    "Sensitivity: C2 Internal",
    "*** Classification: Restricted ***",
    "Classification: Confidential - Company Use",
    "TLP:GREEN",
    "Klassifizierung: Intern",
    "Classification : Interne",
    "Clasificación: Interna",
    "Informācijas klasifikācija: Iekšēja",
    "Klassificering: Intern",
    "C1 - Public",
    "C2 – Internal",
    "[C3 | Vertraulich]",
]


@pytest.mark.parametrize("label", LABELS)
def test_label_is_no_word_of_the_writer(label: str) -> None:
    assert cut(f"{label}\n\n{SAID}") == SAID
    assert cut(f"{SAID}\n\n{label}\n") == SAID
    quote = "On Mon, May 5, 2025 at 10:14 AM Bob <bob@x.example> wrote:\n> Is it on?"
    assert cut(f"{SAID}\n\n{quote}\n\n{label}\n") == SAID
    assert cut(label) == label, "nothing is cut to empty"


@pytest.mark.parametrize("label", ["[Internal]", "INTERNAL", "OFFICIAL", "OFFICIAL: Sensitive", "Internal Use Only"])
def test_label_without_its_name_stands_above(label: str) -> None:
    assert cut(f"{label}\n\n{SAID}") == SAID
    assert cut(f"{SAID}\n\n{label}").endswith(label)


@pytest.mark.parametrize(
    "text",
    [
        "Internal\n\nis the door that does not close.",
        "Public\n\nAnna",
        "CONFIDENTIAL\n\nMy boss must not learn of this.",
        "Classification: Internal\nPriority: High\nRoom: 7\n\nPlease repair.",
        "Please repair.\n\nPriority: High\nClassification: Internal",
        "Classification: internal or outdoor?\n\nAnna",
        "Classification: internal medicine\n\nPlease add it.",
        "Sensitivity: high\n\nis what the alarm shows.",
        "C1 - Business\n\nis the course that I want.",
        "C1 - red\n\nis the lamp that blinks.",
    ],
)
def test_words_of_a_person_are_no_label(text: str) -> None:
    assert cut(text) == text
