"""Read the rich text of Outlook: what it compresses, the HTML that it wraps, the words that it holds.

Standards: MS-OXRTFCP (compression), MS-OXRTFEX (HTML and plain text within), RTF 1.9.  Never raises; linear in the
length of the text.
"""

import re
import struct
from dataclasses import dataclass, field, replace
from itertools import islice

from maild.message import charsets

LONGEST = 2 * 1024 * 1024  # bytes, when they are no longer compressed
MOST_TOKENS = 250_000  # words and texts; what follows is not read
DEEPEST = 500  # groups within groups

_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_ROOM = 4096  # bytes that references may reach back


def expand(octets: bytes) -> bytes:
    """Return the text of a compressed one, as far as it can be read (MS-OXRTFCP section 3.1.4); b"" for no such one."""
    if len(octets) < 16:
        return b""
    _, size, kind, _ = struct.unpack_from("<II4sI", octets)
    if kind == b"MELA":
        return octets[16 : 16 + size]
    return _expanded(octets, min(size, LONGEST)) if kind == b"LZFu" else b""


def _expanded(octets: bytes, size: int) -> bytes:
    out = bytearray(_DICTIONARY)
    wanted = len(out) + size
    at = 16
    while at < len(octets) and len(out) < wanted:
        flags = octets[at]
        at += 1
        for bit in range(8):
            if not flags >> bit & 1:
                out += octets[at : at + 1]
                at += 1
                continue
            token = int.from_bytes(octets[at : at + 2], "big")
            at += 2
            back = (len(out) - (token >> 4)) % _ROOM  # how far, for the dictionary is a ring
            if back == 0 or back > len(out):
                return bytes(out[len(_DICTIONARY) : wanted])
            start, length = len(out) - back, (token & 15) + 2
            copied = out[start : start + length]
            out += (copied * length)[:length] if len(copied) < length else copied  # it may repeat itself
    return bytes(out[len(_DICTIONARY) : wanted])


@dataclass(frozen=True, slots=True)
class Text:
    """What a rich text says: HTML where it wraps some, else plain text."""

    text: str = ""
    html: str = ""


_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|((?:\\'[0-9a-f]{2})+)|\\([^a-z'])|([{}])|[\r\n]+|([^\\{}\r\n]+)|.",
    re.IGNORECASE | re.DOTALL,
)
_CHARACTERS = {
    "par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "cell": "\t", "tab": "\t",
    "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•", "endash": "–", "emdash": "—",
    "emspace": " ", "enspace": " ", "zwj": "", "zwnj": "",
}  # fmt: skip
_SYMBOLS = {"~": "\u00a0", "_": "-", "{": "{", "}": "}", "\\": "\\", "\n": "\n", "\r": "\n", "-": ""}
_UNSAID = frozenset(
    "fonttbl colortbl stylesheet info pict object header headerl headerr headerf footer footerl footerr footerf "
    "footnote generator listtable listoverridetable rsidtbl themedata colorschememapping datastore latentstyles "
    "fldinst xmlnstbl filetbl revtbl".split()
)
_CHARSETS = {
    0: "cp1252", 77: "mac-roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250",
}  # fmt: skip


@dataclass(slots=True)
class _Group:
    """What holds up to the closing brace."""

    unsaid: bool = False  # fonts, pictures, and what only some programs know
    rich: bool = False  # what the HTML was turned into: not for a reader of the HTML
    font: int = -1
    skip: int = 1  # letters that stand for one of Unicode
    fonts: bool = False

    @property
    def is_read(self) -> bool:
        return not self.unsaid and not self.rich


@dataclass(slots=True)
class _Page:
    page: str = "cp1252"
    wraps_html: bool = False
    pages: dict[int, str] = field(default_factory=dict)  # of fonts
    said: list[str] = field(default_factory=list)
    octets: bytearray = field(default_factory=bytearray)  # not decoded yet: two may be one letter
    octets_page: str = ""

    def say(self, text: str) -> None:
        self.flush()
        self.said.append(text)

    def write(self, octets: bytes, page: str) -> None:
        if page != self.octets_page:
            self.flush()
            self.octets_page = page
        self.octets += octets

    def flush(self) -> None:
        if self.octets:
            self.said.append(self.octets.decode(charsets.codec(self.octets_page) or "cp1252", "replace"))
            self.octets.clear()


def read(octets: bytes) -> Text:
    """Return what a rich text says; nothing for what is none."""
    if not octets.startswith(b"{\\rtf"):
        return Text()
    page, groups, skip = _Page(), [_Group()], 0
    for token in islice(_TOKEN.finditer(octets[:LONGEST]), MOST_TOKENS):
        word, number, code, symbol, brace, letters = token.groups()
        group = groups[-1]
        if brace == b"{":
            skip = 0
            if len(groups) > DEEPEST:
                break
            groups.append(replace(group))
        elif brace:
            skip = 0
            if len(groups) > 1:
                groups.pop()
        elif word:
            skip = _control(page, group, word.decode(), int(number) if number else None)
        elif code or letters:
            said = bytes.fromhex(code.replace(b"\\'", b"").decode()) if code else letters
            said, skip = said[skip:], max(skip - len(said), 0)
            if group.is_read:
                page.write(said, page.pages.get(group.font, page.page))
        elif symbol == b"*":
            group.unsaid = group.unsaid or not octets.startswith(b"\\htmltag", token.end())
        elif symbol and group.is_read:
            page.say(_SYMBOLS.get(symbol.decode("latin-1"), ""))
    page.flush()
    said = _whole("".join(page.said))
    return Text(html=said) if page.wraps_html else Text(text=said.strip("\n"))


def _control(page: _Page, group: _Group, word: str, number: int | None) -> int:
    """Obey a control word; return how many letters behind it stand for what it said already."""
    if word in _UNSAID:
        group.fonts = group.fonts or word == "fonttbl"
        group.unsaid = True
    elif word in ("f", "deff") and number is not None:
        group.font = number
    elif word == "fcharset" and group.fonts and number in _CHARSETS:
        page.pages[group.font] = _CHARSETS[number]
    elif word == "ansicpg" and number:
        page.page = "utf-8" if number == 65001 else f"cp{number}"
    elif word == "fromhtml":
        page.wraps_html = True
    elif word == "htmlrtf":
        group.rich = number != 0
    elif word == "htmltag":
        group.rich = False
    elif word == "uc" and number is not None:
        group.skip = max(0, min(number, 16))
    elif word == "u" and number is not None:
        if group.is_read:
            page.say(chr(number & 0xFFFF))
        return group.skip
    elif word in _CHARACTERS and group.is_read:
        page.say(_CHARACTERS[word])
    return 0


def _whole(text: str) -> str:
    """Characters beyond the first 65536 are written as two halves."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
