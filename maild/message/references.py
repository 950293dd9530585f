"""Message-IDs out of the fields that name other mails (RFC 5322 section 3.6.4), as they are really written."""

import re

from maild.message.header import UNSAFE
from maild.message.model import Message

LONGEST = 998  # octets of one id: a line of RFC 5322 section 2.1.1, and less than a database can index
MOST = 200  # ids of one field: the first, which names the root, and the last

_BRACKETED = re.compile(r"<([^<>]{1,2000})>")
_BLANKS = re.compile(rf"\s+|{UNSAFE.pattern}")
_BARE = re.compile(r"[^\s<>()\[\]\",;:]{1,300}@[^\s<>()\",;:]{1,300}")


def ids(value: str) -> tuple[str, ...]:
    """Return the Message-IDs in a value, in brackets, in their order, each once.

    An id that was folded in the middle is joined again.  Ids without brackets count where there are none in
    brackets; phrases and addresses around ("Your message of … <id>") do not.
    """
    found = [_BLANKS.sub("", inner) for inner in _BRACKETED.findall(value)]
    if not any(found):
        found = [_BLANKS.sub("", bare) for bare in _BARE.findall(value[: LONGEST * MOST])]
    unique = tuple(dict.fromkeys(f"<{inner}>" for inner in found if inner and is_short(inner)))
    return unique if len(unique) <= MOST else (unique[0], *unique[1 - MOST :])


def is_short(inner: str) -> bool:
    """Whether what is between the brackets of an id is short enough for one."""
    return len(inner.encode()) <= LONGEST


def candidates(message: Message) -> tuple[str, ...]:
    """Return the ids that may name a mail of the same ticket, the likeliest first.

    In-Reply-To, then References from the right: the nearest ancestor is the likeliest to be known.
    """
    near = (*message.in_reply_to, *reversed(message.references))
    unique = tuple(dict.fromkeys(near))
    return unique if len(unique) <= MOST else (*unique[: MOST - 1], unique[-1])
