"""HTML as text, HTML without its own script, and where the quote begins: one walk over Lexbor's DOM.

The text reads like the plain part that a mail program would have written: paragraphs, "- " lists, "> "
quotes, tables line by line, links with their address where it is not the text.  What the sender has hidden
(display:none, no size, a preheader) is left out: nobody who reads the mail would have seen it.

Everything is linear in the size of the HTML.  Lexbor is quadratic in the depth of nesting and in the
attributes of a tag, so beyond DEEPEST and MOST_ATTRIBUTES the tags are only taken out.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape, unescape
from urllib.parse import unquote

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

LONGEST = 2 * 1024 * 1024  # characters of HTML that are read: a second and a half at the worst
DEEPEST = 1500
MOST_ATTRIBUTES = 500  # of one tag
RULE = "_" * 32  # what Outlook writes for <hr>


def to_text(html: str) -> str:
    """Return the text that a reader of the HTML sees."""
    document = _document(html)
    return _taken_out(html[:LONGEST]) if document is None else _render(document.root)


def split_quote(html: str) -> tuple[str, str, str]:
    """Return (new text, quoted text, marker): what the writer wrote now and what his mail program quoted.

    The marker is the name of the program's own mark ("gmail_quote" …), or "" where there is none: then all
    of the text is new.
    """
    document = _document(html)
    if document is None or document.root is None:
        return _taken_out(html[:LONGEST]), "", ""
    marker = _first_marker(document)
    if marker is None:
        return _render(document.root), "", ""
    quoted = marker.take(marker.quotes(document))
    return _render(document.root), to_text("\n".join(quoted)), marker.name


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


# The containers in which mail programs put a signature.
_SIGNATURE = (
    ".gmail_signature, .moz-signature, #Signature, #signature, #ms-outlook-mobile-signature, "
    ".protonmail_signature_block"
)


def own_content_ids(html: str) -> frozenset[str]:
    """Return the Content-IDs that the writer's new words show: none of what his program quoted or signed with."""
    document = _document(html) if "cid:" in html.lower() else None
    if document is None:
        return content_ids(html)
    marker = _first_marker(document)
    if marker is not None:
        marker.take(marker.quotes(document))
    while (signature := document.css_first(_SIGNATURE)) is not None:
        signature.decompose()
    return content_ids(document.html or "")


# Reading

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_SHALLOW = 16 * 1024  # characters that cannot hold enough of anything to matter
_NO_DEPTH = frozenset(
    "p li td th tr br img hr input meta link dt dd option col wbr area base source embed param".split()
)


def _document(html: str) -> LexborHTMLParser | None:
    if len(html) > _SHALLOW and _hostile(html):
        return None
    return LexborHTMLParser(html[:LONGEST].replace("\x00", ""))


def _hostile(html: str) -> bool:
    return _too_deep(html) or _too_wide(html)


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
_MANY_EMPTY = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def _taken_out(html: str) -> str:
    text = unescape(_MARKUP.sub("\n", html).replace("\x00", ""))
    return _MANY_EMPTY.sub("\n\n", text).strip() + "\n"


# Rendering

_SKIPPED = frozenset(
    "head title script style template noscript object embed iframe svg math select audio video map canvas".split()
)
_PARAGRAPHS = frozenset("p h1 h2 h3 h4 h5 h6 ul ol dl table blockquote pre".split())
_BLOCKS = frozenset(
    "address article aside body caption center dd details div dt fieldset figcaption figure footer form header hr "
    "html legend li main nav section summary tbody tfoot thead tr".split()
)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_INVISIBLE = str.maketrans("", "", "\u200b\u2060\ufeff\u00ad\u034f")
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all"
    r"|(?:^|[;\s])(?:font-size|max-height|max-width|opacity)\s*:\s*0(?:px|pt|em|%|\.0+)?\s*(?:!important)?\s*(?:;|$)",
    re.IGNORECASE,
)
_NO_GAP = re.compile(r"margin\s*:\s*0|margin-(?:top|bottom)\s*:\s*0", re.IGNORECASE)
_INDENT_ONLY = re.compile(r"border(?:-left)?\s*:\s*(?:none|0)", re.IGNORECASE)


@dataclass(slots=True)
class _Page:
    """The lines so far, and where the next word goes."""

    lines: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    depth: int = 0  # of quotes
    indent: str = ""
    bullet: str = ""
    gap: bool = False  # an empty line is due before the next text
    glue: bool = False  # a blank is due before the next word
    kept: int = 0  # elements around that keep white space
    lists: list[int] = field(default_factory=list)  # next number, or 0 for bullets

    def text(self, text: str) -> None:
        if self.kept:
            self.kept_text(text)
            return
        bare = text.strip(" \t\r\n\f")
        if not bare:
            self.glue = self.glue or bool(text)
            return
        if (self.glue or text[0] in " \t\r\n\f") and self.words:
            self.words.append(" ")
        self.words.append(_SPACE.sub(" ", bare))
        self.glue = text[-1] in " \t\r\n\f"

    def kept_text(self, text: str) -> None:
        first, *others = text.replace("\r\n", "\n").split("\n")
        self.words.append(first)
        for line in others:
            self.line_break()
            self.words.append(line)

    def line_break(self) -> None:
        """End the line, be it empty."""
        self.flush(even_empty=True)

    def block(self, *, gap: bool) -> None:
        """Begin or end a block: a new line, and an empty one around paragraphs."""
        self.flush(even_empty=False)
        self.gap = self.gap or gap

    def flush(self, *, even_empty: bool) -> None:
        line = "".join(self.words).translate(_INVISIBLE).replace("\xa0", " ").rstrip()
        had_words = bool(self.words)
        self.words.clear()
        self.glue = False
        if not line and not even_empty and not had_words:
            return
        quote = self.quote()
        if self.gap and self.lines and self.lines[-1].strip("> "):
            self.lines.append(quote.rstrip())
        self.gap = False
        self.lines.append(f"{quote}{self.indent}{self.bullet}{line}".rstrip() if line else quote.rstrip())
        if line:
            self.bullet = ""

    def quote(self) -> str:
        return ">" * self.depth + " " if self.depth else ""

    def all(self) -> str:
        self.flush(even_empty=False)
        return _MANY_EMPTY.sub("\n\n", "\n".join(self.lines)).strip("\n") + "\n" if self.lines else ""


def _render(root: LexborNode | None) -> str:
    page = _Page()
    for node, entering in _walk(root):
        tag = node.tag or ""
        if tag == "-text":
            if entering:
                page.text(node.text_content or "")
        elif entering:
            _enter(page, tag, node)
        else:
            _leave(page, tag, node)
    return page.all()


def _walk(root: LexborNode | None) -> Iterator[tuple[LexborNode, bool]]:
    """Give each node when it is entered, and each element again when it is left; hidden ones are passed over."""
    node, above = root, 0
    while node is not None:
        if not _hidden(node):
            yield node, True
            if (child := node.child) is not None:
                node, above = child, above + 1
                continue
            yield node, False
        while (following := node.next) is None and above and (parent := node.parent) is not None:
            node, above = parent, above - 1
            yield node, False
        node = following if above else None


def _hidden(node: LexborNode) -> bool:
    tag = node.tag or ""
    if tag == "-text":
        return False
    if tag in _SKIPPED or tag.startswith(("-comment", "-doctype", "!")):
        return True
    attributes = node.attributes
    if not attributes:
        return False
    return "hidden" in attributes or bool(_HIDING.search(attributes.get("style") or ""))


def _enter(page: _Page, tag: str, node: LexborNode) -> None:
    if special := _ENTER.get(tag):
        special(page, node)
    elif tag in _PARAGRAPHS:
        page.block(gap=_has_gap(tag, node))
    elif tag in _BLOCKS:
        page.block(gap=False)


def _leave(page: _Page, tag: str, node: LexborNode) -> None:
    if special := _LEAVE.get(tag):
        special(page, node)
    elif tag in _PARAGRAPHS:
        page.block(gap=_has_gap(tag, node))
    elif tag in _BLOCKS:
        page.block(gap=False)


def _has_gap(tag: str, node: LexborNode) -> bool:
    """Outlook's MsoNormal and any paragraph without margin follow each other without an empty line."""
    if tag != "p":
        return tag != "table"
    attributes = node.attributes
    return not ("MsoNormal" in (attributes.get("class") or "") or _NO_GAP.search(attributes.get("style") or ""))


def _br(page: _Page, _: LexborNode) -> None:
    page.line_break()


def _nothing(_page: _Page, _node: LexborNode) -> None:
    pass


def _hr(page: _Page, _: LexborNode) -> None:
    page.block(gap=False)
    page.text(RULE)
    page.block(gap=False)


_SIGNS = frozenset({"So", "Sk", "Mn", "Cf"})  # an emoji, with what varies it


def _image(page: _Page, node: LexborNode) -> None:
    alt = (node.attributes.get("alt") or "").strip()
    if alt:
        page.text(alt if _SIGNS.issuperset(map(unicodedata.category, alt)) else f"[{alt}]")


def _enter_quote(page: _Page, node: LexborNode) -> None:
    page.block(gap=False)
    if page.gap and page.lines:
        page.lines.append(page.quote().rstrip())
        page.gap = False
    page.depth += _quotes(node)


def _leave_quote(page: _Page, node: LexborNode) -> None:
    page.block(gap=False)
    page.depth -= _quotes(node)
    page.gap = True


def _quotes(node: LexborNode) -> bool:
    """A blockquote without border is how Gmail indents."""
    return not _INDENT_ONLY.search(node.attributes.get("style") or "")


def _enter_list(page: _Page, node: LexborNode) -> None:
    page.block(gap=not page.lists)
    page.lists.append(1 if node.tag == "ol" else 0)
    page.indent = "  " * (len(page.lists) - 1)


def _leave_list(page: _Page, _: LexborNode) -> None:
    page.block(gap=len(page.lists) == 1)
    if page.lists:
        page.lists.pop()
    page.indent = "  " * max(0, len(page.lists) - 1)


def _enter_item(page: _Page, _: LexborNode) -> None:
    page.block(gap=False)
    number = page.lists[-1] if page.lists else 0
    page.bullet = f"{number}. " if number else "- "
    if number:
        page.lists[-1] += 1


def _leave_item(page: _Page, _: LexborNode) -> None:
    page.block(gap=False)
    page.bullet = ""


def _cell(page: _Page, _: LexborNode) -> None:
    """The cells of a row stand on one line unless they hold blocks."""
    if page.words:
        page.words.append("  ")
        page.glue = False


def _enter_kept(page: _Page, _: LexborNode) -> None:
    page.block(gap=True)
    page.kept += 1


def _leave_kept(page: _Page, _: LexborNode) -> None:
    page.block(gap=True)
    page.kept -= 1


def _leave_link(page: _Page, node: LexborNode) -> None:
    address = (node.attributes.get("href") or "").strip()
    if address.lower().startswith(("http://", "https://", "mailto:", "tel:", "ftp://")):
        shown = (node.text(deep=True) or "").strip()
        if not shown and node.css_first("img[alt]") is None:
            return  # around a picture that says nothing
        if _bare(address) != _bare(shown) and not (address.lower().startswith("mailto:") and "@" in shown):
            page.text(f" <{address}>")


def _bare(address: str) -> str:
    """What of an address is compared with the text of its link."""
    address = (
        unquote(address.strip()).lower().partition("?")[0] if address.lower().startswith("mailto:") else address.lower()
    )
    for start in ("https://", "http://", "mailto:", "tel:", "ftp://", "www."):
        address = address.removeprefix(start)
    return _SPACE.sub("", address).rstrip("/")


_Act = Callable[[_Page, LexborNode], None]
_ENTER: dict[str, _Act] = {
    "br": _br,
    "hr": _hr,
    "img": _image,
    "blockquote": _enter_quote,
    "ul": _enter_list,
    "ol": _enter_list,
    "li": _enter_item,
    "td": _cell,
    "th": _cell,
    "pre": _enter_kept,
    "textarea": _enter_kept,
}
_LEAVE: dict[str, _Act] = {
    "hr": _nothing,
    "blockquote": _leave_quote,
    "ul": _leave_list,
    "ol": _leave_list,
    "li": _leave_item,
    "a": _leave_link,
    "pre": _leave_kept,
    "textarea": _leave_kept,
}

# Quotes

MOST_QUOTES = 200  # containers that are looked at in one mail


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
    """Outlook draws a line of this colour above "From:"."""
    return bool(_OUTLOOK_LINE.search(node.attributes.get("style") or ""))


@dataclass(frozen=True, slots=True)
class _Marker:
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
    _Marker("gmail_quote", "div.gmail_quote, blockquote.gmail_quote, div.gmail_attr", _containers),
    _Marker("appendonsend", "#appendonsend", _from_here_on),
    _Marker("divRplyFwdMsg", "#divRplyFwdMsg", _from_here_on),
    _Marker(
        "mail-editor-reference",
        "#mail-editor-reference-message-container, .ms-outlook-mobile-reference-message",
        _containers,
    ),
    _Marker("outlook mobile", "#ms-outlook-mobile-body-separator-line", _from_here_on),
    _Marker("OLK_SRC_BODY_SECTION", "#OLK_SRC_BODY_SECTION", _containers),
    _Marker("OutlookMessageHeader", ".OutlookMessageHeader", _from_here_on),
    _Marker("outlook line", 'div[style*="border-top" i]', _from_here_on, _outlook_line),
    _Marker("stopSpelling", "#stopSpelling", _from_here_on),
    _Marker("moz-cite-prefix", "div.moz-cite-prefix", _containers, also='blockquote[type="cite"]'),
    _Marker("blockquote cite", 'blockquote[type="cite"]', _containers),  # Apple Mail, iCloud, Fastmail
    _Marker("yahoo_quoted", 'div[class*="yahoo_quoted"], div[id*="yahoo_quoted"]', _containers),
    _Marker("protonmail_quote", "div.protonmail_quote, blockquote.protonmail_quote", _containers),
    _Marker("tutanota_quote", "blockquote.tutanota_quote", _containers),
    _Marker("zimbra", 'hr#zwchr, hr[data-marker="__DIVIDER__"]', _from_here_on),
    _Marker("zmail_extra", "div.zmail_extra, #blockquote_zmail", _containers),
    _Marker("mail.ru", 'div[class*="mailru-blockquote"]', _containers),
    _Marker("gmx", 'div[name="quote"]', _containers),
    _Marker("spark", 'div[name="messageReplySection"], .spark_quote', _containers),
    _Marker("roundcube", "#reply-intro", _from_here_on),
    _Marker("front", "blockquote.front-blockquote", _containers),
    _Marker("missive", "div.missive_quote, blockquote.missive_quote", _containers),
    _Marker("freshdesk", ".freshdesk_quote", _containers),
    _Marker("hey", ".hey-quote", _containers),
    _Marker("edison", ".edo_quote", _containers),
    _Marker("mailbird", "blockquote.history_container", _containers),
    _Marker("netease", "blockquote#isReplyContent, .mail-quote, #reply-mail-info", _containers),
    _Marker("airmail", "blockquote.clean_bq", _containers),
    _Marker("verse", "blockquote[data-history-content-modified]", _containers),
)
_ANY_MARKER = ", ".join(marker.css for marker in _MARKERS)


def _first_marker(document: LexborHTMLParser) -> _Marker | None:
    """Return the marker that stands first: quotes of quotes carry the marks of other programs inside."""
    nodes = document.css(_ANY_MARKER)[:MOST_QUOTES]
    if not nodes:
        return None
    marks = {node.mem_id: marker for marker in reversed(_MARKERS) for node in marker.marks(document)}
    return next((marks[node.mem_id] for node in nodes if node.mem_id in marks), None)
