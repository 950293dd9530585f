"""The command line run by root, and by somebody else, on a site whose state belongs to a user of its own."""

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import SETTINGS, free_port, make_site

NOBODY = pwd.getpwnam("nobody")


REPOSITORY = Path(__file__).parents[2]


def readable_by_all(path: str | Path) -> bool:
    found = Path(path).resolve()
    return all(one.stat().st_mode & 0o005 == 0o005 for one in (found, *found.parents))


@pytest.fixture
def python() -> str:
    """A Python that others may run, with what this one has."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    libraries = sysconfig.get_path("purelib")
    same = shutil.which(f"python3.{sys.version_info.minor}", path="/usr/bin:/usr/local/bin")
    program = sys.executable if readable_by_all(sys.executable) else same
    if program is None or not readable_by_all(REPOSITORY) or not readable_by_all(libraries):
        pytest.skip("this clone, or its Python, is readable by root alone")
    return program


@pytest.fixture
def site(python: str) -> Iterator[Path]:
    """Not below pytest's own folder, which is root's alone."""
    folder = Path(tempfile.mkdtemp(prefix="maild-owner-"))
    folder.chmod(0o755)
    yield make_site(folder / "site", free_port(), more=SETTINGS)
    shutil.rmtree(folder)


def run(python: str, *arguments: str, user: str = "root") -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(REPOSITORY), sysconfig.get_path("purelib")])
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [python, "-m", "maild", *arguments],
        capture_output=True, text=True, user=user, extra_groups=[], group=pwd.getpwnam(user).pw_gid,
        env=environment, cwd="/", check=False,
    )  # fmt: skip


def of_nobody(site: Path) -> None:
    for path in (site / "var", *(site / "var").iterdir()):
        os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid)


@pytest.mark.parametrize("verb", ["once", "list", "check"])
def test_root_works_as_the_owner_of_the_state(python: str, site: Path, verb: str) -> None:
    """Else the daemon could not write its own database any more."""
    of_nobody(site)
    done = run(python, verb, "--site", str(site))
    assert done.returncode == 0, done.stderr
    assert (site / "var" / "maild.db").exists()
    assert {path.stat().st_uid for path in (site / "var").rglob("*")} == {NOBODY.pw_uid}


@pytest.mark.parametrize("folder", ["templates", "templates/en", "rules"])
def test_a_folder_that_nobody_may_look_into_is_not_taken_for_an_empty_one(python: str, site: Path, folder: str) -> None:
    """Customers got the words that are shipped, or the admin was told to write a queue."""
    (site / "templates" / "en").mkdir(parents=True, exist_ok=True)
    of_nobody(site)
    (site / folder).chmod(0o700)
    done = run(python, "check", "--site", str(site), user="nobody")
    assert done.returncode == 1
    assert done.stderr.strip() == f"{site / folder}: cannot be read: Permission denied"


def test_another_user_is_told_the_command(python: str, site: Path) -> None:
    done = run(python, "list", "--site", str(site), "lamp post", user="nobody")
    assert done.returncode == 1
    assert f"belongs to root; run  sudo -u root {python} -m maild list --site {site} 'lamp post'" in done.stderr
    assert not (site / "var" / "maild.db").exists()


def test_the_owner_is_left_alone(python: str, site: Path) -> None:
    of_nobody(site)
    done = run(python, "once", "--site", str(site), user="nobody")
    assert done.returncode == 0, done.stderr
