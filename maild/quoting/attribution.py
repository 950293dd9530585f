"""Recognise the sentence with which mail programs introduce what they quote: "On Monday, 5 May 2025, Anna wrote:".

A program knows the minute or the address.  A sentence without them is a person's, as is one that speaks of "me" or
"your", and so is what stands below it.  Each question is asked of at most five joined lines of limited length.
The words of each language: attributions.py.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from maild.quoting.attributions import (
    AROUND_DATES,
    ASKING,
    ENDINGS,
    INNER_VERBS,
    OPENINGS,
    PERSONAL,
    QUOTING,
    THAT,
    UNDATED,
    VERBS,
    WEEKDAYS_AND_MONTHS,
)
from maild.quoting.quotes import (
    CLOCK,
    DATE_DIGITS,
    DRAWN,
    LONGEST,
    MAILBOX,
    MOMENT_DIGITS,
    initialled,
    marked,
    plain,
    quoted,
    to_the_minute,
    unquoted,
)

LONGEST_OPENING = 4  # words
LONGEST_DATED = 16  # words of a sentence that only its date tells
LONGEST_NAME = 7  # words of "Anna Ozola (Example Ltd) wrote"
FEWEST_WORDS = 3  # of an attribution that is whole
SHORTEST_VERB = 4  # letters: "von" and "bin" are names
MOST_BEFORE_ADDRESS = 5  # words from a clock to the end of a bare address: "AM GMT+2 by anna@customer.example"
LONGEST_SENTENCE = 250  # characters of an attribution that no table knows
JOINED = 5  # lines over which programs wrap an attribution
_AROUND_WORDS = ".,'’()*_-–—─"
_PARTED = re.compile("[、，]")  # by Japanese and Chinese, which put no blank there
_MAILED = re.compile(r"(?<=\S)<mailto:[^<>\s]{1,320}>")  # what Outlook writes behind an address
_ANGLED = re.compile(r"<[^<>\s]{1,100}@[^<>\s]{1,200} ?>")  # between round brackets, people write addresses, too
_SECONDS = re.compile(r"\d:\d\d:\d\d")  # of a log: mail programs leave them out where no verb follows
_CLOCK_LAST = re.compile(r"(?<![\d.])\d{1,2}[:.]\d\d(?: ?(?:[ap]\.?m|val)\.?)?(?: [+-]\d{4})?$")


def find(lines: Sequence[str], end: int, first: int) -> tuple[int, str]:
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
        if not line or len(line) + len(joined) > LONGEST or (joined and _ends_a_sentence(line)):
            break
        if form and quoted(lines[start + 1]) and not quoted(lines[start]) and len(joined.split()) >= FEWEST_WORDS:
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


def _ends_a_sentence(line: str) -> bool:
    """A full stop behind words, not behind what a date shortens."""
    if line[-1] != ".":
        return line[-1] in "。!?！？"
    before, _, last = line[:-1].rpartition(" ")
    said = last.isalpha() and last.islower() and len(last) > SHORTEST_VERB and not _dated(last)
    return said and before[-1:].isalpha()


def _name_goes_on(line: str, below: str) -> bool:
    """A line that names the writer whose address, or whose verb and date, or the ID of whose mail, stands below it."""
    told = any(verb in line.lower() for verb in INNER_VERBS)
    if told and to_the_minute(line) and MAILBOX.search(f" {line}") and below.rstrip(":： ").endswith(">"):
        return line[-1] not in ".!?:"
    if below.startswith("<"):
        return len(line.split()) <= LONGEST_NAME and line[-1] not in ".!?:,"
    if "@" in below or not MAILBOX.search(f" {line}"):
        return False
    return line[-1] not in ".!?:" or told


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


def right_above(lines: Sequence[str], start: int) -> int:
    """The line above a quote that surely is one, if it introduces it in whatever language; else `start`."""
    above = next((index for index in range(start - 1, max(start - 3, -1), -1) if lines[index].strip()), start)
    line = lines[above].rstrip()
    said = above < start and len(line) <= LONGEST_SENTENCE and _introduces(line) and not _asks(line)
    return above if said else start


def _introduces(line: str) -> bool:
    """A mailbox as programs write it, or the very minute, and a colon; or both; or the minute first of all."""
    boxed, moment = bool(MAILBOX.search(line)), to_the_minute(line)
    if line.endswith((":", "：")):
        return boxed or moment
    first = line[:1].isdigit() and ("@" in line or " GMT" in line) and line[-1] not in ".!?"
    return moment and (boxed or first)


def shared(line: str) -> int:
    """Return where an attribution begins that shares a line with the reply before it, or 0."""
    if quoted(line) or not _may_end(line) or _opened(line):
        return 0
    for mark in _BEGINNINGS:
        at = line.rfind(mark)
        if at > 0 and _opened(line[at:].lstrip("- ")) and _attributes(line[at:].strip("- "), True, (line,), 0):
            return at
    return 0


# How a sentence begins in the line of another; of one letter, a name may be.
_BEGINNINGS = ("--- On ", "---On ", *(f" {words.capitalize()} " for words in OPENINGS if len(words) > 1))


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
    return 0 < len(bare) <= LONGEST and (bare.endswith(ENDINGS) or bool(_CLOCK_LAST.search(bare)))


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
    drawn = bare[:2] in DRAWN and bare[-2:] in DRAWN
    bare = bare.strip("-–—─*_[ ").lower()
    words = bare.rstrip(":： ")
    digits = sum(map(str.isdigit, words))
    name = text.rpartition(", ")[2]
    named = name[:1].isupper() and len(name) < len(text) and len(name.split()) <= LONGEST_NAME
    sentence = _Sentence(words, drawn, opened, bare.endswith((":", "：")), digits, "@" in words, named)
    form = next((form for form, holds in _FORMS if holds(sentence, lines, end)), "")
    if form == "date" and not opened and "@" not in text and _tells(text):
        return ""
    if form.startswith("date") and _asks(words):
        return ""
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


def _asks(text: str) -> bool:
    return not ASKING.isdisjoint(word.strip(_AROUND_WORDS) for word in text.lower().split())


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


def _tells(text: str) -> bool:
    """What happened at that moment ("It failed on 5.5.2025, 10:14:"); programs put nothing but a name before it."""
    before = text[: next((index for index, letter in enumerate(text) if letter.isdigit()), 0)]
    words = {word.strip(_AROUND_WORDS) for word in before.split()} - AROUND_DATES
    return any(len(word) >= SHORTEST_VERB and word.isalpha() and word.islower() for word in words)


def _by_nobody(text: str) -> bool:
    """No name stands before the verb, but a word: "On 5 May 2025 at 10:14 the courier wrote"."""
    word = next(reversed(_before_verb(text).split()), "")
    return word.isalpha() and word.islower() and not (word in AROUND_DATES or _dated(word))


def _before_verb(text: str) -> str:
    """What stands before the verb that ends a sentence; nothing where none does."""
    verb = max((verb for verb in VERBS if text.lower().endswith(f" {verb}")), key=len, default="")
    return text[: -len(verb)] if verb else ""


def _wrote(sentence: _Sentence, lines: Sequence[str], end: int) -> bool:
    """Programs know the address, or the minute; "Yesterday at 10:14 my colleague wrote:" is a person's."""
    words, drawn, opened, colon, digits, address, name = sentence
    moment = to_the_minute(words)
    if words.endswith(VERBS) and not words[-1:].isdigit():
        named = address and (bool(MAILBOX.search(f" {words}")) or len(_before_verb(words).split()) == 1)
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


def _named(sentence: _Sentence, lines: Sequence[str], end: int) -> bool:
    """Nextcloud's: no bracket, no verb, no colon."""
    return bool(_NAMED.match(sentence.words)) and to_the_minute(sentence.words) and marked(lines, end)


_NAMED = re.compile(r'"[^"]{1,100}" [^\s<>()@]{1,64}@[^\s<>()@]{1,255} – ')

# The surest first.
_FORMS: tuple[tuple[str, Callable[[_Sentence, Sequence[str], int], bool]], ...] = (
    ("wrote", _wrote),
    ("quoting", _quoting),
    ("date and address", _date_and_address),
    ("date", _date),
    ("name, address and date", _named),
)
