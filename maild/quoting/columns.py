"""Heads of quoted mails that are laid out in other ways, spelled out as most are: "From: …" in a line.

eM Client writes "From "Anna" <anna@customer.example>"; Notes a name, a date, and each label on a line of its own; of
the tables of others, label and value stand below each other when they have become plain text, or between bars.
"""

from collections.abc import Sequence

from maild.quoting import quotes
from maild.quoting.labels import KIND_OF_LABEL

LONGEST_LABEL = 20  # characters
LABEL_WORDS = 3
HEAD_LINES = 8
COLUMN_LINES = 14  # of Notes, with the empty ones
LONGEST_DATE = 50  # characters
GAP = "  "  # between the cells of a table's row (rendered.py)


def spelled(lines: list[str]) -> list[str]:
    """Return the lines, each field of a head in one line and with its colon."""
    instead: dict[int, list[str]] = {}
    for index, line in enumerate(lines):
        if line.startswith("|") and "@" in line and index not in instead:
            instead.update(_barred(lines, index))
        elif "@" in line and len(line) <= quotes.LONGEST and _labelled(line)[0] == "from":
            instead.update(_uncoloned(lines, index))
        elif line and len(line) <= LONGEST_LABEL and index not in instead and (kind := _alone(line)):
            instead.update(_columns(lines, index) if kind == "to" else {})
            instead.update({} if index in instead else _stacked(lines, index))
        elif GAP in line[: LONGEST_LABEL + len(GAP)] and index not in instead and _in_row(line)[0] == "to":
            instead.update(_rows(lines, index))
    if not instead:
        return lines  # as nearly always
    return [part for index, line in enumerate(lines) for part in instead.get(index, (line,))]


def _labelled(line: str) -> tuple[str, str]:
    """Return the kind of the label with which a line begins, and the line with its colon; ("", "") if with none."""
    words = quotes.plain(quotes.unquoted(line)).split(" ", LABEL_WORDS)
    for count in range(min(LABEL_WORDS, len(words) - 1), 0, -1):
        kind = KIND_OF_LABEL.get(" ".join(words[:count]).lower(), "")
        if kind and not words[count].startswith((":", "：")):  # a blank before it is French
            return kind, f"{' '.join(words[:count])}: {' '.join(words[count:])}"
    return "", ""


def _alone(line: str) -> str:
    return KIND_OF_LABEL.get(quotes.plain(line).strip(" :\t*").lower(), "")


def _uncoloned(lines: Sequence[str], start: int) -> dict[int, list[str]]:
    """Writer, receiver, date and subject in lines that follow each other; no sentence of a person's has all of them."""
    found: dict[int, list[str]] = {}
    kinds: set[str] = set()
    for index in range(start, min(start + HEAD_LINES, len(lines))):
        kind, with_colon = _labelled(lines[index][: quotes.LONGEST])
        if not kind or (kind in kinds and kind != "cc"):
            break
        if kind == "date" and not quotes.to_the_minute(with_colon):
            break
        kinds.add(kind)
        found[index] = [with_colon]
    return found if {"from", "date", "to", "subject"} <= kinds else {}


def _barred(lines: Sequence[str], start: int) -> dict[int, list[str]]:
    """Rows of "| From | Anna <anna@customer.example> |" (NetEase); a long one runs over several lines."""
    found: dict[int, list[str]] = {}
    kinds: set[str] = set()
    row = -1
    for index in range(start, min(start + COLUMN_LINES, len(lines))):
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


def _name_and_date(lines: Sequence[str], start: int) -> dict[int, list[str]]:
    """Return the two lines above `start` that are not empty as fields, where they are a name and a date."""
    above = [index for index in range(start - 1, max(start - 5, -1), -1) if lines[index].strip()][:2]
    if len(above) < 2 or len(lines[above[0]]) > LONGEST_DATE or not quotes.to_the_minute(lines[above[0]]):
        return {}
    found: dict[int, list[str]] = {index: [] for index in range(above[0], start)}
    found[above[1]] = [f"From: {lines[above[1]].strip()}"]
    found[above[0]] = [f"Date: {lines[above[0]].strip()}"]
    return found


def _columns(lines: Sequence[str], start: int) -> dict[int, list[str]]:
    """Above "To", alone in its line, stand a name and a date; below it a receiver, and "Subject" alone in its line."""
    found = _name_and_date(lines, start)
    if not found:
        return {}
    label, kinds = start, {"to"}
    for index in range(start, min(start + COLUMN_LINES, len(lines))):
        kind = _alone(lines[index]) if len(lines[index]) <= LONGEST_LABEL else ""
        value = lines[index].strip()
        if kind and index > start:
            kinds.add(kind)
            label = index
        found[index] = [f"{value.rstrip(':')}:"] if label == index else []
        if value and label != index:
            found[label] = [f"{found[label][0]} {value}"]
            if "subject" in kinds:
                return found
    return {}


def _rows(lines: Sequence[str], start: int) -> dict[int, list[str]]:
    """As Notes has it in HTML: a name and a date, and below them a table with receiver, copies and subject."""
    found = _name_and_date(lines, start)
    if not found:
        return {}
    for index in range(start, min(start + HEAD_LINES, len(lines))):
        kind, with_colon = _in_row(lines[index])
        if not kind:
            break
        found[index] = [with_colon]
        if kind == "subject":
            return found
    return {}


def _in_row(line: str) -> tuple[str, str]:
    """The kind of the label in the first cell of a row, and the row with its colon."""
    cell, _, value = line[: quotes.LONGEST].partition(GAP)
    kind = _alone(cell) if len(cell) <= LONGEST_LABEL else ""
    return (kind, f"{cell.rstrip(': ')}: {value.strip()}") if kind else ("", "")


def _stacked(lines: Sequence[str], start: int) -> dict[int, list[str]]:
    """A label with its colon, a value below it, and so on: a writer with his address, a date and a subject."""
    found: dict[int, list[str]] = {}
    kinds: set[str] = set()
    label = -1
    for index in range(start, min(start + 2 * COLUMN_LINES, len(lines))):
        value = lines[index].strip()
        kind = _alone(value) if len(value) <= LONGEST_LABEL and value.endswith((":", "：")) else ""
        if kind in kinds:
            break
        if kind:
            kinds.add(kind)
            label = index
            found[index] = [value]
        elif not value and label >= 0:
            found[index] = []
        elif label < 0:
            break
        else:
            found[index], found[label] = [], [f"{found[label][0]} {value}"]
            label = -1
    whole = {"from", "date", "subject"} <= kinds and any("@" in line for part in found.values() for line in part)
    return found if whole else {}
