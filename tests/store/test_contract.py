"""What the store promises, on both databases."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from maild.message.model import Envelope, Kind, Letter
from maild.pipeline import first_within
from maild.store import browse, claims, histories, intake, ledger, outbox, pieces, schema, snapshot, tickets, vitals
from maild.store.file import file
from maild.store.filing import Addressed, Filing, Settled, Stale
from maild.store.intake import Received
from maild.store.snapshot import Keys
from maild.store.tables import CHUNK, HISTORY, INTAKE, MESSAGE, TICKET
from maild.store.write import Store
from maild.ticket.change import (
    AddMessage,
    AddPerson,
    AddTag,
    Assign,
    Muted,
    OpenTicket,
    SetField,
    SetStatus,
    StageReached,
)
from maild.ticket.facts import Load, Versions
from maild.ticket.model import Direction, Participant, Role, Status, Visibility
from maild.ticket.plan import Fate, Plan
from tests.conftest import NOON
from tests.planned import plans

ANNA = Participant("anna@customer.example", "Anna", Role.REQUESTER)
MAIL = b"From: anna@customer.example\r\nSubject: x\r\nMessage-ID: <q1@customer.example>\r\n\r\nHello\r\n"


def envelope(source: str) -> Envelope:
    return Envelope("anna@customer.example", ("support@example.com",), NOON, source, protocol="ESMTP")


def kept(store: Store, source: str, raw: bytes = MAIL) -> int:
    return store.write(partial(intake.put, envelope=envelope(source), raw=raw))


def opening(number: int, intake_id: int | None = None, message_id: str = "<q1@customer.example>") -> Plan:
    return Plan(
        number,
        (
            OpenTicket(1000 + number, "support", "Broken lamp", ANNA, "lv"),
            AddMessage(
                Direction.IN,
                Visibility.PUBLIC,
                Kind.HUMAN,
                message_id,
                ANNA.address,
                "Anna",
                "Hello",
                "Hello",
                intake_id,
            ),
        ),
        fate=Fate.FILED if intake_id else None,
        actor=ANNA.address,
    )


def opened(store: Store, number: int = 1) -> None:
    store.write(partial(file, filing=Filing(opening(number, message_id=f"<q{number}@customer.example>"), NOON, 1)))


def test_a_mail_is_kept_once_for_each_source(store: Store) -> None:
    assert kept(store, "smtp:1") == kept(store, "smtp:1") != kept(store, "smtp:2")
    assert store.read(intake.waiting) == 2


def test_who_looks_sees_one_instant(store: Store) -> None:
    """Else a ticket's row and its history could be of different ones."""
    with store.reading() as connection:
        assert intake.waiting(connection) == 0
        kept(store, "smtp:1")
        assert intake.waiting(connection) == 0
    assert store.read(intake.waiting) == 1


def test_a_large_mail_is_kept_in_pieces_and_comes_back_whole(store: Store) -> None:
    raw = MAIL + bytes(range(256)) * 12_000
    number = kept(store, "smtp:1", raw)
    assert store.read(partial(pieces.raw_of, number=number)) == raw
    assert store.read(lambda c: c.execute(select(func.count()).select_from(CHUNK)).scalar_one()) > 2


def test_pieces_of_a_mail_that_never_arrived_are_swept_and_others_are_not(store: Store) -> None:
    whole = kept(store, "smtp:1", MAIL + b"x" * 2_000_000)
    store.write(partial(pieces.put, transfer="lost", sequence=0, data=b"x", now=NOON))
    assert store.write(partial(pieces.sweep, now=NOON + timedelta(hours=7))) == 1
    assert store.read(partial(pieces.raw_of, number=whole)).startswith(MAIL)


def test_a_mail_whose_pieces_are_gone_is_not_taken(store: Store) -> None:
    """As where the clock is set while it arrives: its sender would be told that we have what nobody has."""
    piece = MAIL + b"x" * 1_000_000
    put = partial(intake.put, envelope=envelope("smtp:1"), raw=MAIL, transfer="t", size_bytes=2 * len(piece))
    for sequence, at in enumerate((NOON, NOON + timedelta(hours=7))):
        store.write(partial(pieces.put, transfer="t", sequence=sequence, data=piece, now=at))
    assert store.write(partial(pieces.sweep, now=NOON + timedelta(hours=7))) == 1
    with pytest.raises(pieces.Incomplete):
        store.write(put)
    assert store.read(intake.waiting) == 0
    store.write(partial(pieces.put, transfer="t", sequence=0, data=piece, now=NOON))
    number = store.write(put)
    assert store.read(partial(pieces.raw_of, number=number)) == 2 * piece


def test_mails_of_one_sender_are_filed_in_the_order_in_which_they_came(store: Store) -> None:
    """Only the oldest waiting mail of a lane can be claimed."""
    first, second = kept(store, "smtp:1"), kept(store, "smtp:2")
    other = kept(store, "smtp:3", MAIL.replace(b"anna@", b"zane@"))
    claim = partial(claims.take, lease="a", now=NOON, until=NOON + timedelta(minutes=5), count=10)
    assert [mail.id for mail in store.write(claim)] == [first, other]
    store.write(partial(intake.settle, number=first, fate=Fate.FILED, because="", ticket=None))
    assert second in [mail.id for mail in store.write(partial(claim, now=NOON + timedelta(minutes=6)))]


def test_who_writes_behind_a_flood_of_one_sender_is_claimed_beside_it(store: Store) -> None:
    """Of that sender's only the oldest may be; all of them were looked at for it, each time."""

    def flood(connection: Connection) -> None:
        for number in range(claims.LOOKED_AT + 1):
            intake.put(connection, Envelope("anna@customer.example", (), NOON, f"t:{number}"), MAIL)

    store.write(flood)
    steps = _steps(store)
    assert "SEARCH of_lane USING INDEX ix_intake_waiting (lane>?)" in steps or not store.sqlite, steps
    others = [kept(store, f"smtp:{one}", MAIL.replace(b"anna@", b"%s@" % one.encode())) for one in ("ivo", "zane")]
    claim = partial(claims.take, lease="a", now=NOON, until=NOON + timedelta(minutes=5), count=10)
    first, *rest = [mail.id for mail in store.write(claim)]
    assert first < min(others)
    assert rest == others
    store.write(partial(intake.put_off, number=others[0], until=NOON + timedelta(hours=1)))
    now = NOON + timedelta(minutes=6)
    assert [mail.id for mail in store.write(partial(claim, now=now, busy=(first,)))] == others[1:]


def _steps(store: Store) -> list[str]:
    """Return how SQLite means to go from one sender to the next; nothing of PostgreSQL, which is not told how."""
    if not store.sqlite:
        return []
    values = {"now": NOON, "there": NOON, "mine": "a", "most": 10}
    with store.reading() as connection:
        claims._FREE_OF_LANES["sqlite"](connection, values)
        made = claims._FREE_OF_LANES["sqlite"]._compiled["sqlite"]
        plan = connection.exec_driver_sql(f"explain query plan {made.text}", tuple(made.bind(values)))
        return [row[-1] for row in plan]


@pytest.mark.parametrize("off", [timedelta(hours=1), timedelta(hours=-1)])
def test_a_daemon_whose_clock_is_wrong_takes_nothing_that_another_has_in_hand(store: Store, off: timedelta) -> None:
    """Nor leaves what it has itself to others: a third of all mails left twice, acknowledgements too."""
    if store.sqlite:
        return
    letter = Letter("anna@customer.example", (("Message-ID", "<a@example.com>"),), "Thank you")
    kept(store, "smtp:1")
    letters = (Addressed(letter, "customer"),)
    store.write(partial(outbox.put, ticket=None, letters=letters, now=NOON - timedelta(hours=2)))
    minute = timedelta(minutes=1)
    for claim in (claims.take, outbox.claim):
        right = partial(claim, lease="a", now=NOON, until=NOON + minute, count=10)
        wrong = partial(claim, lease="b", now=NOON + off, until=NOON + minute, count=10, there=NOON)
        assert len(store.write(right)) == 1
        assert store.write(wrong) == []
        later = NOON + 2 * minute
        assert len(store.write(partial(wrong, now=later + off, there=later, until=later + minute))) == 1
        assert store.write(partial(right, now=later)) == []


def test_a_mail_that_fails_three_times_is_held_with_its_traceback(store: Store) -> None:
    number = kept(store, "smtp:1")
    fates = [store.write(partial(intake.failed, number=number, traceback="ZeroDivisionError", now=NOON)) for _ in "123"]
    assert fates == [Fate.WAITING, Fate.WAITING, Fate.HELD]
    assert store.read(partial(intake.get, number=number)).traceback == "ZeroDivisionError"
    assert store.write(partial(intake.retry, number=number))
    assert store.read(intake.waiting) == 1


def test_filing_writes_the_ticket_its_history_and_the_fate_together(store: Store) -> None:
    number = kept(store, "smtp:1")
    letter = Letter("anna@customer.example", (("Message-ID", "<a@example.com>"),), "Thank you")
    filing = Filing(opening(1, number), NOON, 1, letters=(Addressed(letter, "customer"),), intake_id=number)
    store.write(partial(file, filing=filing))
    assert store.read(partial(intake.get, number=number)).fate == "filed"
    found = store.read(partial(tickets.get, number=1))
    assert found is not None
    assert (found.status, found.version, found.requester.address) == (Status.NEW, 1, ANNA.address)
    assert [entry.sequence for entry in store.read(partial(histories.of, number=1))] == [1, 2]
    assert [row.recipient for row in store.read(partial(browse.outgoing, number=1))] == [ANNA.address]
    assert list(store.read(lambda c: list(ledger.faults(c)))) == []


@pytest.mark.parametrize(
    ("new", "whole", "kept_beside"),
    [("Hello", "Hello", ""), ("Hello", "Hello\n\n", ""), ("Hello", "Hello\n\n> Bye\n", "Hello\n\n> Bye\n")],
)
def test_a_text_is_kept_once_and_an_answer_may_quote_all_of_it(
    store: Store, new: str, whole: str, kept_beside: str
) -> None:
    plan = opening(1)
    message = replace(plan.changes[1], new_text=new, text=whole)
    store.write(partial(file, filing=Filing(replace(plan, changes=(plan.changes[0], message)), NOON, 1)))
    assert store.read(lambda c: c.execute(select(MESSAGE.c.new_text, MESSAGE.c.text)).one()) == (new, kept_beside)
    assert store.read(partial(snapshot.parent_text, number=1)).rstrip() == whole.rstrip()


def test_a_mail_is_dealt_with_once(store: Store) -> None:
    """Its fate is written in the plan's transaction: the second plan finds it settled, and changes nothing."""
    number = kept(store, "smtp:1")
    known = Versions(contact="anna@customer.example")  # as she was when both plans were made
    store.write(partial(file, filing=Filing(opening(1, number), NOON, 1, versions=known, intake_id=number)))
    with pytest.raises(Settled):
        store.write(partial(file, filing=Filing(opening(2, number), NOON, 1, versions=known, intake_id=number)))
    assert store.read(partial(tickets.get, number=2)) is None


def test_a_plan_made_from_an_older_ticket_is_stale(store: Store) -> None:
    opened(store)
    ticket = store.read(partial(tickets.get, number=1))
    store.write(partial(file, filing=Filing(Plan(1, (Assign("janis", "x"),)), NOON, 1, ticket)))
    with pytest.raises(Stale):
        store.write(partial(file, filing=Filing(Plan(1, (Assign("zane", "x"),)), NOON, 1, ticket)))
    assert store.read(partial(tickets.get, number=1)).assignee == "janis"


def test_a_plan_is_stale_when_a_mail_of_its_conversation_was_filed_meanwhile(store: Store) -> None:
    keys = Keys("<q2@customer.example>", ("<q1@customer.example>",), "", "anna@customer.example")
    seen = store.read(partial(snapshot.take, keys=keys, now=NOON))
    opened(store)
    with pytest.raises(Stale):
        store.write(partial(file, filing=Filing(opening(2), NOON, 1, versions=seen.versions)))


def test_the_end_of_a_long_chain_of_merges_is_found(store: Store) -> None:
    """As where a fault comes again each day, and each day's ticket is merged into the newest."""
    for number in range(1, 10):
        opened(store, number)
    into = update(TICKET).where(TICKET.c.number < 9).values(merged_into=TICKET.c.number + 1)
    store.write(lambda connection: connection.execute(into))
    found = store.read(partial(tickets.found, numbers=[1]))
    assert ([one.number for one in found.surviving], found.survivors[1], len(found.merged)) == ([9], 9, 8)
    last = store.read(partial(tickets.surviving, number=1))
    assert last is not None
    assert last.number == 9


def test_every_change_shows_in_the_ticket_that_is_read_back(store: Store) -> None:
    opened(store)
    ticket = store.read(partial(tickets.get, number=1))
    third = Participant("eve@elsewhere.example", "Eve", Role.THIRD_PARTY)
    changes = (
        AddTag("vip", "x"),
        AddPerson(third, "x"),
        Assign("janis", "x"),
        SetField("order", "12345", "x"),
        SetStatus(Status.SOLVED, "x"),
        Muted("anna@customer.example", NOON + timedelta(days=1), "x"),
    )
    after = store.write(partial(file, filing=Filing(Plan(1, changes), NOON, 1, ticket)))
    found = store.read(partial(tickets.get, number=1))
    assert found is not None
    assert (found.tags, found.others, found.assignee, found.status, found.solved_at) == (
        ("vip",),
        (third,),
        "janis",
        Status.SOLVED,
        NOON,
    )
    assert after is not None
    assert after.tags == found.tags
    assert found.fields == (("order", "12345"),)
    history = store.read(partial(histories.of, number=1))
    assert [entry.change for entry in history[2:]] == list(changes)


@pytest.mark.parametrize("column", ["subject", "merged_into", "assignee", "queue"])
def test_a_column_that_did_not_change_is_not_written(store: Store, column: str) -> None:
    """Its indexes would be written anew; for the subject, that of all words said in the ticket."""
    opened(store)
    ticket = store.read(partial(tickets.get, number=1))
    with store.engine.begin() as connection:
        for statement in GUARD[connection.dialect.name]:
            connection.execute(text(statement.format(column=column)))
    store.write(partial(file, filing=Filing(Plan(1, (SetStatus(Status.WAITING, "x"),)), NOON, 1, ticket)))
    with pytest.raises(DBAPIError, match="not that one"), store.engine.begin() as connection:
        connection.execute(text(f"update ticket set {column} = {column}"))


GUARD = {
    "sqlite": (
        "create trigger guard before update of {column} on ticket begin select raise(abort, 'not that one'); end",
    ),
    "postgresql": (
        "create function not_that_one() returns trigger language plpgsql as "
        "$$ begin raise exception 'not that one'; end $$",
        "create trigger guard before update of {column} on ticket for each row execute function not_that_one()",
    ),
}


def test_how_much_an_agent_has_is_his_open_tickets_and_the_last_that_was_his(store: Store) -> None:
    for number, agent, status in ((1, "janis", Status.OPEN), (2, "janis", Status.SOLVED), (3, "zane", Status.WAITING)):
        opened(store, number)
        ticket = store.read(partial(tickets.get, number=number))
        changes = (Assign(agent, "x"), SetStatus(status, "x"))
        store.write(partial(file, filing=Filing(Plan(number, changes), NOON, 1, ticket)))
    found = store.read(partial(snapshot.loads, agents=("janis", "zane", "olga")))
    assert found == {"janis": Load(1, 2), "zane": Load(1, 3), "olga": Load(0, 0)}


def test_a_stage_is_written_once_only(store: Store) -> None:
    opened(store)
    ticket = store.read(partial(tickets.get, number=1))
    reached = StageReached("first_reply", 1, "75%", 0, "told janis")
    store.write(partial(file, filing=Filing(Plan(1, (reached,)), NOON, 1, ticket)))
    again = store.read(partial(tickets.get, number=1))
    with pytest.raises(IntegrityError):
        store.write(partial(file, filing=Filing(Plan(1, (reached,)), NOON, 1, again)))


def test_whoever_refused_us_is_written_to_again_after_a_week(store: Store) -> None:
    opened(store)
    ticket = store.read(partial(tickets.get, number=1))
    muted = Muted(ANNA.address, NOON + timedelta(days=7), "its mailbox refused us")
    store.write(partial(file, filing=Filing(Plan(1, (muted,)), NOON, 1, ticket)))
    keys = Keys("<q2@customer.example>", (), "", ANNA.address)
    for days, is_muted in ((0, True), (6.9, True), (7, False), (70, False)):
        seen = store.read(partial(snapshot.take, keys=keys, now=NOON + timedelta(days=days)))
        assert seen.contact.muted is is_muted


def test_threading_finds_what_was_filed_and_what_was_mentioned(store: Store) -> None:
    filing = Filing(opening(1), NOON, 1, references=("<gone@customer.example>",), content_hash="h1")
    store.write(partial(file, filing=filing))
    keys = Keys("<q1@customer.example>", ("<gone@customer.example>",), "h1", "anna@customer.example")
    past = store.read(partial(snapshot.take, keys=keys, now=NOON)).past
    assert past.copies == (1,)
    assert [ref.filed for ref in past.refs["<gone@customer.example>"]] == [False]


def test_the_outbox_settles_each_outcome(store: Store) -> None:
    opened(store)
    letter = Letter("anna@customer.example", (("Message-ID", "<a@example.com>"),), "Thank you")
    ticket = store.read(partial(tickets.get, number=1))
    store.write(partial(file, filing=Filing(Plan(1), NOON, 1, ticket, (Addressed(letter, "customer"),))))
    claim = partial(outbox.claim, lease="a", now=NOON, until=NOON + timedelta(minutes=5), count=10)
    (due,) = store.write(claim)
    assert due.letter == letter
    later = NOON + timedelta(minutes=1)
    assert store.write(
        partial(outbox.settle, number=due.id, state="deferred", reply="450 busy", lease="a", now=NOON, due_at=later)
    )
    assert store.write(claim) == []
    (due,) = store.write(partial(claim, now=later))
    assert store.write(partial(outbox.settle, number=due.id, state="sent", reply="250 ok", lease="a", now=later))
    row = store.read(partial(outbox.get, number=due.id))
    assert (row.state, row.attempts, row.done_at) == ("sent", 2, later)
    assert row.replies.splitlines()[0].endswith("450 busy")
    assert not store.write(partial(outbox.retry, number=due.id, now=later)), "it would be sent twice"
    assert not store.write(partial(outbox.drop, number=due.id, now=later))


def test_what_had_failed_begins_anew_when_somebody_says_so(store: Store) -> None:
    """The next server may want to see it twice; else what was given up after days would be given up again at once."""
    letter = Letter("anna@customer.example", (("Message-ID", "<a@example.com>"),), "Thank you")
    store.write(partial(file, filing=Filing(Plan(None), NOON, 1, None, (Addressed(letter, "customer"),))))
    later = NOON + timedelta(days=9)
    claim = partial(outbox.claim, lease="a", now=later, until=later, count=10)
    store.write(claim)
    store.write(partial(outbox.settle, number=1, state="failed", reply="450 busy", lease="a", now=later))
    assert store.write(partial(outbox.retry, number=1, now=later))
    (due,) = store.write(claim)
    assert (due.created_at, due.queued_at, due.attempts) == (NOON, later, 0)
    assert store.write(partial(outbox.retry, number=1, now=later + timedelta(days=1))), "it waits: it is hurried"
    assert store.read(partial(outbox.get, number=1)).replies.splitlines() == [
        "2026-12-02T10:00:00Z 450 busy",
        "2026-12-02T10:00:00Z begun anew by hand",
    ]


def test_what_a_work_raises_undoes_it_and_nothing_else(store: Store) -> None:
    """On SQLite works share a transaction: the batch is rolled back and each runs again alone."""

    def good(connection: Connection, number: int) -> None:
        intake.put(connection, envelope(f"good:{number}"), MAIL)

    def bad(connection: Connection) -> None:
        intake.put(connection, envelope("bad"), MAIL)
        raise ValueError("no")

    futures = [store.submit(bad if n == 5 else partial(good, number=n)) for n in range(10)]
    failures = [type(future.exception()).__name__ for future in futures if future.exception()]
    assert failures == ["ValueError"]
    sources = store.read(lambda c: set(c.execute(select(INTAKE.c.source)).scalars()))
    assert sources == {f"good:{n}" for n in range(10) if n != 5}


def test_constraints_are_in_the_database(store: Store) -> None:
    opened(store)
    with pytest.raises(IntegrityError):
        store.write(lambda c: c.execute(TICKET.update().values(status="bogus")))
    with pytest.raises(IntegrityError):
        store.write(lambda c: c.execute(insert(HISTORY), {**_history(), "ticket": 99}))


@pytest.mark.filterwarnings("ignore:.*expression-based index")  # SQLite's are not read; PostgreSQL's are
def test_the_migrations_make_exactly_the_tables_of_the_code(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from maild.store import tables

    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"render_as_batch": True, "include_name": _is_ours})
        assert compare_metadata(context, tables.SQLModel.metadata) == []


def _is_ours(name: str | None, what: str, _parents: object) -> bool:
    """What is searched in is the database's own, made and kept by its triggers (tests/store/test_search.py)."""
    return not (what == "table" and str(name).startswith("message_words"))


HOT = {
    "refs": "select * from message_ref where message_id in ('a', 'b')",
    "contact": "select * from contact where address = 'a'",
    "recent": "select number from ticket where lower(requester_address) = 'a' order by updated_at desc limit 20",
    "handle": "select * from ticket where handle = 7",
    "texts": "select text from message where ticket = 1 order by id desc limit 3",
    "claim": (
        "select id from intake where fate = 'waiting' and not exists (select 1 from intake o where "
        "o.fate = 'waiting' and o.lane = intake.lane and o.id < intake.id) order by id limit 32"
    ),
    "due": "select id from outbox where state in ('queued', 'deferred', 'in_doubt') and due_at <= '2026' limit 64",
    "reported": "select * from outbox where message_id = 'a' limit 1",
    "history": "select max(sequence) from history where ticket = 1",
    "timer": "select * from timer where fire_at <= '2026' order by fire_at limit 100",
    "mails of tickets": "select id from intake where ticket in (1, 2)",
    "source": "select id from intake where source = 'a'",
    "pieces": "select data from chunk where intake = 1 order by sequence",
}


@pytest.mark.parametrize("name", HOT)
def test_no_statement_of_the_hot_path_scans_a_table(tmp_path: object, name: str) -> None:
    url = f"sqlite:///{tmp_path}/plans.db"
    one = Store(url)
    schema.make_ready(one.engine, url)
    with one.reading() as connection:
        steps = [row[-1] for row in connection.execute(text(f"explain query plan {HOT[name]}"))]
    one.close()
    assert not [step for step in steps if step.startswith("SCAN") and "USING" not in step], steps


def test_the_tickets_of_a_customer_are_read_from_an_index_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/plans.db"
    with closing(Store(url)) as one:
        schema.make_ready(one.engine, url)
        found = plans(one, lambda c: c.execute(snapshot._RECENT._statement, {"sender": ANNA.address}))
    assert found == ["SEARCH ticket USING COVERING INDEX ix_ticket_requester (<expr>=?)"]


def _history() -> dict[str, object]:
    return {
        "ticket": 1,
        "sequence": 9,
        "at": NOON,
        "actor": "x",
        "change": "Remark",
        "text": "x",
        "detail": "{}",
        "ruleset": 1,
    }


def test_a_batch_is_no_larger_than_its_limit_and_has_one_mail_at_least() -> None:
    mails = [Received(n, envelope(f"size:{n}"), b"", size, None, False) for n, size in enumerate((5, 5, 50, 1))]
    for limit, ids in ((100, [0, 1, 2, 3]), (60, [0, 1, 2]), (59, [0, 1]), (3, [0])):
        assert [mail.id for mail in first_within(limit, mails)] == ids
    assert first_within(3, []) == []


def test_a_clock_that_is_not_the_databases_is_noticed(store: Store) -> None:
    """Leases go by it: a daemon a minute ahead takes what another has in hand, and a mail leaves twice."""
    for off in (timedelta(minutes=-2), timedelta(0), timedelta(minutes=2)):
        seen = store.read(lambda c, off=off: vitals.ahead(c, datetime.now(UTC) + off))
        assert abs(seen - (timedelta(0) if store.sqlite else off)) < timedelta(seconds=10)
