"""/healthz says in words what is wrong, and /metrics in numbers; each is told in the operator's manual."""

import re
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maild import door
from maild.store.alarms import Loss
from maild.store.beats import Pulse
from maild.store.vitals import Vitals
from maild.watch import health
from maild.watch.health import State
from maild.watch.http import metrics
from tests.running import SETTINGS, Daemon, free_port, mail, make_site, running, send, wait_for

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MANUAL = (Path(__file__).parents[2] / "docs" / "operator.md").read_text()
LATE = NOW - timedelta(hours=2)

ILL = {
    "the database does not answer": State(NOW, None),
    "the database takes nothing": State(NOW, Vitals(), not_written="attempt to write a readonly database"),
    "has waited for 120 minutes": State(NOW, Vitals(waiting=1, waiting_since=LATE)),
    "is late by 120 minutes": State(NOW, Vitals(unsent=1, due_since=LATE)),
    "the clock is late": State(NOW, Vitals(timer_since=LATE)),
    "has not come back": State(NOW, Vitals(pulse=Pulse(missing_since=LATE))),
    "because maild failed on them": State(NOW, Vitals(held=3, held_by_failure=2)),
    "maild itself fails at": State(NOW, Vitals(), failing={"ticket 7": "KeyError: 'x'"}),
    "the clock of this machine is": State(NOW, Vitals(), ahead=timedelta(minutes=2)),
    "the disk has": State(NOW, Vitals(), free_bytes=1000),
    "were refused, older ones are in force": State(NOW, Vitals(), rules_refused="10-desk.yaml:1:1: wrong"),
    "the next mail server refuses us": State(NOW, Vitals(), sending_stopped="535 wrong password"),
    "has taken nothing for 120 minutes: nothing leaves": State(NOW, Vitals(), away=(LATE, "421 too busy")),
    "no name server answers": State(NOW, Vitals(), names_silent="s._domainkey.x.example: timeout"),
    "our certificate for TLS": State(NOW, Vitals(), certificate="/etc/maild/cert.pem has ended on 2026-11-22"),
    "acknowledgements and the like are not sent": State(NOW, Vitals(), over_budget="600 automatic mails in 10 min"),
    "what we mail to an agent does not arrive": State(
        NOW, Vitals(losses={"a@x.example": Loss("550 no such user", LATE, False)}), agents={"a@x.example": "Anna"}
    ),
    "mails of the mailbox support are filed and stay where they are": State(NOW, Vitals(), unmoved={"support": "to D"}),
    "the mailbox support is not fetched": State(NOW, Vitals(), mailboxes={"support": "OSError: refused", "b": ""}),
}


@pytest.mark.parametrize("words", ILL)
def test_each_trouble_has_its_words(words: str) -> None:
    (reason,) = health.reasons(ILL[words])
    assert words in reason


def test_a_disk_that_fills_up_says_what_the_door_does() -> None:
    """The alarm comes before the door is shut: "refused for now" was not true yet."""
    (reason,) = health.reasons(State(NOW, Vitals(), free_bytes=health.LEAST_FREE_BYTES - 1))
    assert health.LEAST_FREE_BYTES > door.RESERVE_BYTES
    assert f"below {door.RESERVE_BYTES // 1_000_000} MB new mail is refused" in reason


@pytest.mark.parametrize("words", ILL)
def test_the_manual_tells_what_to_do_about_each(words: str) -> None:
    assert re.sub(r" \d+ minutes| support", "", words) in re.sub(r" `NAME`| N minutes", "", MANUAL)


def test_the_manual_names_each_trouble_for_alarm_commands() -> None:
    (row,) = re.findall(r"^\| `MAILD_TROUBLE` \|.*$", MANUAL, re.MULTILINE)
    keys = {trouble.key for state in ILL.values() for trouble in health.troubles(state)}
    assert {key for key in keys if f"`{key.partition(' ')[0]}" not in row} == set()


def test_one_mail_is_one() -> None:
    (reason,) = health.reasons(State(NOW, Vitals(held=1, held_by_failure=1)))
    assert reason == "1 mail is held because maild failed on it: `maild intake list --fate held`"


def test_the_manual_tells_each_metric() -> None:
    names = set(
        re.findall(
            r"^# HELP (maild_\w+)",
            metrics(State(NOW, Vitals(pulse=Pulse(timedelta(minutes=1))), 1, fetched_at={"a": NOW})),
            re.MULTILINE,
        )
    )
    assert len(names) >= 10
    assert {name for name in names if f"`{name}`" not in MANUAL} == set()


def test_what_waits_on_time_is_no_trouble() -> None:
    soon = NOW + timedelta(minutes=5)
    vitals = Vitals(1, NOW, 2, 0, 1, soon, soon)
    assert list(health.reasons(State(NOW, vitals, 10**10))) == []
    assert "maild_healthy 1.0" in metrics(State(NOW, vitals, 10**10))


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except urllib.error.URLError as error:  # it listens for mail first
        return 0, str(error)


def test_a_daemon_says_how_it_is(tmp_path: Path) -> None:
    port, watched = free_port(), free_port()
    site = make_site(tmp_path / "site", port, more=SETTINGS.replace('listen = ""', f'listen = "127.0.0.1:{watched}"'))
    with running(site, port) as daemon:
        wait_for(lambda: get(watched, "/healthz") == (200, "well\n"), "the first word")
        assert send(port, mail(1), "customer1@customer.example")
        wait_for(lambda: "maild_mails_waiting 0.0" in get(watched, "/metrics")[1], "that nothing waits")
        told = get(watched, "/metrics")[1]
        assert "maild_ruleset_version 1.0" in told
        assert "customer" not in told, "no address stands in a metric"
        assert get(watched, "/etc/passwd")[0] == 404
        rules = site / "rules" / "90-bad.yaml"
        rules.write_text("queues: {support: {tagg: X}}\n")
        daemon.process.send_signal(1)
        wait_for(lambda: get(watched, "/healthz")[0] == 503, "that refused rules are told")
        assert "were refused" in get(watched, "/healthz")[1]
        rules.unlink()
        daemon.process.send_signal(1)
        wait_for(lambda: get(watched, "/healthz")[0] == 200, "that they are well again")


def test_a_port_that_is_taken_stops_no_mail(tmp_path: Path) -> None:
    port = free_port()
    site = make_site(tmp_path / "site", port, more=SETTINGS.replace('listen = ""', f'listen = "127.0.0.1:{port}"'))
    one = Daemon(site, port)
    try:
        assert one.wait_until_ready()
        assert send(port, mail(1), "customer1@customer.example")
        assert "are not served" in one.log_text()
    finally:
        one.kill()
