"""`maild import`: old mail becomes tickets, once, and nobody is told."""

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maild.keeping import oldmail
from maild.opened import open_site
from maild.store import vitals
from tests import running
from tests.running import mail, rows
from tests.servers.postgres import Cluster

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def old(number: int, sender: str = "", more: str = "") -> bytes:
    """A mail of 2019, each of another minute."""
    return mail(number, sender, more=more, date=datetime(2019, 2, 4, 10, number % 60, tzinfo=UTC))


def answered(number: int, question: int) -> bytes:
    """Return what the former desk answered, from the queue's address."""
    raw = old(number, "support@example.com", f"In-Reply-To: <q{question}@customer.example>\r\n")
    return raw.replace(b"To: support@example.com", b"To: customer%d@customer.example" % question)


def mbox(path: Path, *raws: bytes) -> Path:
    path.write_bytes(
        b"".join(b"From x Mon Feb  4 10:00:00 2019\n" + raw.replace(b"\r\n", b"\n") + b"\n" for raw in raws)
    )
    return path


def said(site: Path, *paths: Path) -> dict[str, int]:
    arguments = ("import", *map(str, paths), "--site", str(site), "--json")
    found: dict[str, int] = json.loads(running.maild(*arguments).stdout)
    return found


def test_mails_of_every_kind_of_file_become_tickets_and_nobody_is_told(site: Path, tmp_path: Path) -> None:
    folder, maildir = tmp_path / "folder", tmp_path / "maildir"
    for one in (folder, maildir / "cur", maildir / "new"):
        one.mkdir(parents=True)
    (folder / "1.eml").write_bytes(old(3))
    (maildir / "cur" / "1:2,S").write_bytes(old(4))
    (maildir / "new" / "2").write_bytes(old(5))
    box = mbox(tmp_path / "box", old(1), old(2))
    assert said(site, box, folder, maildir) == {"imported": 5, "known": 0, "held": 0}
    assert rows(site, "select count(*) from ticket") == [(5,)]
    assert rows(site, "select count(*) from outbox") == [(0,)]
    assert rows(site, "select distinct fate, substr(received_at, 1, 10) from intake") == [("filed", "2019-02-04")]
    running.maild("check", "--ledger", "--site", str(site))


def test_an_old_conversation_stands_there_as_of_when_it_was_written(site: Path, tmp_path: Path) -> None:
    """Else whoever looks at a ticket is told that a customer of 2019 wrote today, and every report says so."""
    answers = "In-Reply-To: <q1@customer.example>\r\nReferences: <q1@customer.example>\r\n"
    answer, late = (old(number, "customer1@customer.example", answers) for number in (7, 3))
    said(site, mbox(tmp_path / "box", old(1)), mbox(tmp_path / "answers", answer, late))
    assert rows(site, "select substr(opened_at, 1, 16) from ticket") == [("2019-02-04 10:01",)]
    assert rows(site, "select substr(at, 1, 16) from message order by id") == [
        ("2019-02-04 10:01",),
        ("2019-02-04 10:07",),
        ("2019-02-04 10:07",),  # of 10:03, but what is written down does not go back in time
    ]
    running.maild("check", "--ledger", "--rebuild", "--site", str(site))


def test_what_the_former_desk_answered_from_the_same_address_is_filed_and_answers_to_it_find_it(
    site: Path, tmp_path: Path
) -> None:
    """Most desks answered from the address of the queue: held, half of an archive would be missing."""
    of_desk = answered(2, 1)
    begun, further = (
        old(3, "support@example.com"),
        old(4, "customer1@customer.example", "In-Reply-To: <q2@customer.example>\r\n"),
    )
    sent, inbox = mbox(tmp_path / "sent", of_desk, begun), mbox(tmp_path / "inbox", old(1), further)
    assert said(site, sent, inbox) == {"imported": 4, "known": 0, "held": 1}
    assert rows(site, "select count(*) from ticket") == [(1,)]
    assert rows(site, "select party, visibility from message order by id") == [
        ("customer1@customer.example", "public"),
        ("support@example.com", "note"),
        ("customer1@customer.example", "public"),
    ]
    assert rows(site, "select fate from intake order by id") == [("filed",), ("filed",), ("held",), ("filed",)]
    assert rows(site, "select address from participant") == []  # the desk is no third party
    running.maild("check", "--ledger", "--rebuild", "--site", str(site))


def test_what_answers_the_former_desk_is_filed_after_it_however_much_the_desk_wrote(site: Path, tmp_path: Path) -> None:
    """The desk wrote half of the archive: one after the other, its mails came long after what answers them."""
    questions = [old(number) for number in range(1, 6)]
    answers = [answered(10 + number, number) for number in range(1, 6)]
    further = old(20, "customer5@customer.example", "In-Reply-To: <q15@customer.example>\r\n")
    said(site, mbox(tmp_path / "box", *questions, *answers, further))
    assert rows(site, "select count(*) from ticket") == [(5,)]


def test_an_old_mail_of_a_ticket_that_lives_is_filed_now(site: Path, tmp_path: Path) -> None:
    running.maild("receive", "--to", "support@example.com", "--site", str(site), "-", stdin=mail(1))
    running.maild("once", "--site", str(site))
    (since,) = rows(site, "select updated_at from ticket")
    said(site, mbox(tmp_path / "box", old(2, "customer1@customer.example", "References: <q1@customer.example>\r\n")))
    assert rows(site, "select count(*), min(at) >= ? from message", *since) == [(2, 1)]


def test_what_has_passed_since_an_old_mail_was_written_is_not_made_up_for(site: Path, tmp_path: Path) -> None:
    """Else its customer is reminded of years ago, once for each turn that a time rule would have had since."""
    rules = """\
rules:
  - {name: over, when: {imported: true, subject: {contains: "2"}}, then: [{status: solved}]}
  - {name: waits, when: {imported: true}, then: [{status: waiting}]}
  - {name: remind, every: 3 working days waiting, then: [{answer: acknowledge}]}
"""
    (site / "rules" / "30-old.yaml").write_text(rules)
    thanks = old(3, "customer1@customer.example", "References: <q1@customer.example>\r\n").replace(b"Hello", b"Thanks!")
    said(site, mbox(tmp_path / "box", old(1), old(2), thanks))
    with open_site(site) as opened, opened.store.reading() as connection:
        assert vitals.take(connection).timer_since is None, "no clock is late: who is alarmed by that?"
    running.maild("once", "--site", str(site))
    assert rows(site, "select count(*) from outbox") == [(0,)]
    assert rows(site, "select status from ticket order by number") == [("waiting",), ("closed",)]
    running.maild("check", "--rebuild", "--site", str(site))


def test_an_old_mail_keeps_no_time_rule_from_a_ticket_that_lives(site: Path, tmp_path: Path) -> None:
    rules = """\
rules:
  - {name: waits, when: {imported: false}, then: [{status: waiting}]}
  - {name: remind, every: 3 working days waiting, then: [{answer: acknowledge}]}
  - {name: look, every: 3 working days new, then: [{answer: acknowledge}]}
"""
    timers = "select stage, count(*) from timer where clock = 'rule' group by stage"
    answers = "References: <q{0}@customer.example>\r\n"
    for number, waits in ((1, "waits"), (3, "look")):
        (site / "rules" / "30-old.yaml").write_text(
            rules if waits == "waits" else rules.replace("imported: false", "subject: none")
        )
        running.maild("receive", "--to", "support@example.com", "--site", str(site), "-", stdin=mail(number))
        running.maild("once", "--site", str(site))
        said(
            site, mbox(tmp_path / waits, old(number + 1, f"customer{number}@customer.example", answers.format(number)))
        )
    assert rows(site, "select status, count(*) from ticket join message on ticket = number group by number") == [
        ("waiting", 2),
        ("new", 2),
    ]
    assert dict(rows(site, timers)) == {"remind": 1, "look": 1}


def test_an_agents_old_mail_does_nothing_but_lie_in_its_ticket(site: Path, tmp_path: Path) -> None:
    answer = old(2, "you@example.com", "In-Reply-To: <q1@customer.example>\r\nReferences: <q1@customer.example>\r\n")
    answer = answer.replace(b"Hello", b"#solve\r\n\r\nIt is done.").replace(b"To: support@", b"To: customer1@customer.")
    assert said(site, mbox(tmp_path / "box", old(1), answer)) == {"imported": 2, "known": 0, "held": 0}
    assert rows(site, "select count(*) from outbox") == [(0,)]
    assert rows(site, "select count(*) from held") == [(0,)]
    assert rows(site, "select number from ticket where status = 'solved'") == []
    assert rows(site, "select visibility from message where party = 'you@example.com'") == [("note",)]
    assert rows(site, "select * from participant") == []


def test_again_imports_nothing_twice_whatever_the_line_ends(site: Path, tmp_path: Path) -> None:
    assert said(site, mbox(tmp_path / "box", old(1), old(2)))["imported"] == 2
    (tmp_path / "crlf.eml").write_bytes(old(1) + b"\r\n\r\n")
    assert said(site, tmp_path / "box", tmp_path / "crlf.eml") == {"imported": 0, "known": 3, "held": 0}
    assert rows(site, "select count(*) from message") == [(2,)]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_an_import_that_was_killed_is_simply_said_again(site: Path, tmp_path: Path, how: signal.Signals) -> None:
    box = mbox(tmp_path / "box", *(old(number) for number in range(1, 401)))
    program = [sys.executable, "-m", "maild", "import", str(box), "--site", str(site)]
    killed = subprocess.Popen(program, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    running.wait_for(lambda: _kept(site) >= 64, "a batch is kept")
    killed.send_signal(how)
    killed.wait(timeout=running.PATIENCE_SECONDS)
    before = _kept(site)
    again = said(site, box)
    assert again["imported"] + again["known"] == 400
    assert again["known"] == before
    assert rows(site, "select fate, count(*) from intake group by fate") == [("filed", 400)]
    assert rows(site, "select count(*), count(distinct message_id) from message") == [(400, 400)]
    running.maild("check", "--ledger", "--site", str(site))


def _kept(site: Path) -> int:
    try:
        return int(str(rows(site, "select count(*) from intake")[0][0]))
    except sqlite3.OperationalError:  # there is no table yet
        return 0


def test_a_daemon_at_work_files_what_is_imported_and_answers_live_mail_meanwhile(tmp_path: Path) -> None:
    port = running.free_port()
    site = running.make_site(tmp_path / "site", port)
    box = mbox(tmp_path / "box", *(old(number) for number in range(1, 601)))
    with running.running(site, port):
        program = [sys.executable, "-m", "maild", "import", str(box), "--site", str(site), "--json"]
        importing = subprocess.Popen(program, stdout=subprocess.PIPE)
        running.wait_for(lambda: _kept(site) >= 64, "a batch is kept")
        assert running.send(port, mail(9001), "customer9001@customer.example")
        out, _ = importing.communicate(timeout=running.PATIENCE_SECONDS)
        assert json.loads(out) == {"imported": 600, "known": 0, "held": 0}
        running.wait_for(
            lambda: rows(site, "select count(*) from intake where fate = 'filed'") == [(601,)], "all are filed"
        )
    assert rows(site, "select distinct recipient from outbox where audience = 'customer'") == [
        ("customer9001@customer.example",)
    ]


def test_old_mail_that_waits_is_no_reason_to_be_unwell(site: Path) -> None:
    opened = open_site(site)
    try:
        asyncio.run(
            oldmail.import_all(
                opened.store, [old(1)], lambda: NOW, lambda _kept: None, None, opened.office.desk.is_ours
            )
        )
        found = opened.store.read(vitals.take)
    finally:
        opened.close()
    assert found.waiting == 1
    assert found.waiting_since is None


@pytest.mark.parametrize(
    ("head", "at"),
    [
        ("Date: Mon, 4 Feb 2019 10:00:00 +0200", datetime(2019, 2, 4, 8, tzinfo=UTC)),
        ("Date: Mon, 4 Feb 2099 10:00:00 +0200", NOW),
        ("Date: nonsense", NOW),
    ],
)
def test_an_old_mail_came_when_it_says_but_never_in_the_future(head: str, at: datetime) -> None:
    assert oldmail.arrived_at(f"From: a@b.example\n{head}\n\nx\n".encode(), NOW) == at


def test_a_site_on_postgresql_imports_as_well(cluster: Cluster, tmp_path: Path) -> None:
    site = running.make_site(tmp_path / "site", running.free_port(), url=cluster.new_database())
    box = mbox(tmp_path / "box", *(old(number) for number in range(1, 101)))
    assert said(site, box) == {"imported": 100, "known": 0, "held": 0}
    assert said(site, box) == {"imported": 0, "known": 100, "held": 0}
    opened = open_site(site)
    try:
        found = opened.store.read(vitals.take)
    finally:
        opened.close()
    assert (found.waiting, found.unsent) == (0, 0)
