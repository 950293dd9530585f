"""What text/plain means beyond its letters: format=flowed (RFC 3676) and files in uuencode (POSIX)."""

import binascii
import re
from typing import NamedTuple

MOST_FILES = 200  # of one text; more stay in it as they are


class File(NamedTuple):
    """A file that was written into the text."""

    name: bytes
    data: bytes


class Uuencoded(NamedTuple):
    """A text without its uuencoded files, and the files."""

    rest: bytes
    files: tuple[File, ...]


_BEGIN = re.compile(
    rb"^begin(-base64)? [0-7]{3,4} ([^\r\n]{1,255})\r?\n(?=[\x20-\x60][\x20-\x60\r\n]|[A-Za-z0-9+/])", re.MULTILINE
)
_END = re.compile(rb"^(?:end|====)[ \t]*\r?$\n?", re.MULTILINE)


def uuencoded(text: bytes) -> Uuencoded:
    """Take the uuencoded files out of a text; what only begins like one stays in it."""
    rest: list[bytes] = []
    files: list[File] = []
    at = 0
    begin = _BEGIN.search(text) if b"begin" in text else None
    while begin and len(files) < MOST_FILES:
        end = _END.search(text, begin.end())
        data = _decoded(text[begin.end() : end.start()], base64=begin[1] is not None) if end else None
        if end is None:
            break
        if data is not None:
            rest.append(text[at : begin.start()])
            files.append(File(begin[2].strip(), data))
            at = end.end()
        begin = _BEGIN.search(text, end.end())
    rest.append(text[at:])
    return Uuencoded(b"".join(rest), tuple(files))


def _decoded(lines: bytes, *, base64: bool) -> bytes | None:
    """Return the file, or None where the lines are no code."""
    try:
        return binascii.a2b_base64(lines) if base64 else b"".join(map(_line, lines.splitlines()))
    except (binascii.Error, IndexError):
        return None


def _line(line: bytes) -> bytes:
    """One line: its length, then letters; surplus letters at its end are an old encoder's padding."""
    if not line.strip():
        return b""
    letters = (((line[0] - 32) & 63) * 4 + 5) // 3
    return binascii.a2b_uu(line[:letters])


def unflow(text: str, *, delete_space: bool) -> str:
    """Join the lines that format=flowed has broken (RFC 3676 sections 4.1, 4.2 and 4.5).

    A line that ends in a space goes on in the next one of the same quote depth; "-- " never does.
    """
    lines: list[list[str]] = []
    depth_before, open_line = -1, False
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        words = line[depth:].removeprefix(" ")
        signature = words == "-- "
        if not (open_line and depth == depth_before and not signature):
            lines.append([f"{'>' * depth} " if depth else ""])
        open_line, depth_before = words.endswith(" ") and not signature, depth
        lines[-1].append(words[:-1] if open_line and delete_space else words)
    return "\n".join(map("".join, lines))
