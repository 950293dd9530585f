"""Name servers that are silent for a while hold up nobody, make no agent prove himself anew, and are told of."""

from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from maild.deciding import clerk
from maild.identity import dns
from maild.identity.witnesses import Witnesses
from maild.store.intake import RETRY_AFTER
from maild.store.tables import INTAKE
from tests.attackers import Signer
from tests.conftest import NOON
from tests.running import make_site
from tests.stories.play import Player

AGENT, CUSTOMER = "agent@agents.example", "anna@customer.example"
DESK = f"""
agents:
  anna: {{address: {AGENT}, name: Anna Ozola}}
teams:
  support: {{members: [anna]}}
queues:
  support:
    addresses: [support@example.com]
    from: Example Support
    tag: EX
    team: support
    default: true
    reply_address: "support+{{token}}@example.com"
    undo: ""
"""


class Names:
    """What the DNS knows, and whether it says so."""

    def __init__(self, records: dict[str, str]) -> None:
        self.records, self.silent = records, False

    def txt(self, name: str) -> bytes | None:
        if self.silent:
            raise dns.NoAnswer("the resolution lifetime expired")
        return self.records[name].encode() if name in self.records else None


class Desk:
    """A strict site, a customer's ticket, and its agent, whose domain signs."""

    def __init__(self, player: Player) -> None:
        self.player, self._signers = player, {one: Signer(one) for one in ("agents.example", "customer.example")}
        self.names = Names({name: key for one in self._signers.values() for name, key in one.record.items()})
        pipeline = player.daemon.pipeline
        pipeline._witnesses = Witnesses(pipeline._witnesses.trust, self.names.txt)
        self.comes(CUSTOMER, "support@example.com", "Hello")
        self.reply_to = player.newest(AGENT, "ticket").header("Reply-To")

    def comes(self, sender: str, to: str, text: str) -> None:
        """Receive a signed mail, and do what is due."""
        self.receive(sender, to, text)
        self.player.work()

    def receive(self, sender: str, to: str, text: str) -> None:
        date = format_datetime(self.player.now)
        raw = f"From: {sender}\r\nTo: {to}\r\nSubject: Q\r\nDate: {date}\r\nMessage-ID: <{text}@x>\r\n\r\n{text}\r\n"
        signed = self._signers[sender.partition("@")[2]].sign(raw.encode())
        self.player.receive(signed, sender, (to.strip("<>"),), f"test:{text}")

    def fates(self) -> list[tuple[str, str]]:
        rows = self.player.opened.store.read(lambda c: c.execute(select(INTAKE).order_by(INTAKE.c.id)).all())
        return [(row.fate, row.evidence or "") for row in rows]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    site = make_site(tmp_path / "site", 0, agent_proof="strict")
    (site / "rules" / "10-desk.yaml").write_text(DESK)
    player = Player.at(site, NOON)
    yield Desk(player)
    player.close()


def test_an_agents_mail_waits_for_what_may_prove_it(desk: Desk) -> None:
    """A resolver that is started anew made every agent who answered meanwhile type a code."""
    desk.names.silent = True
    desk.comes(AGENT, desk.reply_to, "Answered")
    assert desk.fates()[-1] == ("waiting", "")
    desk.names.silent = False
    desk.player.now += RETRY_AFTER
    desk.player.work()
    fate, evidence = desk.fates()[-1]
    assert fate == "filed"
    assert "DKIM agents.example" in evidence
    assert "Answered" in desk.player.newest(CUSTOMER).text


def test_it_does_not_wait_for_ever(desk: Desk) -> None:
    desk.names.silent = True
    desk.comes(AGENT, desk.reply_to, "Answered")
    while desk.player.now < NOON + clerk.PATIENCE:
        assert desk.fates()[-1][0] == "waiting"
        desk.player.now += RETRY_AFTER
        desk.player.work()
    fate, evidence = desk.fates()[-1]
    assert fate == "held"
    assert "the DNS did not answer for s._domainkey.agents.example" in evidence, "and why is known"


@pytest.mark.parametrize(("minutes", "fate"), [(9, "waiting"), (10, "held")])
def test_ten_minutes_after_it_came_it_waits_no_more(desk: Desk, minutes: int, fate: str) -> None:
    """Counted from its arrival, and not from when it was first looked at: the daemon may have been down."""
    desk.names.silent = True
    desk.receive(AGENT, desk.reply_to, "Answered")
    desk.player.now += timedelta(minutes=minutes)
    desk.player.work()
    assert desk.fates()[-1][0] == fate


def test_a_customers_mail_is_filed_at_once(desk: Desk) -> None:
    desk.names.silent = True
    desk.comes(CUSTOMER, "support@example.com", "Again")
    assert desk.fates()[-1][0] == "filed"


def test_an_agents_mail_that_others_signed_waits_for_nobody(desk: Desk) -> None:
    desk.names.silent = True
    raw = f"From: {AGENT}\r\nTo: {desk.reply_to}\r\nSubject: Q\r\nMessage-ID: <1@x>\r\n\r\nForged\r\n".encode()
    desk.player.receive(Signer("evil.example").sign(raw), AGENT, (desk.reply_to.strip("<>"),), "test:forged")
    desk.player.work()
    assert desk.fates()[-1][0] == "held"


def test_that_no_name_server_answers_is_known_when_ours_is_not_answered_for_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That the servers of one sender are silent says nothing of ours."""
    names = Names({"s._domainkey.good.example": "v=DKIM1"})

    def txt_now(name: str) -> tuple[bytes, ...]:
        if name.endswith("broken.example"):
            raise dns.NoAnswer("SERVFAIL")
        found = names.txt(name)
        return (found,) if found else ()

    monkeypatch.setattr(dns, "txt_now", txt_now)
    monkeypatch.setattr(dns, "_silent_until", {})
    monkeypatch.setattr(dns, "_unanswered", "")
    dns._remembered.cache_clear()
    assert dns.silence("example.com") == "", "nobody needed one"
    with pytest.raises(dns.NoAnswer):
        dns.txt("s._domainkey.broken.example")
    assert dns.silence("example.com") == ""
    names.silent = True
    with pytest.raises(dns.NoAnswer):
        dns.txt("s._domainkey.good.example")
    assert dns.silence("example.com") == "s._domainkey.good.example: the resolution lifetime expired"
    names.silent = False
    assert dns.silence("example.com") == ""
