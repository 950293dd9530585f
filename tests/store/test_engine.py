"""Which databases are worked with."""

from contextlib import closing

import pytest
from sqlalchemy import text

from maild.store.engine import CUT_OFF, DatabaseError
from maild.store.write import Store
from tests.servers.postgres import Cluster


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_keep_every_letter_is_refused_in_words(cluster: Cluster, encoding: str) -> None:
    """What it cannot keep is known when the mail is there, and then the mail can go nowhere."""
    url = cluster.new_database(f"template0 encoding '{encoding}' locale 'C'")
    with closing(Store(url)) as store, pytest.raises(DatabaseError, match=f"{encoding}.*-E UTF8"):
        store.read(lambda _connection: None)


def test_the_server_knows_as_soon_as_we_do_that_the_line_is_cut(cluster: Cluster) -> None:
    """It waits amid a pipeline for what comes no more, by itself for two hours; what it has locked keeps all others."""
    with closing(Store(cluster.new_database())) as store, store.reading() as connection:
        for name, ours in CUT_OFF.items():
            theirs = name if name.startswith("tcp_") else f"tcp_{name}"
            if name != "connect_timeout":
                query = text("select setting::int from pg_settings where name = :name")
                assert connection.execute(query, {"name": theirs}).scalar() == ours, theirs
