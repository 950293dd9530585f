"""Words are found in what people wrote, on both databases alike, whatever is typed."""

from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, MetaData, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from maild.message.model import Kind
from maild.store import agent_views, browse, engine, schema, search, tables, tickets
from maild.store.file import file
from maild.store.filing import Filing
from maild.store.search import Term
from maild.store.tables import MESSAGE, TICKET
from maild.store.write import Store
from maild.ticket.change import AddMessage, AddTag, Change, OpenTicket, SetStatus
from maild.ticket.facts import Want
from maild.ticket.model import Direction, Participant, Role, Status, Visibility
from maild.ticket.plan import Plan
from tests.conftest import NOON
from tests.servers.postgres import Cluster

CONVERSATIONS = {
    1: ("Broken lamp", "anna@customer.example", "Anna Bērziņa", "Lampa nedeg, rēķins Nr. 2026/117 ir samaksāts."),
    2: ("Invoice", "zane@shop.example", "Zane", "The lamp post is dark. Invoice 88123, please."),
    3: ("Вопрос", "ivan@customer.example", "Иван", "Лампа не горит, ЧТО делать?"),
    4: ("Überweisung", "jörg@müller.example", "Jörg", "Die Lampe ist dunkel; post_office C++ 50% off"),
}


def said(number: int, who: str, name: str, words: str) -> AddMessage:
    return AddMessage(
        Direction.IN, Visibility.PUBLIC, Kind.HUMAN, f"<q{number}@x.example>", who, name, words, words, None
    )


def plan_of(number: int) -> Plan:
    subject, address, name, words = CONVERSATIONS[number]
    opening = OpenTicket(1000 + number, "support", subject, Participant(address, name, Role.REQUESTER), "lv")
    return Plan(number, (opening, said(number, address, name, words)), actor=address)


def fill(store: Store) -> None:
    for number in CONVERSATIONS:
        store.write(partial(file, filing=Filing(plan_of(number), NOON, 1)))


@pytest.fixture
def filled(store: Store) -> Store:
    fill(store)
    return store


def test_as_many_tickets_as_an_admin_wants_are_looked_up(filled: Store) -> None:
    """PostgreSQL takes 65,535 values in a statement, SQLite 250,000; `maild list --count` takes more."""
    change(filled, 4, AddTag("lamp", "x"), AddTag("dark", "x"))
    numbers = [*range(5, 260_000), 4]
    with filled.reading() as connection:
        assert browse.message_counts(connection, numbers) == {4: 1}
        assert [one.tags for one in tickets.of_numbers(connection, numbers)] == [("dark", "lamp")]


def change(store: Store, number: int, *changes: Change) -> None:
    def work(connection: Connection) -> None:
        (ticket,) = tickets.of_rows(connection, [browse.ticket_row(connection, number)])
        file(connection, Filing(Plan(number, changes), NOON, 1, ticket=ticket))

    store.write(work)


def found(store: Store, typed: str, everything: bool = False) -> list[int]:
    return sorted(
        row.number for row in store.read(partial(browse.tickets, words=search.split(typed), everything=everything))
    )


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("lamp", [1, 2]),
        ("LAMP", [1, 2]),
        ("lamp*", [1, 2, 4]),
        ("lampa", [1]),
        ("rekins", [1]),
        ("RĒĶINS", [1]),
        ("berzina nedeg", [1]),
        ('"lamp post"', [2]),
        ('"post lamp"', []),
        ('"lamp po"*', [2]),
        ("lamp -post", [1]),
        ("-post", [1, 2, 3, 4]),
        ("лампа что", [3]),
        ("вопрос", [3]),
        ("uberweisung", [4]),
        ("jorg@muller.example", [4]),
        ("customer.example", [1, 3]),
        ("2026/117", [1]),
        ("88123", [2]),
        ("#88123", []),
        ("#2", [2]),
        ("2", [2]),
        ("C++", [4]),
        ("office", [4]),
        ("nothing", []),
        ("support", [1, 2, 3, 4]),
        ("support lamp", [1, 2]),
        ("customer:anna lampa", [1]),
        ("unassigned invoice", [2]),
        ("solved lamp", []),
        ('% _ * - "', [1, 2, 3, 4]),
    ],
)
def test_words_are_found(filled: Store, typed: str, numbers: list[int]) -> None:
    assert found(filled, typed) == numbers


def test_a_search_finds_what_is_closed_too_and_tags_by_their_name(filled: Store) -> None:
    change(filled, 2, SetStatus(Status.CLOSED, "test"), AddTag("urgent", "test"))
    assert found(filled, "invoice") == [2]
    assert found(filled, "open invoice") == []
    assert found(filled, "urgent", everything=True) == [2]
    assert found(filled, "urgent") == []


def test_the_index_follows_what_becomes_of_messages(filled: Store) -> None:
    filled.write(
        lambda c: c.execute(update(MESSAGE).where(MESSAGE.c.ticket == 1).values(new_text="[gone]", party_name=""))
    )
    assert found(filled, "nedeg") == found(filled, "berzina") == []
    assert found(filled, "gone lamp") == [1]
    filled.write(lambda c: c.execute(update(TICKET).where(TICKET.c.number == 1).values(subject="Torch")))
    assert found(filled, "lamp") == [2]
    assert found(filled, "torch gone") == [1]
    filled.write(lambda c: c.execute(delete(MESSAGE).where(MESSAGE.c.ticket == 2)))
    assert found(filled, "lamp") == []
    filled.write(lambda c: c.execute(update(MESSAGE).where(MESSAGE.c.ticket == 4).values(ticket=3)))
    assert found(filled, "dunkel") == [3]


def test_an_agent_searches_by_mail(filled: Store) -> None:
    for words, numbers in (('"lamp post"', (2,)), ("unassigned lamp*", (1, 2, 4)), ("mine lamp", ())):
        asks = partial(agent_views.answer, wants=[Want("list", words)], numbers=[], agent="janis")
        assert sorted(filled.read(asks).lists[words]) == list(numbers)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30) | st.text(alphabet="ab\"'*-:&|!()<>\\%_ #1", max_size=20))
def test_nothing_that_is_typed_is_an_error(filled: Store, typed: str) -> None:
    typed = typed.replace("\0", "")  # no mail and no terminal can hand one over
    found(filled, typed)


@given(st.text(max_size=60))
def test_terms_have_letters_or_digits_and_nothing_else(typed: str) -> None:
    for term in search.terms(search.split(typed)):
        assert term.tokens
        assert all(token.replace("_", "x").isalnum() for token in term.tokens)


def test_terms_are_read() -> None:
    words = search.split('lamp* -"dark lamp" "a b"* -x - ! C++')
    assert search.terms(words) == (
        Term(("lamp",), begins=True),
        Term(("dark", "lamp"), excluded=True),
        Term(("a", "b"), begins=True),
        Term(("x",), excluded=True),
        Term(("c",)),
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/maild.db"
    running: Cluster = request.getfixturevalue("cluster")
    return running.new_database()


@pytest.mark.parametrize("version", ["0001", "0002", "0003", "0004", "0005"])
def test_what_was_there_before_is_found_when_the_schema_is_a_newer_one(
    version: str, empty_database_url: str, tmp_path: Path
) -> None:
    """A database of an earlier schema, with mail in it, is brought to the newest one."""
    earlier = engine.open_engine(empty_database_url)
    schema.upgrade(earlier, version)
    fill_earlier(earlier, tmp_path)
    assert schema.current(earlier) == version
    told: list[float] = []
    before, saved = schema.migrate(earlier, empty_database_url, progress=lambda done, whole: told.append(done / whole))
    assert told == sorted(told)
    assert told[-1] == 1
    assert (before, schema.current(earlier)) == (version, schema.NEWEST)
    assert (saved is not None) == empty_database_url.startswith("sqlite")
    earlier.dispose()
    store = Store(empty_database_url)
    try:
        assert found(store, "lamp") == [1, 2]
        change(store, 1, said(9, "a@x.example", "", "a lantern"))
        assert found(store, "lantern") == [1]
        with pytest.raises(IntegrityError):
            store.write(lambda connection: connection.execute(update(TICKET).values(rating=6)))
    finally:
        store.close()


def fill_earlier(earlier: Engine, folder: Path) -> None:
    """Write the conversations as an earlier schema holds them: what it has of each row."""
    newest = Store(f"sqlite:///{folder}/newest.db")
    schema.make_ready(newest.engine, str(newest.engine.url))
    fill(newest)
    known = MetaData()
    known.reflect(earlier)
    with newest.reading() as rows, earlier.begin() as connection:
        for table in tables.SQLModel.metadata.sorted_tables:
            columns = [
                one for one in table.c if one.name in known.tables[table.name].c and one.autoincrement is not True
            ]
            for row in rows.execute(select(*columns).order_by(*table.primary_key)):
                connection.execute(insert(table).values(row._asdict()))
    newest.close()
