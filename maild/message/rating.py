"""Read how somebody rates what was done for him: a figure from 1 to 5, or a word for one, in his first line.

"5", "4/5 paldies", "2 - too late" and "★★★★☆" are ratings, and so is "слабо"; "5 lamps are broken" is none.  A greeting
may be above it, and below it whatever he has to say; a word that also means "all right" is one alone.
"""

import re
import unicodedata
from typing import NamedTuple

from maild.message import gratitude

BEST = 5
LOW = 2  # and what is below
LONGEST = 60  # characters of such a line
WORDS = {
    5: "excellent|very good|great|perfect|teicami|izcili|lieliski|ļoti labi|отлично|превосходно|очень хорошо",
    4: "good|labi|хорошо",
    3: "average|so-so|fair|viduvēji|vidēji|apmierinoši|средне|удовлетворительно|так себе",
    2: "bad|poor|slikti|vāji|плохо|слабо",
    1: "very bad|terrible|awful|ļoti slikti|briesmīgi|šausmīgi|очень плохо|ужасно",
}
ALSO_ALL_RIGHT = frozenset(("good", "labi", "хорошо"))  # "Labi. Bet lampa joprojām nedeg." must be read
_FIGURE = re.compile(
    r"(?:(?:my |mans |моя )?(?:rating|vertejums|novertejums|atzime|оценка) ?[:=-]? ?)?"
    r"(?P<figure>[1-5])(?: ?(?:/|of|out of|no|из) ?5)?"
    r"(?: (?:stars?|points?|zvaigznes?|balles?|punkti?|звезд\w*|балл\w*))?"
    r"(?![\w/%:])(?!\.\d)(?P<rest>.*)"
)
_STARS = re.compile(r"(?=.{1,5}$)(?P<full>[★⭐🌟]+)(?P<empty>☆*)")
_GREETING = re.compile(
    r"(?:hello|hi|hey|dear|good (?:morning|day|afternoon|evening)|labdien|labrit|labvakar|sveiki|sveicinati|ciena?mais"
    r"|добрыи (?:день|вечер)|доброе утро|здравствуите|привет)\b[\w ,]{0,30}[.!]?"
)
_APART = re.compile(r"\s?[-–—:;,!]\s+(?=[^\W\d_])")  # "5, 6 and 7 do not work" says no more than a figure
_EDGES = " \t\xa0\"'.,!*_#()«»„“”–—"


class Rating(NamedTuple):
    """A figure, BEST at most, and what was said beside it."""

    figure: int
    comment: str = ""


def read(text: str) -> Rating | None:
    """Return the rating that a text begins with, None for a text like any other."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    if lines and len(lines[0]) <= LONGEST and _GREETING.fullmatch(_plain(lines[0])):
        del lines[0]
    if lines and _figure(lines[0]) is None:
        lines[:1] = _parted(lines[0])
    figure, comment = _figure(lines[0]) if lines else None, "\n".join(lines[1:])
    if figure is None or (
        comment and _plain(lines[0]).strip(_EDGES) in ALSO_ALL_RIGHT and not gratitude.is_thanks(comment)
    ):
        return None
    return Rating(figure, comment)


def _parted(line: str) -> list[str]:
    """Return a figure and what is said behind it, or the line as it is."""
    apart = _APART.search(line, 0, LONGEST)
    head, said = (line[: apart.start()], line[apart.end() :]) if apart else (line, "")
    is_word = apart and {_plain(one[:LONGEST]).strip(_EDGES) for one in (head, said)} & _WORDS.keys()
    return [line] if not apart or is_word or _figure(head) is None else [head, said]


def _figure(line: str) -> int | None:
    if len(line) > LONGEST:
        return None
    stars = _STARS.fullmatch("".join(line.split()).replace("\ufe0f", ""))
    if stars:
        full, empty = len(stars["full"]), len(stars["empty"])
        return full if not empty or full + empty == BEST else None
    plain = _plain(line).strip(_EDGES)
    found = _FIGURE.fullmatch(plain)
    if found is None:
        return _WORDS.get(plain)
    beyond = "".join(c for c in found["rest"] if unicodedata.category(c) != "So")  # a thumb says nothing more
    figure, rest = int(found["figure"]), beyond.strip(f"{_EDGES}-:;")
    beside = not rest or gratitude.is_thanks(rest) or _WORDS.get(rest) == figure
    return figure if beside and not line.endswith("?") else None


def _plain(line: str) -> str:
    """Return a line in small letters, without their marks: telephones leave those out."""
    parted = unicodedata.normalize("NFKD", line.casefold())
    bare = "".join(c for c in parted if not unicodedata.combining(c) and c not in "\u20e3\ufe0f")
    return " ".join(bare.split())


_WORDS = {_plain(word): figure for figure, words in WORDS.items() for word in words.split("|")}
