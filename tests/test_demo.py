"""`maild demo`: what a newcomer sees first, in each of its languages."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from maild.cli.demo import SCRIPTS
from tests.running import maild


@pytest.mark.parametrize(
    ("language", "promise"), [("en", "We aim to answer by Monday 23 November"), ("lv", "Centīsimies atbildēt pirmdien")]
)
def test_every_step_is_seen_and_what_happens_when_nobody_answers(language: str, promise: str) -> None:
    said = maild("demo", "--language", language).stdout.decode()
    assert SCRIPTS[language].answer.splitlines()[0] in said
    assert "Everything was seen" in said
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
