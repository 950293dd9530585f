"""Part a text into what its writer wrote now and what he quoted.

The order of evidence: marks that only our own mails carry; the text of the mail replied to, line by line; what mail
programs write above a quote (quotes.py, attribution.py, heads.py); what their HTML marks; lines that begin with ">".
Answers written between quoted lines are kept, with what they answer; a forward is kept whole; nothing is ever cut to
empty.

Linear in the length of the text: lines are looked at one by one, and no regular expression sees the whole.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from maild.message import subject
from maild.message.model import Cut, Message
from maild.quoting import added, attribution, banner, heads, marked, marker, parent, pointer, quotes, signature, tail
from maild.quoting.parent import Answered
from maild.quoting.tail import Found

FURTHER_ABOVE = 40  # lines over which a head is looked for above the first line of our mail that is known
ABOVE_MARK = 14  # lines in which a program introduces a quote that begins with our mark


def cut(
    message: Message, parent_text: str = "", own_marks: tuple[str, ...] = (), sent: str = "", *, leaves: bool = False
) -> Cut:
    """Say which part of a mail is new.

    Args:
        parent_text: the text of the mail that this one answers, if it is known.
        own_marks: strings that only our own mails contain (a token address, the domain of our Message-IDs).
        sent: our own mail that this one answers, whole: what stands in it around the words of whoever wrote it.
        leaves: what is new is sent to others; in doubt, it is quoted.
    """
    text = message.text.replace("\r\n", "\n").replace("\r", "\n")
    lines = heads.parted(text.split("\n"))
    nested = "- - -----BEGIN PGP SIG" in text  # deeper than anybody signs
    if "-----BEGIN PGP SIG" in text and not nested and (armour := signature.armour(lines)):
        again = partial(cut, parent_text=parent_text, own_marks=own_marks, sent=sent, leaves=leaves)
        return _without_armour(message, lines, frozenset(armour), again)
    mail = parent.answered(parent_text, sent)
    own = _own_address(text, lines, own_marks)
    about = subject.base(message.subject).text
    found = _by_marker(text, lines, own, about)
    suspects = quotes.candidates(lines)
    if not found and not _ours_is_first(lines, own) and _forwards(message, lines, suspects):
        return _whole(lines, "forward", 0.9, forwarded=True)
    if not found and (mail.sent or _answers_a_mail(message)):
        found = _by_parent(lines, mail, about, leaves=leaves)
    found = found or _by_lines_or_html(message, lines, suspects, own, about)
    if not found and any(mark in text for mark in quotes.QUOTE_MARKS) and _answers_a_mail(message):
        found = _by_quote_marks(lines)
    if not found or (mail.sent and _shows(lines, found, mail)):
        return _whole(lines, "nothing quoted", 0.7)
    found = _answered_within(message, lines, found, mail)
    brings = any(not (file.inline or file.signs) for file in message.attachments)
    return _parted(lines, found, says_all=leaves or brings)


def _shows(lines: list[str], found: Found, mail: Answered) -> bool:
    """Nothing but a moment introduces what is marked, and none of it was said before: he shows it ("It said: …")."""
    dated = found.because == "attribution: date"
    if not dated and not found.because.startswith(("quote marks", "html blockquote")):
        return False
    quoted = [lines[index] for index in sorted(found.quoted) if lines[index].strip()][dated:]
    return all(map(quotes.quoted, quoted)) and parent.strange(quoted, mail)


def _answers_a_mail(message: Message) -> bool:
    """Who answers none shows on purpose what looks like a quote: it came to somebody else, or he typed it himself."""
    return bool(message.in_reply_to or message.references or subject.base(message.subject).reply)


def _without_armour(
    message: Message, lines: list[str], armour: frozenset[int], cut_again: Callable[[Message], Cut]
) -> Cut:
    """What PGP wrote around a signed text is no word of the writer's either."""
    outer = "\n".join(line for index, line in enumerate(lines) if index in armour)
    inner = "\n".join(signature.unescaped(line) for index, line in enumerate(lines) if index not in armour)
    if not inner.strip():
        return _whole(lines, "nothing but a signature", 0.3)
    found = cut_again(replace(message, text=inner))
    return replace(found, quoted="\n".join(filter(None, (found.quoted, outer))))


def _answered_within(message: Message, lines: list[str], found: Found, mail: Answered) -> Found:
    """What somebody wrote into the lines of our mail, behind its questions, is kept with all that stands above.

    Our marker stands in mails to agents, and says where they are to answer.
    """
    if found.because == "marker":
        return found
    last = parent.last_answer(lines, found.quoted, mail) if mail.text else -1
    last = max(last, parent.last_said(lines, found.quoted, mail) if mail.sent else -1)
    last = max(last, tail.last_named(lines, found.quoted, message.sender.name, mail.all))
    if last < 0:
        return found
    below = frozenset(index for index in found.quoted if index > last)
    return Found(below, f"{found.because}, answers in its lines", 0.6)


def _parted(lines: list[str], found: Found, *, says_all: bool) -> Cut:
    """Part the lines.

    Args:
        says_all: a signature may be all that he wrote, for files came with it.
    """
    new = [line for index, line in enumerate(lines) if index not in found.quoted]
    if not any(line.strip() for line in new):
        return _whole(lines, f"nothing beside the quote ({found.because})", 0.3, forwarded=True)
    old = [line for index, line in enumerate(lines) if index in found.quoted]
    if found.doubtful:
        return _whole(lines, f"answers no mail ({found.because})", 0.5)
    first = min(found.quoted, default=len(lines))
    bare = not any(map(quotes.quoted, lines[:first])) and not any(line.strip() for line in new[first:])
    if bare and pointer.points(lines[:first]):
        return _whole(lines, f"answers below, as it says ({found.because})", 0.5)
    if bare and not says_all and not found.because.startswith(("marker", "parent")) and signature.nothing_else(new):
        return _whole(lines, f"nothing but a signature beside the quote ({found.because})", 0.4)
    return _signed(new, old, found.because, found.sureness, forwarded=False)


def _whole(lines: list[str], because: str, sureness: float, forwarded: bool = False) -> Cut:
    return _signed(lines, [], because, sureness, forwarded)


def _signed(new: list[str], old: list[str], because: str, sureness: float, forwarded: bool) -> Cut:
    new, others = _without_added(_trimmed(new))
    old = others + old
    signed = "" if forwarded else "\n".join(new[signature.start(new) :]).strip()
    return Cut("\n".join(new), "\n".join(_trimmed(old)), because, sureness, signed, forwarded)


def _without_added(new: list[str]) -> tuple[list[str], list[str]]:
    """What a server put above, a telephone or a list below, is no word of the writer's: it goes with the quote."""
    start, above = banner.end(new), new[: added.begins(new)]  # a scanner's line below a signature makes that no footer
    end = added.begins(above[: added.footer(above)])
    if not any(line.strip() for line in new[start:end]):
        start, end = (0, end) if any(line.strip() for line in new[:end]) else (0, len(new))
    return _trimmed(new[start:end]), _trimmed(new[:start]) + _trimmed(new[end:])


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
        if attribution.find(lines, index, max(index - 4, 0))[0] >= 0 or heads.head(lines, index):
            return False
    return False


# Our own marks


def _by_marker(text: str, lines: list[str], own: int, about: str) -> Found | None:
    """Our mark, or one of our addresses in the head that some programs quote above it, however long that is."""
    if marker.MARK not in text:
        return None
    for index, line in enumerate(lines):
        if marker.stands_in(line):
            start, end = _introduction(lines, min(index, own), about)
            return tail.found(lines, start, "marker", 1.0, end=max(end, index))
    return None


def _own_address(text: str, lines: list[str], own_marks: tuple[str, ...]) -> int:
    """The line that quotes one of our own addresses, or len(lines).

    A person may name a mailbox of ours in a sentence, though hardly a reply address with its token; of one that begins
    "support." or "help-", the beginning alone may be a word of his.
    """
    marks = tuple(mark for mark in own_marks if mark and mark in text)
    for index, line in enumerate(lines) if marks else ():
        named = [mark for mark in marks if mark in line]
        if named and (_holds_token(line, named) or ("@" in line and heads.introduces(lines, index))):
            return index
    return len(lines)


def _holds_token(line: str, marks: list[str]) -> bool:
    """A whole address of ours, or one's beginning and its token, which a program may break."""
    beginnings = (mark for mark in marks if mark[0] != "@")
    return any("@" in mark or re.search(re.escape(mark) + _TOKEN, line, re.IGNORECASE) for mark in beginnings)


_TOKEN = "[a-z2-7]{20}"


def _ours_is_first(lines: list[str], own: int) -> bool:
    """The first mail that is named is one of ours: who sends it back, by whatever button, answers it."""
    return own < len(lines) and not any("@" in line for line in lines[:own])


def _introduction(lines: list[str], index: int, about: str) -> tuple[int, int]:
    """The first and the last line of what a program wrote above line `index`, which surely is a part of the quote.

    Fields that no table knows are a person's ("Kontakts: …") where none is what the mail is about.
    """
    top = _below_banner(lines, index)
    for start in range(max(top - ABOVE_MARK, 0), index + 1):
        if heads.fields(lines, start) >= max(top - 3, 1) or quotes.separator(lines[start]):
            return start, index
    for end in range(min(index + 2, len(lines) - 1), max(top - 4, 0) - 1, -1):
        start, _ = attribution.find(lines, end, max(end - 4, 0))
        if 0 <= start <= index:
            return start, max(end, index)
    for start in range(max(top - ABOVE_MARK, 0), top):
        begins = start == 0 or not lines[start - 1].strip() or quotes.frame(lines[start - 1])
        end = heads.in_any_language(lines, start) if begins and about else 0
        if end >= max(top - 3, 1) and any(line.rstrip().endswith(about) for line in lines[start:end]):
            return start, index
    return attribution.right_above(lines, index), index


def _below_banner(lines: list[str], index: int) -> int:
    """Return where what a server put right above line `index` begins; `index` if nothing stands there."""
    nearest = next((line for line in reversed(lines[max(index - 3, 0) : index]) if line.strip()), "")
    if not nearest or nearest.rstrip().endswith(":") or heads.label(nearest)[0]:
        return index  # as nearly always
    for start in range(max(index - banner.MOST_LINES, 0), index):
        above = [quotes.unquoted(line) for line in lines[start:index]]
        end = banner.end(above) if above[0].strip() else 0
        if end and not any(line.strip() for line in above[end:]):
            return start
    return index


# The text of the mail replied to


def _by_parent(lines: list[str], mail: Answered, about: str, *, leaves: bool) -> Found | None:
    marked = parent.quoted(lines, mail)
    if not marked:
        return None
    first = min(marked)
    start, end = _introduction(lines, first, about)
    if start == first:
        start, end = _introduced(lines, first, mail)
        marked = marked.union(range(end + 1, first))
    elif mail.sent and parent.unsaid(_between(lines, start, first), mail):
        start = first
    known = frozenset[int]() if leaves and start == first and len(marked) == 1 else marked
    return tail.found(lines, start, "parent text", 0.95, known, min(end, first - 1))


def _introduced(lines: list[str], first: int, mail: Answered) -> tuple[int, int]:
    """The first and last line of what a program wrote above our lines, where it changed all above the first known."""
    start, end = first, 0
    for index in range(first - 1, max(first - FURTHER_ABOVE, -1), -1):
        below = heads.head(lines, index) or (index + 1 if attribution.find(lines, index, index)[0] == index else 0)
        if end and below != end:
            break
        start, end = (index, below) if below else (start, end)
    return (start, end - 1) if end and not parent.unsaid(lines[end:first], mail) else (first, first)


def _between(lines: list[str], start: int, first: int) -> list[str]:
    """The lines between what a program wrote above our mail, from `start` on, and the mail, from `first` on."""
    end = _head_ends(lines, start, first) or max(
        (
            heads.fields(lines, i) or (i + 1 if attribution.find(lines, i, start)[0] >= 0 else 0)
            for i in range(start, first)
        ),
        default=0,
    )
    between = lines[end or first : _below_banner(lines, first)]
    return [line for line in between if not (quotes.quoted(line) or quotes.frame(line))]


def _head_ends(lines: list[str], start: int, first: int) -> int:
    """The index after a head, and after the attribution that Yandex puts right below receiver and subject; or 0."""
    end = heads.fields(lines, start)
    last = min(first, end + attribution.JOINED) if end else 0
    return next((i + 1 for i in range(end, last) if attribution.find(lines, i, end)[0] == end), end)


# What programs write above a quote


def _by_lines(lines: list[str], suspects: list[int], own: int, about: str) -> Found | None:
    """The first attribution, head or separator decides; what stands below it may hold answers.

    Args:
        own: the line that quotes an address of ours, which decides where nothing above it does.
        about: the subject, which the head of our mail repeats.
    """
    first = 0
    for index in (*suspects, len(lines)):
        if index > own:
            start, end = _introduction(lines, own, about)
            return tail.found(lines, start, "own address", 0.98, end=end)
        if index == len(lines):
            break
        line = lines[index]
        if quotes.separator(line):
            return tail.found(lines, index, f"separator: {line.strip(' -*_>=')[:40]}", 0.95)
        below = heads.head(lines, index)
        if below:
            return tail.found(lines, index, f"header block: {line.strip()[:40]}", 0.95, end=below - 1)
        at = attribution.runs_on(line)
        if at:
            at += line[at] == ">" and not quotes.marked(lines, index)  # before the first of its lines alone
            lines[index : index + 1] = [line[:at], line[at:]]
            return tail.found(lines, index, "attribution with the quote on its line", 0.9, end=index)
        at = attribution.shared(line)
        if at:
            lines[index : index + 1] = [line[:at], line[at:]]
            return tail.found(lines, index + 1, "attribution on the same line", 0.8, end=index + 1)
        start, form = attribution.find(lines, index, first)
        if start >= 0:
            return tail.found(lines, start, f"attribution: {form}", 0.95, end=index)
        if quotes.quoted(line) and not line.startswith(_GROUPWISE):
            first = index + 1
    return None


_GROUPWISE = ">>> "  # with which it marks the first line of an attribution alone


def _by_lines_or_html(message: Message, lines: list[str], suspects: list[int], own: int, about: str) -> Found | None:
    """What the lines say, but for a quote that only the HTML marks, and whose own quotes the lines would find.

    The HTML is read only where a line above the found ones holds an address or a date, as introductions do.
    """
    found = _by_lines(lines, suspects, own, about)
    if found and own == len(lines) and not _answers_a_mail(message):
        found = found._replace(doubtful=not any(quotes.quoted(lines[index]) for index in found.quoted))
    if not found or not message.html:
        return found or _by_html(message, lines)
    start = min(found.quoted, default=0)
    if not any(index < start and _dated_or_addressed(lines[index]) for index in suspects):
        return found
    by_html = _by_html(message, lines)
    return by_html if by_html and min(by_html.quoted, default=start) < start else found


def _dated_or_addressed(line: str) -> bool:
    return "@" in line or sum(map(str.isdigit, line)) >= quotes.DATE_DIGITS


def _by_html(message: Message, lines: list[str]) -> Found | None:
    """What the HTML marks as quoted, found again in the text."""
    if not message.html:
        return None
    old, mark = marked.quoted(message.html)
    wanted = [key for line in old.splitlines() if (key := "".join(quotes.unquoted(line).split()))][:3]
    if not mark or not wanted:
        return None
    keys = ["".join(quotes.unquoted(line).split()) for line in lines]
    for index, key in enumerate(keys):
        if key and key == wanted[0] and [k for k in keys[index : index + 12] if k][: len(wanted)] == wanted:
            return tail.found(lines, attribution.right_above(lines, index), f"html {mark}", 0.9, end=index - 1)
    return None


def _by_quote_marks(lines: list[str]) -> Found | None:
    """Quoted lines that nothing introduces: above or below a text they are cut, within it they are its matter."""
    marked = [index for index, line in enumerate(lines) if quotes.quoted(line)]
    if not any(lines[index].lstrip().startswith(">") for index in marked):
        return None  # other marks than that of RFC 3676 are a person's list, too
    above = any(line.strip() for line in lines[: marked[0]])
    below = any(line.strip() for line in lines[marked[-1] + 1 :])
    if (above and below) or tail.answers_between(lines, marked[0], marked[-1], frozenset(marked)):
        return Found(frozenset(), "quoted lines within the text", 0.6)
    return Found(frozenset(range(attribution.right_above(lines, marked[0]), marked[-1] + 1)), "quote marks", 0.7)
