"""What spam filters before us wrote into a mail.

Verdicts on spam are believed whoever wrote them: nobody gains by calling his own mail spam.  But the
filter that writes them must take off those that a mail brings along, or a mailing list's or a relay's
verdict is believed as well.
"""

import re

from maild.message.model import Message

EXCHANGE = "x-ms-exchange-organization-scl"
VERDICTS = ("x-spam-flag", "x-spam", "x-spam-status")  # these say yes
SCORES = (*VERDICTS, "x-spam-level", "x-spam-score", "x-rspamd-score", EXCHANGE)
RSPAMD_SAYS_SPAM = ("reject", "discard", "quarantine", "add header", "rewrite subject")
SPAM_FROM = 5.0  # the score from which on SpamAssassin and Exchange speak of spam


def is_marked(message: Message) -> bool:
    """Tell whether a filter says that a mail is spam.

    A score alone says nothing, for only the filter knows from which on it means spam; but Exchange's is one scale.
    """
    yes = any(_says_yes(value) for name in VERDICTS for value in message.fields(name))
    rspamd = any(value.strip().lower() in RSPAMD_SAYS_SPAM for value in message.fields("x-rspamd-action"))
    exchange = any(_score(EXCHANGE, value) >= SPAM_FROM for value in message.fields(EXCHANGE))
    return yes or rspamd or exchange


def score(message: Message) -> float:
    """Return the worst score among all such fields: somebody who forges one can only harm himself."""
    return max((*(_score(name, value) for name in SCORES for value in message.fields(name)), 0.0))


def _score(name: str, value: str) -> float:
    """Read "Yes, score=7.1 required=5.0", "True ; 6.5 / 5.0", "*****", "YES" and plain numbers."""
    if name == "x-spam-level":
        return float(len(value.strip()) - len(value.strip().lstrip("*")))
    found = re.search(r"(?:^|score=|hits=|;)\s*(-?\d{1,6}(?:\.\d{1,6})?)", value[:200])
    number = float(found[1]) if found else 0.0
    return max(number, SPAM_FROM) if _says_yes(value) else number


def _says_yes(value: str) -> bool:
    return bool(re.match(r"\s*(yes|true)\b", value, re.IGNORECASE))
