"""Mails from files: .eml, mbox (RFC 4155), a folder of them, a Maildir.

An mbox is read piece by piece and never whole; a line of a mail that begins with ">From " loses one ">".
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import chain, pairwise
from pathlib import Path
from typing import NamedTuple

from maild.message import parse

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
MAIL_SUFFIXES = (".eml", ".msg", ".txt")
_FROM_LINE = re.compile(rb"^>(>*From )", re.MULTILINE)
_DATED = re.compile(rb"From .*\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b.*\d:\d\d.*\d{4}")
_FIELD = re.compile(rb"[!-9;-~]+:")


class Found(NamedTuple):
    """One mail of a path: where it stands, and its bytes."""

    name: str
    raw: bytes


def mails(path: Path) -> Iterator[Found]:
    """Return the mails of a path: folders in name order, an mbox in its own.

    Raises:
        OSError: it cannot be read.
    """
    if path.is_dir():
        for one in sorted(path.iterdir()):
            if one.is_dir() and one.name in ("cur", "new"):
                yield from (Found(str(mail), mail.read_bytes()) for mail in sorted(one.iterdir()))
            elif one.is_file() and (one.suffix.lower() in (*MAIL_SUFFIXES, ".mbox") or _is_mbox(one)):
                yield from mails(one)
    elif _is_mbox(path):
        yield from (Found(f"{path}:{number}", raw) for number, raw in enumerate(_mbox(path), 1))
    else:
        yield Found(str(path), path.read_bytes())


def in_order(paths: Sequence[Path]) -> Iterator[Found]:
    """Return the mails of some paths, the oldest next: what "Sent" answers is in "Inbox".

    Those of one folder or mbox stay in its order, and files of a single mail in the order in which they are named.

    Raises:
        OSError: one cannot be read.
    """
    many, single = list[Path](), list[Path]()
    for path in paths:
        (many if path.is_dir() or _is_mbox(path) else single).append(path)
    one_by_one = chain.from_iterable(map(mails, single))  # of thousands of files none is read before its turn
    return merge(one_by_one, *map(mails, many), key=lambda one: arrived(one.raw) or _BEFORE_ALL)


def size_bytes(path: Path) -> int:
    """Return about how large the mails of a path are together."""
    files = (one for one in path.rglob("*") if one.is_file()) if path.is_dir() else (path,)
    return sum(one.stat().st_size for one in files)


def received_at(raw: bytes, previous: datetime | None) -> datetime:
    """Return when an old mail came, as far as it says, else a minute after the previous.

    Time never goes back from one mail to the next.
    """
    claimed = arrived(raw)
    if previous is None:
        return claimed or datetime(2026, 1, 5, 9, tzinfo=UTC)
    return max(claimed or previous + timedelta(minutes=1), previous)


def arrived(raw: bytes) -> datetime | None:
    """Return when an old mail came, to the second, by its topmost Received, else its Date; None if neither says."""
    claimed = parse.arrived(raw)
    if claimed is None:
        return None
    aware = claimed if claimed.tzinfo else claimed.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(microsecond=0)


def _is_mbox(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(5) == b"From "


def _mbox(path: Path) -> Iterator[bytes]:
    lines: list[bytes] = []
    with path.open("rb") as file:
        blank = True
        for line, after in pairwise(chain(file, (b"",))):
            if blank and lines and _begins(line, after):
                yield _unquoted(lines)
                lines = []
            lines.append(line)
            blank = not line.strip()
    if lines:
        yield _unquoted(lines)


def _begins(line: bytes, after: bytes) -> bool:
    """Tell whether a mail begins with a line, behind an empty one: not every program quotes "From " in a text."""
    return line.startswith(b"From ") and bool(_DATED.match(line) or _FIELD.match(after))


def _unquoted(lines: list[bytes]) -> bytes:
    """Return one mail of an mbox, without its "From " line and the quoting of others."""
    return _FROM_LINE.sub(rb"\1", b"".join(lines[1:]).rstrip(b"\r\n") + b"\n")
