"""Where tickets' numbers begin; on PostgreSQL the database gives them, for any number of daemons."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from maild.store.numbers import Numbers
from maild.store.write import Store


@pytest.mark.parametrize("first", [1, 2, 48_213])
def test_numbers_begin_where_they_are_to(store: Store, first: int) -> None:
    numbers = Numbers(store, first)
    assert [numbers.next(), numbers.next()] == [first, first + 1]


def test_numbers_never_go_back(store: Store) -> None:
    given = Numbers(store, 500).next()
    if not store.sqlite:  # SQLite's follow from the tickets that are
        assert Numbers(store, 100).next() == given + 1
    assert Numbers(store, 1000).next() == 1000


def test_daemons_that_begin_at_once_give_each_number_once(store: Store) -> None:
    if store.sqlite:  # one daemon alone has a site
        return
    with ThreadPoolExecutor(8) as many:
        given = list(many.map(lambda _: Numbers(store, 700).next(), range(40)))
    assert sorted(given) == list(range(700, 740))


def test_a_command_may_draw_the_first_number_while_it_is_carried_out(store: Store) -> None:
    """`maild do '#split'` draws within the writer's thread, which cannot wait for itself."""
    assert store.submit(lambda _: Numbers(store, 300).next()).result(10) == 300
