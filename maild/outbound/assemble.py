"""A Letter and its attachments' bytes, as the mail that leaves.

The same letter gives the same bytes, so that a second attempt sends the same mail: boundaries come from
the Message-ID, nothing from a clock or a die.  Everything but an SMTPUTF8 address is 7-bit (RFC 2045
section 2.7), so no relay has to change, and no signature breaks.
"""

import binascii
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from maild.message.model import Letter, Part
from maild.outbound.fields import LONGEST_LINE, clean, field, parameter

OURS = frozenset({"mime-version", "content-type", "content-transfer-encoding", "content-disposition", "content-id"})
UNKNOWN = "application/octet-stream"

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_CONTENT_ID = re.compile(r"[!-;=?-~]{1,200}")
_LINE_END = re.compile(r"\r\n|\r|\n")
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


def assemble(letter: Letter, contents: Mapping[tuple[int, int], bytes]) -> bytes:
    """Return the bytes of a letter, with CR LF line ends.

    Args:
        contents: the bytes of each attachment by (intake_id, index), already without their encoding.

    Raises:
        KeyError: an attachment's bytes are missing.
        ValueError: a field has an impossible name.
    """
    fields = b"".join(field(name, value) for name, value in letter.headers if name.lower() not in OURS)
    return fields + b"MIME-Version: 1.0\r\n" + _whole(letter, contents)


def _whole(letter: Letter, contents: Mapping[tuple[int, int], bytes]) -> bytes:
    """Return the entity of the whole mail: its content fields, an empty line, its body."""
    seed = letter.header("Message-ID")
    shown = [part for part in letter.attachments if _shown_in(letter.html, part)]
    others = [replace(part, content_id="") for part in letter.attachments if part not in shown]  # it names a machine
    body = _text(letter.text, "plain")
    if letter.html:
        html = _text(letter.html, "html")
        if shown:  # RFC 2387
            html = _multipart("related", [html, *(_attachment(one, contents) for one in shown)], seed, "text/html")
        body = _multipart("alternative", [body, html], seed)
    if others:
        body = _multipart("mixed", [body, *(_attachment(one, contents) for one in others)], seed)
    return body


def _shown_in(html: str, part: Part) -> bool:
    return part.inline and bool(_CONTENT_ID.fullmatch(part.content_id)) and f"cid:{part.content_id}" in html


def _multipart(subtype: str, parts: Sequence[bytes], seed: str, root: str = "") -> bytes:
    boundary = _boundary(f"{seed} {subtype}", parts)
    type_of_root = f'; type="{root}"' if root else ""
    head = f'Content-Type: multipart/{subtype}{type_of_root};\r\n boundary="{boundary}"\r\n\r\n'.encode()
    line = f"--{boundary}".encode()
    return head + b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"


def _boundary(seed: str, parts: Sequence[bytes]) -> str:
    """Return a line that is in no part; "=_" cannot be in base64 or quoted-printable (RFC 2045 section 6.7)."""
    number = 0
    while True:
        boundary = "=_" + hashlib.sha256(f"{seed} {number}".encode(errors="replace")).hexdigest()[:32]
        if not any(boundary.encode() in part for part in parts):
            return boundary
        number += 1


def _text(text: str, subtype: str) -> bytes:
    """Return a text part, in whichever encoding is the shortest."""
    raw = _LINE_END.sub("\r\n", text).encode(errors="replace")
    if not raw.endswith(b"\r\n"):
        raw += b"\r\n"
    encoding, body = _encoded_text(raw)
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + body


def _encoded_text(raw: bytes) -> tuple[str, bytes]:
    if _is_7bit(raw):
        return "7bit", raw
    quoted = binascii.b2a_qp(raw, istext=True)
    if 3 * len(quoted) <= 4 * len(raw) + 64:
        return "quoted-printable", quoted
    return "base64", _base64(raw)


def _is_7bit(raw: bytes) -> bool:
    if not raw.isascii() or b"\0" in raw:
        return False
    lines = raw.split(b"\r\n")
    return raw.count(b"\r") == raw.count(b"\n") == len(lines) - 1 and max(map(len, lines)) < LONGEST_LINE - 1


def _base64(raw: bytes) -> bytes:
    encoded = binascii.b2a_base64(raw, newline=False)
    return b"".join([encoded[start : start + 76] + b"\r\n" for start in range(0, len(encoded), 76)])


def _attachment(part: Part, contents: Mapping[tuple[int, int], bytes]) -> bytes:
    raw = contents[part.intake_id, part.index]
    content_type, encoding, body = _encoded_attachment(part.content_type.lower(), raw)
    content_id = f"Content-ID: <{part.content_id}>\r\n" if _CONTENT_ID.fullmatch(part.content_id) else ""
    disposition = "inline" if part.inline else "attachment"
    filename = parameter("filename", part.filename) if clean(part.filename) else ""
    head = (
        f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n"
        f"{content_id}Content-Disposition: {disposition}{filename}\r\n\r\n"
    )
    return head.encode() + body


def _encoded_attachment(content_type: str, raw: bytes) -> tuple[str, str, bytes]:
    """Return type, encoding and body.

    A mail in a mail may not be encoded (RFC 2046 section 5.2.1): one that is not 7-bit travels as a file.
    """
    if not _TYPE.fullmatch(content_type) or content_type.startswith("multipart/"):
        content_type = UNKNOWN
    if content_type.startswith("message/"):
        inner = _BARE.sub(b"\r\n", raw)
        if _is_7bit(inner):
            return content_type, "7bit", inner
        content_type = UNKNOWN
    return content_type + _charset(content_type, raw), "base64", _base64(raw)


def _charset(content_type: str, raw: bytes) -> str:
    if not content_type.startswith("text/"):
        return ""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return ""  # nobody told us which: readers guess better than we do
    return "; charset=utf-8"
