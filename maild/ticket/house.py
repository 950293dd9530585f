"""Who we are: what every mail of ours shows, and what tells our own addresses from others."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from maild.ticket import token
from maild.ticket.desk import Agent, Desk
from maild.ticket.token import Keyring, Token, TokenKind


@dataclass(frozen=True)
class House:
    """A site's name, domain and keys, and its desk."""

    name: str
    domain: str
    keys: Keyring
    desk: Desk

    @cached_property
    def agents_by_party(self) -> Mapping[int, Agent]:
        """The agents by the party that is in their reply addresses."""
        return {token.party_of(self.keys, agent.key): agent for agent in self.desk.agents.values()}

    @cached_property
    def loop_id(self) -> str:
        """What our loop header says: a mark that nobody else writes."""
        return self.keys.mac(min(self.keys.keys), b"maild-loop\0" + self.domain.encode(), 10).hex()

    def token_in(self, address: str) -> Token | None:
        """Return the token of an address if we wrote it and it still counts."""
        text = token.find(address)
        return token.check(self.keys, text, self._epoch_of) if text else None

    def _epoch_of(self, kind: TokenKind, party: int) -> int | None:
        """Return the epoch of a token's party: an agent's own, 0 for a customer, None for nobody of ours."""
        if kind not in token.AGENTS:
            return 0
        found = self.agents_by_party.get(party)
        return found.epoch if found else None
