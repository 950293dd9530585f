"""How processes are begun."""

import subprocess
import sys

INTERRUPTED = """
import os, signal, time
from maild.system import forks
forks.load_beside()
time.sleep(0.3)
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.killpg(0, signal.SIGINT)
"""


def test_ctrl_c_while_clerks_load_prints_no_traceback() -> None:
    """It goes to all processes of a terminal."""
    command = [sys.executable, "-c", INTERRUPTED]
    ended = subprocess.run(command, capture_output=True, text=True, start_new_session=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")
