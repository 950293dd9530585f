"""How a week went, for leads: once only, at the right hour, and counted by what happened in it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, update

from maild.agents import weekly
from maild.agents.weekly import NO_SPAM, OPENED, SPAM, Happened, Week
from maild.chores import weeks as chore
from maild.opened import open_site
from maild.store import outbox, weeks
from maild.store.tables import OUTBOX, TICKET
from maild.ticket.desk import Agent, Desk, Queue, Team
from tests.conftest import OFFICE
from tests.planned import plans
from tests.stories.play import HERE, Player, playing

THURSDAY = datetime(2026, 11, 12, 8, tzinfo=UTC)
MONDAY = datetime(2026, 11, 16, 7, tzinfo=UTC)  # 9:00 in Riga, when the desk opens
DAY = timedelta(days=1)
WEEK = Week(MONDAY - 7 * DAY, MONDAY)
LIGA = Agent("liga", "liga@agents.example", "Līga")
DESK = Desk(
    {"liga": LIGA},
    {"t": Team("t", ("liga",), "liga")},
    {"q": Queue("q", ("support@example.com",), team="t", calendar="office", weekly_mail=True)},
    calendars={"office": OFFICE},
    zones={"office": "Europe/Riga"},
)


@pytest.fixture
def player(tmp_path: Path, database_url: str) -> Iterator[Player]:
    with playing(tmp_path / "site", database_url, THURSDAY, HERE / "how-the-week-went") as one:
        raw = b"From: anna@customer.example\r\nSubject: Q\r\nMessage-ID: <q@customer.example>\r\n\r\nHello\r\n"
        one.receive(raw, "anna@customer.example", ("sales@example.com",), "t:1")
        one.work()
        yield one


def sent(player: Player) -> list[str]:
    query = select(OUTBOX).order_by(OUTBOX.c.id)
    letters = (outbox.due(row).letter for row in player.opened.store.read(lambda c: c.execute(query).all()))
    return [one.text for one in letters if one.template == "weekly"]


def test_it_leaves_when_the_desk_opens_on_monday_and_once_however_many_daemons_look(player: Player) -> None:
    office = player.opened.office
    assert player.opened.store.read(partial(chore.next_due, office=office)) == MONDAY
    assert chore.send_due(player.opened.store, office, MONDAY - timedelta(minutes=1)) == 0
    with open_site(player.folder, MONDAY) as other:
        known = player.opened.store.read(weeks.known)
        assert chore.send_due(other.store, office, MONDAY) == 1
        assert chore.send_due(player.opened.store, office, MONDAY) == 0
        mark = {"key": "liga", "told_at": known["liga"], "mails": [], "office": office, "now": MONDAY}
        assert player.opened.store.write(lambda c: chore._tell(c, **mark)) == 0, "who counted at the same time"
    assert len(sent(player)) == 1
    assert player.opened.store.read(partial(chore.next_due, office=office)) == MONDAY + 7 * DAY


def test_what_somebody_has_who_is_gone_has_nobody(player: Player) -> None:
    """As in the morning mails: who reads of a name would wait for him."""
    player.opened.store.write(lambda c: c.execute(update(TICKET).values(assignee="olga")))
    chore.send_due(player.opened.store, player.opened.office, MONDAY)
    (told,) = sent(player)
    assert "nevienam nav piešķirts" in told
    assert "olga" not in told


def test_what_dies_before_the_commit_is_told_by_the_next_round(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mail and the mark that it was told are one transaction."""
    store, office = player.opened.store, player.opened.office

    def dies(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(chore, "post", dies)
        with pytest.raises(RuntimeError):
            chore.send_due(store, office, MONDAY)
    assert sent(player) == []
    assert chore.send_due(store, office, MONDAY) == 1
    assert len(sent(player)) == 1


def test_who_is_told_again_after_long_waits_for_the_next_monday(player: Player) -> None:
    """The switch was off for a month, or the daemon: nobody is mailed of it on a Thursday night."""
    store, office = player.opened.store, player.opened.office
    later = MONDAY + 31 * DAY
    assert chore.send_due(store, office, later) == 1, "marked"
    assert sent(player) == []
    assert store.read(partial(chore.next_due, office=office)) == MONDAY + 35 * DAY


def test_a_week_in_which_nothing_happened_is_not_told(tmp_path: Path, database_url: str) -> None:
    with playing(tmp_path / "site", database_url, THURSDAY, HERE / "how-the-week-went") as player:
        player.work()
        for day in (0, 7):
            player.now = MONDAY + day * DAY
            player.work()
        assert sent(player) == []
        assert player.opened.store.read(partial(chore.next_due, office=player.opened.office)) == MONDAY + 14 * DAY


@pytest.mark.parametrize(
    ("told_at", "away", "due"),
    [
        (THURSDAY, (), MONDAY),
        (MONDAY, (), MONDAY + 7 * DAY),
        (MONDAY + 2 * DAY, (), MONDAY + 7 * DAY),
        (THURSDAY, (16, 17), MONDAY + 2 * DAY),
    ],
)
def test_it_waits_for_the_day_on_which_he_is_here(told_at: datetime, away: tuple[int, ...], due: datetime) -> None:
    agent = Agent("liga", "liga@agents.example", "Līga", away=tuple(date(2026, 11, day) for day in away))
    assert weekly.due_at(agent, told_at, DESK) == due


def test_the_week_is_that_of_the_place() -> None:
    week, before = weekly.weeks(LIGA, DESK, MONDAY + 2 * DAY)
    assert week.end == datetime(2026, 11, 15, 22, tzinfo=UTC)  # midnight in Riga
    assert before.end == week.begin == week.end - 7 * DAY


def test_what_is_counted_is_found_by_index(tmp_path: Path) -> None:
    """Of a million tickets a week touched a few thousand; the index of queues would lead to all of them."""
    with playing(tmp_path / "site", f"sqlite:///{tmp_path}/plans.db", THURSDAY) as player:
        found = plans(
            player.opened.store,
            partial(weeks.touched, queues=["sales"], since=MONDAY),
            partial(weeks.resting, queues=["sales"], since=MONDAY),
            partial(weeks.waiting, queues=["sales"]),
            partial(weeks.happened, numbers=[1, 2]),
        )
        by_status = "SEARCH ticket USING INDEX ix_ticket_status_updated_at"
        assert sum(plan.startswith(by_status) for plan in found) == 3, found
        assert not [plan for plan in found if plan.startswith("SCAN")], found


def at(days: float, what: str) -> Happened:
    return Happened(WEEK.begin + days * DAY, what)


@pytest.mark.parametrize(
    ("history", "figures"),
    [
        ([at(1, OPENED)], {"new": 1, "open": 1}),
        ([at(-3, OPENED), at(1, "waiting")], {"open": 1}),
        ([at(-3, OPENED), at(1, "solved"), at(6, "closed")], {"solved": 1}),
        ([at(-9, OPENED), at(-8, "solved"), at(1, "closed")], {}),  # solved in the week before
        ([at(1, OPENED), at(2, "solved"), at(3, "open")], {"new": 1, "open": 1}),
        ([at(1, OPENED), at(2, "closed"), at(8, "open")], {"new": 1, "solved": 1}),  # open again since
        ([at(8, OPENED)], {}),
        (
            [at(1, OPENED), at(1, "kept"), at(2, "broken"), at(8, "broken")],
            {"new": 1, "open": 1, "kept": 1, "broken": 1},
        ),
        ([at(1, OPENED), at(2, "broken"), at(9, SPAM)], {}),
        ([at(-3, OPENED), at(-2, "1"), at(-1, "solved")], {}),
        ([at(-3, OPENED), at(-1, "solved"), at(1, "2"), at(2, "5"), at(8, "1")], {"rated": 1, "stars": 5}),
        ([at(1, OPENED), at(2, "")], {"new": 1, "open": 1}),
    ],
)
def test_what_a_week_counts_of_a_ticket(history: list[Happened], figures: dict[str, int]) -> None:
    assert {name: count for name, count in weekly.counted(history, WEEK).items() if count} == figures


def test_what_was_taken_for_spam_and_is_none_is_counted() -> None:
    history = (Happened(WEEK.begin, OPENED), Happened(WEEK.begin, SPAM), Happened(WEEK.begin, "closed"))
    assert weekly.counted(history, WEEK) == {}
    again = (*history, Happened(WEEK.begin + DAY, NO_SPAM), Happened(WEEK.begin + DAY, "open"))
    assert weekly.counted(again, WEEK)["new"] == weekly.counted(again, WEEK)["open"] == 1


def test_the_store_knows_that_a_tag_was_taken_off(player: Player) -> None:
    for step in ("do 1 #spam", "do 1 #tag -spam"):
        player._clock_line(step)
    found = [one.what for one in player.opened.store.read(lambda c: weeks.happened(c, [1]))[1]]
    assert found[-3:] == [SPAM, "closed", NO_SPAM]
