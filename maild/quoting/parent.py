"""Which lines of an answer are those of the mail that it answers, though no program marks them (Outlook does not)."""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import islice, pairwise
from typing import NamedTuple
from urllib.parse import unquote

from maild.quoting import attribution, banner, heads, quotes

MATCH_WORDS = 3  # a line of fewer words is anybody's
TELLING_WORDS = 8  # in a row, which nobody else has said
LONG_ENOUGH = 40  # characters that prove a quote alone
LONGEST_PARENT = 100_000  # characters
MOST_ABOVE = 10  # lines of our mail above the first that is known
REWRAPPED = 300  # lines that are looked for anywhere in the parent
ASKING = ("?", ":", "？", "：")
LONGEST_ASKED = 500  # characters
MOST_MARKS = 5  # of a line
MOST_ANSWERED = 2000  # lines that are looked at
_ASKED = re.compile("[?:？：]")
_WORD = re.compile(r"\w+")
_BRACKETED = re.compile(r"[\[<(][^\[\]<>()]{0,300}[\]>)]")  # links and pictures, as programs add them
_DECORATED = re.compile(
    r"[\[<(]\s?(?:https?|mailto|tel|cid|image|inline image):?[^\[\]<>()]{0,500}[\]>)]", re.IGNORECASE
)
# What servers that check links make of them: theirs, with the one that was sent inside.
_REWRITTEN = re.compile(r"https?://[^\s<>]{1,300}?(https?(?::|%3a)(?:/|%2f){2}[^\s<>&]{1,500})[^\s<>]*", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s<>]{1,900}", re.IGNORECASE)
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_LINKED = re.compile(r"<(?:https?|mailto):[^<>\s]{1,500}>")


class Answered(NamedTuple):
    """The mail that is answered, as far as it is known."""

    text: str  # the words of whoever wrote it, and of those before it
    sent: str  # the mail whole, where it is ours

    @property
    def all(self) -> str:
        return f"{self.text}\n{self.sent}"


def answered(text: str, sent: str) -> Answered:
    """Return the beginning of what was said, which bounds what a long one costs."""
    return Answered(text[:LONGEST_PARENT], sent[:LONGEST_PARENT])


def quoted(lines: list[str], mail: Answered) -> frozenset[int]:
    """Return which lines are quoted; they count only where two of the parent's, or one long one, are found."""
    known = {key for line in mail.text.splitlines() if (key := _key(line))}
    if not known:
        return frozenset()
    whole, links = _said(mail.text), frozenset(_URL.findall(mail.text))
    matched: list[int] = []
    looked = 0
    for index, line in enumerate(lines):
        key = _key(line)
        if not key:
            if matched[-1:] == [index - 1] and _goes_on(lines[index - 1], line, whole, links):
                matched.append(index)
        elif key in known:
            matched.append(index)
        elif looked < REWRAPPED and (matched or key.count(" ") >= TELLING_WORDS):
            looked += 1  # programs may have broken the lines anew, and changed signs and links
            if (said := _said(key)) and said.count(" ") >= MATCH_WORDS - 1 and said in whole:
                matched.append(index)
    matched = _from_ours_on(lines, matched, mail.sent) if mail.sent else matched
    if len(matched) < 2 and not any(len(_key(lines[index])) > LONG_ENOUGH for index in matched):
        return frozenset()
    above = _above(lines, matched[0], mail.sent or mail.text)
    return frozenset((*above, *matched, *_beside(lines, matched, above, mail)))


def _goes_on(above: str, line: str, whole: str, links: frozenset[str]) -> bool:
    """The end of a line of ours that a program broke, or a link of ours, below what is ours."""
    if _said(line):
        return _said(f"{above} {line}") in whole
    found = _URL.findall(_unwrapped(line))
    return bool(found) and links.issuperset(found)


def _from_ours_on(lines: list[str], matched: list[int], sent: str) -> list[int]:
    """Without what he alone said before, above our first line: his letterhead stands in each of his mails."""
    said = [line for line in sent.splitlines() if not quotes.quoted(line)]
    whole = _said("\n".join(said))
    if not matched or _said(lines[matched[0]]) in whole or not any(map(_key, said)):
        return matched  # as nearly always
    marked_or_ours = (at for at, i in enumerate(matched) if quotes.quoted(lines[i]) or _said(lines[i]) in whole)
    return matched[next(marked_or_ours, len(matched)) :]


def last_answer(lines: list[str], among: Collection[int], mail: Answered) -> int:
    """Return the last of some quoted lines in which somebody answers what it asks, behind it; -1 where none does.

    "What is the number? It is 17.": of that, only the first half stands in the mail that is answered.
    """
    asked = {bare for line in mail.all.splitlines() if line.rstrip().endswith(ASKING) and (bare := _bare(line))}
    if not asked:
        return -1
    found = [index for index in sorted(among)[:MOST_ANSWERED] if _answers(lines[index], asked)]
    if not found:
        return -1  # as nearly always
    whole = " ".join(quotes.unquoted(mail.all).casefold().split())
    return max((index for index in found if _bare(lines[index]) not in whole), default=-1)


def last_said(lines: list[str], among: Collection[int], mail: Answered) -> int:
    """Return the last line that is marked as quoted between ours, and that we never said; -1 where there is none.

    Whoever types into what he quotes has his words marked like ours.  Programs break, join and decorate what they
    quote, so words are compared, two by two; what is mostly unknown is another mail.
    """
    marked = [index for index in sorted(among)[:MOST_ANSWERED] if quotes.quoted(lines[index])]
    if not _unlike(lines, marked, mail.all):
        return -1  # as nearly always
    ours, his = _parted({index: lines[index] for index in marked}, mail.all)
    if not ours or not his:
        return -1
    depth = min(_depth(lines[index]) for index in ours)
    ours = [index for index in ours if _depth(lines[index]) == depth]
    block = range(_top(lines, ours[0], depth), ours[-1])
    his = [index for index in his if index in block and _depth(lines[index]) == depth]
    return his[-1] if 0 < len(his) <= len(ours) else -1


def _unlike(lines: list[str], marked: list[int], said: str) -> list[int]:
    """Which of some lines, but for what introduces them, do not stand in a text just so."""
    whole = _flat(said)
    if _flat(" ".join(lines[index] for index in marked)) in whole:
        return []
    found = [index for index in marked if _flat(lines[index]) not in whole]
    if not found or found[0] != marked[0]:
        return found
    first = next((at for at, index in enumerate(found) if index - at != found[0]), len(found))
    introduced = attribution.find(lines, found[first - 1], found[0])[0] == found[0]
    return found[first:] if introduced else found


def _flat(text: str) -> str:
    return " ".join(text.replace(">", " ").casefold().split())


def unsaid(lines: list[str], mail: Answered) -> bool:
    """Tell whether one of some lines stands in none of our mails, nor in what was said before."""
    said = [words for line in lines if (words := _words_of(line))]
    if not said:
        return False
    text = f" {' '.join(_words(mail.all))} "
    return any(f" {' '.join(words)} " not in text for words in said)


def strange(lines: list[str], mail: Answered) -> bool:
    """Tell whether none of some lines was said before."""
    ours, his = _parted(dict(enumerate(lines)), mail.all)
    return bool(his) and not ours


def _parted(marked: dict[int, str], said: str) -> tuple[list[int], list[int]]:
    """Which of some lines were surely said before, and which surely not; the others are neither."""
    whole = _words(said)
    known, text = frozenset(pairwise(whole)), f" {' '.join(whole)} "
    ours, his = list[int](), list[int]()
    for index, line in marked.items():
        words = _words_of(line)
        pairs = list(pairwise(words))
        hits = sum(pair in known for pair in pairs)
        if len(words) < MATCH_WORDS:
            his += [index] if words and f" {' '.join(words)} " not in text else []
        elif hits * 3 >= len(pairs) * 2:
            ours.append(index)
        elif hits * 3 < len(pairs):
            his.append(index)
    return ours, his


def _top(lines: list[str], first: int, depth: int) -> int:
    """The first line below what a program or a server wrote above our mail, whose line `first` is the first known."""
    top = first
    while max(first - REWRAPPED, 0) < top and _depth(lines[top - 1]) == depth and not heads.label(lines[top - 1])[0]:
        if attribution.find(lines, top - 1, max(top - attribution.JOINED, 0))[0] >= 0:
            break
        top -= 1
    return top + banner.end([quotes.unquoted(line) for line in lines[top:first]])


def _depth(line: str) -> int:
    """How many marks a line begins with."""
    return line[: len(line) - len(quotes.unquoted(line))].count(">") if quotes.quoted(line) else 0


def _words(text: str) -> list[str]:
    return _WORD.findall(_DECORATED.sub(" ", _unwrapped(text)).translate(_UNSEEN).casefold())


def _words_of(line: str) -> list[str]:
    """The words of a line; none where it shows nothing but a picture, or what stands for one."""
    bare = quotes.unquoted(line[:LONGEST_ASKED])
    return _words(bare) if any(map(str.isalnum, _BRACKETED.sub("", bare))) else []


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


def _beside(lines: list[str], matched: list[int], above: list[int], mail: Answered) -> Iterator[int]:
    """The lines that are quoted too, though they prove nothing: what our mail added, and short ones.

    A short one counts where it stands between others, or right below them as in the mail that is answered, and no more
    often than it was said: it may be an answer, and a signature is the same in each mail.
    """
    ours = Counter(map(_bare, mail.sent.splitlines()))
    whole = " ".join(ours)
    below = range(matched[0], min(len(lines), matched[0] + REWRAPPED))
    long = [index for index in below if _is_long(lines[index], ours, whole)]
    yield from long
    last = max(*matched, *long, 0)
    said = ours.copy() if mail.sent else Counter(map(_bare, mail.text.splitlines()))
    for bare in (_bare(lines[index]) for index in above):
        said[bare] -= 1
        ours[bare] -= 1
    running, bare = _running(mail.text), ""
    for index in (index for index in below if lines[index].strip()):
        before, bare = bare, _bare(lines[index])
        if index > last and not ours[bare] and f" {before} {bare} " not in running:
            return
        if not _key(lines[index]) and said[bare]:
            said[bare] -= 1
            ours[bare] -= 1
            yield index


def _running(text: str) -> str:
    """The lines of a text as one: programs break them anew."""
    return f" {' '.join(filter(None, map(_bare, text.splitlines())))} "


def _is_long(line: str, ours: Collection[str], whole: str) -> bool:
    """The line says enough to be known again, though a program may have broken it anew."""
    bare = _bare(line) if _key(line) else ""
    return bool(bare) and (bare in ours or (len(bare) > LONG_ENOUGH and bare in whole))


def _bare(line: str) -> str:
    """A line as it can be compared, however short; programs write what a link leads to beside it, or around it."""
    return " ".join(_LINKED.sub("", quotes.unquoted(_unwrapped(line[:1000]))).casefold().split())


def _unwrapped(text: str) -> str:
    return _REWRITTEN.sub(lambda link: unquote(link[1].partition("__;")[0]), text) if text.count("http") > 1 else text


def _key(line: str) -> str:
    """A line as it can be compared: without marks, spacing and case; "" if too short to prove anything."""
    words = quotes.unquoted(line[:1000]).casefold().split()
    return " ".join(words) if len(words) >= MATCH_WORDS else ""


def _said(text: str) -> str:
    """The words of a text: programs change marks, links and what shows letters as bold."""
    if "http" in text or ":" in text:
        text = _URL.sub("", _DECORATED.sub("", text))
    if not text.isascii():
        text = text.translate(_UNSEEN)
    return " ".join(_WORD.findall(text.casefold()))
