"""Time is replayable, and each stage fires once, whoever looks and whatever dies."""

import asyncio
import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, update

from maild import retiming, setaside
from maild.agents import morning
from maild.chores import reports
from maild.clock import Clock
from maild.deciding.filing import retime
from maild.opened import open_for_work
from maild.spending import Spending
from maild.store import histories, intake, outbox, pieces, tickets, timers
from maild.store.tables import CHUNK, CONTACT, HISTORY, OUTBOX, SPENT_TOKEN, TIMER
from maild.system.timepiece import Timepiece
from maild.ticket import escalate
from maild.ticket.budget import Limit, Limits
from maild.ticket.desk import Agent
from maild.ticket.escalate import Moment
from maild.ticket.plan import Plan
from tests.stories.play import Player, make_site, playing

FRIDAY = datetime.fromisoformat("2026-11-13T14:40:00+00:00")
MONDAY = datetime.fromisoformat("2026-11-16T14:10:00+00:00")
WIDE = Limits(*((Limit(1_000_000, timedelta(hours=1)),),) * 5)


@pytest.fixture
def player(tmp_path: Path, database_url: str) -> Iterator[Player]:
    with playing(tmp_path / "site", database_url, FRIDAY) as one:
        yield one


def open_tickets(player: Player, count: int) -> None:
    for number in range(count):
        sender = f"c{number}@x{number}.example"
        raw = f"From: {sender}\r\nSubject: Q{number}\r\nMessage-ID: <q{number}@x.example>\r\n\r\nHello\r\n"
        player.receive(raw.encode(), sender, ("support@example.com",), f"t:{number}")
    player.work()


def test_time_is_replayable(player: Player) -> None:
    """Timers deleted and made anew from the history are the same rows."""
    open_tickets(player, 3)
    player.now = MONDAY
    player.work()
    store, office = player.opened.store, player.opened.office
    kept = store.read(timers.rows)
    assert kept
    store.write(lambda c: c.execute(TIMER.delete()))
    for number in store.read(tickets.numbers):
        ticket = store.read(partial(tickets.get, number=number))
        history = store.read(partial(histories.of, number=number))
        assert ticket is not None
        anew = retime(office)(ticket, history, player.now)
        store.write(partial(timers.replace, number=number, timers=anew))
    assert store.read(timers.rows) == kept


def test_what_still_arrives_when_the_clock_is_set_is_not_swept(player: Player) -> None:
    """A machine may begin in a wrong year, and learn of the right one while a large mail is on its way."""
    opened = player.opened
    spending, timepiece = Spending(opened.store, WIDE, FRIDAY), Timepiece(lambda: 0.0)
    clock = Clock(opened.store, lambda: opened.office, spending, timepiece)
    opened.store.write(partial(pieces.put, transfer="t", sequence=0, data=b"x", now=FRIDAY))
    count = select(func.count()).select_from(CHUNK)
    for now in (FRIDAY, FRIDAY + timedelta(days=400)):
        asyncio.run(clock.round(lambda now=now: now))  # type: ignore[misc]
        assert opened.store.read(lambda c: c.execute(count).scalar_one()) == 1


@pytest.mark.parametrize(("hours", "told"), [(1 / 2, 0), (3, 1), (-3, 0)])
def test_of_a_clock_that_leaps_the_operator_is_told_with_both_times(player: Player, hours: float, told: int) -> None:
    """What falls due in hours that did not pass is late at once, and nobody would know why."""
    opened = player.opened
    timepiece = Timepiece(lambda: 0.0)
    clock = Clock(opened.store, lambda: opened.office, Spending(opened.store, WIDE, FRIDAY), timepiece)
    for now in (FRIDAY, FRIDAY + timedelta(hours=hours), FRIDAY + timedelta(hours=hours)):
        asyncio.run(clock.round(lambda now=now: now))  # type: ignore[misc]
    rows = opened.store.read(lambda c: c.execute(select(OUTBOX)).all())
    texts = [due.letter.text for due in map(outbox.due, rows) if due.letter.template == "alarm"]
    assert len(texts) == told
    assert all("from 2026-11-13 14:40 to 2026-11-13 17:40 UTC" in text for text in texts)


@pytest.mark.parametrize("known", [True, False])
def test_a_clock_that_is_behind_clears_no_leases_of_others(player: Player, known: bool) -> None:
    """Nor calls at once what they put off; where there is no other clock, it is believed."""
    opened, behind = player.opened, timedelta(days=2)
    number = player.receive(b"From: a@x.example\r\n\r\nHello\r\n", "a@x.example", ("support@example.com",), "t:1")
    opened.store.write(partial(intake.put_off, number=number, until=FRIDAY + timedelta(minutes=5)))
    spending, ahead = Spending(opened.store, WIDE, FRIDAY), -behind if known else timedelta(0)
    clock = Clock(opened.store, lambda: opened.office, spending, ahead=lambda _connection, _now: ahead)
    asyncio.run(clock.round(lambda: FRIDAY - behind))
    assert (opened.store.read(intake.next_retry) is not None) is known


def test_that_we_are_late_names_the_subject_to_whom_it_is_known_to_be_his(player: Player) -> None:
    """By its contact, as any mail of the customer's that something proved has left it."""
    open_tickets(player, 2)
    proved = update(CONTACT).where(CONTACT.c.address == "c0@x0.example").values(authenticated_at=FRIDAY)
    player.opened.store.write(lambda connection: connection.execute(proved))
    player.now = MONDAY
    player.work()
    late = [player.newest(f"c{number}@x{number}.example", "late") for number in (0, 1)]
    assert ["Q" in one.header("Subject") for one in late] == [True, False], [one.header("Subject") for one in late]


def test_what_is_due_at_once_makes_one_mail_for_each_who_is_told(player: Player) -> None:
    """After an outage over the weekend the highest stage alone is told; the others are on record."""
    open_tickets(player, 1)
    player.now = datetime.fromisoformat("2026-11-18T12:00:00+00:00")
    player.work()
    texts = [entry.text for entry in player.opened.store.read(partial(histories.of, number=1))]
    stages = [text for text in texts if text.startswith("stage first_reply")]
    assert len([text for text in stages if "passed over" in text]) == len(stages) - 1
    assert len([text for text in stages if "told" in text]) == 1


def test_other_hours_move_what_is_due_and_change_nothing_that_has_passed(player: Player) -> None:
    """A day that is declared closed moves the due time of open tickets by that day, when the rules are reloaded."""
    open_tickets(player, 1)

    def due() -> datetime:
        rows = player.opened.store.read(timers.rows)
        return next(row[5] for row in rows if row[3] == "100%")  # type: ignore[return-value]

    before = due()
    desk = player.folder / "rules" / "desk.yaml"
    desk.write_text(
        desk.read_text().replace(
            "    holidays: LV\n", '    holidays: LV\n    dates: {2026-11-16: {closed: "00:00-24:00"}}\n'
        )
    )
    player.now = FRIDAY + timedelta(hours=1)
    player.daemon.rulebook.opened = player.daemon.opened.reloaded(player.now)
    player.work()
    assert due() - before == timedelta(days=1)
    calendar = player.daemon.opened.office.desk.calendars["office"]
    assert calendar.between(int(FRIDAY.timestamp()) - 3600, int(FRIDAY.timestamp())) == 3600


def test_a_step_that_is_added_to_a_ladder_at_its_end_comes_for_the_tickets_that_are_there(player: Player) -> None:
    """Nothing was due by them any more; who adds it thinks of the very tickets that are late."""
    open_tickets(player, 1)
    for _ in range(3):
        player.now += timedelta(days=3)
        player.work()
    assert player.opened.store.read(timers.rows) == set()
    desk = player.folder / "rules" / "desk.yaml"
    last = "tell: lead, repeat: 8wh, at_most: 2}\n"
    desk.write_text(desk.read_text().replace(last, f'{last}    - {{at: "1000%", tell: lead}}\n'))
    player.daemon.rulebook.opened = player.daemon.opened.reloaded(player.now)
    player.work()
    assert [row[3] for row in player.opened.store.read(timers.rows)] == ["1000%"]


def close_monday(player: Player) -> None:
    desk = player.folder / "rules" / "desk.yaml"
    closed = '    holidays: LV\n    dates: {2026-11-16: {closed: "00:00-24:00"}}\n'
    desk.write_text(desk.read_text().replace("    holidays: LV\n", closed))
    player.daemon.rulebook.opened = player.daemon.opened.reloaded(player.now)


def test_who_ends_before_all_due_times_are_made_anew_leaves_them_to_the_next(player: Player) -> None:
    """Rules are accepted first: whoever begins after a kill -9, or after a restart that took too long, finds no new."""
    open_tickets(player, 2)
    before = player.opened.store.read(timers.rows)
    close_monday(player)
    player.close()
    again = Player.at(player.folder, player.now)
    try:
        assert not again.opened.office.rules_changed
        again.work()
        made = again.opened.store.read(timers.rows)
        assert made != before
        retiming.rebuild(again.opened.store, again.opened.office, (1, 2), again.now)
        assert again.opened.store.read(timers.rows) == made
    finally:
        again.close()


def test_a_ticket_whose_due_times_cannot_be_made_anew_hinders_no_other(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_tickets(player, 3)
    before = player.opened.store.read(timers.rows)
    history = histories.of

    def fails_on_2(connection: Connection, number: int) -> Any:
        if number == 2:
            raise KeyError("a bug")
        return history(connection, number)

    monkeypatch.setattr(histories, "of", fails_on_2)
    close_monday(player)
    player.work()
    assert {row[0] for row in player.opened.store.read(timers.rows) - before} == {1, 3}
    assert player.daemon.clock.failing == {"due times": "RuntimeError: ticket 2: KeyError: 'a bug'"}
    monkeypatch.undo()
    player.now += timedelta(minutes=15)
    player.work()
    assert {row[0] for row in player.opened.store.read(timers.rows) - before} == {1, 2, 3}
    assert player.daemon.clock.failing == {}


def fire(folder: str, started: "multiprocessing.synchronize.Event") -> None:  # type: ignore[name-defined]
    """A clock in a process of its own, which works until it is killed."""
    opened = open_for_work(Path(folder), MONDAY)
    clock = Clock(opened.store, lambda: opened.office, Spending(opened.store, WIDE, MONDAY))
    started.set()
    while asyncio.run(clock.round(lambda: MONDAY)):
        pass


def test_two_clocks_and_kill_9_fire_each_stage_once(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """On one PostgreSQL, two processes race, both are killed, a third finishes: nothing twice, nothing lost."""
    tickets = 120
    cluster = request.getfixturevalue("cluster")
    make_site(tmp_path / "site", cluster.new_database())
    player = Player.at(tmp_path / "site", FRIDAY)
    open_tickets(player, tickets)
    before = player.opened.store.read(lambda c: c.execute(select(func.count()).select_from(OUTBOX)).scalar_one())
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    racers = [context.Process(target=fire, args=(str(tmp_path / "site"), started)) for _ in range(2)]
    for racer in racers:
        racer.start()
    assert started.wait(30)
    time.sleep(0.4)
    for racer in racers:
        if racer.pid is not None and racer.is_alive():
            os.kill(racer.pid, signal.SIGKILL)
        racer.join()
    player.now = MONDAY
    clock = Clock(player.opened.store, lambda: player.opened.office, Spending(player.opened.store, WIDE, MONDAY))
    while asyncio.run(clock.round(lambda: MONDAY)):
        pass
    with player.opened.store.reading() as connection:
        rows = connection.execute(
            select(HISTORY.c.ticket, HISTORY.c.clock, HISTORY.c.stage).where(HISTORY.c.change == "StageReached")
        )
        fired = Counter(tuple(row) for row in rows)
        mails = connection.execute(select(func.count(OUTBOX.c.ticket))).scalar_one() - before
    player.close()
    assert set(fired.values()) == {1}
    assert len([one for one in fired if one[2] == "100%"]) == tickets
    late_and_told = 1 + 3  # one honest mail to the customer, and the three who are told
    assert mails == tickets * late_and_told


def test_a_ticket_on_which_maild_fails_hinders_no_other_and_is_tried_again(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_tickets(player, 3)
    plan = escalate.plan

    def fails_on_2(moment: Moment) -> Plan | None:
        if moment.ticket.number == 2:
            raise KeyError("a bug")
        return plan(moment)

    monkeypatch.setattr(escalate, "plan", fails_on_2)
    player.now = MONDAY
    player.work()
    assert [fired(player, number) > 0 for number in (1, 2, 3)] == [True, False, True]
    assert player.daemon.clock.failing == {"ticket 2": "KeyError: 'a bug'"}
    monkeypatch.undo()
    player.work()
    assert fired(player, 2) == 0  # not at once
    player.now = MONDAY + timedelta(minutes=15)
    player.work()
    assert fired(player, 2) > 0
    assert player.daemon.clock.failing == {}


def test_maild_fails_no_more_at_a_ticket_of_which_nothing_is_due_any_more(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else its alarm would stay until the daemon is started again."""
    open_tickets(player, 1)

    def fails(_: Moment) -> Plan | None:
        raise KeyError("a bug")

    monkeypatch.setattr(escalate, "plan", fails)
    player.now = MONDAY
    player.work()
    assert player.daemon.clock.failing == {"ticket 1": "KeyError: 'a bug'"}
    player.opened.store.write(partial(timers.replace, number=1, timers=()))
    player.now = MONDAY + timedelta(minutes=15)
    player.work()
    assert player.daemon.clock.failing == {}


def test_a_report_on_which_maild_fails_hinders_no_timer(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    open_tickets(player, 1)

    def fails(*_: Any) -> int:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(reports, "send_due", fails)
    player.now = MONDAY
    player.work()
    assert fired(player, 1) > 0
    assert player.daemon.clock.failing == {"reports": "ZeroDivisionError: a bug"}


def test_an_item_on_which_maild_fails_hinders_none_behind_it() -> None:
    """An agent's morning, a queue's report, a held mail on which nobody said a word: each is told for itself."""
    done: list[int] = []

    def work(one: int) -> int:
        if one in (2, 3):
            raise KeyError(one)
        done.append(one)
        return 1

    with pytest.raises(KeyError, match="2"):
        setaside.each(work, (1, 2, 3, 4))
    assert done == [1, 4]
    assert setaside.each(work, (1, 4)) == 2


def test_a_morning_on_which_maild_fails_hinders_no_other(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    open_tickets(player, 1)
    mail = morning.mail

    def fails_on_janis(agent: Agent, *about: Any) -> Any:
        if agent.key == "janis":
            raise KeyError("a bug")
        return mail(agent, *about)

    monkeypatch.setattr(morning, "mail", fails_on_janis)
    player.now = MONDAY
    player.work()
    assert "KeyError" in player.daemon.clock.failing["morning lists"]
    assert player.newest("zane@agents.example", "digest").template == "digest"


def test_what_worked_once_is_forgotten_when_it_would_not_work_any_more(player: Player) -> None:
    rows = [{"token": "old", "at": FRIDAY - timedelta(days=31)}, {"token": "new", "at": FRIDAY - timedelta(days=29)}]
    player.opened.store.write(lambda connection: connection.execute(SPENT_TOKEN.insert(), rows))
    player.work()
    with player.opened.store.reading() as connection:
        assert connection.execute(select(SPENT_TOKEN.c.token)).scalars().all() == ["new"]


def fired(player: Player, number: int) -> int:
    texts = [entry.text for entry in player.opened.store.read(partial(histories.of, number=number))]
    return sum(text.startswith("stage first_reply") for text in texts)
