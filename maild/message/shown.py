"""What of a mail is shown: its text, from the plain parts, else from the HTML; and the HTML as it came.

Standards: RFC 2046 section 5.1.4 (alternatives), RFC 3676 (format=flowed), RFC 1896 (text/enriched).  A label that
does not fit is named in the defects, and the text read all the same.
"""

import binascii
import re
from typing import NamedTuple

from maild.message import attached, charset, enriched, html, mime, plain, sealed
from maild.message.layout import ENRICHED, Block, Layout, is_html
from maild.message.mime import Part

LONGEST_TEXT = 5 * 1024 * 1024  # characters that are shown; the rest stays in the raw mail


class Shown(NamedTuple):
    """What a reader sees, as Message has it under the same names."""

    text: str
    html: str
    encrypted: str
    defects: tuple[str, ...]


def read(raw: bytes, tree: Part, layout: Layout) -> Shown:
    """Return the text and the HTML of the blocks that are shown, and what is wrong with them."""
    defects: list[str] = []
    texts = [_text_of(raw, block, defects) for block in layout.blocks]
    text = _joined(texts)
    if not text.strip():
        text = _left_over(raw, tree, layout, defects)
    encrypted = sealed.how(raw, tree, text)
    text = sealed.told(encrypted, text)
    if len(text) > LONGEST_TEXT:
        defects.append(_TOO_LONG)
    htmls = [_html(raw, part, defects) for block in layout.blocks for part in block.rich if is_html(part)]
    return Shown(text[:LONGEST_TEXT], "\n".join(htmls), encrypted, tuple(defects))


TWO_TEXTS = "its HTML says something else than its text"


def _joined(texts: list[str]) -> str:
    """Several bodies in a row are one text, each beginning on a line of its own."""
    *before, last = [text for text in texts if text] or [""]
    return "".join(text if text.endswith("\n") else text + "\n" for text in before) + last


def _text_of(raw: bytes, block: Block, defects: list[str]) -> str:
    """The plain text; the HTML's where that is empty, and both where it only says that there is HTML."""
    text = _joined([_plain(raw, part, defects) for part in block.plain])
    if not block.rich:
        return text
    doubt = next((doubt for doubt in (_may_be_stub, _may_be_quote_alone, _may_be_in_one) if doubt(text)), None)
    strange = doubt is None and len(text) < _LONGEST_STUB and _is_strange(text, _sources(raw, block))
    if text.strip() and doubt is None and not strange:
        return text
    rich = _joined([(_html_as_text if is_html(part) else _plain)(raw, part, defects) for part in block.rich])
    if not text.strip():
        return rich
    if doubt is _may_be_stub or strange:
        if not _adds(rich, text, strange=strange):
            return text
        if strange:
            defects.append(TWO_TEXTS)
        return _joined([text, rich])
    return rich if _says_more(rich, text, only_lines=doubt is _may_be_in_one) else text


def _sources(raw: bytes, block: Block) -> str:
    return "".join(_html(raw, part, []) for part in block.rich)


def _is_strange(text: str, source: str) -> bool:
    """At most half of its words stand in the HTML, as in what programs write for those that show none."""
    words = _LONG_WORD.findall(text)
    return 2 * sum(word in source for word in words) <= len(words)


_LONG_WORD = re.compile(r"[^\W\d_]{4,}")


def _html_as_text(raw: bytes, part: Part, defects: list[str]) -> str:
    source = _html(raw, part, defects)
    if len(source) > html.LONGEST:
        defects.append("HTML longer than 2 MB: its end is not shown as text")
    return html.to_text(source)


def _may_be_stub(text: str) -> bool:
    return len(text) < _LONGEST_STUB and bool(_STUB.search(text))


_LONGEST_STUB = 500  # characters
_STUB = re.compile(
    r"\bhtml\b|browser|mail[ -]?(?:client|program|reader)|браузер|почтов(?:ый|ая|ой) (?:клиент|программ)|pārlūk|"
    r"pasta program|pašto program|meiliprogramm|navega|navigat|messagerie|"
    r"programa de (?:correo|e-?mail)|cliente de correo|multi-?part message|plain[ -]text version|"
    r"programma di posta|client di posta|postprogram|program pocztowy|klient poczty|poštovní program|"
    r"sähköpostiohjelma|posta program|メールソフト|ブラウザ|邮件客户端|浏览器",
    re.IGNORECASE,
)


def _adds(rich: str, text: str, *, strange: bool) -> bool:
    """The HTML says something else, and more; or anything else beside one line about HTML, or a link to it."""
    if not strange and len(rich) > 2 * len(text):
        return True
    stub = not strange and ("://" in text or len(text.strip().splitlines()) == 1)
    return (stub or len(rich) > len(text)) and _is_another(rich, text)


def _is_another(rich: str, text: str) -> bool:
    """None of its lines stands in the plain text."""
    known = "".join(text.split()).casefold()
    lines = ["".join(line.split()).casefold() for line in rich.splitlines()[:_MOST_LINES]]
    return any(lines) and not any(line in known for line in lines if line)


def _may_be_quote_alone(text: str) -> bool:
    """Some programs leave the answer out of the plain text, and only that."""
    if len(text) > _LONGEST_DOUBTED or "\n>" not in f"\n{text[:_INTRODUCED]}":
        return False
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    first = next(index for index, line in enumerate(lines) if line.startswith(">"))
    introduced = first == 0 or (first <= _FEW_LINES and lines[first - 1].endswith(":"))
    return introduced and all(line.startswith(">") for line in lines[first:])


def _may_be_in_one(text: str) -> bool:
    """Some leave out the ends of its lines."""
    if len(text) > _LONGEST_DOUBTED:
        return False
    lines = [line for line in text.splitlines() if line.strip()]
    return len(lines) <= _FEW_LINES and any(len(line) >= _LONG_LINE for line in lines)


def _says_more(rich: str, text: str, *, only_lines: bool) -> bool:
    """The HTML holds the writer's own words, which the plain text lacks; or the same words in many more lines."""
    known = "".join(text.split())
    lines = [line for line in rich.splitlines() if line.strip() and not line.startswith(">")][:_MOST_LINES]
    new = sum("".join(line.split()) not in known for line in lines)
    if not only_lines:
        return new > 0
    return len(lines) >= 3 * sum(bool(line.strip()) for line in text.splitlines()) and new <= len(lines) // 4


_LONGEST_DOUBTED = 20_000  # characters
_INTRODUCED = 600  # in which a quote that is introduced begins
_LONG_LINE = 120
_FEW_LINES = 3
_MOST_LINES = 500  # that are compared


def _left_over(raw: bytes, tree: Part, layout: Layout, defects: list[str]) -> str:
    """No part is shown: show what stands outside of the parts, for somebody may have written it."""
    outside = [raw[span.start : span.end] for part in tree.walk() for span in part.between]
    text = _joined([charset.clean(charset.decode(octets).text).strip() for octets in outside])
    if text and not _BOILERPLATE.search(text):
        defects.append("text outside of the parts")
        return text
    if tree.head.fields or layout.attached or not raw.strip():
        return ""
    return raw[:_SHOWN_BYTES].decode("latin-1").encode("unicode_escape").decode("ascii")


_SHOWN_BYTES = 1000  # of a mail that is not even text
_BOILERPLATE = re.compile(r"\bMIME\b|multi-?part message|mehrteilige Nachricht", re.IGNORECASE)


def _plain(raw: bytes, part: Part, defects: list[str]) -> str:
    octets = mime.payload(raw, part)
    if part.encoding == "base64" and _is_no_base64(raw, part):
        octets = _partly_base64(raw[part.body.start : part.body.end])
        defects.append("text is not base64 as it claims")
    found = attached.uuencoded(raw, part)
    text = _label_checked(charset.decode(found.rest if found.files else octets, part.charset), defects)
    if _PAGE.match(text) and "</" in text[-_PAGE_ENDS:]:
        defects.append("HTML that is labelled as plain text")
        return html.to_text(text)
    if part.content_type in ENRICHED:
        return enriched.to_text(text, is_rich=part.content_type == "text/richtext")
    if part.parameters.get("format").lower() == "flowed":
        text = plain.unflow(text, delete_space=part.parameters.get("delsp").lower() == "yes")
    return text


_PAGE = re.compile(r"\s{0,100}(?:<!doctype html\b[^>]{0,200}>\s{0,100})?<html\b", re.IGNORECASE)
_PAGE_ENDS = 200  # characters in which a whole page closes its elements


def _is_no_base64(raw: bytes, part: Part) -> bool:
    """Words with blanks between them: base64 has none inside of its lines."""
    return len(_WORDS.findall(raw, part.body.start, min(part.body.end, part.body.start + 4096))) > 3


_WORDS = re.compile(rb"\w[ ]\w")


def _partly_base64(octets: bytes) -> bytes:
    """Decode what stands above an empty line, and is base64: a list put its footer below it."""
    above, empty, below = octets.replace(b"\r\n", b"\n").partition(b"\n\n")
    if len(above) < _SHORTEST_BASE64:
        return octets
    try:
        return binascii.a2b_base64(above.replace(b"\n", b""), strict_mode=True) + empty[1:] + below
    except binascii.Error:
        return octets


_SHORTEST_BASE64 = 20  # characters: "Dear" is such, too


def _html(raw: bytes, part: Part, defects: list[str]) -> str:
    octets = mime.payload(raw, part)
    label = part.charset or _meta_charset(octets)
    return _label_checked(charset.decode(octets, label), defects)


_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)


def _meta_charset(octets: bytes) -> str:
    found = _META.search(octets, 0, 2048)
    return found[1].decode("ascii") if found else ""


def _label_checked(decoded: charset.Decoded, defects: list[str]) -> str:
    if not decoded.as_declared:
        defects.append(f"charset is not as declared: read as {decoded.charset}")
    if len(decoded.text) > LONGEST_TEXT:
        defects.append(_TOO_LONG)
    return charset.clean(decoded.text[:LONGEST_TEXT])


_TOO_LONG = "text longer than 5 MB: its end is not shown"
