"""`maild status`: the daemon's own word on how it is, with an exit status for who watches it without Prometheus."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from maild.cli import maild
from tests.running import SETTINGS, free_port, make_site, running, wait_for


def status(site: Path, *options: str) -> tuple[int, str]:
    done = CliRunner().invoke(maild, ["status", "--site", str(site), *options])
    return done.exit_code, done.output


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    more = SETTINGS.replace('listen = ""', f'listen = "127.0.0.1:{free_port()}"')
    return make_site(tmp_path / "site", free_port(), more=more)


def port_of(site: Path) -> int:
    text = (site / "maild.toml").read_text()
    return int(text.partition('listen = ["127.0.0.1:')[2].partition('"')[0])


def test_a_daemon_that_runs_and_is_well_then_one_that_is_not(watched: Path) -> None:
    with running(watched, port_of(watched)) as daemon:
        wait_for(lambda: status(watched) == (0, "Support: running, and all is well\n"), "the first word")
        assert json.loads(status(watched, "--json")[1]) == {"site": "Support", "well": True, "troubles": []}
        (watched / "rules" / "90-bad.yaml").write_text("queues: {support: {tagg: X}}\n")
        daemon.process.send_signal(1)
        wait_for(lambda: status(watched)[0] == 1, "that refused rules are told")
        assert "were refused" in status(watched)[1]
        (trouble,) = json.loads(status(watched, "--json")[1])["troubles"]
        assert "90-bad.yaml" in trouble


def test_none_that_runs_is_said_with_what_to_do(watched: Path) -> None:
    """Even where another site's daemon answers at that address."""
    code, said = status(watched)
    assert code == 1
    assert said.startswith("no daemon of this site is running here; start it: ")
    assert said.endswith(f"systemctl start maild, or maild serve --site {watched}\n")


def test_one_that_is_not_to_be_asked_is_no_riddle(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", port := free_port())
    with running(site, port):
        code, said = status(site)
        assert code == 1
        assert '[http] listen of maild.toml is ""' in said


def test_one_that_does_not_answer_is_said_with_its_place(watched: Path) -> None:
    path = watched / "maild.toml"
    asked = free_port()
    with running(watched, port_of(watched)):
        text = path.read_text()
        http = text.partition("[http]\n")[2].partition("\n")[0]
        path.write_text(text.replace(http, f'listen = "127.0.0.1:{asked}"'))  # edited, and not restarted
        code, said = status(watched)
        assert code == 1
        assert f"no daemon answers at 127.0.0.1:{asked} ([http] listen of maild.toml): [Errno 111]" in said
