"""Letters and their marks, written in one way (Unicode's NFC).

Unicode sorts the marks that are piled on one letter, and the time that costs grows with the square of their number.
No language piles more than thirty (UAX 15 section 13), so what a hostile sender piles on top of them is left out.
"""

import unicodedata

MOST_MARKS = 30  # on one letter
_PAIRS = frozenset("\u0f73\u0f75\u0f81")  # each stands for two marks, and passes for a letter


def composed(text: str) -> str:
    """Return a text with each letter and its marks as one character: file names of some systems come apart."""
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", unpiled(text))


def unpiled(text: str) -> str:
    """Return a text without the marks that no language would pile on one letter."""
    kept: list[str] = []
    piled = 0
    for letter in text:
        piled = piled + 1 if unicodedata.combining(letter) or letter in _PAIRS else 0
        if piled <= MOST_MARKS:
            kept.append(letter)
    return "".join(kept)
