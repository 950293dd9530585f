"""People's own programs: swaks as a customer, mutt as the agent's mail client, against the real daemon."""

import subprocess
from pathlib import Path

import pytest

from maild.message import parse
from maild.message.model import Message
from tests.running import free_port, make_site, outgoing, running, wait_for
from tests.servers.people import Account, Mutt, needs


def newest(site: Path, recipient: str) -> Message | None:
    """Return the newest mail that left for somebody."""
    found = []
    for path in (site / "var" / "outgoing" / "new").glob("*"):
        raw = path.read_bytes()
        message = parse.parse(raw)
        if message.to and message.to[0].address == recipient:
            found.append((path.stat().st_mtime_ns, message, raw))
    return max(found, key=lambda one: one[0])[1] if found else None


def raw_of(site: Path, message: Message) -> bytes:
    return next(raw for raw in outgoing(site) if message.message_id.encode() in raw)


def deliver(maildir: Path, raw: bytes) -> None:
    for part in ("new", "cur", "tmp"):
        (maildir / part).mkdir(parents=True)
    (maildir / "new" / "1.example").write_bytes(raw.replace(b"\r\n", b"\n"))


@pytest.mark.xdist_group("clients")
def test_a_conversation_with_swaks_and_mutt(tmp_path: Path) -> None:
    needs("swaks")
    port = free_port()
    site = make_site(tmp_path / "site", port)
    with running(site, port):
        swaks = ["swaks", "--server", f"127.0.0.1:{port}", "--from", "anna@klients.example"]
        asked = subprocess.run(
            [
                *swaks,
                "--to",
                "support@example.com",
                "--header",
                "Subject: Lampa nedeg",
                "--body",
                "Labdien, lampa nedeg.",
                "--header",
                "Message-Id: <s1@klients.example>",
                "--pipeline",
                "--silent",
                "1",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert asked.returncode == 0, asked.stderr + asked.stdout
        wait_for(lambda: newest(site, "you@example.com"), "the agent's mail")
        notice = newest(site, "you@example.com")
        assert notice is not None
        you = Account("You", "you@example.com", str(tmp_path / "mailbox"), "127.0.0.1", port)
        deliver(tmp_path / "mailbox", raw_of(site, notice))
        Mutt(you, tmp_path / "mutt").answer("Vai lampai ir elektriba?")
        wait_for(lambda: "elektriba" in getattr(newest(site, "anna@klients.example"), "text", ""), "the answer")
        answer = newest(site, "anna@klients.example")
        assert answer is not None
        assert "you@example.com" not in raw_of(site, answer).decode()
        assert "Mutt" not in raw_of(site, answer).decode()
        assert answer.reply_to[0].address.startswith("support+")
        stranger = subprocess.run(
            [*swaks, "--to", "somebody@example.com", "--quit-after", "RCPT"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "550 5.1.1" in stranger.stdout
        relay = subprocess.run(
            [*swaks, "--to", "x@elsewhere.example", "--quit-after", "RCPT"], capture_output=True, text=True, check=False
        )
        assert "550 5.7.1" in relay.stdout
