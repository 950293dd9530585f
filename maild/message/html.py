"""HTML as text (`rendered`), as a tree, and without script: safe for whatever comes.

Everything is linear in the size of the HTML.  Lexbor is quadratic in the depth of nesting, in the attributes of a tag
and in the options of a menu, so beyond DEEPEST, MOST_ATTRIBUTES and MOST_OPTIONS the tags are only taken out.
"""

import re
from html import escape, unescape
from urllib.parse import unquote

import nh3
from selectolax.lexbor import LexborHTMLParser

from maild.message.rendered import MANY_EMPTY, render

LONGEST = 2 * 1024 * 1024  # characters of HTML that are read: a second and a half at the worst
DEEPEST = 1500
MOST_ATTRIBUTES = 500  # of one tag
MOST_OPTIONS = 5000  # of all menus


def to_text(html: str) -> str:
    """Return the text that a reader of the HTML sees."""
    tree = document(html)
    return _taken_out(html[:LONGEST]) if tree is None else render(tree.root)


_SCHEMES = {"http", "https", "mailto", "tel", "cid"}


def clean(html: str) -> str:
    """Return HTML that does nothing: no script, style, form, frame; no image from elsewhere (it would report)."""
    if _hostile(html):
        return f"<pre>{escape(_taken_out(html[:LONGEST]))}</pre>"
    return nh3.clean(
        html,
        url_schemes=_SCHEMES,
        clean_content_tags={"script", "style", "title"},
        attribute_filter=_harmless,
        link_rel="noopener noreferrer nofollow",
    )


def _harmless(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src":
        return value if value.lower().startswith("cid:") else None
    return value


_CID = re.compile(r"""cid:([^"'\s>)]+)""", re.IGNORECASE)


def content_ids(html: str) -> frozenset[str]:
    """Return the Content-IDs that the HTML shows (RFC 2392)."""
    return (
        frozenset(unquote(unescape(found)) for found in _CID.findall(html)) if "cid:" in html.lower() else frozenset()
    )


_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_SHALLOW = 16 * 1024  # characters that cannot hold enough of anything to matter
_NO_DEPTH = frozenset(
    "p li td th tr br img hr input meta link dt dd option col wbr area base source embed param".split()
)


def document(html: str) -> LexborHTMLParser | None:
    """Return the HTML as a tree; None for what would take long to read as one."""
    if len(html) > _SHALLOW and _hostile(html):
        return None
    return LexborHTMLParser(html[:LONGEST].replace("\x00", ""))


def _hostile(html: str) -> bool:
    return _too_deep(html) or _too_wide(html) or html.lower().count("<option") > MOST_OPTIONS


# Tokenised as HTML's standard does (13.2.5.32 to 13.2.5.39); nothing is ever tried twice.
_ATTRIBUTE = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"?|'[^']*+'?|[^\s>]*+))?+"""
_WIDE = re.compile(rf"<[a-zA-Z][^\s/>]*+(?:{_ATTRIBUTE}){{0,{MOST_ATTRIBUTES}}}+({_ATTRIBUTE})?+")
_OPENING = re.compile("<[a-zA-Z]")
_SCANS = 4  # how often the whole may be read for this: once is usual


def _too_wide(html: str) -> bool:
    """Whether a tag has too many attributes.

    Looked for at every "<", also within comments and quotation marks: no trick with them hides a tag.
    """
    left = _SCANS * len(html)
    for opening in _OPENING.finditer(html):
        tag = _WIDE.match(html, opening.start())
        if tag is None:
            continue
        left -= tag.end() - tag.start()
        if tag[1] or left < 0:
            return True
    return False


def _too_deep(html: str) -> bool:
    depth = 0
    for closing, tag in _TAG.findall(html):
        if tag.lower() not in _NO_DEPTH:
            depth = max(0, depth - 1) if closing else depth + 1
            if depth > DEEPEST:
                return True
    return False


_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)|<[^<>]*>", re.DOTALL | re.IGNORECASE
)


def _taken_out(html: str) -> str:
    text = unescape(_MARKUP.sub("\n", html).replace("\x00", ""))
    return MANY_EMPTY.sub("\n\n", text).strip() + "\n"
