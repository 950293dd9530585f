"""A page of HTML as the text that its reader sees: one walk over Lexbor's DOM.

The text reads like the plain part that a mail program would have written: paragraphs, "- " lists, "> "
quotes, tables line by line, links with their address where it is not the text.  What the sender has hidden
(display:none, no size, a preheader) is left out: nobody who reads the mail would have seen it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

RULE = "_" * 32  # what Outlook writes for <hr>
BETWEEN_CELLS = "  "
DEEPEST = 30  # of quotes and lists as they are written: the depth stands before every line
MANY_EMPTY = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_SKIPPED = frozenset(
    "head title script style template noscript object embed iframe svg math select audio video map canvas".split()
)
_PARAGRAPHS = frozenset("p h1 h2 h3 h4 h5 h6 ul ol dl table blockquote pre".split())
_OF_CELLS = frozenset(("p", "div"))
_BLOCKS = frozenset(
    "address article aside body caption center dd details div dt fieldset figcaption figure footer form header hr "
    "html legend li main nav section summary tbody tfoot thead tr".split()
)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_INVISIBLE = str.maketrans("", "", "\u200b\u2060\ufeff\u00ad\u034f")
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all"
    r"|(?:^|[;\s])(?:font-size|max-height|max-width|opacity)\s*:\s*0(?:px|pt|em|%|\.0+)?+\s*+(?:!important)?+\s*+(?:;|$)",
    re.IGNORECASE,
)
_NO_GAP = re.compile(r"margin\s*:\s*0|margin-(?:top|bottom)\s*:\s*0", re.IGNORECASE)
_INDENT_ONLY = re.compile(r"border(?:-left)?\s*:\s*(?:none|0)", re.IGNORECASE)


def render(root: LexborNode | None) -> str:
    """Return the text of a node with all that is in it."""
    page = _Page()
    for node, entering in _walk(root):
        tag = node.tag or ""
        if tag == "-text":
            if entering:
                page.text(node.text_content or "")
        elif entering:
            _edge(page, tag, node, _ENTER)
        else:
            _edge(page, tag, node, _LEAVE)
    return page.all()


@dataclass(slots=True)
class _Page:
    """The lines so far, and where the next word goes."""

    lines: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    depth: int = 0  # of quotes
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
        if (self.glue or text[0] in " \t\r\n\f") and self.words and self.words[-1] != BETWEEN_CELLS:
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
        self.lines.append(f"{quote}{self.indent()}{self.bullet}{line}".rstrip() if line else quote.rstrip())
        if line:
            self.bullet = ""

    def quote(self) -> str:
        return ">" * min(self.depth, DEEPEST) + " " if self.depth else ""

    def indent(self) -> str:
        return "  " * (min(len(self.lists), DEEPEST) - 1)

    def all(self) -> str:
        self.flush(even_empty=False)
        return MANY_EMPTY.sub("\n\n", "\n".join(self.lines)).strip("\n") + "\n" if self.lines else ""


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


def _edge(page: _Page, tag: str, node: LexborNode, acts: Mapping[str, "_Act"]) -> None:
    """Do what an element does where it begins or ends."""
    if special := acts.get(tag):
        special(page, node)
    elif tag in _OF_CELLS and _is_all_of_a_cell(node):
        pass
    elif tag in _PARAGRAPHS:
        page.block(gap=_has_gap(tag, node))
    elif tag in _BLOCKS:
        page.block(gap=False)


def _is_all_of_a_cell(node: LexborNode) -> bool:
    """Outlook and Gmail write a paragraph into each cell of a table: the row is one line all the same."""
    return _ends_a_cell(node) and _is_empty(node.prev)


def _ends_a_cell(node: LexborNode) -> bool:
    parent = node.parent
    return parent is not None and parent.tag in ("td", "th") and _is_empty(node.next)


def _is_empty(beside: LexborNode | None) -> bool:
    return beside is None or (beside.tag == "-text" and not (beside.text_content or "").strip())


def _has_gap(tag: str, node: LexborNode) -> bool:
    """Outlook's MsoNormal and any paragraph without margin follow each other without an empty line."""
    if tag != "p":
        return tag != "table"
    attributes = node.attributes
    return not ("MsoNormal" in (attributes.get("class") or "") or _NO_GAP.search(attributes.get("style") or ""))


def _br(page: _Page, node: LexborNode) -> None:
    if not _ends_a_cell(node):  # Thunderbird ends each with one
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
    page.lists.append(_number(node, "start", 1) if node.tag == "ol" else 0)


def _leave_list(page: _Page, _: LexborNode) -> None:
    page.block(gap=len(page.lists) == 1)
    if page.lists:
        page.lists.pop()


def _number(node: LexborNode, name: str, default: int) -> int:
    """What the writer counts from: a program that parts his list says with which number the rest goes on."""
    given = node.attributes.get(name) or ""
    return int(given) if given.isdecimal() and len(given) < _DIGITS and int(given) else default


_DIGITS = 7


def _enter_item(page: _Page, node: LexborNode) -> None:
    page.block(gap=False)
    number = page.lists[-1] if page.lists else 0
    if number:
        number = _number(node, "value", number)
        page.lists[-1] = number + 1
    page.bullet = f"{number}. " if number else "- "


def _leave_item(page: _Page, _: LexborNode) -> None:
    page.block(gap=False)
    page.bullet = ""


def _cell(page: _Page, _: LexborNode) -> None:
    """The cells of a row are on one line unless they hold blocks."""
    if page.words:
        page.words.append(BETWEEN_CELLS)
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
