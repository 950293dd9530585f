"""The whole story, with nothing but real programs: from the customer's first mail to the closed ticket.

The customer writes and reads with mutt, by Postfix and from the Maildir that it delivers to.  The agent
reads his mailbox in Dovecot and answers by maild's own listener, logged in, with mutt, neomutt and s-nail.
"""

from pathlib import Path

import pytest

from tests.inbound import certificate
from tests.running import free_port, maild
from tests.servers import dovecot, dovecot_conf
from tests.servers.company import AGENT, ANNA, PASSWORD, SUPPORT
from tests.servers.people import Account, Mutt, SNail
from tests.servers.place import Place

pytestmark = pytest.mark.xdist_group("postfix")


def test_a_conversation_from_the_first_mail_to_the_closed_ticket(place: Place, tmp_path: Path) -> None:
    cert, key = certificate.write(tmp_path)
    submission = free_port()
    one = place.company(
        smtp=f'submission = ["127.0.0.1:{submission}"]\ntls_cert = "{cert}"\ntls_key = "{key}"\n',
        agent_proof="strict",
        owner="dovecot",
    )
    maild("agent", "password", "you", "--stdin", "--site", str(one.site), stdin=f"{PASSWORD}\n".encode())
    box = place.dovecot(f"{one.postfix.folder}/mail/{dovecot_conf.user()}", cert, key)
    customer = Account("Anna", ANNA, f"{one.postfix.folder}/mail/{ANNA}", "127.0.0.1", one.postfix.port)
    mailbox = f"imap://{AGENT}@localhost:{box.port}/INBOX"
    agent = Account(
        "You", AGENT, mailbox, "localhost", submission, "you", PASSWORD, cert, imap_password=dovecot.PASSWORD
    )
    anna = Mutt(customer, tmp_path / "anna")

    anna.write(SUPPORT, "Lampa nedeg", "Labdien, lampa nedeg.")
    assert "[#T-1]" in one.next_mail(ANNA).subject  # of an unproved sender nothing is repeated
    assert "lampa nedeg" in one.next_mail(AGENT).text

    Mutt(agent, tmp_path / "mutt").answer("Vai lampai ir elektrība?")
    assert "Vai lampai ir elektrība?" in one.next_mail(ANNA).text
    assert_nothing_shows(one.postfix.mails(ANNA)[-1])

    anna.answer("Elektrība ir, gaismas nav.")
    assert "gaismas nav" in one.next_mail(AGENT).text
    Mutt(agent, tmp_path / "neomutt", "neomutt").answer("Tad nomainiet spuldzi.")
    assert "nomainiet spuldzi" in one.next_mail(ANNA).text
    assert_nothing_shows(one.postfix.mails(ANNA)[-1])

    anna.answer("Nomainīju, spīd!")
    assert "spīd" in one.next_mail(AGENT).text
    SNail(agent, tmp_path / "s-nail").answer("#close\nLai spīd ilgi!")
    assert "Lai spīd ilgi!" in one.next_mail(ANNA).text

    (ticket,) = one.tickets()
    assert (ticket["status"], ticket["assignee"], ticket["messages"]) == ("closed", "you", 6)
    assert one.outbox("deferred") == one.outbox("failed") == []
    assert one.postfix.queue() == ""
    assert "0 held + 0 waiting" in one.say("check", "--ledger")


def assert_nothing_shows(raw: bytes) -> None:
    """Nothing tells the customer who answered, with which program, or from where."""
    assert AGENT.encode() not in raw
    assert b"mutt" not in raw.lower()
    assert raw.count(b"\nReceived:") + raw.startswith(b"Received:") == 1  # Postfix's own
