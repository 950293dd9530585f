"""People's own programs: swaks as a customer, mutt as the agent's mail client, against the real daemon."""

import shutil
import subprocess
from pathlib import Path

import pytest

from maild.message import parse
from maild.message.model import Message
from tests.conftest import missing
from tests.running import free_port, make_site, running, wait_for

MUTTRC = """
set realname="You"
set from="you@example.com"
set use_from=yes
set use_envelope_from=yes
set smtp_url="smtp://127.0.0.1:{port}/"
set ssl_starttls=no
set ssl_force_tls=no
set editor="sed -i '1iVai lampai ir elektriba?'"
set include=yes
set fast_reply=yes
set abort_unmodified=no
set abort_nosubject=no
set reply_to=yes
set copy=no
set quit=yes
set mbox_type=mbox
set send_charset="utf-8"
set charset="utf-8"
"""


def needs(program: str) -> None:
    if shutil.which(program) is None:
        missing(f"{program} is not installed: apt-get install {program}")


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
    raws = [path.read_bytes() for path in (site / "var" / "outgoing" / "new").glob("*")]
    return next(raw for raw in raws if message.message_id.encode() in raw)


@pytest.mark.xdist_group("clients")
def test_a_conversation_with_swaks_and_mutt(tmp_path: Path) -> None:
    needs("swaks")
    needs("mutt")
    needs("script")
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
        _reply_with_mutt(tmp_path, port, raw_of(site, notice))
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


def _reply_with_mutt(folder: Path, port: int, raw: bytes) -> None:
    """Open the mail, hit r, write above the quoted text, send, quit."""
    (folder / "Mail").mkdir()
    box, rc = folder / "box.mbox", folder / "muttrc"
    box.write_bytes(b"From x@example.com Mon Nov 23 10:00:00 2026\n" + raw.replace(b"\r\n", b"\n") + b"\n\n")
    rc.write_text(MUTTRC.format(port=port))
    keys = "(sleep 2; printf r; sleep 2; printf y; sleep 3; printf q; sleep 1; printf n; sleep 1; printf q)"
    subprocess.run(
        ["sh", "-c", f"{keys} | script -qec 'TERM=xterm timeout --foreground 25 mutt -F {rc} -f {box}' /dev/null"],
        capture_output=True,
        timeout=60,
        check=False,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin:/usr/sbin", "LANG": "C.UTF-8"},
    )
