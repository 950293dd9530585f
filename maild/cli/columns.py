"""Lists at the terminal: column under column, no wider than it is."""

import shutil
import sys
from collections.abc import Sequence
from unicodedata import combining, east_asian_width

SHORTEST_LAST, SHORTEST = 24, 12  # what is left, at least, of the last column and of the one before it
GAP = "  "


def width_of_terminal() -> int | None:
    """Return how many characters fit on a line; None where a file or a program reads them."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def lines(rows: Sequence[Sequence[str]], width: int | None = None) -> list[str]:
    """Return rows as lines, cut to a width: the last column first, then the one before; the others identify.

    Args:
        width: None to cut nothing.
    """
    rows = [[printable(cell) for cell in row] for row in rows]
    sizes = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    if width is not None and rows:
        *fixed, before, last = sizes
        room = width - sum(fixed) - len(GAP) * len(sizes[1:])
        before = min(before, max(SHORTEST, room - min(last, SHORTEST_LAST)))
        sizes = [*fixed, before, max(1, room - before)]
        rows = [[_cut(cell, size) for cell, size in zip(row, sizes, strict=True)] for row in rows]
    return [GAP.join(_padded(cell, size) for cell, size in zip(row, sizes, strict=True)).rstrip() for row in rows]


def printable(text: str) -> str:
    """Leave nothing in words of strangers that would move the cursor or break the line."""
    return "".join(c if c.isprintable() else " " for c in text)


def width_of(text: str) -> int:
    """Return how many places a text takes: Chinese characters and most emoji take two."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def _cut(text: str, size: int) -> str:
    if width_of(text) <= size:
        return text
    while width_of(text) >= size:
        text = text[: min(len(text) - 1, size)]
    return f"{text}…"


def _padded(text: str, size: int) -> str:
    return text + " " * (size - width_of(text))
