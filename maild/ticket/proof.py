"""Whether a mail that claims to be an agent's is his.

Evidence was gathered when the mail came (identity.evidence) and is kept with it; here it is only judged.
A From field is written by anybody; a token leaks with every forwarded notification; a signature of the
agent's domain, a log-in of his, or the word of our own mail server cannot be had so cheaply.

Standards: RFC 6376 (DKIM), RFC 8601 (Authentication-Results), RFC 9989 (DMARC alignment).
"""

from dataclasses import dataclass
from enum import StrEnum

from maild.message.model import Address
from maild.ticket.desk import Agent
from maild.ticket.token import Token, TokenKind


@dataclass(frozen=True, slots=True)
class Evidence:
    """What can be said of where a mail came from, apart from what it says itself.

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
    """Return what shows that the From field's domain stands behind the mail, or ""."""
    domain = sender.domain
    if not domain:
        return ""
    if domain in evidence.dkim:
        return f"DKIM of {domain}"
    if evidence.dmarc == domain:
        return f"DMARC of {domain}"
    return f"SPF of {domain}" if evidence.spf == domain else ""


def prove(
    evidence: Evidence, sender: Address, agent: Agent | None, token: Token | None, owner: Agent | None, mode: str
) -> Proof:
    """Say how far a mail is believed to be an agent's.

    Args:
        agent: whom the From field names.
        token: the valid token that the mail was addressed to, if any.
        owner: the agent whom an agent's token names.
        mode: "strict", or "token" where a valid token is proof enough.
    """
    for_agents = token is not None and token.kind in (TokenKind.AGENT, TokenKind.NOTE)
    if agent is None and not for_agents:
        return NOT_AN_AGENT
    if for_agents and agent is None:
        return Proof(
            Level.REFUSED,
            f"the reply address of {owner.key if owner else 'an agent'} was used by "
            f"{sender.address or 'nobody who can be named'}",
        )
    assert agent is not None
    if for_agents and owner != agent:
        return Proof(Level.REFUSED, f"the reply address of {owner.key if owner else 'another'} was used by {agent.key}")
    strong = _strong(evidence, sender, agent)
    if not for_agents:
        return Proof(Level.CONFIRM, f"from {agent.key} without a reply address of his")
    if strong:
        return Proof(Level.PROVED, f"token and {strong}", strong=True)
    if mode == "token":
        return Proof(Level.PROVED, "token")
    return Proof(Level.CONFIRM, "token alone")


def _strong(evidence: Evidence, sender: Address, agent: Agent) -> str:
    if evidence.auth_user and evidence.auth_user == agent.key:
        return "AUTH"
    found = aligned(evidence, sender)
    return "" if found.startswith("SPF") else found
