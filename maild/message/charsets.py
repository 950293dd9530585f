"""What the labels of charsets mean: the codec that reads what mail programs call so.

A label is read as the superset that they mean by it (RFC 2046 section 4.1.2 and the WHATWG Encoding Standard): "gb2312"
is gb18030, "iso-8859-1" is windows-1252.  Only codecs in the tables below are used: Python also knows "idna"
(quadratic) and "unicode_escape".
"""

import codecs
import encodings
import re
from encodings.aliases import aliases
from functools import lru_cache
from pkgutil import iter_modules

# Codec, and the labels that mean it though Python knows them as another, or not at all.
SUPERSETS = (
    ("cp1252", "ascii us-ascii iso-8859-1 latin-1 ansi x-ansi"),
    ("iso8859-8", "iso-8859-8-i iso-8859-8-e"),
    ("cp1254", "iso-8859-9"),
    ("cp874", "iso-8859-11 tis-620 windows-874 dos-874"),
    ("gb18030", "gb2312 gb-2312 gb_2312-80 csgb2312 gbk x-gbk cp936 ms936 gb18030 chinese"),
    ("hz", "hz-gb-2312"),
    ("cp950", "big5 x-big5 big5-eten"),
    ("cp949", "euc-kr ks_c_5601 ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 korean x-windows-949 uhc"),
    ("cp932", "shift_jis shift-jis x-sjis sjis ms_kanji windows-31j cswindows31j"),
    ("euc-jp", "x-euc-jp x-euc eucjp"),
    ("iso2022_jp", "iso-2022-jp csiso2022jp iso-2022-jp-ms cp50220 cp50221 cp50222"),
    ("mac-roman", "x-mac-roman macintosh mac csmacintosh"),
    ("mac-latin2", "x-mac-ce"),
    ("mac-cyrillic", "x-mac-cyrillic"),
    ("utf-8", "utf-8-mac unicode-1-1-utf-8"),
    ("utf-7", "unicode-1-1-utf-7 utf-7-imap"),
    ("utf-16", "unicode ucs-2"),
    ("utf-16-be", "iso-10646-ucs-2"),
)
MULTIBYTE = frozenset({
    "utf-8", "utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be",
    "gb18030", "gbk", "gb2312", "hz", "big5", "cp950", "big5hkscs", "cp949", "euc_kr", "johab", "iso2022_kr",
    "cp932", "shift_jis", "shift_jisx0213", "shift_jis_2004", "euc_jp", "euc_jis_2004", "euc_jisx0213",
    "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_2004", "iso2022_jp_3", "iso2022_jp_ext",
})  # fmt: skip
SINGLE_BYTE = re.compile(
    r"(?:iso8859-\d+|cp\d+|windows-\d+|koi8-[rut]|mac-[a-z0-9]+|tis-620|kz1048|ptcp154|hp-roman8)\Z"
)
_SUPERSET = {label: name for name, labels in SUPERSETS for label in labels.split()}
# Python is asked for no other: it remembers each name that it was ever asked for.
_KNOWN = {*aliases, *(module.name for module in iter_modules(encodings.__path__))}
_CODE_PAGE = re.compile(r"(?:x-)?(?:windows|win|cp|ibm)[-_]?(\d{3,5})")


@lru_cache(maxsize=512)
def codec(label: str) -> str:
    """Return Python's name of a charset that may be used for text, or "" for an unknown or unfit one."""
    name = label.lower().partition("*")[0].strip(" \t\r\n'\"<>;,").partition(" ")[0]
    name = _SUPERSET.get(name, _SUPERSET.get(name.replace("_", "-"), name))
    if page := _CODE_PAGE.fullmatch(name):
        name = "cp" + page[1]
    name = encodings.normalize_encoding(name)
    try:
        found = codecs.lookup(name).name if name in _KNOWN else ""
    except LookupError:
        return ""
    found = {"iso8859-1": "cp1252", "ascii": "cp1252"}.get(found, found)
    return found if found in MULTIBYTE or SINGLE_BYTE.match(found) else ""
