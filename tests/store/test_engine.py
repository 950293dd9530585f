"""Which databases are worked with."""

from contextlib import closing

import pytest

from maild.store.engine import DatabaseError
from maild.store.write import Store
from tests.servers.postgres import Cluster


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_keep_every_letter_is_refused_in_words(cluster: Cluster, encoding: str) -> None:
    """What it cannot keep is known when the mail is there, and then the mail can go nowhere."""
    url = cluster.new_database(f"template0 encoding '{encoding}' locale 'C'")
    with closing(Store(url)) as store, pytest.raises(DatabaseError, match=f"{encoding}.*-E UTF8"):
        store.read(lambda _connection: None)
