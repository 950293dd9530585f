"""Whether a mail that claims to be an agent's is his.

Evidence was gathered when the mail came (identity.evidence) and is kept with it; here it is only judged.
A From field is written by anybody; a token leaks with every forwarded notification; a signature of the
agent's domain, a log-in of his, or the word of our own mail server cannot be had so cheaply.

What follows from which evidence is in one table, LEVELS.

Standards: RFC 6376 (DKIM), RFC 8601 (Authentication-Results), RFC 9989 (DMARC alignment).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from maild.message.model import Address, Message
from maild.ticket.desk import Agent
from maild.ticket.reason import Reason
from maild.ticket.token import AGENTS, LIFETIME, OF_HELD, Token

ProofMode = Literal["strict", "token"]  # in "token", a valid token is proof enough
SIGNED_WITHIN = timedelta(days=7)  # an older signed mail is not new any more, whoever sends it


@dataclass(frozen=True, slots=True)
class Evidence:
    """What can be said about where a mail came from, apart from what it says itself.

    dkim holds the domains whose signatures hold and cover what they must; spf the domain of a passing
    envelope sender; dmarc the From domain if a server that we trust says so.
    """

    auth_user: str = ""
    dkim: tuple[str, ...] = ()
    spf: str = ""
    dmarc: str = ""
    because: str = "nothing known"


NO_EVIDENCE = Evidence()


class Level(StrEnum):
    """How far an agent's mail is believed."""

    PROVED = "proved"
    CONFIRM = "confirm"
    REFUSED = "refused"
    NONE = "none"  # nobody claims to be an agent


@dataclass(frozen=True, slots=True)
class Proof:
    level: Level
    because: str
    strong: bool = False  # by more than a reply address


NOT_AN_AGENT = Proof(Level.NONE, "the sender is no agent")


def aligned(evidence: Evidence, sender: Address) -> str:
    """Return what shows that the From field's domain is behind the mail, or ""."""
    domain = sender.domain
    if not domain:
        return ""
    if domain in evidence.dkim:
        return f"DKIM of {domain}"
    if evidence.dmarc == domain:
        return f"DMARC of {domain}"
    return f"SPF of {domain}" if evidence.spf == domain else ""


class Claim(StrEnum):
    """To which address of ours a mail was sent that says it is an agent's."""

    OWN = "token"
    EXPIRED = "a token too old"
    OTHERS = "another's token"
    NONE = "no token"


class Shown(StrEnum):
    """What shows that he wrote it, the strongest alone."""

    LOGIN = "AUTH"
    SIGNED = "DKIM"
    SITE = "the site's word"  # agent_proof = "token"
    NOTHING = "nothing"


# What a mail in an agent's name may do.  SPF and DMARC alone are nothing: they hold for the envelope or by it.
LEVELS: dict[tuple[Claim, Shown], Level] = {
    (Claim.OWN, Shown.LOGIN): Level.PROVED,
    (Claim.OWN, Shown.SIGNED): Level.PROVED,
    (Claim.OWN, Shown.SITE): Level.PROVED,
    (Claim.OWN, Shown.NOTHING): Level.CONFIRM,
    (Claim.EXPIRED, Shown.LOGIN): Level.PROVED,
    (Claim.EXPIRED, Shown.SIGNED): Level.CONFIRM,
    (Claim.EXPIRED, Shown.SITE): Level.CONFIRM,
    (Claim.EXPIRED, Shown.NOTHING): Level.CONFIRM,
    (Claim.NONE, Shown.LOGIN): Level.PROVED,
    (Claim.NONE, Shown.SIGNED): Level.CONFIRM,
    (Claim.NONE, Shown.SITE): Level.CONFIRM,
    (Claim.NONE, Shown.NOTHING): Level.CONFIRM,
    (Claim.OTHERS, Shown.LOGIN): Level.REFUSED,
    (Claim.OTHERS, Shown.SIGNED): Level.REFUSED,
    (Claim.OTHERS, Shown.SITE): Level.REFUSED,
    (Claim.OTHERS, Shown.NOTHING): Level.REFUSED,
}


def prove(
    evidence: Evidence,
    message: Message,
    agent: Agent | None,
    token: Token | None,
    owner: Agent | None,
    mode: ProofMode,
    now: datetime,
    domains: Collection[str],
) -> Proof:
    """Say how far a mail is believed to be an agent's.

    Args:
        agent: the one named by the From field.
        token: the valid token that the mail was addressed to, if any.
        owner: the agent named by the token.
        domains: ours, in lower case.
    """
    claim = _claim(agent, token, owner, now)
    if agent is None and claim is Claim.NONE:
        return NOT_AN_AGENT
    signed = is_signed(evidence, message, now) and _is_for(message, token, domains)
    shown = _shown(evidence, agent, signed, mode) if agent else Shown.NOTHING
    level = LEVELS[claim, shown]
    if level is Level.REFUSED:
        by = agent.key if agent else message.sender.address or "nobody who can be named"
        return Proof(level, Reason("the reply address of {} was used by {}", owner.key if owner else "an agent", by))
    strong = level is Level.PROVED and shown is not Shown.SITE
    return Proof(level, f"{claim} {_words(shown, message.sender.domain)}".strip(), strong)


def _words(shown: Shown, domain: str) -> str:
    words = {Shown.LOGIN: "and AUTH", Shown.SIGNED: f"and DKIM of {domain}", Shown.SITE: "", Shown.NOTHING: "alone"}
    return words[shown]


def _claim(agent: Agent | None, token: Token | None, owner: Agent | None, now: datetime) -> Claim:
    if token is None or token.kind not in AGENTS - OF_HELD:
        return Claim.NONE
    if owner is None or agent is None or owner.key != agent.key:
        return Claim.OTHERS
    return Claim.EXPIRED if token.age(now) > LIFETIME["agent"] else Claim.OWN


def _shown(evidence: Evidence, agent: Agent, signed: bool, mode: ProofMode) -> Shown:
    user = evidence.auth_user
    if user and (user == agent.key or agent.owns(user)):
        return Shown.LOGIN
    if signed:
        return Shown.SIGNED
    return Shown.SITE if mode == "token" else Shown.NOTHING


def is_signed(evidence: Evidence, message: Message, now: datetime) -> bool:
    """Tell whether its writer's domain has signed a mail, and of late: an old one may be brought to us by anybody."""
    new = message.date is not None and abs(now - message.date) <= SIGNED_WITHIN
    return new and bool(message.sender.domain) and message.sender.domain in evidence.dkim


def _is_for(message: Message, token: Token | None, domains: Collection[str]) -> bool:
    """Tell whether the signed To or Cc names the very address; else an old mail to anybody would do.

    Whoever knows the token can have an address with it at a domain of his own, and be written to there.
    """
    named = (one for one in (*message.to, *message.cc) if one.domain in domains)
    return token is None or any(token.text in one.address.lower() for one in named)
