"""Bytes to text, whatever their label says.

The ladder: the declared charset (charsets.py), UTF-8 though a little of it be broken, a guess from the bytes,
windows-1252.  The last always holds, so no text is lost; `Decoded.charset` says which rung did.
"""

import codecs
import re
from typing import NamedTuple

from maild.message import iso2022jp
from maild.message.charsets import MULTIBYTE, codec

SAMPLE_BYTES = 8192


class Decoded(NamedTuple):
    """A text; the charset that gave it; whether that is what the label said (no label says UTF-8 or ASCII)."""

    text: str
    charset: str
    as_declared: bool


def decode(data: bytes, declared: str = "") -> Decoded:
    """Return the text of some bytes that claim to be in the declared charset ("" claims nothing)."""
    if data.isascii() and b"\x1b" not in data and _unlabelled(declared):
        return Decoded(data.decode("ascii"), "ascii", True)
    marked = _by_mark(data)
    if marked:
        return marked
    named = _meant(codec(declared), data)
    if not named.startswith("iso2022") and (data.isascii() or not named) and _SHIFT.search(data, 0, SAMPLE_BYTES):
        return Decoded(iso2022jp.decode(data), "iso2022_jp", False)
    if named in MULTIBYTE:
        text = _strict(data, "utf-8") if _is_narrow(data, named) else None
        if text is not None:
            return Decoded(text, "utf-8", False)
        for name in (named, *_WIDER.get(named, ())):
            text = _strict(data, name)
            if text is not None:
                return Decoded(text, name, True)
    text = _strict(data, "utf-8")
    if text is not None and not (data.isascii() and b"\x1b" in data):
        return Decoded(text, "utf-8", named in ("", "utf-8") or data.isascii())
    if text is None and _is_nearly_utf8(data[: SAMPLE_BYTES * 4], named):
        return Decoded(data.decode("utf-8", "replace"), "utf-8", False)
    return _eight_bit(data, named, declared)


_SHIFT = re.compile(rb"\x1b\$[@B]")
_WIDER = {"cp950": ("big5hkscs",), "euc_jp": ("euc_jis_2004",)}  # Hong Kong's letters, and NEC's row 13


def _meant(named: str, data: bytes) -> str:
    """Which octet comes first, where no mark says so: that of a blank, or of a letter of ours, is zero."""
    return "utf-16-be" if named == "utf-16" and data[::2].count(0) > data[1::2].count(0) else named


def _is_narrow(data: bytes, named: str) -> bool:
    """Labelled with letters of two octets, but with a blank and no zero, though a blank of two octets holds one."""
    wide = named.startswith(("utf-16", "utf-32")) and len(data) > _WORDS_BYTES
    return wide and b"\0" not in data and b" " in data and not _CONTROL.search(data)


def _is_nearly_utf8(sample: bytes, named: str) -> bool:
    """Letters that are whole outweigh a few that a server tore: other charsets hardly ever look like them."""
    letters = sample.decode("utf-8", "replace")
    broken = letters.count("\ufffd")
    whole = sum(letter > "\x7f" for letter in letters) - broken
    return whole > broken * (1 if named == "utf-8" else _WHOLE_UNLABELLED)


_WHOLE_UNLABELLED = 4  # of a few characters in Chinese, three to one may look whole


def _unlabelled(declared: str) -> bool:
    return not declared or declared.strip().lower() in ("utf-8", "us-ascii", "ascii", "iso-8859-1", "windows-1252")


def _by_mark(data: bytes) -> Decoded | None:
    """A byte order mark outweighs every label."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        whole = len(data) - len(data) % 2 if name == "utf-16" else len(data)  # half a letter may be left at the end
        text = _strict(data[:whole], name) if data.startswith(mark) else None
        if text is not None:
            return Decoded(text, name, True)
    return None


def _strict(data: bytes, name: str) -> str | None:
    try:
        text = data.decode(name)
        text.encode("utf-8")  # some codecs make lone surrogates, which no database takes
    except (UnicodeError, ValueError):
        return None
    return text.translate(_OF_WINDOWS) if name == "utf-8" and _C1.search(text) else text


# What is left of windows-1252 where a program took it for latin-1, and made UTF-8 of it; U+0085 ends a line, too.
_C1 = re.compile("[\x80-\x84\x86-\x9f]")
_OF_WINDOWS = {byte: bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0xA0) if byte != ord("\x85")}


def _eight_bit(data: bytes, named: str, declared: str) -> Decoded:
    """Neither what the label says nor UTF-8: trust a single-byte label, else guess."""
    if named == "iso2022_jp":
        return Decoded(iso2022jp.decode(data), named, True)
    foreign = named == "cp1252" and _is_not_latin(data[:SAMPLE_BYTES])
    if named and named not in MULTIBYTE and not _only_ascii_claimed(declared) and not foreign:
        return Decoded(_lenient(data, named), named, True)
    if named in MULTIBYTE and _mostly(data, named):
        return Decoded(data.decode(named, "replace"), named, False)
    guess = detect(data)
    return Decoded(_lenient(data, guess), guess, False)


_CONTROL = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WORD = re.compile(rb"[\xa1-\xff]{4,}")
_WORDS_BYTES = 12  # of words without any ASCII letter: no text in Latin script is made of them


def _is_not_latin(sample: bytes) -> bool:
    """Some programs call Cyrillic or Chinese by the charset of western Europe."""
    inside = sum(len(word.group()) for word in _WORD.finditer(sample))
    worded = inside >= _WORDS_BYTES and inside * 2 > sum(sample.translate(_HIGH_ONLY))
    if not worded and _strict(sample, "cp1252") is not None:
        return False
    guess = detect(sample)
    return guess in _IN_RUNS and _plausible(sample, guess) > max(_plausible(sample, "cp1252"), 0.0 if worded else 1.0)


def _only_ascii_claimed(declared: str) -> bool:
    return "ascii" in declared.lower()


def _mostly(data: bytes, name: str) -> bool:
    """A few broken characters do not disprove a label: 5 % of the high bytes may be wrong."""
    sample = data[: SAMPLE_BYTES * 4]
    return sample.decode(name, "replace").count("\ufffd") * 20 <= sum(sample.translate(_HIGH_ONLY))


_HIGH_ONLY = bytes(0 if byte < 128 else 1 for byte in range(256))


def _lenient(data: bytes, name: str) -> str:
    """Decode; bytes that the charset leaves undefined become what windows-1252 makes of them, or U+FFFD."""
    text = _strict(data, name)
    return text if text is not None else data.decode(name, "replace")


# Which letters speak for a charset, should its bytes make them.
_CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ"
_KANA = "".join(map(chr, (*range(0x3041, 0x3097), *range(0x30A1, 0x30FB)))) + "ー、。「」"
_TELLING = {
    "cp1252": "äöüßéèàçñóíáúøåæêîôâëïãõûùÿœÄÖÜÉÈÀÇÑÊÔŒ’“”–—…€£°«»©®´§·¿¡",
    "cp1257": "āčēģīķļņšūžąėęįųõäöüĀČĒĢĪĶĻŅŠŪŽ–„“”",
    "cp1250": "ąćęłńóśźżáčďéěíňřšťúůýžőűăâîŠŽŁ„”–",
    "iso8859-2": "ąćęłńóśźżáčďéěíňřšťúůýžőűăâîŠŽŁ",
    "iso8859-13": "āčēģīķļņšūžąėęįųĀČĒĢĪĶĻŅŠŪŽ",
    "cp1251": _CYRILLIC,
    "koi8-r": _CYRILLIC,
    "cp866": _CYRILLIC,
    "cp932": _KANA,
    "euc_jp": _KANA,
    "cp949": "이가다는을를에의하고한지도로서기사나라니인그해어시자있습게만과대보요님안녕세히메일문",
    "gb18030": "的一是不了在有人我他这中大来上个国们和到说时为要就你会子地出也年得自过您好请谢没去，。！？：",
    "cp950": "的一是不了在有人我他這中大來上個國們和到說時為要就你會子地出也年得自過您好請謝沒去，。！？：",
}
_IN_RUNS = ("cp932", "euc_jp", "gb18030", "cp949", "cp950", "cp1251", "koi8-r", "cp866")
_ALONE = ("cp1252", "cp1257", "cp1250", "iso8859-2", "iso8859-13", "cp932")  # half of a katakana is an ASCII letter
_RUN = re.compile(rb"[\x80-\xff]{2,}")


def detect(data: bytes) -> str:
    """Guess the charset of bytes that are neither labelled rightly nor UTF-8; windows-1252 at a loss.

    High bytes stand alone in the Latin scripts and in runs in Cyrillic, Chinese, Japanese and Korean; within
    a family the charset wins whose bytes make the most frequent letters.
    """
    sample = data[:SAMPLE_BYTES]
    high = sum(sample.translate(_HIGH_ONLY))
    in_runs = sum(len(run.group()) for run in _RUN.finditer(sample))
    family = _IN_RUNS if in_runs * 10 > high * 7 and high > 3 else _ALONE
    return max(family, key=lambda name: _plausible(sample, name))


def _plausible(sample: bytes, name: str) -> float:
    """Points per character: 2 for a telling letter, 1 for another letter, -3 for what letters do not mix with."""
    try:
        text = codecs.getincrementaldecoder(name)("strict").decode(sample)
    except UnicodeError:
        return -9.0
    telling = _TELLING.get(name, "")
    points = [_points(char, telling) for char in text if ord(char) > 127]
    return sum(points) / len(points) if points else 0.0


def _points(char: str, telling: str) -> float:
    if char in telling:
        return 2.0
    if "\u4e00" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3":
        return 0.8
    return 0.5 if char.isalpha() else -3.0


_LINE_END = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNFIT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]+")
_ASCII_UNFIT = bytes(byte for byte in (*range(32), 127) if byte not in b"\t\n\x0b\x0c\x1c\x1d\x1e")
_ASCII_LINE_ENDS = bytes.maketrans(b"\x0b\x0c\x1c\x1d\x1e", b"\n" * 5)


def clean(text: str) -> str:
    """Return the text with line ends as "\\n", and nothing that a database or a terminal would not take."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():  # most mail: ten times as fast
        return text.encode("ascii").translate(_ASCII_LINE_ENDS, _ASCII_UNFIT).decode("ascii")
    return _UNFIT.sub("", _LINE_END.sub("\n", text))
