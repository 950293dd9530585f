"""Find the mail inside a forward: what a colleague passes on, as if its writer had sent it.

First a mail enclosed whole (message/rfc822), then the head that mail programs write above a forwarded text, in the
languages of the cutting tables.

Standards: RFC 2046 section 5.2.1 (message/rfc822).
"""

from dataclasses import dataclass, replace

from maild.message import address, parse, quotes, subject
from maild.message.model import NOBODY, Address, Message


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The mail inside a forward, and what the forwarder wrote above it."""

    message: Message
    above: str


def read(message: Message) -> Forwarded | None:
    """Return the mail inside a forward, None where there is none or its writer cannot be told."""
    return _enclosed(message) or _quoted(message)


def _enclosed(message: Message) -> Forwarded | None:
    whole = next((part.text for part in message.enclosed if part.content_type == "message/rfc822"), "")
    if not whole:
        return None
    inner = parse.parse(whole.encode("utf-8", "replace"))
    if inner.sender is NOBODY or not inner.sender.address:
        return None
    return _told(message, inner.sender, inner.subject, inner.text, message.text, inner)


def _quoted(message: Message) -> Forwarded | None:
    """A head counts only where something else says that this is a forward: its subject, or a line above the head."""
    lines = message.text.split("\n")
    is_forward = subject.base(message.subject).forward
    for start in quotes.candidates(lines):
        is_forward = is_forward or quotes.separator(lines[start]) == "forward"
        end = quotes.head(lines, start) if is_forward else 0
        if not end:
            continue
        named = {kind: value for kind, value in map(quotes.label, lines[start:end]) if kind}
        written = named.get("from", "").replace("[mailto:", "<").replace("]", ">")
        writer = next((one for one in address.parse_list(written) if "@" in one.address), None)
        if writer is None:
            return None
        above = [line for line in lines[:start] if not quotes.separator(line) and not quotes.rule(line)]
        below = "\n".join(lines[end:]).strip("\n")
        return _told(message, writer, named.get("subject", ""), below, "\n".join(above), None)
    return None


def _told(message: Message, writer: Address, about: str, text: str, above: str, inner: Message | None) -> Forwarded:
    """Return the forward as its first writer's: his name, subject and words; the rest is the forward's own."""
    ids = (*inner.references, inner.message_id) if inner and inner.header("message-id") else ()
    told = replace(
        message,
        sender=writer,
        subject=about or subject.base(message.subject).text,
        text=text or message.text,
        html="",
        reply_to=(),
        in_reply_to=(),
        references=ids,
    )
    return Forwarded(told, above.strip())
