"""A second daemon is kept off a SQLite site, and nobody else is."""

import fcntl
import os
import threading
from pathlib import Path

import pytest

from maild.system import lock


def test_who_only_looks_keeps_no_daemon_from_starting(tmp_path: Path) -> None:
    """To look is to hold it for a moment."""
    with (tmp_path / "lock").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        threading.Timer(lock.PATIENCE_SECONDS / 4, fcntl.flock, (file, fcntl.LOCK_UN)).start()
        with lock.held(tmp_path, "serve"):
            pass


def test_a_site_that_is_held_is_refused(tmp_path: Path) -> None:
    lock.refuse_busy(tmp_path)
    with lock.held(tmp_path, "serve"):
        for refused in (lambda: lock.held(tmp_path, "once").__enter__(), lambda: lock.refuse_busy(tmp_path)):
            with pytest.raises(lock.SiteBusy, match="maild serve, process"):
                refused()
        assert lock.server(tmp_path) == os.getpid()
    assert lock.server(tmp_path) is None
    lock.refuse_busy(tmp_path)


def test_nobody_is_told_to_stop_what_ends_by_itself(tmp_path: Path) -> None:
    """Such as a migration, half-way."""
    for what, then in (("serve", "stop it first"), ("migrate", "wait until it is done")):
        with lock.held(tmp_path, what), pytest.raises(lock.SiteBusy, match=then):
            lock.refuse_busy(tmp_path)
