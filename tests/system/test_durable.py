"""A file that is whole, whoever writes it beside us."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from maild.system import durable

WRITER = """
import sys
from pathlib import Path
from maild.system import durable

for _ in range(300):
    durable.write(Path(sys.argv[1]), "whole")
"""


def test_several_processes_may_write_the_same_file_at_once(tmp_path: Path) -> None:
    """Daemons that share a folder all take new templates in the moment in which they hear of them."""
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "file")], stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [one.communicate(timeout=60)[1] for one in writers] == ["", "", ""]
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "whole"


def test_a_new_file_is_whole_and_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with durable.new(path) as file:
        file.write(b"whole")
    assert path.read_bytes() == b"whole"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError), durable.new(path):
        pass
    assert path.read_bytes() == b"whole"


def test_nothing_stays_beside_a_file_that_could_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may hold what is secret, and takes room on a disk that is full."""

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    durable.write(tmp_path / "file", "before")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            durable.write(tmp_path / "file", "after")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "before"


def test_half_a_file_does_not_stay(tmp_path: Path) -> None:
    """Else whoever tries again is told that it is there, and may take it for whole."""

    def filling_the_disk() -> None:
        with durable.new(tmp_path / "file") as file:
            file.write(b"ha")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"):
        filling_the_disk()
    assert list(tmp_path.iterdir()) == []
