"""Daemons of one PostgreSQL wake each other at once."""

from functools import partial
from queue import Empty, SimpleQueue

import pytest

from maild.store import wakes
from maild.store.wakes import EVERYTHING, Ears
from maild.store.write import Store
from tests.servers.postgres import Cluster


def test_what_is_told_is_heard_at_once_and_over_one_connection(cluster: Cluster) -> None:
    """Else all that others do is noticed by looking, each second, and whoever listens begins anew for ever."""
    store, heard = Store(cluster.new_database()), SimpleQueue[str]()
    ears = Ears(store, heard.put)
    try:
        assert heard.get(timeout=10) == EVERYTHING
        for loop in ("delivery", "pipeline"):
            store.write(partial(wakes.tell, loop=loop))
            assert heard.get(timeout=1) == loop
        with pytest.raises(Empty):
            heard.get(timeout=wakes.LISTENS_SECONDS + wakes.AGAIN_SECONDS + 1)
    finally:
        ears.close()
        store.close()
