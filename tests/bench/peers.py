"""Peers, each in an environment of its own under .bench/, installed from PyPI when first needed."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BENCH = (ROOT / ".bench").resolve()
DRIVER = Path(__file__).with_name("roundup_driver.py")
HELPDESK_DRIVER = Path(__file__).with_name("helpdesk_driver.py")


class Absent(Exception):
    """The peer cannot be installed here; the row is left out, and says so."""


def environment(name: str, *packages: str) -> Path:
    """Return the folder of programs of an environment with some packages."""
    folder = BENCH / name
    if not (folder / ".ready").exists():
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True, capture_output=True)
            install = [str(folder / "bin" / "pip"), "install", "--quiet", *packages]
            subprocess.run(install, check=True, capture_output=True, text=True)
        except subprocess.CalledProcessError as failed:
            raise Absent(f"{name}: {str(failed.stderr).strip()[-200:]}") from failed
        (folder / ".ready").touch()
    return folder / "bin"


def roundup_tracker(folder: Path, users: int) -> Path:
    """Make a Roundup tracker (classic, SQLite) that knows some users and writes its mail to a file."""
    programs = environment("roundup", "roundup")
    shutil.rmtree(folder, ignore_errors=True)
    admin = [str(programs / "roundup-admin"), "-i", str(folder)]
    subprocess.run([*admin, "install", "classic", "sqlite"], check=True, capture_output=True)
    config = folder / "config.ini"
    text = config.read_text()
    for key, value in (
        ("web", "http://bench.example/"),
        ("domain", "bench.example"),
        ("debug", str(folder / "sent.mbox")),
        ("messages_to_author", "yes"),
    ):
        text = (
            re.sub(rf"(?m)^#?{key} = (NO DEFAULT|no|new|)\s*$", f"{key} = {value}", text, count=1)
            if key != "debug"
            else (_mail_debug(text, value))
        )
    config.write_text(text)
    subprocess.run([*admin, "initialise", "secret"], check=True, capture_output=True)
    subprocess.run([str(programs / "python"), str(DRIVER), str(folder), str(users)], check=True, capture_output=True)
    return folder


def roundup_seconds(tracker: Path, mbox: Path) -> float:
    """Return how long Roundup's gateway needs for an mbox; reading its configuration is not counted."""
    copy = mbox.with_suffix(".copy")
    shutil.copy(mbox, copy)
    python = BENCH / "roundup" / "bin" / "python"
    done = subprocess.run(
        [str(python), str(DRIVER), str(tracker), str(copy)], capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])


def helpdesk_seconds(folder: Path, mails: Path) -> float:
    """Return how long django-helpdesk needs for a folder of mails; starting Django is not counted."""
    folder.mkdir()
    driver = [str(environment("helpdesk", "django-helpdesk<3") / "python"), str(HELPDESK_DRIVER), str(folder)]
    subprocess.run(driver, check=True, capture_output=True)
    done = subprocess.run([*driver, str(mails)], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def _mail_debug(text: str, value: str) -> str:
    """Set the debug file of the section [mail]: what Roundup would send is written there."""
    head, mail, rest = text.partition("\n[mail]\n")
    return head + mail + re.sub(r"(?m)^#?debug =.*$", f"debug = {value}", rest, count=1)
