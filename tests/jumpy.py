"""Run maild by a clock that jumps: a file says how many seconds it is off, and may be written at any time.

`MAILD_TEST_CLOCK=FILE python -m tests.jumpy verb …`
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import maild.opened

FILE = Path(os.environ["MAILD_TEST_CLOCK"])


def now() -> datetime:
    try:
        off = float(FILE.read_text() or 0)
    except (FileNotFoundError, ValueError):
        off = 0.0
    return datetime.now(UTC) + timedelta(seconds=off)


if __name__ == "__main__":
    maild.opened.now_utc = now  # before those who take it by its name are imported
    from maild.cli import main

    main()
