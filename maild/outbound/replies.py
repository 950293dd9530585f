"""What the replies of a next server mean: for a mail, for all of them now, or for us."""

import re

from maild.outbound.outcome import Busy, Deferred, Failed, Outcome, Stop

# Log-in, TLS, our quota; of Microsoft: who we are, what we may send as, how much, and that we are locked out.
_ABOUT_US = re.compile(
    r"53[0458] |\d{3} 5\.(?:1\.(?:8|90)|2\.252|4\.5|7\.(?:[89]|1[014]|30|57|60|139|50[1-3]|70[58]|750))(?: |$)"
)
_NOTHING_NOW = re.compile(r"421 |4\d\d 4\.(?:3\.2|7\.28)(?: |$)")  # of Microsoft and Google: too many of us, too fast
_RELAY_REFUSED = re.compile(r"55\d (?!5\.[1-6]\.).*\brelay(?! recipient table)", re.IGNORECASE)
# Postfix says at the recipient what it thinks of the sender (smtpd_delay_reject).
_WE_REFUSED = re.compile(r"5\d\d .*\b(?:sender address|client host|helo command) rejected\b", re.IGNORECASE)
_ABOUT_THE_MAIL = re.compile(r"552 |5\d\d 5\.(?:3\.4|2\.3|6\.\d+)(?: |$)")  # at MAIL: its size, its alphabet


def refused(reply: str) -> Outcome:
    """A reply to RCPT, DATA or the final dot that does not take a mail, and what it says about it."""
    if _NOTHING_NOW.match(reply):
        return Busy(reply)
    if not reply.startswith("5"):
        return Deferred(reply)
    about_us = (_ABOUT_US, _RELAY_REFUSED, _WE_REFUSED)
    return Stop(reply, of_mail=True) if any(one.match(reply) for one in about_us) else Failed(reply)


def sender_refused(reply: str) -> Outcome:
    """A reply to MAIL: our sender is refused, which is about us, unless it is about this mail's size or alphabet."""
    outcome = refused(reply)
    about_us = isinstance(outcome, Failed) and not _ABOUT_THE_MAIL.match(reply)
    return Stop(reply, of_mail=True) if about_us else outcome
