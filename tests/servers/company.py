"""A site and the Postfix around it, set up with the very files that docs/operator.md tells the operator to write."""

import json
import smtplib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from maild.message import parse
from maild.message.model import Message
from tests.running import SETTINGS, Daemon, free_port, maild, make_site, running, wait_for
from tests.servers import operator_manual
from tests.servers.postfix import Postfix

ANNA, AGENT, SUPPORT = "anna@customer.example", "you@example.com", "support@example.com"
PASSWORD = "a-long-password"


@dataclass
class Company:
    site: Path
    port: int
    postfix: Postfix
    daemon: Daemon
    read: dict[str, int] = field(default_factory=dict)

    def send(self, raw: bytes, sender: str, recipient: str = SUPPORT) -> None:
        """Hand a mail to Postfix, as the world does."""
        with smtplib.SMTP("127.0.0.1", self.postfix.port, timeout=20) as client:
            client.sendmail(sender, [recipient], raw)

    def next_mail(self, address: str) -> Message:
        """Wait for the next mail that comes into somebody's mailbox."""
        count = self.read.get(address, 0)
        wait_for(lambda: len(self.postfix.mails(address)) > count, f"mail {count + 1} of {address}")
        self.read[address] = count + 1
        return parse.parse(self.postfix.mails(address)[count])

    def tickets(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.say("list", "--all", "--json").splitlines()]

    def outbox(self, state: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.say("outbox", "list", "--state", state, "--json").splitlines()]

    def log(self) -> str:
        return self.daemon.log_text()

    def say(self, *verb: str) -> str:
        return maild(*verb, "--site", str(self.site)).stdout.decode()


@contextmanager
def company(
    place: Path,
    folder: Path,
    *,
    main: str = "",
    tables: Mapping[str, str] | None = None,
    smtp: str = "",
    outgoing: str = "",
    agent_proof: str = "token",
    owner: str = "nobody",
    services: str = "",
) -> Iterator[Company]:
    """Run Postfix and maild with the files of the manual, with free ports instead of 25 and 2525.

    Args:
        place: for Postfix: a folder that other users may enter.
        main: more lines of main.cf.
        tables: more look-up tables, or more lines of the manual's.
        smtp: more lines of [smtp]; {post} in them and in `outgoing` is Postfix's port.
        outgoing: the [outgoing] section, if not the manual's.
        owner: the user whose the mailboxes are.
        services: more lines of master.cf.
    """
    port, post = free_port(), free_port()
    ours = {
        "127.0.0.1]:2525": f"127.0.0.1]:{port}",
        "127.0.0.1:2525": f"127.0.0.1:{port}",
        '127.0.0.1:25"': f'127.0.0.1:{post}"',
        "/etc/postfix": f"{place}/etc",
        "{post}": str(post),
    }

    def here(text: str) -> str:
        for theirs, one in ours.items():
            text = text.replace(theirs, one)
        return text

    files = operator_manual.files("With Postfix")
    found = {name: here(files[f"/etc/postfix/{name}"]) for name in ("transport", "virtual")}
    for name, text in (tables or {}).items():
        found[name] = found.get(name, "") + text
    site = _site(folder / "site", port, agent_proof, here(_settings(files["/etc/maild/maild.toml"], smtp, outgoing)))
    settings = here(files["/etc/postfix/main.cf"]) + main
    with (
        Postfix.started(place, settings, found, (ANNA, AGENT), owner, post, services) as postfix,
        running(site, port) as daemon,
    ):
        yield Company(site, port, postfix, daemon)


def _settings(manual: str, smtp: str, outgoing: str) -> str:
    before, _, after = manual.partition("[outgoing]")
    return before + smtp + (outgoing or "[outgoing]" + after)


def _site(folder: Path, port: int, agent_proof: str, settings: str) -> Path:
    site = make_site(folder, port, agent_proof=agent_proof, more="")
    toml = (site / "maild.toml").read_text().partition("[smtp]")[0]
    (site / "maild.toml").write_text(toml + settings + SETTINGS)
    (site / "password").write_text(PASSWORD)
    return site
