"""Whoever is given a ticket is sent it, and a ticket that is moved goes by the promise of where it is now."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from maild import commands
from maild.store import histories, outbox, tickets
from maild.store.tables import OUTBOX
from maild.ticket import timers
from tests.conftest import NOON
from tests.stories.play import Player, playing
from tests.test_threads import mail, reply_to

RULES = """
agents:
  maris: {address: maris@agents.example, name: Māris}
teams:
  second: {members: [maris]}
rules:
  - {name: forgotten, every: "2wh new", then: [{assign: liga}]}
  - {name: stuck, every: "1wh new", when: {assignee: janis}, then: [{queue: second}]}
  - {name: away, when: {kind: automatic, text: gone again}, then: [{assign: liga}]}
  - {name: vip, when: {subject: vip}, then: [{promise: vip}]}
promises:
  quick: {first_reply: {urgent: 1wh, high: 2wh, normal: 3wh, low: 4wh}}
  vip: {first_reply: {urgent: 10wm, high: 20wm, normal: 30wm, low: 40wm}}
queues:
  billing: {addresses: [billing@example.com], team: support, calendar: office, promise: quick}
  second: {addresses: [second@example.com], team: second, calendar: office}
  attic:
    addresses: [attic@example.com]
    reply_address: "attic+{token}@example.com"
    team: support
    calendar: office
"""
ANNA, JANIS, LIGA = "anna@klients.example", "janis@agents.example", "liga@agents.example"
MARIS = "maris@agents.example"
HOUR = 3600


@pytest.fixture
def player(tmp_path: Path) -> Iterator[Player]:
    story = tmp_path / "story"
    story.mkdir()
    (story / "rules.yaml").write_text(RULES)
    with playing(tmp_path / "site", f"sqlite:///{tmp_path}/maild.db", NOON, story) as one:
        yield one


def take(player: Player, raw: bytes, sender: str = ANNA, to: str = "support@example.com", auth: str = "") -> None:
    player.now += timedelta(minutes=1)
    player.receive(raw, sender, (to,), f"test:{player.now}", auth)
    player.work()


def order(player: Player, words: str) -> None:
    number = len(sent(player))
    take(player, mail(100 + number, sender=JANIS, text=words), JANIS, reply_to(player.newest(JANIS)), "janis")


def sent(player: Player, address: str = "") -> list[str]:
    """Return the templates of what was sent, to one or to all."""
    rows = player.opened.store.read(lambda c: c.execute(select(OUTBOX).order_by(OUTBOX.c.id)).all())
    return [outbox.due(row).letter.template for row in rows if address in ("", row.recipient)]


def target(player: Player, clock: str = "first_reply") -> int | None:
    desk = player.opened.office.desk
    history = player.opened.store.read(partial(histories.of, number=1))
    state = timers.states(history, desk, desk.default_queue, player.now).get(clock)
    return state.target if state else None


def test_who_is_given_a_ticket_by_a_time_rule_is_sent_it_once(player: Player) -> None:
    take(player, mail(1, text="Lampa nedeg."))
    assert sent(player, LIGA) == []
    player.now += timedelta(hours=2)
    player.work()
    player.work()
    assert sent(player, LIGA) == ["ticket"]
    assert "Lampa nedeg." in player.newest(LIGA).text


WITH_FILES = b"""From: anna@klients.example\r
To: support@example.com\r
Subject: Lampa\r
Message-ID: <files@klients.example>\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=b\r
\r
--b\r
Content-Type: text/plain\r
\r
Skat. attelu.\r
--b\r
Content-Type: image/png; name=lampa.png\r
Content-Disposition: attachment; filename=lampa.png\r
\r
png\r
--b--\r
"""


@pytest.mark.parametrize(("words", "to"), [("#assign zane", "zane@agents.example"), ("#queue second", MARIS)])
def test_who_is_given_a_ticket_is_sent_the_files_too(player: Player, words: str, to: str) -> None:
    """The text speaks of them, and nothing else in the mail would say that they are there."""
    take(player, WITH_FILES)
    order(player, "#take")
    order(player, words)
    letter = player.newest(to)
    assert (letter.template, "Skat. attelu." in letter.text) == ("ticket", True)
    assert [part.filename for part in letter.attachments] == ["lampa.png"]


def test_a_ticket_that_time_moves_to_another_team_leaves_who_is_not_of_it(player: Player) -> None:
    """Else the second level would not hear of what nobody of the first has answered."""
    take(player, mail(1, text="Lampa nedeg."))
    order(player, "#take")
    player.now += timedelta(hours=1)
    player.work()
    assert sent(player, MARIS) == ["ticket"]
    ticket = player.opened.store.read(partial(tickets.get, number=1))
    assert ticket is not None
    assert (ticket.queue, ticket.assignee) == ("second", "")


def test_who_is_given_a_ticket_for_a_machine_s_mail_is_sent_it(player: Player) -> None:
    take(player, mail(1))
    order(player, "Vai ir elektrība?\n")
    away = mail(2, "Re: Lampa nedeg [#EX-1]", text="gone", Auto_Submitted="auto-replied")
    take(player, away, to=reply_to(player.newest(ANNA)))
    assert sent(player, LIGA) == []  # Jānis has it
    order(player, "#assign nobody")
    again = mail(3, "Re: Lampa nedeg [#EX-1]", text="gone again", Auto_Submitted="auto-replied")
    take(player, again, to=reply_to(player.newest(ANNA)))
    assert sent(player, LIGA) == ["ticket"]
    assert "rakstīja programma" in player.newest(LIGA).text


@pytest.mark.parametrize(
    ("subject", "words", "expected"),
    [
        ("Lampa", "#priority high", 4 * HOUR),
        ("Lampa", "#queue billing", 3 * HOUR),
        ("Lampa", "#queue billing\n#priority high", 2 * HOUR),
        ("Lampa", "#priority high\n#queue billing", 2 * HOUR),
        ("Lampa", "#queue attic", None),
        ("Lampa", "#queue attic\n#priority high", None),
        ("vip", "#priority high", HOUR // 3),
        ("vip", "#queue billing", 3 * HOUR),
        ("Lampa", "#queue support", 8 * HOUR),
        ("Lampa", "#priority normal\n#note nothing", 8 * HOUR),
    ],
)
def test_a_ticket_that_an_agent_moves_goes_by_the_targets_of_where_it_is(
    player: Player, subject: str, words: str, expected: int | None
) -> None:
    take(player, mail(1, subject))
    order(player, words)
    assert target(player) == expected


def test_a_ticket_in_a_queue_without_a_promise_gets_none_by_another_priority(player: Player) -> None:
    take(player, mail(1))
    order(player, "#queue attic")
    order(player, "#priority urgent")
    assert target(player) is None
    order(player, "#queue support")
    assert target(player) == 2 * HOUR


def test_at_the_terminal_the_same_holds(player: Player) -> None:
    take(player, mail(1, "vip"))
    office, draw = player.opened.office, player.opened.numbers.anew
    work = partial(commands.do, number=1, words="#priority low", key="", office=office, draw=draw, now=player.now)
    player.opened.store.write(work)
    assert target(player) == 40 * 60


def test_who_has_the_ticket_into_which_a_colleague_merges_is_sent_what_is_not_answered(player: Player) -> None:
    zane = "zane@agents.example"
    take(player, mail(1))
    order(player, "#take")
    take(player, mail(2, "Cita lieta", text="Un vēl: kur ir rēķins?"))
    take(player, mail(3, sender=zane, text="#take"), zane, to=reply_to(player.newest(zane)), auth="zane")
    take(player, mail(4, "Re: Cita lieta [#EX-2]", text="Kur tas ir?"), to=reply_to(player.newest(ANNA)))
    before = len(sent(player, JANIS))
    take(player, mail(5, sender=zane, text="#merge 1"), zane, to=reply_to(player.newest(zane)), auth="zane")
    assert sent(player, JANIS)[before:] == ["ticket"]
    letter = player.newest(JANIS)
    assert "Kur tas ir?" in letter.text
    assert "[#EX-1]" in letter.header("Subject")
