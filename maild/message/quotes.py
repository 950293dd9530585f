"""Recognise the lines with which mail programs quote: attributions, separators, ">"; heads: heads.py.

Each question is asked of one line, or of at most five joined lines of limited length, so that a whole text costs
linear time whatever it holds.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

from maild.message.attributions import (
    AROUND_DATES,
    INNER_VERBS,
    OPENINGS,
    PERSONAL,
    QUOTING,
    THAT,
    UNDATED,
    VERBS,
    WEEKDAYS_AND_MONTHS,
)
from maild.message.labels import ABOVE_LINE, FORWARDED_BY, FORWARDS, ORIGINALS

LONGEST = 500  # no attribution is longer; a longer line is prose, or hostile
CANDIDATES = 2000  # lines that may introduce a quote and are looked at
LONGEST_OPENING = 4  # words
REPLY_ABOVE = ("reply", "please reply", "please type", "type your", "please write", "write your", "respond", "add your")
LONGEST_DATED = 16  # words of a sentence that only its date tells
LONGEST_NAME = 7  # words of "Anna Ozola (Example Ltd) wrote"
MOST_BEFORE_ADDRESS = 5  # words from a clock to the end of a bare address: "AM GMT+2 by anna@customer.example"
DATE_DIGITS = 5  # of "5 May 2025"
MOMENT_DIGITS = 7  # of "5.5.25 9:05"
QUOTE_MARKS = (">", "›", "»")
LONGEST_SENTENCE = 250  # characters of an attribution that no table knows
JOINED = 5  # lines over which programs wrap an attribution
_ENDS = (":", "：", ">", ")", "]", "-", "*", "_", *VERBS)
_LAST_LETTERS = frozenset(end[-1] for end in _ENDS)
_DRAWING = "-_=*‐‑‒–—―─━"
_DRAWN = ("--", "‐‐", "——", "──")
_FRAMES = (*_DRAWN, "==", "=-", "-=", "##", "**", "__")
_RULE = frozenset(f"{_DRAWING}~ ")
DASHES = f"{_DRAWING}>#~ \t"
_AROUND_WORDS = ".,'’()*_-–—─"
_PARTED = re.compile("[、，]")  # by Japanese and Chinese, which put no blank there
MAILBOX = re.compile(r"""(?:^|[\s"'»”)(])[<(\[]\s?[^<>()\[\]\s=]{1,100}@[^<>()\[\]\s]{1,200}\s?[>)\]]""")
_MAILED = re.compile(r"(?<=\S)<mailto:[^<>\s]{1,320}>")  # what Outlook writes behind an address
_ANGLED = re.compile(r"<[^<>\s]{1,100}@[^<>\s]{1,200} ?>")  # between round brackets, people write addresses, too
CLOCK = re.compile(r"(?<![\d.])\d{1,2}(?:[:.]| ?h ?)\d\d(?!\d|\.\d)")  # no "05.05" of "05.05.2025"
_SECONDS = re.compile(r"\d:\d\d:\d\d")  # of a log: mail programs leave them out where no verb follows
_CLOCK_LAST = re.compile(r"(?<![\d.])\d{1,2}[:.]\d\d(?: ?[ap]\.?m\.?)?(?: [+-]\d{4})?$")
_NOTES = re.compile(r"---\d{1,4}[./-]\d{1,2}[./-]\d{1,4}.{0,20}---")


_BLANKS = "\u00a0\u202f\u2007\u2009\u3000\t"
_UNSEEN = "\u00ad\u061c\u2060\u200b\u200e\u200f\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_SPACES = str.maketrans(dict.fromkeys(_BLANKS, " ") | dict.fromkeys(_UNSEEN, "") | {"İ": "i"})  # small, it is two
_SPACED = re.compile(f"[{_BLANKS}{_UNSEEN}İ]")  # translating costs ten times as much as looking


def plain(line: str) -> str:
    """A line as the tables have it: composed letters (French names from a Mac come decomposed), plain blanks."""
    if line.isascii():
        return line
    composed = unicodedata.normalize("NFC", line)
    return composed.translate(_SPACES) if _SPACED.search(composed) else composed


def quoted(line: str) -> bool:
    """RFC 3676 section 4.5: quoted lines begin with ">"; many programs put a blank or two before."""
    return line[:3].lstrip()[:1] in QUOTE_MARKS if line else False


_INITIALS = re.compile(r"\s{0,4}([^\W\d_]{1,4})>{1,9}(?:\s|$)")


def initialled(line: str) -> bool:
    """Marked with the initials of whom it quotes, as The Bat! does: "AO> Is it on?"."""
    found = _INITIALS.match(line) if ">" in line[:16] else None
    return found is not None and found[1].isupper()


def unquoted(line: str) -> str:
    """A line without its leading quote marks; only the first two hundred characters may be marks."""
    head = line[:200].lstrip("> \t›»|")
    return head + line[200:]


def candidates(lines: Sequence[str]) -> list[int]:
    """The indices of the lines that may introduce a quote, the first few thousand of them.

    Most lines of most texts are dismissed here; the limit bounds what a hostile text costs.
    """
    found: list[int] = []
    for index, line in enumerate(lines):
        if not line or len(line) > LONGEST:
            continue
        bare = line.strip("> \t\r")
        if bare and (":" in bare or "：" in bare or bare[0] in DASHES or _ends_as_attributions_do(line)):
            found.append(index)
            if len(found) == CANDIDATES:
                break
    return found


def _ends_as_attributions_do(line: str) -> bool:
    end = line.rstrip()
    if end[-1:] in "eE." and end.lower().endswith(("this line", "this line.")):
        return True
    return end[-1:].lower() in _LAST_LETTERS and end.lower().endswith(_ENDS)


def rule(line: str) -> bool:
    """A line that was drawn, and that says nothing by itself."""
    bare = line.strip()
    return 2 < len(bare) <= LONGEST and _RULE.issuperset(bare)


def frame(line: str) -> bool:
    """A line that belongs to the quote below it: a rule, a title between dashes in any language, Notes' summary."""
    bare = line.strip()
    if rule(bare) or len(bare) > 200:
        return rule(bare)
    words = bare.lower().rstrip(":： ")
    by_name = words in ORIGINALS or words == "original"  # the latter is QQ's
    return titled(bare) or by_name or bool(_NOTES.search(bare))


def titled(line: str) -> bool:
    """A title between dashes, in whatever language."""
    bare = line.strip()
    return len(bare) <= 100 and bare[:3] == bare[-3:] and bare[:3] in ("---", "___", "===", "***") and not rule(bare)


def separator(line: str) -> str:
    """Return "original" or "forward" for "-----Original Message-----" and its like in any language, else ""."""
    if len(line) > 200:
        return ""
    bare = plain(line).strip()
    if bare.startswith(">>> ") and bare.endswith(" >>>") and any(character.isdigit() for character in bare):
        return "original"  # Groupwise
    inner = unquoted(bare)
    drawn = inner[:1] != "" and inner[0] in _DRAWING and (inner[1:2] in _DRAWING or inner[-1] in _DRAWING)
    words = inner.strip(DASHES)
    colon = words.endswith((":", "："))
    words = " ".join(words.rstrip(":： ").lower().split())
    if words in FORWARDS and (drawn or colon or quoted(line)):
        return "forward"
    above = words.rstrip(".").endswith("above this line")
    if (drawn and (above or words in ORIGINALS)) or (above and words.startswith(REPLY_ABOVE)):
        return "original"
    if drawn and words.startswith(FORWARDED_BY):
        return "forward"
    framed = words and bare[:2] in _FRAMES and bare[-2:] in _FRAMES and bare[:3] != "##-"  # which is ours: body.py
    return "original" if framed and any(above in words for above in ABOVE_LINE) else ""


def attribution(lines: Sequence[str], end: int, first: int) -> tuple[int, str]:
    """Return where an attribution that ends with line `end` begins, and its form; (-1, "") if there is none.

    Args:
        first: no line before this index may belong to it.
    """
    if not _may_end(lines[end]):
        return -1, ""
    found, form, begun = -1, "", False
    joined = ""
    for start in range(end, max(first, end - JOINED + 1) - 1, -1):
        line = unquoted(plain(lines[start][: LONGEST + 1])).strip()
        line = _MAILED.sub("", line) if "<mailto:" in line else line
        if not line and joined.startswith("<"):
            continue  # Polymail puts an empty line before the address
        if not line or len(line) + len(joined) > LONGEST:
            break
        below, joined = joined, f"{line} {joined}" if joined else line
        opened = _opened(line)
        if not form:
            form = _attributes(joined, opened, lines, end)
            found, begun = (start, opened) if form else (-1, False)
        elif opened and (not begun or _date_goes_on(line, below)):
            found, begun = start, True
        elif _name_goes_on(line, below):
            found = start
        elif begun:
            break
    return found, form


def _name_goes_on(line: str, below: str) -> bool:
    """A line that names the writer whose address, or whose verb and date, stands below it."""
    if below.startswith("<"):
        return len(line.split()) <= LONGEST_NAME and line[-1] not in ".!?:,"
    if "@" in below or not MAILBOX.search(f" {line}"):
        return False
    return line[-1] not in ".!?:" or any(verb in line.lower() for verb in INNER_VERBS)


def _date_goes_on(line: str, below: str) -> bool:
    """A line that holds nothing but the beginning of a date, whose rest stands below it."""
    clock = CLOCK.search(below)
    whole = clock and sum(map(str.isdigit, below[: clock.start()])) >= DATE_DIGITS
    words = [bare for word in line.lower().split() if (bare := word.strip(_AROUND_WORDS))]
    unknown = sum(not (word in AROUND_DATES or _dated(word)) for word in words)
    if whole:
        begins = line[-1] == "," or any(word in OPENINGS for word in words[:1])
        return begins and not unknown and not any(map(str.isdigit, line)) and not _begins(below)
    return unknown <= 1 and line[-1] not in "!?"


def _begins(line: str) -> bool:
    """An opening and a date, which need no beginning above them: "at 10:14" does."""
    words = line.lower().split()[:2]
    return len(words) == 2 and words[0] in OPENINGS and _dated(words[1]) and not CLOCK.match(words[1])


def shared(line: str) -> int:
    """Return where an attribution begins that shares a line with the reply before it, or 0."""
    if quoted(line) or not _may_end(line) or _opened(line):
        return 0
    for mark in ("--- On ", "---On ", " On "):
        at = line.rfind(mark)
        if at > 0 and _opened(line[at:].lstrip("- ")) and _attributes(line[at:].strip("- "), True, (line,), 0):
            return at
    return 0


_VERB = rf"(?:{'|'.join(map(re.escape, VERBS))})"
_RUNS_ON = re.compile(rf"[>)\]](?: ?{_VERB})? ?: {{2,}}(?=\S)|(?<=\s){_VERB} ?:(?=> ?\S)", re.IGNORECASE)


def runs_on(line: str) -> int:
    """Return where what is quoted begins in the line of its attribution (Yahoo on telephones), or 0."""
    if len(line) > LONGEST or not (found := _RUNS_ON.search(line)):
        return 0
    introduction = line[: found.end()].strip()
    return found.end() if _opened(introduction) and _attributes(introduction, True, (introduction,), 0) else 0


def unended(line: str) -> bool:
    """An attribution without its colon, as some write above the head of the quoted mail."""
    bare = plain(line[: LONGEST_SENTENCE + 1]).strip()
    said = len(bare) <= LONGEST_SENTENCE and _opened(bare) and to_the_minute(bare) and bare[-1] not in ".!?"
    return said and any(verb in f" {bare.lower()} " for verb in INNER_VERBS)


def _may_end(line: str) -> bool:
    if len(line) > LONGEST:
        return False
    bare = plain(line).rstrip().lower()
    return 0 < len(bare) <= LONGEST and bare.endswith(_ENDS)


def _opened(line: str) -> bool:
    """A line that begins as attributions begin: an opening and a date, a date, or dashes."""
    words = _PARTED.sub(" ", line[:120].lstrip("-–—─*_ ").lower()).split()[:7]
    opening = 0
    for count in range(1, min(len(words), LONGEST_OPENING) + 1):
        if " ".join(words[:count]) in OPENINGS:
            opening = count
    rest = words[opening : opening + 2]
    if opening and (not rest[0:1] or any(_dated(word) for word in rest) or " ".join(words[:opening]) in UNDATED):
        return True
    return any(_dated(word) for word in rest[:1])


def _dated(word: str) -> bool:
    bare = word.strip(".,'’()")
    return (bare[:1].isdigit() and "@" not in bare) or bare in WEEKDAYS_AND_MONTHS


class _Sentence(NamedTuple):
    """What may be an attribution, in lower case without the dashes around it and the colon behind."""

    words: str
    drawn: bool  # between dashes
    opened: bool
    colon: bool
    digits: int
    address: bool
    name: bool  # the last words, after a comma, begin with a capital


def _attributes(text: str, opened: bool, lines: Sequence[str], end: int) -> str:
    """Return the form of an attribution ("wrote", "date and address" …), or "" if a text is none."""
    bare = text.strip()
    drawn = bare[:2] in _DRAWN and bare[-2:] in _DRAWN
    bare = bare.strip("-–—─*_[ ").lower()
    words = bare.rstrip(":： ")
    digits = sum(map(str.isdigit, words))
    name = text.rpartition(", ")[2]
    named = name[:1].isupper() and len(name) < len(text) and len(name.split()) <= LONGEST_NAME
    sentence = _Sentence(words, drawn, opened, bare.endswith((":", "：")), digits, "@" in words, named)
    form = next((form for form, holds in _FORMS if holds(sentence, lines, end)), "")
    if not form or drawn or marked(lines, end):
        return form
    if not THAT.isdisjoint(text.split()):
        return ""
    if _ANGLED.search(words):
        return form
    below = next((line for line in lines[end + 1 : end + 4] if line.strip()), "")
    if words.endswith(", you wrote") and initialled(below):
        return form  # The Bat!
    return "" if _speaks(text) else form


def to_the_minute(words: str) -> bool:
    """A whole date and a clock, as programs write."""
    return sum(map(str.isdigit, words)) >= MOMENT_DIGITS and bool(CLOCK.search(words))


def _speaks(text: str) -> bool:
    """As a person does: of "me" and "your", of one without a name, or on after the verb in small letters."""
    if not PERSONAL.isdisjoint(word.strip(_AROUND_WORDS) for word in text.lower().replace("’", "'").split()):
        return True
    lower = f" {text.lower()} "
    if _by_nobody(text.rstrip(":： ")):
        return True
    for verb in INNER_VERBS:
        at = lower.find(verb)
        if at >= 0:
            rest = text[at + len(verb) - 1 :]
            words = rest.split()[:1]
            word = words[0].strip(_AROUND_WORDS) if words else ""
            if not word[:1].islower() or "@" in word or _dated(word):
                return False
            return word not in AROUND_DATES or (rest.islower() and not any(map(str.isdigit, rest)) and "@" not in rest)
    return False


def _by_nobody(text: str) -> bool:
    """No name stands before the verb, but a word: "On 5 May 2025 at 10:14 the courier wrote"."""
    verb = max((verb for verb in VERBS if text.lower().endswith(f" {verb}")), key=len, default="")
    words = text[: -len(verb)].split()[-1:] if verb else []
    word = words[0] if words else ""
    return word.isalpha() and word.islower() and not (word in AROUND_DATES or _dated(word))


def _wrote(sentence: _Sentence, lines: Sequence[str], end: int) -> bool:
    """Programs know the address, or the minute; "Yesterday at 10:14 my colleague wrote:" is a person's."""
    words, drawn, opened, colon, digits, address, name = sentence
    moment = to_the_minute(words)
    if words.endswith(VERBS) and not words[-1:].isdigit():
        named = address and (bool(MAILBOX.search(f" {words}")) or len(words.split()) == 2)
        dated = opened and digits >= DATE_DIGITS and name
        if drawn or (opened and digits and address) or (colon and (named or moment or dated)):
            return True
        if named and marked(lines, end):
            return True
        short = len(words.split()) <= LONGEST_NAME
        return colon and (short or address or (opened and digits > 0)) and marked(lines, end)
    if not colon or not digits or not any(verb in f" {words}" for verb in INNER_VERBS):
        return False
    if address:
        return moment or bool(MAILBOX.search(words)) or marked(lines, end)
    dated_last = len(words) <= LONGEST_SENTENCE and bool(_CLOCK_LAST.search(words))
    return (moment and (opened or dated_last)) or (opened and marked(lines, end))


def _quoting(sentence: _Sentence, lines: Sequence[str], end: int) -> bool:
    """With a colon, or with the moment in brackets (alot, lieer)."""
    if not sentence.words.startswith(QUOTING):
        return False
    dated = sentence.words[-1:] == ")" and to_the_minute(sentence.words)
    return (sentence.colon and sentence.address) or ((sentence.colon or dated) and marked(lines, end))


def _date_and_address(sentence: _Sentence, lines: Sequence[str], end: int) -> bool:
    """In whatever language."""
    words, _, opened, colon, digits, address, *_ = sentence
    if not address or not digits:
        return False
    last = "@" in words[:-1].rpartition(" ")[2]
    if last and words[-1:] in ">)]" and opened and (colon or marked(lines, end)):
        return True
    if not colon or digits < DATE_DIGITS or len(words) > LONGEST_SENTENCE:
        return False
    clock = CLOCK.search(words)
    if clock and ": " in words[clock.end() :]:
        return False  # a log's: programs write no colon before the last
    bare = opened and last and clock and not _SECONDS.search(words)
    clocked = clock and (MAILBOX.search(words) or (bare and len(words[clock.end() :].split()) <= MOST_BEFORE_ADDRESS))
    return bool(clocked) or (last and marked(lines, end))


def _date(sentence: _Sentence, lines: Sequence[str], end: int) -> bool:
    """The very minute, right above what is marked as quoted, in whatever language."""
    if not sentence.colon or not CLOCK.search(sentence.words) or len(sentence.words.split()) > LONGEST_DATED:
        return False
    digits = DATE_DIGITS if sentence.opened else MOMENT_DIGITS
    return sentence.digits >= digits and marked(lines, end)


# The surest first.
_FORMS: tuple[tuple[str, Callable[[_Sentence, Sequence[str], int], bool]], ...] = (
    ("wrote", _wrote),
    ("quoting", _quoting),
    ("date and address", _date_and_address),
    ("date", _date),
)


def marked(lines: Sequence[str], end: int) -> bool:
    """The line itself, or the next one that is not empty, is quoted."""
    if quoted(lines[end]):
        return True
    for line in lines[end + 1 : end + 4]:
        if line.strip():
            return (quoted(line) and not _verb_alone(line)) or line.startswith("|")
    return False


def _verb_alone(line: str) -> bool:
    """The end of an attribution whose address was torn at its bracket: "> wrote:"."""
    return unquoted(plain(line[:LONGEST])).strip().rstrip(":： ").lower() in VERBS
