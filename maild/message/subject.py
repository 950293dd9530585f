"""The subject without what mail programs put in front of it, and our tags in it.

RFC 5256 section 2.1 (base subject), with the prefixes that programs write in other languages.
"""

import re
from functools import lru_cache
from typing import NamedTuple

LONGEST = 1000  # characters that are looked at
BEGINNING = 60  # characters of a text that stand for its subject
SHOWN = 200  # and that are shown


class Base(NamedTuple):
    """What the subject is about, and whether its first prefix says reply or forward."""

    text: str
    reply: bool
    forward: bool


_REPLIES = frozenset(
    "re aw antw antwort antwoord rép sv svar vs ynt cevap odp odg одг odpoveď r rif risposta res resp réf réponse "
    "respuesta resposta ats atsakymas atb atbilde vastus vá válasz bls balas betr ang trả|lời ref отв ответ на відп "
    "відповідь отг 回复 回覆 答复 답장 회신 返信 σχετ απ رد תגובה תשובה השב ตอบ".split()
)
_FORWARDS = frozenset(
    "fwd fwrd fw forward forwarded wg weitergeleitet tr rv reenviado reenviada enc i inoltra inoltro inoltrato pd vb "
    "vl doorst pārs pārsūt pārsūtīts parsutits pers persiųsta edasi ilt iletilen přep fs tov továbbítás πρθ "
    "пер пересл переслано вп препр إعادة|توجيه הועבר 转发 转寄 轉寄 轉發 전달 転送 "
    "videresend redir prosl proslj chuyển|tiếp".split()
)
_PREFIX = re.compile(
    r"\s*([^\W\d_]{1,14}(?: [^\W\d_]{1,6})?)\.?\s?(?:[\[(]\d{1,4}[\])]|[\^-]\d{1,4}|\d{0,2})\s?[:：]\s*"
)
TAG = re.compile(r"\[\s?#([A-Z][A-Z0-9]{0,9})-(\d{1,12})\s?\]", re.IGNORECASE)
_NOTICES = (
    r"ext|extern|external(?: e?-?mail| sender)?|externe|externo|esterno|ārējs|внешнее|внешний|spam\??|suspected spam"
    r"|外部邮件|外部メール|社外|possible spam|caution|caution: external|warning|unverified|secure|encrypted|bulk"
    r"|marketing"
)
_NOTICE = re.compile(
    rf"\s*(?:\[|\(|\{{|\*{{2,5}}|<)\s*(?:{_NOTICES})\s*(?:\]|\)|\}}|\*{{2,5}}|>)\s*:?\s*", re.IGNORECASE
)
_BARE_NOTICE = re.compile(r"\s*(?:ext|external|extern|externe|spam|suspected spam)\s?:\s*", re.IGNORECASE)
_TRAILER = re.compile(r"\s*\((?:fwd|fw)\)\s*\Z", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")


def base(subject: str) -> Base:
    """Return the subject without prefixes, notices of a gateway and our tags."""
    return _base(subject[:LONGEST])


def unmarked(subject: str) -> str:
    """Return the subject without what a gateway put before it: "[EXTERNAL] ", "***SPAM*** "."""
    text = subject[:LONGEST]
    while (notice := _notice(text)) and notice.end() < len(text):
        text = text[notice.end() :]
    return text


def shortened(subject: str) -> str:
    """Return the beginning of a subject that is longer than anybody reads; the whole is kept with the ticket."""
    return subject if len(subject) <= SHOWN else f"{subject[:SHOWN].rstrip()}…"


@lru_cache(maxsize=128)  # five ask for that of the same mail
def _base(subject: str) -> Base:
    text = _BLANKS.sub(" ", TAG.sub(" ", subject).strip())
    first = ""
    while True:
        shorter, word = _strip_once(text)
        if shorter == text:
            return Base(text, reply=first in _REPLIES, forward=first in _FORWARDS)
        text, first = shorter, first or word


def _notice(text: str) -> re.Match[str] | None:
    return _NOTICE.match(text) or _BARE_NOTICE.match(text)


def _strip_once(text: str) -> tuple[str, str]:
    """Take one prefix, notice or trailer off; "" as the word where it says neither reply nor forward."""
    notice = _notice(text)
    if notice and notice.end() < len(text):
        return text[notice.end() :], ""
    prefix = _PREFIX.match(text)
    word = prefix[1].lower().replace(" ", "|").replace("\u0307", "") if prefix else ""  # "İ" comes in two letters
    if prefix and (word in _REPLIES or word in _FORWARDS):
        return text[prefix.end() :], word
    trailer = _TRAILER.search(text)
    if trailer:
        return text[: trailer.start()], "fwd"
    if text.lower().startswith("[fwd:") and text.endswith("]"):
        return text[5:-1].strip(), "fwd"
    return text, ""


def tags(subject: str) -> tuple[tuple[str, int], ...]:
    """Return our tags in a subject: "[#EX-1234]" gives ("EX", 1234)."""
    return tuple((tag.upper(), int(number)) for tag, number in TAG.findall(subject[:LONGEST]))


def untagged(subject: str) -> str:
    """Return a subject without our tags, else as it is."""
    return _BLANKS.sub(" ", TAG.sub(" ", subject)).strip()


def of(subject: str, text: str) -> str:
    """Return what a mail is about: its subject without our tags; where that says nothing, its first words."""
    if base(subject).text:
        return untagged(subject)
    words = " ".join(text[:LONGEST].split())
    beginning = words if len(words) <= BEGINNING else f"{words[:BEGINNING].rpartition(' ')[0] or words[:BEGINNING]}…"
    return beginning or untagged(subject)
