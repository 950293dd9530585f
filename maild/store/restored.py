"""Make a copy of the past fit for the present: what may have happened since is not done twice.

Between the backup and the restore the lost site went on: it gave ticket numbers to customers, row numbers
to reply addresses, and sent what the copy still calls queued.  So numbers go on beyond a gap, and what
waited to leave waits for a person's word.
"""

from datetime import datetime

from sqlalchemy import Connection, text, update

from maild.store.outbox import IS_UNSENT
from maild.store.tables import OUTBOX
from maild.ticket.change import instant

ROW_GAP = 1_000_000  # of mails received and sent: their numbers are in signed addresses
LEAST_GAP = 1000
HELD = "held: the site was restored from a copy of {taken}; this mail may have left since\n"
_HIGHEST = text("select seq from sqlite_sequence where name = :table")


def numbers_above(largest: int, busiest_day: int, taken_at: datetime, now: datetime) -> int:
    """Return the number after which tickets go on: every one up to it may have been mailed since the backup.

    Twice the busiest day of the last month, for each day since, and 1000 at least; rounded up to a thousand.
    """
    days = max((now - taken_at).days, 0) + 1
    gap = max(LEAST_GAP, 2 * busiest_day * days)
    return -(-(largest + gap) // 1000) * 1000


def settle(connection: Connection, numbers_above: int, taken_at: datetime) -> int:
    """Raise the numbers and hold what waits to leave, in a restored SQLite database; return how many are held."""
    said = HELD.format(taken=instant(taken_at))
    held = connection.execute(update(OUTBOX).where(IS_UNSENT).values(state="held", replies=OUTBOX.c.replies + said))
    raise_to(connection, "ticket", numbers_above)
    for table in ("intake", "outbox"):
        largest = connection.execute(_HIGHEST, {"table": table}).scalar()
        raise_to(connection, table, (largest or 0) + ROW_GAP)
    return held.rowcount


def raise_to(connection: Connection, table: str, number: int) -> None:
    """Let the rows of a table be numbered above a number; never lower than they are."""
    values = {"table": table, "number": number}
    if connection.execute(_HIGHEST, values).scalar() is None:
        connection.execute(text("insert into sqlite_sequence (name, seq) values (:table, 0)"), values)
    connection.execute(text("update sqlite_sequence set seq = max(seq, :number) where name = :table"), values)
