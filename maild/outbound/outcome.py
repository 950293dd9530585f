"""What one attempt to send a mail came to.  A fate is a value; nothing here is raised."""

from dataclasses import dataclass

LONGEST_REPLY = 2_000


@dataclass(frozen=True, slots=True)
class _Reply:
    """reply is the next hop's own text on one line, or in our words why there is none."""

    reply: str

    def __post_init__(self) -> None:
        """Keep what can be written down: a server may answer in any alphabet, with any octets, at any length.

        No database takes half a character or, PostgreSQL, a NUL; and a mail whose "250" cannot be written down would be
        sent again, for ever.
        """
        plain = "".join(c if c.isprintable() else "?" for c in " ".join(self.reply.split()))
        object.__setattr__(self, "reply", plain[:LONGEST_REPLY])


@dataclass(frozen=True, slots=True)
class Sent(_Reply):
    """The next hop took the responsibility; its last reply may name the mail anew (Amazon SES does)."""


@dataclass(frozen=True, slots=True)
class Deferred(_Reply):
    """Not now: a 4yz reply to this recipient or this mail.  Try again."""


@dataclass(frozen=True, slots=True)
class Busy(_Reply):
    """Nothing now: the next hop cannot be reached, says 421, or hangs up.  Other mails would fare no better."""


@dataclass(frozen=True, slots=True)
class Failed(_Reply):
    """Never: a 5yz reply for this recipient or this mail."""


@dataclass(frozen=True, slots=True)
class InDoubt(_Reply):
    """The connection was lost after the final dot: perhaps it was sent.  Send the same bytes again (RFC 1047)."""


@dataclass(frozen=True, slots=True)
class Stop(_Reply):
    """A 5yz about us: the log-in, TLS, our name, our sender.  No mail fails for that; nothing is sent until it ends.

    of_mail: it was said about a mail: perhaps others, of another queue's address, would be taken.
    """

    of_mail: bool = False


Outcome = Sent | Deferred | Busy | Failed | InDoubt | Stop
