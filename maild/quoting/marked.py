"""What a mail program quoted, by the mark that it sets in its HTML: around the quote, or where it begins."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from maild.message import html
from maild.quoting import quotes

LONGEST_HEAD = 600  # characters
MOST_QUOTES = 200  # containers that are looked at in one mail


def quoted(source: str) -> tuple[str, str]:
    """Return (text, mark): what was quoted, and the name of the program's mark ("gmail_quote" …); both "" for none."""
    document = html.document(source)
    taken, mark = take_quote(document) if document is not None else ("", "")
    return html.to_text(taken), mark


# The containers in which mail programs put a signature.
_SIGNATURE = (
    ".gmail_signature, .moz-signature, #Signature, #signature, #ms-outlook-mobile-signature, "
    ".protonmail_signature_block"
)


def own_content_ids(source: str) -> frozenset[str]:
    """Return the Content-IDs that the writer's new words show: none of what his program quoted or signed with."""
    document = html.document(source) if "cid:" in source.lower() else None
    if document is None:
        return html.content_ids(source)
    take_quote(document)
    while (signature := document.css_first(_SIGNATURE)) is not None:
        signature.decompose()
    return html.content_ids(document.html or "")


def take_quote(document: LexborHTMLParser) -> tuple[str, str]:
    """Take out of a document what was quoted; return (HTML, mark), both "" where there is no mark."""
    marker = _first_marker(document)
    return ("\n".join(marker.take(marker.quotes(document))), marker.name) if marker else ("", "")


def _first_marker(document: LexborHTMLParser) -> "Marker | None":
    """Return the mark that stands first, None for none: quotes of quotes carry the marks of other programs inside."""
    nodes = document.css(_ANY_MARKER)[:MOST_QUOTES]
    if not nodes:
        return None
    marks = {node.mem_id: marker for marker in reversed(_MARKERS) for node in marker.marks(document)}
    return next((marks[node.mem_id] for node in nodes if node.mem_id in marks), None)


def _containers(found: list[LexborNode]) -> list[str]:
    """The nodes hold the quotes: they are taken out, and what the writer put between them stays."""
    marked = {node.mem_id for node in found}
    outermost = [node for node in found if not _within(node, marked)]
    taken = [node.html or "" for node in outermost]
    for node in outermost:
        node.insert_before(node.parser.create_node("div"))  # what stood around it stays on lines of its own
        node.decompose()
    return taken


def _within(node: LexborNode, marked: set[int]) -> bool:
    parent = node.parent
    while parent is not None and parent.mem_id not in marked:
        parent = parent.parent
    return parent is not None


def _from_here_on(found: list[LexborNode]) -> list[str]:
    """The node begins the quote: it and all that follows are taken out."""
    taken: list[str] = []
    node: LexborNode | None = found[0]
    following = _rule_before(found[0]) or node
    while node is not None and node.tag not in ("body", "html", "-document"):
        parent = node.parent
        while following is not None:
            after = following.next
            taken.append(following.html or "")
            following.decompose()
            following = after
        node, following = parent, parent.next if parent is not None else None
    return taken


def _rule_before(node: LexborNode) -> LexborNode | None:
    """Outlook draws a rule above its mark."""
    before = node.prev
    while before is not None and before.tag == "-text" and not (before.text_content or "").strip():
        before = before.prev
    return before if before is not None and before.tag == "hr" else None


def _always(_: LexborNode) -> bool:
    return True


_OUTLOOK_LINE = re.compile(
    r"border-top\s*:[^;]{0,40}(?:#?(?:e1e1e1|b5c4df|c0c0c0)|rgb\((?:225, ?225, ?225|181, ?196, ?223)\))", re.IGNORECASE
)


def _outlook_line(node: LexborNode) -> bool:
    """Outlook draws a line of this colour above "From:"; people draw such lines, too."""
    if not _OUTLOOK_LINE.search(node.attributes.get("style") or ""):
        return False
    text = (node.text(deep=True) or "")[:LONGEST_HEAD]
    return bool(_LABEL_FIRST.match(text)) and ("@" in text or quotes.to_the_minute(text))


_LABEL_FIRST = re.compile(r"\s{0,100}[^:：\s][^:：]{0,40}[:：]")


@dataclass(frozen=True, slots=True)
class Marker:
    """How one mail program marks what it quotes."""

    name: str
    css: str
    take: Callable[[list[LexborNode]], list[str]]
    holds: Callable[[LexborNode], bool] = _always
    also: str = ""  # what belongs to the quote besides

    def marks(self, document: LexborHTMLParser) -> list[LexborNode]:
        return [node for node in _found(document, self.css) if self.holds(node)]

    def quotes(self, document: LexborHTMLParser) -> list[LexborNode]:
        return _found(document, f"{self.css}, {self.also}") if self.also else self.marks(document)


def _found(document: LexborHTMLParser, css: str) -> list[LexborNode]:
    """The nodes in their order; Lexbor gives one twice that two selectors find."""
    return list({node.mem_id: node for node in document.css(css)[:MOST_QUOTES]}.values())


_MARKERS = (
    Marker("gmail_quote", "div.gmail_quote, blockquote.gmail_quote, div.gmail_attr", _containers),
    Marker("appendonsend", "#appendonsend", _from_here_on),
    Marker("divRplyFwdMsg", "#divRplyFwdMsg", _from_here_on),
    Marker(
        "mail-editor-reference",
        "#mail-editor-reference-message-container, .ms-outlook-mobile-reference-message",
        _containers,
    ),
    Marker("outlook mobile", "#ms-outlook-mobile-body-separator-line", _from_here_on),
    Marker("OLK_SRC_BODY_SECTION", "#OLK_SRC_BODY_SECTION", _containers),
    Marker("OutlookMessageHeader", ".OutlookMessageHeader", _from_here_on),
    Marker("outlook line", 'div[style*="border-top" i]', _from_here_on, _outlook_line),
    Marker("stopSpelling", "#stopSpelling", _from_here_on),
    Marker("moz-cite-prefix", "div.moz-cite-prefix", _containers, also='blockquote[type="cite"]'),
    Marker("blockquote cite", 'blockquote[type="cite"]', _containers),  # Apple Mail, iCloud, Fastmail
    Marker("yahoo_quoted", 'div[class*="yahoo_quoted"], div[id*="yahoo_quoted"]', _containers),
    Marker("protonmail_quote", "div.protonmail_quote, blockquote.protonmail_quote", _containers),
    Marker("tutanota_quote", "blockquote.tutanota_quote", _containers),
    Marker("zimbra", 'hr#zwchr, hr[data-marker="__DIVIDER__"]', _from_here_on),
    Marker("zmail_extra", "div.zmail_extra, #blockquote_zmail", _containers),
    Marker("mail.ru", 'div[class*="mailru-blockquote"]', _containers),
    Marker("gmx", 'div[name="quote"]', _containers),
    Marker("spark", 'div[name="messageReplySection"], .spark_quote', _containers),
    Marker("roundcube", "#reply-intro", _from_here_on),
    Marker("front", "blockquote.front-blockquote", _containers),
    Marker("missive", "div.missive_quote, blockquote.missive_quote", _containers),
    Marker("freshdesk", ".freshdesk_quote", _containers),
    Marker("hey", ".hey-quote", _containers),
    Marker("edison", ".edo_quote", _containers),
    Marker("mailbird", "blockquote.history_container", _containers),
    Marker("netease", "blockquote#isReplyContent, .mail-quote, #reply-mail-info, .ntes-mailmaster-quote", _containers),
    Marker("139.com", "hr#replySplit", _from_here_on),
    Marker("yahoo ios", "blockquote.iosymail", _containers),
    Marker("infomaniak", "div.ik_mail_quote", _containers),
    Marker("skiff", ".skiff_quote, blockquote[data-skiff-mail]", _containers),
    Marker("airmail", "blockquote.clean_bq", _containers),
    Marker("verse", "blockquote[data-history-content-modified]", _containers),
)
_ANY_MARKER = ", ".join(marker.css for marker in _MARKERS)
