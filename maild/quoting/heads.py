"""Recognise the head of a quoted mail: "From: … Sent: … To: … Subject: …", in many languages, however it is laid out.

Each line is looked at once, and only its first few hundred characters, so that a whole text costs linear time.
"""

import re
from collections.abc import Sequence

from maild.quoting import columns, quotes
from maild.quoting.labels import KIND_OF_LABEL
from maild.quoting.quotes import LONGEST, plain, unquoted

HEAD_LINES = 16  # lines over which a quoted head may run
MOST_PARTED = 200  # lines that may hold a head in one and are looked at
LISTED = ("- ", "• ", "· ", "* ")  # a person's list
NAMES_PEOPLE = ("from", "to", "cc", "other")  # fields whose addresses tell; anybody may name one after a date
LABEL_WORDS = 3  # of "data i godzina"
FEWEST, MOST = 3, 8  # fields of a head in a language that no table knows


def label(line: str) -> tuple[str, str]:
    """Return the kind and the value of a line of a quoted head ("From", "Nosūtīts", "*Von:*"), or ("", "")."""
    name, colon, value = _colon(unquoted(plain(line[:LONGEST])).lstrip(quotes.DASHES))
    if not colon or len(name) > 40:
        return "", ""
    kind = KIND_OF_LABEL.get(" ".join(name.replace("*", " ").replace("_", " ").lower().split()), "")
    return kind, value.strip(" *_\t")


def _colon(text: str) -> tuple[str, str, str]:
    half, full = text.find(":"), text.find("：")
    if full >= 0 and (half < 0 or full < half):
        return text[:full], "：", text[full + 1 :]
    return text.partition(":")


def head(lines: Sequence[str], start: int) -> int:
    """Return the index after a quoted head that begins at `start`, or 0 if none does.

    A head names a writer or a date, and either an address and a subject or date, or no address (as Outlook writes
    within a company) but writer, subject, another kind and the very minute: a person who writes "From: Riga, To:
    Vilnius, Date: Monday" is left alone, and with "Date: 05.05.2025 10:14", as he finds it on a parcel.  So is he who
    tells of a payment, "From: Acme, info@acme.example; Date: 5 May": a program that gives no subject gives the
    minute, or puts the address between angle brackets; these, or the moment as it stands in the head of a mail, show
    a head without a writer, too.
    """
    end, kinds, address = _fields(lines, start)
    if not _whole(kinds, address, lines[start:end]):
        return _of_any_language(lines, start)
    return 0 if _another_begins(lines, start, end) else end


def _another_begins(lines: Sequence[str], start: int, end: int) -> bool:
    """Fields that come again, from a writer on or below an empty line, are a head: those above are his ("A: Yes")."""
    above: set[str] = set()
    for index in range(start, end):
        kind = label(lines[index])[0]
        if index > start and (kind == "from" or _parts_from(lines[index - 1])):
            below, kinds, address = _fields(lines, index)
            if not above.isdisjoint(kinds) and _whole(kinds, address, lines[index:below]):
                return True
        above.add(kind or "other")
    return False


def _parts_from(line: str) -> bool:
    bare = unquoted(line).strip()
    return not bare or quotes.frame(bare)


def _whole(kinds: set[str], address: bool, lines: Sequence[str]) -> bool:
    if "from" not in kinds:
        whole = {"date", "subject"} < kinds and any("<" in line for line in lines)
        return address and (whole or any(_STAMP.search(line, 0, LONGEST) for line in lines))
    if address:
        boxed = any("<" in line or "[mailto:" in line for line in lines)
        timed = "date" in kinds and ("subject" in kinds or any(map(_clocked, lines)))
        return timed or (boxed and not {"subject", "date"}.isdisjoint(kinds))
    return {"from", "subject"} < kinds and any(map(_outlooks, lines))


def _of_any_language(lines: Sequence[str], start: int) -> int:
    """Return the index after a head whose labels no table knows, or 0.

    It stands below a title between dashes, or below Outlook's rule, and names one mailbox as programs do and the very
    minute.  Programs draw five dashes and more; "--- Order ---" is a person's, who may list the like below it.
    """
    above = lines[max(start - 2, 0) : start]
    titled = any(quotes.titled(line) and line.lstrip().startswith(_LONG_RULE) for line in above)
    ruled = any(unquoted(line).rstrip() == _OUTLOOKS_RULE for line in above[-1:])
    end = in_any_language(lines, start) if titled or ruled else 0
    return end if 0 < end < len(lines) and not unquoted(lines[end]).strip() else 0


def in_any_language(lines: Sequence[str], start: int) -> int:
    """Return the index after fields that name one mailbox and the very minute, or 0: enough where a quote follows."""
    index, named, moments = start, False, 0
    while index < min(start + HEAD_LINES, len(lines)):
        line = unquoted(plain(lines[index][:LONGEST])).strip()
        name, colon, value = _colon(line)
        if not (colon and _MAY_BE_LABEL.fullmatch(name)) and not (index > start and "@" in line):
            break
        named = named or bool(quotes.MAILBOX.search(f" {value}"))
        moments += "@" not in value and quotes.to_the_minute(value)
        index += 1
    return index if FEWEST <= index - start <= MOST and named and moments == 1 else 0


_STAMP = re.compile(r"\d:\d\d:\d\d [+-]\d{4}\b")  # RFC 5322 section 3.3, as nobody types it
_LONG_RULE = "-----"
_OUTLOOKS_RULE = "_" * 32
_MAY_BE_LABEL = re.compile(r"""[^\d@/\\<>()\[\]{},.;"=?!#|\t]{1,30}""")


def _clocked(line: str) -> bool:
    kind, value = label(line)
    return kind == "date" and quotes.to_the_minute(value)


def _outlooks(line: str) -> bool:
    """When a mail was sent, as Outlook writes it: it begins with the day's name, or does not say "Date"."""
    name, _, value = _colon(unquoted(plain(line[:LONGEST])).lstrip(quotes.DASHES))
    return _clocked(line) and (bool(_IN_WORDS.match(value.strip(" *_"))) or name.strip(" *_").lower() not in _DAYS)


_IN_WORDS = re.compile(r"[^\W\d_]{2}|.*[\u0e00-\uffff]")
_DAYS = frozenset(
    "date time datums laiks дата data kuupäev datum fecha dato dátum dată tarih ημερομηνία 日期 时间 날짜".split()
)


def fields(lines: Sequence[str], start: int) -> int:
    """Return the index after three fields of a head, or two and an address, or 0: enough where our mark follows."""
    end, kinds, _ = _fields(lines, start)
    some = len(kinds) >= 3 or (len(kinds) == 2 and any("@" in line[:LONGEST] for line in lines[start:end]))
    return end if some and not _another_begins(lines, start, end) else 0


def _fields(lines: Sequence[str], start: int) -> tuple[int, set[str], bool]:
    """The index after the fields that begin at `start`, their kinds, and whether they hold an address."""
    kind, value = label(lines[start])
    if not kind or kind in ("cc", "other") or lines[start].lstrip().startswith(LISTED):
        return 0, set(), False
    kinds, last, loose, named = {kind}, start, 0, kind in NAMES_PEOPLE
    address, written = named and "@" in lines[start], bool(value)
    for index in range(start + 1, min(start + HEAD_LINES, len(lines))):
        line = lines[index]
        if not unquoted(line).strip():
            if last != index - 1 or (len(kinds) >= 3 and "subject" in kinds):
                break
            continue
        kind, value = label(line)
        if kind:
            kinds.add(kind)
            named = kind in NAMES_PEOPLE
            address, written = address or (named and "@" in line[:LONGEST]), written or bool(value)
            last, loose = index, 0
            continue
        if last == index - 1 and lines[last].count("<") > lines[last].count(">") and "@" in line:
            last = index  # torn at the bracket of its address
            continue
        loose += 1  # a long field runs over more than one line
        if loose > 2 or last < index - 2:
            break
        address = address or (named and "@" in line[:LONGEST] and last == index - 1)
    return (last + 1 if written else 0), kinds - {"other"}, address


def introduces(lines: Sequence[str], index: int) -> bool:
    """A line that says from whom the quote is that it stands in or above: marked, a field, or ended by a colon."""
    kind, _ = label(lines[index])
    if kind in ("to", "cc"):
        return False
    line = lines[index].rstrip("* ")
    return bool(kind) or quotes.quoted(line) or line.endswith((":", "：")) or quotes.marked(lines, index)


# What some programs write in one line

_RULES = ("---", "___", "===", "***", "–––", "———")
_NORDIC_CLOCK = re.compile(r"(?:\b\d{4}|klo|kl\.?)[ ,]{1,3}\d{1,2}\.[0-5]\d\.[0-5]\d(?![\d.])")  # "2021 09.26.50"
_SEPARATOR = re.compile(r"[-_=*–—]{3,20}\s?((?:[^-_=*–—:]|-(?!-)){5,60}?)\s?[-_=*–—]{3,20}")


def parted(lines: list[str]) -> list[str]:
    """The lines; but a separator and the fields of a head that share one (Samsung, AOL, Outlook) each on their own."""
    lines = columns.spelled(lines)
    crowded = frozenset([i for i, line in enumerate(lines) if _may_hold_two(line)][:MOST_PARTED])
    if not crowded:
        return lines  # as nearly always
    return [part for i, line in enumerate(lines) for part in (_parts(line) if i in crowded else (line,))]


def _may_hold_two(line: str) -> bool:
    return line.count(":") > 2 or "：" in line or (":" in line and line.lstrip("> \t")[:3] in _RULES)


def _parts(line: str) -> list[str]:
    for drawn in _SEPARATOR.finditer(line, 0, LONGEST):
        above, below = line[: drawn.start()], line[drawn.end() :]
        if quotes.separator(drawn[0]) and label(below)[0]:
            marks = "" if unquoted(above).strip() else above
            return [
                *([above.rstrip()] if above and not marks else []),
                marks + drawn[0],
                *_fields_apart(below.lstrip()),
            ]
    return _fields_apart(line)


def _fields_apart(line: str) -> list[str]:
    """A writer, a date and a receiver, subject or address are a head in one line; words before it ask for all."""
    starts, kinds = _labels(line[:LONGEST].replace("\xa0", " "))
    opens = starts[:1] == [0]
    others = len({"to", "subject"} & kinds) + (opens and "@" in line[:LONGEST])
    enough = {"from", "date"} <= kinds and others >= (1 if opens else 2)
    if not enough or not (quotes.CLOCK.search(line, 0, LONGEST) or _NORDIC_CLOCK.search(line, 0, LONGEST)):
        return [line]
    ends = [*starts[1:], len(line)]
    below = _GAP.search(line, starts[-1])  # the text goes on in the same line (Yahoo on telephones)
    if below:
        ends[-1:] = [below.start()]
    above = [] if opens else [line[: starts[0]].rstrip()]
    fields = [line[start:end].rstrip() for start, end in zip(starts, ends, strict=True)]
    return [*above, *fields, "", line[below.end() :]] if below else [*above, *fields]


def _labels(text: str) -> tuple[list[int], set[str]]:
    """Where labels begin within a line, the first of each kind, and which kinds these are."""
    starts: list[int] = []
    kinds: set[str] = set()
    for colon in _COLON.finditer(text):
        words = list(_WORD.finditer(text, max(starts[-1] if starts else 0, colon.start() - 40), colon.start()))
        for word in words[-LABEL_WORDS:]:
            kind = KIND_OF_LABEL.get(text[word.start() : colon.start()].strip("* ").lower(), "other")
            if kind not in kinds | {"other"}:
                kinds.add(kind)
                starts.append(word.start())
                break
    return starts, kinds


_COLON = re.compile("[:：]")
_WORD = re.compile(r"[^\s>\d]+")  # some leave no blank between a value and the next label
_GAP = re.compile(r"(?<=[^\s:]) {3,}(?=\S)")
