"""A real daemon, a desk of two agents, and everything that an attacker can lay his hands on."""

import base64
import itertools
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cached_property
from pathlib import Path
from typing import Any

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from maild.message import parse
from maild.message.model import Message
from tests.inbound import certificate
from tests.resolver import NameServer
from tests.running import SETTINGS, Daemon, free_port, maild, make_site, rows, wait_for

SUPPORT = "support@example.com"
ANNA, BOB, EVE = "anna@agents.example", "bob@agents.example", "eve@evil.example"
PASSWORD = "correct horse battery"
TRUSTED = "127.0.0.2"  # the relay that may hand us Authentication-Results
DESK = """
agents:
  anna: {address: anna@agents.example, name: Anna Ozola}
  bob: {address: bob@agents.example, name: Bob Brown}
teams:
  support: {members: [anna, bob]}
queues:
  support:
    addresses: [support@example.com]
    from: Example Support
    tag: EX
    team: support
    default: true
    reply_address: "support+{token}@example.com"
    signature: "Example Support"
    undo: ""
  copied:
    addresses: [copied@example.com]
    from: Example Support
    tag: EX
    team: support
    reply_address: "copied+{token}@example.com"
    participants: cc
    undo: ""
forms:
  web: {from: www@agents.example, requester: reply_to}
"""
SIGNED = (b"from", b"to", b"subject", b"date", b"message-id")


class Signer:
    """A domain's DKIM key, known to the name server."""

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self._key = rsa.generate_private_key(65537, 2048)
        public = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.record = {f"s._domainkey.{domain}": f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"}

    def sign(self, raw: bytes, headers: tuple[bytes, ...] = SIGNED, length: bool = False) -> bytes:
        pem = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        made: bytes = dkim.sign(raw, b"s", self.domain.encode(), pem, include_headers=list(headers), length=length)
        return made + raw


@dataclass
class Case:
    """One customer's ticket, and the mails about it that agents got."""

    world: "World"
    number: int
    customer: str
    copies: dict[str, Message] = field(default_factory=dict)

    def reply_to(self, agent: str) -> str:
        return self.copies[agent].reply_to[0].address

    def ticket(self) -> tuple[str, str]:
        """Return status and assignee."""
        (row,) = self.world.rows("select status, assignee from ticket where number = ?", self.number)
        return str(row[0]), str(row[1])

    def mails_to(self, address: str) -> list[Message]:
        """Return what left for somebody about this ticket or a held mail of it."""
        found = self.world.letters(address)
        return [m for m in found if f"[#EX-{self.number}]" in m.subject]

    @property
    def told(self) -> list[Message]:
        """What the customer was told, the acknowledgement apart."""
        return self.mails_to(self.customer)[1:]

    def fate(self, message_id: str) -> tuple[str, str]:
        """Return the fate of the newest mail that was sent with that id, and why."""
        return self.world.fates[message_id]

    def untouched(self) -> None:
        """Nothing got through: the customer heard nothing, the ticket is as it was."""
        assert self.told == []
        assert self.ticket() == ("new", "")


class World:
    """A strict site at work.

    Args:
        around: a program of the tests in which its daemon runs.
    """

    def __init__(self, folder: Path, around: Sequence[str] = ()) -> None:
        self.port, self.submission = free_port(), free_port()
        self.site = make_site(folder / "site", self.port, more=SETTINGS, agent_proof="strict")
        self.cert, key = certificate.write(folder)
        smtp = (
            f'submission = ["127.0.0.1:{self.submission}"]\ntls_cert = "{self.cert}"\ntls_key = "{key}"\n'
            f'trusted_authserv_ids = ["mx.example.com"]\ntrusted_relays = ["{TRUSTED}/32"]\n'
            "max_connections_per_ip = 1000\n"
        )
        path = self.site / "maild.toml"
        path.write_text(path.read_text().replace("[outgoing]", f"{smtp}\n[outgoing]", 1))
        for old in (self.site / "rules").glob("*.yaml"):
            old.unlink()
        (self.site / "rules" / "desk.yaml").write_text(DESK)
        self.agents, self.evil = Signer("agents.example"), Signer("evil.example")
        self.names = NameServer(self.agents.record | self.evil.record)
        for agent in ("anna", "bob"):
            maild("agent", "password", agent, "--stdin", "--site", str(self.site), stdin=f"{PASSWORD}\n".encode())
        self.daemon = Daemon(self.site, self.port, program=(*around, "tests.resolver", str(self.names.port)))
        self.fates: dict[str, tuple[str, str]] = {}
        self._count = itertools.count(1)
        self._read: set[str] = set()
        self._messages: dict[str, Message] = {}
        self._logged_in: dict[str, smtplib.SMTP] = {}

    @classmethod
    @contextmanager
    def at_work(cls, folder: Path, around: Sequence[str] = ()) -> Iterator["World"]:
        world = cls(folder, around)
        try:
            assert world.daemon.wait_until_ready(), world.daemon.log_text()[-3000:]
            yield world
        finally:
            world.daemon.kill()
            world.names.close()

    # ---- what happened --------------------------------------------------------------------------

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return rows(self.site, query, *values)

    def settle(self) -> None:
        """Wait until everything that came was dealt with and everything decided has left."""
        wait_for(
            lambda: (
                not self.rows("select 1 from intake where fate = 'waiting' limit 1")
                and not self.rows("select 1 from outbox where state != 'sent' limit 1")
            ),
            "everything dealt with: " + self.daemon.log_text()[-2000:],
        )

    def letters(self, address: str) -> list[Message]:
        """Return what left for an address, oldest first."""
        self.settle()
        ids = [row[0] for row in self.rows("select message_id from outbox where recipient = ? order by id", address)]
        return [self._left[one] for one in ids]

    def left_files(self) -> Iterator[Path]:
        return (self.site / "var" / "outgoing" / "new").glob("*")

    @property
    def _left(self) -> dict[str, Message]:
        for path in self.left_files():
            if path.name not in self._read:
                self._read.add(path.name)
                message = parse.parse(path.read_bytes())
                self._messages[message.message_id] = message
        return self._messages

    # ---- what attackers, customers and agents do ------------------------------------------------

    def send(self, raw: bytes, sender: str, recipient: str, source: str = "127.0.0.1") -> str:
        """Hand a mail to the daemon as anybody; return what became of it, or the refusal."""
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=20, source_address=(source, 0)) as client:
                client.sendmail(sender, [recipient], raw)
        except smtplib.SMTPRecipientsRefused as refused:
            return str(next(iter(refused.recipients.values()))[0])
        return self._became(raw)

    def submit(self, raw: bytes, agent: str, recipient: str) -> str:
        """Send as an agent who logs in."""
        if agent not in self._logged_in:
            self._logged_in[agent] = self.connected()
            self._logged_in[agent].login(agent, PASSWORD)
        self._logged_in[agent].sendmail(f"{agent}@agents.example", [recipient], raw)
        return self._became(raw)

    def hang_up(self, agent: str) -> None:
        """End the session in which an agent logged in."""
        if agent in self._logged_in:
            self._logged_in.pop(agent).close()

    def connected(self) -> smtplib.SMTP:
        client = smtplib.SMTP("127.0.0.1", self.submission, timeout=60)
        client.starttls(context=self.trusting)
        return client

    @cached_property
    def trusting(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.cert))
        context.check_hostname = False
        return context

    def _became(self, raw: bytes) -> str:
        self.settle()
        (row,) = self.rows("select fate, because from intake order by id desc limit 1")
        self.fates[parse.parse(raw).message_id] = (str(row[0]), str(row[1]))
        return f"{row[0]}: {row[1]}"

    def case(self, to: str = SUPPORT) -> Case:
        """Open a ticket as a new customer."""
        n = next(self._count)
        customer = f"customer{n}@shop{n}.example"
        self.send(mail(customer, to, f"My lamp {n} is broken.", subject=f"Lamp {n}"), customer, to)
        (row,) = self.rows("select max(number) from ticket")
        case = Case(self, int(row[0]), customer)
        case.copies = {agent: case.mails_to(f"{agent}@agents.example")[-1] for agent in ("anna", "bob")}
        return case


def answer(case: Case, text: str, agent: str = "anna", copy: Message | None = None, to: str = "") -> str:
    """Answer as an agent does who logged in: his newest copy, to where its answers go."""
    copy = copy or case.copies[agent]
    to = to or copy.reply_to[0].address
    return case.world.submit(mail(f"{agent}@agents.example", to, f"{text}\n\n{quoted(copy)}", answers=copy), agent, to)


_ids = itertools.count(1)


def mail(
    sender: str, to: str, text: str, more: str = "", subject: str = "Re: Lamp", answers: Message | None = None
) -> bytes:
    """Write a mail; sender may be any From field."""
    thread = f"In-Reply-To: {answers.message_id}\r\nReferences: {answers.message_id}\r\n" if answers else ""
    written = sender if "<" in sender or "," in sender else f"<{sender}>"
    date = formatdate()
    return (
        f"{more}From: {written}\r\nTo: <{to}>\r\nSubject: {subject}\r\nDate: {date}\r\n"
        f"Message-ID: <m{next(_ids)}@attack.example>\r\n{thread}"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text.replace("\n", "\r\n") + "\r\n"
    ).encode()


def quoted(message: Message) -> str:
    return "\n".join(f"> {line}" for line in message.text.splitlines())
