"""Which lines of an answer are those of the mail that it answers, though no program marks them (Outlook does not)."""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import islice

from maild.message import quotes

MATCH_WORDS = 3  # a line of fewer words is anybody's
LONG_ENOUGH = 40  # characters that prove a quote alone
LONGEST_PARENT = 100_000  # characters
MOST_ABOVE = 10  # lines of our mail above the first that is known
REWRAPPED = 300  # lines that are looked for anywhere in the parent
ASKING = ("?", ":", "？", "：")
LONGEST_ASKED = 500  # characters
MOST_MARKS = 5  # of a line
MOST_ANSWERED = 2000  # lines that are looked at
_ASKED = re.compile("[?:？：]")
_BRACKETED = re.compile(r"[\[<(][^\[\]<>()]{0,300}[\]>)]")  # links and pictures, as programs add them
_LINKED = re.compile(r"<(?:https?|mailto):[^<>\s]{1,500}>")


def quoted(lines: list[str], parent_text: str, sent: str = "") -> frozenset[int]:
    """Return which lines are quoted; they count only where two of the parent's, or one long one, are found.

    Args:
        parent_text: the words of whoever wrote the mail that is answered, and of those before it.
        sent: that mail whole, where it is ours.
    """
    known = {key for line in parent_text[:LONGEST_PARENT].splitlines() if (key := _key(line))}
    if not known:
        return frozenset()
    whole = " ".join(quotes.unquoted(parent_text[:LONGEST_PARENT]).casefold().split())
    matched: list[int] = []
    looked = 0
    for index, line in enumerate(lines):
        key = _key(line)
        if not key:
            continue
        if key in known:
            matched.append(index)
        elif matched and looked < REWRAPPED:  # below the first one, programs may have broken lines anew
            looked += 1
            if key in whole:
                matched.append(index)
    if len(matched) < 2 and not any(len(_key(lines[index])) > LONG_ENOUGH for index in matched):
        return frozenset()
    above = _above(lines, matched[0], sent or parent_text[:LONGEST_PARENT])
    return frozenset((*above, *matched, *_beside(lines, matched, parent_text[:LONGEST_PARENT], sent)))


def last_answer(lines: list[str], among: Collection[int], parent_text: str, sent: str = "") -> int:
    """Return the last of some quoted lines in which somebody answers what it asks, behind it; -1 where none does.

    "What is the number? It is 17.": of that, only the first half stands in the mail that is answered.
    """
    known = f"{parent_text[:LONGEST_PARENT]}\n{sent[:LONGEST_PARENT]}"
    asked = {bare for line in known.splitlines() if line.rstrip().endswith(ASKING) and (bare := _bare(line))}
    if not asked:
        return -1
    answered = [index for index in sorted(among)[:MOST_ANSWERED] if _answers(lines[index], asked)]
    if not answered:
        return -1  # as nearly always
    whole = " ".join(quotes.unquoted(known).casefold().split())
    return max((index for index in answered if _bare(lines[index]) not in whole), default=-1)


def _answers(line: str, asked: Collection[str]) -> bool:
    """A line begins with one of the questions, and goes on."""
    if not _ASKED.search(line, 0, LONGEST_ASKED):
        return False
    bare = _bare(line)
    for mark in islice(_ASKED.finditer(bare, 0, LONGEST_ASKED), MOST_MARKS):
        if mark.end() < len(bare) and bare[: mark.end()] in asked:
            return any(map(str.isalnum, _BRACKETED.sub("", bare[mark.end() :])))
    return False


def _above(lines: list[str], first: int, said: str) -> list[int]:
    """The lines right above the first known one that stand above it in our mail, too: greetings, and links with it."""
    known = _bare(lines[first])
    before: list[str] = []
    for line in said.splitlines():
        if (bare := _bare(line)) and bare == known:
            break
        before.append(bare)
    else:
        return []
    before = list(filter(None, before))[-MOST_ABOVE:]
    left, whole, found = Counter(before), " ".join(before), list[int]()
    for index in range(first - 1, max(first - 2 * MOST_ABOVE, -1), -1):
        if not (bare := _bare(lines[index])):
            continue
        if not left[bare] and not (_key(lines[index]) and bare in whole):
            break
        left[bare] -= 1
        found.append(index)
    return found


def _beside(lines: list[str], matched: list[int], parent_text: str, sent: str) -> Iterator[int]:
    """The lines that are quoted too, though they prove nothing: what our mail added, and short ones.

    A short one counts where it stands between others, or right below them, and no more often than it was said: it may
    be an answer, and a signature is the same in each mail.
    """
    ours = Counter(map(_bare, sent.splitlines()))
    whole = " ".join(ours)
    below = range(matched[0], min(len(lines), matched[0] + REWRAPPED))
    long = [index for index in below if _is_long(lines[index], ours, whole)]
    yield from long
    last = max(*matched, *long, 0)
    said = ours.copy() if sent else Counter(map(_bare, parent_text.splitlines()))
    for index in (index for index in below if lines[index].strip()):
        bare = _bare(lines[index])
        if index > last and not ours[bare]:
            return
        if not _key(lines[index]) and said[bare]:
            said[bare] -= 1
            ours[bare] -= 1
            yield index


def _is_long(line: str, ours: Collection[str], whole: str) -> bool:
    """The line says enough to be known again, though a program may have broken it anew."""
    bare = _bare(line) if _key(line) else ""
    return bool(bare) and (bare in ours or (len(bare) > LONG_ENOUGH and bare in whole))


def _bare(line: str) -> str:
    """A line as it can be compared, however short; programs write what a link leads to beside it."""
    return " ".join(_LINKED.sub("", quotes.unquoted(line[:1000])).casefold().split())


def _key(line: str) -> str:
    """A line as it can be compared: without marks, spacing and case; "" if too short to prove anything."""
    words = quotes.unquoted(line[:1000]).casefold().split()
    return " ".join(words) if len(words) >= MATCH_WORDS else ""
