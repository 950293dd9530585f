"""`maild demo` and `maild try`: what a newcomer sees first, in each of its languages."""

import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from maild.cli.demo import SCRIPTS
from tests.running import free_port, maild


@pytest.mark.parametrize(
    ("language", "promise"), [("en", "We aim to answer by Monday 23 November"), ("lv", "Centīsimies atbildēt pirmdien")]
)
def test_every_step_is_seen_and_what_happens_when_nobody_answers(language: str, promise: str) -> None:
    said = maild("demo", "--language", language).stdout.decode()
    assert SCRIPTS[language].answer.splitlines()[0] in said
    assert "All of this took" in said
    assert promise in said


def test_a_site_is_made_whatever_alphabet_the_terminal_has(tmp_path: Path) -> None:
    """The files of a site are UTF-8, not what the locale says (LANG=lv_LV.ISO-8859-13, or a bare C)."""
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    site = str(tmp_path / "site")
    for command in (["init", site, "--language", "lv", "--domain", "example.com"], ["check", "--site", site]):
        done = subprocess.run(
            [sys.executable, "-m", "maild", *command], env={**os.environ, **locale}, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr


class _Full(socketserver.StreamRequestHandler):
    """A server whose disk is full."""

    def handle(self) -> None:
        self.wfile.write(b"220 mx.example.com\r\n")
        for line in self.rfile:
            answer = {b"MAIL": b"452 4.3.1 no room on the disk", b"QUIT": b"221 2.0.0 bye"}.get(
                line[:4].upper(), b"250 ok"
            )
            self.wfile.write(answer + b"\r\n")


@pytest.fixture
def full() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Full) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_server_that_refuses_the_mail_is_not_said_to_be_away(tmp_path: Path, full: str) -> None:
    """Whoever began a second daemon then would look in the wrong place."""
    site = str(tmp_path / "site")
    maild("init", site)
    done = maild("try", "Hello", "--site", site, "--server", full, check=False)
    assert done.returncode == 1
    assert f"what listens on {full} does not take the mail: 452 4.3.1 no room on the disk" in done.stderr.decode()


def test_where_nothing_listens_it_is_said_how_that_is_mended(tmp_path: Path) -> None:
    site, nowhere = tmp_path / "site", f"127.0.0.1:{free_port()}"
    maild("init", str(site))
    done = maild("try", "Hello", "--site", str(site), "--server", nowhere, check=False)
    assert done.returncode == 1
    assert f"nothing listens on {nowhere}" in done.stderr.decode()
    assert f"maild serve --site {site}" in done.stderr.decode()
    settings = site / "maild.toml"
    settings.write_text(settings.read_text().replace('listen = ["127.0.0.1:2525"]', "listen = []"))
    done = maild("try", "Hello", "--site", str(site), check=False)
    assert done.returncode == 2
    assert "say where maild listens, as in --server 127.0.0.1:25" in done.stderr.decode()
