"""`demo`: see it work."""

import asyncio
import re
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from maild import maillog
from maild.cli import called, maild
from maild.cli.rehearsal import Rehearsal
from maild.cli.trying import PATIENCE_SECONDS, deliver, write
from maild.daemon import Daemon
from maild.inbound import files, listener
from maild.inbound.connections import Connections, Limits
from maild.inbound.hooks import Face, Hooks
from maild.inbound.upload import Arrival
from maild.message import parse
from maild.message.model import Envelope, Message
from maild.opened import open_for_work
from maild.reception import Reception
from maild.site import new, settings
from maild.store import outbox

CUSTOMER = ("Anna Liepa", "anna@klients.example")
AGENT = ("You", "you@example.com")
CLOCK_TIME = re.compile(r"\d[.:]\d\d\b")


@dataclass(frozen=True, slots=True)
class Script:
    """What is said in the demonstration, in one language."""

    subject: str
    question: str
    answer: str
    thanks: str
    late: tuple[str, str]  # another mail, which nobody answers: its subject and text


SCRIPTS = {
    "en": Script(
        "Broken lamp",
        "Hello,\n\nthe lamp that came yesterday does not light up. What should I do?\n\nAnna Liepa",
        "Hello Anna,\n\nI am sorry about that. A new lamp leaves tomorrow; keep the old one.\n\nHave a nice day!",
        "Thank you for the quick answer! Will a courier bring it?",
        ("Invoice", "Hello, please send me the invoice again."),
    ),
    "lv": Script(
        "Bojāta lampa",
        "Labdien!\n\nVakar saņēmu lampu, un tā nedeg. Ko man darīt?\n\nAnna Liepa",
        "Labdien, Anna!\n\nĻoti atvainojamies. Rīt nosūtīsim jaunu lampu; veco varat paturēt.\n\nJauku dienu!",
        "Liels paldies par ātro atbildi! Vai sūtījumu atvedīs kurjers?",
        ("Rēķins", "Labdien, lūdzu, atsūtiet rēķinu vēlreiz."),
    ),
}
NEXT = """
Next:  {maild} init helpdesk --domain your.example      a site of your own that works as it stands
       {maild} serve --site helpdesk                    run it
       {maild} try 'Hello' --site helpdesk              send it a mail, see what comes back"""
FRIDAY = "2026-11-20 16:40"
LATE = """From: Juris Kalns <juris@klients.example>
To: support@example.com
Subject: {subject}
Date: {date}
Message-ID: <friday@klients.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

{text}
"""


@maild.command("demo")
@click.option(
    "--language", type=click.Choice(sorted(SCRIPTS)), default="en", show_default=True, help="In which it is played."
)
def demo_(language: str) -> None:
    """Play a conversation over real SMTP on loopback: a question, the acknowledgement, an answer, thanks.

    Everything lives in a temporary folder and is gone afterwards; nothing leaves this machine.

    \b
    Example:  maild demo --language lv
    """
    maillog.configure(level="CRITICAL")
    with tempfile.TemporaryDirectory(prefix="maild-demo-") as folder:
        asyncio.run(_Demo(Path(folder) / "site", language).play())
        _when_nobody_answers(Path(folder) / "site", Path(folder), SCRIPTS[language])
    click.echo(NEXT.format(maild=called()))


@dataclass
class _Outside:
    """The mail server of everybody else: keeps what comes, by recipient."""

    boxes: dict[str, list[bytes]] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)

    async def accept(self, envelope: Envelope, arrival: Arrival) -> str:
        for address in envelope.rcpt_to:
            self.boxes.setdefault(address, []).append(arrival.raw)
        return "demo"

    async def put_chunk(self, _transfer: str, _sequence: int, _piece: bytes) -> None:
        raise OSError("the demonstration sends no large mail")

    async def next_for(self, address: str) -> Message:
        """Wait for the next mail to an address.

        Raises:
            TimeoutError: none came.
        """
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            box, at = self.boxes.get(address, []), self.seen.get(address, 0)
            if len(box) > at:
                self.seen[address] = at + 1
                return parse.parse(box[at])
            await asyncio.sleep(0.02)
        raise TimeoutError(f"no mail came to {address} in {PATIENCE_SECONDS:.0f} seconds")


class _Demo:
    """One conversation, step by step."""

    def __init__(self, folder: Path, language: str) -> None:
        self.folder = folder
        self.language = language
        self.outside = _Outside()
        self.port = 0

    async def play(self) -> None:
        outside = await listener.serve(
            "127.0.0.1:0",
            Hooks(lambda *_: None, self.outside.accept, self.outside.put_chunk),
            Face("outside.example"),
            Connections(Limits()),
        )
        # Nobody signs mail here, and none leaves.
        new.write_site(self.folder, self.language, "example.com", agent_proof="token")
        desk = self.folder / "rules" / "10-desk.yaml"
        text = desk.read_text(encoding="utf-8").replace('signature: ""', 'signature: ""\n    undo: ""')
        desk.write_text(text, encoding="utf-8")  # nobody waits here
        path = self.folder / "maild.toml"
        path.write_text(_with_ports(path.read_text(encoding="utf-8"), outside.port), encoding="utf-8")
        opened = open_for_work(self.folder)
        daemon = Daemon(opened, dns_too=False)
        try:
            served = asyncio.create_task(daemon.serve(self._listening))
            while not self.port and not served.done():
                await asyncio.sleep(0.02)
            if self.port:
                await self._conversation()
            daemon.stop()
            await served
        except TimeoutError as late:
            raise click.ClickException(f"the demonstration failed: {late}") from late
        finally:
            await outside.close()
            opened.close()

    def _listening(self, _daemon: Daemon, reception: Reception) -> None:
        self.port = reception.ports[0]

    async def _conversation(self) -> None:
        began = time.perf_counter()
        say, script = _Speaker(), SCRIPTS[self.language]
        question = write(CUSTOMER, "support@example.com", script.subject, script.question)
        say.step("A customer writes to support@example.com", question["From"], script.question)
        await self._send(CUSTOMER[1], "support@example.com", question)

        acknowledged = await self.outside.next_for(CUSTOMER[1])
        say.mail("She is told at once what happens next", acknowledged)
        notice = await self.outside.next_for(AGENT[1])
        say.mail("The agent finds it in the usual mail client", notice)

        reply = _reply(AGENT, notice, script.answer)
        say.step("The agent hits Reply, writes, sends", reply["From"], script.answer)
        await self._send(AGENT[1], notice.reply_to[0].address, reply)
        answer = await self.outside.next_for(CUSTOMER[1])
        if AGENT[1] in answer.text or any(AGENT[1] in value for _, value in answer.headers):
            raise click.ClickException("the demonstration failed: the agent's address reached the customer")
        say.mail("The customer gets the answer from support, without a trace of the agent's address", answer)

        thanks = _reply(CUSTOMER, answer, script.thanks)
        say.step("She replies, and it lands in the same ticket", thanks["From"], script.thanks)
        await self._send(CUSTOMER[1], answer.reply_to[0].address, thanks)
        again = await self.outside.next_for(AGENT[1])
        say.mail("…and reaches the agent", again)
        click.secho(f"\nAll of this took {time.perf_counter() - began:.1f} seconds.", fg="green", bold=True)

    async def _send(self, sender: str, recipient: str, mail: EmailMessage) -> None:
        await asyncio.to_thread(deliver, self.port, sender, recipient, mail)


def _when_nobody_answers(site: Path, folder: Path, script: Script) -> None:
    """Show a promise over a weekend and who is told when it is not kept, on a simulated clock."""
    click.secho("\nAnd when nobody answers? The same site on a simulated clock, from a Friday at 16:40:", bold=True)
    zone = ZoneInfo(settings.load(site).site.timezone)
    subject, text = script.late
    mail, scratch = folder / "friday.eml", folder / "scratch"
    date = format_datetime(datetime.fromisoformat(FRIDAY).replace(tzinfo=zone))
    mail.write_text(LATE.format(subject=subject, date=date, text=text), encoding="utf-8")
    scratch.mkdir()
    with closing(Rehearsal(site, None, scratch)) as rehearsal:
        for found in files.mails(mail):
            rehearsal.receive(found)
        rehearsal.run_on(datetime(2026, 11, 24, 12, tzinfo=UTC))
        for row in rehearsal.rows():
            letter = outbox.due(row).letter
            at = row.due_at.astimezone(zone)
            click.echo(f"   {at:%a %d %b %H:%M}  to {row.recipient:<24} {letter.header('Subject')}")
            if letter.template in ("acknowledge", "late"):
                told = [line for line in letter.text.splitlines() if CLOCK_TIME.search(line)]
                click.secho("".join(f"                       | {line}\n" for line in told), fg="cyan", nl=False)


class _Speaker:
    """Prints the conversation for people."""

    def __init__(self) -> None:
        self._number = 0

    def step(self, what: str, who: str, text: str) -> None:
        self._say(what, {"From": who}, text)

    def mail(self, what: str, message: Message) -> None:
        self._say(what, {name: message.header(name.lower()) for name in ("From", "To", "Subject")}, message.text)

    def _say(self, what: str, head: Mapping[str, str], text: str) -> None:
        self._number += 1
        click.secho(f"\n{self._number}. {what}", bold=True)
        for name, value in head.items():
            click.secho(f"   {name}: {value}", fg="cyan")
        for line in text.strip().split("\n"):
            click.echo(f"   | {line}")


def _reply(who: tuple[str, str], message: Message, text: str) -> EmailMessage:
    """Answer a mail as mail clients do: to its Reply-To, with the mail quoted below."""
    quoted = "\n".join(f"> {line}" for line in message.text.strip().split("\n"))
    mail = write(who, message.reply_to[0].address, f"Re: {message.subject}", f"{text}\n\n{quoted}")
    mail["In-Reply-To"] = message.message_id
    mail["References"] = " ".join((*message.references, message.message_id))
    return mail


def _with_ports(text: str, outside: int) -> str:
    """Let a new site listen on a free port and send to the demonstration's own mail server."""
    return text.replace("127.0.0.1:2525", "127.0.0.1:0").replace(
        'url = "maildir:var/outgoing"', f'url = "smtp://127.0.0.1:{outside}"'
    )
