"""Unwrap what only some programs open: winmail.dat, and mails within an S/MIME signature.

What is inside is written as the MIME parts that it stands for, behind the raw mail, and these take the place of the
part that wrapped them.  So every place in the raw mail stays where it is, and nothing else needs to know of such forms:
texts, attachments and mails within are found as in any mail, at the moment of sending as at that of reading.

Standards: MS-OXTNEF (tnef.py), RFC 5652 and RFC 8551 section 3.5.2 (cms.py).
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from maild.message import cms, filename, header, mime, rtf, tnef
from maild.message.mime import Part, Span

MOST = 20  # parts of one mail that are unwrapped
MOST_OF_NAME = 80  # of a subject, where it is to name a file
LAYERS = 2  # a winmail.dat within a signature
CMS_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})

_TNEF_BEGINS = re.compile(rb"\s{0,10}(?:eJ8\+I|\x78\x9f\x3e\x22|x=9F(?:>|=3E)(?:\"|=22))")
_MIME_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,80}")


def unwrapped(raw: bytes, tree: Part) -> tuple[bytes, Part]:
    """Return the mail with what it wraps behind it, and its tree with that in its places; both as they are if none."""
    if tree.main_type == "text":
        return raw, tree  # as half of all mails
    budget = mime.Budget()
    for _ in range(LAYERS):
        signed = structure(tree)
        wrapped = [part for part in tree.walk() if part is signed or _is_tnef(raw, part)][:MOST]
        if not wrapped:
            break
        inner = [(part, entity) for part in wrapped if (entity := _entity(raw, part, tree)) is not None]
        if not inner:
            break
        raw, tree = _with(raw, tree, inner, budget)
    return raw, tree


def structure(tree: Part) -> Part | None:
    """Return the S/MIME structure that a mail is, else None.

    One that comes after a text is a file: whoever attached it need not have written what is inside.
    """
    first = next(part for part in tree.walk() if not part.children)
    return first if _is_cms(first) else None


def _is_cms(part: Part) -> bool:
    """An S/MIME structure, by its type or as some servers rename it."""
    unnamed = part.content_type == "application/octet-stream" and part.name.lower().endswith(".p7m")
    return part.content_type in CMS_TYPES or unnamed


def _is_tnef(raw: bytes, part: Part) -> bool:
    return not part.children and part.main_type == "application" and bool(_TNEF_BEGINS.match(raw, *part.body))


def _entity(raw: bytes, part: Part, tree: Part) -> bytes | None:
    """Return what a part wraps as a MIME entity, empty if nothing but what the mail says anyway; None if unreadable."""
    octets = mime.payload(raw, part)
    if _is_cms(part):
        entity = cms.read(octets).entity
        return entity if _is_mime(entity) else None
    found = tnef.read(octets)
    if found is None:
        return None
    says = _says(raw, tree)
    if not _is_of(found, tree, says):
        return _attached(found, found.subject[:MOST_OF_NAME] or part.name)
    parts = _parts(found, texts=not says)
    if not parts and not (found.text or found.html or found.rtf):
        return None
    return _multipart("mixed", parts) if parts else b""


def _is_of(found: tnef.Wrapped, tree: Part, says: bool | None) -> bool:
    """Whether it is this mail that is wrapped there, and not one that its sender was sent: whose words would they be?

    Where neither it nor another names the mail, it is its file, and its text if it came in the place of one.
    """
    if found.of:
        return found.of in (tree.head.first("message-id").strip(), tree.head.first("x-ms-tnef-correlator").strip())
    return says is not False


def _is_mime(entity: bytes) -> bool:
    """A mail was signed (RFC 8551 section 3.1), and not a document: invoices are, in the same form."""
    return bool(header.read(entity, 0, min(len(entity), header.LIMIT_BYTES)).first("content-type"))


def _says(raw: bytes, tree: Part) -> bool | None:
    """Whether the mail's own text says anything; None where it has none, not even an empty one."""
    texts = [part.body for part in tree.walk() if part.content_type in ("text/plain", "text/html") and not part.name]
    return any(raw[body.start : body.end].strip() for body in texts) if texts else None


def _with(raw: bytes, tree: Part, inner: list[tuple[Part, bytes]], budget: mime.Budget) -> tuple[bytes, Part]:
    at, spans = len(raw), []
    for _, entity in inner:
        spans.append(Span(at, at + len(entity)))
        at += len(entity)
    raw = b"".join((raw, *(entity for _, entity in inner)))
    instead = {
        id(part): mime.entity(raw, span, budget) if span.end > span.start else None
        for (part, _), span in zip(inner, spans, strict=True)
    }
    return raw, _replaced(tree, instead) or tree


def _replaced(part: Part, instead: dict[int, Part | None]) -> Part | None:
    """A part with others in the places of some, None if nothing is left of it; the head of the mail stays its own."""
    if id(part) in instead:
        new = instead[id(part)]
        return replace(new, head=part.head, parameters=new.parameters) if new else None
    if not part.children:
        return part
    children = tuple(new for child in part.children if (new := _replaced(child, instead)))
    return replace(part, children=children) if children else None


# winmail.dat as MIME


def _parts(found: tnef.Wrapped, *, texts: bool) -> list[bytes]:
    shown = _texts(found) if texts else []
    body = [_multipart("alternative", shown)] if len(shown) > 1 else shown
    return [*body, *_files(found)]


def _texts(found: tnef.Wrapped) -> list[bytes]:
    """The plain text and the HTML, which may be within the rich text."""
    rich = rtf.read(rtf.expand(found.rtf)) if found.rtf and not found.html else rtf.Text()
    text, html = found.text or rich.text, found.html or rich.html.encode("utf-8", "replace")
    parts = [_leaf("text/plain; charset=utf-8", text.encode("utf-8", "replace"))] if text.strip() else []
    if html.strip():
        written_in = found.html_charset if found.html else "utf-8"
        parts.append(_leaf(f"text/html; charset={written_in}" if written_in else "text/html", html))
    return parts


def _files(found: tnef.Wrapped) -> Iterator[bytes]:
    for file in found.files:
        if file.message is not None:
            yield _attached(file.message, file.name)
        elif file.data or file.name:
            given = file.content_type.lower()
            usable = _MIME_TYPE.fullmatch(given) and not given.startswith(("multipart/", "message/"))
            content_type = given if usable else filename.type_of(file.name)
            yield _leaf(content_type, file.data, name=file.name or "attachment", content_id=file.content_id)


def _attached(found: tnef.Wrapped, name: str) -> bytes:
    return _head("message/rfc822", f"{name}.eml" if name else "") + _mail(found, name)


def _mail(found: tnef.Wrapped, name: str) -> bytes:
    about = " ".join((found.subject or name).split())[:500]
    return f"Subject: {about}\r\nMIME-Version: 1.0\r\n".encode("utf-8", "replace") + _multipart(
        "mixed", _parts(found, texts=True)
    )


def _leaf(content_type: str, octets: bytes, name: str = "", content_id: str = "") -> bytes:
    about = "Content-Transfer-Encoding: base64\r\n"
    if re.fullmatch(r"[!-~]{1,200}", content_id):
        about += f"Content-ID: <{content_id}>\r\n"
    return _head(content_type, name, about) + base64.encodebytes(octets)


def _head(content_type: str, name: str, about: str = "") -> bytes:
    """What has a name is an attachment."""
    if name:
        about += f"Content-Disposition: attachment; filename*=utf-8''{quote(name, safe='', errors='replace')}\r\n"
    return f"Content-Type: {content_type}\r\n{about}\r\n".encode("ascii", "replace")


def _multipart(subtype: str, parts: list[bytes]) -> bytes:
    """The parts are base64 or such as this wrote, so that no boundary is in them but by a hash of itself."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    boundary = f"={digest.hexdigest()[:40]}"
    head, line = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode(), f"--{boundary}".encode()
    inner = (piece for part in parts for piece in (line, b"\r\n", part, b"\r\n"))
    return b"".join((head, *inner, line, b"--\r\n"))
