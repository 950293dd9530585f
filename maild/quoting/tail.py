"""What stands below the beginning of a quote: the rest of it, unless somebody answers between its lines or below them.

It is seen from lines that are known to be quoted, by their marks or as those of the mail that is answered.
"""

import re
from collections.abc import Collection
from typing import NamedTuple

from maild.quoting import added, attribution, heads, quotes, sensitivity, signature

LONGEST_QUOTED = 998  # RFC 5322 section 2.1.1
FEWEST_NAMES = 2  # of one person: a word alone may be anybody's


class Found(NamedTuple):
    """Which lines are quoted, and what says so."""

    quoted: frozenset[int]
    because: str
    sureness: float
    doubtful: bool = False  # nothing marks the lines, and the mail answers none


def found(
    lines: list[str], start: int, because: str, sureness: float, known: frozenset[int] = frozenset(), end: int = -1
) -> Found:
    """Everything from `start` on is quoted, but for answers below or between lines that are marked as quoted."""
    start = _upwards(lines, start)
    end = max(end, start - (start in known))
    marked = sorted({i for i in range(start, len(lines)) if quotes.quoted(lines[i]) or i in known})
    after = next((i for i in range(end + 1, len(lines)) if lines[i].strip()), len(lines))
    everything = frozenset(range(start, len(lines)))
    if after < len(lines) and lines[after].startswith("|"):
        marked = [i for i in range(after, len(lines)) if lines[i].startswith("|")]
    elif after < len(lines) and quotes.initialled(lines[after]):
        marked = sorted({*marked, *(i for i in range(after, len(lines)) if quotes.initialled(lines[i]))})
    drawn = (
        lines[start].rstrip().endswith(">>>") if start < len(lines) else False
    )  # GroupWise: of that, no line is marked
    introduced = bool(marked) and marked[-1] > end and (after in marked or (start in marked and not drawn))
    if not introduced:
        return Found(everything, because, sureness)
    below = _writes(lines, marked[-1], lines[:start])
    if answers_between(lines, marked[0], marked[-1], frozenset(marked)):
        last = len(lines) - 1 if below else _last_answer(lines, marked)
        return Found(frozenset(range(last + 1, len(lines))), f"{because}, answers between", 0.6)
    if below:
        return Found(frozenset(range(start, marked[-1] + 1)), because, sureness - 0.1)
    return Found(everything, because, sureness)


def last_named(lines: list[str], among: Collection[int], writer: str, said: str) -> int:
    """Return the last of some quoted lines in which their writer put his name before what he answers; -1 if in none.

    Outlook writes "[Anna Ozola] Yes", whatever the language; by hand, people write "AO: Yes" time and again.

    Args:
        said: the mail that is answered, as far as it is known: he may have answered so before.
    """
    words = [word for word in writer.split() if word[:1].isupper()]
    if len(words) < FEWEST_NAMES:
        return -1
    whole, initials = f"[{' '.join(writer.split())}]", "".join(word[0] for word in words)
    by_hand = (f"{words[0]}:", f"{initials}:", f"[{initials}]", f"{initials}>")
    found = [index for index in among if any(mark in lines[index] for mark in (whole, *by_hand))]
    if not found:
        return -1  # as nearly always
    known = frozenset(quotes.unquoted(line).strip() for line in said.splitlines())
    bare = {index: quotes.unquoted(lines[index][: quotes.LONGEST]).strip() for index in found}
    named = [index for index in found if whole in bare[index] and bare[index] not in known]
    typed = [index for index in found if bare[index].startswith(by_hand) and bare[index] not in known]
    return max((*named, *(typed if len(typed) > 1 else ())), default=-1)


def _upwards(lines: list[str], start: int) -> int:
    """Take the marked lines above one that is marked itself, the rule, title and empty lines right above a quote."""
    known = start
    while start > 0 and quotes.quoted(lines[start]) and quotes.quoted(lines[start - 1]):
        start -= 1
    start = _introduction(lines, start) if start < known else start
    above = start
    while above > 0 and start - above < 4 and _may_be_above(lines[above - 1]):
        above -= 1
        to = heads.label(lines[above]) if "@" in lines[above] else ("", "")
        if quotes.frame(lines[above]) or to[0] == "to" or attribution.unended(lines[above]):
            start = above
    return start


def _introduction(lines: list[str], start: int) -> int:
    """Where the attribution begins that ends above marked lines; `start` if there is none."""
    end = next((index for index in range(start - 1, max(start - 3, -1), -1) if lines[index].strip()), -1)
    found = attribution.find(lines, end, max(end - attribution.JOINED + 1, 0))[0] if end >= 0 else -1
    return found if found >= 0 else start


def _may_be_above(line: str) -> bool:
    if not line.strip() or quotes.frame(line) or attribution.unended(line):
        return True
    return heads.label(line)[0] in ("to", "subject")


def answers_between(lines: list[str], first: int, last: int, marked: frozenset[int]) -> bool:
    """Something that is no broken quoted line stands between quoted lines."""
    index = first
    while index <= last:
        if index in marked or not lines[index].strip():
            index += 1
            continue
        end = index
        while end <= last and end not in marked:
            end += 1
        if not _broken(lines, index, end) and not _introduces(lines, index, end):
            return True
        index = end
    return False


def _broken(lines: list[str], start: int, end: int) -> bool:
    """One or two unmarked lines that a program wrapped out of the quoted line right above them."""
    block = [line for line in lines[start:end] if line.strip()]
    before = lines[start - 1].rstrip()[-LONGEST_QUOTED:] if start else ""
    if not quotes.quoted(before[:3]) or len(block) > 2 or not lines[start].strip():
        return False
    if before.rfind("<") > before.rfind(">", 2) or before.count("(") > before.count(")"):
        return True  # a link or a parenthesis is still open
    if len(block) == 1 and _LINK_ALONE.fullmatch(block[0], 0, LONGEST_QUOTED):
        return True
    return len(block) == 1 and len(before) >= 60 and block[0][:1].islower() and before[-1] not in "?:"


_LINK_ALONE = re.compile(r"\s*[(<\[]\s?https?://[^\s()<>\[\]]+\s?[)>\]]\s*>?\s*")  # in brackets, as programs put it


def _introduces(lines: list[str], start: int, end: int) -> bool:
    """The unmarked lines are themselves an attribution of the next quote."""
    block = [index for index in range(start, end) if lines[index].strip()]
    return attribution.find(lines, block[-1], block[0])[0] == block[0]


def _last_answer(lines: list[str], marked: list[int]) -> int:
    """The last line above the last quoted block: no answer refers to what follows."""
    known = set(marked)
    return next(i for i in range(marked[-1], -1, -1) if i not in known and lines[i].strip())


def _writes(lines: list[str], last: int, above: list[str]) -> bool:
    """Somebody wrote something below the quote, which is more than a signature, a disclaimer or a broken line.

    Who only greeted above the quote may have written his answer below what his program signs with.  What stands above
    it, too, is no loss: a company's server signs at the very end what its people signed.
    """
    greeted, said = signature.only_greets(above), frozenset(map(str.strip, above))
    block = [index for index in range(last + 1, len(lines)) if lines[index].strip()]
    if said.issuperset(lines[index].strip() for index in block):
        return False
    while block and (_signs(lines[block[0]]) if greeted else _is_formal(lines[block[0]])):
        del block[0]
    if not block or _signs(lines[block[0]]):
        return False
    if not greeted and signature.disclaimer(lines, block[0]):
        return False
    if len(block) == 1 and sensitivity.named(lines[block[0]]):
        return False
    return not (block[0] == last + 1 and len(block) == 1 and _broken(lines, block[0], block[0] + 1))


def _is_formal(line: str) -> bool:
    return (quotes.rule(line) and not added.delimited(line)) or signature.formal(line)


def _signs(line: str) -> bool:
    return added.delimited(line) or added.mobile(line)
