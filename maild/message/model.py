"""What a mail says, as plain values.

Everything here is frozen, hashable where it can be, and cheap to send to another process: a
Message carries no attachment's bytes, only where to find them in the raw mail.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """Who, or what, wrote a message."""

    HUMAN = "human"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    BULK = "bulk"


def domain_of(address: str) -> str:
    """Return what is behind the @ of an address, in lower case."""
    return address.rpartition("@")[2].lower()


class Address(NamedTuple):
    """One mailbox: a display name, decoded and without control characters, and an addr-spec.

    The domain of `address` is in lower case; `address` is "" where none could be read.
    """

    name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


NOBODY = Address("", "")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part of the raw mail that is not its text: `parse.content(raw, index)` reads the bytes.

    filename is safe to use (no path, no control character, never empty); content_id has no brackets;
    inline means that the HTML shows it where it stands.
    """

    index: int
    filename: str
    content_type: str
    size_bytes: int
    inline: bool = False
    content_id: str = ""

    @property
    def signs(self) -> bool:
        """What programs add to sign a mail, or to let it be checked: it says who wrote, and nothing to a reader."""
        return (self.content_type, self.filename.lower().partition("_0x")[0].partition(" - ")[0]) in SIGNING


SIGNING = frozenset({
    *(("application/pgp-signature", f"{name}signature.asc") for name in ("", "openpgp_", "openpgp_digital_")),
    *(("application/pgp-signature", name) for name in ("pgp.sig", "signature.pgp", "signature.sig")),
    *(("application/pgp-keys", name) for name in ("openpgp", "publickey")),
    *((f"application/{kind}pkcs7-signature", "smime.p7s") for kind in ("", "x-")),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Enclosed:
    """The beginning of a part that is not a file for its reader alone: a program reads it, and acts on what it says.

    So are reports about another mail (RFC 3464, 3462, 5965), mails, invitations, cards, keys and signatures;
    `attached.ENCLOSED_TYPES` has all.  text is at most 64 KiB of it, decoded; index that of the attachment.
    """

    content_type: str
    text: str
    index: int = -1


@dataclass(frozen=True, slots=True)
class Message:
    """What any bytes say when they are read as a mail; what is wrong with them is in `defects`.

    message_id, in_reply_to and references are in angle brackets.  message_id is never empty: where the
    mail has none, parse makes one from the bytes (the same bytes, the same id) and says so in defects.
    headers keeps every field in order: the name in lower case, the value unfolded and decoded.
    sender is NOBODY unless exactly one From field names exactly one mailbox.
    """

    message_id: str
    sender: Address
    subject: str
    text: str  # readable and whole: the plain part, or the HTML as text
    html: str  # as it came; "" where there is none
    headers: tuple[tuple[str, str], ...] = ()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    date: datetime | None = None  # what the Date field claims, with its offset
    arrived: datetime | None = None  # the date of the topmost Received field
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    content_type: str = "text/plain"  # of the whole mail, lower case, without parameters
    attachments: tuple[Attachment, ...] = ()
    enclosed: tuple[Enclosed, ...] = ()
    encrypted: str = ""  # how ("PGP", "S/MIME"): then its text says no more than that
    defects: tuple[str, ...] = ()
    size_bytes: int = 0
    sha256: str = ""

    def header(self, name: str) -> str:
        """Return the first field of that (lower-case) name, or ""."""
        for key, value in self.headers:
            if key == name:
                return value
        return ""

    def fields(self, name: str) -> tuple[str, ...]:
        """Return all fields of that (lower-case) name, from the top."""
        return tuple(value for key, value in self.headers if key == name)


JUNK = "IMAP-junk"  # the way in by a folder that a spam filter fills


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a mail came: RFC 5321's envelope, and the way in.

    mail_from is "" for the null sender and None where the way in shows no envelope (a mailbox, a file).
    source is unique for one delivery, so that a delivery seen twice is kept once.
    """

    mail_from: str | None
    rcpt_to: tuple[str, ...]
    received_at: datetime
    source: str = ""
    client: str = ""  # IP address of the peer
    helo: str = ""
    protocol: str = ""  # RFC 3848: ESMTP, ESMTPS, ESMTPSA, UTF8SMTP …; "IMAP", "file"
    auth_user: str = ""  # who logged in on our submission listener

    @property
    def account(self) -> str:
        """From which mailbox it was fetched, "" for any other way in."""
        return self.source.split(":")[1] if self.source.startswith("imap:") else ""


@dataclass(frozen=True, slots=True)
class Classified:
    """A verdict with its reason.

    acknowledge is False for every machine, and for a person's mail that only looks a little like a
    machine's: people see it, but no machine answers it.
    """

    kind: Kind
    because: str
    acknowledge: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """What a delivery report says about the mail that it is about.

    action is RFC 3464's word (failed, delayed, delivered, relayed, expanded); permanent is None where it
    cannot be told.  original_message_id is "" or in brackets; diagnostic is the server's own text.
    """

    recipients: tuple[str, ...]
    status: str  # "5.1.1", or "" where none is given
    action: str
    permanent: bool | None
    diagnostic: str = ""
    original_message_id: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """A text, parted into what its writer wrote now and what he quoted.

    sureness runs from 0 to 1; because names the evidence that parted it ("marker", "parent text",
    "attribution gmail", "header block outlook lv", "html gmail_quote", "nothing quoted" …).
    new_text is never empty where the whole text is not.  signature is the trailing block of new_text
    that looks like one: marked, not lost (new_text still holds it).
    """

    new_text: str
    quoted: str
    because: str
    sureness: float
    signature: str = ""
    forwarded: bool = False

    @property
    def unsigned(self) -> str:
        """The new text without what looks like a signature."""
        text, signature = self.new_text.rstrip(), self.signature.rstrip()
        return text[: -len(signature)] if signature and text.endswith(signature) else text


WHOLE = -1


@dataclass(frozen=True, slots=True)
class Part:
    """A reference to an attachment of a received mail, for a mail that goes out; index WHOLE is the mail itself."""

    intake_id: int
    index: int
    filename: str
    content_type: str
    size_bytes: int
    inline: bool = False
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A composed mail to one recipient, without its attachments' bytes.

    headers are decoded text in the order in which they will be written, From, To, Subject, Date and
    Message-ID among them; each value is one line.  envelope_sender is "" for the null sender and "verp"
    for a return address of its own (delivery makes it from the outbox row's id).
    automatic is True where no person wrote it: a budget and the breaker then apply.
    """

    recipient: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str = ""
    attachments: tuple[Part, ...] = ()
    envelope_sender: str = ""
    automatic: bool = True
    template: str = ""
    language: str = "en"

    def header(self, name: str) -> str:
        """Return the first field of that name, any case, or ""."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one worker makes of the bytes of one received mail."""

    message: Message
    classified: Classified
    report: Report | None = None
    seconds: float = field(default=0.0, compare=False)
