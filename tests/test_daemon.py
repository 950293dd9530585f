"""The real daemon in a process of its own, and death at any moment."""

import json
import signal
import subprocess
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from maild.message import parse
from maild.message.model import Envelope
from maild.store import intake
from maild.store.write import Store
from tests import crash
from tests.conftest import NOON
from tests.running import Daemon, alive, mail, maild, make_site, of_family, outgoing, rows, running, send, wait_for


def settled(site: Path) -> bool:
    waiting = rows(site, "select count(*) from intake where fate = 'waiting'")[0][0]
    unsent = rows(site, "select count(*) from outbox where state != 'sent'")[0][0]
    return not waiting and not unsent


def test_a_mail_in_is_a_ticket_an_acknowledgement_and_a_mail_to_the_agent(site: Path, port: int) -> None:
    with running(site, port) as daemon:
        assert send(port, mail(1), "customer1@customer.example")
        wait_for(lambda: len(outgoing(site)) == 2, "two mails")
        assert daemon.stop() == 0
    recipients = sorted(parse.parse(raw).to[0].address for raw in outgoing(site))
    assert recipients == ["customer1@customer.example", "you@example.com"]
    (ticket,) = [json.loads(line) for line in maild("list", "--json", "--site", str(site)).stdout.splitlines()]
    assert (ticket["number"], ticket["subject"], ticket["status"]) == (1, "Question 1", "new")


def test_workers_end_with_a_daemon_that_is_killed(tmp_path: Path, port: int) -> None:
    site = make_site(tmp_path / "site", port, more='\n[http]\nlisten = ""\n[workers]\nprocesses = 1\n')
    with running(site, port) as daemon:
        assert send(port, mail(1), "customer1@customer.example")
        wait_for(lambda: len(outgoing(site)) == 2, "two mails, for which a worker was needed")
        family = of_family(daemon.process.pid)
        assert family
        daemon.kill()
        wait_for(lambda: not any(map(alive, family)), "the end of all that it began")


IN_FLIGHT = 4  # mails between "sent" and "known to be sent" when the process died
OF_MAILBOXES = ("shown", "keep", "move")
STEPS = [f"{side}:{step}" for step in crash.PLACES if step not in OF_MAILBOXES for side in ("before", "after")]


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("step", STEPS)
def test_250_means_durable(site: Path, port: int, step: str, nth: int) -> None:
    """Killed at each step while a client sends: nothing that was accepted is lost, nothing is acknowledged twice."""
    dying = Daemon(site, port, crash=(step, nth))
    accepted: set[int] = set()
    if dying.wait_until_ready():
        for number in range(6):
            if send(port, mail(number), f"customer{number}@customer.example"):
                accepted.add(number)
    wait_for(lambda: dying.process.poll() is not None, f"death {step}", 20)
    dying.log.close()
    with running(site, port) as daemon:
        for number in range(6):  # the client keeps what was not accepted, and sends it again
            if number not in accepted:
                assert send(port, mail(number), f"customer{number}@customer.example")
        wait_for(lambda: settled(site), "everything settled")
        assert daemon.stop() == 0
    tickets = rows(site, "select subject from ticket")
    assert sorted(tickets) == sorted((f"Question {n}",) for n in range(6)), "each mail is one ticket"
    decided = Counter(rows(site, "select ticket, recipient from outbox"))
    assert set(decided.values()) == {1}, "each mail was decided once"
    assert maild("check", "--ledger", "--site", str(site)).returncode == 0
    sent = Counter(parse.parse(raw).message_id for raw in outgoing(site))
    assert len(sent) == 12
    twice = [one for one, count in sent.items() if count > 1]
    assert len(twice) <= IN_FLIGHT, "only what was in flight may leave twice, and with the same Message-ID"


def test_a_retry_after_a_lost_250_makes_no_second_ticket(site: Path, port: int) -> None:
    with running(site, port):
        assert send(port, mail(1), "customer1@customer.example")
        assert send(port, mail(1), "customer1@customer.example")
        wait_for(lambda: settled(site) and len(outgoing(site)) == 2, "two mails")
    assert rows(site, "select count(*) from ticket") == [(1,)]
    assert rows(site, "select count(*) from intake") == [(1,)]


def test_a_second_daemon_on_one_sqlite_site_says_so_and_stops(site: Path, port: int) -> None:
    """And the rule files as they are by then are not put in force by it, for the first works by others."""
    with running(site, port):
        (site / "rules" / "99-new.yaml").write_text("rules: [{name: all, then: [{tag: new}]}]\n")
        for command in ("serve", "once"):
            second = maild(command, "--site", str(site), check=False)
            assert second.returncode == 75
            assert b"works on this site already" in second.stderr
        assert rows(site, "select max(version) from ruleset") == [(1,)]


def test_rules_that_fail_their_tests_are_refused_and_the_operator_is_told_once(site: Path, port: int) -> None:
    """Even after a restart those that were accepted last stay in force."""
    rules = site / "rules" / "20-rules.yaml"
    good = (
        "rules:\n"
        "  - name: lamps\n"
        "    when: {subject: {contains: lamp}}\n"
        "    then: [{tag: lamp}]\n"
        "    tests: [{mail: {subject: My lamp}, then: [{tag: lamp}]}]\n"
    )
    rules.write_text(good)
    with running(site, port) as daemon:
        rules.write_text(good.replace("contains: lamp", "contains: lamb"))
        assert b"expects 'tag lamp'" in maild("reload", "--site", str(site), check=False).stderr
        for count in (1, 2):
            daemon.process.send_signal(signal.SIGHUP)
            wait_for(lambda count=count: daemon.log_text().count("reload refused") == count, "the refusal")
        wait_for(lambda: len(outgoing(site)) == 1, "the operator's mail")
        assert daemon.stop() == 0
    with running(site, port) as daemon:
        assert "reload refused" in daemon.log_text()
        wait_for(lambda: len(outgoing(site)) == 2, "once more after a restart")
        lamp = mail(1).replace(b"Question 1", b"My lamp")
        assert send(port, lamp, "customer1@customer.example")
        wait_for(lambda: rows(site, "select tag from tag") == [("lamp",)], "the rules that were accepted")
    told = [parse.parse(raw) for raw in outgoing(site)]
    assert sum(one.subject == "The new rules are not in force" for one in told) == 2


def test_templates_that_are_refused_leave_those_in_force_after_a_restart_too(site: Path, port: int) -> None:
    """Else each mail that they answer would fail, and be held."""
    template = site / "templates" / "en" / "acknowledge.txt.j2"
    template.parent.mkdir(parents=True)
    good = "{% block subject %}It is here{% endblock %}{% block text %}As accepted.{% endblock %}"
    template.write_text(good)
    with running(site, port):
        pass
    template.write_text(good.replace("As accepted", "{% if %}"))
    with running(site, port) as daemon:
        wait_for(lambda: "acknowledge.txt.j2:1: " in daemon.log_text(), "the refusal")  # is told once we listen
        assert send(port, mail(1), "customer1@customer.example")
        wait_for(lambda: settled(site), "the mail is filed")
        (letter,) = rows(site, "select letter from outbox where audience = 'customer'")
    assert "As accepted." in str(letter)


def test_it_ends_at_once_though_few_mails_may_leave_in_a_minute(site: Path, port: int) -> None:
    settings = site / "maild.toml"
    settings.write_text(settings.read_text().replace("[outgoing]\n", "[outgoing]\nper_minute = 1\n"))
    with running(site, port) as daemon:
        assert send(port, mail(1), "customer1@customer.example")
        wait_for(lambda: len(outgoing(site)) == 1, "the first of two")
        assert daemon.stop() == 0, "stop has less patience than the minute is long"


def test_sighup_takes_new_rules_or_keeps_the_old(site: Path, port: int) -> None:
    rules = site / "rules" / "10-desk.yaml"
    good = rules.read_text()
    with running(site, port) as daemon:
        rules.write_text(good.replace("addresses:", "adresses:"))
        daemon.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "reload refused" in daemon.log_text(), "the refusal")
        assert "10-desk.yaml:" in daemon.log_text()
        assert send(port, mail(1), "customer1@customer.example"), "the old rules stay in force"
        wait_for(lambda: len(outgoing(site)) == 3, "two mails, and the operator's")
        rules.write_text(good.replace("tag: T", "tag: NEW"))
        daemon.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "reloaded" in daemon.log_text(), "the reload")
        assert send(port, mail(2), "customer2@customer.example")
        wait_for(lambda: len(outgoing(site)) == 5, "four mails, and the operator's")
    subjects = {parse.parse(raw).subject for raw in outgoing(site)}
    assert any("[#T-1]" in subject for subject in subjects)
    assert any("[#NEW-2]" in subject for subject in subjects)


def test_a_sighup_that_comes_while_it_starts_is_obeyed_then(site: Path, port: int) -> None:
    """It ended the daemon, and for systemd that was an end as it was wished for."""
    daemon = Daemon(site, port, program=("tests.hungup",))
    try:
        assert daemon.wait_until_ready()
        wait_for(lambda: "reloaded" in daemon.log_text(), "the reload")
    finally:
        daemon.kill()


def test_a_reload_is_told_to_nobody_after_the_daemon_was_killed(site: Path, port: int) -> None:
    """The number that it had may be another process's by now."""
    innocent = subprocess.Popen(["sleep", "60"])
    try:
        (site / "var").mkdir(exist_ok=True)
        (site / "var" / "lock").write_text(f"maild serve, process {innocent.pid}")
        told = maild("reload", "--site", str(site), check=False)
        assert told.returncode == 1
        assert b"no daemon of this site is running here" in told.stderr
        assert innocent.poll() is None
    finally:
        innocent.kill()
        innocent.wait()


def test_what_fails_three_times_is_held_with_its_traceback_and_the_loop_goes_on(site: Path, port: int) -> None:
    """A template that breaks for one mail alone: `no mail is lost to a bug`."""
    (site / "templates" / "en").mkdir(parents=True)
    (site / "templates" / "en" / "acknowledge.txt.j2").write_text(
        "{% block subject %}x{% endblock %}{% block text %}{{ 1 // (requester_name != 'Customer 1') }}{% endblock %}"
    )
    with running(site, port):
        assert send(port, mail(1), "customer1@customer.example")
        assert send(port, mail(2), "customer2@customer.example")
        wait_for(lambda: len(outgoing(site)) == 2, "the other mail")
        assert rows(site, "select attempts, fate from intake where id = 1") == [(1, "waiting")]
    for year in (2030, 2031):
        maild("once", "--now", f"{year}-01-01T00:00:00Z", "--site", str(site))
    ((fate, traceback),) = rows(site, "select fate, traceback from intake where id = 1")
    assert fate == "held"
    assert "ZeroDivisionError" in str(traceback)
    shown = maild("intake", "show", "1", "--site", str(site)).stdout.decode()
    assert "ZeroDivisionError" in shown
    (site / "templates" / "en" / "acknowledge.txt.j2").unlink()
    maild("intake", "retry", "1", "--site", str(site))
    maild("once", "--site", str(site))
    assert rows(site, "select fate from intake where id = 1") == [("filed",)]


def test_a_full_disk_in_the_middle_of_a_batch_keeps_each_mail_whole_or_not_at_all(site: Path) -> None:
    """SQLITE_FULL: who was promised something has it, who was told "full" keeps his mail."""
    maild("once", "--site", str(site))
    pages = int(str(rows(site, "pragma page_count")[0][0])) + 30
    store = Store(f"sqlite:///{site}/var/maild.db")
    event.listen(store.engine, "begin", lambda c: c.exec_driver_sql(f"PRAGMA max_page_count={pages}"))
    envelopes = [Envelope("a@b.example", ("support@example.com",), NOON, f"s:{n}") for n in range(8)]
    large = mail(1) + b"x" * 60_000
    futures = [store.submit(partial(intake.put, envelope=one, raw=large)) for one in envelopes]
    failed = [future for future in futures if isinstance(future.exception(), OperationalError)]
    assert 0 < len(failed) < 8
    assert all("full" in str(future.exception()) for future in failed)
    assert store.read(intake.waiting) == 8 - len(failed)
    store.close()


@pytest.mark.parametrize(
    "more",
    ['[database]\nurl = "sqlite:////proc/nowhere/maild.db"\n', '[database]\nurl = "sqlite:///rules"\n', "[database\n"],
)
def test_a_pipe_is_told_to_come_again_when_a_mail_cannot_be_kept(site: Path, more: str) -> None:
    """Exit status 75 (EX_TEMPFAIL): the mail system keeps the mail and tries again; of 1 it would make a bounce."""
    settings = site / "maild.toml"
    settings.write_text(f"{settings.read_text()}\n{more}")
    done = maild("receive", "--to", "support@example.com", "--site", str(site), "-", stdin=mail(1), check=False)
    assert done.returncode == 75
    assert b"try again later" in done.stderr
    assert b"Background on this error" not in done.stderr, "of a database, what it said, and what may be done"
