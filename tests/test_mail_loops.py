"""Machines are not answered, and what tries to make a loop of us soon finds nobody who answers."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from maild.message import parse
from maild.outbound.outcome import Outcome, Sent
from maild.store import intake
from maild.ticket.plan import Fate
from tests.conftest import NOON
from tests.stories.play import HERE, Player


@dataclass
class Postman:
    """Takes what leaves."""

    taken: list[tuple[str, str, bytes]] = field(default_factory=list)

    async def send(self, sender: str, recipient: str, raw: bytes, smtputf8: bool = False) -> Outcome:
        self.taken.append((sender, recipient, raw))
        return Sent("250 ok")

    async def close(self) -> None:
        return None

    def pick_up(self) -> list[tuple[str, str, bytes]]:
        taken, self.taken = self.taken, []
        return taken


@dataclass
class Site:
    player: Player
    postman: Postman
    received: int = 0

    def receive(self, raw: bytes, sender: str, recipient: str) -> None:
        self.received += 1
        self.player.receive(raw, sender, (recipient,), f"loop:{self.received}")
        self.player.work()


def site_of(folder: Path, domain: str, processes: str = "") -> Site:
    from maild.daemon import Daemon
    from maild.opened import open_for_work
    from maild.site import new

    new.write_site(folder, "en", domain, agent_proof="token")
    for old in (folder / "rules").glob("*.yaml"):
        old.unlink()
    desk = (HERE / "desk.yaml").read_text().replace("example.com", domain).replace("agents.example", f"agents.{domain}")
    (folder / "rules" / "desk.yaml").write_text(desk)
    with (folder / "maild.toml").open("a") as file:
        file.write("\n[workers]\nprocesses = 0\n" + processes)
    postman = Postman()
    opened = open_for_work(folder, NOON)
    player = Player(folder, NOON, opened, None)  # type: ignore[arg-type]
    player.daemon = Daemon(opened, lambda: player.now, dns_too=False, sender=postman)
    return Site(player, postman)


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Site]:
    one = site_of(tmp_path / "a", "a.example")
    yield one
    one.player.close()


def mail(number: int, sender: str, to: str = "support@a.example", more: str = "", text: str = "Hello") -> bytes:
    return (
        f"From: Somebody <{sender}>\r\nTo: {to}\r\nSubject: Question {number}\r\n"
        f"Message-ID: <x{number}@{sender.rpartition('@')[2]}>\r\n{more}\r\n{text} {number}\r\n"
    ).encode()


def automatic_to(taken: list[tuple[str, str, bytes]], address: str) -> int:
    return sum(1 for _, recipient, _ in taken if recipient == address)


def test_two_instances_that_mail_each_other_soon_stop(ours: Site, tmp_path: Path) -> None:
    theirs = site_of(tmp_path / "b", "b.example")
    try:
        ours.receive(mail(1, "support@b.example"), "support@b.example", "support@a.example")
        passed = Counter[tuple[str, str]]()
        for _ in range(20):
            moving = [*ours.postman.pick_up(), *theirs.postman.pick_up()]
            for sender, recipient, raw in moving:
                for one in (ours, theirs):
                    if recipient.endswith(f"@{one.player.opened.settings.site.domain}") and "agents." not in recipient:
                        passed[sender.rpartition("@")[2], recipient.rpartition("@")[2]] += 1
                        one.receive(raw, sender, recipient)
            if not moving:
                break
        assert sum(passed.values()) <= 3, passed
    finally:
        theirs.player.close()


def test_a_responder_without_any_telling_header_gets_one_acknowledgement(ours: Site) -> None:
    ours.receive(mail(1, "bot@bots.example"), "bot@bots.example", "support@a.example")
    got = 0
    for number in range(2, 30):
        answers = [parse.parse(raw) for _, to, raw in ours.postman.pick_up() if to == "bot@bots.example"]
        if not answers:
            break
        got += len(answers)
        for one in answers:
            ours.receive(
                mail(number, "bot@bots.example", more=f"In-Reply-To: {one.message_id}\r\n"),
                "bot@bots.example",
                one.reply_to[0].address,
            )
    assert got == 1


def test_a_responder_that_forgets_the_thread_gets_three(ours: Site) -> None:
    """It makes a new ticket of each acknowledgement; the budget ends it, the tickets are all kept."""
    got, number = 0, 1
    ours.receive(mail(number, "bot@bots.example"), "bot@bots.example", "support@a.example")
    while answers := automatic_to(ours.postman.pick_up(), "bot@bots.example"):
        got += answers
        number += 1
        ours.receive(mail(number, "bot@bots.example"), "bot@bots.example", "support@a.example")
    assert got == 3


@pytest.mark.parametrize(("more", "told"), [("", 1), ("Auto-Submitted: auto-replied\r\n", 0)])
def test_an_agents_responder_that_writes_to_the_queue_is_told_once_at_most(ours: Site, more: str, told: int) -> None:
    """Nothing shows that its mail is his: he is told of the ticket, and each mail of it opens another."""
    agent = "janis@agents.a.example"
    got, number = 0, 1
    ours.receive(mail(number, agent, more=more), agent, "support@a.example")
    while number < 20 and (answers := automatic_to(ours.postman.pick_up(), agent)):
        got += answers
        number += 1
        ours.receive(mail(number, agent, more=more), agent, "support@a.example")
    assert got == told


def test_our_own_mail_that_comes_back_is_held_and_not_answered(ours: Site) -> None:
    ours.receive(mail(1, "anna@klients.example"), "anna@klients.example", "support@a.example")
    sent = ours.postman.pick_up()
    for sender, _, raw in sent:
        ours.receive(raw, sender, "support@a.example")
    assert ours.postman.pick_up() == []


@pytest.mark.parametrize("shape", ["{}", '"{}"', "{signed}", "{SIGNED}"])
def test_a_mail_from_an_address_of_our_own_is_held_however_it_is_written(ours: Site, shape: str) -> None:
    """Else it would be acknowledged to ourselves, and its ticket's answers would be, too."""
    ours.receive(mail(1, "anna@klients.example"), "anna@klients.example", "support@a.example")
    (answer,) = (parse.parse(raw) for _, to, raw in ours.postman.pick_up() if to == "anna@klients.example")
    signed = answer.reply_to[0].address
    local = shape.format("support", signed=signed.partition("@")[0], SIGNED=signed.partition("@")[0].upper())
    ours.receive(mail(2, f"{local}@a.example"), "x@klients.example", "support@a.example")
    assert ours.postman.pick_up() == []
    held = ours.player.opened.store.read(lambda c: [row.because for row in intake.listed(c, [Fate.HELD])])
    assert held == ["from an address of our own"]


MACHINES = {
    "null sender": ("", ""),
    "Auto-Submitted": ("a@m.example", "Auto-Submitted: auto-replied\r\n"),
    "list": ("a@m.example", "List-Id: <news.m.example>\r\n"),
    "Precedence": ("a@m.example", "Precedence: bulk\r\n"),
    "suppressed": ("a@m.example", "X-Auto-Response-Suppress: All\r\n"),
    "noreply": ("noreply@m.example", ""),
}


@pytest.mark.parametrize("machine", MACHINES)
def test_machines_are_not_answered(ours: Site, machine: str) -> None:
    sender, more = MACHINES[machine]
    address = sender or "mailer@m.example"
    ours.receive(mail(1, address, more=more), sender, "support@a.example")
    assert automatic_to(ours.postman.pick_up(), address) == 0


def test_ten_thousand_forged_senders_trip_the_breaker(tmp_path: Path) -> None:
    """The tickets are all there; the acknowledgements stop, and agents are spared too."""
    one = site_of(tmp_path / "a", "a.example", '\n[limits]\nbreaker = ["20 per 10m"]\nagent = ["30 per 10m"]\n')
    try:
        for number in range(200):
            one.player.receive(
                mail(number, f"v{number}@d{number}.example"),
                f"v{number}@d{number}.example",
                ("support@a.example",),
                f"wave:{number}",
            )
        asyncio.run(one.player.daemon.once())
        left = Counter(to.rpartition("@")[2] for _, to, _ in one.postman.pick_up())
        customers = sum(count for domain, count in left.items() if "agents." not in domain)
        assert customers <= 20 + 32, "the batch that tripped it may be under way"
        assert left["agents.a.example"] <= 2 * (30 + 32)
        one.player.now += timedelta(minutes=11)
        one.receive(mail(999, "late@late.example"), "late@late.example", "support@a.example")
        assert automatic_to(one.postman.pick_up(), "late@late.example") == 1
    finally:
        one.player.close()
