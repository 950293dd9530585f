"""What all tests share: two databases, and servers that are skipped only with a reason."""

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maild.store import schema
from maild.store.write import Store
from tests.servers.postgres import Cluster, Missing

NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # Monday, noon in Riga


def missing(what: str) -> None:
    """Skip a test whose server is not installed; where all must be there, fail."""
    if os.environ.get("MAILD_REQUIRE_SERVERS") == "1":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    # Not below pytest's own folder: that is root's alone, and PostgreSQL refuses to be root.
    with tempfile.TemporaryDirectory(prefix="maild-postgres-") as folder:
        try:
            with Cluster.started(Path(folder)) as running:
                yield running
        except Missing as why:
            missing(str(why))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/maild.db"
    running: Cluster = request.getfixturevalue("cluster")
    return running.new_database()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    schema.make_ready(opened.engine, database_url)
    yield opened
    opened.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many of the attackers of test_attacks*.py got through."""
    reports = [
        one
        for outcome in ("passed", "failed", "error")
        for one in terminalreporter.getreports(outcome)
        if "test_attacks" in one.nodeid and (one.when == "call" or one.failed)
    ]
    if reports:
        terminalreporter.write_line(f"{len(reports)} attacks; got through: {sum(one.failed for one in reports)}")
