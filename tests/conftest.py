"""What all tests share: two databases, and servers that are skipped only with a reason."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maild.hours.calendar import Calendar
from maild.store.write import Store
from tests.inbound import certificate
from tests.running import free_port, make_site
from tests.servers.postgres import Cluster, Missing
from tests.stories.play import Player, playing, sqlite_before_its_first_mail

NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # Monday, noon in Riga
ALWAYS = Calendar.from_mapping(
    {"zone": "UTC", "weekly": {day: [["00:00", "24:00"]] for day in "mon tue wed thu fri sat sun".split()}}
)
OFFICE = Calendar.from_mapping(
    {"zone": "Europe/Riga", "weekly": {day: [["09:00", "18:00"]] for day in "mon tue wed thu fri".split()}}
)


def missing(what: str) -> None:
    """Skip a test whose server is not installed; where all must be there, fail."""
    if os.environ.get("MAILD_REQUIRE_SERVERS") == "1":
        pytest.fail(what)
    pytest.skip(what)


@contextmanager
def new_cluster() -> Iterator[Cluster]:
    """Start a PostgreSQL; not below pytest's own folder: that is root's alone, and PostgreSQL refuses to be root."""
    with tempfile.TemporaryDirectory(prefix="maild-postgres-") as folder:
        try:
            with Cluster.started(Path(folder)) as running:
                yield running
        except Missing as why:
            missing(str(why))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with new_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate that nobody trusts, and its key."""
    return certificate.write(tmp_path_factory.mktemp("tls"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database before its first mail, once of each kind."""
    if request.param == "sqlite":
        (tmp_path / "maild.db").write_bytes(sqlite_before_its_first_mail())
        return f"sqlite:///{tmp_path}/maild.db"
    running: Cluster = request.getfixturevalue("cluster")
    return running.ready_database()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with closing(Store(database_url)) as opened:
        yield opened


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def site(tmp_path: Path, port: int) -> Path:
    """A site that listens on that port."""
    return make_site(tmp_path / "site", port)


@pytest.fixture
def player(tmp_path: Path) -> Iterator[Player]:
    """The site of stories, on a Monday at noon."""
    with playing(tmp_path / "site", f"sqlite:///{tmp_path}/maild.db", NOON) as one:
        yield one


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
