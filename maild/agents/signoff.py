"""An agent's signature that nothing marks: the lines with which his mails end time and again.

They are known by their hashes alone.  What is cut begins where a signature may begin (a closing, a rule, his
own name), ended his earlier mails line for line, and is never all that he wrote: who sends the same answer to
many customers sends it whole.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate, takewhile
from typing import NamedTuple

from maild.quoting import added, signature

KEPT = 5  # of an agent's mails
RECURS = 3  # of these
LONGEST = 24  # lines of a mail's end
MARKS = "-–—_*• "  # that stand before a name


class Parted(NamedTuple):
    """A text without its recurring end; seen is how many of the kept mails ended so."""

    text: str
    ending: str = ""
    seen: int = 0


def of(text: str) -> tuple[str, ...]:
    """Return what a text's end is known by again: a hash of each of its last lines, the last one first."""
    lines = [line for line in text.splitlines() if line.strip()]
    return tuple(_hash(line) for line in lines[: -LONGEST - 1 : -1])


def part(text: str, name: str, earlier: Sequence[Sequence[str]]) -> Parted:
    """Part a text from the signature with which its writer's earlier mails ended.

    Args:
        name: the agent's.
        earlier: what `of` said about them, any order.
    """
    lines = text.rstrip().split("\n")
    counted = _counted(lines)
    alike = sorted((_alike(of(text), one) for one in earlier[-KEPT:]), reverse=True)
    recurring = alike[RECURS - 1] if len(alike) >= RECURS else 0
    starts = (i for i in range(len(lines) - 1, -1, -1) if 0 < counted[i] <= recurring and _begins(lines[i], name))
    start = next(starts, len(lines))
    while 0 < start < len(lines) and counted[start - 1] <= recurring and _closes(lines, start):
        start -= 1
    new = "\n".join(lines[:start]).rstrip()
    if start == len(lines) or not new.strip():
        return Parted(text)
    return Parted(new, "\n".join(lines[start:]).strip("\n"), sum(one >= counted[start] for one in alike))


def is_all(text: str, name: str) -> bool:
    """Tell whether a text is nothing but a signature, as programs add it to each mail; thanks are a word of his."""
    first, *below = [line.strip() for line in text.splitlines() if line.strip(" _=")] or [""]
    if not first or len(below) >= LONGEST or signature.says((first, *below)):
        return False
    if _is_name(first, _names(name)):
        return first[-1] not in ".!?"
    bare = _unnamed(first, _names(name))
    return _begins(bare, name) and signature.nothing_else([bare, *below])


def _unnamed(line: str, names: Iterable[str]) -> str:
    """Return "Best regards" of "Best regards, Anna Ozola"."""
    named = (one for one in names if one and line.casefold().strip(",.").endswith(f" {one}"))
    return next((line.strip(",.")[: -len(one)].strip() for one in named), line)


def _counted(lines: Sequence[str]) -> list[int]:
    """Return for each line how many lines with words there are from it to the end."""
    return list(accumulate(int(bool(line.strip())) for line in reversed(lines)))[::-1]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines two ends share."""
    return sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(one, other, strict=False)))


def _begins(line: str, name: str) -> bool:
    return added.delimited(line) or signature.closes(line) or _is_name(line, _names(name))


def _closes(lines: Sequence[str], start: int) -> bool:
    """Tell whether the line above belongs to a signature that begins below: "Best regards", a rule, nothing."""
    above = lines[start - 1]
    return not above.strip() or added.delimited(above) or signature.closes(above)


def _names(name: str) -> tuple[str, ...]:
    whole = " ".join(name.casefold().split())
    return tuple(dict.fromkeys((whole, whole.partition(" ")[0])))


def _is_name(line: str, names: Collection[str]) -> bool:
    """Tell whether a line is somebody's name, or begins with it and goes on as no sentence does."""
    bare = " ".join(line.casefold().strip(MARKS).split())
    whole = max(names, key=len)
    return bool(whole) and (bare.strip(",.") in names or (bare.startswith((f"{whole},", f"{whole} |", f"{whole} -"))))


def _hash(line: str) -> str:
    return hashlib.blake2b(" ".join(line.split()).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
