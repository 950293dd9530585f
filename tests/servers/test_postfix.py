"""maild behind a real Postfix and in front of one."""

import smtplib
import ssl
from pathlib import Path

import pytest

from tests.attackers import Signer
from tests.inbound import certificate
from tests.running import mail, maild, rows, wait_for
from tests.servers import operator_manual, postfix
from tests.servers.company import AGENT, ANNA, PASSWORD, SUPPORT
from tests.servers.place import Place
from tests.servers.tokens import CLIENT, TokenServer

CARL = "carl@elsewhere.example"

pytestmark = pytest.mark.xdist_group("postfix")


def test_mail_comes_and_leaves_by_postfix_as_the_manual_says(place: Place) -> None:
    one = place.company()
    one.send(mail(1, ANNA, "The lamp is dark."), ANNA)
    acknowledged, notice = one.next_mail(ANNA), one.next_mail(AGENT)
    assert acknowledged.reply_to[0].address.startswith("support+")
    to = notice.reply_to[0].address
    one.send(mail(2, AGENT, "Is it plugged in?", to), AGENT, to)
    answer = one.next_mail(ANNA)
    assert "Is it plugged in?" in answer.text
    one.send(mail(3, ANNA, "It is.", answer.reply_to[0].address), ANNA, answer.reply_to[0].address)
    assert "It is." in one.next_mail(AGENT).text
    assert len(one.tickets()) == 1


def test_postfix_refuses_at_once_what_maild_would(place: Place) -> None:
    """It takes any support+anything@, and would bounce what we refuse to whoever is named as its sender."""
    outside = "mynetworks = 192.0.2.0/24\n"
    one = place.company(main=outside + operator_manual.block("With Postfix", "reject_unverified_recipient"))
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        one.send(mail(1, ANNA), ANNA, "support+anything@example.com")
    assert refused.value.recipients["support+anything@example.com"][0] == 550
    one.send(mail(2, ANNA, "The lamp is dark."), ANNA)
    to = one.next_mail(ANNA).reply_to[0].address
    one.send(mail(3, ANNA, "Still dark.", to), ANNA, to)
    wait_for(lambda: len(one.tickets()) == 1 and "Still dark." in one.say("show", "1"), "her reply")
    one.daemon.kill()
    one.send(mail(4, ANNA), ANNA)
    assert SUPPORT in one.postfix.queue()
    with pytest.raises(smtplib.SMTPRecipientsRefused) as waits:
        one.send(mail(5, ANNA), ANNA, "support+unasked@example.com")
    assert waits.value.recipients["support+unasked@example.com"][0] == 450


def test_what_a_filter_of_postfix_found_is_believed(place: Place) -> None:
    """OpenDKIM and rspamd write below Postfix's Received line, and take off what senders wrote in their name."""
    signer = Signer("example.com")
    one = place.company(
        main=f"smtpd_milters = inet:127.0.0.1:{place.filter(signer.record)}\n",
        smtp=operator_manual.block("With Postfix", "trusted_authserv_ids"),
        agent_proof="strict",
    )
    one.send(mail(1, ANNA, "The lamp is dark."), ANNA)
    to = one.next_mail(AGENT).reply_to[0].address
    one.next_mail(ANNA)
    forged = "Authentication-Results: mx.example.com; dkim=pass header.d=example.com\r\n"
    one.send(mail(2, AGENT, "Pay to this account", to, more=forged), AGENT, to)
    assert "Pay to this account" in one.next_mail(AGENT).text  # he is asked whether it is his
    one.send(signer.sign(mail(3, AGENT, "Is it plugged in?", to)), AGENT, to)
    assert "Is it plugged in?" in one.next_mail(ANNA).text


def test_an_agent_who_logged_in_at_postfix_is_believed(place: Place, tmp_path: Path) -> None:
    """rspamd writes who logged in; a stranger who uses his address and reply address without that is not he."""
    cert, key = certificate.write(tmp_path)
    one = place.company(
        main=postfix.with_log_ins(place.log_ins(), cert, key) + f"smtpd_milters = inet:127.0.0.1:{place.filter({})}\n",
        smtp=operator_manual.block("With Postfix", "trusted_authserv_ids"),
        agent_proof="strict",
    )
    one.send(mail(1, ANNA, "The lamp is dark."), ANNA)
    to = one.next_mail(AGENT).reply_to[0].address
    one.next_mail(ANNA)
    one.send(mail(2, AGENT, "Pay to this account", to), AGENT, to)
    assert "Pay to this account" in one.next_mail(AGENT).text  # he is asked whether it is his
    with smtplib.SMTP("localhost", one.postfix.port, timeout=20) as client:
        client.starttls(context=ssl.create_default_context(cafile=str(cert)))
        client.login(AGENT, PASSWORD)
        client.sendmail(AGENT, [to], mail(3, AGENT, "Is it plugged in?", to))
    assert "Is it plugged in?" in one.next_mail(ANNA).text


def test_postfix_may_ask_for_tls_and_a_log_in(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cert, key = certificate.write(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))  # what the daemon believes
    there = place.elsewhere(CARL)  # mail for Postfix's own domains would need no log-in
    one = place.company(
        main=postfix.with_log_ins(place.log_ins(), cert, key),
        tables={"transport": f"elsewhere.example smtp:[127.0.0.1]:{there.port}\n"},
        outgoing=f'[outgoing]\nurl = "smtp+starttls://{SUPPORT}@localhost:{{post}}"\npassword_file = "password"\n',
    )
    assert "it answers" in one.say("check", "--connect")
    one.send(mail(1, CARL), CARL)
    wait_for(lambda: there.mails(CARL), "the acknowledgement")
    assert b"with ESMTPSA" in there.mails(CARL)[0]
    (one.site / "password").write_text("another")
    refused = maild("check", "--connect", "--site", str(one.site), check=False)
    assert refused.returncode == 1
    assert b"535 5.7.8" in refused.stderr


def test_postfix_may_ask_for_a_token(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is withdrawn is replaced at once; when no new one is given, mail comes in all the same and waits."""
    cert, key = certificate.write(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    there = place.elsewhere(CARL)
    with TokenServer.started() as tokens:
        one = place.company(
            main=postfix.with_log_ins(place.log_ins(tokens.url), cert, key),
            tables={"transport": f"elsewhere.example smtp:[127.0.0.1]:{there.port}\n"},
            outgoing=f'[outgoing]\nurl = "smtp+starttls://{SUPPORT}@localhost:{{post}}"\n'
            f'[outgoing.oauth]\nprovider = "other"\nclient_id = "{CLIENT}"\nscope = "mail"\n'
            f'token_url = "{tokens.url}/token"\ndevice_url = "{tokens.url}/devicecode"\n',
        )
        first = maild("check", "--connect", "--site", str(one.site), check=False)
        assert b"maild oauth login outgoing" in first.stderr
        one.say("oauth", "login", "outgoing")
        assert "it answers" in one.say("check", "--connect")
        one.send(mail(1, CARL), CARL)
        wait_for(lambda: len(there.mails(CARL)) == 1, "the acknowledgement")
        tokens.access.clear()
        restart(one.postfix)  # it hangs up, and maild must log in again
        one.send(mail(2, CARL), CARL)
        wait_for(lambda: len(there.mails(CARL)) == 2, "the second, by a new token")
        wait_for(lambda: not one.outbox("queued"), "what agents are sent of it")
        tokens.access.clear()
        tokens.refresh = "another"
        restart(one.postfix)
        one.send(mail(3, CARL), CARL)
        wait_for(lambda: len(one.tickets()) == 3, "the third ticket")
        wait_for(lambda: "log in again: `maild oauth login outgoing`" in one.log(), "word of what to do")
        assert len(one.outbox("queued")) == 2
        assert len(there.mails(CARL)) == 2


def restart(server: postfix.Postfix) -> None:
    server.kill()
    server.start()


def test_what_postfix_puts_off_leaves_later(place: Place) -> None:
    one = place.company(
        main="smtpd_recipient_restrictions = check_recipient_access hash:{folder}/etc/busy\n",
        tables={"busy": f"{ANNA} 450 4.2.0 greylisted, come again\n"},
    )
    one.send(mail(1, ANNA, "The lamp is dark."), ANNA)
    wait_for(lambda: one.outbox("deferred"), "the mail that is put off")
    (waiting,) = one.outbox("deferred")
    shown = one.say("outbox", "show", str(waiting["id"]))
    assert "450 4.2.0" in shown
    one.postfix.write_table("busy", "")
    restart(one.postfix)  # as the connection that maild keeps would keep its table
    one.say("outbox", "retry", str(waiting["id"]))
    assert one.next_mail(ANNA).message_id == waiting["message_id"]
    assert one.outbox("deferred") == []


def test_a_mail_that_comes_back_is_seen_in_its_ticket(place: Place) -> None:
    """The customer's server refuses after ours has taken the mail; Postfix says so to the mail's return address."""
    there = place.elsewhere("somebody@elsewhere.example")
    one = place.company(tables={"transport": f"elsewhere.example smtp:[127.0.0.1]:{there.port}\n"})
    one.send(mail(1, CARL, "The lamp is dark."), CARL)
    to = one.next_mail(AGENT).reply_to[0].address
    of_the_acknowledgement = one.next_mail(AGENT)
    one.send(mail(2, AGENT, "Is it plugged in?", to), AGENT, to)
    of_the_answer = one.next_mail(AGENT)
    for told in (of_the_acknowledgement, of_the_answer):
        assert CARL in told.text
        assert "5.1.1" in told.text
    assert len(one.outbox("failed")) == 2
    for failed in one.outbox("failed"):
        assert "returned: " in one.say("outbox", "show", str(failed["id"]))
    history = one.say("show", "1", "--json")
    assert history.count(f"to={CARL}") >= 2
    assert len(one.tickets()) == 1


def test_a_probe_tells_what_becomes_of_addresses_on_the_way(place: Place) -> None:
    one = place.company()
    assert "it came back to its address, From field and return address as they were" in one.say("check", "--probe")
    assert one.tickets() == []


def test_a_probe_tells_of_a_server_that_writes_other_senders(place: Place) -> None:
    one = place.company(main="sender_canonical_maps = static:login@example.com\n")
    done = maild("check", "--probe", "--site", str(one.site), check=False)
    assert done.returncode == 1
    assert b"the From field came back as login@example.com; the return address came back as login@" in done.stderr


def test_a_probe_tells_of_a_server_without_subaddresses(place: Place) -> None:
    one = place.company(main="recipient_delimiter =\nlocal_recipient_maps =\n")
    done = maild("check", "--probe", "--wait", "20", "--site", str(one.site), check=False)
    assert done.returncode == 1
    assert b"it could not be delivered: " in done.stderr
    assert b"User unknown in virtual mailbox table" in done.stderr
    assert b"reply_address: none" in done.stderr


def test_a_mail_to_ourselves_goes_out_and_comes_back(place: Place) -> None:
    """By an address outside that sends on to us, as customers' mail comes; it becomes no ticket."""
    one = place.company(
        tables={"virtual": f"echo@elsewhere.example {SUPPORT}\n"},
        smtp='[heartbeat]\nto = "echo@elsewhere.example"\nevery_minutes = 1\n',
    )
    returned = "select count(*) from beat where returned_at is not null"
    wait_for(lambda: rows(one.site, returned) == [(1,)], "it comes back")
    fates = rows(one.site, "select fate, because from intake")
    assert fates == [("discarded", "a heartbeat: our own mail came back, as it should")]
    assert one.tickets() == []
