"""A file that is whole, whoever writes it beside us."""

import subprocess
import sys
from pathlib import Path

WRITER = """
import sys
from pathlib import Path
from maild import durable

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
