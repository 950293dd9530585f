"""Heads of quoted mails that are laid out in other ways, spelled out as most are: "From: …" in a line.

eM Client writes "From "Anna" <anna@customer.example>"; Notes a name, a date, and each label on a line of its own; of
the tables of others, label and value stand below each other when they have become plain text, or between bars.
"""

from collections.abc import Callable, Sequence

from maild.quoting import quotes
from maild.quoting.labels import KIND_OF_LABEL

LONGEST_LABEL = 20  # characters
LABEL_WORDS = 3
HEAD_LINES = 8
BARRED_LINES = 14
COLUMN_LINES = 28  # with the empty ones
LONGEST_DATE = 50  # characters
GAP = "  "  # between the cells of a table's row (rendered.py)

Lines = dict[int, list[str]]  # those of a head, and what is to stand in the place of each


def spelled(lines: list[str]) -> list[str]:
    """Return the lines, each field of a head in one line and with its colon."""
    instead: Lines = {}
    for index, line in enumerate(lines):
        if not line or index in instead:
            continue
        if "@" in line and line.startswith("|"):
            instead.update(_barred(lines, index))
        elif "@" in line and len(line) <= quotes.LONGEST and _labelled(line)[0] == "from":
            instead.update(_uncoloned(lines, index))
        elif len(line) <= LONGEST_LABEL and (kind := _alone(line)):
            instead.update((kind == "to" and _columns(lines, index)) or _stacked(lines, index))
        elif GAP in line[: LONGEST_LABEL + len(GAP)] and _in_row(line)[0] == "to":
            instead.update(_rows(lines, index))
    if not instead:
        return lines  # as nearly always
    return [part for index, line in enumerate(lines) for part in instead.get(index, (line,))]


# What the label of a line is: its kind, and the line with a colon; ("", "") if it has none


def _labelled(line: str) -> tuple[str, str]:
    """The label is the words with which a line begins."""
    words = quotes.plain(quotes.unquoted(line)).split(" ", LABEL_WORDS)
    for count in range(min(LABEL_WORDS, len(words) - 1), 0, -1):
        kind = KIND_OF_LABEL.get(" ".join(words[:count]).lower(), "")
        if kind and not words[count].startswith((":", "：")):  # a blank before it is French
            return kind, f"{' '.join(words[:count])}: {' '.join(words[count:])}"
    return "", ""


def _in_row(line: str) -> tuple[str, str]:
    """The label is the first cell of a row."""
    cell, _, value = line.partition(GAP)
    kind = _alone(cell)
    return (kind, f"{cell.rstrip(': ')}: {value.strip()}") if kind else ("", "")


def _alone(line: str) -> str:
    """The label is the whole line; only its kind is told."""
    return KIND_OF_LABEL.get(quotes.plain(line).strip(" :\t*").lower(), "") if len(line) <= LONGEST_LABEL else ""


# Heads as they are laid out; {} if the lines are none


def _uncoloned(lines: Sequence[str], start: int) -> Lines:
    """Writer, receiver, date and subject in lines that follow each other; no sentence of a person's has all of them."""
    found, kinds = _in_lines(lines, start, _labelled)
    return found if {"from", "date", "to", "subject"} <= kinds else {}


def _rows(lines: Sequence[str], start: int) -> Lines:
    """As Notes has it in HTML: a name and a date, and below them a table with receiver, copies and subject."""
    above = _name_and_date(lines, start)
    found, kinds = _in_lines(lines, start, _in_row) if above else ({}, set())
    return above | found if "subject" in kinds else {}


def _columns(lines: Sequence[str], start: int) -> Lines:
    """Above "To", alone in its line, stand a name and a date; below it a receiver, and "Subject" alone in its line."""
    above = _name_and_date(lines, start)
    found, kinds = _below(lines, start, colons=False) if above else ({}, set())
    return above | found if "subject" in kinds else {}


def _stacked(lines: Sequence[str], start: int) -> Lines:
    """A label with its colon, a value below it, and so on: a writer with an address, a date and a subject."""
    found, kinds = _below(lines, start, colons=True)
    whole = {"from", "date", "subject"} <= kinds and any("@" in line for part in found.values() for line in part)
    return found if whole else {}


def _in_lines(lines: Sequence[str], start: int, read: Callable[[str], tuple[str, str]]) -> tuple[Lines, set[str]]:
    """Fields in lines that follow each other, and of which kinds they are."""
    found: Lines = {}
    kinds: set[str] = set()
    for index in range(start, min(start + HEAD_LINES, len(lines))):
        kind, with_colon = read(lines[index][: quotes.LONGEST])
        if not kind or (kind in kinds and kind != "cc"):
            break
        if kind == "date" and not quotes.to_the_minute(with_colon):
            break
        kinds.add(kind)
        found[index] = [with_colon]
    return found, kinds


def _below(lines: Sequence[str], start: int, *, colons: bool) -> tuple[Lines, set[str]]:
    """Labels alone in their lines, each above its value; without colons a value may be of several, but the subject."""
    found: Lines = {}
    kinds: set[str] = set()
    label = -1
    for index in range(start, min(start + COLUMN_LINES, len(lines))):
        value = lines[index].strip()
        kind = _alone(value) if not colons or value.endswith((":", "：")) else ""
        if kind in kinds or (label < 0 and not kind):
            break
        if kind:
            kinds.add(kind)
            label = index
            found[index] = [value if colons else f"{value.rstrip(':')}:"]
            continue
        found[index] = []
        if value:
            found[label] = [f"{found[label][0]} {value}"]
            label = -1 if colons or "subject" in kinds else label
    return found, kinds


def _name_and_date(lines: Sequence[str], start: int) -> Lines:
    """Return the two lines above `start` that are not empty as fields, where they are a name and a date."""
    above = [index for index in range(start - 1, max(start - 5, -1), -1) if lines[index].strip()][:2]
    if len(above) < 2 or len(lines[above[0]]) > LONGEST_DATE or not quotes.to_the_minute(lines[above[0]]):
        return {}
    found: Lines = {index: [] for index in range(above[0], start)}
    found[above[1]] = [f"From: {lines[above[1]].strip()}"]
    found[above[0]] = [f"Date: {lines[above[0]].strip()}"]
    return found


def _barred(lines: Sequence[str], start: int) -> Lines:
    """Rows of "| From | Anna <anna@customer.example> |" (NetEase); a long one runs over several lines."""
    found: Lines = {}
    kinds: set[str] = set()
    row = -1
    for index in range(start, min(start + BARRED_LINES, len(lines))):
        line = lines[index][: quotes.LONGEST].rstrip()
        label, bar, value = line[1:].partition("|") if row < 0 and line.startswith("|") else ("", "", line)
        if row < 0:
            if not bar or len(label) > LONGEST_LABEL or not (found or _alone(label)):
                break
            kinds.add(_alone(label))
            row = index
            found[index] = [f"{label.strip()}: {value.rstrip('|').strip()}"]
        else:
            found[index], found[row] = [], [f"{found[row][0]} {line.rstrip('|').strip()}"]
        if line.endswith("|"):
            row = -1
    return found if row < 0 and {"from", "date", "subject"} <= kinds else {}
