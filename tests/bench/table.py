"""The one table of `make bench`: what was measured, against whom in the same run, and what it must come to."""

import statistics
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

HEAD = "| what | against | must | measured |\n| --- | --- | --- | --- |"


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    against: str
    must: str
    measured: str


def compared(
    what: str, against: str, must: str, ours: Sequence[float], theirs: Sequence[float], unit: str = "/s"
) -> Row:
    """Return a row of a ratio: the median of those of each round, their spread, and the median of what is ours."""
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    spread = f"[{min(ratios):.2g}-{max(ratios):.2g}] n={len(ratios)}"
    measured = f"{statistics.median(ratios):.3g} × {spread} ({statistics.median(ours):,.4g}{unit})"
    return Row(what, f"{against} ({statistics.median(theirs):,.4g}{unit})", must, measured)


def alone(what: str, must: str, found: Sequence[float], unit: str, against: str = "–") -> Row:
    """Return a row of a figure that stands for itself: its median and spread."""
    spread = f" [{min(found):,.3g}-{max(found):,.3g}] n={len(found)}" if len(found) > 1 else ""
    return Row(what, against, must, f"{statistics.median(found):,.4g}{unit}{spread}")


def left_out(what: str, why: object) -> Row:
    return Row(what, "–", "–", f"left out: {why}")


def told_rounds(count: int, what: str) -> Iterator[int]:
    """Count rounds, and tell whoever looks on which one it is: a table takes from minutes to an hour."""
    for number in range(1, count + 1):
        tell(f"{what}, round {number} of {count} …")
        yield number


def tell(what: str) -> None:
    """Say at a terminal what is being done; the next row, or word, takes its place."""
    if sys.stderr.isatty():
        print(f"\r\033[K{what[:100]}", end="", file=sys.stderr, flush=True)


def show(rows: Iterable[Row], head: bool = True) -> None:
    """Print rows as they come."""
    if head:
        print(HEAD, flush=True)
    for row in rows:
        tell("")
        print(f"| {row.what} | {row.against} | {row.must} | {row.measured} |", flush=True)
