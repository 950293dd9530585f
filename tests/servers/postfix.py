"""A Postfix of the tests' own: its configuration, queue and mailboxes in one folder, on a free port of loopback.

Postfix's master must be root, and drops to the users that its package made.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.running import PATIENCE_SECONDS, free_port

PROGRAM = Path("/usr/sbin/postfix")
DAEMONS = Path("/usr/lib/postfix/sbin")
MAIN = """
compatibility_level = 3.6
config_directory = {folder}/etc
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example.com
mydestination =
alias_maps =
mynetworks = 127.0.0.0/8
smtpd_peername_lookup = no
smtp_host_lookup = native
biff = no
notify_classes =
"""
# People's mailboxes, as Maildirs under mail/, owned by {owner}.
MAILBOXES = """
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = hash:{folder}/etc/mailboxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def why_not() -> str:
    """Return why no Postfix can be run here, "" if one can."""
    if not PROGRAM.exists():
        return "Postfix is not installed: apt-get install postfix"
    return "" if os.getuid() == 0 else "Postfix is run by root alone: run these tests as root"


def with_log_ins(sasl: int, cert: Path, key: Path) -> str:
    """Return lines of main.cf that let nobody relay without TLS and a log-in, which Dovecot checks at a port."""
    return f"""
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl}
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
"""


@dataclass
class Postfix:
    """A running server; `settings` is what stands in its main.cf after what every one has."""

    folder: Path
    port: int
    settings: str = ""
    files: dict[str, str] = field(default_factory=dict)

    services: str = ""

    @classmethod
    @contextmanager
    def started(
        cls,
        folder: Path,
        settings: str = "",
        files: Mapping[str, str] | None = None,
        mailboxes: Sequence[str] = (),
        owner: str = "nobody",
        port: int = 0,
        services: str = "",
    ) -> Iterator["Postfix"]:
        """Run a server.

        Args:
            folder: an empty folder that other users may enter.
            settings: lines of main.cf; {folder} in them is the folder.
            files: look-up tables beside main.cf by name; each is made into a hash.
            mailboxes: addresses whose mail is kept here.
            owner: the user whose the mailboxes are.
            services: more lines of master.cf.
        """
        one = cls(folder, port or free_port(), settings, dict(files or {}), services)
        one._keep_mail_of(mailboxes, pwd.getpwnam(owner))
        one._write()
        one.start()
        try:
            yield one
        finally:
            one.kill()

    @property
    def etc(self) -> Path:
        return self.folder / "etc"

    def _keep_mail_of(self, addresses: Sequence[str], owner: pwd.struct_passwd) -> None:
        (self.folder / "mail").mkdir()
        os.chown(self.folder / "mail", owner.pw_uid, owner.pw_gid)
        domains = sorted({one.partition("@")[2] for one in addresses})
        text = MAILBOXES.replace("{domains}", " ".join(domains))
        self.settings += text.replace("{uid}", str(owner.pw_uid)).replace("{gid}", str(owner.pw_gid))
        self.files["mailboxes"] = "".join(f"{one} {one}/\n" for one in addresses)

    def _write(self) -> None:
        self.folder.chmod(0o755)
        for name in ("etc", "queue", "data"):
            (self.folder / name).mkdir(mode=0o755)
        shutil.chown(self.folder / "data", "postfix")
        (self.etc / "main.cf").write_text((MAIN + self.settings).replace("{folder}", str(self.folder)))
        (self.etc / "master.cf").write_text(MASTER.format(port=self.port) + self.services)
        for name, text in self.files.items():
            self.write_table(name, text)

    def write_table(self, name: str, text: str) -> None:
        """Write a look-up table, new or anew; Postfix's processes see that it changed."""
        (self.etc / name).write_text(text)
        self._run("postmap", f"hash:{self.etc / name}")

    def start(self) -> None:
        self._run("postfix", "start")
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as line:
                if line.recv(100).startswith(b"220"):
                    return
            time.sleep(0.05)
        raise TimeoutError(self.log())

    def kill(self) -> None:
        """End the master and all its children at once; they are one process group."""
        pid = self.folder / "queue" / "pid" / "master.pid"
        with contextlib.suppress(OSError, ValueError):
            os.killpg(int(pid.read_text()), signal.SIGKILL)
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                time.sleep(0.02)
                continue
            return

    def flush(self) -> None:
        """Try again at once whatever waits."""
        self._run("postqueue", "-f")

    def queue(self) -> str:
        """Return what waits, as postqueue lists it."""
        return self._run("postqueue", "-j")

    def mails(self, address: str) -> list[bytes]:
        """Return what lies in a mailbox, oldest first."""
        found = [path for part in ("new", "cur") for path in (self.folder / "mail" / address / part).glob("*")]
        return [path.read_bytes() for path in sorted(found, key=lambda path: path.stat().st_mtime_ns)]

    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text()[-4000:] if path.exists() else ""

    def _run(self, program: str, *arguments: str) -> str:
        command = [f"/usr/sbin/{program}", "-c", str(self.etc), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr or done.stdout or self.log()}")
        return done.stdout
