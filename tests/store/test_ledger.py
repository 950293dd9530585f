"""What does not add up is named, whichever row is damaged."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from maild.store import copy, ledger
from maild.store.write import Store
from tests.planned import plans
from tests.store.test_transfer import live


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a site in which something of everything happened, and two tickets became one."""
    folder = tmp_path_factory.mktemp("ledger")
    live(folder / "site", f"sqlite:///{folder}/maild.db")
    return folder / "maild.db"


def faults(database: Path) -> list[str]:
    with closing(Store(f"sqlite:///{database}")) as store:
        return store.read(lambda connection: list(ledger.faults(connection)))


def test_nothing_is_wrong_with_what_is_sound(sound: Path) -> None:
    assert faults(sound) == []


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("delete from ticket where number = 2", "mail 2 is filed under a ticket that does not exist"),
        ("delete from ticket where number = 2", "what is kept of ticket 2 in history belongs to nothing: it is gone"),
        ("delete from history where ticket = 2 and sequence = 1", "the history of ticket #2 has a gap: "),
        ("delete from history where ticket = 2", "ticket #2 has no history"),
        ("delete from message where id = 1", "messages of ticket #1: 1 less than its history tells of"),
        ("update message set ticket = 2 where id = 1", "messages of ticket #1: 1 less than its history tells of"),
        ("update message set ticket = 2 where id = 1", "messages of ticket #2: 1 more than its history tells of"),
        ("delete from intake where id = 1", "what is kept of intake 1 in message belongs to nothing: it is gone"),
        ("delete from chunk where id = 1", "mail 2 has "),
        ("update intake set raw = null, fate = 'held' where id = 1", "mail 1 is held, and nothing of it is kept"),
        (
            "insert into held select 1, 1, 'janis', '', '', '', opened_at, opened_at, 'waiting', '', null "
            "from ticket where number = 1",
            "mail 1 is filed, and its agent's word on it is waited for",
        ),
    ],
)
def test_what_was_damaged_is_named(sound: Path, tmp_path: Path, damage: str, said: str) -> None:
    """As whoever opens the file may do, for whom SQLite holds no row to another."""
    database = tmp_path / "maild.db"
    copy.make(sound, database)
    with closing(sqlite3.connect(database)) as connection, connection:
        assert connection.execute(damage).rowcount
    assert [one for one in faults(database) if one.startswith(said)], faults(database)


def test_what_is_missing_is_looked_up_by_its_key(sound: Path) -> None:
    """Of a list of all, PostgreSQL looks through the whole for each row, where it is too long for its memory."""
    with closing(Store(f"sqlite:///{sound}")) as store:
        steps = plans(store, lambda connection: list(ledger.faults(connection)))
    assert not [step for step in steps if "LIST SUBQUERY" in step], steps
