"""ISO-2022-JP as Japanese programs write it: NEC's row 13 and half-width katakana too, which Python's codec refuses."""

import contextlib
import re

_CLOSELY_READ_BYTES = 1024 * 1024
_SHIFT = re.compile(rb"\x1b(?:\$[@B]|\([BJI])")


def decode(data: bytes) -> str:
    """Decode ISO-2022-JP as it is written: NEC's row 13 and half-width katakana (CP50221) too."""
    text, start, read = [], 0, _read_ascii
    for shift in _SHIFT.finditer(data, 0, _CLOSELY_READ_BYTES):
        text.append(read(data[start : shift.start()]))
        start, read = shift.end(), _READ_AFTER[shift.group()]
    text.append(read(data[start:_CLOSELY_READ_BYTES]))
    text.append(data[_CLOSELY_READ_BYTES:].decode("iso2022_jp", "replace"))
    return "".join(text)


def _read_ascii(data: bytes) -> str:
    return data.decode("ascii", "replace")


def _read_kanji(data: bytes) -> str:
    """JIS X 0208 rows as EUC; line ends inside are kept."""
    high = bytes(byte | 0x80 if 0x20 < byte < 0x7F else byte for byte in data)
    with contextlib.suppress(UnicodeError):
        return high.decode("euc_jp")
    return high.decode("euc_jis_2004", "replace")


def _read_katakana(data: bytes) -> str:
    return bytes(byte | 0x80 if 0x20 < byte < 0x60 else byte for byte in data).decode("cp932", "replace")


_READ_AFTER = {
    b"\x1b$@": _read_kanji,
    b"\x1b$B": _read_kanji,
    b"\x1b(B": _read_ascii,
    b"\x1b(J": _read_ascii,
    b"\x1b(I": _read_katakana,
}
