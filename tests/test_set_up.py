"""What makes the environment on a fresh machine, on machines that are not quite fresh."""

import os
import subprocess
from pathlib import Path

NEED_VENV = Path(__file__).parents[1] / "tools" / "need-venv"
PYTHON = """\
#!/bin/sh
case "$*" in
    *--clear*) for last; do :; done; rm -f "$last"/* ;;
    *) echo python3.11-venv ;;
esac
"""


def program(folder: Path, name: str, text: str = "#!/bin/sh\n") -> Path:
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_an_environment_behind_a_link_is_left_as_it_is(tmp_path: Path) -> None:
    """It may be that of other checkouts: it was emptied, and not made anew."""
    shared, link = tmp_path / "shared", tmp_path / ".venv"
    shared.mkdir()
    link.symlink_to(shared)
    (shared / "kept").touch()
    for name in ("apt-get", "id"):
        program(tmp_path, name, "#!/bin/sh\necho 0\n")
    python = program(tmp_path, "python", PYTHON)
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", NEED_VENV, python, link], env={"PATH": path}, capture_output=True, text=True, check=False
    )
    assert (shared / "kept").exists()
    assert done.returncode == 1
    assert str(link) in done.stderr
