"""Part a text into what its writer wrote now and what he quoted.

The order of evidence: marks that only our own mails carry; the text of the mail replied to, line by line; what mail
programs write above a quote (quotes.py); what their HTML marks; lines that begin with ">".  Answers written between
quoted lines are kept, with what they answer; a forward is kept whole; nothing is ever cut to empty.

Linear in the length of the text: lines are looked at one by one, and no regular expression sees the whole.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import NamedTuple

from maild.message import added, heads, html, quotes, signature, subject
from maild.message.attributions import BELOW
from maild.message.model import Cut, Message

REPLY_ABOVE = {
    "en": "reply above this line",
    "lv": "rakstiet atbildi virs šīs līnijas",
    "ru": "пишите ответ выше этой линии",
    "lt": "rašykite atsakymą virš šios linijos",
    "et": "kirjutage vastus selle joone kohale",
    "de": "bitte oberhalb dieser Zeile antworten",
    "pl": "odpowiedz powyżej tej linii",
    "fr": "répondez au-dessus de cette ligne",
    "es": "responda por encima de esta línea",
    "it": "rispondere sopra questa riga",
    "nl": "antwoord boven deze regel",
    "sv": "svara ovanför denna rad",
    "no": "svar over denne linjen",
    "da": "svar over denne linje",
    "fi": "vastaa tämän rivin yläpuolelle",
    "pt": "responda acima desta linha",
    "cs": "odpovězte nad tímto řádkem",
    "uk": "пишіть відповідь вище цієї лінії",
    "zh": "请在此行上方回复",
    "ja": "この行より上に返信してください",
}
MARK, UNMARK = "##-", "-##"
MATCH_WORDS = 3  # a line of fewer words is anybody's
LONG_ENOUGH = 40  # characters that prove a quote alone
LONGEST_PARENT = 100_000  # characters
REWRAPPED = 300  # lines that are looked for anywhere in the parent
LONGEST_QUOTED = 998  # RFC 5322 section 2.1.1
LONGEST_POINTER = 400  # characters of "please find my answers below", with greeting and signature
_LINKED = re.compile(r"<(?:https?|mailto):[^<>\s]{1,500}>")
ABOVE_MARK = 14  # lines in which a program introduces a quote that begins with our mark


def marker(language: str, tag: str) -> str:
    """Return the line above which an answer is to be written, in one language and in English, with the tag."""
    own = REPLY_ABOVE.get(language.lower().partition("-")[0], REPLY_ABOVE["en"])
    words = own if own == REPLY_ABOVE["en"] else f"{own} / {REPLY_ABOVE['en']}"
    return f"{MARK} {words[:1].upper()}{words[1:]} - {tag} {UNMARK}"


def cut(message: Message, parent_text: str = "", own_marks: tuple[str, ...] = (), sent: str = "") -> Cut:
    """Say which part of a mail is new.

    Args:
        parent_text: the text of the mail that this one answers, if it is known.
        own_marks: strings that only our own mails contain (a token address, the domain of our Message-IDs).
        sent: our own mail that this one answers, whole: what stands in it around the words of whoever wrote it.
    """
    text = message.text.replace("\r\n", "\n").replace("\r", "\n")
    lines = heads.parted(text.split("\n"))
    if "-----BEGIN PGP SIG" in text and (armour := signature.armour(lines)):
        return _without_armour(message, lines, frozenset(armour), parent_text, own_marks, sent)
    own = _own_address(text, lines, own_marks)
    found = _by_marker(text, lines, own)
    suspects = quotes.candidates(lines)
    if not found and not _ours_is_first(lines, own) and _forwards(message, lines, suspects):
        return _whole(lines, "forward", 0.9, forwarded=True)
    found = found or _by_parent(lines, parent_text, sent)
    found = found or _by_lines_or_html(message, lines, suspects, own)
    if not found and any(mark in text for mark in quotes.QUOTE_MARKS) and _answers_a_mail(message):
        found = _by_quote_marks(lines)
    if not found:
        return _whole(lines, "nothing quoted", 0.7)
    return _parted(lines, found)


def _answers_a_mail(message: Message) -> bool:
    """Who answers none shows on purpose what looks like a quote: it came to somebody else, or he typed it himself."""
    return bool(message.in_reply_to or message.references or subject.base(message.subject).reply)


def _without_armour(
    message: Message,
    lines: list[str],
    armour: frozenset[int],
    parent_text: str,
    own_marks: tuple[str, ...],
    sent: str,
) -> Cut:
    """What PGP wrote around a signed text is no word of the writer's either."""
    inner, outer = ("\n".join(line for i, line in enumerate(lines) if (i in armour) is side) for side in (False, True))
    if not inner.strip():
        return _whole(lines, "nothing but a signature", 0.3)
    found = cut(replace(message, text=inner), parent_text, own_marks, sent)
    return replace(found, quoted="\n".join(filter(None, (found.quoted, outer))))


class _Found(NamedTuple):
    """Which lines are quoted, and what says so."""

    quoted: frozenset[int]
    because: str
    sureness: float
    doubtful: bool = False  # nothing marks the lines, and the mail answers none


def _parted(lines: list[str], found: _Found) -> Cut:
    new = [line for index, line in enumerate(lines) if index not in found.quoted]
    if not any(line.strip() for line in new):
        return _whole(lines, f"nothing beside the quote ({found.because})", 0.3, forwarded=True)
    old = [line for index, line in enumerate(lines) if index in found.quoted]
    if found.doubtful:
        return _whole(lines, f"answers no mail ({found.because})", 0.5)
    if _answered_below(new) and not any(map(quotes.quoted, old)):
        return _whole(lines, f"answers below, as it says ({found.because})", 0.5)
    return _signed(new, old, found.because, found.sureness, forwarded=False)


def _answered_below(new: list[str]) -> bool:
    """The writer says that his answers stand in the quote, where only their colour may tell them."""
    said = " ".join(line for line in new if line.strip())
    return len(said) <= LONGEST_POINTER and any(words in said.lower() for words in BELOW)


def _whole(lines: list[str], because: str, sureness: float, forwarded: bool = False) -> Cut:
    return _signed(lines, [], because, sureness, forwarded)


def _signed(new: list[str], old: list[str], because: str, sureness: float, forwarded: bool) -> Cut:
    new, below = _without_added(_trimmed(new))
    old = below + old
    signed = "" if forwarded else "\n".join(new[signature.start(new) :]).strip()
    return Cut("\n".join(new), "\n".join(_trimmed(old)), because, sureness, signed, forwarded)


def _without_added(new: list[str]) -> tuple[list[str], list[str]]:
    """What a telephone or a list server added at the end is no word of the writer's: it goes with the quote."""
    end = added.begins(new[: added.footer(new)])
    return (_trimmed(new[:end]), _trimmed(new[end:])) if any(line.strip() for line in new[:end]) else (new, [])


def _trimmed(lines: list[str]) -> list[str]:
    """Without the empty lines at both ends."""
    first, last = 0, len(lines)
    while first < last and not lines[first].strip():
        first += 1
    while last > first and not lines[last - 1].strip():
        last -= 1
    return lines[first:last]


def _forwards(message: Message, lines: list[str], suspects: list[int]) -> bool:
    """By the subject, or by the first line that introduces another mail."""
    if subject.base(message.subject).forward:
        return True
    for index in suspects:
        kind = quotes.separator(lines[index])
        if kind:
            return kind == "forward"
        if quotes.attribution(lines, index, max(index - 4, 0))[0] >= 0 or heads.head(lines, index):
            return False
    return False


# Our own marks


def _by_marker(text: str, lines: list[str], own: int) -> _Found | None:
    """Our mark, or one of our addresses in the head that some programs quote above it, however long that is."""
    if MARK not in text:
        return None
    for index, line in enumerate(lines):
        if MARK in line and UNMARK in line:
            start, end = _introduction(lines, min(index, own))
            return _tail(lines, start, "marker", 1.0, end=max(end, index))
    return None


def _own_address(text: str, lines: list[str], own_marks: tuple[str, ...]) -> int:
    """The line that quotes one of our own addresses, or len(lines).

    A person may name a mailbox of ours in a sentence, though hardly a reply address with its token.
    """
    marks = tuple(mark for mark in own_marks if mark and mark in text)
    for index, line in enumerate(lines) if marks else ():
        named = [mark for mark in marks if mark in line]
        if named and (any(mark[0] != "@" for mark in named) or heads.introduces(lines, index)):
            return index
    return len(lines)


def _ours_is_first(lines: list[str], own: int) -> bool:
    """The first mail that is named is one of ours: who sends it back, by whatever button, answers it."""
    return own < len(lines) and not any("@" in line for line in lines[:own])


def _introduction(lines: list[str], index: int) -> tuple[int, int]:
    """The first and the last line of what a program wrote above line `index`, which surely is a part of the quote."""
    for start in range(max(index - ABOVE_MARK, 0), index + 1):
        if heads.fields(lines, start) >= max(index - 3, 1) or quotes.separator(lines[start]):
            return start, index
    for end in range(min(index + 2, len(lines) - 1), max(index - 4, 0) - 1, -1):
        start, _ = quotes.attribution(lines, end, max(end - 4, 0))
        if 0 <= start <= index:
            return start, max(end, index)
    return index, index


# The text of the mail replied to


def _by_parent(lines: list[str], parent_text: str, sent: str) -> _Found | None:
    """Lines of the parent are quoted; they count only where two of them, or one long one, are found."""
    known = {key for line in parent_text[:LONGEST_PARENT].splitlines() if (key := _key(line))}
    if not known:
        return None
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
        return None
    start, end = _introduction(lines, matched[0])
    marked = frozenset((*matched, *_beside(lines, matched, parent_text[:LONGEST_PARENT], sent)))
    return _tail(lines, start, "parent text", 0.95, marked, min(end, matched[0] - 1))


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


# What programs write above a quote


def _by_lines(lines: list[str], suspects: list[int], own: int) -> _Found | None:
    """The first attribution, head or separator decides; what stands below it may hold answers.

    Args:
        own: the line that quotes an address of ours, which decides where nothing above it does.
    """
    first = 0
    for index in (*suspects, len(lines)):
        if index > own:
            start, end = _introduction(lines, own)
            return _tail(lines, start, "own address", 0.98, end=end)
        if index == len(lines):
            break
        line = lines[index]
        if quotes.separator(line):
            return _tail(lines, index, f"separator: {line.strip(' -*_>=')[:40]}", 0.95)
        below = heads.head(lines, index)
        if below:
            return _tail(lines, index, f"header block: {line.strip()[:40]}", 0.95, end=below - 1)
        at = quotes.runs_on(line)
        if at:
            lines[index : index + 1] = [line[:at], line[at:]]
            return _tail(lines, index, "attribution with the quote on its line", 0.9, end=index)
        at = quotes.shared(line)
        if at:
            lines[index : index + 1] = [line[:at], line[at:]]
            return _tail(lines, index + 1, "attribution on the same line", 0.8, end=index + 1)
        start, form = quotes.attribution(lines, index, first)
        if start >= 0:
            return _tail(lines, start, f"attribution: {form}", 0.95, end=index)
        if quotes.quoted(line):
            first = index + 1
    return None


def _by_lines_or_html(message: Message, lines: list[str], suspects: list[int], own: int) -> _Found | None:
    """What the lines say, but for a quote that only the HTML marks, and whose own quotes the lines would find.

    The HTML is read only where a line above the found ones holds an address or a date, as introductions do.
    """
    found = _by_lines(lines, suspects, own)
    if found and own == len(lines) and not _answers_a_mail(message):
        found = found._replace(doubtful=not any(quotes.quoted(lines[index]) for index in found.quoted))
    if not found or not message.html:
        return found or _by_html(message, lines)
    start = min(found.quoted, default=0)
    if not any(index < start and _dated_or_addressed(lines[index]) for index in suspects):
        return found
    marked = _by_html(message, lines)
    return marked if marked and min(marked.quoted, default=start) < start else found


def _dated_or_addressed(line: str) -> bool:
    return "@" in line or sum(map(str.isdigit, line)) >= quotes.DATE_DIGITS


def _by_html(message: Message, lines: list[str]) -> _Found | None:
    """What the HTML marks as quoted, found again in the text."""
    if not message.html:
        return None
    _, old, mark = html.split_quote(message.html)
    wanted = [key for line in old.splitlines() if (key := "".join(quotes.unquoted(line).split()))][:3]
    if not mark or not wanted:
        return None
    keys = ["".join(quotes.unquoted(line).split()) for line in lines]
    for index, key in enumerate(keys):
        if key and key == wanted[0] and [k for k in keys[index : index + 12] if k][: len(wanted)] == wanted:
            return _tail(lines, _introduced(lines, index), f"html {mark}", 0.9, end=index - 1)
    return None


def _introduced(lines: list[str], start: int) -> int:
    """The line above a quote that surely is one, if it introduces it in whatever language."""
    above = next((index for index in range(start - 1, max(start - 3, -1), -1) if lines[index].strip()), start)
    line = lines[above].rstrip()
    short = above < start and len(line) <= quotes.LONGEST_SENTENCE
    ended = line.endswith((":", "：")) or ("@" in line and quotes.to_the_minute(line))
    return above if short and ended and _dated_or_addressed(line) else start


def _by_quote_marks(lines: list[str]) -> _Found | None:
    """Quoted lines that nothing introduces: above or below a text they are cut, within it they are its matter."""
    marked = [index for index, line in enumerate(lines) if quotes.quoted(line)]
    if not any(lines[index].lstrip().startswith(">") for index in marked):
        return None  # other marks than that of RFC 3676 are a person's list, too
    above = any(line.strip() for line in lines[: marked[0]])
    below = any(line.strip() for line in lines[marked[-1] + 1 :])
    if (above and below) or _answers(lines, marked[0], marked[-1], frozenset(marked)):
        return _Found(frozenset(), "quoted lines within the text", 0.6)
    return _Found(frozenset(range(_introduced(lines, marked[0]), marked[-1] + 1)), "quote marks", 0.7)


# What stands below the beginning of a quote


def _tail(
    lines: list[str], start: int, because: str, sureness: float, known: frozenset[int] = frozenset(), end: int = -1
) -> _Found:
    """Everything from `start` on is quoted, but for answers below or between lines that are marked as quoted."""
    start = _upwards(lines, start)
    end = max(end, start)
    marked = sorted({i for i in range(start, len(lines)) if quotes.quoted(lines[i]) or i in known})
    after = next((i for i in range(end + 1, len(lines)) if lines[i].strip()), len(lines))
    everything = frozenset(range(start, len(lines)))
    piped = after < len(lines) and lines[after].startswith("|")
    if piped:
        marked = [i for i in range(after, len(lines)) if lines[i].startswith("|")]
    introduced = bool(marked) and marked[-1] > end and (after in marked or start in marked)
    if not introduced:
        return _Found(everything, because, sureness)
    below = _writes(lines, marked[-1])
    if _answers(lines, marked[0], marked[-1], frozenset(marked)):
        last = len(lines) - 1 if below else _last_answer(lines, marked)
        return _Found(frozenset(range(last + 1, len(lines))), f"{because}, answers between", 0.6)
    if below:
        return _Found(frozenset(range(start, marked[-1] + 1)), because, sureness - 0.1)
    return _Found(everything, because, sureness)


def _upwards(lines: list[str], start: int) -> int:
    """Take the marked lines above one that is marked itself, the rule, title and empty lines right above a quote."""
    while start > 0 and quotes.quoted(lines[start]) and quotes.quoted(lines[start - 1]):
        start -= 1
    above = start
    while above > 0 and start - above < 4 and _may_be_above(lines[above - 1]):
        above -= 1
        to = heads.label(lines[above]) if "@" in lines[above] else ("", "")
        if quotes.frame(lines[above]) or to[0] == "to" or quotes.unended(lines[above]):
            start = above
    return start


def _may_be_above(line: str) -> bool:
    return not line.strip() or quotes.frame(line) or heads.label(line)[0] in ("to", "subject") or quotes.unended(line)


def _answers(lines: list[str], first: int, last: int, marked: frozenset[int]) -> bool:
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
    return quotes.attribution(lines, block[-1], block[0])[0] == block[0]


def _last_answer(lines: list[str], marked: list[int]) -> int:
    """The last line above the last quoted block: no answer refers to what follows."""
    known = set(marked)
    return next(i for i in range(marked[-1], -1, -1) if i not in known and lines[i].strip())


def _writes(lines: list[str], last: int) -> bool:
    """Somebody wrote something below the quote, which is more than a signature, a disclaimer or a broken line."""
    block = [index for index in range(last + 1, len(lines)) if lines[index].strip()]
    if not block or added.delimited(lines[block[0]]) or added.mobile(lines[block[0]]):
        return False
    if signature.disclaimer(lines, block[0]):
        return False
    return not (block[0] == last + 1 and len(block) == 1 and _broken(lines, block[0], block[0] + 1))
