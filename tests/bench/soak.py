"""Everybody at once, for minutes, while things break; then the accounts are compared with what the actors know.

    python -m tests.bench.soak [MINUTES] [SEED]

Customers ask and answer, agents answer and solve, responders respond, mails come back, clients are slow or
hang up, spam comes, rules are reloaded, good and bad, the clock jumps, the disk is full (where a small one may be
mounted, as root), and the daemon is killed.  The actors keep books of their own, from nothing but what they were
told by SMTP and found in the outgoing mail.
"""

import contextlib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from maild.message import parse
from maild.message.model import Message
from maild.quoting import body
from tests.running import Daemon, free_port, maild, make_site, send

ACTORS = 4
LONGEST_JUMP = 7200  # seconds
DISK_BYTES = 3_000_000_000
SETTLE_SECONDS = 180.0
AGENT = "you@example.com"
AGENTS_OWN = re.compile(rf"(?<![\w+]){AGENT}")  # and no token that ends in his name by chance
HELD = "held"
SETTINGS = """
[workers]
processes = 1

[limits]
customer = ["100000 per 1h"]
domain = ["100000 per 1h"]
agent = ["100000 per 1h"]
breaker = ["100000 per 1h"]
ticket = ["100000 per 1h"]
"""
SPAM_RULE = "rules: [{name: spam, when: {spam: true}, then: [{hold: spam}]}]\n"
BAD_RULES = (
    "queues: [",
    "queues: {support: {tagg: X}}",
    "rules: [{name: a, when: {subject: {is: x}}, then: [{queue: nowhere}]}]",
)


@dataclass
class Books:
    """What the actors know, by Message-ID."""

    questions: dict[str, str] = field(default_factory=dict)  # of accepted mails that begin a ticket: their sender
    added: dict[str, str] = field(default_factory=dict)  # of accepted mails to a ticket: the question's sender
    answers: dict[str, tuple[str, str]] = field(default_factory=dict)  # of agents' mails: the customer, a mark
    machines: set[str] = field(default_factory=set)
    spam: set[str] = field(default_factory=set)  # its senders
    refused: Counter[str] = field(default_factory=Counter)
    did: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Soak:
    def __init__(self, folder: Path, seed: int) -> None:
        self.port, self.seed = free_port(), seed
        self.site = make_site(folder / "site", self.port, more=SETTINGS)
        settings = self.site / "maild.toml"
        if "agent_proof" not in settings.read_text():
            settings.write_text(settings.read_text().replace("[site]\n", '[site]\nagent_proof = "token"\n', 1))
        (self.site / "rules" / "80-spam.yaml").write_text(SPAM_RULE)
        self.books = Books()
        self.small_disk = os.path.ismount(folder)
        self.off = folder / "clock"
        os.environ["MAILD_TEST_CLOCK"] = str(self.off)
        self._begin()
        self.seen: dict[str, Message] = {}
        self.until = 0.0

    def _begin(self) -> None:
        self.daemon = Daemon(self.site, self.port, program=("tests.jumpy",), afresh=True)
        assert self.daemon.wait_until_ready(), self.daemon.log_text()[-2000:]

    # ---- actors --------------------------------------------------------------------------------

    def run(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds
        with ThreadPoolExecutor(ACTORS + 1) as threads:
            doing = [threads.submit(self._act, number) for number in range(ACTORS)]
            for one in (*doing, threads.submit(self._break_things)):
                one.result()

    def _act(self, number: int) -> None:
        dice = random.Random(self.seed * 100 + number)
        deeds: tuple[tuple[int, Callable[[random.Random, str], None]], ...] = (
            (10, self._ask),
            (6, self._add),
            (8, self._answer),
            (3, self._respond),
            (2, self._bounce),
            (2, self._spam),
            (2, self._hang_up),
            (1, self._be_slow),
        )
        count = 0
        while time.monotonic() < self.until:
            count += 1
            (deed,) = dice.choices([one for _, one in deeds], [weight for weight, _ in deeds])
            deed(dice, f"{number}-{count}")
            with self.books.lock:
                self.books.did[deed.__name__.strip("_")] += 1
            time.sleep(dice.random() * 0.05)

    def _ask(self, dice: random.Random, name: str) -> None:
        sender = f"c{name}@customer{dice.randrange(50)}.example"
        message_id = f"<ask{name}@soak.example>"
        raw = self._mail(sender, "support@example.com", f"Question {name}", message_id, "Where is my order?\r\n" * 20)
        if self._persist(raw, sender, "support@example.com"):
            self.books.questions[message_id] = sender

    def _add(self, dice: random.Random, name: str) -> None:
        found = self._pick(dice, lambda mail: mail.to[0].address.startswith("c"))
        if found is None:
            return
        sender, message_id = found.to[0].address, f"<add{name}@soak.example>"
        more = f"In-Reply-To: {found.message_id}\r\nReferences: {found.message_id}\r\n"
        raw = self._mail(sender, found.reply_to[0].address, f"Re: {found.subject}", message_id, "One more thing.", more)
        if self._persist(raw, sender, found.reply_to[0].address):
            self.books.added[message_id] = sender

    def _answer(self, dice: random.Random, name: str) -> None:
        found = self._pick(dice, lambda mail: mail.to[0].address == AGENT and "(customer)" in mail.sender.name)
        if found is None:
            return
        mark, message_id = f"mark{name}mark", f"<answer{name}@soak.example>"
        commands = dice.choice(("", "", "#solve\r\n", "#tag soak\r\n#priority high\r\n"))
        text = f"{commands}It comes tomorrow, {mark}.\r\n"
        more = f"In-Reply-To: {found.message_id}\r\n"
        raw = self._mail(AGENT, found.reply_to[0].address, f"Re: {found.subject}", message_id, text, more)
        if self._persist(raw, AGENT, found.reply_to[0].address):
            self.books.answers[message_id] = (found.subject, mark)

    def _respond(self, dice: random.Random, name: str) -> None:
        found = self._pick(dice, lambda mail: mail.to[0].address.startswith("c"))
        if found is None:
            return
        sender, message_id = found.to[0].address, f"<away{name}@soak.example>"
        more = f"In-Reply-To: {found.message_id}\r\nAuto-Submitted: auto-replied\r\n"
        raw = self._mail(sender, found.reply_to[0].address, "Out of office", message_id, "I am away.", more)
        if self._persist(raw, "", found.reply_to[0].address):
            self.books.machines.add(message_id)

    def _bounce(self, dice: random.Random, name: str) -> None:
        found = self._pick(dice, lambda mail: mail.to[0].address.startswith("c"))
        back = re.search(r"<(.+)>", found.header("return-path")) if found else None
        if found is None or back is None:
            return
        message_id = f"<dsn{name}@soak.example>"
        body = (
            "--b\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            f"Reporting-MTA: dns; mx.soak.example\r\n\r\nFinal-Recipient: rfc822; {found.to[0].address}\r\n"
            "Action: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
            f"Message-ID: {found.message_id}\r\n\r\n--b--\r\n"
        )
        more = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\nMIME-Version: 1.0\r\n"
        raw = self._mail("mailer-daemon@soak.example", back[1], "Undelivered", message_id, body, more)
        if self._persist(raw, "", back[1]):
            self.books.machines.add(message_id)

    def _spam(self, dice: random.Random, name: str) -> None:
        """Write what another's filter has marked; a rule holds it, and nobody is answered."""
        sender, message_id = f"spam{name}@spam.example", f"<spam{name}@soak.example>"
        raw = self._mail(sender, "support@example.com", "You have won", message_id, "Click", "X-Spam-Flag: YES\r\n")
        if self._persist(raw, sender, "support@example.com"):
            self.books.spam.add(sender)

    def _hang_up(self, dice: random.Random, name: str) -> None:
        """Leave in the middle of a mail: nobody was told that it was taken."""
        for line in self._talk(b"MAIL FROM:<x@soak.example>", b"RCPT TO:<support@example.com>", b"DATA"):
            line.sendall(f"Message-ID: <hang{name}@soak.example>\r\n".encode() + b"x" * dice.choice((10, 100_000)))

    def _be_slow(self, dice: random.Random, name: str) -> None:
        for line in self._talk(b"MAIL FROM:<x@soak.example>"):
            time.sleep(dice.random())
            line.sendall(b"NOOP")

    # ---- what breaks -----------------------------------------------------------------------------

    def _break_things(self) -> None:
        dice = random.Random(self.seed)
        rules = self.site / "rules" / "90-soak.yaml"
        while time.monotonic() < self.until:
            time.sleep(min(dice.uniform(1, 6), max(self.until - time.monotonic(), 0)))
            deeds = ["kill", "kill", "stop", "good rules", "bad rules", "clock"]
            deed = dice.choice(deeds + ["disk"] * self.small_disk)
            self.books.did[deed] += 1
            if deed == "kill":
                self.daemon.kill()
            elif deed == "stop":
                assert self.daemon.stop() == 0
            elif deed == "clock":
                self.off.write_text(str(dice.choice((-LONGEST_JUMP, -90, 0, 0, 90, LONGEST_JUMP))))
                continue
            elif deed == "disk":
                self._fill_the_disk(dice.uniform(1, 3))
                continue
            else:
                good = (
                    f"rules: [{{name: soak, when: {{subject: {{contains: s{dice.random()}}}}}, then: [{{tag: s}}]}}]\n"
                )
                rules.write_text(good if deed == "good rules" else dice.choice(BAD_RULES))
                self.daemon.process.send_signal(signal.SIGHUP)
                continue
            rules.unlink(missing_ok=True)
            self._begin()
        rules.unlink(missing_ok=True)
        self.off.write_text(str(LONGEST_JUMP + 60))  # what was put off by a clock that was fast is due now

    def _fill_the_disk(self, seconds: float) -> None:
        """Take every byte that is left, for a while."""
        filler = self.off.with_name("filler")
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):  # the last of them ends in ENOSPC
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(filler.parent).free - 5_000_000)
            file.seek(0, os.SEEK_END)
            while True:
                file.write(b"x" * 4096)
        time.sleep(seconds)
        filler.unlink()

    # ---- means -----------------------------------------------------------------------------------

    def _mail(self, sender: str, to: str, subject: str, message_id: str, text: str, more: str = "") -> bytes:
        head = f"From: <{sender}>\r\nTo: <{to}>\r\nSubject: {subject}\r\nMessage-ID: {message_id}\r\n"
        return f"{head}Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n{more}\r\n{text}\r\n".encode()

    def _persist(self, raw: bytes, sender: str, recipient: str) -> bool:
        """Send as a mail server does: again, until it is taken."""
        for _ in range(200):
            if send(self.port, raw, sender, recipient):
                return True
            self.books.refused["for now"] += 1
            if time.monotonic() > self.until + 60:
                break
            time.sleep(0.1)
        self.books.refused["for good"] += 1
        return False

    def _talk(self, *commands: bytes) -> "list[socket.socket]":
        """Say some commands; the connection is closed when the caller has done with it."""
        try:
            line = socket.create_connection(("127.0.0.1", self.port), 2)
            line.recv(500)
            for command in (b"EHLO soak.example", *commands):
                line.sendall(command + b"\r\n")
                line.recv(2000)
        except OSError:
            return []
        return [line]

    def _pick(self, dice: random.Random, wanted: Callable[[Message], bool]) -> Message | None:
        """Return one of the mails that have left, as its receiver finds it."""
        mails = [mail for mail in self.mails().values() if mail.to and mail.reply_to and wanted(mail)]
        return dice.choice(mails[-60:]) if mails else None

    def mails(self) -> dict[str, Message]:
        with self.books.lock:
            for path in (self.site / "var" / "outgoing" / "new").glob("*"):
                if path.name not in self.seen:
                    self.seen[path.name] = parse.parse(path.read_bytes())
            return dict(self.seen)

    # ---- the accounts ----------------------------------------------------------------------------

    def settle(self) -> None:
        """Wait until nothing waits and nothing is to be sent at once."""
        until = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < until:
            before = len(self.mails())
            time.sleep(1.5)
            waiting = maild("intake", "list", "--json", "--site", str(self.site)).stdout
            unsent = maild("outbox", "list", "--json", "--site", str(self.site)).stdout
            if b'"waiting"' not in waiting and b'"queued"' not in unsent and len(self.mails()) == before:
                return
        raise AssertionError(f"it does not come to rest: {(waiting + unsent).decode()[-2000:]}")

    def faults(self) -> list[str]:
        """Return where what maild did differs from what the actors know."""
        found = [*self._wrongly_filed(), *self._wrongly_sent()]
        for check in ("--ledger", "--rebuild"):
            done = maild("check", check, "--site", str(self.site), check=False)
            if done.returncode:
                found.append(f"check {check}: {(done.stdout + done.stderr).decode()[-500:]}")
        return found

    def _wrongly_filed(self) -> Iterator[str]:
        filed: dict[str, list[str]] = defaultdict(list)
        for message_id, ticket in dumped(self.site):
            filed[message_id].append(ticket)
        tickets = {}
        for message_id, sender in self.books.questions.items():
            if len(filed[message_id]) == 1:
                tickets[sender] = filed[message_id][0]
            else:
                yield f"{message_id} is filed {len(filed[message_id])} times"
        if len(set(tickets.values())) != len(self.books.questions):
            yield "two questions share a ticket"
        for message_id, sender in self.books.added.items():
            if filed[message_id] != [tickets.get(sender)]:
                yield f"{message_id} is filed under {filed[message_id]}, not {tickets.get(sender)}"
        yield from (f"{one} was never whole, and is filed" for one in filed if one.startswith("<hang"))

    def _wrongly_sent(self) -> Iterator[str]:
        mails = list({mail.message_id: mail for mail in self.mails().values()}.values())
        acknowledged = Counter(mail.to[0].address for mail in mails if "We have received" in mail.subject)
        for sender in self.books.questions.values():
            if acknowledged[sender] != 1:
                yield f"{sender} has {acknowledged[sender]} acknowledgements"
        to_customers = [mail for mail in mails if mail.to[0].address != AGENT]
        new_texts = [body.cut(mail).new_text for mail in to_customers]
        answers = Counter(mark for text in new_texts for mark in re.findall("mark[0-9-]+mark", text))
        held = {message_id for message_id, where in dumped(self.site) if where == HELD}
        for message_id, (subject, mark) in self.books.answers.items():
            if answers[mark] != (message_id not in held):  # held: somebody wrote after the copy that he answered
                yield f"the answer {mark} to {subject} left {answers[mark]} times"
        yield from (f"{one} was answered" for one in self.books.spam & {mail.to[0].address for mail in mails})
        for mail in to_customers:
            if AGENTS_OWN.search(f"{mail.headers} {mail.text}"):
                yield f"an agent's address reached {mail.to[0].address}: {mail.headers} {mail.text}"


def dumped(site: Path) -> list[tuple[str, str]]:
    """Return which message was filed under which ticket; asked of a process of its own, as an operator would."""
    command = [sys.executable, "-m", "tests.bench.soak", "--dump", str(site)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines]


def dump(site: Path) -> None:
    """Print which message was filed under which ticket, and which is held."""
    from sqlalchemy import select

    from maild.opened import open_site
    from maild.store.tables import INTAKE, MESSAGE
    from maild.ticket.plan import Fate

    opened = open_site(site)
    with opened.store.reading() as connection:
        for row in connection.execute(
            select(MESSAGE.c.message_id, MESSAGE.c.ticket).where(MESSAGE.c.direction == "in")
        ):
            print(row.message_id, row.ticket)
        for row in connection.execute(select(INTAKE.c.raw).where(INTAKE.c.fate == Fate.HELD.value)):
            print(parse.parse(row.raw).message_id, HELD)
    opened.close()


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a disk that may be filled, where that is allowed."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        print("no small disk may be mounted here: it will not be full")
        yield
        return
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def main() -> None:
    if sys.argv[1:2] == ["--dump"]:
        dump(Path(sys.argv[2]))
        return
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory(prefix="maild-soak-") as folder, small_disk(Path(folder)):
        soak = Soak(Path(folder), seed)
        try:
            soak.run(60 * minutes)
            soak.settle()
            faults = soak.faults()
        finally:
            if soak.daemon.process.poll() is None:
                soak.daemon.kill()
        books = soak.books
        twice = len(soak.mails()) - len({mail.message_id for mail in soak.mails().values()})
        print(f"{minutes:g} minutes, seed {seed}: {dict(sorted(books.did.items()))}")
        print(
            f"{len(books.questions)} tickets, {len(books.added)} additions, {len(books.answers)} answers, "
            f"{len(books.machines)} machines' mails, {len(books.spam)} of spam, {len(soak.mails())} mails out, "
            f"{twice} of them twice with one Message-ID; {books.refused['for now']} times told to come again"
        )
        print("\n".join(faults) or "every account is right")
        sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
