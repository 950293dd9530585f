"""A Dovecot of the tests' own, under an ordinary user, with one mailbox, on a free port."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imapclient import IMAPClient

from tests.running import free_port
from tests.servers import dovecot_conf as conf

USER, PASSWORD = "support@example.com", conf.PASSWORD


class Missing(Exception):
    """The server is not installed; the text says what to install."""


@dataclass
class Dovecot:
    folder: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @classmethod
    @contextmanager
    def started(
        cls,
        folder: Path,
        without: tuple[str, ...] = (),
        passdb: str = "",
        mechanisms: str = "plain",
        mail: str = "",
        more: str = "",
    ) -> Iterator["Dovecot"]:
        """Run a server.

        Args:
            without: what it is to be unable to do, such as MOVE.
            passdb, mechanisms: how its users log in, if not by PASSWORD.
            mail: where the Maildirs are, if not all users share one of its own.
            more: lines of its configuration.
        """
        if not conf.PROGRAM.exists():
            raise Missing("Dovecot is not installed: apt-get install dovecot-imapd")
        one = cls(folder, free_port())
        one.configure(without, passdb, mechanisms, mail, more)
        one.start()
        try:
            yield one
        finally:
            one.kill()

    def configure(
        self,
        without: tuple[str, ...] = (),
        passdb: str = "",
        mechanisms: str = "plain",
        mail: str = "",
        more: str = "",
    ) -> None:
        """Write what the next start reads; `started` tells what each argument is."""
        user = "dovecot" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        group = user if os.getuid() == 0 else _group()
        text = conf.text(
            without,
            folder=self.folder,
            port=self.port,
            user=user,
            group=group,
            mail=mail or f"{self.folder}/mail",
            passdb=passdb or conf.by_password(),
            mechanisms=mechanisms,
        )
        (self.folder / "dovecot.conf").write_text(text + more)
        for name in ("run", "state", "mail", "home"):
            (self.folder / name).mkdir(exist_ok=True)
        if os.getuid() == 0:
            self.folder.chmod(0o755)
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, user, group)

    def start(self) -> None:
        self.process = subprocess.Popen([str(conf.PROGRAM), "-F", "-c", str(self.folder / "dovecot.conf")])
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as line:
                    if line.recv(100).startswith(b"* OK"):
                        return
            except OSError:
                time.sleep(0.05)
        raise TimeoutError(self.log())

    def kill(self) -> None:
        """End the server and every process of it at once, in the middle of whatever it does."""
        if self.process is not None:
            children = subprocess.run(
                ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False
            )
            self.process.kill()
            self.process.wait()
            for child in children.stdout.split():
                subprocess.run(["kill", "-9", child], check=False, capture_output=True)
            self.process = None
            (self.folder / "run" / "master.pid").unlink(missing_ok=True)

    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text()[-3000:] if path.exists() else ""

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        client = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=20)
        client.login(USER, PASSWORD)
        try:
            yield client
        finally:
            client.logout()

    def deliver(self, *mails: bytes, folder: str = "INBOX") -> None:
        """Put mails into a folder, as a delivery agent would."""
        with self.client() as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            for mail in mails:
                client.append(folder, mail)

    def count(self, folder: str) -> int:
        with self.client() as client:
            return int(client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"]) if client.folder_exists(folder) else 0


def _group() -> str:
    import grp

    return grp.getgrgid(os.getgid()).gr_name
