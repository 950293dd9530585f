"""`make bench`: one table of every target, what was measured, and against whom in the same run.

    python -m tests.bench [ROUNDS]

The first run installs the peers into .bench/.  A site of a million tickets takes some minutes and 6 GB of disk to fill.
"""

import sys
from collections.abc import Iterator

from tests.bench import delivery, growth, hours, imap, line, rules, smtp_accept, stages, table, upload_memory
from tests.bench.table import Row


def rows(rounds: int) -> Iterator[Row]:
    yield from line.rows(rounds=rounds)
    yield from smtp_accept.rows(rounds)
    yield from delivery.rows(rounds=rounds)
    yield from imap.rows(rounds=rounds)
    yield from upload_memory.rows(rounds)
    yield from hours.rows()
    yield from rules.rows()
    yield from stages.rows()
    yield from growth.rows(rounds=rounds)


if __name__ == "__main__":
    table.show(rows(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
