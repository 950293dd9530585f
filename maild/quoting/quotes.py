"""Recognise the lines with which mail programs quote: separators, rules, ">".

What stands above a quote in a sentence ("On … Anna wrote:"): attribution.py; in fields ("From: … To: …"): heads.py.
Each question is asked of one line of limited length, so that a whole text costs linear time whatever it holds.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from maild.quoting.attributions import ENDINGS, VERBS
from maild.quoting.labels import ABOVE_LINE, FORWARDED_BY, FORWARDS, ORIGINALS

LONGEST = 500  # no line that introduces a quote is longer; a longer line is prose, or hostile
CANDIDATES = 2000  # lines that may introduce a quote and are looked at
REPLY_ABOVE = ("reply", "please reply", "please type", "type your", "please write", "write your", "respond", "add your")
DATE_DIGITS = 5  # of "5 May 2025"
MOMENT_DIGITS = 7  # of "5.5.25 9:05"
QUOTE_MARKS = (">", "›", "»")
_LAST_LETTERS = frozenset(end[-1] for end in ENDINGS)
_DRAWING = "-_=*‐‑‒–—―─━"
DRAWN = ("--", "‐‐", "——", "──")
_FRAMES = (*DRAWN, "==", "=-", "-=", "##", "**", "__")
_RULE = frozenset(f"{_DRAWING}~ ")
DASHES = f"{_DRAWING}>#~ \t"
MAILBOX = re.compile(r"""(?:^|[\s"'»”)(])[<(\[]\s?[^<>()\[\]\s=]{1,100}@[^<>()\[\]\s]{1,200}\s?[>)\]]""")
CLOCK = re.compile(r"(?<![\d.])\d{1,2}(?:[:.]| ?h ?)\d\d(?!\d|\.\d)")  # no "05.05" of "05.05.2025"
SHORTEST_RULE = 3  # characters without a blank: "- - -" is somebody's
_NOTES = re.compile(r"---\d{1,4}[./-]\d{1,2}[./-]\d{1,4}.{0,20}---|\w --- .+ ---$")  # the latter is Verse's

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


def names(text: str, words: Iterable[str]) -> bool:
    """Tell whether a text holds one of some words."""
    return any(word in text for word in words)


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
    return end[-1:].lower() in _LAST_LETTERS and end.lower().endswith(ENDINGS)


def rule(line: str) -> bool:
    """A line that was drawn, and that says nothing by itself."""
    bare = line.strip()
    return len(bare) <= LONGEST and _RULE.issuperset(bare) and max(map(len, bare.split()), default=0) >= SHORTEST_RULE


def frame(line: str) -> bool:
    """A line that belongs to the quote below it: a rule, a title between dashes in any language, Notes' summary."""
    bare = line.strip()
    if rule(bare) or len(bare) > 200:
        return rule(bare)
    words = bare.lower().rstrip(":： ")
    by_name = words in ORIGINALS or words == "original"  # the latter is QQ's
    return titled(bare) or by_name or bool(_NOTES.search(bare))


def titled(line: str) -> bool:
    """A title in whatever language between more than three dashes: "*** Urgent ***" is a person's."""
    bare = line.strip()
    drawn = bare[:4] in ("----", "____", "====", "****") and bare[:3] == bare[-3:]
    return drawn and len(bare) <= 100 and not rule(bare)


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


def to_the_minute(words: str) -> bool:
    """A whole date and a clock, as programs write."""
    return sum(map(str.isdigit, words)) >= MOMENT_DIGITS and bool(CLOCK.search(words))


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
