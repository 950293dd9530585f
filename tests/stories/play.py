"""Play a story: a folder of numbered mails and clock lines, through the real pipeline at chosen instants.

A mail's file begins with lines of the story, an empty line, then the mail itself:

    at 2026-11-23T10:00:00Z
    from anna@customer.example
    to support@example.com
    auth janis
    client 127.0.0.1

auth is who logged in on our submission server, client the address of the machine that handed the mail over.

`{reply-to ADDRESS}`, `{message-id ADDRESS}` and `{references ADDRESS}` in any line stand for those fields
of the newest mail that was sent to that address, as a mail client would copy them (`{reply-to ADDRESS TEMPLATE}`: of
the newest that was made by that template); `{text ADDRESS}` for its text, quoted, `{words ADDRESS}` for the same as
programs quote that put no mark before each line, and `{return-path ADDRESS}` for its envelope sender;
`{take ADDRESS}`, `{solve ADDRESS}` and `{snooze ADDRESS}` for the first of these
actions in his newest morning mail, `{send ADDRESS}` for the address that lets the held mail go of which he was told.
A file that ends in .txt has clock lines (`at INSTANT`), commands
(`do 1 #solve`) and `read ADDRESS`, which shows the text of the newest mail that was sent there.  What became of each
step is written as text and compared with expected.txt; `MAILD_WRITE_STORIES=1` writes it instead, for a person to read.
"""

import asyncio
import pickle
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sqlalchemy import select
from sqlalchemy.engine import make_url

from maild import commands
from maild.daemon import Daemon
from maild.deciding.workers import Workers
from maild.message.model import Envelope, Letter
from maild.opened import Opened, open_for_work
from maild.outbound.compose import return_address
from maild.site import new
from maild.store import intake, outbox, schema
from maild.store.tables import HISTORY, OUTBOX
from maild.store.write import Store

HERE = Path(__file__).parent
_WHAT = "reply-to|message-id|references|text|words|return-path|take|solve|snooze|send"
_PLACE = re.compile(rf"\{{({_WHAT}) ([^{{}}\s]+)(?: (\w+))?\}}")
_OURS = re.compile(r"<(tk\d+)\.(?:[0-9a-f]{16}|root)\.[0-9a-f]{8}@")
SHOWN = ("#show", "#history", "#why", "#list", "#help")  # what they print is told too
_TOKEN = re.compile(r"(\+|%2B)[a-z2-7]{40}@")


def make_site(folder: Path, url: str, story: Path | None = None, more: str = "") -> None:
    """Write the site that stories play on: one queue, two agents, Riga time; a story may bring rules and templates."""
    new.write_site(folder, "lv", "example.com", agent_proof="token")
    (folder / "rules" / "site.yaml").unlink(missing_ok=True)
    for old in (folder / "rules").glob("*.yaml"):
        old.unlink()
    (folder / "rules" / "desk.yaml").write_text((HERE / "desk.yaml").read_text())
    if story and (story / "rules.yaml").exists():
        shutil.copy(story / "rules.yaml", folder / "rules" / "rules.yaml")
    if story and (story / "templates").exists():
        shutil.copytree(story / "templates", folder / "templates", dirs_exist_ok=True)
    if url.startswith("sqlite"):
        path = Path(str(make_url(url).database))
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(sqlite_before_its_first_mail())
    settings = (folder / "maild.toml").read_text()
    assert "[database]" not in settings.replace("# [database]", "")
    (folder / "maild.toml").write_text(settings + f'\n[database]\nurl = "{url}"\n[workers]\nprocesses = 0\n{more}')


@cache
def sqlite_before_its_first_mail() -> bytes:
    """Return the octets of such a database; to make one anew takes longer than most stories do."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/maild.db"
        with closing(Store(url)) as store:
            schema.make_ready(store.engine, url)
        return Path(folder, "maild.db").read_bytes()


class Posted(Workers):
    """Works in this process as one does in others: everything goes there and comes back pickled."""

    def __init__(self) -> None:
        super().__init__(0)
        self.apart = True

    async def do(self, work: Any, items: Any, whole: bool = False) -> Any:
        call, tasks = pickle.loads(pickle.dumps((work, items)))
        return pickle.loads(pickle.dumps(call(tasks)))


@dataclass
class Player:
    """A site at chosen instants."""

    folder: Path
    now: datetime
    opened: Opened
    daemon: Daemon
    lines: list[str] = field(default_factory=list)
    history_seen: int = 0
    outbox_seen: int = 0

    @classmethod
    def at(cls, folder: Path, now: datetime) -> "Player":
        opened = open_for_work(folder, now)
        one = cls(folder, now, opened, None)  # type: ignore[arg-type]
        one.daemon = Daemon(opened, lambda: one.now, dns_too=False, workers=Posted())
        return one

    def close(self) -> None:
        self.daemon.workers.close()
        self.opened.close()

    def play(self, path: Path) -> None:
        self.lines.append(f"== {path.stem}")
        if path.suffix == ".eml":
            self._mail(path)
        else:
            for line in path.read_text().splitlines():
                self._clock_line(line)

    def receive(
        self, raw: bytes, mail_from: str | None, rcpt_to: tuple[str, ...], source: str, auth: str = "", client: str = ""
    ) -> int:
        envelope = Envelope(mail_from, rcpt_to, self.now, source, client, protocol="ESMTP", auth_user=auth)
        return self.opened.store.write(partial(intake.put, envelope=envelope, raw=raw))

    def work(self) -> None:
        asyncio.run(self.daemon.once())

    def newest(self, address: str, template: str = "") -> Letter:
        """Return the newest letter to an address, of one template or of any."""
        query = select(OUTBOX).where(OUTBOX.c.recipient == address).order_by(OUTBOX.c.id.desc())
        letters = (outbox.due(row).letter for row in self.opened.store.read(lambda c: c.execute(query).all()))
        fits = [letter for letter in letters if letter.template == template or (not template and _of_ticket(letter))]
        found = next(iter(fits), None)
        assert found is not None, f"nothing was sent to {address}"
        return found

    def _newest_of_all(self, address: str) -> str:
        query = select(OUTBOX).where(OUTBOX.c.recipient == address).order_by(OUTBOX.c.id.desc()).limit(1)
        return outbox.due(self.opened.store.read(lambda c: c.execute(query).one())).letter.text

    def _return_path(self, address: str) -> str:
        """Return the envelope sender with which the newest mail to an address left."""
        query = select(OUTBOX).where(OUTBOX.c.recipient == address).order_by(OUTBOX.c.id.desc()).limit(1)
        row = self.opened.store.read(lambda c: c.execute(query).one())
        pattern = outbox.due(row).letter.envelope_sender
        return return_address(self.opened.office.house.keys, pattern, row.id, row.created_at.date())

    def _mail(self, path: Path) -> None:
        head, _, rest = path.read_text().partition("\n\n")
        said = dict(line.split(" ", 1) for line in self._filled(head).splitlines())
        self.now = _instant(said["at"])
        raw = self._filled(rest).replace("\n", "\r\n").encode()
        sender = None if said.get("from") == "-" else said.get("from", "").replace("<>", "")
        number = self.receive(
            raw, sender, tuple(said["to"].split()), f"story:{path.name}", said.get("auth", ""), said.get("client", "")
        )
        self.work()
        row = self.opened.store.read(partial(intake.get, number=number))
        self.lines.append(_plain(f"{row.fate}: {row.because}"))
        self._tell()

    def _clock_line(self, line: str) -> None:
        self.lines.append(line)
        verb, _, rest = line.partition(" ")
        if verb == "at":
            self.now = _instant(rest)
            self.work()
        elif verb == "do":
            number, _, words = rest.partition(" ")
            office, draw = self.daemon.opened.office, self.opened.numbers.anew
            work = partial(commands.do, number=int(number), words=words, key="", office=office, draw=draw, now=self.now)
            shown = self.opened.store.write(work)
            self.work()
            self.lines += [f"> {one}" for one in _plain(str(shown)).splitlines()] if words in SHOWN else []
        elif verb == "read":
            self.lines += [f"| {one}".rstrip() for one in _plain(self._newest_of_all(rest)).splitlines()]
        self._tell()

    def _tell(self) -> None:
        """Write what is new in the histories and in the outbox."""
        with self.opened.store.reading() as connection:
            found = select(HISTORY).where(HISTORY.c.id > self.history_seen).order_by(HISTORY.c.id)
            rows = connection.execute(found).all()
            self.history_seen = max((row.id for row in rows), default=self.history_seen)
            told = [f"#{row.ticket} {_plain(row.text)}" for row in rows]
            for sent, lines in groupby(told, lambda line: " delivered " in line):
                some = list(lines)
                self.lines += sorted(some) if sent else some  # several are on their way at the same time
            for row in connection.execute(select(OUTBOX).where(OUTBOX.c.id > self.outbox_seen).order_by(OUTBOX.c.id)):
                self.outbox_seen = row.id
                letter = outbox.due(row).letter
                kept = " (in shadow, not sent)" if row.state == "shadow" else ""
                self.lines.append(f"mail {letter.template} to {row.recipient}: {letter.header('Subject')}{kept}")
        self.lines.append("")

    def _filled(self, text: str) -> str:
        def one(found: re.Match[str]) -> str:
            is_action = found.group(1) in ("take", "solve", "snooze")
            letter = self.newest(found.group(2), "digest" if is_action else found.group(3) or "")
            if found.group(1) == "text":
                return "\n".join(f"> {line}" for line in letter.text.splitlines())
            if found.group(1) == "words":
                return letter.text
            if is_action:
                (url, *_) = re.findall(rf"mailto:([^?]+)\?subject={found.group(1)}", letter.text)
                return str(unquote(url))
            if found.group(1) == "return-path":
                return self._return_path(found.group(2))
            if found.group(1) == "send":
                return str(re.findall(r"\S+\+[a-z2-7]{40}@\S+", letter.text)[0])
            value = letter.header(found.group(1))
            if found.group(1) == "references":
                return f"{value} {letter.header('Message-ID')}"
            return value.rpartition("<")[2].rstrip(">") if found.group(1) == "reply-to" else value

        return _PLACE.sub(one, text)


@contextmanager
def playing(folder: Path, url: str, now: datetime, story: Path | None = None, more: str = "") -> Iterator[Player]:
    """Write the site of stories, and open it at an instant.

    Args:
        more: settings besides.
    """
    make_site(folder, url, story, more)
    with closing(Player.at(folder, now)) as player:
        yield player


def _of_ticket(letter: Letter) -> bool:
    return letter.template not in ("digest", "welcome")


def steps(folder: Path) -> Iterator[Path]:
    """Return a story's files in order."""
    yield from sorted(p for p in folder.iterdir() if p.suffix in (".eml", ".txt") and p.name[0].isdigit())


def first_instant(folder: Path) -> datetime:
    return _instant(next(steps(folder)).read_text().splitlines()[0].split(" ", 1)[1])


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.strip().replace("Z", "+00:00"))


def _plain(text: str) -> str:
    return _TOKEN.sub("+TOKEN@", _OURS.sub(r"<\1.*@", text))
