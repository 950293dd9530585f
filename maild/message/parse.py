"""Read any bytes as a mail: bytes in, a Message out, what is wrong in its defects.

First simple version; it never raises, and the public face is final.
"""

import email
import email.header
import hashlib
import re
from email.message import Message as Tree
from email.utils import parsedate_to_datetime

from mailparser.utils import get_addresses

from maild.message.model import NOBODY, Address, Attachment, Enclosed, Message

_REPORTS = {"message/delivery-status", "message/rfc822", "text/rfc822-headers", "message/feedback-report"}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


def parse(raw: bytes) -> Message:
    """Return what the bytes say; whatever is wrong stands in defects."""
    sha256 = hashlib.sha256(raw).hexdigest()
    try:
        return _read(email.message_from_bytes(raw), raw, sha256)
    except Exception as error:
        text = raw[:65536].decode("utf-8", "replace")
        return Message(f"<{sha256[:32]}@missing.invalid>", NOBODY, "", text, "", defects=(repr(error),), sha256=sha256)


def content(raw: bytes, index: int) -> bytes:
    """Return the decoded bytes of one attachment."""
    return _bytes(_attached(email.message_from_bytes(raw))[index])


def _read(tree: Tree, raw: bytes, sha256: str) -> Message:
    headers = tuple((name.lower(), _decode(str(value))) for name, value in tree.items())
    first = dict(reversed(headers))
    senders = _addresses(first.get("from", ""))
    leaves = [part for part in _leaves(tree) if part not in _attached(tree)]
    plain = "\n".join(_text(part) for part in leaves if part.get_content_type() != "text/html")
    html = "\n".join(_text(part) for part in leaves if part.get_content_type() == "text/html")
    return Message(
        message_id=first.get("message-id") or f"<{sha256[:32]}@missing.invalid>",
        sender=senders[0] if len(senders) == 1 else NOBODY,
        subject=first.get("subject", ""),
        text=plain or re.sub(r"<[^>]*>", "", html),
        html=html,
        headers=headers,
        reply_to=_addresses(first.get("reply-to", "")),
        to=_addresses(first.get("to", "")),
        cc=_addresses(first.get("cc", "")),
        date=_date(first.get("date", "")),
        in_reply_to=tuple(re.findall(r"<[^<>\s]+>", first.get("in-reply-to", ""))),
        references=tuple(re.findall(r"<[^<>\s]+>", first.get("references", ""))),
        content_type=tree.get_content_type(),
        attachments=tuple(
            Attachment(i, part.get_filename() or "attachment", part.get_content_type(), len(_bytes(part)))
            for i, part in enumerate(_attached(tree))
        ),
        enclosed=tuple(
            Enclosed(part.get_content_type(), _bytes(part)[:65536].decode("utf-8", "replace"))
            for part in _attached(tree)
            if part.get_content_type() in _REPORTS
        ),
        size_bytes=len(raw),
        sha256=sha256,
    )


def _leaves(tree: Tree) -> list[Tree]:
    if tree.get_content_maintype() != "multipart" or not tree.is_multipart():
        return [tree]
    return [leaf for part in tree.get_payload() if isinstance(part, Tree) for leaf in _leaves(part)]


def _attached(tree: Tree) -> list[Tree]:
    return [p for p in _leaves(tree) if p.get_content_maintype() != "text" or p.get_filename()]


def _bytes(part: Tree) -> bytes:
    if part.is_multipart():
        return b"\n".join(sub.as_bytes() for sub in part.get_payload() if isinstance(sub, Tree))
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: Tree) -> str:
    return _bytes(part).decode(part.get_content_charset() or "utf-8", "replace")


def _decode(value: str) -> str:
    unfolded = re.sub(r"\r?\n(?=[ \t])", "", value)
    words = email.header.decode_header(unfolded)
    text = "".join(w if isinstance(w, str) else w.decode(charset or "ascii", "replace") for w, charset in words)
    return _CONTROLS.sub(" ", text).strip()


def _addresses(value: str) -> tuple[Address, ...]:
    return tuple(Address(name, address) for name, address in get_addresses(value) if address)


def _date(value: str):  # type: ignore[no-untyped-def]
    try:
        return parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
