"""A PostgreSQL of the tests' own: a cluster in a temporary folder, on a free port."""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.running import free_port, of_family

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

    @classmethod
    @contextmanager
    def started(cls, folder: Path) -> Iterator["Cluster"]:
        versions = sorted(INSTALLED.glob("*/bin/initdb")) if INSTALLED.exists() else []
        if not versions:
            raise Missing("PostgreSQL is not installed: apt-get install postgresql")
        try:
            import psycopg  # noqa: F401
        except ImportError:
            raise Missing("psycopg is not installed: pip install 'maild[postgres]'") from None
        one = cls(versions[-1].parent, folder, free_port())
        one._begin()
        try:
            yield one
        finally:
            one.control("stop", "-m", "immediate")

    def _begin(self) -> None:
        if os.getuid() == 0:  # PostgreSQL refuses root
            shutil.chown(self.folder, USER)
        self._run("initdb", "-D", str(self.data), "-A", "trust", "-U", USER, "--no-sync", "-E", "UTF8")
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(
                f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n"
                "fsync = off\nmax_connections = 200\n"
            )
        self.control("start", "-w")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def control(self, verb: str, *more: str) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-l", str(self.folder / "log"), verb, *more)

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

    def new_database(self) -> str:
        """Create an empty database and return its URL."""
        name = f"maild{next(self.names)}"
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, name)
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), *arguments]
        if os.getuid() == 0:
            pwd.getpwnam(USER)
            command = ["runuser", "-u", USER, "--", *command]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr or done.stdout}")
