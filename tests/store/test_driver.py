"""What answers nothing may wait on its way to the database: nobody sees a difference but in the number of journeys."""

from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from maild.store import driver
from maild.store.prepared import Prepared
from maild.store.tables import SPENT_TOKEN
from maild.store.write import Store, is_outage
from tests.servers.postgres import Cluster

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
_PUT = Prepared.insert(SPENT_TOKEN)
_ALL = Prepared(select(SPENT_TOKEN.c.token).order_by(SPENT_TOKEN.c.token))


def put(connection: Connection, *tokens: str) -> None:
    _PUT(connection, *({"token": token, "at": NOON} for token in tokens))


def kept(store: Store) -> list[str]:
    return [row.token for row in store.read(lambda connection: _ALL(connection, {}))]


def test_what_was_put_is_there_for_the_next_statement_and_after_the_commit(store: Store) -> None:
    def work(connection: Connection) -> tuple[list[str], int]:
        put(connection, "a", "b")
        put(connection, "c")
        by_driver = [row.token for row in _ALL(connection, {})]
        put(connection, "d")
        return by_driver, connection.execute(select(func.count()).select_from(SPENT_TOKEN)).scalar_one()

    assert store.write(work) == (["a", "b", "c"], 4)
    store.write(lambda connection: put(connection, "e"))
    assert kept(store) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("asks_after", [False, True])
def test_what_the_database_refuses_is_raised_as_sqlalchemy_raises_it(store: Store, asks_after: bool) -> None:
    store.write(lambda connection: put(connection, "a"))

    def twice(connection: Connection) -> None:
        put(connection, "b")
        put(connection, "a")
        if asks_after:
            _ALL(connection, {})

    with pytest.raises(IntegrityError):
        store.write(twice)
    store.write(lambda connection: put(connection, "c"))  # the connection is as good as before
    assert kept(store) == ["a", "c"]


def test_what_was_rolled_back_does_not_go_with_the_next_transaction(store: Store) -> None:
    def fails(connection: Connection) -> None:
        put(connection, "a")
        raise LookupError

    with pytest.raises(LookupError):
        store.write(fails)
    store.write(lambda connection: put(connection, "b"))
    assert kept(store) == ["b"]


def test_many_wait_no_longer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "MOST_WAITING", 2)
    store.write(lambda connection: [put(connection, one) for one in "abcde"])
    assert kept(store) == list("abcde")
    assert store.sqlite or store.write(_waits_after_three) == 1


def _waits_after_three(connection: Connection) -> int:
    for one in "xyz":
        put(connection, one)
    return len(connection.info[driver._WAITING])


def test_a_connection_that_is_lost_takes_what_waited_with_it(cluster: Cluster) -> None:
    with closing(Store(cluster.ready_database())) as store:

        def lost(connection: Connection) -> None:
            backend = connection.execute(select(func.pg_backend_pid())).scalar_one()
            put(connection, "a")
            store.read(lambda other: other.execute(select(func.pg_terminate_backend(backend))).scalar_one())

        with pytest.raises(DBAPIError) as failed:
            store.write(lost)
        assert is_outage(failed.value)
        store.write(lambda connection: put(connection, "b"))
        assert kept(store) == ["b"]
