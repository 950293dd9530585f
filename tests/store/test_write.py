"""Who waits for a commit may stop waiting, and the store goes on for all others."""

import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from maild.store import agents, schema
from maild.store.write import Store

SECONDS = 20.0


@contextmanager
def busy(store: Store) -> Iterator[threading.Event]:
    """Keep the writer at work until the event is set."""
    begun, may_end = threading.Event(), threading.Event()

    def waits(_: Connection) -> None:
        begun.set()
        assert may_end.wait(SECONDS)

    future = store.submit(waits)
    assert begun.wait(SECONDS)
    try:
        future.cancel()
        yield may_end
    finally:
        may_end.set()


def answer(_: Connection) -> int:
    return 42


def test_a_work_in_hand_whose_caller_went_away_hinders_nobody(store: Store) -> None:
    with busy(store) as may_end:
        after = store.submit(answer)
        may_end.set()
        assert after.result(SECONDS) == 42


def test_a_work_that_waits_and_is_cancelled_is_not_done(store: Store) -> None:
    done: list[str] = []
    with busy(store) as may_end:
        cancelled = store.submit(lambda _: done.append("cancelled"))
        other = store.submit(lambda _: done.append("other"))
        assert cancelled.cancel()
        may_end.set()
        other.result(SECONDS)
    assert done == ["other"]


@pytest.mark.parametrize("failing", [True, False])
def test_a_work_that_fails_is_told_to_its_own_caller(store: Store, failing: bool) -> None:
    with busy(store) as may_end:
        first = store.submit((lambda _: 1 // 0) if failing else answer)
        second = store.submit(answer)
        may_end.set()
        assert second.result(SECONDS) == 42
        assert isinstance(first.exception(SECONDS), ZeroDivisionError) == failing


def test_a_writer_that_died_takes_no_work(store: Store) -> None:
    """Its daemon must end of it, and begin anew; what waits for an answer would wait for ever."""
    store._writer._waiting.put(None)
    store._writer._thread.join(SECONDS)
    with pytest.raises(RuntimeError):
        store.submit(answer)


@contextmanager
def no_room() -> Iterator[None]:
    """No file can be written, as on a full disk; what is there can be read."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_trouble_until_something_can_be_written(tmp_path: Path) -> None:
    """Else a work that changes nothing would say that all is well, and mails would leave that nobody writes down."""
    url = f"sqlite:///{tmp_path}/maild.db"
    store = Store(url)
    schema.make_ready(store.engine, url)
    with no_room():
        with pytest.raises(OperationalError):
            store.write(partial(agents.revoke, key="anna"))
        assert store.trouble
        store.write(lambda _: None)
        assert store.trouble
    store.write(lambda _: None)
    assert not store.trouble
    store.close()
