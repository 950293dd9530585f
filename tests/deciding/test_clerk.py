"""Clerks draft the same wherever they work, and one mail's failure is no other's."""

import pickle
import threading
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from maild.deciding import clerk, drafting, lookup
from maild.deciding.clerk import Task
from maild.deciding.workers import WorkFailed
from maild.identity.dkim import Lookup
from maild.identity.evidence import Trust
from maild.identity.witnesses import Witnesses
from maild.message.model import Envelope
from maild.pipeline import BATCH
from maild.store import intake
from maild.store.file import file
from maild.store.filing import Filing
from maild.store.tables import INTAKE, TICKET
from maild.ticket.change import OpenTicket
from maild.ticket.facts import Fresh
from maild.ticket.model import Participant, Role
from maild.ticket.plan import Plan
from maild.ticket.proof import Evidence
from tests.conftest import NOON
from tests.running import mail, make_site
from tests.stories.play import Player, playing

RULES = """
calendars:
  elsewhere:  # in the site's zone, which only its settings name
    hours: {mon-fri: "09:00-17:00"}
rules:
  - name: lamps
    when: {any: [{subject: {contains: question}}, {text: {matches: 'invoice (\\d+)'}}]}
    then: [tag: "lamp", priority: high]
"""


@pytest.fixture
def player(tmp_path: Path) -> Iterator[Player]:
    site = make_site(tmp_path / "site", 0)
    (site / "rules" / "90-more.yaml").write_text(RULES)
    one = Player.at(site, NOON)
    yield one
    one.close()


def tasks(player: Player, *raws: bytes) -> list[Task]:
    numbers = [
        player.receive(raw, f"customer{n}@customer.example", ("support@example.com",), f"test:{n}")
        for n, raw in enumerate(raws)
    ]
    found = [player.opened.store.read(lambda c, n=n: intake.received(intake.whole(c, n))) for n in numbers]
    return [Task(received, Fresh(100 + n, 7 + n)) for n, received in enumerate(found)]


def test_a_clerk_in_another_process_drafts_what_one_of_ours_does(player: Player) -> None:
    """Rules, calendars, keys and templates must all survive the way there; what he drafted, the way back."""
    opened = player.opened
    given = tasks(player, mail(1), mail(2, text="Where is invoice 17?"), mail(3, to="nobody@example.com"))
    here = clerk.draft(given, opened.office, opened.store.reading, NOON)
    there = drafting.draft_apart(given, pickle.dumps(opened.office), opened.store.url, NOON)
    there = pickle.loads(pickle.dumps(there))
    assert [str(one.plan) for one in there] == [str(one.plan) for one in here]
    assert all("lamp" in str(one.plan) for one in here), "the rules were asked"
    for ours, theirs in zip(here, there, strict=True):
        assert isinstance(theirs, Filing)
        assert [one.letter.text for one in theirs.letters] == [one.letter.text for one in ours.letters]
        assert theirs.versions == ours.versions


def test_an_office_is_unpacked_once(player: Player) -> None:
    packed = pickle.dumps(player.opened.office)
    assert drafting._unpickled(packed) is drafting._unpickled(pickle.dumps(player.opened.office))


def test_a_mail_at_which_we_fail_fails_alone(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail_at_two(task: Task) -> object:
        if b"Question 2" in task.received.raw:
            raise ZeroDivisionError("a bug of ours")
        return read(task)

    read = clerk._read
    monkeypatch.setattr(clerk, "_read", fail_at_two)
    drafts = clerk.draft(
        tasks(player, mail(1), mail(2), mail(3)), player.opened.office, player.opened.store.reading, NOON
    )
    assert [isinstance(one, WorkFailed) for one in drafts] == [False, True, False]
    assert "ZeroDivisionError: a bug of ours" in str(drafts[1])


def test_an_outage_is_no_mails_failure(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise OperationalError("select", {}, Exception("connection refused"))

    monkeypatch.setattr(lookup.snapshot, "take", gone)
    with pytest.raises(OperationalError):
        clerk.draft(tasks(player, mail(1)), player.opened.office, player.opened.store.reading, NOON)


def test_an_outage_is_told_across_processes() -> None:
    """A daemon waits for its database; whatever else it hears of a clerk counts against a mail."""
    error = OperationalError("select 1", {}, Exception("connection refused"))
    assert isinstance(pickle.loads(pickle.dumps(error)), OperationalError)


async def test_keys_are_looked_up_for_many_at_once_and_a_bug_in_reckoning_is_one_mails(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each may wait seconds for a name server: those of a whole batch do not wait for each other."""
    for number in range(BATCH):
        signature = f"DKIM-Signature: v=1; a=rsa-sha256; s=mx; d=C{number}.example; h=from; bh=x; b=y\r\n"
        player.receive(
            signature.encode() + mail(number), f"customer{number}@c.example", ("support@example.com",), f"test:{number}"
        )
    together = threading.Barrier(BATCH, timeout=20)

    def lookup(name: str) -> bytes | None:
        together.wait()
        if name == "mx._domainkey.c4.example":
            raise OSError("the name server is on fire")
        return f"key of {name}".encode()

    def gather(
        raw: bytes, envelope: Envelope, trust: Trust, lookup: Lookup | None = None, silent: Collection[str] = ()
    ) -> Evidence:
        number = envelope.source.partition(":")[2]
        if number == "5":
            raise ZeroDivisionError("a bug of ours")
        found = lookup(f"mx._domainkey.C{number}.example.") if lookup else None
        return Evidence("", (found.decode(),) if found else (), "", "", "seen")

    monkeypatch.setattr(clerk, "gather", gather)
    pipeline = player.daemon.pipeline
    pipeline._witnesses = Witnesses(pipeline._witnesses.trust, lookup)
    assert await pipeline.round(lambda: player.now) == BATCH
    rows = player.opened.store.read(
        lambda c: c.execute(select(INTAKE.c.source, INTAKE.c.fate, INTAKE.c.evidence).order_by(INTAKE.c.id)).all()
    )
    assert [row.fate for row in rows] == ["filed"] * 5 + ["waiting"] + ["filed"] * (BATCH - 6)
    known = {row.source: row.evidence or "" for row in rows}
    proved = [n for n in range(BATCH) if f'"key of mx._domainkey.c{n}.example"' in known[f"test:{n}"]]
    assert proved == [n for n in range(BATCH) if n not in (4, 5)]


async def test_what_maild_fails_at_is_held_whatever_letters_the_failure_quotes(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No database takes half a letter, or PostgreSQL a NUL: the daemon died of noting it, again with each start."""

    def gather(*_: object) -> Evidence:
        raise ValueError("half a letter \ud800, and a NUL \0")

    monkeypatch.setattr(clerk, "gather", gather)
    with playing(tmp_path / "site", database_url, NOON) as player:
        player.receive(mail(1), "customer1@customer.example", ("support@example.com",), "test:1")
        for _ in range(intake.TRIES):
            await player.daemon.pipeline.round(lambda: player.now)
            player.now += intake.TRIES * intake.RETRY_AFTER
        (row,) = player.opened.store.read(lambda c: c.execute(select(INTAKE)).all())
    assert row.fate == "held"
    assert "half a letter ?, and a NUL ?" in row.traceback


def test_a_number_that_was_used_at_the_terminal_meanwhile_is_not_counted_against_a_mail(player: Player) -> None:
    player.receive(mail(1), "customer1@customer.example", ("support@example.com",), "test:1")
    player.work()
    opened = OpenTicket(77, "support", "By hand", Participant("bob@customer.example", "", Role.REQUESTER), "en")
    player.opened.store.write(partial(file, filing=Filing(Plan(2, (opened,)), player.now, 1)))
    for number in (2, 3):
        player.receive(mail(number), f"customer{number}@c.example", ("support@example.com",), f"test:{number}")
    player.work()
    rows = player.opened.store.read(
        lambda c: c.execute(select(INTAKE.c.ticket, INTAKE.c.fate, INTAKE.c.attempts).order_by(INTAKE.c.id)).all()
    )
    assert {(row.fate, row.attempts) for row in rows} == {("filed", 0)}
    assert sorted(row.ticket for row in rows) == [1, 3, 4]


def test_numbers_that_opened_nothing_are_the_next_tickets(player: Player) -> None:
    player.receive(mail(1), "customer1@customer.example", ("support@example.com",), "test:1")
    player.work()
    answer = mail(2, sender="customer1@customer.example", more="In-Reply-To: <q1@customer.example>\r\n")
    player.receive(answer, "customer1@customer.example", ("support@example.com",), "test:2")
    player.work()
    player.receive(mail(3), "customer3@customer.example", ("support@example.com",), "test:3")
    player.work()
    assert player.opened.store.read(lambda c: c.execute(select(func.max(TICKET.c.number))).scalar()) == 2


def test_an_outside_number_is_never_given_twice(player: Player) -> None:
    numbers = player.opened.numbers
    first, second = numbers.take(2)
    numbers.give_back(second)
    numbers.give_back(first)
    assert numbers.take(3)[:2] == [first, second]
    assert len({one.number for one in (first, second, *numbers.take(5))}) == 7
