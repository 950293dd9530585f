"""The log tells what became of each mail, and nothing that a reader of logs has no business to know."""

import base64
import contextlib
import json
import os
import smtplib
import subprocess
import sys
import time
from pathlib import Path

import pytest

from maild import maillog
from tests.attackers import PASSWORD, World, mail
from tests.running import Daemon, free_port, make_site, rows, send, wait_for

ANNA = "anna@agents.example"
BODY, WRONG = "the-words-of-a-customer", "a-wrong-but-nearly-right-password"


def test_no_words_of_mails_and_no_secrets_are_logged(tmp_path: Path) -> None:
    with World.at_work(tmp_path) as world:
        case = world.case()
        to = case.mails_to(case.customer)[0].reply_to[0].address
        world.send(mail(case.customer, to, BODY), case.customer, to)
        with world.connected() as client, contextlib.suppress(smtplib.SMTPAuthenticationError):
            client.login("anna", WRONG)
        world.submit(mail(ANNA, case.reply_to("anna"), f"An answer. {BODY}"), "anna", case.reply_to("anna"))
        key = (world.site / "var" / "site.key").read_text()
        log = world.daemon.log_text()
    assert f"ticket={case.number}" in log
    secrets = [BODY, WRONG, PASSWORD, *(line for line in key.split() if len(line) > 12)]
    secrets += [base64.b64encode(f"\0anna\0{one}".encode()).decode() for one in (WRONG, PASSWORD)]
    for secret in secrets:
        assert secret not in log
    assert len(secrets) > 5, "the key was looked for, too"


def test_each_line_of_a_log_for_collectors_is_json(tmp_path: Path) -> None:
    port = free_port()
    site = make_site(tmp_path / "site", port)
    daemon = Daemon(site, port, options=("--log", "json"))
    try:
        assert daemon.wait_until_ready(), daemon.log_text()
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
            client.sendmail("a@x.example", ["support@example.com"], mail("a@x.example", "support@example.com", BODY))
        wait_for(lambda: "acknowledge" in daemon.log_text(), "it is acknowledged")
    finally:
        daemon.kill()
    lines = [json.loads(line) for line in daemon.log_text().splitlines()]
    (filed,) = [line for line in lines if line["event"] == "filed"]
    assert (filed["mail"], filed["ticket"]) == (1, 1)
    assert all({"event", "level", "timestamp"} <= line.keys() for line in lines)
    assert BODY not in daemon.log_text()


@pytest.mark.parametrize("paper", ["full", "a pipe that nobody reads"])
def test_a_log_that_takes_nothing_keeps_no_mail_from_its_way(tmp_path: Path, paper: str) -> None:
    """A disk full of logs, or the end of who read them: the daemon ended, or said 451 of what it had kept."""
    port = free_port()
    site = make_site(tmp_path / "site", port)
    if paper == "full":
        log = os.open("/dev/full", os.O_WRONLY)
    else:
        reader, log = os.pipe()
        os.close(reader)
    daemon = subprocess.Popen([sys.executable, "-m", "maild", "serve", "--site", str(site)], stdout=log, stderr=log)
    os.close(log)
    try:
        raw = mail("a@x.example", "support@example.com", BODY)
        wait_for(lambda: daemon.poll() is not None or send(port, raw, "a@x.example"), "250")
        wait_for(lambda: rows(site, "select state from outbox") == [("sent",)] * 2, "an acknowledgement, and a notice")
        daemon.terminate()
        assert daemon.wait(30) == 0
    finally:
        daemon.kill()
        daemon.wait()
    assert rows(site, "select fate from intake") == [("filed",)]


def test_what_a_server_says_is_compared_without_its_numbers_however_long_it_is() -> None:
    """All the daemon stands still meanwhile; an IMAP server's line has up to a megabyte."""
    assert maillog.gist("451 4.7.0 try later [a1-b2c.example 2026-12-01]") == ".. try later [.example ]"
    assert maillog.gist("451") == "451"
    began = time.process_time()
    assert maillog.gist("NO " + "-" * 100_000) == "NO " + "-" * 100_000
    assert time.process_time() - began < 2
