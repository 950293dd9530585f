"""What the fields of a head say: who wrote the mail, to whom, its Message-ID, when it was sent and when it arrived.

Standards: RFC 5322 section 3.6 (fields), RFC 7103 section 7 (malformed ones).  Every function takes the head as it was
read; guess is the charset that raw 8-bit text in it is likely to be in, "" where nothing tells.  Nothing raises:
sender, message_id and date say as their second value what is wrong.
"""

import re
from datetime import datetime

from mailparser.utils import get_addresses

from maild.message import address, dates, header, references
from maild.message.header import Head
from maild.message.model import NOBODY, Address


def sender(head: Head, guess: str = "") -> tuple[Address, tuple[str, ...]]:
    """Return the writer named in From, NOBODY where that is in doubt (RFC 5322 section 3.6, RFC 7103 section 7.5)."""
    given = {one.raw.strip() for one in head.fields if one.name == "from"}  # twice the same is no doubt
    if len(given) != 1:
        return NOBODY, ("more than one From" if given else "no From",)
    found = mailboxes(head, "from", guess)
    if len({one.address.casefold() for one in found}) != 1:
        return NOBODY, ("From names nobody" if not found else "From names more than one mailbox",)
    return found[0], ()


def mailboxes(head: Head, name: str, guess: str = "") -> tuple[Address, ...]:
    """Return the mailboxes in a field, as two scanners read it, ours and mail-parser's.

    For the fields that say who somebody is, both are asked, and where they differ nobody is meant.
    """
    raw = head.first(name)
    if not raw.strip():
        return ()
    value = _mended(header.unfold(raw, guess))
    if plain := address.plain(value):
        return (plain,)
    ours = address.parse_list(value)
    if ours and name not in _WHO:
        return ours
    theirs = [normal for _, spec in get_addresses(value) if (normal := address.normal(spec))]
    if not ours:
        return tuple(Address("", spec) for spec in theirs)
    agreed = not theirs or [spec.casefold() for spec in theirs] == [one.address.casefold() for one in ours]
    return ours if agreed else ()


_WHO = frozenset({"from", "reply-to"})


def _mended(value: str) -> str:
    """What careless programs write around addresses, as it was meant."""
    value = value.replace("<<", "<").replace(">>", ">")
    if "@" not in value and "=?" in value:  # name and address within one encoded word (RFC 2047 section 5 forbids it)
        value = header.clean(header.words(value))
    if value.count("<") == 1 and ">" not in value:  # forgotten, or cut off (RFC 7103 section 7.1)
        value = f"{value.rstrip()}>"
    if value.count("<") == 1:
        value = _without_unclosed(value)
    if "&" in value:  # as web forms write names
        value = _ESCAPED.sub(lambda found: "&" if "a" in found[0] else "'", value)
    return value


def _without_unclosed(value: str) -> str:
    """A name's quotation mark or bracket that is never closed is left out (RFC 7103 section 7.1)."""
    if value.count('"') == 1:
        value = value.replace('"', "")
    return value.replace("(", "") if value.count("(") == 1 and ")" not in value else value


_ESCAPED = re.compile(r"&(?:amp|#0?39);")


def message_id(head: Head, sha256: str) -> tuple[str, tuple[str, ...]]:
    """Return the Message-ID, or one made of the bytes: the same bytes, the same id (RFC 7103 section 7.5.2)."""
    value = header.unfold(head.first("message-id"))
    found = references.ids(value)
    bare = _NOT_IN_ID.sub("", value)
    if found:
        return found[0], ()
    if bare and references.is_short(bare):
        return f"<{bare}>", ("Message-ID without brackets",)
    return f"<{sha256[:40]}@message-id.invalid>", ("no Message-ID",)


_NOT_IN_ID = re.compile(rf"[\s<>]+|{header.UNSAFE.pattern}")


def date(head: Head) -> tuple[datetime | None, tuple[str, ...]]:
    """Return when the mail says that it was sent, with the offset that it gives."""
    value = header.unfold(head.first("date"))
    if not value.strip():
        return None, ("no Date",)
    sent = dates.instant(value)
    return sent, () if sent else ("Date cannot be read",)


def arrived(head: Head) -> datetime | None:
    """Return what the topmost Received field says: its date is behind the last semicolon (RFC 5321 section 4.4)."""
    received = header.unfold(head.first("received"))
    return dates.instant(received.rpartition(";")[2]) if received else None
