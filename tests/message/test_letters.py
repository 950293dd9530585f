"""Letters that come apart are put together, however many marks a sender piles on one."""

import time
import unicodedata

import pytest

from maild.message import filename, letters, rating

PILES = ["\u0315\u0300", "\u0f73", "\u0f75\u0f81", "\u0345\u0327\u0301"]


def test_letters_and_their_marks_become_one() -> None:
    assert letters.composed("a\u0304bele un e\u0323\u0302") == "ābele un ệ"
    assert letters.composed("printeris") == "printeris"


def test_thirty_marks_on_a_letter_are_kept_and_no_more() -> None:
    pile = "g" + "\u0323" * 30
    assert letters.composed(f"e\u0301 {pile}") == f"é {pile}"
    assert letters.composed(f"e\u0301 {pile}\u0323\u0323a") == f"é {pile}a"


@pytest.mark.parametrize("pile", PILES)
def test_piled_marks_cost_linear_time(pile: str) -> None:
    hostile = "a" + pile * (200_000 // len(pile))
    begun = time.process_time()
    assert unicodedata.is_normalized("NFC", letters.composed(hostile))
    filename.safe(f"{hostile[:32_768]}.pdf", "application/pdf")
    rating.read(hostile)
    rating.read("\ufdfa" * 300_000)
    assert time.process_time() - begun < 1
