"""What people may write and a database does not take as it is: it keeps no mail from being filed, and no other one."""

import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import DBAPIError

from maild.agents.syntax import CommandError
from maild.store import intake
from maild.store.tables import TAG
from maild.store.write import Store, is_outage
from tests.conftest import NOON
from tests.stories.play import Player, playing

HEAD = "From: anna@customer.example\r\nTo: support@example.com\r\nSubject: Lamp\r\n"
RARE, SYLLABLES = (0x20000, 0x2A6D0), (0xAC00, 0xD7A4)


@pytest.fixture
def player(tmp_path: Path, database_url: str) -> Iterator[Player]:
    with playing(tmp_path / "site", database_url, NOON) as one:
        yield one


def letters(count: int, of: tuple[int, int] = RARE) -> str:
    """Letters of three or four octets, that no database can make shorter."""
    chance = random.Random(f"{count} {of}")
    return "".join(chr(chance.randrange(*of)) for _ in range(count))


def words(count: int) -> str:
    """As many words of two syllables as a long text in Korean has, in lines."""
    syllables = letters(2 * count, SYLLABLES)
    lines = (syllables[start : start + 20] for start in range(0, 2 * count, 20))
    return "\r\n".join(" ".join(line[at : at + 2] for at in range(0, len(line), 2)) for line in lines)


@pytest.mark.parametrize(
    "mail",
    [
        f"{HEAD}Message-ID: <{letters(980)}@x.example>\r\n\r\nHello\r\n",
        f"{HEAD}Message-ID: <1@x.example>\r\nReferences: <{letters(980)}@x.example>\r\n\r\nHello\r\n",
        f"{HEAD}Message-ID: <1@x.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words(70_000)}\r\n",
    ],
    ids=["a long id", "a long reference", "many words"],
)
def test_no_mail_is_too_much(player: Player, mail: str) -> None:
    """PostgreSQL indexes 2704 octets of a value and a million of a text's words; it stopped all filing for one mail."""
    number = player.receive(mail.encode(), "anna@customer.example", ("support@example.com",), "test:1")
    player.work()
    row = player.opened.store.read(partial(intake.get, number=number))
    assert (row.fate, row.ticket) == ("filed", 1)


def test_a_number_that_no_ticket_has_is_none_whatever_it_is(player: Player) -> None:
    """A telephone number, perhaps."""
    player.receive(f"{HEAD}\r\nHello\r\n".encode(), "anna@customer.example", ("support@example.com",), "test:1")
    player.work()
    with pytest.raises(CommandError, match="37126123456"):
        player._clock_line("do 1 #merge 37126123456")


def _index(connection: Connection) -> None:
    connection.execute(text("alter table tag drop constraint fk_tag_ticket"))
    connection.execute(insert(TAG), {"ticket": 1, "tag": letters(3000)})


def _pattern(connection: Connection) -> None:
    connection.execute(text("select 1 where 'a' like :pattern"), {"pattern": "%a" * 30_000})


def test_what_is_too_much_for_a_database_is_no_outage(store: Store) -> None:
    """An outage is waited for, and this would not end."""
    work: Callable[[Connection], None] = _pattern if store.sqlite else _index
    with pytest.raises(DBAPIError) as refused:
        store.write(work)
    assert not is_outage(refused.value)
    assert store.trouble == ""
