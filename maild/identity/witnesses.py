"""Who vouches for senders: the servers trusted on each way in, and the DNS, for the keys of those who signed.

The DNS is asked for the keys of many mails at once, so that none waits for the name servers of another.
"""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor, wait

from maild.identity.dkim import Lookup
from maild.identity.dns import LIFETIME_SECONDS
from maild.identity.evidence import Trust
from maild.message.model import Envelope

LOOKUPS = 128  # in the DNS at the same time: of a batch of mails, and still of the one before
PATIENCE_SECONDS = LIFETIME_SECONDS + 0.5  # with the DNS, for all that are asked for together


class Witnesses:
    """Whom a site asks.

    Args:
        trust: whose word counts on the way by which a mail came.
        lookup: knows the TXT record of a name.
    """

    def __init__(self, trust: Callable[[Envelope], Trust], lookup: Lookup) -> None:
        self.trust = trust
        self._lookup = lookup
        self._lookups = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="lookup")

    def keys(self, names: Collection[str]) -> dict[str, bytes | None]:
        """Ask for all at the same time, and wait for all as long as for one; what is not known then is left out.

        A signature that cannot be checked is no signature, whatever kept us from it.
        """
        asked = {name: self._lookups.submit(self._lookup, name) for name in names}
        wait(asked.values(), timeout=PATIENCE_SECONDS)
        answered = {name: one for name, one in asked.items() if not one.cancel() and one.done()}
        return {name: one.result() for name, one in answered.items() if one.exception() is None}
