"""What of a mail is shown, and what is attached to it.

Standards: RFC 2046 section 5.1.4 (alternatives), RFC 2183 section 2.9 and RFC 8621 section 4.1.4 (attached or shown),
RFC 2387 (related), RFC 1740 (appledouble).
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from maild.message.mime import Part


class Block(NamedTuple):
    """What is shown at one place: the same thing as plain text and as HTML (RFC 2046 section 5.1.4), or one of them."""

    plain: tuple[Part, ...]
    rich: tuple[Part, ...]


@dataclass(slots=True)
class Layout:
    """The blocks that are shown, in their order in the mail, and the parts that are attached."""

    blocks: list[Block] = field(default_factory=list)
    attached: list[Part] = field(default_factory=list)


def laid_out(tree: Part) -> Layout:
    """Return what is shown, in order, and what is attached."""
    layout = Layout()
    _lay_out(tree, layout, first=True)
    return layout


def _lay_out(part: Part, layout: Layout, *, first: bool) -> None:
    if part.children and part.content_type == "multipart/appledouble":
        _lay_out(part.children[-1], layout, first=False)  # what is before it only a Macintosh understands (RFC 1740)
    elif part.children:
        (_alternatives if part.content_type == "multipart/alternative" else _in_order)(part, layout)
    elif _is_shown(part, first=first):
        layout.blocks.append(Block((), (part,)) if is_html(part) else Block((part,), ()))
        if part.disposition.get("filename"):
            layout.attached.append(part)  # a file, and the first thing to read
    elif part.content_type not in _OTHER_FACES:
        layout.attached.append(part)


def _in_order(part: Part, layout: Layout) -> None:
    root = _root(part)
    for child in part.children:
        _lay_out(child, layout, first=child is root)


def _root(part: Part) -> Part:
    """RFC 2387 section 3.2: the part that start names, else the first one."""
    start = part.parameters.get("start").strip("<> ")
    named = (child for child in part.children if start and child.content_id == start)
    return next(named, part.children[0])


def _alternatives(part: Part, layout: Layout) -> None:
    """The faces of one thing: those without HTML are its plain text, those with HTML its rich text."""
    plain_parts: list[Part] = []
    rich_parts: list[Part] = []
    for child in part.children:
        face = Layout()
        _lay_out(child, face, first=True)
        parts = [one for block in face.blocks for one in (block.rich or block.plain)]
        is_rich = any(is_html(one) or one.content_type in ENRICHED for one in parts)
        (rich_parts if is_rich else plain_parts).extend(parts)
        layout.attached.extend(face.attached)
    if plain_parts or rich_parts:
        layout.blocks.append(Block(tuple(plain_parts), tuple(rich_parts)))


ENRICHED = frozenset({"text/enriched", "text/richtext"})
_FILES = frozenset({"text/calendar", "text/x-calendar", "text/vcard", "text/x-vcard", "text/directory", "text/csv",
                    "text/rtf", "text/xml", "text/css", "text/javascript", "text/rfc822-headers"})  # fmt: skip
_OTHER_FACES = frozenset(  # of what is also there as text; the last is an emoji with which Gmail lets people react
    {"text/x-amp-html", "text/watch-html", "text/vnd.google.email-reaction+json"}
)


def _is_shown(part: Part, *, first: bool) -> bool:
    """RFC 2183 section 2.9 and RFC 8621 section 4.1.4: named texts that are not first are files."""
    if part.main_type != "text" or part.content_type in _FILES | _OTHER_FACES:
        return False
    if part.disposition.value == "attachment":
        return False
    return first or not part.name


def is_html(part: Part) -> bool:
    return part.content_type == "text/html"
