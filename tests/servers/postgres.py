"""A PostgreSQL of the tests' own: a cluster in a temporary folder, on a free port."""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from maild.store import schema
from maild.store.write import Store
from tests.running import free_port, of_family

if TYPE_CHECKING:
    import psycopg

INSTALLED = Path("/usr/lib/postgresql")
USER = "postgres"


class Missing(Exception):
    """The server is not installed; the text says what to install."""


@dataclass
class Cluster:
    binaries: Path
    folder: Path
    port: int
    names: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _ready: str = ""  # the database of which `ready_database` makes copies

    @classmethod
    @contextmanager
    def started(cls, folder: Path, durable: bool = False) -> Iterator["Cluster"]:
        """Run a server until the end of the context; one that is durable waits for the disk at each commit."""
        versions = sorted(INSTALLED.glob("*/bin/initdb")) if INSTALLED.exists() else []
        if not versions:
            raise Missing("PostgreSQL is not installed: apt-get install postgresql")
        try:
            import psycopg  # noqa: F401
        except ImportError:
            raise Missing("psycopg is not installed: pip install 'maild[postgres]'") from None
        one = cls(versions[-1].parent, folder, free_port())
        one._begin(durable)
        try:
            yield one
        finally:
            one.control("stop", "-m", "immediate")

    def _begin(self, durable: bool) -> None:
        if os.getuid() == 0:  # PostgreSQL refuses root
            shutil.chown(self.folder, USER)
        self._run("initdb", "-D", str(self.data), "-A", "trust", "-U", USER, "--no-sync", "-E", "UTF8")
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(
                f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n"
                f"fsync = {'on' if durable else 'off'}\nmax_connections = 200\n"
            )
        self.control("start", "-w")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def control(self, verb: str, *more: str) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-l", str(self.folder / "log"), verb, *more)

    @contextmanager
    def standby(self) -> Iterator["Cluster"]:
        """Run a server that follows this one, until it is told to promote itself."""
        two = Cluster(self.binaries, self.folder / "standby", free_port())
        two.folder.mkdir()
        if os.getuid() == 0:
            shutil.chown(two.folder, USER)
        source = ("-h", "127.0.0.1", "-p", str(self.port), "-U", USER)
        self._run("pg_basebackup", "-R", "-D", str(two.data), *source, "--no-sync", "-c", "fast")
        with (two.data / "postgresql.conf").open("a") as conf:
            conf.write(f"port = {two.port}\n")
        two.control("start", "-w")
        try:
            yield two
        finally:
            two.control("stop", "-m", "immediate")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let no process of the server do anything for a while; its connections stay open, and new ones are made."""
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        processes = [postmaster, *of_family(postmaster)]
        try:
            for process in processes:
                os.kill(process, signal.SIGSTOP)
            yield
        finally:
            for process in processes:
                os.kill(process, signal.SIGCONT)

    def new_database(self, like: str = "template1") -> str:
        """Create an empty database and return its URL."""
        return self._created(f"maild{next(self.names)}", like)

    def ready_database(self) -> str:
        """Create a database as it is before its first mail and return its URL: a copy, for to make one takes longer."""
        if not self._ready:
            self._ready = f"maild{next(self.names)}"
            url = self._created(self._ready, like="template1")
            with closing(Store(url)) as store:
                schema.make_ready(store.engine, url)
            self._leave_alone(self._ready)
        return self._created(f"maild{next(self.names)}", like=self._ready)

    def _leave_alone(self, name: str) -> None:
        """Wait until nobody is connected to a database: else no copy of it can be made."""
        with self._connected() as connection:
            connection.execute(f"alter database {name} allow_connections false".encode())
            while connection.execute("select from pg_stat_activity where datname = %s", [name]).rowcount:
                time.sleep(0.02)

    def _created(self, name: str, like: str) -> str:
        with self._connected() as connection:
            connection.execute(f"create database {name} template {like}".encode())
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def _connected(self) -> "psycopg.Connection":
        import psycopg

        return psycopg.connect(f"postgresql://{USER}@127.0.0.1:{self.port}/postgres", autocommit=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), *arguments]
        if os.getuid() == 0:
            pwd.getpwnam(USER)
            command = ["runuser", "-u", USER, "--", *command]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr or done.stdout}")
