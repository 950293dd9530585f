"""What is known of a mailbox when it is opened: each time that a connection broke, too, however old the site is."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, select, text
from sqlalchemy.dialects import postgresql

from maild.message.model import Envelope
from maild.store import checkpoint, intake, schema
from maild.store.checkpoint import Folder
from maild.store.tables import INTAKE
from maild.store.write import Store
from tests.planned import plans

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
INBOX = Folder("support", "100%_\\INBOX")


def fill(connection: Connection) -> None:
    checkpoint.claim(connection, INBOX, "one", NOON, NOON)
    for uid in (1, 2, 30):
        _put(connection, checkpoint.source(INBOX, 7, uid), b"new %d" % uid)
    _put(connection, checkpoint.source(INBOX, 6, 1), b"before")
    _put(connection, checkpoint.source(Folder("support2", INBOX.name), 7, 4), b"another account's")
    _put(connection, checkpoint.source(Folder("support", "100x_\\INBOX"), 7, 5), b"another folder's")
    _put(connection, "smtp:0123", b"by another way")


def _put(connection: Connection, source: str, raw: bytes) -> None:
    intake.put(connection, Envelope(None, (), NOON, source, protocol="IMAP"), raw, sha256=raw.decode())


def test_a_folder_knows_its_own_mails_alone(store: Store) -> None:
    store.write(fill)
    shown = (1, 2, 3, 4, 5, 30, 31)
    assert store.read(lambda connection: checkpoint.kept(connection, INBOX, 7, shown)) == {1, 2, 30}
    assert store.read(lambda connection: checkpoint.other_hashes(connection, INBOX, 7)) == {"before"}
    assert [one.kept for one in store.read(checkpoint.ledger)] == [4]


def test_the_mails_of_a_folder_stand_beside_each_other(store: Store) -> None:
    """Where a language says the order, ":" counts for nothing, and PostgreSQL would look at every mail of the site."""
    if store.sqlite:
        return
    ask = text(
        "select collation_name from information_schema.columns where table_name = 'intake' and column_name = 'source'"
    )
    assert store.read(lambda connection: connection.execute(ask).scalar()) == "C"
    store.write(fill)
    with store.reading() as connection:
        connection.execute(text("set local enable_seqscan = off"))
        query = select(INTAKE.c.source).where(checkpoint._within(checkpoint._of_folder(INBOX)))
        steps = "\n".join(connection.execute(text(f"explain {_spelled(query)}")).scalars())
    assert "uq_intake_source" in steps
    assert "Index Cond" in steps


def _spelled(query: Select[Any]) -> str:
    return str(query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))


def test_a_folder_is_opened_without_a_look_at_every_mail_of_the_site(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/maild.db"
    store = Store(url)
    schema.make_ready(store.engine, url)
    store.write(fill)
    steps = plans(
        store,
        lambda connection: checkpoint.begin(connection, INBOX, 7),
        lambda connection: checkpoint.kept(connection, INBOX, 7, (1, 2, 3)),
        lambda connection: checkpoint.other_hashes(connection, INBOX, 7),
        checkpoint.ledger,
    )
    store.close()
    assert not [step for step in steps if step.startswith("SCAN") and "intake" in step], steps
