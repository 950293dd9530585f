"""What a search costs in a site of a million messages, on both databases.

    python -m tests.bench.search [MESSAGES]

Messages of 60 words, as rare and as common as words of a language are (the n-th word one n-th as often as the first),
five in a ticket.  Each search is asked nine times.
"""

import itertools
import random
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from timeit import Timer

from sqlalchemy import Connection, insert, text

from maild.store import browse, schema, search
from maild.store.tables import MESSAGE, TICKET
from maild.store.write import Store
from tests.bench.table import Row, alone, left_out, show, tell
from tests.servers.postgres import Cluster, Missing

VOCABULARY = 50_000
WORDS = 60  # of a message
IN_A_TICKET = 5
BATCH = 1_000  # tickets
BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
SEARCHES = {
    "a word of every second mail": "w1",
    "a word of one mail in a thousand": "w4000",
    "a rare word": "w49000",
    "two common words": "w1 w2",
    "words in a row": '"w1 w2"',
    "a beginning": "w4900*",
    "common words, open tickets of one queue": "open billing w1",
    "nothing": "nowhere",
}


def rows(count: int = 1_000_000) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        yield from measured("SQLite", f"sqlite:///{folder}/maild.db", count)
    try:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            with Cluster.started(Path(folder)) as cluster:
                yield from measured("PostgreSQL", cluster.new_database(), count)
    except Missing as why:
        yield left_out("searches on PostgreSQL", why)


def measured(name: str, url: str, count: int) -> Iterator[Row]:
    store = Store(url, durable=False)
    schema.make_ready(store.engine, url)
    for start in range(0, count // IN_A_TICKET, BATCH):
        store.write(partial(fill, numbers=range(start + 1, min(start + BATCH, count // IN_A_TICKET) + 1)))
        tell(f"{name}: {start * IN_A_TICKET:,} messages")
    if not store.sqlite:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("vacuum analyze"))
    for what, typed in SEARCHES.items():
        look_up = Timer(lambda typed=typed: store.read(partial(browse.tickets, words=search.split(typed))))  # type: ignore[misc]
        times = [1000 * seconds for seconds in look_up.repeat(9, 1)]
        yield alone(f"a search in {count:,} messages, {name}: {what}", "≤ 100 ms", times, " ms")
    store.close()


def fill(connection: Connection, numbers: range) -> None:
    connection.execute(insert(TICKET), [ticket(number) for number in numbers])
    connection.execute(insert(MESSAGE), [one for number in numbers for one in messages(number)])


def ticket(number: int) -> dict[str, object]:
    at = BEGAN + timedelta(minutes=number)
    return {
        "number": number,
        "handle": number,
        "version": 1,
        "queue": "billing" if number % 10 == 0 else "support",
        "status": "open" if number % 100 == 0 else "closed",
        "priority": "normal",
        "subject": f"Question {number}",
        "base_subject": f"Question {number}",
        "requester_address": f"u{number}@bench.example",
        "requester_name": "",
        "language": "en",
        "opened_at": at,
        "updated_at": at,
    }


def messages(number: int) -> Iterator[dict[str, object]]:
    for n in range(IN_A_TICKET):
        words = " ".join(f"w{one}" for one in CHANCE.choices(range(1, VOCABULARY + 1), cum_weights=WEIGHTS, k=WORDS))
        yield {
            "ticket": number,
            "direction": "in",
            "visibility": "public",
            "kind": "human",
            "message_id": f"<{number}.{n}@bench.example>",
            "party": f"u{number}@bench.example",
            "party_name": "",
            "at": BEGAN + timedelta(minutes=number),
            "new_text": words,
            "text": "",
        }


CHANCE = random.Random(1)
WEIGHTS = list(itertools.accumulate(1 / n for n in range(1, VOCABULARY + 1)))

if __name__ == "__main__":
    show(rows(*map(int, sys.argv[1:2])))
