"""People at their own mail programs: mutt, neomutt and s-nail, each reading a mailbox and answering what lies in it.

The programs get their keys and commands beforehand, so nothing waits but for them.
"""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.conftest import missing
from tests.running import PATIENCE_SECONDS

ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin", "LANG": "C.UTF-8", "TERM": "xterm"}
MUTTRC = """
set realname="{name}"
set from="{address}"
set use_from=yes
set use_envelope_from=yes
set editor="sh {folder}/editor"
set include=yes
set fast_reply=yes
set abort_unmodified=no
set abort_nosubject=no
set reply_to=yes
set copy=no
set move=no
set delete=no
set quit=yes
set record=""
set mbox_type=Maildir
set sort=date-received
set send_charset="utf-8"
set charset="utf-8"
set wait_key=no
set sleep_time=0
set smtp_url="{smtp}"
{more}
"""
LOG_IN = """
set smtp_pass="{password}"
set smtp_authenticators="plain"
set ssl_starttls=yes
set ssl_force_tls=yes
set ssl_ca_certificates_file="{ca}"
"""
NO_TLS = "set ssl_starttls=no\nset ssl_force_tls=no\n"

STARTTLS = ("-S", "smtp-use-starttls", "-S", "imap-use-starttls")


@dataclass(frozen=True)
class Account:
    """Whose mailbox is where, and by which server he sends: with TLS and a log-in where he has a password for it."""

    name: str
    address: str
    mailbox: str  # as mutt names it
    host: str
    port: int
    user: str = ""
    password: str = ""
    ca: Path | None = None
    imap_password: str = ""


@dataclass(frozen=True)
class Mutt:
    """mutt, or neomutt, in a terminal."""

    account: Account
    folder: Path
    program: str = "mutt"

    def write(self, to: str, subject: str, text: str) -> None:
        """Write a new mail."""
        self._configured("")
        done = run([self.program, "-F", str(self.folder / "rc"), "-s", subject, to], self.folder, text)
        assert done.returncode == 0, done.stderr + done.stdout

    def answer(self, text: str) -> None:
        """Open the mailbox, go to the newest mail, answer it, send, quit."""
        self._configured(text)
        with (self.folder / "rc").open("a") as rc:
            rc.write('push "<last-entry><reply><send-message><quit>"\n')
        program = (
            f"timeout --foreground {PATIENCE_SECONDS} {self.program} -F {self.folder}/rc -f {self.account.mailbox}"
        )
        sized = f"stty rows 24 cols 80; {program}"  # else it has none, in which newer curses begin nothing
        done = run(["script", "-qec", sized, "/dev/null"], self.folder)
        assert done.returncode == 0, done.stdout

    def _configured(self, text: str) -> None:
        needs(self.program)
        needs("script")
        (self.folder / "Mail").mkdir(parents=True, exist_ok=True)  # else it asks whether to make it
        one = self.account
        who = f"{one.user}@" if one.user else ""
        more = LOG_IN.format(password=one.password, ca=one.ca) if one.password else NO_TLS
        if one.imap_password:
            more += f'set imap_pass="{one.imap_password}"\n'
        (self.folder / "rc").write_text(
            MUTTRC.format(
                name=one.name,
                address=one.address,
                folder=self.folder,
                smtp=f"smtp://{who}{one.host}:{one.port}/",
                more=more,
            )
        )
        (self.folder / "words").write_text(text + "\n\n")
        # Above the quoted text, as people do who leave the cursor where it is.
        (self.folder / "editor").write_text(f'cat {self.folder}/words "$1" > "$1.new" && mv "$1.new" "$1"\n')


@dataclass(frozen=True)
class SNail:
    """s-nail, told what to do on its standard input."""

    account: Account
    folder: Path

    def answer(self, text: str) -> None:
        """Open the mailbox, answer the newest mail above its quoted text, quit."""
        needs("s-nail")
        self.folder.mkdir(exist_ok=True)
        one = self.account
        user, password = quote(one.user, safe=""), quote(one.password, safe="")
        settings = {
            "from": f"{one.name} <{one.address}>",
            "mta": f"submission://{user}:{password}@{one.host}:{one.port}",
            "smtp-auth": "plain",
            "tls-ca-file": str(one.ca),
            "tls-verify": "strict",
            "imap-auth": "login",
            "indentprefix": "> ",
        }
        flags = [part for name, value in settings.items() for part in ("-S", f"{name}={value}")]
        words = f"reply $\n{text}\n\n~m\n~.\nquit\n"
        command = ["s-nail", "-n", "-#", "-S", "v15-compat", *STARTTLS, *flags, "-f", self._mailbox()]
        done = run(command, self.folder, words)
        assert done.returncode == 0, done.stderr + done.stdout

    def _mailbox(self) -> str:
        user, password = quote(self.account.address, safe=""), quote(self.account.imap_password, safe="")
        return self.account.mailbox.replace(f"imap://{self.account.address}@", f"imap://{user}:{password}@")


def run(command: list[str], home: Path, text: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        input=text,
        timeout=PATIENCE_SECONDS + 5,
        check=False,
        env={**ENVIRONMENT, "HOME": str(home)},
    )


def needs(program: str) -> None:
    if shutil.which(program) is None:
        missing(f"{program} is not installed: apt-get install {program}")
