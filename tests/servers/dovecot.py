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

PROGRAM = Path("/usr/sbin/dovecot")
USER, PASSWORD = "support@example.com", "a-long-password"
PASSDB = f"passdb {{\n  driver = static\n  args = password={PASSWORD}\n}}"
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
mail_location = maildir:{mail}
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
mail_fsync = never
imap_capability = {capability}
{passdb}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


def auth_listener(port: int) -> str:
    """Return lines by which Dovecot answers Postfix who may log in."""
    return f"service auth {{\n  inet_listener {{\n    address = 127.0.0.1\n    port = {port}\n  }}\n}}\n"


def with_tls(cert: Path, key: Path) -> str:
    """Return lines by which Dovecot offers TLS."""
    return f"ssl = yes\nssl_cert = <{cert}\nssl_key = <{key}\n"


INTROSPECTION = """
introspection_mode = get
introspection_url = {url}/introspect?token=
username_attribute = username
active_attribute = active
active_value = true
"""


def by_token(folder: Path, url: str) -> str:
    """Return lines by which users log in with OAuth2 tokens, which a server at an URL knows; its file is written."""
    (folder / "oauth2.conf.ext").write_text(INTROSPECTION.format(url=url))
    return f"passdb {{\n  driver = oauth2\n  mechanisms = xoauth2\n  args = {folder}/oauth2.conf.ext\n}}"


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
        passdb: str = PASSDB,
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
        if not PROGRAM.exists():
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
        passdb: str = PASSDB,
        mechanisms: str = "plain",
        mail: str = "",
        more: str = "",
    ) -> None:
        """Write what the next start reads; `started` tells what each argument is."""
        user = "dovecot" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        group = user if os.getuid() == 0 else _group()
        abilities = ["IMAP4rev1", "LITERAL+", "IDLE", "UIDPLUS", "MOVE", "NAMESPACE", "CHILDREN", "ENABLE"]
        text = CONFIG.format(
            folder=self.folder,
            user=user,
            group=group,
            port=self.port,
            passdb=passdb,
            mechanisms=mechanisms,
            mail=mail or f"{self.folder}/mail",
            capability=" ".join(one for one in abilities if one not in without),
        )
        (self.folder / "dovecot.conf").write_text(text + more)
        for name in ("run", "state", "mail", "home"):
            (self.folder / name).mkdir(exist_ok=True)
        if os.getuid() == 0:
            self.folder.chmod(0o755)
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, user, group)

    def start(self) -> None:
        self.process = subprocess.Popen([str(PROGRAM), "-F", "-c", str(self.folder / "dovecot.conf")])
        until = time.monotonic() + 20
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
