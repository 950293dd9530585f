"""The units that come with maild, and the daemon's side of the conversation with systemd."""

import asyncio
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from maild import daemon, reception
from maild.deciding.workers import GRACE_SECONDS
from maild.opened import open_for_work
from maild.site import settings
from maild.site.errors import ConfigErrors
from maild.store.wakes import LISTENS_SECONDS, Ears
from maild.system import supervisor
from tests.attackers import World, answer
from tests.conftest import missing
from tests.running import free_port, mail, maild, make_site, rows, send, wait_for

UNITS = Path(__file__).parents[1] / "systemd"
NAMES = ("maild.service", "maild.socket", "maild-submission.socket", "maild-submissions.socket")


@pytest.fixture
def analyze() -> str:
    program = shutil.which("systemd-analyze")
    if program is None:
        missing("systemd is not installed: apt-get install systemd")
    assert program is not None
    return program


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units as installed, with a program that is there."""
    folder = tmp_path / "units"
    shutil.copytree(UNITS, folder)
    service = folder / "maild.service"
    service.write_text(service.read_text().replace("/opt/maild/bin/maild", shutil.which("true") or "/bin/true"))
    return folder


def test_the_units_are_clean(analyze: str, units: Path) -> None:
    files = [str(units / name) for name in NAMES]
    done = subprocess.run([analyze, "verify", "--man=no", *files], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if "maild" in line]
    assert done.returncode == 0, done.stderr
    assert not said, said


def test_the_service_is_locked_in(analyze: str, units: Path) -> None:
    """An exposure of 1.5 at most, of ten."""
    command = [analyze, "security", "--offline=true", "--threshold=15", "--no-pager", str(units / "maild.service")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


def test_the_unit_allows_all_that_the_daemon_does(analyze: str, tmp_path: Path) -> None:
    """A system call that it forbids fails on the day on which it is needed: no agent could log in."""
    with World.at_work(tmp_path, around=("tests.sandbox",)) as world:
        case = world.case()
        assert answer(case, "A new lamp leaves tomorrow.").startswith("filed")
        assert len(case.told) == 1
        world.daemon.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "reloaded" in world.daemon.log_text(), "a reload")
        assert "not permitted" not in world.daemon.log_text()


def test_what_is_in_hand_may_come_to_its_end_before_systemd_kills() -> None:
    (most,) = re.findall(r"^TimeoutStopSec=(\d+)$", (UNITS / "maild.service").read_text(), re.MULTILINE)
    spent = reception.STOP_SECONDS + daemon.FETCHER_SECONDS + LISTENS_SECONDS + daemon.END_SECONDS + GRACE_SECONDS
    assert spent + 15 < int(most)


def test_many_mailboxes_that_hang_hold_nothing_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each for its own five seconds would be more than systemd waits for us: it would kill what is being sent."""

    class Hanging:
        def stop(self) -> None: ...

        def join(self, seconds: float) -> None:
            time.sleep(seconds)

    monkeypatch.setattr(daemon, "FETCHER_SECONDS", 0.5)
    with open_for_work(make_site(tmp_path / "site", 2525)) as opened:
        one = daemon.Daemon(opened)
        one.fetchers = [Hanging()] * 12  # type: ignore[list-item]
        began = time.monotonic()
        asyncio.run(one._end([], [], Ears(opened.store, lambda _: None)))
        assert time.monotonic() - began < 3


class Told:
    """What a service tells its manager."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.path))
        self._socket.setblocking(False)
        self._said: list[str] = []

    def has(self, state: str) -> bool:
        try:
            while True:
                self._said += self._socket.recv(4096).decode().splitlines()
        except BlockingIOError:
            pass
        return state in self._said

    def number(self, name: str) -> int:
        return int(next(one.removeprefix(name) for one in self._said if one.startswith(name)))


def test_the_manager_is_told_each_step(tmp_path: Path) -> None:
    told, port = Told(tmp_path), free_port()
    site = make_site(tmp_path / "site", port)
    environment = {**os.environ, "NOTIFY_SOCKET": str(told.path)}
    command = [sys.executable, "-m", "maild", "serve", "--site", str(site)]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(command, env=environment, stderr=log) as process:
        try:
            wait_for(lambda: told.has("READY=1"), "READY")
            assert send(port, mail(1), "customer1@customer.example")
            wait_for(lambda: told.has("WATCHDOG=1"), "the watchdog is fed")
            before = time.monotonic_ns() // 1000
            process.send_signal(signal.SIGHUP)
            wait_for(lambda: told.has("RELOADING=1") and told.has("STATUS=rules reloaded"), "a reload")
            assert before <= told.number("MONOTONIC_USEC=") <= time.monotonic_ns() // 1000
            process.send_signal(signal.SIGTERM)
            wait_for(lambda: told.has("STOPPING=1"), "the end")
            assert process.wait(30) == 0
        finally:
            process.kill()


HANDS_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.executable, [sys.executable, "-m", "maild", "serve", "--site", sys.argv[2]])
"""


def test_sockets_that_systemd_opened_are_served(tmp_path: Path) -> None:
    """Port 25 without root: the socket comes as descriptor 3, named smtp (sd_listen_fds(3))."""
    site = make_site(tmp_path / "site", free_port())
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        environment = {**os.environ, "LISTEN_FDS": "1", "LISTEN_FDNAMES": "smtp"}
        command = [sys.executable, "-c", HANDS_OVER, str(listening.fileno()), str(site)]
        with (
            (tmp_path / "log").open("wb") as log,
            subprocess.Popen(command, env=environment, pass_fds=(listening.fileno(),), stderr=log) as process,
        ):
            try:
                wait_for(lambda: send(port, mail(1), "customer1@customer.example"), "250 on the handed socket")
                process.send_signal(signal.SIGTERM)
                assert process.wait(30) == 0
            finally:
                process.kill()
    assert rows(site, "select count(*) from intake") == [(1,)]


def test_init_tells_how_to_install_the_service() -> None:
    said = maild("init", "--systemd", "--domain", "kluss.example", "--language", "lv").stdout.decode()
    assert "maild init /etc/maild --var /var/lib/maild --domain kluss.example --language lv\n" in said
    assert "systemd-sysusers" in said
    assert "systemctl enable --now maild.socket maild.service" in said
    for name in NAMES[:2]:
        assert name in said


def test_the_service_starts_where_another_mail_server_has_port_25() -> None:
    """A socket that the service required, or was enabled with, could not be bound there, and neither would start."""
    said = (UNITS / "maild.service").read_text()
    assert not re.findall(r"^(?:Requires|BindsTo|Also)=.*\.socket", said, re.MULTILINE)
    assert re.findall(r"^After=.*maild\.socket", said, re.MULTILINE), "what it is handed is open before it starts"


def test_what_init_tells_to_install_is_there() -> None:
    """No index of packages has maild, or what it has is not ours: pip is sent to this checkout."""
    said = maild("init", "--systemd").stdout.decode()
    (pip,) = (line for line in said.splitlines() if "pip install" in line)
    lock, source = re.findall(r"'([^']+)'", pip)
    assert (Path(source.partition("[")[0]) / "pyproject.toml").is_file()
    assert Path(lock).is_file()
    (units,) = re.findall(r"^cd '(.+)'$", said, re.MULTILINE)
    for name in re.findall(r" (maild\S*\.(?:conf|service|socket))(?= )", said.partition("/etc/systemd/system/")[0]):
        assert (Path(units) / name).is_file()


def test_the_units_lead_to_a_page_that_is_installed() -> None:
    """What `Documentation=` names is what the wheel puts below /opt/maild."""
    (page,) = re.findall(r"^Documentation=file:///opt/maild/(.+)$", (UNITS / "maild.service").read_text(), re.MULTILINE)
    built = tomllib.loads((UNITS.parent / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert page in built["shared-data"].values()


def test_a_site_may_keep_its_state_elsewhere(tmp_path: Path) -> None:
    site, var = tmp_path / "etc", tmp_path / "lib"
    maild("init", str(site), "--var", str(var))
    before = sorted(path for path in site.rglob("*"))
    assert maild("check", "--site", str(site)).returncode == 0
    maild("once", "--site", str(site))
    assert (var / "maild.db").exists()
    assert sorted(path for path in site.rglob("*")) == before, "nothing is written beside the settings"


def test_one_setting_says_where_all_state_is(tmp_path: Path) -> None:
    """Who wrote `var` alone had his database beside the settings, where the service may not write."""
    site, var = tmp_path / "etc", tmp_path / "lib"
    maild("init", str(site), "--var", str(var))
    (site / "maild.toml").write_text(f'[site]\ndomain = "example.com"\nvar = "{var}"\n')
    found = settings.load(site)
    assert found.site.key_file == var / "site.key"
    assert found.database.url == f"sqlite:///{var}/maild.db"
    assert found.outgoing.maildir == var / "outgoing"


def test_what_is_placed_elsewhere_stays_there(tmp_path: Path) -> None:
    said = '[site]\ndomain = "example.com"\nvar = "state"\nkey_file = "secrets/key"\n[database]\nurl = "sqlite:///data/a.db"\n'
    (tmp_path / "maild.toml").write_text(said)
    found = settings.load(tmp_path)
    assert found.site.key_file == tmp_path / "secrets" / "key"
    assert found.database.url == f"sqlite:///{tmp_path}/data/a.db"
    assert found.outgoing.maildir == tmp_path / "state" / "outgoing"


def test_what_lies_in_the_usual_folder_is_not_left_behind(tmp_path: Path) -> None:
    """The site would begin anew, with an empty database and the old numbers."""
    text = f'[site]\ndomain = "example.com"\nvar = "{tmp_path / "lib"}"\n'
    (tmp_path / "maild.toml").write_text(text)
    (tmp_path / "var").mkdir()
    for name in ("maild.db", "site.key"):
        (tmp_path / "var" / name).touch()
    with pytest.raises(ConfigErrors, match=r"maild\.toml:3:1: site\.var: .*/var/site\.key is in use: move it to "):
        settings.load(tmp_path)
    (tmp_path / "maild.toml").write_text(text + 'key_file = "var/site.key"\n')
    with pytest.raises(ConfigErrors, match=r"/var/maild\.db is in use: .* write where it is: database\.url"):
        settings.load(tmp_path)
    (tmp_path / "lib").mkdir()
    (tmp_path / "var" / "maild.db").rename(tmp_path / "lib" / "maild.db")
    settings.load(tmp_path)


def test_that_systemd_cannot_be_told_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor that for a moment no file can be opened: systemd waits for the next word."""
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody listens"))
    supervisor.tell("WATCHDOG=1")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        supervisor.tell("WATCHDOG=1")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
